"""One control taken away opens exactly its ways out; one put in place closes exactly its.

The lines are those that the ranges' answers name (`closed_by`), and on the ways out that
are there one hop each: a policy of an endpoint, of pods, a trust, a route, a label.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, NamedTuple

import pytest
from range_answers import NAMES, RANGES, ends, ends_match, expected, forbidden, paths
from range_answers import result as scanned

from mlsec_lint.commands.scan import plain_scan

if TYPE_CHECKING:
    from pathlib import Path

    from mlsec_lint.finding import Finding


class Edit(NamedTuple):
    """A line that changes: `number` is that of the answer's path; `old` "" appends.

    `beside` is another store that the same line keeps in.
    """

    range: str
    number: int
    file: str
    old: str
    new: str
    beside: str = ""


OPENED = (
    Edit("r01", 0, "infra/live/terraform.tfvars", "nat = false", "nat = true"),
    Edit(
        "r02", 0, "infra/live/main.tf",
        "policy            = data.aws_iam_policy_document.gateway.json", "",
    ),
    Edit("r02", 1, "infra/live/terraform.tfvars", "nat = false", "nat = true"),
    Edit("r03", 0, "apps/rbac/site.yaml", "namespace: web", "namespace: training"),
    Edit(
        "r04", 0, "deploy/base/pretrain/netpol.yaml", "199.36.153.8/30", "0.0.0.0/0"
    ),
    Edit("r05", 1, "deploy/observability/netpol.yaml", "node-agent", "vector"),
    Edit("r06", 0, "terraform/estate/identities.tf", '"eval-prod"', '"eval"'),
    Edit("r07", 0, "platform/live/main.tf", 'n = "ZRS"', 'n = "GRS"'),
    Edit(
        "r07", 1, "platform/live/main.tf", '= "none"', '= "loadBalancer"',
        beside='module.storage.azurerm_storage_account.this["ring1"]',
    ),
    Edit("r08", 0, "tasks/rm.sky.yaml", "aws/us-west-2", "aws/ap-east-1"),
    Edit("r11", 0, "workloads/rlhf/netpol.yaml", "10.40.0.0/16", "0.0.0.0/0"),
    Edit("r12", 0, "cluster/storage/classes.yaml", "=short", "=long"),
    Edit("r13", 0, "ml/notebooks.tf", "role.annotate", "role.fit"),
    Edit("r13", 1, "ml/notebooks.tf", '= "Disabled"\n  root', '= "Enabled"\n  root'),
    Edit("r14", 0, "k8s/south/ray.yaml", "ClusterIP", "LoadBalancer"),
    Edit(
        "r16", 0, "terraform/ci.tf",
        '"principal://iam.googleapis.com/${google_iam_workload_identity_pool.forge.name}'
        '/subject/repo:marl-ai/release:environment:prod"',
        '"principalSet://iam.googleapis.com/'
        '${google_iam_workload_identity_pool.forge.name}'
        '/attribute.repository_owner/marl-ai"',
    ),
    Edit("r17", 0, "stacks/data/main.tf", '["delta"].arn', '["basin"].arn'),
    Edit("r21", 0, "aws/forge.tf", "role.render.arn }", "role.fit.arn }"),
    Edit("r22", 0, "notebooks.yaml", "path: /data/nvme2", "path: /data/nvme"),
    Edit("r24", 0, "main.tf", '"ap-southeast-2"', '"ap-east-1"'),
    Edit("r31", 0, "deploy/grade/netpol.yaml", "[Ingress, Egress]", "[Ingress]"),
    Edit("r32", 0, "terraform/gke.tf", "private = true }", "private = false }"),
    Edit("r33", 0, "main.tf", "fenced = true", "fenced = false"),
    Edit("r34", 0, "terraform/service/main.tf", "default = false", "default = true"),
    Edit("r35", 0, "main.tf", "routes = []", 'routes = ["10.200.0.0/16"]'),
    Edit(
        "r36", 0, "iam/trust.tf",
        '"StringEquals", sub = "project_path:orchid/serving:ref_type:branch:ref:main"',
        '"StringLike", sub = "project_path:*"',
    ),
    Edit(
        "r37", 0, "marsh/policy.yaml",
        "toFQDNs:\n        - matchName: ingest.heronmetrics.example",
        "toEntities:\n        - world",
    ),
    Edit(
        "r37", 1, "fen/policy.yaml",
        "toEndpoints:\n        - matchLabels: {app: artifacts}",
        "toCIDR:\n        - 0.0.0.0/0",
    ),
    Edit("r39", 0, "slurm/bass.sbatch", "-r /fsx/logs", "-r /fsx/ckpt/alto"),
)  # fmt: skip

_FENCE = """---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: fence, namespace: tune}
spec: {podSelector: {}, policyTypes: [Egress]}
"""
CLOSED = (
    Edit(
        "r01", 0, "infra/live/main.tf", 'vpc_endpoint_type = "Gateway"',
        'vpc_endpoint_type = "Gateway"\n'
        "  policy = data.aws_iam_policy_document.gateway.json",
    ),
    Edit(
        "r03", 0, "stacks/platform/ci-access.tf", '["repo:lindqvist-ai/*"]',
        '["repo:lindqvist-ai/site:environment:prod"]',
    ),
    Edit("r04", 0, "deploy/observability/netpol.yaml", "vector", "node-agent"),
    Edit("r11", 0, "workloads/sft/netpol.yaml", "0.0.0.0/0", "10.40.0.0/16"),
    Edit("r11", 1, "workloads/sft/netpol.yaml", "0.0.0.0/0", "10.40.0.0/16"),
    Edit("r12", 0, "cluster/storage/classes.yaml", "=long", "=none"),
    Edit("r13", 0, "ml/notebooks.tf", "role.fit.arn", "role.annotate.arn"),
    Edit("r14", 0, "k8s/north/ray.yaml", "LoadBalancer", "ClusterIP"),
    Edit(
        "r15", 0, "deploy.tf", '"repo:quillon/*"',
        '"repo:quillon/serving:environment:staging"',
    ),
    Edit(
        "r16", 0, "terraform/ci.tf",
        '"principalSet://iam.googleapis.com/'
        '${google_iam_workload_identity_pool.forge.name}'
        '/attribute.repository_owner/marl-ai"',
        '"principal://iam.googleapis.com/${google_iam_workload_identity_pool.forge.name}'
        '/subject/repo:marl-ai/train:environment:prod"',
    ),
    Edit("r17", 0, "stacks/data/main.tf", '["basin"].arn', '["delta"].arn'),
    Edit("r22", 0, "notebooks.yaml", "path: /data/nvme\n", "path: /data/other\n"),
    Edit("r24", 0, "main.tf", '"ap-east-1"', '"ap-southeast-2"'),
    Edit("r31", 0, "deploy/tune/job.yaml", "", _FENCE),
    Edit("r32", 0, "terraform/gke.tf", "private = false }", "private = true }"),
    Edit("r33", 0, "main.tf", "fenced = false", "fenced = true"),
    Edit("r34", 0, "terraform/main.tf", "= true", "= false"),
    Edit("r35", 0, "main.tf", 'routes = ["10.200.0.0/16"]', "routes = []"),
    Edit(
        "r36", 0, "iam/trust.tf",
        '"StringLike", sub = "project_path:orchid/*:ref_type:branch:ref:*"',
        '"StringEquals", sub = "project_path:orchid/train:ref_type:branch:ref:main"',
    ),
    Edit(
        "r37", 0, "marsh/policy.yaml",
        "toFQDNs:\n        - matchName: ingest.heronmetrics.example",
        "toEndpoints:\n        - matchLabels: {app: artifacts}",
    ),
    Edit("r39", 0, "slurm/alto.sbatch", '-r "$OUT" drops', "-r /fsx/logs drops"),
)  # fmt: skip


def name_of(edit: Edit) -> str:
    [name] = [one for one in NAMES if one.startswith(edit.range)]
    return name


def edited(edit: Edit, target: Path) -> list[Finding]:
    """The certain paths of a range with an edit."""
    folder = target / "repo"
    shutil.copytree(RANGES / name_of(edit) / "repo", folder)
    path = folder / edit.file
    text = path.read_text()
    assert edit.old in text
    path.write_text(text.replace(edit.old, edit.new) if edit.old else text + edit.new)
    return paths(plain_scan(str(folder), "--baseline", "SL4"))


def ways(found: list[Finding]) -> set[tuple[str, ...]]:
    return {ends(finding) for finding in found}


def label(edit: Edit) -> str:
    return f"{edit.range}-{edit.number}"


@pytest.mark.parametrize("edit", OPENED, ids=label)
def test_without_its_control_a_way_out_is_open(edit: Edit, tmp_path: Path) -> None:
    answer = expected(name_of(edit))
    entry = answer["no_paths"][edit.number]
    closed_by = entry["closed_by"]
    before = paths(scanned(name_of(edit)))
    after = edited(edit, tmp_path)
    assert any(forbidden(finding, entry) for finding in after)
    at_large = {source for source, sink in ways(after) if sink == "internet"}
    gone = ways(before) - ways(after)
    assert {source for source, _ in gone} <= at_large  # the internet holds every host
    # what the same line closes, and any store where it closed the internet
    theirs = [e for e in answer["no_paths"] if e["closed_by"] == closed_by]
    for finding in after:
        source, sink = ends(finding)
        known = (source, sink) in ways(before)
        known = known or any(forbidden(finding, one) for one in theirs)
        known = known or source == edit.beside
        assert known or sink.startswith("account:"), (source, sink)


@pytest.mark.parametrize("edit", CLOSED, ids=label)
def test_with_a_control_a_way_out_is_closed(edit: Edit, tmp_path: Path) -> None:
    name = name_of(edit)
    entry = expected(name)["paths"][edit.number]
    before = paths(scanned(name))
    after = edited(edit, tmp_path)
    gone = {ends(finding) for finding in before if ends_match(finding, entry)}
    assert gone
    assert not any(ends_match(finding, entry) for finding in after)
    assert ways(after) <= ways(before)
