"""`mlsec-lint map`, as a user meets it, and the picture that it draws from."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from mlsec_lint.commands.map import plain_picture
from mlsec_lint.commands.scan import plain_scan
from mlsec_lint.finding import Verdict
from mlsec_lint.report.map import FORMATS, render_as

PROJECT = Path(__file__).parent.parent.parent
LAB = str(PROJECT / "examples/lab")
MIRROR = str(PROJECT / "tests/ranges/r11-metrics-mirror/repo")
GATEWAY = str(PROJECT / "tests/ranges/r01-tier-gateway/repo")

JOB = (
    "base_model: org/base\n"
    "output_dir: s3://runs/sft\n"
    "hub_model_id: people/x\n"
    "push_to_hub: true{comment}\n"
)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mlsec_lint", "map", *arguments],
        capture_output=True,
        encoding="utf-8",
    )


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_printed(name: str) -> None:
    done = run(MIRROR, "--format", name)

    assert done.returncode in {0, 3}, done.stderr
    assert "api.wandb.ai" in done.stdout


def test_a_page_is_written_to_a_file(tmp_path: Path) -> None:
    file = tmp_path / "map.html"
    done = run(MIRROR, "--output", str(file))

    assert done.stdout == ""
    assert file.read_text("utf-8").startswith("<!DOCTYPE html>")


def test_a_file_that_cannot_be_written_is_usage(tmp_path: Path) -> None:
    assert run(MIRROR, "--output", str(tmp_path / "none/map.html")).returncode == 2
    assert run(str(tmp_path / "none")).returncode == 2


def test_what_was_not_read_makes_it_incomplete(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "aws_s3_bucket" {{{\n')
    done = run(str(tmp_path), "--format", "json")

    assert done.returncode == 3
    tree = json.loads(done.stdout)
    assert tree["incomplete"]
    assert "syntax-error" in {loss["kind"] for loss in tree["not_analysed"]}
    assert "The analysis is incomplete" in run(str(tmp_path)).stdout


def test_walks_are_those_that_the_scan_tells() -> None:
    found = plain_picture(MIRROR)
    told = {
        f.fingerprint(): f
        for f in plain_scan(MIRROR).findings
        if f.path is not None and f.verdict is Verdict.FAIL
    }

    walks = {walk.fingerprint: walk for walk in found.walks if walk.state == "open"}
    assert set(walks) == set(told)
    for name, walk in walks.items():
        path = told[name].path
        assert path is not None
        hops = [found.nodes[found.edges[at].target].address for at in walk.edges]
        assert hops[: len(path["hops"])] == path["hops"]
        assert hops[-1] in {path["sink"], path["hops"][-1]}
        assert walk.severity == told[name].severity


def test_steps_lead_from_store_to_sink_with_their_lines() -> None:
    for folder in (LAB, MIRROR, GATEWAY):
        found = plain_picture(folder)
        assert found.walks
        for walk in found.walks:
            steps = [found.edges[at] for at in walk.edges]
            assert found.nodes[steps[0].source].role == "store"
            assert found.nodes[steps[0].source].address == walk.store
            assert found.nodes[steps[-1].target].role == "sink"
            assert all(one.target == other.source for one, other in pairwise(steps))
            passed = [steps[0].source, *(step.target for step in steps)]
            assert len(set(passed)) == len(passed)
            for step in steps:
                text = (Path(folder) / step.spot.path).read_text("utf-8").splitlines()
                assert step.spot.text == text[step.spot.line - 1].strip()


def test_a_control_that_is_not_met_has_its_line() -> None:
    found = plain_picture(MIRROR)
    failing = {
        control.rule: control.failing.where
        for edge in found.edges
        for control in edge.controls
        if control.failing is not None
    }

    assert failing["egress-tracker-artifacts"].startswith(
        "workloads/sft/tracking.yaml:"
    )
    assert failing["egress-no-allow-all"].startswith("workloads/sft/netpol.yaml:")


def test_cuts_are_told() -> None:
    found = plain_picture(MIRROR)

    assert found.cuts == "These 2 changes close 2 of 2 paths"
    assert {change.rule for change in found.changes} == {
        "egress-no-internet-route",
        "egress-tracker-artifacts",
    }


def test_an_accepted_way_is_shown_as_accepted(tmp_path: Path) -> None:
    comment = " # mlsec: ignore weights-to-outside-service open models until=2999-01-01"
    (tmp_path / "job.yaml").write_text(JOB.format(comment=comment))
    (walk,) = [w for w in plain_picture(str(tmp_path)).walks if w.by == "hub"]

    assert walk.state == "accepted"
    assert walk.accepted == "open models (until 2999-01-01)"
    page = render_as("html", plain_picture(str(tmp_path)))
    assert "Accepted: open models (until 2999-01-01)" in page


def test_a_way_to_a_host_of_the_lab_is_not_forbidden(tmp_path: Path) -> None:
    (tmp_path / "job.yaml").write_text(JOB.format(comment=""))
    (tmp_path / ".mlsec-lint.yaml").write_text('internal hosts: ["huggingface.co"]\n')
    walks = [w for w in plain_picture(str(tmp_path)).walks if w.by == "hub"]

    assert [w.state for w in walks] in ([], ["allowed"])


def test_secrets_of_a_line_are_starred_out(tmp_path: Path) -> None:
    token = "hf_" + "AbCdEfGhIjKlMnOpQrStUvWxYz"
    text = JOB.format(comment=f' # hub_token: "{token}"')
    (tmp_path / "job.yaml").write_text(text)

    for name in FORMATS:
        text = render_as(name, plain_picture(str(tmp_path)))
        assert "huggingface.co" in text
        assert token not in text


def test_hostile_names_of_a_repository_act_in_no_format(tmp_path: Path) -> None:
    folder = tmp_path / "<img src=x onerror=alert(1)>\u202e"
    folder.mkdir()
    (folder / "job.yaml").write_text(
        "base_model: org/base\n"
        'output_dir: "s3://runs/\'\\"]; <script>alert(1)</script>\\u2028"\n'
        "hub_model_id: '</script><script>alert(1)</script>'\n"
        "push_to_hub: true\n"
    )
    found = plain_picture(str(tmp_path))

    assert found.walks
    for name in FORMATS:
        text = render_as(name, found)
        assert "\u202e" not in text
        assert "\u2028" not in text
        if name in {"html", "svg"}:
            assert "<script>alert" not in text
            assert "<img" not in text


def test_two_runs_give_the_same_bytes() -> None:
    first, second = plain_picture(LAB), plain_picture(LAB)

    for name in FORMATS:
        assert render_as(name, first) == render_as(name, second)


def test_the_drawing_in_the_readme_is_this_one(request: pytest.FixtureRequest) -> None:
    file = PROJECT / "docs/map-lab.svg"
    drawn = render_as("svg", plain_picture(LAB))
    if request.config.getoption("--accept"):
        file.write_text(drawn, "utf-8")

    assert file.read_text("utf-8") == drawn
    assert "docs/map-lab.svg" in (PROJECT / "README.md").read_text("utf-8")
