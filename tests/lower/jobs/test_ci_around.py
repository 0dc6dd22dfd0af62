"""What stands around CI jobs: machines, events, rights, sign-ins, what may start them."""

from __future__ import annotations

import pytest
from manifests import estate_of, only, targets, value, values

GITHUB = """\
on:
  push: {{branches: [main]}}
  workflow_dispatch:
permissions: {{contents: read, id-token: write}}
jobs:
  publish:
    runs-on: {runner}
    environment: {{name: production}}
    permissions: {{id-token: write, packages: write, contents: read}}
    services:
      db: {{image: "redis:7"}}
      other: postgres:16
    steps:
    - uses: actions/checkout@v4
    - uses: aws-actions/configure-aws-credentials@e3dd6a429d7300a6a4c196c26e071d42e0343502
      with: {{role-to-assume: arn:aws:iam::111122223333:role/publisher, aws-region: eu-west-1}}
    - uses: lab/own@main
      with: {{hf-token: "${{{{ secrets.HF }}}}", password: kX9vT2mQ8wZ4}}
    - uses: docker/login-action@v3
      with: {{registry: ghcr.io, persist-token: false}}
    - run: hf upload lab/m out
"""


def publish(tmp_path, runner="ubuntu-24.04", **more):
    text = GITHUB.format(runner=runner)
    return estate_of(tmp_path, **{".github/workflows/p__yml": text}, **more)


def test_a_workflow_says_what_stands_around_its_job(tmp_path):
    estate = publish(
        tmp_path,
        main__tf="""\
        resource "aws_iam_role" "p" {
          name               = "publisher"
          assume_role_policy = "{}"
        }
        """,
    )
    job = only(estate, "workload")
    assert values(job, "runner.by", "environment.named") == ("forge", "production")
    assert value(job, "started.by") == ("push", "workflow_dispatch")
    assert value(job, "token.rights") == ("id-token", "packages")
    assert value(job, "signs.in") == ("aws", "registry ghcr.io")
    loose = ("actions/checkout@v4", "lab/own@main", "docker/login-action@v3")
    assert value(job, "actions.loose") == loose
    assert targets(estate, job, "runs as") == ["aws_iam_role.p"]
    images = {value(c, "image.reference") for c in estate.of("container")}
    assert images == {"redis:7", "postgres:16"}
    secrets = {
        s.address.rpartition("/")[2]: values(s, "type", "plain")
        for s in estate.of("secret")
    }
    assert secrets == {
        "hf-token": ("hugging-face-token", False),
        "password": ("password", True),
    }


@pytest.mark.parametrize(
    ("runner", "by", "labels"),
    [
        ("ubuntu-latest", "forge", ("ubuntu-latest",)),
        ("macos-15-xlarge", "forge", ("macos-15-xlarge",)),
        ("[self-hosted, gpu]", "lab", ("self-hosted", "gpu")),
        ("blacksmith-4vcpu-ubuntu-2204", "vendor", ("blacksmith-4vcpu-ubuntu-2204",)),
        ("gpu-h100", "?", ("gpu-h100",)),
        ("{group: big, labels: [linux, a100]}", "?", ("big", "linux", "a100")),
        ("'${{ vars.RUNNER }}'", "?", None),
    ],
)
def test_whose_machine(tmp_path, runner, by, labels):
    job = only(publish(tmp_path, runner), "workload")
    assert values(job, "runner.by", "runner.labels") == (by, labels)


def test_a_job_that_only_signs_in_at_a_cloud_is_a_workload(tmp_path):
    text = """\
    on: push
    jobs:
      deploy:
        runs-on: ubuntu-latest
        steps:
        - uses: google-github-actions/auth@v2
          with: {service_account: d@p.iam.gserviceaccount.com, workload_identity_provider: x}
        - uses: hashicorp/setup-terraform@v3
      push:
        runs-on: ubuntu-latest
        steps: [{uses: docker/login-action@v3}]
    """
    estate = estate_of(tmp_path, **{".github/workflows/d__yml": text})
    job = only(estate, "workload")
    assert values(job, "signs.in", "weights.held") == (("gcp",), None)


def test_events_of_the_caller_reach_a_called_workflow(tmp_path):
    called = """\
    on: {workflow_call: {}}
    jobs:
      up: {runs-on: ubuntu-latest, steps: [{run: hf upload lab/m out}]}
    """
    caller = """\
    on: [schedule]
    jobs: {go: {uses: ./.github/workflows/c.yml}}
    """
    estate = estate_of(
        tmp_path,
        **{".github/workflows/c__yml": called, ".github/workflows/a__yml": caller},
    )
    assert value(only(estate, "workload"), "started.by") == ("schedule",)


def reviews(estate):
    return {
        r.address: value(r, "runs.strangers_code")
        for r in estate.of("review")
        if r.fact("runs.strangers_code") is not None
    }


HEAD = "{uses: actions/checkout@v4, with: {ref: '${{ github.event.pull_request.head.sha }}'}}"
UPLOAD = "{run: hf upload lab/m out}"


@pytest.mark.parametrize(
    ("on", "condition", "runner", "steps", "expected"),
    [
        ("pull_request_target", "", "ubuntu-latest", f"{HEAD}, {UPLOAD}", True),
        ("pull_request_target", "", "ubuntu-latest", UPLOAD, True),
        ("pull_request_target", "", "ubuntu-latest", "{run: make}", None),
        ("pull_request_target", "", "ubuntu-latest",
         f"{HEAD}, {{run: make, env: {{K: '${{{{ secrets.KEY }}}}'}}}}", True),
        ("pull_request_target",
         "github.event.pull_request.head.repo.full_name == github.repository",
         "ubuntu-latest", f"{HEAD}, {UPLOAD}", None),
        ("issue_comment", "", "ubuntu-latest", f"{{run: gh pr checkout 3}}, {UPLOAD}", True),
        ("pull_request_target", "", "ubuntu-latest",
         "{run: make, env: {K: '${{ secrets.KEY }}'}}", None),
        ("issue_comment", "", "ubuntu-latest", UPLOAD, None),
        ("issue_comment", "github.event.comment.author_association == 'OWNER'",
         "ubuntu-latest", f"{HEAD}, {UPLOAD}", None),
        ("pull_request", "", "ubuntu-latest", f"{HEAD}, {UPLOAD}", None),
        ("pull_request", "", "[self-hosted]", UPLOAD, "?"),
        ("pull_request", "", "gpu-h100", UPLOAD, "?"),
        ("pull_request", "", "[self-hosted]", "{run: make}", None),
        ("push", "", "[self-hosted]", UPLOAD, None),
    ],
)  # fmt: skip
def test_whose_code_runs(tmp_path, on, condition, runner, steps, expected):
    condition = f"if: {condition}" if condition else "name: x"
    text = f"""\
    on: {{{on}: {{}}}}
    jobs:
      a:
        {condition}
        runs-on: {runner}
        steps: [{steps}]
    """
    estate = estate_of(tmp_path, **{".github/workflows/w__yml": text})
    found = reviews(estate)
    assert found == ({} if expected is None else {".github/workflows/w.yml": expected})


def test_actions_count_where_a_job_handles_weights(tmp_path):
    text = """\
    on: push
    jobs:
      a: {runs-on: ubuntu-latest, steps: [{uses: a/b@v1}, {run: python make_docs.py}]}
    """
    quiet = estate_of(tmp_path / "q", **{".github/workflows/w__yml": text})
    assert list(quiet.of("review")) == []
    text = text.replace("python make_docs.py", "torchrun t.py")
    loud = estate_of(tmp_path / "l", **{".github/workflows/w__yml": text})
    assert value(only(loud, "review"), "actions.pinned") is False


GITLAB = """\
stages: [train]
include:
  - {local: /ci/base.yml}
INCLUDE
workflow: {rules: [{if: '$CI_PIPELINE_SOURCE == "merge_request_event"'}, {if: $CI_COMMIT_TAG}]}
.tagged: {tags: [h100, lab]}
train:
  stage: train
  extends: .tagged
  image: lab/train:1
  services: [{name: "docker:dind", alias: d}, "redis:7"]
  environment: production
  id_tokens: {AWS: {aud: https://sts.amazonaws.com}}
  secrets: {KEY: {vault: a/b/c}}
  variables: {ROLE_ARN: "arn:aws:iam::111122223333:role/publisher", HF_TOKEN: $HF}
  script: [torchrun t.py --output_dir out]
  artifacts: {paths: [out/model.safetensors, logs/]}
"""


def gitlab(tmp_path, include="", **more):
    text = GITLAB.replace("INCLUDE\n", include)
    return estate_of(tmp_path, **{".gitlab-ci__yml": text}, **more)


def test_gitlab_says_what_stands_around_its_job(tmp_path):
    estate = gitlab(
        tmp_path,
        main__tf="""\
        resource "aws_iam_role" "p" {
          name               = "publisher"
          assume_role_policy = "{}"
        }
        """,
    )
    job = only(estate, "workload")
    assert values(job, "runner.by", "runner.labels") == ("lab", ("h100", "lab"))
    assert value(job, "started.by") == ("merge_request_event", "tag")
    assert value(job, "signs.in") == ("token for https://sts.amazonaws.com", "vault")
    assert value(job, "environment.named") == "production"
    assert targets(estate, job, "runs as") == ["aws_iam_role.p"]
    images = {value(c, "image.reference") for c in estate.of("container")}
    assert images == {"lab/train:1", "docker:dind", "redis:7"}
    upload = only(estate, "upload")
    assert values(upload, "carries", "destination.host") == ("weights", "?")


@pytest.mark.parametrize(
    ("tags", "by"),
    [("saas-linux-small-amd64", "forge"), ("h100", "lab"), ("$RUNNER", "?")],
)
def test_runners_of_gitlab(tmp_path, tags, by):
    text = f"t: {{tags: [{tags}], stage: x, script: [torchrun t.py --output_dir o]}}\n"
    assert value(only(estate_of(tmp_path, c__yml=text), "workload"), "runner.by") == by


SHA = "e3dd6a429d7300a6a4c196c26e071d42e0343502"


@pytest.mark.parametrize(
    ("include", "pinned"),
    [
        ("  - {project: lab/ci, file: /t.yml}\n", False),
        ("  - {project: lab/ci, file: /t.yml, ref: v1}\n", False),
        (f"  - {{project: lab/ci, file: /t.yml, ref: {SHA}}}\n", True),
        ("  - {component: $CI_SERVER_FQDN/lab/c/scan@1.0}\n", False),
        (f"  - {{component: $CI_SERVER_FQDN/lab/c/scan@{SHA}}}\n", True),
        ("  - {remote: 'https://x/y.yml'}\n", False),
        ("  - https://x/y.yml\n", False),
        ("  - {remote: 'https://x/y.yml', integrity: sha256-abc}\n", True),
        ("  - {project: lab/ci, file: /t.yml, ref: $REF}\n", "?"),
        (f"  - {{project: a, file: b, ref: {SHA}}}\n  - {{project: c, file: d}}\n", False),
        ("  - {template: Jobs/SAST.gitlab-ci.yml}\n", None),
    ],
)  # fmt: skip
def test_includes_of_gitlab(tmp_path, include, pinned):
    found = [value(r, "actions.pinned") for r in gitlab(tmp_path, include).of("review")]
    assert found == ([] if pinned is None else [pinned])


@pytest.mark.parametrize(
    ("runner", "open_place"),
    [("ubuntu-latest", True), ("depot-ubuntu-24.04", True), ("[self-hosted]", False)],
)
def test_machines_of_the_forge_lie_in_the_open(tmp_path, runner, open_place):
    estate = publish(tmp_path, runner)
    found = estate.networks.of(only(estate, "workload"))
    assert [p.provided for p in found] == ([True] if open_place else [])


@pytest.mark.parametrize(
    ("name", "path", "kept"),
    [
        ("trained-model", "out/", True),
        ("llm_checkpoints", "run", True),
        ("model-test-reports", "out/", False),
        ("model-card", "README.md", False),
        ("model", "out/", True),
        ("output-multiple-models", "out/", False),
        ("wheels", "dist/", False),
        ("wheels", "dist/m.onnx", True),
    ],
)
def test_artifacts_that_are_called_after_models(tmp_path, name, path, kept):
    text = f"""\
    on: push
    jobs:
      a:
        runs-on: ubuntu-latest
        steps: [{{uses: actions/upload-artifact@v4, with: {{name: {name}, path: {path}}}}}]
    """
    estate = estate_of(tmp_path, **{".github/workflows/w__yml": text})
    assert [value(u, "carries") for u in estate.of("upload")] == (
        ["weights"] if kept else []
    )
