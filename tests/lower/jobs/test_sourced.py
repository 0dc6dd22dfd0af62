"""`source FILE` inside a scan: its variables and commands count where it is sourced."""

from __future__ import annotations

import time

from manifests import estate_of, only, targets, value

JOB = """\
#!/bin/bash
#SBATCH --gres=gpu:8
#SBATCH --job-name=j
{line}
torchrun t.py --output_dir $OUT --push_to_hub
"""


def test_variables_of_a_sourced_file(tmp_path):
    for number, line in enumerate(
        [
            "source env.sh", ". ./env.sh", "source jobs/env.sh",
            'source "$(dirname "$0")/env.sh"', 'source "${HERE}/env.sh"',
        ]
    ):  # fmt: skip
        folder = tmp_path / str(number)
        estate = estate_of(
            folder,
            jobs___j__sbatch=JOB.format(line=line),
            jobs___env__sh="export OUT=s3://lab-ckpt/x\nexport HF_HUB_OFFLINE=1\nif true; then\n",
        )
        job = only(estate, "workload")
        assert targets(estate, job, "writes") == ["s3://lab-ckpt"], line
        assert value(only(estate, "upload", channel="hub"), "enabled") is False


def test_commands_of_a_sourced_file_point_there(tmp_path):
    estate = estate_of(
        tmp_path,
        j__sbatch=JOB.format(line="if $X; then source lib.sh; fi\nOUT=/o"),
        lib__sh="\nhf upload lab/m /o\n",
    )
    upload = next(u for u in estate.of("upload") if u.span.path == "lib.sh")
    assert upload.span.line == 2
    assert value(upload, "enabled") == "?"


def test_nothing_outside_is_read(tmp_path):
    (tmp_path / "outside.sh").write_text("OUT=s3://outside/x\n")
    line = "source ../outside.sh; source /etc/profile; source ~/.bashrc; source"
    estate = estate_of(tmp_path / "inside", j__sbatch=JOB.format(line=line))
    assert [s.address for s in estate.of("store")] == []


def test_circles_end(tmp_path):
    start = time.process_time()
    line = "source j.sbatch\n" * 40
    estate = estate_of(tmp_path, j__sbatch=JOB.format(line=line))
    assert only(estate, "workload")
    assert time.process_time() - start < 20
