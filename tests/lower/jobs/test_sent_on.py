"""Scripts that do nothing but send: weights by the names of their paths have a source."""

from __future__ import annotations

import pytest

from mlsec_lint.scan import read, survey

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
