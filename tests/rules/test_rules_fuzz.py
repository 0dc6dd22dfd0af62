"""Readers of policy files on damaged input: errors with places, never an exception."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from rule_estates import policies, requiring

from mlsec_lint.rules.config import read_config
from mlsec_lint.rules.ignore import find_ignores
from mlsec_lint.rules.read import read_policies, read_rule
from mlsec_lint.source import Source

POLICIES = Path(__file__).resolve().parents[2] / "policies"
RULE_TEXTS = [
    path.read_text(encoding="utf-8") for path in sorted(POLICIES.glob("*/*/rule.yaml"))
]
CONFIG_TEXT = """\
baseline: SL3
assets: [{address: a.b, holds: none, reason: x}]
lists: {allowed-countries: {groups: [eu], add: [NO]}, own: any}
internal hosts: ["*.acme.example"]
exceptions: [{rule: a-rule, address: "x.*", reason: y, until: 2027-03-01}]
tfvars: {infra: [a.tfvars, [b.tfvars, c.tfvars]]}
"""
PIECES = st.one_of(
    st.sampled_from("{}[]'\"#|\t\n%\x00\u2028\ud800é😀"),
    st.sampled_from((": ", "- ", "  ", "&a ", "*a", "!t ", "---\n", "...\n", "? ")),
    st.sampled_from(("<<: ", "not: ", "one of: ", "inside: ", "any of:")),
    st.sampled_from(("each has container:", "some has container:", "matches: (")),
    st.text(max_size=3),
)


@st.composite
def damaged(draw, texts):
    text = draw(st.sampled_from(texts))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        cut = draw(st.integers(0, 12))
        text = text[:at] + draw(PIECES) + text[at + cut :]
    return text


def assert_placed(errors, text):
    lines = text.split("\n")
    for error in errors:
        assert 1 <= error.line <= len(lines)
        assert 1 <= error.column <= len(lines[error.line - 1]) + 2
        assert error.text


@settings(max_examples=400, deadline=None)
@given(damaged(RULE_TEXTS))
def test_a_damaged_rule_is_read_or_refused(text):
    found, errors = read_rule(Source("rule.yaml", text))
    assert (found is None) == bool(errors)
    assert_placed(errors, text)


@settings(max_examples=200, deadline=None)
@given(damaged([CONFIG_TEXT]))
def test_a_damaged_config_is_read_or_refused(text):
    found, errors = read_config(Source(".mlsec-lint.yaml", text))
    assert_placed(errors, text)
    if errors:
        assert found.exceptions == ()


@settings(max_examples=200, deadline=None)
@given(damaged(["x # mlsec: ignore a-rule, b-rule a reason until=2027-01-01\ny = 1\n"]))
def test_a_damaged_ignore_is_an_ignore_or_a_note(text):
    rules = policies(requiring("public.acl: false"))
    found, _ = find_ignores(Source("main.tf", text), rules)
    for ignore in found:
        assert ignore.reason
        assert ignore.rules == ("a-rule",)
        assert not ignore.until or date.fromisoformat(ignore.until)
        assert 1 <= ignore.target <= text.count("\n") + 1


def test_all_rules_that_ship_are_read():
    found, errors = read_policies([POLICIES])
    assert errors == []
    assert len(found.rules) == len(RULE_TEXTS)
