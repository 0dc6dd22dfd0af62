"""Golden files, determinism, and what each format promises to its reader."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
import report_sample as sample

from mlsec_lint.finding import Result, Summary
from mlsec_lint.report import FORMATS, render_as, sarif

NAMES = {
    "text": "report.txt",
    "sarif": "report.sarif",
    "json": "report.json",
    "markdown": "report.md",
    "github": "report.github.txt",
    "gitlab": "report.gitlab.json",
    "junit": "report.xml",
}
OPTIONS = {
    "sarif": {
        "exit_code": 1,
        "automation": "mlsec-lint/SL2",
        "provenance": sarif.Provenance("https://github.com/acme/lab", "a" * 40, "main"),
    },
    "json": {"exit_code": 1},
}


@pytest.mark.parametrize("name", FORMATS)
def test_golden(name, result, golden):
    golden(NAMES[name], render_as(name, result, **OPTIONS.get(name, {})))


def test_golden_text_narrow_and_coloured(result, golden):
    golden("report.narrow.txt", render_as("text", result, width=48))
    golden("report.colour.txt", render_as("text", result, color=True))


def test_every_format_has_a_golden_file():
    assert NAMES.keys() == FORMATS.keys()


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_bytes_twice(name):
    assert render_as(name, sample.result()) == render_as(name, sample.result())


@pytest.mark.parametrize("name", FORMATS)
def test_empty_result(name):
    empty = Result(findings=[], notes=[], rules=(), summary=Summary())
    assert render_as(name, empty)


@pytest.mark.parametrize("name", FORMATS)
def test_the_secret_is_in_no_report(name, result):
    secret = "AbCdEfGhIjKlMnOpQrStUvWxYz"
    assert secret in sample.JOB.text
    assert secret not in render_as(name, result)


@pytest.mark.parametrize("name", ["text", "markdown", "github", "junit", "gitlab"])
def test_people_are_told_what_was_not_assessed(name, result):
    text = render_as(name, result, **({"width": 1000} if name == "text" else {}))
    assert "no certificate" in text
    assert "12 of 16 config" in text
    assert "is SL2" not in text


@pytest.mark.parametrize("name", FORMATS)
def test_what_was_not_analysed_is_told(name, result):
    assert "syntax-error" in render_as(name, result)


@pytest.mark.parametrize("name", ["text", "markdown", "github", "junit"])
def test_passed_findings_are_not_listed(name, result):
    assert "aws_s3_bucket.logs" not in render_as(name, result).replace("&#95;", "_")


def test_text_groups_files_most_severe_first(result):
    text = render_as("text", result)
    heads = [
        line for line in text.splitlines() if line.endswith(("finding", "findings"))
    ]
    assert heads == ["infra/main.tf: 1 finding", "jobs/train 日本.yaml: 2 findings"]
    for finding in result.findings:
        finding.severity = "low" if "main.tf" in finding.span.path else "high"
    heads = [
        line
        for line in render_as("text", result).splitlines()
        if line.endswith(("finding", "findings"))
    ]
    assert heads == ["jobs/train 日本.yaml: 2 findings", "infra/main.tf: 1 finding"]


def test_text_without_colour_has_no_escape(result):
    assert "\x1b" not in render_as("text", result)
    coloured = render_as("text", result, color=True)
    assert "\x1b[1;31mcritical[weights-no-public-access]:\x1b[0m" in coloured


def test_text_counts_what_it_leaves_out(result):
    note = result.notes[1]
    result.notes = [note] * 10
    text = render_as("text", result)
    assert "file-too-large (10):" in text
    assert "... and 7 notes more" in text


def test_json_is_complete(result):
    report = json.loads(render_as("json", result))
    assert report["version"] == 1
    assert [f["verdict"] for f in report["findings"]] == [
        f.verdict.value for f in result.findings
    ]
    first = report["findings"][0]
    assert first["position"] == {
        "path": "infra/main.tf",
        "line": 7,
        "column": 2,
        "end_line": 7,
        "end_column": 18,
    }
    assert first["because"][0]["position"]["line"] == 3
    assert report["notes"][0]["kind"] == "syntax-error"
    assert report["summary"]["weight_stores"] == ["aws_s3_bucket.weights"]
    assert report["findings"][3]["path"]["sink"] == "service:api.wandb.ai"


def test_json_document_names_every_field(result):
    """docs/json.md names every field that there is."""
    from pathlib import Path

    page = Path(__file__).parents[2].joinpath("docs/json.md").read_text("utf-8")
    report = json.loads(render_as("json", result))
    names = {*report, *report["summary"], *report["findings"][0], *report["notes"][0]}
    names |= {*report["rules"][0], *report["findings"][0]["position"]}
    assert {name for name in names if f"`{name}`" not in page} == set()


def test_junit_counts(result):
    root = ET.fromstring(render_as("junit", result))
    assert root.tag == "testsuites"
    assert root.attrib == {
        "name": "mlsec-lint",
        "tests": "7",
        "failures": "3",
        "errors": "2",
        "skipped": "2",
    }
    assert len(root.findall(".//failure")) == 3
    assert len(root.findall(".//skipped")) == 2
    assert len(root.findall(".//error")) == 2


def test_gitlab_has_what_its_schema_asks_for(result):
    report = json.loads(render_as("gitlab", result))
    scan = report["scan"]
    assert scan["type"] == "sast"
    assert scan["status"] == "failure"
    assert {"analyzer", "scanner", "start_time", "end_time"} <= scan.keys()
    assert [v["severity"] for v in report["vulnerabilities"]] == [
        "Critical",
        "High",
        "High",
        "Unknown",
    ]
    for found in report["vulnerabilities"]:
        assert found["identifiers"][0]["value"]
        assert found["location"]["start_line"] >= 1
        assert len(found["name"]) <= 255
    ids = [v["id"] for v in report["vulnerabilities"]]
    assert len(set(ids)) == len(ids)


def test_gitlab_ids_differ_for_findings_that_share_a_fingerprint(result):
    result.findings = [result.findings[0], replace(result.findings[0])]
    found = json.loads(render_as("gitlab", result))["vulnerabilities"]
    assert found[0]["id"] != found[1]["id"]


def test_github_annotations_are_one_line_each_most_severe_first(result):
    lines = render_as("github", result, prefix="lab").splitlines()
    assert [line.split(" ")[0] for line in lines] == [
        "::error",
        "::error",
        "::error",
        "::notice",
        "::warning",
        "::warning",
        "::notice",
    ]
    assert lines[0].startswith(
        "::error file=lab/infra/main.tf,line=7,endLine=7,col=2,endColumn=18,title="
    )


def test_markdown_keeps_its_limit(result):
    result.findings = [
        replace(result.findings[0], subject=f"b{n}", message="x" * 250)
        for n in range(400)
    ]
    text = render_as("markdown", result, limit=8_000)
    assert len(text) <= 8_000
    assert "left out" in text
    assert len(render_as("markdown", result)) <= 65_536


def test_nothing_is_called_certified_when_all_is_met():
    met = Summary(baseline="SL2", checks_met=3)
    result = Result(findings=[], notes=[], rules=(), summary=met)
    text = render_as("text", result, width=200)
    assert "3 of 3 config-visible checks of the SL2 baseline met, 0 undecided." in text
    assert "A run without findings is no certificate." in text
