"""Which registry an image with weights is pushed to, as CI files and scripts say."""

from __future__ import annotations

import time

import pytest

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
        if any("is pushed to" in piece.words for piece in store.evidence)
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


LOCAL = """
on: push
env:
  REGISTRY: ghcr.io
  NAME: acme/serving
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
"""
META = (
    LOCAL
    + """
      - id: meta
        uses: docker/metadata-action@v5
        with:
          images: ${{ env.REGISTRY }}/${{ env.NAME }}
      - uses: docker/build-push-action@v6
        with:
          context: ./serving
          push: ${{ github.event_name != 'pull_request' }}
          tags: ${{ steps.meta.outputs.tags }}
"""
)
MATRIX = f"""
on: push
jobs:
  build:
    strategy:
      matrix:
        include:
          - {{folder: tools, name: {ECR}-tools}}
          - {{folder: serving, name: {ECR}}}
    steps:
      - run: |
          docker buildx build --push -t ${{{{ matrix.name }}}}:1 ${{{{ matrix.folder }}}}
"""
LOGIN = """
on: push
jobs:
  build:
    steps:
      - id: login
        uses: aws-actions/amazon-ecr-login@v2
      - run: docker build -t "$REG/ml/serving:$TAG" . && docker push "$REG/ml/serving:$TAG"
        working-directory: serving
        env:
          REG: ${{ steps.login.outputs.registry }}
          TAG: ${{ github.sha }}
"""
KANIKO = f"""
build:
  stage: build
  image: {{name: "gcr.io/kaniko-project/executor:debug", entrypoint: [""]}}
  variables: {{DEST: {PKG}}}
  script:
    - /kaniko/executor --context "$CI_PROJECT_DIR/serving"
      --dockerfile "$CI_PROJECT_DIR/serving/Dockerfile" --destination "$DEST:$CI_COMMIT_SHA"
"""
PARALLEL = f"""
build:
  stage: build
  parallel:
    matrix:
      - WHAT: [tools, serving]
  script:
    - cd $WHAT
    - export IMAGE={ACR}-$WHAT
    - docker build -t $IMAGE .
    - docker push $IMAGE
"""
CLOUD_BUILD = f"""
substitutions: {{_IMAGE: {PKG}}}
steps:
  - name: gcr.io/cloud-builders/docker
    args: [build, -t, "$_IMAGE:$SHORT_SHA", serving]
images: ["$_IMAGE:$SHORT_SHA"]
"""
POD = f"""
apiVersion: batch/v1
kind: Job
metadata: {{name: build}}
spec:
  template:
    spec:
      containers:
        - name: kaniko
          image: gcr.io/kaniko-project/executor:v1.23.2
          args: [--context=dir:///workspace, --dockerfile=serving/Dockerfile, "--destination={ECR}:1"]
"""
COMPOSE = f"""
services:
  model:
    image: {ACR}:latest
    build: {{context: serving}}
"""
SKAFFOLD = f"""
apiVersion: skaffold/v4beta11
kind: Config
build:
  artifacts:
    - image: {PKG}
      context: serving
"""
BUILDSPEC = f"""
version: 0.2
env: {{variables: {{REPO: {ECR}}}}}
phases:
  build: {{commands: ["docker build -t $REPO:latest serving"]}}
  post_build: {{commands: ["docker push $REPO:latest"]}}
"""
BAKE = f"""{{"target": {{"serving": {{"context": "serving", "tags": ["{ACR}:1"]}}}}}}
"""
MAKE = f"""IMG ?= {ECR}
TAG := $(shell git rev-parse HEAD)
push: ## builds
\tdocker build -t $(IMG):$(TAG) \\
\t  -f serving/Dockerfile .
\t@docker push $(IMG):$(TAG)
"""


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (".github/workflows/b.yml", META, "ghcr.io/acme/serving"),
        (".github/workflows/b.yml", MATRIX, "aws_ecr_repository.serving"),
        (".github/workflows/b.yml", LOGIN, "aws_ecr_repository.serving"),
        (".gitlab-ci.yml", KANIKO, "google_artifact_registry_repository.models"),
        (".gitlab-ci.yml", PARALLEL, "azurerm_container_registry.acme"),
        ("cloudbuild.yaml", CLOUD_BUILD, "google_artifact_registry_repository.models"),
        ("build-job.yaml", POD, "aws_ecr_repository.serving"),
        ("compose.yaml", COMPOSE, "azurerm_container_registry.acme"),
        ("skaffold.yaml", SKAFFOLD, "google_artifact_registry_repository.models"),
        ("buildspec.yml", BUILDSPEC, "aws_ecr_repository.serving"),
        ("docker-bake.json", BAKE, "azurerm_container_registry.acme"),
        ("Makefile", MAKE, "aws_ecr_repository.serving"),
    ],
)
def test_files_that_build(tmp_path, path, text, expected):
    assert pushed(tmp_path, path, text) == {expected}
    assert (
        pushed(
            tmp_path,
            path,
            text.replace("serving/", "tools/")
            .replace("context: serving", "context: tools")
            .replace(": ./serving", ": tools")
            .replace('"context": "serving"', '"context": "tools"')
            .replace("serving]", "tools]")
            .replace('serving"]', 'tools"]')
            .replace("directory: serving", "directory: tools")
            .replace("folder: serving", "folder: tools")
            .replace('PROJECT_DIR/serving"', 'PROJECT_DIR/tools"'),
        )
        == set()
    )


def pushed(tmp_path, path, text) -> set[str]:
    target = tmp_path / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)
    return stores(tmp_path)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("docker build -t app serving\ndocker tag app {0}:2\ndocker push {0}:2", True),
        ("docker build -t app serving\ndocker tag app {0}:2", False),
        ("docker build -t app tools\ndocker tag app {0}:2\ndocker push {0}:2", False),
        ("buildah bud -t app serving\nbuildah push app docker://{0}:3", True),
        (
            "podman build -t app serving; skopeo copy containers-storage:app docker://{0}",
            True,
        ),
        ("crane copy ghcr.io/other/thing {0}", False),
        ("docker build --output type=image,push=true,name={0} serving", True),
        ("docker build --output type=docker -t {0} serving", False),
        ("cd serving && docker build -t {0} . && docker push {0}", True),
        ("cd serving && cd .. && docker build -t {0} . && docker push {0}", False),
        ("gcloud builds submit --tag {0} serving", True),
        ("gcloud builds submit --tag {0} tools", False),
        ("sudo env A=b docker build -t {0} serving\nsudo docker push {0}", True),
        ("docker build -t ${{IMAGE:-{0}}} serving\ndocker push ${{IMAGE:-{0}}}", True),
        ("HERE=$(dirname $0)\ndocker build --push -t {0} $HERE/serving", True),
        ("docker build --push -t {0} $WHERE", False),
        ("docker build --push -t {0} ../../serving", False),
        (
            "docker build --push --build-arg A=1 --build-arg B --cache-from x -t {0} serving",
            True,
        ),
        ("if x; then docker build --push -t {0} serving; fi", True),
        ("bash -c 'docker build --push -t {0} serving'", True),
    ],
)
def test_many_ways(tmp_path, script, expected):
    found = pushed(tmp_path, "do.sh", script.format(ECR) + "\n")
    assert found == ({"aws_ecr_repository.serving"} if expected else set())


def test_the_registry_tasks_of_azure(tmp_path):
    line = "az acr build --registry acmemodels --image serving:1 serving\n"
    assert pushed(tmp_path, "do.sh", line) == {"azurerm_container_registry.acme"}
    assert pushed(tmp_path, "do.sh", line.replace("build", "build --no-push")) == set()


def test_a_registry_of_another_region_is_another_registry(tmp_path):
    other = ECR.replace("us-west-2", "eu-west-1")
    (tmp_path / "p.tf").write_text('provider "aws" {\n  region = "us-west-2"\n}\n')
    line = f"docker build --push -t {other} serving\n"
    assert pushed(tmp_path, "do.sh", line) == {other}


def test_a_registry_that_nobody_can_tell_is_noted(tmp_path):
    pushed(tmp_path, "do.sh", "docker build --push -t $IMAGE serving\n")
    notes = survey(read(str(tmp_path))).notes
    assert [n.span.line for n in notes if n.kind == "registry-unknown"] == [1]


def test_who_runs_the_image_reads_it(tmp_path):
    pod = """
apiVersion: v1
kind: Pod
metadata: {name: %s}
spec:
  containers: [{name: main, image: "%s"}]
---
"""
    names = {"a": f"{ECR}:7", "b": f"{ECR}@sha256:{'a' * 64}", "c": f"{ECR}-other:7"}
    (tmp_path / "pods.yaml").write_text("".join(pod % pair for pair in names.items()))
    pushed(tmp_path, "do.sh", f"docker build --push -t {ECR}:7 serving\n")
    estate = survey(read(str(tmp_path)))
    readers = {e.source.name: e.certain for e in estate.edges() if e.verb == "reads"}
    assert readers == {"Pod/default/a": True, "Pod/default/b": True}


def test_who_runs_the_image_by_its_resource_reads_it(tmp_path):
    (tmp_path / "run.tf").write_text(
        """
resource "aws_sagemaker_model" "serving" {
  execution_role_arn = "arn:aws:iam::111122223333:role/serving"
  primary_container {
    image = "${aws_ecr_repository.serving.repository_url}:latest"
  }
}
"""
    )
    pushed(tmp_path, "do.sh", f"docker build --push -t {ECR}:7 serving\n")
    estate = survey(read(str(tmp_path)))
    readers = {e.source.address for e in estate.edges() if e.verb == "reads"}
    assert readers == {"aws_sagemaker_model.serving"}


def test_hostile_scripts_cost_little(tmp_path):
    started = time.monotonic()
    deep = "docker build " + "$(" * 5_000 + "\n"
    long = "docker build \\\n" * 20_000
    recipes = "A = $(A)$(B)\nB = $(A)$(A)\nx:\n" + "\tdocker push $(A)\n" * 2_000
    nested = "a: docker\nb: " + "[" * 500 + "]" * 500 + "\n"
    for path, text in (
        ("do.sh", deep),
        ("more.sh", long),
        ("Makefile", recipes),
        ("a.yaml", nested),
    ):
        pushed(tmp_path, path, text)
    assert time.monotonic() - started < 20
