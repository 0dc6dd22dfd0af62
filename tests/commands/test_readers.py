"""`mlsec-lint readers`, as a user meets it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent.parent
LAB = str(PROJECT / "examples" / "lab")
BUCKET = "module.checkpoints.aws_s3_bucket.this"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mlsec_lint", "readers", *arguments],
        capture_output=True,
        text=True,
    )


def test_every_store_of_weights_is_told_with_its_readers() -> None:
    done = run(LAB)
    assert done.returncode == 0, done.stderr
    assert BUCKET in done.stdout
    assert "module.datasets" not in done.stdout
    assert "ServiceAccount/training/trainer" in done.stdout
    assert "k8s/base/pretrain.yaml:" in done.stdout
    assert "(budget 8)" in done.stdout


def test_json_is_as_documented() -> None:
    document = json.loads(run(BUCKET, LAB, "--format", "json").stdout)
    assert document["version"] == 1
    assert document["incomplete"] is False
    (store,) = document["stores"]
    assert store["address"] == BUCKET
    assert store["weights"] is True
    counted = [one for one in store["readers"] if one["counted"]]
    assert len(counted) == store["count"]["possible"]
    assert len([r for r in counted if r["certain"]]) == store["count"]["certain"]
    for reader in store["readers"]:
        assert reader["hops"][-1]["address"] == reader["identity"]["address"]
        for hop in reader["hops"]:
            assert hop["location"]["path"]
            assert ("why" in hop) is not hop["certain"]


def test_a_store_is_found_by_pattern_and_name() -> None:
    by_uri = json.loads(
        run("s3://osprey-run-artifacts", LAB, "--format", "json").stdout
    )
    assert [store["address"] for store in by_uri["stores"]] == [BUCKET]
    everything = json.loads(run("*", LAB, "--format", "json").stdout)
    weights = {store["address"]: store["weights"] for store in everything["stores"]}
    assert weights["module.datasets.aws_s3_bucket.this"] is False


def test_a_store_without_weights_says_that_rights_were_not_followed() -> None:
    done = run("module.datasets.*", LAB)
    assert "rights to it were not followed" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("module.checkpoint.aws_s3_bucket.this", LAB), "did you mean"),
        (("*", "no/such/folder"), "no such file or folder"),
        ((LAB, "--format", "yaml"), "invalid choice"),
        ((LAB, "--baseline", "SL9"), "no baseline"),
    ],
)
def test_usage_errors(arguments: tuple[str, ...], words: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert words in done.stderr


def test_what_was_not_read_is_exit_code_3(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        'resource "aws_s3_bucket" "b" {\n  bucket = \n}\n'
    )
    done = run(str(tmp_path))
    assert done.returncode == 3
    assert "may hold more" in done.stdout
    empty = tmp_path / "empty"
    empty.mkdir()
    assert run(str(empty)).returncode == 3


def test_the_budget_is_the_configs(tmp_path: Path) -> None:
    (tmp_path / ".mlsec-lint.yaml").write_text("limits: {reader-budget: 2}\n")
    (tmp_path / "main.tf").write_text(
        'resource "aws_s3_bucket" "model_weights" {\n  bucket = "model-weights"\n}\n'
    )
    assert "0 readers (budget 2)" in run(str(tmp_path)).stdout
