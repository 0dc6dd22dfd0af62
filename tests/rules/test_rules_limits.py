"""Limits: numbers that a baseline names and rules ask for."""

from __future__ import annotations

from pathlib import Path

import pytest
from rule_estates import policies, requiring, rule

from mlsec_lint.estate import Estate, Thing
from mlsec_lint.finding import Verdict
from mlsec_lint.rules.baseline import Baseline, check_lists, read_baseline
from mlsec_lint.rules.check import check_schema
from mlsec_lint.rules.config import read_config
from mlsec_lint.rules.grammar import limit_names
from mlsec_lint.rules.judge import judge
from mlsec_lint.source import Source, Span
from mlsec_lint.value import Unknown, Value

POLICIES = Path(__file__).resolve().parents[2] / "policies"
MAIN = Source("main.tf", "bucket\n")


def verdicts(count: int | Unknown, limit: int | None, words: str = "at most"):
    store = Thing("store", "s", "s", Span(MAIN, 0, 6))
    store.state("copies.count", count)
    estate = Estate()
    estate.add(store)
    asked = policies(requiring(f"copies.count: {{{words}: a-limit}}"))
    held = Baseline(unknown="note", limits={"a-limit": limit})
    return [(f.verdict, f.severity) for f in judge(asked, held, estate).findings]


def some(*numbers: int) -> Unknown:
    return Unknown("edge", "one in doubt", possible=tuple(map(Value, numbers)))


FAIL = Verdict.FAIL


@pytest.mark.parametrize(
    ("count", "limit", "expected"),
    [
        (8, 8, []),
        (9, 8, [(FAIL, "high")]),
        (9, None, []),
        (some(7, 8), 8, []),
        (some(8, 9), 8, [(FAIL, "medium")]),
        (some(9, 10), 8, [(FAIL, "high")]),
        (Unknown("edge", "nobody knows"), 8, [(Verdict.UNKNOWN, "info")]),
        (Unknown("edge", "nobody knows"), None, []),
    ],
)
def test_a_limit_stands_for_its_number(count, limit, expected):
    assert verdicts(count, limit) == expected


def test_at_least_takes_a_limit_too():
    assert verdicts(2, 3, "at least") == [(FAIL, "high")]
    assert verdicts(3, 3, "at least") == []


def test_limits_are_found_under_any_of_and_not():
    nested = rule(
        """
        for each: store
        require:
          - any of:
              - copies.count: {not: {at least: one-limit}}
              - each is copied by copy:
                  - type: backup
        """
    )
    assert list(limit_names(nested)) == ["one-limit"]
    held, _ = read_baseline("SL2", [POLICIES])
    (error,) = check_lists(held, policies(nested))
    assert "no limit 'one-limit'" in error.text


def test_every_baseline_has_the_budget_of_readers():
    for level in ("SL1", "SL2", "SL3", "SL4"):
        held, _ = read_baseline(level, [POLICIES])
        assert held.limits["reader-budget"] == 8


def test_a_baseline_and_a_config_change_limits(tmp_path):
    path = tmp_path / "baselines" / "ours.yaml"
    path.parent.mkdir()
    text = "id: ours\nextends: SL2\nlimits: {reader-budget: 3, other: any}\n"
    path.write_text(text, encoding="utf-8")
    assert check_schema(path, "baseline") == []
    held, errors = read_baseline("ours", [tmp_path, POLICIES])
    assert errors == []
    assert held.limits == {"reader-budget": 3, "other": None}
    chosen, errors = read_config(Source("c", "limits: {reader-budget: 12}\n"))
    assert errors == []
    assert chosen.over(held).limits == {"reader-budget": 12, "other": None}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id: x\nlimits: {a: -1}\n", "must not be negative"),
        ("id: x\nlimits: {a: 1.5}\n", "whole number"),
        ("id: x\nlimits: {a: NO}\n", "whole number"),
        ("id: x\nlimits: [a]\n", "must be a mapping"),
        ("id: x\nlimits: {a: [1]}\n", "must be text"),
    ],
)
def test_what_is_no_limit_is_an_error(tmp_path, text, expected):
    path = tmp_path / "baselines" / "x.yaml"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    held, errors = read_baseline("x", [tmp_path, POLICIES])
    assert held is None
    assert any(expected in error.text for error in errors)
    assert check_schema(path, "baseline")
