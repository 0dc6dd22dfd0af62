"""Scripts that do nothing but send: weights by the names of their paths have a source."""

from __future__ import annotations

import textwrap

import pytest

from mlsec_lint.scan import read, survey
from mlsec_lint.value import Unknown

OUT = "drops@files.partner.example:in/"


@pytest.mark.parametrize(
    ("lines", "source"),
    [
        (f"scp -r /lustre/ckpt/run {OUT}", "send.sh#/lustre/ckpt/run"),
        (
            f"rsync -a /lustre/ckpt/run/ /stage/run/\nscp -r /stage/run {OUT}",
            "send.sh#/lustre/ckpt/run",
        ),
        (
            "tar cf - /etc | cat\nrsync -a /lustre/ckpt/run user@login.lab.internal:x/",
            None,
        ),
        (f"rsync -a /lustre/ckpt/run/ /stage/run/\nscp -r /lustre/text {OUT}", None),
        (f"aws s3 cp /lustre/ckpt/a.pt /tmp/x\nscp -r /lustre/logs {OUT}", None),
    ],
)
def test_what_a_script_sends_is_the_start_of_a_path(tmp_path, lines, source):
    (tmp_path / "send.sh").write_text(f"#!/bin/bash\n{lines}\n")
    estate = survey(read(str(tmp_path)))

    found = {p.source.address for p in estate.paths if "partner" in str(p.end)}
    assert found == ({source} if source else set())


@pytest.mark.parametrize(
    ("endpoint", "internal"),
    [
        ("http://minio:9000", True),
        ("http://minio.storage.svc:9000", True),
        ("https://s3.eu-central-1.wasabisys.com", None),
        ("", None),
    ],
)
def test_a_bucket_at_an_endpoint_inside_is_the_labs_own(tmp_path, endpoint, internal):
    text = f"""
    apiVersion: v1
    kind: Pod
    metadata: {{name: p}}
    spec:
      containers:
      - name: c
        image: amazon/aws-cli:2
        env: [{{name: AWS_ENDPOINT_URL, value: "{endpoint}"}}]
        command: [bash, -c, "aws s3 sync /data/models/ s3://models/"]
    """
    (tmp_path / "pod.yaml").write_text(textwrap.dedent(text))
    estate = survey(read(str(tmp_path)))

    [upload] = estate.of("upload")
    stated = upload.fact("destination.internal").value
    assert (None if isinstance(stated, Unknown) else stated) is internal
