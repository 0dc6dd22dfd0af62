"""Scripts that hand weights on by a path alone: who sends what another one wrote."""

from __future__ import annotations

import pytest

from mlsec_lint.lower.jobs.shared_paths import is_shared
from mlsec_lint.scan import read, survey

TRAIN = """#!/bin/bash
#SBATCH --job-name=train
srun torchrun train.py --output_dir {} --save_steps 100
"""
SEND = """#!/bin/bash
#SBATCH --job-name=send
rsync -a {} drops@files.partner.example:in/
"""


def found(folder, wrote, sent, train="slurm/train.sbatch", send="slurm/send.sbatch"):
    for name, text in ((train, TRAIN.format(wrote)), (send, SEND.format(sent))):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    estate = survey(read(str(folder)))
    return [
        (path.source.address, path.unknown is None)
        for path in estate.paths
        if "partner" in str(path.end)
    ]


@pytest.mark.parametrize(
    ("wrote", "sent", "told"),
    [
        ("/lustre/runs/a", "/lustre/runs/a", True),
        ("/lustre/runs/a", "/lustre/runs/a/", True),
        ("/lustre/runs/a", "/lustre/runs/a/step-100", True),
        ("/lustre/runs/a", "/lustre/runs", True),
        ("/lustre/runs/a", "/lustre/runs/ab", False),
        ("/lustre/runs/a", "/lustre/logs", False),
        ("/tmp/runs/a", "/tmp/runs/a", False),
        ("/out", "/out", False),
    ],
)
def test_what_another_job_wrote_is_sent(tmp_path, wrote, sent, told):
    source = f"slurm/train.sbatch#{wrote}"
    assert found(tmp_path, wrote, sent) == ([(source, True)] if told else [])


def test_scripts_of_two_corners_may_run_on_two_clusters(tmp_path):
    paths = found(tmp_path, "/data/runs/a", "/data/runs/a", send="other/send.sbatch")
    assert all(not certain for _, certain in paths)


@pytest.mark.parametrize(
    ("path", "shared"),
    [
        ("/mnt/scratch/runs", True),
        ("/lustre//x/../y", True),
        ("/lustre", False),
        ("runs/a", False),
        ("/workspace/out", False),
        ("/dev/shm/x", False),
        ("", False),
    ],
)
def test_which_paths_machines_have_in_common(path, shared):
    assert is_shared(path) is shared


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("python step.py --in /lustre/runs/a --out /lustre/q", True),
        ("python step.py --in /lustre/runs/a/ --out /lustre/q", True),
        ("python count.py --in /lustre/runs/ab", False),
        ("# python step.py --in /lustre/runs/a", False),
        ("mkdir -p /lustre/runs/a", False),
        ("python x.py --in s3://b/lustre/runs/a", False),
    ],
)
def test_what_a_step_may_make_of_weights_is_possible_only(tmp_path, command, told):
    for name, text in {
        "slurm/train.sbatch": TRAIN.format("/lustre/runs/a"),
        "slurm/send.sbatch": SEND.format("/lustre/q").replace(
            "rsync", f"{command}\nrsync"
        ),
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    estate = survey(read(str(tmp_path)))
    certain = [p.unknown is None for p in estate.paths if "partner" in str(p.end)]
    assert certain == ([False] if told else [])


MADE = """#!/bin/bash
#SBATCH --job-name=made
{}
rsync -a /lustre/out/b drops@files.partner.example:in/
"""


@pytest.mark.parametrize(
    ("command", "certain"),
    [
        ("python convert.py --in /lustre/runs/a --out /lustre/out/b", True),
        (
            "python tools/merge_lora.py \\\n  --base /lustre/runs/a \\\n  -o /lustre/out/b",
            True,
        ),
        ("./convert-hf-to-gguf /lustre/runs/a --outfile=/lustre/out/b/x.gguf", True),
        ("python convert.py --in /lustre/runs/a --out /lustre/out/c", False),
        ("python plot.py --in /lustre/runs/a --out /lustre/out/b", False),
        ("python export_metrics.py --in /lustre/runs/a --out /lustre/out/b", False),
        ("python convert.py --out /lustre/out/b\ncat /lustre/runs/a/notes", None),
        ("python convert.py --in /lustre/runs/z --out /lustre/out/b", None),
    ],
)
def test_what_is_made_of_weights_is_sent(tmp_path, command, certain):
    (tmp_path / "train.sbatch").write_text(TRAIN.format("/lustre/runs/a"))
    (tmp_path / "send.sbatch").write_text(MADE.format(command))
    estate = survey(read(str(tmp_path)))
    told = {
        path.unknown is None
        for path in estate.paths
        if "partner" in str(path.end) and path.source.address.endswith("/lustre/runs/a")
    }
    assert told == (set() if certain is None else {certain})
