"""Every rule against the configs beside it: markers and findings are the same set.

A comment `# broken: RULE-ID` stands on the line that a finding of verdict fail must
point at, `# unknown: RULE-ID` on that of an undecided one. JSON, which has no comments,
has an `expected.yaml` in the case's folder instead: `- file.json:7: broken`.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from mlsec_lint.finding import LEVELS, Result, Verdict
from mlsec_lint.rules.baseline import check_lists, read_baseline
from mlsec_lint.rules.check import check_policies
from mlsec_lint.rules.config import config_of
from mlsec_lint.rules.grammar import Policies
from mlsec_lint.rules.read import read_policies
from mlsec_lint.rules.which import RULE as QUESTION
from mlsec_lint.scan import scan

POLICIES = Path(__file__).resolve().parent.parent / "policies"
TODAY = date(2026, 11, 24)
KINDS = ("bad", "good", "unknown")
MARKER = re.compile(r"(?:#|//)\s*(broken|unknown): ([a-z0-9-]+)")
WORDS = {Verdict.FAIL: "broken", Verdict.UNKNOWN: "unknown"}

ALL, ERRORS = read_policies([POLICIES])
RULES = {rule.id: rule for rule in ALL.rules}
CASES = [
    pytest.param(rule.id, path, id=f"{rule.id}/{kind}/{path.name}")
    for rule in ALL.rules
    for kind in KINDS
    for path in sorted((POLICIES / rule.area / rule.id / kind).glob("*"))
]


def markers(case: Path) -> set[tuple[str, int, str, str]]:
    """(file, line, word, rule) of every marker in a case."""
    found = set()
    for path in sorted(p for p in case.rglob("*") if p.is_file()):
        name = path.relative_to(case).as_posix()
        text = path.read_text(encoding="utf-8")
        if path.name == "expected.yaml":
            for file, line, word in re.findall(r"- (\S+):(\d+): (\w+)", text):
                found.add((file, int(line), word, case.parent.parent.name))
            continue
        for number, line in enumerate(text.splitlines(), 1):
            for word, rule in MARKER.findall(line):
                found.add((name, number, word, rule))
    return found


def result_of(case: Path, rule_id: str) -> Result:
    """The scan of a case with one rule alone."""
    rule = RULES[rule_id]
    config, wrong = config_of(case)
    assert not wrong
    level = max(rule.level, "SL2", key=LEVELS.index)
    baseline, wrong = read_baseline(config.baseline or level, [POLICIES])
    assert baseline is not None, wrong
    result = scan(
        str(case),
        config=config,
        baseline=baseline,
        policies=Policies((rule,)),
        today=TODAY,
    )
    assert not result.incomplete, [str(note) for note in result.notes]
    return result


def findings(case: Path, rule_id: str) -> set[tuple[str, int, str, str]]:
    """The same as `markers` of the findings, with this rule alone.

    What waits for a cluster to be named is the rule's own where no other is asked.
    """
    result = result_of(case, rule_id)
    named = {QUESTION: rule_id}
    return {
        (f.span.path, f.span.line, WORDS[f.verdict], named.get(f.rule, f.rule))
        for f in result.findings
        if f.suppression is None
    }


def test_policies_have_no_errors():
    assert [str(error) for error in ERRORS] == []
    assert [str(error) for error in check_policies([POLICIES])] == []


def test_every_baseline_knows_the_lists_that_rules_ask():
    for level in LEVELS:
        baseline, errors = read_baseline(level, [POLICIES])
        assert errors == []
        assert baseline is not None
        assert baseline.level == level
        assert baseline.cannot_see
        assert check_lists(baseline, ALL) == []


@pytest.mark.parametrize("rule_id", sorted(RULES))
def test_rule_has_bad_good_and_unknown_cases(rule_id):
    rule = RULES[rule_id]
    folder = POLICIES / rule.area / rule_id
    expected = {"bad": {"broken"}, "good": set(), "unknown": {"unknown"}}
    for kind in KINDS:
        cases = [path for path in (folder / kind).glob("*") if path.is_dir()]
        assert cases, f"{rule_id} has no case in {kind}/"
        for case in cases:
            words = {word for _, _, word, _ in markers(case)}
            if kind == "good":
                assert words == set(), f"{case} is good and has markers"
            else:
                assert words >= expected[kind], f"{case} has no marker"
            assert {rule for *_, rule in markers(case)} <= {rule_id}


@pytest.mark.parametrize(("rule_id", "case"), CASES)
def test_markers_and_findings_are_the_same(rule_id, case):
    assert findings(case, rule_id) == markers(case)


@pytest.mark.parametrize("rule_id", sorted(RULES))
def test_a_good_case_is_met_and_not_merely_out_of_scope(rule_id):
    """A good case to which the rule does not apply proves nothing by itself."""
    folder = POLICIES / RULES[rule_id].area / rule_id / "good"
    met = [result_of(case, rule_id).summary.checks_met for case in folder.glob("*")]
    assert 1 in met
