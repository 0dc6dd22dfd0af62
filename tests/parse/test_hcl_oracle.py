"""The parser judges every text of the oracle as Terraform 1.11.4 does."""

from __future__ import annotations

import pytest
from hcl_reading import Case, authored, mutated

from mlsec_lint.parse.hcl.parser import parse_config

# Terraform's decoder, not its parser, speaks first here: a block with one label.
NOT_SYNTAX = {"p_recovery_bad_block"}
AUTHORED = list(authored())
MUTATED = list(mutated())


def test_the_oracle_is_whole():
    assert len(AUTHORED) == 194
    assert len(MUTATED) == 1200
    assert sum(not case.accepted for case in AUTHORED) == 89
    assert sum(not case.accepted for case in MUTATED) == 860


@pytest.mark.parametrize("case", AUTHORED, ids=lambda case: case.id)
def test_authored(case: Case):
    problem = disagreement(case)
    assert problem is None


def test_mutated():
    problems = [found for case in MUTATED if (found := disagreement(case))]
    assert problems == []


def disagreement(case: Case) -> str | None:
    _, notes = parse_config(case.source)
    if case.accepted:
        return f"{case.id}: {notes[0].text}" if notes else None
    assert case.first is not None
    if not notes:
        return f"{case.id}: accepted"
    line, summaries = case.first
    first = notes[0]
    assert first.span is not None
    assert first.kind == "syntax-error"
    assert first.incomplete
    if first.span.line != line:
        return f"{case.id}: line {first.span.line}, not {line}"
    told = any(first.text.startswith(summary) for summary in summaries)
    if not told and case.id not in NOT_SYNTAX:
        return f"{case.id}: {first.text!r}, not {summaries}"
    return None
