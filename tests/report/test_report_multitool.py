"""Microsoft's SARIF Multitool has nothing to say about our SARIF.

It comes from npm (`@microsoft/sarif-multitool-linux`): used where it lies under
node_modules; installed into a temporary folder in CI where npm is at hand, and where
MLSEC_MULTITOOL=1 asks for it (0 forbids it).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import report_sample as sample

from mlsec_lint.finding import Result, Summary
from mlsec_lint.report import sarif

PACKAGE = "@microsoft/sarif-multitool-linux"
VERSION = "5.7.0"
#: SARIF2006 asks for every address over the network; SARIF2009 wants ids like CS2001.
NOTES = {"SARIF2006", "SARIF2009"}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def multitool(tmp_path_factory):
    if not sys.platform.startswith("linux"):
        pytest.skip("the package is for Linux")
    home = Path(__file__).parents[2]
    program = home / "node_modules" / PACKAGE / "Sarif.Multitool"
    if not program.exists():
        npm = shutil.which("npm")
        wanted = os.environ.get("MLSEC_MULTITOOL", "1" if "CI" in os.environ else "0")
        if wanted != "1" or npm is None:
            pytest.skip(
                f"no node_modules/{PACKAGE}, nor npm in CI or MLSEC_MULTITOOL=1"
            )
        home = tmp_path_factory.mktemp("multitool")
        installed = subprocess.run(
            [npm, "install", "--no-audit", "--no-fund", f"{PACKAGE}@{VERSION}"],
            cwd=home,
            capture_output=True,
            timeout=300,
        )
        if installed.returncode != 0:
            pytest.skip("npm is at hand, but the registry gives no package")
        program = home / "node_modules" / PACKAGE / "Sarif.Multitool"
        program.chmod(0o755)
    return program


def complaints(program, folder, text):
    """Level and rule of each complaint; the tool's own return code says nothing."""
    folder.joinpath("x.sarif").write_text(text, "utf-8")
    subprocess.run(
        [
            program,
            "validate",
            "x.sarif",
            "--output",
            "report.sarif",
            "--log",
            "ForceOverwrite",
            "--rule-kind",
            "Sarif;Ghas",
            "--level",
            "Error;Warning;Note",
        ],
        cwd=folder,
        env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
        check=True,
        capture_output=True,
        timeout=120,
    )
    report = json.loads(folder.joinpath("report.sarif").read_text("utf-8-sig"))
    run = report["runs"][0]
    assert run["invocations"][0]["executionSuccessful"]
    return Counter((r.get("level", "warning"), r["ruleId"]) for r in run["results"])


def full():
    provenance = sarif.Provenance("https://github.com/acme/lab", "a" * 40, "main")
    return sarif.render(
        sample.result(),
        exit_code=1,
        automation="mlsec-lint/SL2",
        provenance=provenance,
        prefix="lab",
    )


def hostile():
    result = sample.result()
    evil = "\x1b[31m[x](javascript:1) {0} {9} \u202e 'q' " + "long " * 2_000
    first = result.findings[0]
    result.findings = [
        replace(f, message=evil, subject=evil, fix=evil, values=(evil,))
        for f in result.findings
    ] + [first, first]
    return sarif.render(result)


def empty():
    rules = sample.RULES
    return sarif.render(Result(findings=[], notes=[], rules=rules, summary=Summary()))


@pytest.mark.parametrize("make", [full, hostile, empty])
def test_no_error_and_no_warning(make, multitool, tmp_path):
    found = complaints(multitool, tmp_path, make())
    assert {rule for level, rule in found if level in {"error", "warning"}} == set()
    assert {rule for _, rule in found} <= NOTES | {"SARIF2003"}


def test_the_tool_does_find_faults(multitool, tmp_path):
    log = json.loads(full())
    del log["runs"][0]["results"][0]["locations"]
    found = complaints(multitool, tmp_path, json.dumps(log))
    assert any(level == "error" for level, _ in found)
