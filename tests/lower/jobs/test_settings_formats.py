"""Lightning, torchtitan, MLproject, Databricks bundles, W&B: what their files state."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from manifests import estate_of, only, said, targets, value, values

from mlsec_lint.estate import Estate
from mlsec_lint.lower.inputs import Inputs
from mlsec_lint.lower.jobs.databricks import lower_databricks
from mlsec_lint.lower.jobs.kfp import lower_kfp
from mlsec_lint.lower.jobs.lightning import lower_lightning
from mlsec_lint.lower.jobs.managed_jobs import lower_vertex_jobs
from mlsec_lint.lower.jobs.mlproject import lower_mlproject
from mlsec_lint.lower.jobs.sagemaker import lower_sagemaker_jobs
from mlsec_lint.lower.jobs.torchtitan import toml_settings
from mlsec_lint.lower.jobs.wandb_files import lower_wandb_files
from mlsec_lint.parse.yaml import yaml_documents
from mlsec_lint.source import Source

TITAN = """\
# a comment with [checkpoint]
[job]
dump_folder = "/fsx/out"   # here

[model]
name = 'llama3'
hf_assets_path = "s3://base/llama"

[training]
steps = 1000
note = \"\"\"
[checkpoint]
folder = "s3://not/this"
\"\"\"

[metrics]
enable_wandb = true

[checkpoint]
enable_checkpoint = {enable}
folder = "{folder}"
keep_latest_k = 10
"""


@pytest.mark.parametrize(
    ("folder", "enable", "writes"),
    [
        ("checkpoint", "true", ["t.toml#/fsx/out/checkpoint"]),
        ("s3://ck/x", "true", ["s3://ck"]),
        ("checkpoint", "false", []),
    ],
)
def test_torchtitan(tmp_path, folder, enable, writes):
    text = TITAN.format(folder=folder, enable=enable)
    estate = estate_of(tmp_path, t__toml=text)
    job = only(estate, "workload")
    assert targets(estate, job, "writes") == writes
    assert targets(estate, job, "reads") == ["s3://base"]
    tracker = only(estate, "upload")
    assert values(tracker, "service", "carries", "enabled") == (
        "wandb",
        "metrics",
        True,
    )
    assert tracker.span.line == 17
    program = only(estate, "program")
    assert values(program, "format", "checkpoints.limited") == ("torchtitan", True)


def test_other_toml_is_left(tmp_path):
    estate = estate_of(
        tmp_path, pyproject__toml="[project]\nname = 'x'\n[checkpoint]\na = 1\n"
    )
    assert list(estate.things) == []


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "[a]",
                "[checkpoint]",
                "k = 1",
                'k="x"',
                "'''",
                '"""',
                "\n",
                "\r\n",
                "=",
                "#",
                "é",
            ]
        ),
        max_size=30,
    ).map("".join)
)
def test_any_text_is_read_as_toml(text):
    source = Source("x.toml", text)
    for setting in toml_settings(source):
        assert setting.value.span.text == setting.value.data
        assert setting.span.text.startswith(setting.last.replace("_", "-")[:1])


LIGHTNING = """\
trainer:
  max_epochs: 3
  devices: 8
  default_root_dir: s3://lab-runs/x
  logger:
  - class_path: lightning.pytorch.loggers.WandbLogger
    init_args: {project: p, log_model: all}
  callbacks:
  - class_path: lightning.pytorch.callbacks.ModelCheckpoint
    init_args: {dirpath: s3://lab-ckpt/x, save_top_k: 2}
model:
  class_path: lab.Model
  init_args: {pretrained_model_name_or_path: gs://base/x}
ckpt_path: /old/last.ckpt
"""


def test_lightning(tmp_path):
    estate = estate_of(tmp_path, c__yaml=LIGHTNING)
    job = only(estate, "workload")
    assert targets(estate, job, "writes") == ["s3://lab-runs", "s3://lab-ckpt"]
    assert targets(estate, job, "reads") == ["gs://base", "c.yaml#/old/last.ckpt"]
    found = [values(u, "service", "carries", "enabled") for u in estate.of("upload")]
    assert found == [("wandb", "metrics", True), ("wandb", "weights", True)]
    assert values(only(estate, "program"), "format", "checkpoints.limited") == (
        "lightning", True,
    )  # fmt: skip


def test_lightning_offline(tmp_path):
    text = LIGHTNING.replace("project: p,", "project: p, offline: true,")
    estate = estate_of(tmp_path, c__yaml=text)
    assert [value(u, "enabled") for u in estate.of("upload")] == [False, False]


BUNDLE = """\
bundle: {name: b}
resources:
  registered_models:
    llm:
      name: llm
      catalog_name: main
      schema_name: lab
      grants:
      - {principal: "account users", privileges: [EXECUTE]}
      - {principal: trainers, privileges: [EXECUTE]}
      - {principal: "account users", privileges: [APPLY_TAG]}
  model_serving_endpoints:
    chat:
      name: chat
      config:
        served_entities:
        - {entity_name: main.lab.llm, workload_type: GPU_LARGE, environment_vars: {HF_TOKEN: "{{secrets/a/b}}"}}
  jobs:
    train:
      job_clusters:
      - job_cluster_key: gpu
        new_cluster:
          node_type_id: p5.48xlarge
          docker_image: {url: lab/train:1}
          spark_env_vars: {WANDB_LOG_MODEL: end}
      tasks:
      - task_key: sft
        job_cluster_key: gpu
        spark_python_task:
          python_file: ../train.py
          parameters: [--push_to_hub, --output_dir, s3://lab-ckpt/x, "${var.more}"]
      - task_key: report
        notebook_task: {notebook_path: x}
targets: {dev: {mode: development}}
"""


def test_databricks_bundle(tmp_path):
    estate = estate_of(tmp_path, databricks__yml=BUNDLE)
    model = estate.find("store", "databricks.yml#registered_models.llm")
    assert [f.value for f in model.all_facts("public.principal")] == [True, False]
    assert model.all_facts("public.principal")[0].span.line == 9
    assert said(model)[0] == ("referenced", "it is a registered model")
    chat, train, report = estate.of("workload")
    assert report.evidence == []
    assert values(chat, "type", "accelerator") == ("managed", True)
    assert targets(estate, chat, "reads") == [model.address]
    assert train.address == "databricks.yml#train.sft"
    assert values(train, "type", "accelerator") == ("pipeline", True)
    assert targets(estate, train, "writes") == ["s3://lab-ckpt"]
    assert value(only(estate, "upload", channel="hub"), "enabled") is True
    assert only(estate, "upload", service="wandb", carries="weights")
    assert value(only(estate, "container"), "image.reference") == "lab/train:1"
    assert value(only(estate, "secret"), "plain") is False


def test_resources_of_something_else_are_left(tmp_path):
    text = "resources: {jobs: {a: {limits: 1}}}\n---\nresources: {limits: {cpu: 1}}\n"
    estate = estate_of(tmp_path, x__yaml=text)
    assert list(estate.things) == []


PROJECT = """\
name: p
docker_env:
  image: lab/train:1
  volumes: ["/mnt/ckpt:/out"]
  environment: [[HF_TOKEN, "%s"], WANDB_API_KEY]
entry_points:
  main:
    parameters: {lr: {type: float, default: 0.1}}
    command: "torchrun t.py --lr {lr} --output_dir /out/x --push_to_hub"
  none: {}
"""


def test_mlproject(tmp_path):
    text = PROJECT % ("hf_" + "aZ9kQ2mN7vR4tY6uB8wE1xC3pL5sD0fGhJ")
    estate = estate_of(tmp_path, MLproject=text)
    job = only(estate, "workload")
    assert job.address == "MLproject#main"
    assert targets(estate, job, "writes") == ["hostPath:/mnt/ckpt"]
    assert value(only(estate, "container"), "image.reference") == "lab/train:1"
    assert value(only(estate, "upload", channel="hub"), "enabled") is True
    secrets = {values(s, "type", "plain") for s in estate.of("secret")}
    assert secrets == {("hugging-face-token", True), ("wandb-key", False)}
    assert only(estate, "upload", service="wandb", carries="metrics")


SWEEP = """\
program: train.py
method: bayes
metric: {name: loss, goal: minimize}
parameters:
  output_dir: {value: s3://lab-ckpt/sweep}
  lr: {distribution: uniform, min: 0, max: 1}
  trust_remote_code: {values: [true]}
command: ["${env}", python, "${program}", "${args}", --push_to_hub=true]
"""


def test_sweep(tmp_path):
    estate = estate_of(tmp_path, s__yaml=SWEEP)
    job = only(estate, "workload")
    assert targets(estate, job, "writes") == ["s3://lab-ckpt"]
    assert value(only(estate, "upload", channel="hub"), "enabled") is True
    tracker = only(estate, "upload", service="wandb")
    assert values(tracker, "carries", "destination.host") == ("metrics", "api.wandb.ai")
    assert tracker.span.line == 2


def test_other_sweeps_are_left(tmp_path):
    text = "method: delete\nparameters: {a: {value: 1}}\n"
    estate = estate_of(tmp_path, sweep__yaml=text)
    assert list(estate.things) == []


def test_launch_agent(tmp_path):
    text = """\
    queues: [default]
    entity: lab
    base_url: https://wandb.lab.internal
    max_jobs: -1
    environment: {type: aws, region: us-east-1}
    builder: {type: kaniko, build-context-store: "s3://lab-builds/x"}
    """
    estate = estate_of(tmp_path, l__yaml=text)
    agent = only(estate, "workload")
    assert value(agent, "place.region") == "us-east-1"
    assert targets(estate, agent, "writes") == ["s3://lab-builds"]
    assert said(estate.find("store", "s3://lab-builds")) == []
    tracker = only(estate, "upload")
    assert values(tracker, "destination.host", "destination.internal") == (
        "wandb.lab.internal", True,
    )  # fmt: skip


_KEYS = st.sampled_from(
    ["pipelineInfo", "deploymentSpec", "executors", "container", "importer", "artifactUri",
     "constant", "command", "args", "env", "name", "value", "platforms", "kubernetes", "pvcMount",
     "secretAsEnv", "mountPath", "workerPoolSpecs", "machineSpec", "containerSpec", "imageUri",
     "AlgorithmSpecification", "OutputDataConfig", "S3OutputPath", "InputDataConfig",
     "Environment", "HyperParameters", "bundle", "resources", "targets", "jobs", "tasks",
     "registered_models", "grants", "principal", "privileges", "model_serving_endpoints",
     "config", "served_entities", "entity_name", "spark_python_task", "python_file",
     "new_cluster", "trainer", "logger", "callbacks", "class_path", "init_args", "model",
     "max_epochs", "devices", "method", "parameters", "values", "queues", "entity", "builder",
     "entry_points", "docker_env", "volumes", "environment", "defaultPipelineRoot"]
)  # fmt: skip
_LEAVES = st.sampled_from(
    ["", "x", "true", "${X}", "{{$}}", "/a/b", "s3://b/c", "bayes", "account users", "EXECUTE",
     "\ndef f():\n import os\n x.push_to_hub(a)", "WandbLogger", None, 3]
)  # fmt: skip
_TREES = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(_KEYS, inner, max_size=5)
    ),
    max_leaves=25,
)
_STARTS = (
    ("pipelineInfo", "deploymentSpec"),
    ("workerPoolSpecs", "machineSpec"),
    ("AlgorithmSpecification", "OutputDataConfig"),
    ("bundle", "resources"),
    ("trainer", "model"),
    ("method", "parameters"),
    ("queues", "entity", "builder"),
    ("entry_points", "docker_env"),
)
_OURS = (
    lower_kfp,
    lower_vertex_jobs,
    lower_sagemaker_jobs,
    lower_databricks,
    lower_mlproject,
    lower_wandb_files,
    lower_lightning,
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(_STARTS), st.lists(_TREES, min_size=4, max_size=4), _TREES)
def test_any_document_is_lowered_or_left(start, trees, more):
    root = dict(zip(start, trees, strict=False)) | (
        more if isinstance(more, dict) else {}
    )
    text = json.dumps(root)
    documents, _ = yaml_documents(Source("x.yaml", text))
    texts = [Source("MLproject", text)]
    inputs = Inputs(None, documents=[("x.yaml", d) for d in documents], texts=texts)
    estate = Estate()
    for lowering in _OURS:
        lowering(inputs, estate)
    for thing in estate.things.values():
        assert 0 <= thing.span.start <= thing.span.end
