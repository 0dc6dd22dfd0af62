"""Stores that programs are given, of which nobody knows what becomes; and defaults."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from manifests import estate_of, only, value

from mlsec_lint.lower.jobs.mentions import mentioned
from mlsec_lint.lower.jobs.shell import read_script
from mlsec_lint.source import Source

JOB = "#!/bin/bash\n#SBATCH --gres=gpu:8\n#SBATCH --job-name=j\n"


def used(folder, text):
    """What the job reads and writes, "?" behind what is not certain."""
    estate = estate_of(folder, j__sbatch=f"{JOB}{text}\n")
    job = only(estate, "workload")
    return sorted(
        f"{verb} {e.target.address}" + ("" if e.certain else "?")
        for verb in ("reads", "writes")
        for e in estate.edges_from(job, verb)
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("./tool --src s3://a/x --dst gs://b/y", ["reads s3://a?", "writes gs://b?"]),
        ("./tool s3://a/x", ["reads s3://a?", "writes s3://a?"]),
        ("./tool --where=s3://a/x", ["reads s3://a?", "writes s3://a?"]),
        ("bash up.sh s3://a/x", ["reads s3://a?", "writes s3://a?"]),
        ("./up.sh --to s3://$B/x", ["writes s3://${B}?"]),
        ("srun python t.py --thing s3://a/x", ["reads s3://a?", "writes s3://a?"]),
        ("torchrun t.py --upload_path ${U:-s3://a/x}", ["writes s3://a?"]),
        ("./tool --out abfss://c@acct.dfs.core.windows.net/x",
         ["writes abfss://c@acct.dfs.core.windows.net?"]),
        ("./tool s3://a/x; aws s3 cp m.pt s3://a/y", ["writes s3://a"]),
        ("python t.py --log_dir s3://a/x --metrics s3://b/y", []),
        ("python eval.py --thing s3://a/x", []),
        ("echo s3://a/x; export X=s3://a; grep s3://a f; aws s3 ls s3://a; gsutil mb gs://b", []),
        ("curl https://a.s3.amazonaws.com/x.json; ./tool --url https://h/x", []),
        ("./tool --dsn postgres://u@h/db --img docker://x", []),
    ],
)  # fmt: skip
def test_stores_among_arguments(tmp_path, text, expected):
    assert used(tmp_path, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("torchrun t.py --output_dir ${OUT:-s3://a/x}", ["writes s3://a?"]),
        ("torchrun t.py --output_dir ${1:-/fsx/c}", ["writes j.sbatch#/fsx/c?"]),
        (": ${OUT:=/fsx/c}\ntorchrun t.py --output_dir $OUT/run", ["writes j.sbatch#/fsx/c/run?"]),
        ("OUT=/fsx/c\nif x; then OUT=s3://a/x; fi\ntorchrun t.py --output_dir $OUT",
         ["writes j.sbatch#/fsx/c?", "writes s3://a?"]),
        ("for r in a b; do torchrun t.py --output_dir s3://$r/x; done", ["writes s3://a", "writes s3://b"]),
        ("torchrun t.py --output_dir $OUT", []),
    ],
)  # fmt: skip
def test_defaults_are_likely_and_not_certain(tmp_path, text, expected):
    assert used(tmp_path, text) == expected


def test_a_model_by_default_is_undecided(tmp_path):
    text = "torchrun t.py --model_name_or_path ${MODEL:-lab/m} --output_dir /o\n"
    estate = estate_of(tmp_path, j__sbatch=JOB + text)
    fetch = only(estate, "fetch", type="model")
    assert value(fetch, "what") == "lab/m"
    assert value(fetch, "pinned") == "?"


def test_what_is_sent_from_a_default_folder_is_weights(tmp_path):
    text = "OUT=${OUT:-/fsx/c}\ntorchrun t.py --output_dir $OUT\naws s3 sync $OUT s3://a/x\n"
    estate = estate_of(tmp_path, j__sbatch=JOB + text)
    assert value(only(estate, "upload"), "carries") == "weights"


WORDS = st.sampled_from(
    ["t", "--a", "--out", "=", "s3://", "s3://a/b", "gs://$X", "${X:-s3://a}", "://", "--a=s3://b",
     "'", "\n", "for x in s3://a s3://b; do t $x; done", "https://a.s3.amazonaws.com/b"]
)  # fmt: skip


@given(st.lists(WORDS, max_size=30))
@settings(max_examples=100, deadline=None)
def test_any_words_are_read(words):
    for command in read_script(Source("x.sh", " ".join(words))).commands:
        assert all(m.verbs for m in mentioned(command.words))


def test_many_mentions_are_quick(tmp_path):
    start = time.process_time()
    text = "".join(f"./t s3://b{n}/x --out ${{X:-s3://c{n}/y}}\n" for n in range(1_000))
    used(tmp_path, text)
    assert time.process_time() - start < 15
