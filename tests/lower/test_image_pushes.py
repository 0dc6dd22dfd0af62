"""Which registry an image with weights is pushed to, as CI files and scripts say."""

from __future__ import annotations

import pytest

from mlsec_lint.lower.jobs import image_pushes
from mlsec_lint.scan import read, survey

REGISTRY = """
resource "aws_ecr_repository" "serving" {
  name = "ml/serving"
}

resource "google_artifact_registry_repository" "models" {
  repository_id = "models"
  location      = "europe-west4"
  format        = "DOCKER"
}

resource "azurerm_container_registry" "acme" {
  name                = "acmemodels"
  resource_group_name = "ml"
  location            = "westeurope"
  sku                 = "Premium"
}
"""
ECR = "111122223333.dkr.ecr.us-west-2.amazonaws.com/ml/serving"
PKG = "europe-west4-docker.pkg.dev/acme-ml/models/serving"
ACR = "acmemodels.azurecr.io/serving"


def stores(tmp_path, **files: str) -> set[str]:
    """The registries that hold weights by an image."""
    (tmp_path / "main.tf").write_text(REGISTRY)
    (tmp_path / "serving").mkdir(exist_ok=True)
    (tmp_path / "serving/Dockerfile").write_text(
        "FROM python:3.12\nCOPY checkpoints/model.safetensors /models/\n"
    )
    (tmp_path / "tools").mkdir(exist_ok=True)
    (tmp_path / "tools/Dockerfile").write_text("FROM python:3.12\nCOPY a.py /\n")
    for name, text in files.items():
        (tmp_path / name.replace("__", ".")).write_text(text)
    estate = survey(read(str(tmp_path)))
    return {
        store.address
        for store in estate.of("store")
        if any("is pushed to it" in piece.words for piece in store.evidence)
    }


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (f"docker build -t {ECR}:1 serving\ndocker push {ECR}:1\n", "aws_ecr"),
        (f"docker build --tag={PKG}:1 serving && docker push {PKG}:1\n", "google"),
        (f"docker buildx build --push -t {ACR}:$TAG \\\n  serving\n", "azurerm"),
        (
            f"podman build -f serving/Dockerfile -t {ECR} .\npodman push {ECR}\n",
            "aws_ecr",
        ),
        (f"docker build -t {ECR}:1 serving\n", ""),
        (f"docker build -t {ECR}:1 tools\ndocker push {ECR}:1\n", ""),
        (f"docker build -t {ECR}:1 serving\ndocker push {ECR}-other:1\n", ""),
        (f"docker build -t $REGISTRY/serving serving\ndocker push {ECR}:1\n", ""),
        ("docker build -t\ndocker push\ndocker\n", ""),
    ],
)
def test_commands_of_a_script(tmp_path, script, expected):
    found = stores(tmp_path, push__sh=f"#!/bin/sh\n{script}")
    assert len(found) == bool(expected)
    assert all(address.startswith(expected) for address in found)


def test_the_action_of_a_workflow(tmp_path):
    folder = tmp_path / ".github/workflows"
    folder.mkdir(parents=True)
    text = f"""
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v6
        with:
          context: serving
          push: true
          tags: {ECR}:${{{{ github.sha }}}}
"""
    (folder / "push.yaml").write_text(text)
    assert stores(tmp_path) == {"aws_ecr_repository.serving"}
    (folder / "push.yaml").write_text(text.replace("push: true", "push: false"))
    assert stores(tmp_path) == set()


def test_long_lines_cost_little():
    lines = image_pushes._lines("docker build \\\n" * 50_000)
    assert len(lines) == image_pushes.MAX_LINES
