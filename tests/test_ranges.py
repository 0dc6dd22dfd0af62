"""The ranges: small labs with planted ways out, and what must and must not be said.

`tests/ranges/README.md` explains the answers.
"""

from __future__ import annotations

import pytest
from range_answers import (
    NAMES,
    NEAR,
    RANGES,
    cases,
    complete,
    ends,
    ends_match,
    expected,
    hits,
    hops,
    mistakes,
    paths,
    result,
    same,
)

from mlsec_lint.finding import Verdict


@pytest.mark.parametrize("name", cases("stores"))
def test_weight_stores_are_found_and_no_other(name: str) -> None:
    found = result(name).summary.weight_stores
    answer = expected(name)

    for wanted in answer["weight_stores"]:
        assert any(same(address, wanted) for address in found), wanted
    for wrong in answer["not_weight_stores"]:
        assert not any(same(address, wrong) for address in found), wrong


@pytest.mark.parametrize("name", cases("paths"))
def test_every_planted_path_is_found_with_its_hops(name: str) -> None:
    for entry in expected(name)["paths"]:
        found = [f for f in paths(result(name)) if ends_match(f, entry)]
        assert found, f"no path {entry['source']} -> {entry['sink']}"
        shown = [hops(finding) for finding in found]
        assert any(complete(f, entry) for f in found), (entry["must_visit"], shown)


@pytest.mark.parametrize("name", cases("closed"))
def test_no_path_is_told_that_something_closes(name: str) -> None:
    assert list(mistakes(result(name), expected(name))) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_path_starts_at_a_store_that_holds_weights(name: str) -> None:
    stores = result(name).summary.weight_stores
    assert {ends(finding)[0] for finding in paths(result(name))} <= set(stores)


@pytest.mark.parametrize("name", cases("fires"))
def test_what_must_fire_fires(name: str) -> None:
    rules = {rule.id for rule in result(name).rules}
    for entry in expected(name)["must_fire"]:
        assert entry["rule"] in rules
        assert hits(name, entry, Verdict.FAIL, NEAR), entry


@pytest.mark.parametrize("name", cases("silent"))
def test_what_must_not_fire_is_silent(name: str) -> None:
    for entry in expected(name)["must_not_fire"]:
        # a neighbouring block of Terraform may have the finding: no lines of grace
        near = 0 if entry["file"].endswith(".tf") else NEAR
        assert not hits(name, entry, Verdict.FAIL, near), entry


@pytest.mark.parametrize("name", NAMES)
def test_what_nobody_can_tell_is_not_guessed(name: str) -> None:
    for entry in expected(name)["unknown"]:
        assert not hits(name, entry, Verdict.FAIL, NEAR), entry


@pytest.mark.parametrize("name", NAMES)
def test_the_answers_name_lines_that_are_there(name: str) -> None:
    answer = expected(name)
    entries = [*answer["must_fire"], *answer["must_not_fire"], *answer["unknown"]]
    entries += [one for path in answer["paths"] for one in path["evidence"]]
    for entry in entries:
        lines = (RANGES / name / "repo" / entry["file"]).read_text().split("\n")
        assert entry["contains"] in lines[entry["line"] - 1], entry
    for entry in answer["no_paths"]:
        file, _, number = entry["closed_by"].rpartition(":")
        lines = (RANGES / name / "repo" / file).read_text().split("\n")
        assert entry["closed_by_contains"] in lines[int(number) - 1], entry
