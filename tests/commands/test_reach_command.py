"""`mlsec-lint reach`, as a user meets it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

RANGES = Path(__file__).parent.parent / "ranges"
OPEN = str(RANGES / "r01-tier-gateway" / "repo")
GATED = str(RANGES / "r02-tier-gateway-gated" / "repo")
SCRATCH = str(RANGES / "r04-node-scratch" / "repo")
FENCED = str(RANGES / "r05-node-scratch-fenced" / "repo")
JOB = "PyTorchJob/pretrain/p70-stage2"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mlsec_lint", "reach", *arguments],
        capture_output=True,
        text=True,
    )


def outs(*arguments: str) -> dict[str, set[tuple[str, str, bool]]]:
    done = run(*arguments, "--format", "json")
    assert done.returncode == 0, done.stderr
    return {
        one["address"]: {(o["sink"], o["name"], o["certain"]) for o in one["outs"]}
        for one in json.loads(done.stdout)["workloads"]
    }


def test_nat_of_count_0_closes_the_internet_and_an_endpoint_opens_every_bucket() -> (
    None
):
    assert outs(JOB, OPEN) == {JOB: {("any-store", "aws", True)}}


def test_the_policy_of_the_endpoint_closes_it() -> None:
    assert outs(JOB, GATED) == {JOB: set()}
    assert "no way out" in run(JOB, GATED).stdout


def test_the_agent_reaches_the_internet_and_the_job_beside_it_does_not() -> None:
    found = outs("*", SCRATCH)
    agent, job = (
        found["DaemonSet/observability/node-agent"],
        found["Job/pretrain/dense-34b"],
    )
    assert ("internet", "", True) in agent
    assert job == {("any-store", "gcp", True)}


def test_the_fence_around_the_agent_holds() -> None:
    agent = outs("*", FENCED)["DaemonSet/observability/node-agent"]
    assert not {sink for sink, _, _ in agent} & {"internet"}


def test_text_shows_the_lines_of_each_layer() -> None:
    text = run(JOB, OPEN).stdout
    for line in (
        "k8s/pretrain/netpol.yaml:23",
        "infra/modules/eks/main.tf:78",
        "infra/live/main.tf:45",
    ):
        assert line in text


def test_weights_are_those_that_handle_some() -> None:
    assert set(outs("weights", OPEN)) == {JOB}


def test_a_workload_that_is_not_there_is_an_error() -> None:
    done = run("PyTorchJob/pretrain/p70-stage3", OPEN)
    assert done.returncode == 2
    assert JOB in done.stderr
