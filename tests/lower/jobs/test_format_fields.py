"""Every field of every format that is documented to be read: read, and not invented.

The rows are in `tests/formats/*.rows`; `tests/format_rows.py` says how they are written.
"""

from __future__ import annotations

import pytest
from format_rows import FOLDER, found, has, rows

from mlsec_lint.scan import read, survey

ROWS = [row for path in sorted(FOLDER.glob("*.rows")) for row in rows(path)]


def _found(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    reading = read(str(folder))
    return found(reading, survey(reading))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.form}: {row.name}")
def test_a_field_says_what_it_says(tmp_path, row):
    with_it = _found(tmp_path / "with", row.files(with_field=True))
    without = _found(tmp_path / "without", row.files(with_field=False))
    for words in row.marked("=") + row.marked("~"):
        assert has(with_it, words), f"not read: {words}"
    for words in row.marked("="):
        assert not has(without, words), f"said without the field: {words}"
    for words in row.marked("/"):
        assert not has(with_it, words), f"invented: {words}"
    if row.marked("!"):
        assert with_it == without, "read after all: say what it gives"


def test_every_row_expects_something():
    assert len(ROWS) > 540
    for row in ROWS:
        assert row.marked("=") or row.marked("/") or row.marked("!"), row.name
        assert len({(r.form, r.name) for r in ROWS}) == len(ROWS)
