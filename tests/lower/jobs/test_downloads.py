"""Models and data that scripts take by curl, wget and aria2c."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from manifests import estate_of, only, targets, value

from mlsec_lint.lower.jobs.downloads import downloads, remote_file
from mlsec_lint.lower.jobs.remote_scripts import remote_scripts
from mlsec_lint.lower.jobs.shell import read_script
from mlsec_lint.source import Source
from mlsec_lint.value import Unknown, Value

COMMIT = "0123456789abcdef0123456789abcdef01234567"
HUB = "https://huggingface.co/lab/m/resolve"


def shown(value):
    return "?" if isinstance(value, Unknown) else value


def commands(text):
    return read_script(Source("x.sh", text)).commands


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("wget https://h/a.pt", [("https://h/a.pt", "a.pt")]),
        ("sudo wget -q https://h/a.pt?x=1", [("https://h/a.pt?x=1", "a.pt")]),
        ("wget -O /m/b.pt https://h/a.pt", [("https://h/a.pt", "/m/b.pt")]),
        ("wget -qO/m/b.pt https://h/a.pt", [("https://h/a.pt", "/m/b.pt")]),
        ("wget -nc -P /m https://h/a.pt", [("https://h/a.pt", "/m/a.pt")]),
        ("wget --directory-prefix=/m https://h/a", [("https://h/a", "/m/a")]),
        (
            "wget https://h/a https://h/b",
            [("https://h/a", "a"), ("https://h/b", "b")],
        ),
        ("curl -LO https://h/a.pt", [("https://h/a.pt", "a.pt")]),
        ("curl -fsSLo /m/b https://h/a", [("https://h/a", "/m/b")]),
        ("curl -o b -L https://h/a", [("https://h/a", "b")]),
        ("curl --output b --url https://h/a", [("https://h/a", "b")]),
        ("curl -o x https://h/a -o y https://h/b", [("https://h/a", "x"), ("https://h/b", "y")]),
        ("curl --output-dir /m -O https://h/a", [("https://h/a", "/m/a")]),
        ("curl -H 'A: b' -o b https://h/a", [("https://h/a", "b")]),
        ("aria2c -x 16 -d /m -o b https://h/a", [("https://h/a", "/m/b")]),
        ("curl -T f https://h/a", []),
        ("curl -F f=@x https://h/a", []),
        ("wget --post-file=x https://h/a", []),
        ("curl", []),
        ("curl -o", []),
        ("cp a b", []),
    ],
)  # fmt: skip
def test_what_is_taken_and_where_it_lies(text, expected):
    found = [one for c in commands(text) for one in downloads(c.words)]
    assert [(d.url.data, d.target.data) for d in found] == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (f"{HUB}/main/a.safetensors", ("model", "lab/m", "huggingface.co", False)),
        (f"{HUB}/{COMMIT}/a.json?download=true", ("model", "lab/m", "huggingface.co", True)),
        ("https://hf.co/lab/m/raw/main/x", ("model", "lab/m", "huggingface.co", False)),
        ("https://huggingface.co/datasets/lab/d/resolve/v1/x.json",
         ("dataset", "lab/d", "huggingface.co", False)),
        ("https://modelscope.cn/models/lab/m/resolve/master/x.bin",
         ("model", "lab/m", "modelscope.cn", False)),
        ("https://h.example/a/m.gguf?sig=1", ("model", "https://h.example/a/m.gguf", "h.example", False)),
        ("http://h.example/w/pytorch_model.bin",
         ("model", "http://h.example/w/pytorch_model.bin", "h.example", False)),
        ("https://h.example/checkpoints/x.tar.gz",
         ("model", "https://h.example/checkpoints/x.tar.gz", "h.example", False)),
        ("https://h.example/d/train.jsonl.zst",
         ("dataset", "https://h.example/d/train.jsonl.zst", "h.example", False)),
        ("https://github.com/o/r/releases/download/v1.2/m.pth",
         ("model", "https://github.com/o/r/releases/download/v1.2/m.pth", "github.com", "?")),
        ("https://bkt.s3.us-east-1.amazonaws.com/m.pt",
         ("model", "https://bkt.s3.us-east-1.amazonaws.com/m.pt", "bkt.s3.us-east-1.amazonaws.com", "?")),
        ("https://github.com/o/llm-models/archive/v1.tar.gz", None),
        ("https://h.example/efa-installer.tar.gz", None),
        ("https://h.example/get.sh", None),
        ("https://huggingface.co/lab/m", None),
        ("a.pt", None),
        ("", None),
    ],
)  # fmt: skip
def test_what_a_url_says(url, expected):
    found = remote_file(Value(url))
    if expected is None:
        assert found is None
    else:
        assert found is not None
        assert (found.kind, found.what, found.host, shown(found.pinned)) == expected


def fetches(text):
    found = [
        f for f in remote_scripts(commands(text)) if f.type in ("model", "dataset")
    ]
    return [(f.type, f.what, shown(f.pinned)) for f in found]


@pytest.mark.parametrize(
    ("text", "pinned"),
    [
        ("wget http://h/m.pt", False),
        ("wget http://h/m.pt; sha256sum m.pt", True),
        ("wget http://h/m.pt; sha256sum -c sums.txt", True),
        ("wget http://h/m.pt && echo 'abc  m.pt' | sha256sum -c -", True),
        ("wget http://h/m.pt && sha256sum -c <<< 'abc  m.pt'", True),
        ("wget http://h/m.pt\nsha256sum -c <<E\nabc  ./m.pt\nE\n", True),
        ("wget http://h/m.pt && echo 'abc  other.deb' | sha256sum -c", True),
        (
            "wget http://h/x.deb http://h/m.pt && echo 'abc  x.deb' | sha256sum -c",
            False,
        ),
        ("wget http://h/m.pt http://h/m.pt.sha256; sha256sum -c m.pt.sha256", True),
        ("wget http://h/m.pt http://h/SHA256SUMS; sha256sum -c SHA256SUMS", True),
        ("wget http://h/m.pt; curl http://h/k.asc | gpg --dearmor -o k", False),
        ("wget http://h/m.pt http://h/m.pt.asc; gpg --verify m.pt.asc m.pt", True),
        ("sha256sum -c sums.txt; wget http://h/m.pt", False),
    ],
)
def test_a_digest_that_is_checked_pins(text, pinned):
    assert [f[2] for f in fetches(text)] == [pinned]


def test_many_files_of_a_host_are_one_fetch():
    lines = "".join(f"wget http://h/{n}.pt\n" for n in range(5))
    assert fetches(lines + "wget http://h/d.parquet http://g/m.pt") == [
        ("model", "http://h/0.pt and 4 more", False),
        ("dataset", "http://h/d.parquet", False),
        ("model", "http://g/m.pt", False),
    ]


def test_a_revision_in_a_variable_is_undecided():
    assert fetches(f"wget {HUB}/$REV/m.safetensors") == [("model", "lab/m", "?")]
    assert fetches(f"REV={COMMIT}; wget {HUB}/$REV/m.safetensors")[0][2] is True
    assert fetches("wget $HF_ENDPOINT/lab/m/resolve/main/a.bin")[0][1] == "lab/m"


JOB = "#!/bin/bash\n#SBATCH --gres=gpu:8\n#SBATCH --job-name=j\n"


def test_a_model_from_a_bucket_is_read_from_it(tmp_path):
    url = "https://lab-w.s3.us-west-2.amazonaws.com/ckpt/m.pt?X-Amz-Signature=abc"
    estate = estate_of(tmp_path, j__sbatch=f'{JOB}curl -o /fsx/m.pt "{url}"\n')
    job = only(estate, "workload")
    assert targets(estate, job, "reads") == ["s3://lab-w"]
    assert targets(estate, job, "writes") == ["j.sbatch#/fsx/m.pt"]
    told = [e.words for e in estate.edges()] + [f.name for f in estate.of("fetch")]
    assert not any("abc" in words for words in told)


@pytest.mark.parametrize(
    ("url", "held"),
    [
        ("https://zoo.s3.amazonaws.com/weights/m.pt", False),
        ("https://zoo.s3.amazonaws.com/weights/m.pt?X-Amz-Signature=a", True),
        ("https://acct.blob.core.windows.net/weights/m.pt?sv=1&sig=a", True),
    ],
)
def test_what_everybody_may_download_is_no_store_of_weights(tmp_path, url, held):
    estate = estate_of(tmp_path, j__sbatch=f"{JOB}wget '{url}'\n")
    store = next(s for s in estate.of("store") if "://" in s.address)
    assert bool(store.evidence) is held


def test_a_downloaded_model_that_is_sent_on_is_weights(tmp_path):
    text = f"{JOB}wget -P /m {HUB}/main/a.gguf\naws s3 cp /m/a.gguf s3://out/x\n"
    estate = estate_of(tmp_path, j__sbatch=text)
    assert value(only(estate, "upload"), "carries") == "weights"
    assert value(only(estate, "fetch", type="model"), "pinned") is False


WORDS = st.sampled_from(
    ["curl", "wget", "aria2c", "-o", "-O", "--output", "--url", "-P", "-", "--", "-LO", "$X",
     "https://", "http://h/a.pt", f"{HUB}/main/x", "'", "|", "sha256sum", "-c", "<<<", "\n",
     "https://b.s3.amazonaws.com/x.bin?y", "\\", "$(", ")", "~", "a" * 50]
)  # fmt: skip


@given(st.lists(WORDS, max_size=30))
@settings(max_examples=150, deadline=None)
def test_any_words_are_read(words):
    for fetch in remote_scripts(commands(" ".join(words))):
        assert fetch.what


def test_long_texts_are_quick():
    start = time.process_time()
    remote_scripts(
        commands(
            "wget http://h/" + "a/" * 20_000 + "resolve\n" + "sha256sum -c x\n" * 800
        )
    )
    remote_file(Value("https://" + "models-" * 40_000 + ".tar"))
    remote_file(Value("https://a/" + "resolve/" * 40_000))
    assert time.process_time() - start < 5
