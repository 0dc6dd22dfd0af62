"""Hydra's defaults lists: the groups of a primary config, each value with its own line."""

from __future__ import annotations

import time

from hypothesis import given, settings
from hypothesis import strategies as st
from manifests import estate_of, only, targets, value

from mlsec_lint.estate import Estate
from mlsec_lint.lower.inputs import Inputs
from mlsec_lint.lower.jobs.hydra import compose_hydra
from mlsec_lint.parse.yaml import yaml_documents
from mlsec_lint.source import Source


def composed(files):
    inputs = Inputs(None)
    for path, text in files.items():
        found, _ = yaml_documents(Source(path, text))
        inputs.documents += [(path, document) for document in found]
    compose_hydra(inputs, Estate())
    return inputs


def plain(value):
    if isinstance(value.data, dict):
        return {name: plain(child) for name, child in value.items()}
    if value.elements():
        return [plain(child) for child in value.elements()]
    return value.data


def config(files):
    found = plain(composed(files).documents[0][1].value)
    del found["defaults"]
    return found


def test_groups_and_packages():
    assert config(
        {
            "conf/config.yaml": "defaults:\n- db: my\n- model/llama\n- cache@store: ssd\n"
            "- schema\n- glob: g\n- optional none: x\n- hydra/launcher: slurm\n- db2: null\n"
            "- many: [one, two]\nseed: 1\n",
            "conf/db/my.yaml": "host: h\n",
            "conf/model/llama.yaml": "defaults:\n- base\nlayers: 2\n",
            "conf/model/base.yaml": "layers: 1\nname: b\n",
            "conf/cache/ssd.yaml": "path: /ssd\n",
            "conf/schema.yaml": "seed: 0\nversion: 3\n",
            "conf/glob/g.yaml": "# @package _global_\ntop: yes\n",
            "conf/hydra/launcher/slurm.yaml": "x: 1\n",
            "conf/many/one.yaml": "a: 1\nc: 1\n",
            "conf/many/two.yaml": "b: 2\nc: 2\n",
        }
    ) == {
        "db": {"host": "h"},
        "model": {"layers": "2", "name": "b"},
        "store": {"path": "/ssd"},
        "seed": "1",
        "version": "3",
        "top": "yes",
        "many": {"a": "1", "b": "2", "c": "2"},
    }


def test_order_and_overrides():
    files = {"c.yaml": "", "m/a.yaml": "x: a\n", "m/b.yaml": "x: b\n"}
    own = "m: {x: own}\n"
    for text, wanted in (
        ("defaults:\n- m: a\n" + own, "own"),
        ("defaults:\n- m: a\n- _self_\n" + own, "own"),
        ("defaults:\n- _self_\n- m: a\n" + own, "a"),
        ("defaults:\n- m: a\n- override m: b\n", "b"),
    ):
        assert config({**files, "c.yaml": text})["m"]["x"] == wanted


def test_lists_without_files_stay():
    inputs = composed({"c.yaml": "defaults:\n- m: none\n- _self_\nx: 1\n"})
    assert not inputs.groups
    inputs = composed({"c.yaml": "defaults: [a, b]\nx: 1\n", "a.yaml": "y: 1\n"})
    assert not inputs.groups


def test_a_job_made_of_groups(tmp_path):
    estate = estate_of(
        tmp_path,
        conf___config__yaml="""\
            defaults:
            - _self_
            - actor: big
            trainer: {logger: [console, wandb], default_local_dir: "${base}/v"}
            base: s3://lab-ckpt
            """,
        conf___actor___big__yaml="""\
            # @package _global_
            actor_rollout_ref: {model: {path: gs://base/x}}
            data: {train_files: s3://d}
            """,
    )
    job = only(estate, "workload")
    assert job.span.path == "conf/config.yaml"
    assert targets(estate, job, "writes") == ["s3://lab-ckpt"]
    (edge,) = estate.edges_from(job, "reads")
    assert edge.span.path == "conf/actor/big.yaml"
    assert value(only(estate, "upload"), "service") == "wandb"


def test_circles_and_floods_cost_little():
    start = time.process_time()
    many = "defaults:\n- _self_\n" + "- a\n- b\n" * 30
    inputs = composed(dict.fromkeys(("c.yaml", "a.yaml", "b.yaml"), many))
    assert len(inputs.groups) == 3
    assert time.process_time() - start < 5


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "- _self_\n",
                "- a\n",
                "- a: b\n",
                "- override a: b\n",
                "- ../x: y\n",
                "- a@b.c: b\n",
                "- a: [b, b]\n",
                "- /a/b\n",
                "- {}\n",
                "- '': ''\n",
                "- override : x\n",
                "- a: ${x}\n",
            ]
        ),
        max_size=8,
    ).map("".join)
)
def test_any_defaults_list(lines):
    text = f"defaults:\n- _self_\n{lines}a: 1\n"
    composed(
        {"c.yaml": text, "a/b.yaml": text, "a.yaml": "a: {b: 1}\n", "x/y.yaml": "[]"}
    )
