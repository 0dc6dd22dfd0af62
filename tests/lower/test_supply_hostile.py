"""Any values in the resources and objects that the supply chain is read from: no crash.

What is stated has the type that its fact declares (`Thing.state` refuses others).
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from mlsec_lint.scan import read, survey

VALUES = st.sampled_from(
    ["var.x", "null", "[]", "{}", '""', '"a"', "1", "-1", "true", "[var.x]", '"${var.x}/y"',
     "aws_s3_bucket.w.id", "azurerm_storage_account.w.id", '"s3://x/y"', '["http://a.io/x"]',
     "jsonencode({fileUris = var.x})", 'jsonencode({fileUris = ["https://a.io/x.sh", 1]})',
     '{ HF_MODEL_ID = "o/n" }', "{ HF_MODEL_ID = var.x }", "local.missing", '"HTTP"',
     "aws_lb_target_group.t.arn", '"arn:aws:s3:::b"', "data.aws_caller_identity.c.account_id"]
)  # fmt: skip
ARGUMENTS = {
    "aws_sagemaker_model": ("primary_container/environment", "primary_container/image"),
    "azurerm_virtual_machine_extension": ("settings", "virtual_machine_id"),
    "google_workbench_instance": ("gce_setup/metadata",),
    "helm_release": ("chart", "version", "repository", "values"),
    "aws_eks_node_group": ("ami_type", "instance_types", "release_version"),
    "google_container_node_pool": ("version", "node_config/guest_accelerator"),
    "azurerm_kubernetes_cluster_node_pool": ("vm_size", "orchestrator_version"),
    "aws_lb_listener": ("protocol", "default_action/target_group_arn"),
    "aws_lb_target_group_attachment": ("target_group_arn", "target_id"),
    "google_compute_target_http_proxy": ("url_map",),
    "aws_s3_bucket_policy": ("bucket", "policy"),
    "azurerm_storage_account": (
        "min_tls_version",
        "https_traffic_only_enabled",
        "sftp_enabled",
        "allowed_copy_scope",
        "cross_tenant_replication_enabled",
    ),
    "aws_transfer_user": ("home_directory", "server_id"),
    "aws_transfer_server": ("endpoint_type",),
    "aws_transfer_connector": ("url",),
    "aws_datasync_task": ("source_location_arn", "destination_location_arn"),
    "google_storage_transfer_job": ("transfer_spec/posix_data_sink",),
    "azurerm_data_factory": ("public_network_enabled",),
    "azurerm_storage_object_replication": (
        "source_storage_account_id",
        "destination_storage_account_id",
    ),
    "aws_ecr_repository": ("image_tag_mutability",),
    "azurerm_container_registry": ("name", "trust_policy_enabled"),
    "google_artifact_registry_repository": ("docker_config/immutable_tags",),
    "github_branch_protection": (
        "require_signed_commits",
        "required_pull_request_reviews/required_approving_review_count",
    ),
    "github_repository_environment": ("reviewers",),
}
SCALARS = st.sampled_from(
    ["", "~", "x", "latest", "[]", "{}", "[a, {b: c}]", "{{ .Values.x }}", "'${X}'",
     "hf://o/n", "hf://o/n:main", "http://a.io/m", "v1.17.3", "'0'", "true", "1e9", '"\\0"']
)  # fmt: skip
OBJECTS = """apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {{name: a, annotations: {0}}}
spec: {{predictor: {{serviceAccountName: s, model: {{storageUri: {1}}}}}}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {{name: s, annotations: {{serving.kserve.io/s3-endpoint: {2}}}}}
secrets: {3}
---
apiVersion: nvidia.com/v1
kind: ClusterPolicy
metadata: {{name: p}}
spec: {{toolkit: {{version: {4}, enabled: {5}}}}}
---
apiVersion: ray.io/v1
kind: RayJob
metadata: {{name: r}}
spec:
  entrypoint: {6}
  runtimeEnvYAML: {7}
  rayClusterSpec: {{headGroupSpec: {{template: {{spec: {{containers: [{{name: c}}]}}}}}}}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: i}}
spec: {{tls: {8}, rules: {9}}}
"""


def block(path, value):
    *outer, last = path.split("/")
    text = f"{last} = {value}"
    for name in reversed(outer):
        text = f"{name} {{\n{text}\n}}"
    return text


@st.composite
def roots(draw):
    parts = ['variable "x" {}', 'resource "aws_s3_bucket" "w" { bucket = "weights" }']
    for number, kind in enumerate(
        draw(st.lists(st.sampled_from(sorted(ARGUMENTS)), max_size=8))
    ):
        body = "\n".join(block(path, draw(VALUES)) for path in ARGUMENTS[kind])
        parts.append(f'resource "{kind}" "r{number}" {{\n{body}\n}}')
    return "\n".join(parts) + "\n"


def lowered(files):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return survey(read(folder))


@given(roots())
@settings(max_examples=60, deadline=None)
def test_any_arguments_are_lowered(text):
    assert lowered({"main.tf": text}) is not None


@given(st.lists(SCALARS, min_size=10, max_size=10))
@settings(max_examples=40, deadline=None)
def test_any_objects_are_lowered(values):
    assert lowered({"a.yaml": OBJECTS.format(*values)}) is not None


@given(st.text(max_size=80), st.lists(SCALARS, min_size=4, max_size=4))
@settings(max_examples=40, deadline=None)
def test_any_owners_and_workflows_are_lowered(owners, values):
    workflow = (
        "on: {}\npermissions: {}\njobs: {{a: {{uses: {}, steps: [{{uses: {}}}]}}}}\n"
    )
    docker = "FROM nvidia/cuda:12\nRUN " + owners.replace("\n", " ") + "\n"
    files = {
        "CODEOWNERS": owners,
        ".github/workflows/x.yaml": workflow.format(*values),
        "Dockerfile": docker,
    }
    assert lowered(files) is not None
