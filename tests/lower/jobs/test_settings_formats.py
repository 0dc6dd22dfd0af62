"""Lightning, torchtitan, MLproject, Databricks bundles, W&B: what their files state."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from manifests import estate_of, only, targets, value, values

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
