"""Remotes of rclone: where `name:path` leads, and uploads that take from stores."""

from __future__ import annotations

import pytest

from mlsec_lint.scan import read, survey
from mlsec_lint.value import Unknown

POD = """
apiVersion: v1
kind: ConfigMap
metadata: {name: conf, namespace: n}
data:
  rclone.conf: |
    [lab]
    type = google cloud storage
    [vault]
    type = s3
    provider = Other
    endpoint = https://s3.archive.example
    [own]
    type = s3
    endpoint = https://minio.lab.internal:9000
    [aws]
    type = s3
    provider = AWS
    [far]
    type = b2
    [box]
    type = sftp
    host = files.partner.example
    [sealed]
    type = crypt
    remote = vault:sealed
    [loop]
    type = alias
    remote = loop:x
---
apiVersion: batch/v1
kind: Job
metadata: {name: train, namespace: n}
spec:
  template:
    spec:
      containers:
        - name: train
          image: registry.lab.internal/train
          command: [torchrun, train.py, --output_dir, "gs://lab-models/run"]
          resources: {limits: {nvidia.com/gpu: 8}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: copy, namespace: n}
spec:
  template:
    spec:
      containers:
        - name: copy
          image: rclone/rclone:1.71
          args: [sync, "%s", "%s", --config=/etc/rclone/rclone.conf]
          env: [%s]
          volumeMounts: [{name: conf, mountPath: /etc/rclone}]
      volumes:
        - name: conf
          configMap: {name: conf}
"""
MODELS = "lab:lab-models/run"


def uploads(folder, source, target, environment=""):
    """Where the copy goes and what it carries."""
    (folder / "pod.yaml").write_text(POD % (source, target, environment))
    estate = survey(read(str(folder)))
    return [
        tuple(
            "unknown" if isinstance(fact.value, Unknown) else fact.value
            for name in ("destination.host", "carries")
            if (fact := upload.fact(name)) is not None
        )
        for upload in estate.of("upload")
        if upload.address.startswith("Job/n/copy")
    ]


@pytest.mark.parametrize(
    ("target", "host"),
    [
        ("vault:b/p", "s3.archive.example"),
        ("own:b/p", "minio.lab.internal"),
        ("aws:somewhere/p", "s3://somewhere"),
        ("far:b", "api.backblazeb2.com"),
        ("box:inbox", "files.partner.example"),
        ("sealed:x", "s3.archive.example"),
        (":s3,endpoint='https://h.example:9000':b/p", "h.example"),
        (":sftp,host=drop.example:inbox", "drop.example"),
        ("loop:x", "unknown"),
        ("nobody:x", "unknown"),
    ],
)
def test_a_remote_is_the_place_that_config_says(tmp_path, target, host):
    assert uploads(tmp_path, MODELS, target) == [(host, "weights")]


def test_a_remote_may_be_told_by_variables(tmp_path):
    told = "{name: RCLONE_CONFIG_FAR2_TYPE, value: webdav}, "
    told += "{name: RCLONE_CONFIG_FAR2_URL, value: 'https://dav.example/x'}"

    assert uploads(tmp_path, MODELS, "far2:y", told) == [("dav.example", "weights")]


def test_what_comes_from_another_bucket_is_no_weights(tmp_path):
    found = uploads(tmp_path, "lab:lab-tables/weekly", "vault:b")

    assert found == [("s3.archive.example", "unknown")]


SCRIPT = """#!/bin/bash
#SBATCH --gres=gpu:8
aws s3 sync s3://lab-models/run /tmp/m
scp -r %s partner@files.partner.example:in/
"""


@pytest.mark.parametrize(
    ("path", "carries"), [("/tmp/m", "weights"), ("/tmp/tables", "unknown")]
)
def test_what_was_fetched_from_a_store_is_sent_on(tmp_path, path, carries):
    (tmp_path / "train.sbatch").write_text(
        "#!/bin/bash\n#SBATCH --gres=gpu:8\n"
        "torchrun train.py --output_dir s3://lab-models/run\n"
    )
    (tmp_path / "send.sbatch").write_text(SCRIPT % path)
    estate = survey(read(str(tmp_path)))

    (sent,) = [u for u in estate.of("upload") if u.address.startswith("send.sbatch")]
    value = sent.fact("carries").value
    assert ("unknown" if isinstance(value, Unknown) else value) == carries
