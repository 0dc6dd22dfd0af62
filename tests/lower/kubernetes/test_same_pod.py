"""The example of one pod in four kinds gives the same findings four times."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_the_findings_are_the_same_in_each_kind():
    command = [sys.executable, "-m", "mlsec_lint", "scan", "examples/same-pod",
               "--baseline", "SL2", "--format", "sarif"]  # fmt: skip
    out = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    found, shared = defaultdict(list), []
    for result in json.loads(out.stdout)["runs"][0]["results"]:
        place = result["locations"][0]["physicalLocation"]
        uri = place["artifactLocation"]["uri"]
        snippet = place["region"]["snippet"]["text"].strip()
        if snippet.startswith("kind: "):
            snippet = "kind: ..."
        if result["ruleId"].startswith("undecided:weights-"):
            shared.append(result)  # one doubt about all four: told once
            continue
        found[Path(uri).stem].append((result["ruleId"], result["kind"], snippet))
    assert set(found) == {"job", "pytorchjob", "raycluster", "jobset"}
    wanted = sorted(found["job"])
    rules = {rule.rpartition("/")[2] for rule, _, _ in wanted}
    assert {
        "access-pod-privilege", "access-host-mount", "weights-no-host-copy",
        "egress-hub-upload", "egress-tracker-artifacts", "integrity-trust-remote-code",
        "integrity-image-digest",
    } <= rules  # fmt: skip
    for kind, results in found.items():
        assert sorted(results) == wanted, kind
    (doubt,) = shared
    assert len(doubt["properties"]["path"]["others"]) == 3
