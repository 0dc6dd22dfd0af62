"""Scanning a plan and scanning its configuration tell the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlsec_lint.commands.scan import plain_scan

CASES = Path(__file__).parent / "oracle" / "terraform" / "aws"
PLANNED = sorted(path.parent.name for path in CASES.glob("*/plan.json"))


def told(folder: Path, *options: str) -> set[tuple[object, ...]]:
    result = plain_scan(
        str(folder), "--baseline", "SL4", "--assume-weights", "all", *options
    )
    return {
        (f.rule, f.verdict, f.severity, f.subject, f.fact, f.span.path, f.span.line)
        for f in result.findings
    }


@pytest.mark.parametrize("name", PLANNED)
def test_findings_of_plan_and_configuration_are_the_same(name: str) -> None:
    config = CASES / name / "config"
    plan = str(CASES / name / "plan.json")

    assert told(config, "--plan", plan) == told(config)


def test_some_plan_has_findings() -> None:
    assert any(told(CASES / name / "config") for name in PLANNED)
