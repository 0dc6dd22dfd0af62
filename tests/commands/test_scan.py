"""`mlsec-lint scan` as a user meets it: exit codes, outputs, what goes to which stream."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
FORMATS = ["text", "sarif", "json", "markdown", "github", "gitlab", "junit"]
OPEN_BUCKET = """\
resource "aws_s3_bucket" "weights" {
  bucket = "frontier-weights"
  tags   = { "mlsec/holds" = "weights" }
}
resource "aws_s3_bucket_acl" "weights" {
  bucket = aws_s3_bucket.weights.id
  acl    = "public-read"
}
"""
BROKEN = 'resource "aws_s3_bucket" "b" {\n  bucket = \n}\n'


def run(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mlsec_lint", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        env={**os.environ, "MLSEC_LINT_TRACEBACK": "1"},
    )


@pytest.mark.parametrize("name", FORMATS)
def test_findings_exit_1_in_every_format(name: str) -> None:
    done = run("scan", str(EXAMPLES / "lab"), "--format", name)

    assert done.returncode == 1, done.stderr
    assert "weights-to-outside-service" in done.stdout


@pytest.mark.parametrize("name", FORMATS)
def test_clean_exits_0_in_every_format(name: str) -> None:
    done = run("scan", str(EXAMPLES / "lab-fixed"), "--format", name)

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_that_does_not_parse_is_never_clean(name: str, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(BROKEN)
    done = run("scan", str(tmp_path), "--format", name)

    assert done.returncode == 3, done.stdout + done.stderr
    assert "main.tf" in done.stdout


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_to_scan_is_never_clean(name: str, tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(b"\x89PNG")

    assert run("scan", str(tmp_path), "--format", name).returncode == 3


def test_findings_count_before_a_broken_file(tmp_path: Path) -> None:
    (tmp_path / "a.tf").write_text(OPEN_BUCKET)
    (tmp_path / "b.tf").write_text(BROKEN)

    assert run("scan", str(tmp_path)).returncode == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["no/such/path"],
        [".", "--baseline", "SL9"],
        [".", "--config", "no-such.yaml"],
        [".", "--policies", "no-such-folder"],
        [".", "--rule", "weights-no-public-acces"],
        [".", "--output", "json:a", "--output", "sarif:a"],
        [".", "--output", "no/such/folder/out.json"],
        [".", "--output", "sariff:out.sarif"],
    ],
    ids=" ".join,
)
def test_usage_exits_2_with_one_clear_line(
    arguments: list[str], tmp_path: Path
) -> None:
    (tmp_path / "a.tf").write_text(OPEN_BUCKET)
    done = run("scan", *arguments, cwd=tmp_path)

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("mlsec-lint: ")


@pytest.mark.parametrize(
    "entry", ["lists: {allowed-contries: [US]}", "limits: {reader-buget: 3}"]
)
def test_a_misspelt_list_is_not_ignored(entry: str, tmp_path: Path) -> None:
    (tmp_path / "a.tf").write_text(OPEN_BUCKET)
    (tmp_path / ".mlsec-lint.yaml").write_text(entry + "\n")
    done = run("scan", str(tmp_path))

    assert done.returncode == 2
    assert "did you mean" in done.stderr


def test_a_broken_config_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "a.tf").write_text(OPEN_BUCKET)
    (tmp_path / ".mlsec-lint.yaml").write_text("basline: SL3\n")
    done = run("scan", str(tmp_path))

    assert done.returncode == 2
    assert "did you mean 'baseline'" in done.stderr


def test_threshold_and_rule_choose_what_fails(tmp_path: Path) -> None:
    (tmp_path / "a.tf").write_text(OPEN_BUCKET)
    rule = ("--rule", "weights-customer-key")
    (severity,) = {
        finding["severity"]
        for finding in json.loads(
            run("scan", str(tmp_path), *rule, "--format", "json").stdout
        )["findings"]
    }

    assert severity == "high"
    assert run("scan", str(tmp_path), *rule, "--fail-on", "high").returncode == 1
    assert run("scan", str(tmp_path), *rule, "--fail-on", "critical").returncode == 0


def test_several_outputs_in_one_run(tmp_path: Path) -> None:
    sarif, text = tmp_path / "out.sarif", tmp_path / "out.txt"
    done = run(
        "scan", str(EXAMPLES / "lab"), "--format", "json",
        "--output", f"sarif:{sarif}", "--output", f"text:{text}",
    )  # fmt: skip

    assert done.returncode == 1
    assert json.loads(done.stdout)["findings"]
    assert json.loads(sarif.read_text())["version"] == "2.1.0"
    assert "egress-hub-upload" in text.read_text()
    assert "\x1b" not in text.read_text()


def test_output_alone_leaves_standard_output_empty(tmp_path: Path) -> None:
    done = run("scan", str(EXAMPLES / "lab"), "--output", f"json:{tmp_path / 'o.json'}")

    assert done.stdout == ""
    assert done.returncode == 1


def test_same_input_same_bytes() -> None:
    first, second = (
        run("scan", str(EXAMPLES / "lab"), "--format", "sarif").stdout for _ in range(2)
    )

    assert first == second


def test_files_restrict_findings_but_not_reading(tmp_path: Path) -> None:
    """A default in another file decides; findings elsewhere are not reported."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / "variables.tf").write_text(
        'variable "acl" {\n  default = "public-read"\n}\n'
    )
    (tmp_path / "main.tf").write_text(OPEN_BUCKET.replace('"public-read"', "var.acl"))
    (tmp_path / "other.tf").write_text(
        OPEN_BUCKET.replace('"weights"', '"second"', 1).replace(".weights.", ".second.")
    )
    done = run("scan", "variables.tf", "--format", "json", cwd=tmp_path)
    found = json.loads(done.stdout)["findings"]

    assert done.returncode == 1, done.stdout + done.stderr
    assert {f["position"]["path"] for f in found} == {"main.tf"}
    assert "weights-no-public-access" in {f["rule"] for f in found}
    assert all("other.tf" not in str(f["position"]) for f in found)


def test_paths_are_told_from_where_the_user_stands() -> None:
    done = run("scan", "lab", "--format", "sarif", cwd=EXAMPLES)
    uris = {
        r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for r in json.loads(done.stdout)["runs"][0]["results"]
    }

    assert uris
    assert all(uri.startswith("lab/") for uri in uris)


def test_assume_weights_all_judges_every_store(tmp_path: Path) -> None:
    (tmp_path / "a.tf").write_text(
        'resource "aws_s3_bucket" "b" {\n  bucket = "b"\n}\n'
    )
    rule = ("--rule", "weights-customer-key")

    assert run("scan", str(tmp_path), *rule).returncode == 0
    assert run("scan", str(tmp_path), *rule, "--assume-weights", "all").returncode == 1
