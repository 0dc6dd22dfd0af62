"""Risks that public repositories were found to hold, each in files of our own.

The shapes are those of real configs (which resource, which field, across which files);
names and texts are ours. Rows as in `format_rows.py`; what is expected is `fail` or
`unknown`, a rule and the file that it points at. One row looks like a risk and is none.
"""

from __future__ import annotations

import pytest
from format_rows import FOLDER, has, rows

from mlsec_lint.commands.scan import plain_scan

ROWS = list(rows(FOLDER / "wild" / "risks.rows"))


def _said(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return [
        {found.verdict.value, found.rule, found.span.path}
        for found in plain_scan(str(folder)).findings
    ]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_risk_is_found_and_its_twin_is_not(tmp_path, row):
    with_it = _said(tmp_path / "with", row.files(with_field=True))
    without = _said(tmp_path / "without", row.files(with_field=False))
    for words in row.marked("="):
        assert has(with_it, words), f"not found: {words}"
        assert not has(without, words), f"found without it: {words}"
    for words in row.marked("/"):
        assert not has(with_it, words), f"invented: {words}"
