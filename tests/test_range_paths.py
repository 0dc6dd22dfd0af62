"""The ranges' planted ways out: all found with their hops, and no other where none is.

`tests/ranges/README.md` explains the answers, and what a conditional one means.
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
from mlsec_lint.report import sarif, text

if TYPE_CHECKING:
    from mlsec_lint.finding import Finding, Result

RANGES = Path(__file__).parent / "ranges"
NAMES = sorted(p.name for p in RANGES.iterdir() if (p / "expected.json").is_file())


@cache
def result(name: str) -> Result:
    return plain_scan(str(RANGES / name / "repo"), "--baseline", "SL4")


@cache
def expected(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RANGES / name / "expected.json").read_text())
    return found


def paths(name: str) -> list[Finding]:
    """Certain paths: a possible one is neither a hit nor a mistake."""
    found = [f for f in result(name).findings if f.path is not None]
    return [f for f in found if f.verdict is Verdict.FAIL]


def same(reported: str, wanted: str) -> bool:
    """Equal, or ending with it at a word boundary; `*` is anything, ` | ` is or."""
    for alternative in wanted.split(" | "):
        pattern = re.escape(alternative).replace(r"\*", ".*")
        if re.search(rf"(^|(?<![\w-])){pattern}$", reported):
            return True
    return False


def hops(finding: Finding) -> list[str]:
    assert finding.path is not None
    listed = finding.path["hops"]
    assert isinstance(listed, list)
    return [str(finding.path["source"]), *map(str, listed)]


def visits(finding: Finding, wanted: str) -> bool:
    return any(same(hop, wanted) for hop in hops(finding))


def ends_match(finding: Finding, entry: dict[str, Any]) -> bool:
    assert finding.path is not None
    source, sink = str(finding.path["source"]), str(finding.path["sink"])
    sources = (entry["source"], *entry.get("source_also", ()))
    sinks = (entry["sink"], *entry.get("sink_also", ()))
    return any(same(source, s) for s in sources) and any(
        re.fullmatch(re.escape(s).replace(r"\*", ".*"), sink) for s in sinks
    )


def forbidden(finding: Finding, entry: dict[str, Any]) -> bool:
    if not ends_match(finding, entry):
        return False
    if "via" in entry:
        return visits(finding, entry["via"])
    if "not_via" in entry:
        return not visits(finding, entry["not_via"])
    return True


@pytest.mark.parametrize("name", NAMES)
def test_every_planted_path_is_found_with_its_hops(name: str) -> None:
    for entry in expected(name)["paths"]:
        found = [f for f in paths(name) if ends_match(f, entry)]
        assert found, f"no path {entry['source']} -> {entry['sink']}"
        assert any(
            all(visits(finding, wanted) for wanted in entry["must_visit"])
            for finding in found
        ), [hops(finding) for finding in found]


@pytest.mark.parametrize("name", NAMES)
def test_no_path_where_something_closes_it(name: str) -> None:
    planted = expected(name)["paths"]
    for entry in expected(name)["no_paths"]:
        for finding in paths(name):
            if not any(ends_match(finding, other) for other in planted):
                assert not forbidden(finding, entry), (entry["because"], hops(finding))


@pytest.mark.parametrize("name", NAMES)
def test_no_path_starts_where_no_weights_are(name: str) -> None:
    for finding in paths(name):
        assert finding.path is not None
        source = str(finding.path["source"])
        others = expected(name)["not_weight_stores"]
        assert not any(same(source, other) for other in others)


def test_sarif_has_the_walk_hop_by_hop() -> None:
    log = json.loads(sarif.render(result("r01-tier-gateway")))
    run = log["runs"][0]
    assert any("tier1" in address for address in run["properties"]["weight_stores"])
    [found] = [r for r in run["results"] if r["ruleId"] == "weights-to-any-account"]
    path = found["properties"]["path"]
    assert path["source"] == 'module.store.aws_s3_bucket.this["tier1"]'
    assert path["sink"] == "account:*"
    [flow] = found["codeFlows"]
    [thread] = flow["threadFlows"]
    steps = [step["location"] for step in thread["locations"]]
    names = [step["logicalLocations"][0]["fullyQualifiedName"] for step in steps]
    assert names == [path["source"], *path["hops"]]
    assert all(step["message"]["text"] for step in steps)
    last = steps[-1]["physicalLocation"]
    assert last["artifactLocation"]["uri"] == "infra/live/main.tf"
    assert found["locations"][0]["physicalLocation"]["region"]["startLine"] == 45
    closers = {closer["rule"] for closer in found["properties"]["closedBy"]}
    assert "egress-endpoint-policy" in closers


def test_a_part_of_a_path_is_a_note_in_sarif_and_told_once_in_text() -> None:
    whole = result("r01-tier-gateway")
    parts = [f for f in whole.findings if f.part_of]
    assert parts
    log = json.loads(sarif.render(whole))
    for one in log["runs"][0]["results"]:
        if one["properties"].get("partOf"):
            assert one["kind"] == "fail"
            assert one["level"] == "note"
    shown = text.render(whole, width=200)
    for part in parts:
        assert f"[{part.rule}]: {part.message}" not in shown
        assert f"{part.rule}: {part.message[:40]}" in shown


def test_text_shows_the_walk_with_a_line_of_source_for_each_step() -> None:
    shown = text.render(result("r04-node-scratch"), width=160)
    start = shown.index("= path: hostPath:/mnt/nvme/scratch -> internet")
    walk = shown[start : shown.index("= why held", start)]
    assert re.search(
        r"^ +1 hostPath:/mnt/nvme/scratch holds weights", walk, re.MULTILINE
    )
    assert "deploy/observability/vector.yaml:31 | path: /mnt" in walk
    assert walk.count(" | ") == walk.count("\n") // 2
