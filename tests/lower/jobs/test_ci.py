"""CI files: jobs that touch models are workloads, and all others are nothing."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from manifests import estate_of, only, targets, value, values

from mlsec_lint.estate import Estate, Thing
from mlsec_lint.lower.inputs import Inputs
from mlsec_lint.lower.jobs import ci
from mlsec_lint.lower.jobs.github_actions import is_workflow, lower_github_actions
from mlsec_lint.lower.jobs.gitlab_ci import is_gitlab_ci, lower_gitlab_ci
from mlsec_lint.lower.jobs.inline_python import python_program
from mlsec_lint.lower.jobs.python_calls import calls
from mlsec_lint.lower.jobs.scene import Scene
from mlsec_lint.parse.yaml import yaml_documents
from mlsec_lint.source import Source, Span
from mlsec_lint.value import Unknown

TOKEN = "hf_" + "aZ9kQ2mN7vR4tY6uB8wE1xC3pL5sD0fGhJ"

WORKFLOW = """\
on: {push: {branches: [main]}}
env:
  WANDB_API_KEY: ${{ secrets.WANDB }}
jobs:
  lint:
    runs-on: ubuntu-latest
    steps:
    - uses: actions/checkout@v4
    - run: |
        composer install
        aws s3 sync site s3://website
        python scripts/prepare_docs.py
  release:
    runs-on: [self-hosted, gpu-h100]
    container: {image: ghcr.io/lab/train:1, env: {OUT: /ckpt}}
    env: {HF_TOKEN: %s}
    steps:
    - run: |
        torchrun t.py --output_dir $OUT
        aws s3 cp $OUT s3://lab-weights/run --recursive
    - if: ${{ inputs.publish }}
      run: hf upload lab/model $OUT
    - if: false
      run: hf upload lab/never $OUT
    - if: github.ref == 'refs/heads/main'
      run: git push https://u:${{ secrets.HF }}@huggingface.co/lab/other main
    - shell: python
      run: |
        # api.upload_folder(repo_id="lab/comment")
        HfApi().upload_folder(folder_path="o", repo_id="lab/python", private=True)
  keep:
    runs-on: ubuntu-latest
    steps:
    - uses: actions/upload-artifact@v4
      with: {name: w, path: out/model.safetensors}
    - uses: actions/upload-artifact@v4
      with: {name: logs, path: out/logs}
    - uses: google-github-actions/upload-cloud-storage@v2
      with: {path: out/checkpoints, destination: lab-ckpt/run}
    - uses: nateraw/huggingface-sync-action@v0.0.5
      with: {huggingface_repo_id: lab/synced, repo_type: model}
"""


def test_workflow(tmp_path):
    estate = estate_of(tmp_path, w___r__yml=WORKFLOW % TOKEN)
    assert [w.name.partition("#")[2] for w in estate.of("workload")] == [
        "release",
        "keep",
    ]
    release, keep = estate.of("workload")
    assert values(release, "type", "accelerator") == ("pipeline", True)
    assert release.span.line == 13
    assert value(only(estate, "container"), "image.reference") == "ghcr.io/lab/train:1"
    assert "s3://lab-weights" in targets(estate, release, "writes")
    found = {
        value(u, "destination.repository"): values(u, "enabled", "private", "carries")
        for u in estate.of("upload")
        if value(u, "channel") == "hub"
    }
    assert found == {
        "lab/model": ("?", "?", "weights"),
        "lab/other": (True, "?", "weights"),
        "lab/python": (True, True, "weights"),
        "lab/synced": (True, "?", "weights"),
    }
    secrets = [values(s, "type", "plain") for s in estate.of("secret")]
    assert ("hugging-face-token", True) in secrets
    assert ("wandb-key", False) in secrets
    hosts = [value(u, "destination.host") for u in estate.of("upload")]
    assert hosts.count("github.com") == 1
    assert targets(estate, keep, "writes") == ["gs://lab-ckpt"]


def test_secret_of_a_workflow_without_models_is_found(tmp_path):
    text = f"on: push\njobs:\n  a:\n    steps:\n    - run: X={TOKEN} make\n"
    estate = estate_of(tmp_path, w__yml=text)
    assert list(estate.of("workload")) == []
    assert only(estate, "secret").span.line == 5


def test_composite_action(tmp_path):
    text = """\
    runs:
      using: composite
      steps:
      - run: huggingface-cli upload lab/m ./out
        shell: bash
    """
    estate = estate_of(tmp_path, action__yml=text)
    assert value(only(estate, "upload"), "destination.repository") == "lab/m"


GITLAB = """\
stages: [build, publish]
default: {image: {name: "python:3.12"}}
variables:
  REPO: lab/model
  OUT: {value: /out, description: where}
.base:
  before_script:
  - export HF_HUB_OFFLINE=0
.publish:
  script:
  - hf upload $REPO $OUT
build:
  stage: build
  script: make
publish:
  stage: publish
  extends: .base
  tags: [gpu]
  script:
  - echo hi
  - !reference [.publish, script]
  - - torchrun t.py --output_dir $OUT
later:
  stage: publish
  image: a/b@sha256:%s
  script:
  - TARGET=s3://lab-weights/x
  - aws s3 cp model.safetensors $TARGET
""" % ("0" * 64)


def test_gitlab(tmp_path):
    estate = estate_of(tmp_path, ci__yml=GITLAB)
    publish, later = estate.of("workload")
    assert publish.name == "ci.yml#publish"
    assert value(publish, "accelerator") is True
    hub = only(estate, "upload", channel="hub")
    assert values(hub, "destination.repository", "enabled") == ("lab/model", True)
    assert hub.span.line == 11
    assert targets(estate, publish, "writes") == ["ci.yml#/out"]
    assert targets(estate, later, "writes") == ["s3://lab-weights"]
    images = [value(c, "image.reference") for c in estate.of("container")]
    assert images == ["python:3.12", "a/b@sha256:" + "0" * 64]


def test_references_that_multiply_cost_little(tmp_path):
    levels = "".join(
        f".l{n}:\n  script:\n" + f"  - !reference [.l{n + 1}, script]\n" * 50
        for n in range(9)
    )
    text = f"stages: [a]\n{levels}.l9:\n  script: []\nx:\n  stage: a\n  script:\n"
    estate = estate_of(tmp_path, ci__yml=text + "  - !reference [.l0, script]\n")
    assert list(estate.of("workload")) == []


def test_inline_python(tmp_path):
    text = """\
    #!/bin/bash
    torchrun t.py --output_dir /o
    python -c 'm.push_to_hub("lab/a", private=False)'
    python3 - <<'EOF'
    # m.push_to_hub("lab/comment")
    print('m.push_to_hub("lab/text")')
    def push_to_hub(x): pass
    state = torch.load(path, map_location=f(1, weights_only=False), weights_only=True)
    old = torch.load(p, weights_only = False)
    cb = Callback(save_weights_only=False)
    m = AutoModel.from_pretrained(name, trust_remote_code=True)
    m.save_pretrained("/o", push_to_hub=True, repo_id=f"lab/{name}")
    api.upload_file(path_or_fileobj=b, repo_id="lab/d", repo_type="dataset")
    a = wandb.Artifact("w", type="model")
    wandb.log_artifact(a)
    EOF
    cat > other.py <<EOF
    m.push_to_hub("lab/written")
    EOF
    """
    estate = estate_of(tmp_path, t__sh=text)
    hub = [
        (*values(u, "destination.repository", "private"), u.span.line)
        for u in estate.of("upload")
        if value(u, "channel") == "hub"
    ]
    assert hub == [("lab/a", False, 3), ("?", "?", 12)]
    artifact = only(estate, "upload", service="wandb", carries="weights")
    assert artifact.span.line == 15
    program = next(p for p in estate.of("program") if p.fact("remote_code.trusted"))
    assert values(program, "weights.format.safe", "remote_code.trusted") == (
        False,
        True,
    )
    assert program.fact("weights.format.safe").span.line == 9


def test_artifact_stays_where_the_tracker_is_offline(tmp_path):
    text = """\
    #!/bin/bash
    export WANDB_MODE=offline
    torchrun t.py --output_dir /o
    python - <<'EOF'
    wandb.log_artifact(a)
    EOF
    """
    estate = estate_of(tmp_path, t__sh=text)
    artifact = next(u for u in estate.of("upload") if u.span.line == 5)
    assert value(artifact, "enabled") is False
    assert isinstance(artifact.fact("carries").value, Unknown)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["x.push_to_hub(", "torch.load(", "'a/b'", '"""', "'", "\\", "\n", "#", "(", ")",
             ",", "repo_id=", "weights_only", "=", "False", "$X", "{", "}", "é", "\x00", "r'",
             "wandb.log_artifact(a)"]
        ),
        max_size=40,
    ).map("".join)
)  # fmt: skip
def test_any_text_is_read_as_python(text):
    source = Source("x.py", text)
    for call in calls(source):
        assert source.text[call.span.start : call.span.end]
        for entry in call.entries.values():
            assert "=" in entry.text
    scene_estate = Estate()
    workload = Thing("workload", "w", "w", Span(source, 0, 0))
    scene = Scene(scene_estate, workload, workload, {})
    python_program(scene, source, {}, branch=False)


def test_deep_python_costs_little():
    start = time.process_time()
    calls(Source("x.py", "f(" * 90_000))
    calls(Source("x.py", "f('" * 60_000 + "'''" + '"""' * 1000))
    assert time.process_time() - start < 8


_WORDS = st.sampled_from(
    ["on", "jobs", "steps", "run", "uses", "with", "env", "if", "shell", "container", "stages",
     "script", "variables", "extends", "image", "runs-on", "tags", "path", "services", "value"]
)  # fmt: skip
_TREES = st.recursive(
    st.sampled_from(
        ["", "python", "hf upload a b", "${{ x }}", "false", ".a", "actions/upload-artifact@v4",
         "w.pt", "m.push_to_hub('a')", "[", "'", None]
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(_WORDS, inner, max_size=5)
    ),
    max_leaves=25,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(_WORDS, _TREES, max_size=6),
    st.sampled_from([is_workflow, is_gitlab_ci]),
)
def test_any_ci_file_is_lowered_or_left(tree, recognise):
    tree = {"a": {"script": "x", "stage": "y", **tree}, **tree}
    tree.setdefault("jobs", {"a": {"steps": [], **tree}})
    documents, _ = yaml_documents(Source("x.yaml", json.dumps(tree)))
    for document in documents:
        recognise(document.value)
    inputs = Inputs(None, documents=[("x.yaml", d) for d in documents])
    estate = Estate()
    lower_github_actions(inputs, estate)
    lower_gitlab_ci(inputs, estate)


GITHUB_ALIASES = """\
on: push
x: &s
- &a
  run: torchrun train.py --output_dir s3://b/ckpt
- *a
- *a
jobs:
"""
GITLAB_ALIASES = """\
.s: &s
- torchrun train.py --output_dir s3://b/ckpt
"""


@pytest.mark.parametrize(
    ("path", "head", "line"),
    [
        (".github/workflows/a.yml", GITHUB_ALIASES, "  j{}: {{steps: *s}}\n"),
        (".gitlab-ci.yml", GITLAB_ALIASES, "j{}: {{stage: test, script: *s}}\n"),
    ],
)
def test_what_aliases_say_ten_thousand_times_is_read_up_to_a_bound(
    tmp_path, monkeypatch, path, head, line
):
    monkeypatch.setattr(ci, "MAX_EFFORT", 50_000)
    text = head + "".join(line.format(i) for i in range(3_000))
    estate = estate_of(tmp_path, **{path.replace(".yml", "__yml"): text})
    (note,) = [n for n in estate.notes if n.kind == "script-bound"]
    assert (note.path, note.incomplete) == (path, True)
    assert 0 < len(list(estate.of("workload"))) < 100


def test_steps_that_never_run_hide_no_later_one(tmp_path):
    text = "on: push\njobs:\n  j:\n    steps:\n"
    text += "    - {run: 'true', if: false}\n" * (ci.MAX_STEPS + 1)
    text += "    - run: torchrun train.py --output_dir s3://b/ckpt\n"
    estate = estate_of(tmp_path, **{".github/workflows/a__yml": text})
    assert only(estate, "workload").evidence


def test_steps_beyond_the_bound_are_said(tmp_path):
    text = "on: push\njobs:\n  j:\n    steps:\n"
    text += "    - run: 'true'\n" * (ci.MAX_STEPS + 1)
    estate = estate_of(tmp_path, **{".github/workflows/a__yml": text})
    (note,) = [n for n in estate.notes if n.kind == "script-bound"]
    assert "no further one" in note.text
