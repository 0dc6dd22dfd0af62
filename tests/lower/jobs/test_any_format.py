"""Arbitrary documents and texts, and many of them: lowered or left, at little cost."""

from __future__ import annotations

import time
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlsec_lint.estate import Estate
from mlsec_lint.lower import LOWERINGS, lower
from mlsec_lint.lower.inputs import Inputs
from mlsec_lint.lower.jobs.dockerfile import lower_dockerfiles
from mlsec_lint.lower.jobs.dvc import lower_dvc
from mlsec_lint.lower.jobs.sbatch import lower_sbatch
from mlsec_lint.parse.yaml import yaml_documents
from mlsec_lint.scan import read
from mlsec_lint.source import Source

_KEYS = st.sampled_from(
    [
        "run", "setup", "resources", "file_mounts", "envs", "services", "image", "build",
        "command", "volumes", "environment", "$schema", "jobs", "inputs", "outputs", "path",
        "searcher", "entrypoint", "checkpoint_storage", "type", "bucket", "bind_mounts",
        "stages", "cmd", "outs", "artifacts", "base_model", "adapter", "datasets",
        "model_name_or_path", "output_dir", "learning_rate", "stage", "finetuning_type", "model",
        "training", "exp_manager", "trainer", "actor_rollout_ref", "data", "train_loader",
        "max_duration", "save_folder", "cluster_name", "provider", "available_node_types",
        "setup_commands", "commands", "compute", "parameters", "report_to", "push_to_hub",
        "any_of", "infra", "_component_", "checkpointer", "tokenizer", "Resources", "bundle",
        "model_name", "hub_model_id", "env", "regions", "backends", "credentials",
        "deepspeed", "zero_optimization", "offload_param", "nvme_path", "nebula", "enabled",
        "compute_environment", "distributed_type", "iam_role_name", "deps", "conda_file",
        "deploymentSpec", "executors", "platforms", "secretAsVolume", "nodeSelector",
    ]
)  # fmt: skip
_LEAVES = st.sampled_from(
    ["", "x", "true", "${X}", "{{ y }}", "/a/b", "s3://b/c", "task", "aws/us-west-2", "~",
     "azuremlschemas.azureedge.net", "wandb", "a: b", "- x", "|\n", "echo $X", "[", "hf upload a b"]
)  # fmt: skip


def _yaml(tree, indent=0):
    pad = " " * indent
    if isinstance(tree, dict):
        return "".join(
            f"{pad}{k}:\n{_yaml(v, indent + 2)}"
            if isinstance(v, dict | list)
            else f"{pad}{k}: {v!r}\n"
            for k, v in tree.items()
        )
    if isinstance(tree, list):
        return "".join(
            f"{pad}-\n{_yaml(v, indent + 2)}"
            if isinstance(v, dict | list)
            else f"{pad}- {v!r}\n"
            for v in tree
        )
    return f"{pad}{tree!r}\n"


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(
        _KEYS,
        st.recursive(
            _LEAVES,
            lambda inner: st.one_of(
                st.lists(inner, max_size=3), st.dictionaries(_KEYS, inner, max_size=4)
            ),
            max_leaves=20,
        ),
        min_size=1,
        max_size=12,
    ).map(_yaml)
)
def test_any_document_is_lowered_or_left(text):
    documents, _ = yaml_documents(Source("x.yaml", text))
    inputs = Inputs(None, documents=[("x.yaml", d) for d in documents])
    estate = Estate()
    for lowering in LOWERINGS[4:]:
        lowering(inputs, estate)
    for thing in estate.things.values():
        assert 0 <= thing.span.start <= thing.span.end


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(["x.sh", "Dockerfile", ".dvc/config", "y.txt"]),
    st.lists(
        st.sampled_from(
            ["#!/bin/bash\n", "#SBATCH --gres=gpu:1\n", "torchrun t.py --push_to_hub\n", "ENV A=b\n",
             "FROM x\n", '[remote "a"]\n', "url = s3://b\n", "cat <<EOF\n", "EOF\n", "'", '"',
             "srun --container-mounts=", "/a:/b\n", "$(", "\\\n", "\x00", "password = x\n", "\r\n"]
        ),
        max_size=20,
    ).map("".join),
)  # fmt: skip
def test_any_text_is_lowered_or_left(path, text):
    inputs = Inputs(None, texts=[Source(path, text)])
    estate = Estate()
    for lowering in (lower_sbatch, lower_dockerfiles, lower_dvc):
        lowering(inputs, estate)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.sh", "#!/bin/bash\n" + "hf upload a b\n" * 4000),
        ("a.yaml", "base_model: m\nadapter: a\ndatasets: []\n"
         + "".join(f"k{i}: '" + f"${{k{i + 1}}}" * 500 + "'\n" for i in range(60)) + "k60: x\n"
         + "---\nbase_model: m\nadapter: a\ndatasets: []\n" * 1500),
        ("a.env", "".join(f"T{i}=hf_{sha256(str(i).encode()).hexdigest()[:36]}\n" for i in range(10_000))),
        ("a.yaml", "---\nbase_model: m\nadapter: a\ndatasets: []\noutput_dir: o\n" * 3000),
        ("a.yaml", "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"
         "spec: {containers: [{name: c, image: a}]}\n" * 3000),
    ],
)  # fmt: skip
def test_many_things_of_one_name_cost_little(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    inputs = read(str(tmp_path)).inputs
    start = time.process_time()
    estate = lower(inputs)
    assert time.process_time() - start < 10
    assert len(estate.things) > 2000
