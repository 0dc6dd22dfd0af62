"""The commands beside scan, as a user meets them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent.parent
LAB = str(PROJECT / "examples" / "lab")
LIVE = str(PROJECT / "examples" / "lab" / "infra" / "live")


def run(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mlsec_lint", *arguments],
        capture_output=True,
        text=True,
        input=given,
    )


def test_inventory_tells_what_holds_weights_and_why() -> None:
    done = run("inventory", LAB)

    assert done.returncode == 0, done.stderr
    assert "module.checkpoints.aws_s3_bucket.this" in done.stdout
    assert "weights (referenced)" in done.stdout
    assert "module.datasets.aws_s3_bucket.this" not in done.stdout.split("Workloads")[0]


def test_inventory_as_json_is_as_documented() -> None:
    document = json.loads(run("inventory", LAB, "--format", "json").stdout)
    things = {(t["kind"], t["address"]): t for t in document["things"]}
    store = things["store", "module.checkpoints.aws_s3_bucket.this"]

    assert document["version"] == 1
    assert store["location"]["path"] == "infra/modules/store/main.tf"
    assert store["facts"]["weights.held"][0]["value"] is True
    assert store["evidence"]
    for edge in document["edges"]:
        assert (edge["from"]["kind"], edge["from"]["address"]) in things
        assert (edge["to"]["kind"], edge["to"]["address"]) in things


def test_posture_counts_and_claims_no_level() -> None:
    done = run("posture", LAB)
    rows = json.loads(run("posture", LAB, "--format", "json").stdout)

    assert done.returncode == 0
    assert [row["baseline"] for row in rows] == ["SL1", "SL2", "SL3", "SL4"]
    assert rows[0]["failed"] > 0
    totals = [r["met"] + r["failed"] + r["undecided"] for r in rows]
    assert totals == sorted(totals)
    assert "config-visible check" in done.stdout
    assert "Not assessed" in done.stdout
    assert "is SL" not in done.stdout


def test_rules_lists_what_explain_knows() -> None:
    rows = json.loads(run("rules", "--format", "json").stdout)
    page = run("explain", rows[0]["id"])

    assert len(rows) >= 20
    assert page.returncode == 0
    assert page.stdout.startswith(f"# {rows[0]['id']}")


def test_explain_knows_the_question_that_reports_tell_as_a_rule() -> None:
    page = run("explain", "which-cluster")

    assert page.returncode == 0
    assert page.stdout.startswith("# which-cluster")
    assert "`clusters`" in page.stdout


@pytest.mark.parametrize(
    "arguments",
    [["explain"], ["explain", "no-such"], ["place", "nowhere-9"], ["facts", "bucket"]],
    ids=" ".join,
)
def test_what_is_not_there_is_a_usage_error(arguments: list[str]) -> None:
    done = run(*arguments)

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("mlsec-lint: ")


@pytest.mark.parametrize(
    ("name", "country", "provider"),
    [
        ("southeastasia", "SG", "azure"),
        ("arn:aws:kms:eu-west-2:111122223333:key/x", "GB", "aws"),
        ("s3.ap-east-1.amazonaws.com", "HK", "aws"),
    ],
)
def test_place_explains(name: str, country: str, provider: str) -> None:
    (found,) = json.loads(run("place", name, "--format", "json").stdout)

    assert found["countries"] == [country]
    assert found["provider"] == provider
    assert found["as_of"]


def test_resources_and_console_evaluate_a_root_with_modules_beside_it() -> None:
    found = json.loads(run("resources", LIVE, "--format", "json").stdout)
    address = "module.copy.aws_s3_bucket.this"
    shown = run("console", LIVE, "-e", "var.dr_region", "-e", "upper(var.region)")

    assert found["resources"][address]["values"]["bucket"] == "osprey-run-artifacts-dr"
    assert shown.returncode == 0
    assert '"me-central-1"' in shown.stdout
    assert "default of var.dr_region" in shown.stdout
    assert '"US-WEST-2"' in shown.stdout


def test_console_reads_lines_and_tells_what_terraform_would_refuse() -> None:
    done = run("console", LIVE, "--format", "json", given="1 + 1\n\nfoo(1)\n")
    first, second = (json.loads(line) for line in done.stdout.splitlines())

    assert first == {"value": 2, "type": "number", "unknown": False, "sensitive": False}
    assert second["error"] is True
    assert done.returncode == 3


def test_policies_check_finds_no_fault_in_what_ships() -> None:
    done = run("policies", "check")

    assert done.returncode == 0, done.stderr


def test_policies_check_tells_every_fault(tmp_path: Path) -> None:
    folder = tmp_path / "weights" / "my-rule"
    folder.mkdir(parents=True)
    (folder / "rule.yaml").write_text("id: my-rule\ntitel: x\n")
    done = run("policies", "check", str(tmp_path))

    assert done.returncode == 2
    assert "did you mean 'title'" in done.stderr


def test_facts_lists_kinds_facts_and_verbs() -> None:
    done = run("facts", "store")

    assert done.returncode == 0
    assert "encryption.key.managed_by" in done.stdout
    assert "is copied by" in done.stdout
    assert "workload:" not in done.stdout
