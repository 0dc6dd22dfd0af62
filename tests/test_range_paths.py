"""How paths are shown: the walk hop by hop, in SARIF and in text.

Whether the ranges' ways out are found is asked in `test_ranges.py`.
"""

from __future__ import annotations

import json
import re

from range_answers import result

from mlsec_lint.report import sarif, text


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
