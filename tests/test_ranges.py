"""The ranges: small labs with planted ways out, and what must and must not be said.

`tests/ranges/README.md` explains the answers. Rules that do not exist yet are not asked
for here; paths are a later matter.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mlsec_lint.commands.scan import plain_scan
from mlsec_lint.finding import Verdict

if TYPE_CHECKING:
    from mlsec_lint.finding import Finding, Result

RANGES = Path(__file__).parent / "ranges"
NAMES = sorted(p.name for p in RANGES.iterdir() if (p / "expected.json").is_file())
NEAR = 3


@cache
def result(name: str) -> Result:
    return plain_scan(str(RANGES / name / "repo"), "--baseline", "SL4")


@cache
def expected(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RANGES / name / "expected.json").read_text())
    return found


def same_address(reported: str, wanted: str) -> bool:
    """Equal, or ending with it at a word boundary; `*` in the wanted one is anything."""
    for alternative in wanted.split(" | "):
        pattern = re.escape(alternative).replace(r"\*", ".*")
        if re.search(rf"(^|(?<![\w-])){pattern}$", reported):
            return True
    return False


def extent(name: str, entry: dict[str, Any]) -> tuple[int, int]:
    """The lines an answer stands for: a block for its header, else the line itself."""
    lines = (RANGES / name / "repo" / entry["file"]).read_text().split("\n")
    first = entry["line"]
    text = lines[first - 1]
    if not entry["file"].endswith(".tf") or not text.rstrip().endswith("{"):
        return first, first
    indent = text[: len(text) - len(text.lstrip())]
    for number in range(first, len(lines)):
        if lines[number].startswith(indent + "}"):
            return first, number + 1
    return first, first


def hits(name: str, entry: dict[str, Any], verdict: Verdict) -> list[Finding]:
    first, last = extent(name, entry)
    return [
        finding
        for finding in result(name).findings
        if finding.rule == entry["rule"]
        and finding.verdict is verdict
        and finding.span.path == entry["file"]
        and finding.span.line <= last + NEAR
        and finding.span.end_line >= first - NEAR
    ]


def known_rules(name: str) -> set[str]:
    return {rule.id for rule in result(name).rules}


@pytest.mark.parametrize("name", NAMES)
def test_weight_stores_are_found_and_no_other(name: str) -> None:
    found = result(name).summary.weight_stores
    answer = expected(name)

    for wanted in answer["weight_stores"]:
        assert any(same_address(address, wanted) for address in found), wanted
    for wrong in answer["not_weight_stores"]:
        assert not any(same_address(address, wrong) for address in found), wrong


@pytest.mark.parametrize("name", NAMES)
def test_what_must_fire_fires(name: str) -> None:
    for entry in expected(name)["must_fire"]:
        if entry["rule"] in known_rules(name):
            assert hits(name, entry, Verdict.FAIL), entry


@pytest.mark.parametrize("name", NAMES)
def test_what_must_not_fire_is_silent(name: str) -> None:
    for entry in expected(name)["must_not_fire"]:
        assert not hits(name, entry, Verdict.FAIL), entry


@pytest.mark.parametrize("name", NAMES)
def test_what_nobody_can_tell_is_not_guessed(name: str) -> None:
    for entry in expected(name)["unknown"]:
        if entry["rule"] in known_rules(name):
            assert not hits(name, entry, Verdict.FAIL), entry
