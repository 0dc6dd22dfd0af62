"""The ranges, written otherwise: the same ways out, by the same addresses.

Renamed and reordered, split and merged, with values moved to where Terraform and
kustomize can read them from: source, sink, hops and fingerprints stay. Where a rewriting
changes addresses, they change in the answer and nothing else does.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
import rewriting
from range_answers import NAMES, RANGES, result

from mlsec_lint.commands.scan import plain_scan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlsec_lint.finding import Result

Told = set[tuple[str, ...]]


def told(found: Result, back: Callable[[str], str] = rewriting.same) -> Told:
    """Verdict, rule, source, sink and hops of every path; and every weight store."""
    answers: Told = {("store", back(one)) for one in found.summary.weight_stores}
    for finding in found.findings:
        if finding.path is not None:
            hops = finding.path["hops"]
            assert isinstance(hops, list)
            ends = (str(finding.path["source"]), str(finding.path["sink"]))
            words = (back(word) for word in (*ends, *map(str, hops)))
            answers.add((finding.verdict.value, finding.rule, *words))
    return answers


def fingerprints(found: Result) -> set[tuple[str, str]]:
    return {(f.rule, f.fingerprint()) for f in found.findings if f.path is not None}


def rewritten(
    name: str, target: Path, rewrite: rewriting.Rewriting
) -> tuple[Result, Callable[[str], str]]:
    folder = target / "repo"
    shutil.copytree(RANGES / name / "repo", folder)
    back = rewrite(folder)
    return plain_scan(str(folder), "--baseline", "SL4"), back


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("rewrite", rewriting.SILENT, ids=lambda one: one.__name__)
def test_what_is_written_otherwise_says_the_same(
    name: str, rewrite: rewriting.Rewriting, tmp_path: Path
) -> None:
    found, _ = rewritten(name, tmp_path, rewrite)
    assert told(found) == told(result(name))
    assert fingerprints(found) == fingerprints(result(name))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("rewrite", rewriting.RENAMING, ids=lambda one: one.__name__)
def test_other_addresses_are_all_that_changes(
    name: str, rewrite: rewriting.Rewriting, tmp_path: Path
) -> None:
    found, back = rewritten(name, tmp_path, rewrite)
    assert told(found, back) == told(result(name), back)
