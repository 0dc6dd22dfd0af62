"""Exit codes when nobody can read what is written: never a bug, never a silent 0."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

OPEN = 'resource "aws_s3_bucket" "w" {\n  bucket = "x"\n}\n'
COMMANDS = (
    ("scan", "repo"),
    ("inventory", "repo"),
    ("resources", "repo"),
    ("console", "repo", "-e", "1"),
    ("rules",),
    ("place", "us-east-1"),
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "repo").mkdir()
    (tmp_path / "repo/main.tf").write_text(OPEN, encoding="utf-8")
    return tmp_path


def run(folder, command, redirection):
    shell = 'exec "$@" ' + redirection
    line = [sys.executable, "-m", "mlsec_lint", *command]
    return subprocess.run(
        ["sh", "-c", shell, "sh", *line],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c[0])
def test_closed_standard_output_is_no_clean_run(folder, command):
    done = run(folder, command, ">&-")
    assert done.returncode == 3
    assert done.stderr == ""


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c[0])
def test_a_full_disk_is_said_and_no_clean_run(folder, command):
    done = run(folder, command, ">/dev/full")
    assert done.returncode == 3
    assert done.stderr.startswith("mlsec-lint: the report could not be written")


def test_closed_standard_error_leaves_the_report_alone(folder):
    done = run(folder, ("scan", "repo", "--format", "json"), "2>&-")
    assert done.returncode == 0
    assert done.stdout.startswith("{")
    wrong = run(folder, ("scan", "missing"), "2>&-")
    assert wrong.returncode == 2
    assert wrong.stdout == ""


def test_a_reader_that_goes_away(folder):
    done = run(folder, ("rules",), "| true; exit 0")
    assert done.returncode == 0
    assert "bug" not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "command", [("inventory", "repo", "--all"), ("resources", "repo")]
)
def test_a_stream_that_knows_only_ascii(folder, command, monkeypatch):
    text = OPEN.replace('"w"', '"重み"')
    (folder / "repo/main.tf").write_text(text, encoding="utf-8")
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    done = run(folder, command, "")
    assert done.returncode == 0
    assert "\\u91cd" in done.stdout


def test_a_report_that_cannot_be_written_is_a_mistake_of_the_caller(folder):
    done = run(folder, ("scan", "repo", "--output", "sarif:none/x.sarif"), "")
    assert done.returncode == 2
    assert "none/x.sarif" in done.stderr


def test_what_is_quoted_on_standard_error_does_nothing(folder):
    text = 'baseline: "x\\e[31m\\n::set-output name=a::b\\n##[error]"\n"k\\e[0m": 1\n'
    (folder / "repo/.mlsec-lint.yaml").write_text(text, encoding="utf-8")
    done = run(folder, ("scan", "repo"), "")
    assert done.returncode == 2
    assert "\x1b" not in done.stderr
    assert "##[" not in done.stderr
    assert not any(line.lstrip().startswith("::") for line in done.stderr.splitlines())
