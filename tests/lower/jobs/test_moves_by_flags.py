"""Moves whose ends are flags: Azure blobs, objects of S3, bodies of curl."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from manifests import estate_of, only, value

from mlsec_lint.lower.jobs.shell import read_script
from mlsec_lint.lower.jobs.transfers import transfer
from mlsec_lint.lower.jobs.weight_words import weight_role
from mlsec_lint.source import Source

JOB = "#!/bin/bash\n#SBATCH --gres=gpu:8\n#SBATCH --job-name=j\n"
AZURE = "abfss://{}@{}.dfs.core.windows.net"


@pytest.mark.parametrize(
    ("line", "verb", "store", "certain"),
    [
        ("az storage blob upload -c m -f x.pt --account-name acct", "writes", AZURE.format("m", "acct"), True),
        ("az storage blob upload-batch -d m/run -s /c --account-name acct", "writes",
         AZURE.format("m", "acct"), True),
        ("az storage blob upload-batch -d $C/run -s /c --account-name $A", "writes",
         AZURE.format("${C}", "${A}"), False),
        ("az storage blob upload -c m -f x.pt", "writes", AZURE.format("m", "${AZURE_STORAGE_ACCOUNT}"), False),
        ("az storage blob download-batch -s m -d /w --account-name acct", "reads", AZURE.format("m", "acct"), True),
        ("az storage blob download -c m -n k -f /w --account-name acct", "reads", AZURE.format("m", "acct"), True),
        ("aws s3api get-object --bucket lab-w --key a/m.pt /w/m.pt", "reads", "s3://lab-w", True),
        ("aws s3api put-object --bucket $B --key k --body /w/m.pt", "writes", "s3://${B}", False),
    ],
)  # fmt: skip
def test_the_store_of_flags(tmp_path, line, verb, store, certain):
    estate = estate_of(tmp_path, j__sbatch=f"{JOB}{line}\n")
    edges = estate.edges_from(only(estate, "workload"), verb)
    assert [(e.target.address, e.certain) for e in edges] == [(store, certain)]


@pytest.mark.parametrize(
    ("line", "sent"),
    [
        ("curl -T m.pt https://h/x", ["m.pt"]),
        ("curl -F file=@m.pt https://h/x", ["file=@m.pt"]),
        ("curl --data-binary @m.pt https://h/x", ["@m.pt"]),
        ("curl -d @m.tar https://h/x", ["@m.tar"]),
        ("curl -d @request.json https://h/x", []),
        ("curl -F image=@cat.jpg https://h/x", []),
        ("curl -d '{\"model\": \"a@b\"}' https://h/x", []),
        ('curl --data "$BODY" https://h/x', []),
        ("curl --data-raw @m.pt https://h/x", []),
        ("curl -F model=llama https://h/x", []),
        ("curl --json '{}' https://h/x", []),
        ("az storage blob list -c m", []),
        ("az storage blob upload", []),
        ("aws s3api get-object", []),
        ("aws s3api put-object --body x", []),
    ],
)  # fmt: skip
def test_what_is_sent(line, sent):
    found = [
        m for c in read_script(Source("x.sh", line)).commands for m in transfer(c.words)
    ]
    assert [s.data for move in found for s in move.sources] == sent


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("final_model_path", "writes"),
        ("merged_model_dir", "writes"),
        ("model_path", "reads"),
        ("merge_file", ""),
    ],
)
def test_roles_of_names(name, role):
    assert weight_role(name) == role


@pytest.mark.parametrize(
    ("mounts", "paths", "certain"),
    [
        ("/fsx:/fsx,/a:/b:ro", ["/fsx", "/b"], True),
        ("${FSX:-/fsx:/data}", ["/data"], False),
        ("$(pwd)/data:/data", ["/data"], False),
        ("$MOUNTS", [], None),
    ],
)
def test_mounts_of_pyxis(tmp_path, mounts, paths, certain):
    text = f"{JOB}srun --container-image=a --container-mounts={mounts} torchrun t.py\n"
    estate = estate_of(tmp_path, j__sbatch=text)
    found = list(estate.of("mount"))
    assert [value(m, "path") for m in found] == paths
    backed = [e.certain for m in found for e in estate.edges_from(m, "is backed by")]
    assert set(backed) == ({certain} if paths else set())


WORDS = st.sampled_from(
    ["az", "storage", "blob", "upload", "download-batch", "-c", "-d", "-s", "$X", "$X/a", "m", "/",
     "--account-name", "aws", "s3api", "get-object", "--bucket", "--key", "", "a/b/c", "https://a/b"]
)  # fmt: skip


@given(st.lists(WORDS, max_size=14))
@settings(max_examples=150, deadline=None)
def test_any_words_are_read(words):
    for command in read_script(Source("x.sh", " ".join(words))).commands:
        transfer(command.words)
