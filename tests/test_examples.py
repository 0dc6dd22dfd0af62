"""Whole scans of the bundled examples against golden lists (`pytest --accept`)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlsec_lint.commands.scan import exit_code, plain_scan
from mlsec_lint.finding import Verdict

EXAMPLES = Path(__file__).parent.parent / "examples"
GOLDEN = Path(__file__).parent / "golden"
NAMES = sorted(p.name for p in EXAMPLES.iterdir() if p.is_dir())


@pytest.mark.parametrize("level", ["SL2", "SL4"])
@pytest.mark.parametrize("name", NAMES)
def test_findings_are_those_of_the_golden_list(
    name: str, level: str, request: pytest.FixtureRequest
) -> None:
    result = plain_scan(str(EXAMPLES / name), "--baseline", level)
    found = [
        f"{f.span.path}:{f.span.line}:{f.span.column} {f.verdict.value} "
        f"{f.severity} {f.rule} {f.subject} {f.fact}"
        for f in result.findings
    ]
    stores = sorted(result.summary.weight_stores)
    notes = [f"{n.path} {n.kind}" for n in result.notes]
    actual = {"findings": found, "weight_stores": stores, "notes": notes}
    golden = GOLDEN / f"{name}-{level}.json"
    if request.config.getoption("--accept"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(json.dumps(actual, indent=2) + "\n")

    assert actual == json.loads(golden.read_text())


def test_the_lab_has_findings_in_all_areas_and_its_twin_none() -> None:
    lab = plain_scan(str(EXAMPLES / "lab"))
    areas = {"weights", "egress", "region", "access", "integrity"}
    fixed = plain_scan(str(EXAMPLES / "lab-fixed"))

    assert areas <= {finding.area for finding in lab.findings}
    assert [f for f in fixed.findings if f.verdict is not Verdict.UNKNOWN] == []
    assert exit_code(fixed, "info") == 0


def test_one_pod_in_four_kinds_gives_the_same_findings_four_times() -> None:
    result = plain_scan(str(EXAMPLES / "same-pod"))
    by_file: dict[str, list[tuple[str, str]]] = {}
    for finding in result.findings:
        if finding.path is not None and finding.verdict is Verdict.UNKNOWN:
            continue  # one doubt about all four: told once
        where = by_file.setdefault(finding.span.path, [])
        where.append((finding.rule, finding.fact))

    assert len(by_file) == 4
    assert len({tuple(sorted(found)) for found in by_file.values()}) == 1
    assert ("access-pod-privilege", "privileged") in next(iter(by_file.values()))
