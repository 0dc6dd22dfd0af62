"""Lightning, torchtitan, MLproject, Databricks bundles, W&B: what their files state."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from manifests import estate_of, only, said, targets, value, values

from mlsec_lint.lower.jobs.torchtitan import toml_settings
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
    chat, train = estate.of("workload")
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
