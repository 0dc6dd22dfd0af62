"""Where `dvc push` sends: the remote that it names, or the default one."""

from __future__ import annotations

import pytest

from mlsec_lint.scan import read, survey
from mlsec_lint.value import Unknown

CONFIG = """[core]
    remote = own
['remote "own"']
    url = s3://lab-dvc/models
    endpointurl = https://s3.lab.internal
['remote "burst"']
    url = s3://burst/models
    endpointurl = https://storage.rented-gpus.example
['remote "cloud"']
    url = s3://lab-dvc-cloud/models
"""
SCRIPT = """#!/bin/bash
#SBATCH --gres=gpu:8
torchrun train.py --output_dir /lustre/run
dvc push %s
"""


@pytest.mark.parametrize(
    ("words", "host"),
    [
        ("--remote burst", "storage.rented-gpus.example"),
        ("-r burst models/a.dvc", "storage.rented-gpus.example"),
        ("-r cloud", "s3://lab-dvc-cloud"),
        ("-r own", "s3.lab.internal"),
        ("-r nobody", None),
        ("", "s3.lab.internal"),
    ],
)
def test_a_push_goes_where_the_config_says(tmp_path, words, host):
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc" / "config").write_text(CONFIG)
    (tmp_path / "slurm").mkdir()
    (tmp_path / "slurm" / "a.sbatch").write_text(SCRIPT % words)
    estate = survey(read(str(tmp_path)))

    found = [
        "unknown" if isinstance(fact.value, Unknown) else fact.value
        for upload in estate.of("upload")
        if (fact := upload.fact("destination.host")) is not None
    ]
    assert found == ([] if host is None else [host])
