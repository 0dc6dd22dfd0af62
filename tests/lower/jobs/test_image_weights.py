"""Dockerfiles: which instructions put weights into the image, and at which line."""

from __future__ import annotations

import pytest

from mlsec_lint.estate import Estate
from mlsec_lint.lower.inputs import Inputs
from mlsec_lint.lower.jobs.docker_stages import kept, stages
from mlsec_lint.lower.jobs.image_weights import lower_image_weights
from mlsec_lint.source import Source
from mlsec_lint.value import Unknown


def baked(text):
    """(line, what is told) of each instruction; [] where none bakes weights."""
    estate = Estate()
    inputs = Inputs(None)
    inputs.texts.append(Source("Dockerfile", text))
    lower_image_weights(inputs, estate)
    (image,) = estate.of("image")
    found = [
        (fact.span.line, "unknown" if isinstance(fact.value, Unknown) else fact.value)
        for fact in image.all_facts("weights.baked")
    ]
    return [] if [value for _, value in found] == [False] else found


@pytest.mark.parametrize(
    "line",
    [
        "COPY model.safetensors /m/",
        "COPY a.py pytorch_model-00001-of-2.bin /m/",
        'COPY ["b", "model.gguf", "/m/"]',
        "ADD https://example.com/x.ckpt /m/",
        "COPY --chown=1:1 weights /m",
        "COPY ./checkpoints/ /m",
        "COPY *.safetensors /m/",
        "RUN hf download acme/x",
        "RUN pip install x && huggingface-cli download acme/x --local-dir /m",
        "RUN python -c \"AutoModel.from_pretrained('acme/x')\"",
        'RUN python -c "AutoTokenizer.from_pretrained(1); GPT2.from_pretrained(1)"',
        "RUN wget -q https://example.com/w.pth -O /m/w.pth",
        "RUN aws s3 cp s3://acme/checkpoints/last /m --recursive",
        "RUN git clone https://huggingface.co/acme/x",
        "run ollama pull llama3",
    ],
)
def test_weights_are_found(line):
    assert baked(f"FROM a\nWORKDIR /app\n{line}\n") == [(3, True)]


@pytest.mark.parametrize(
    "line",
    [
        "COPY models /app/models",
        "COPY src/checkpoint.py /app/",
        "COPY run.bin /usr/bin/run",
        "COPY weights.py /app/",
        "RUN pip download torch",
        "RUN wget https://example.com/x.tar.gz",
        "RUN python -c \"AutoTokenizer.from_pretrained('gpt2')\"",
        "RUN python -c 'T5TokenizerFast.from_pretrained(1); AutoConfig.from_pretrained(1)'",
        "RUN hf download acme/x --repo-type dataset",
        "RUN git clone https://github.com/huggingface/transformers",
        "RUN --mount=type=cache,target=/root/.cache hf download acme/x",
        "# RUN hf download acme/x",
        "RUN true \\\n  # hf download acme/x\n  && true",
        "COPY",
        'COPY ["a"',
        "LABEL x=model.safetensors",
    ],
)
def test_what_is_no_weights_is_not(line):
    assert baked(f"FROM a\n{line}\n") == []


def test_the_line_of_a_command_that_goes_on_is_told():
    text = "FROM a\nRUN apt-get update \\\n && true \\\n && hf download acme/x\n"
    assert baked(text) == [(4, True)]


def test_a_heredoc_belongs_to_its_instruction():
    text = "FROM a\nRUN <<EOF\ntrue\nhf download acme/x\nEOF\nCOPY a b\n"
    assert baked(text) == [(4, True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM a AS x\nRUN hf download m\nFROM b\nCOPY y z\n", []),
        ("FROM a AS x\nRUN hf download m\nFROM x\n", [(2, True)]),
        (
            "FROM a AS x\nRUN hf download m --local-dir /w\nFROM b\nCOPY --from=x /w /m\n",
            [(4, True)],
        ),
        (
            "FROM a\nRUN hf download m --local-dir /w/m\nFROM b\nCOPY --from=0 /w /m\n",
            [(4, True)],
        ),
        (
            "FROM a AS x\nRUN hf download m --local-dir /w\nFROM b\nCOPY --from=x /lib /lib\n",
            [],
        ),
        ("FROM a AS x\nFROM x AS x\nRUN hf download m\n", [(3, True)]),
    ],
)
def test_only_what_ends_up_in_the_image_counts(text, expected):
    assert baked(text) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("COPY model /opt/ml/model", [(2, "unknown")]),
        ("COPY ${DIR} /models/", [(2, "unknown")]),
        ("COPY ${DIR} /app/", []),
    ],
)
def test_a_folder_that_may_be_either_is_not_known(line, expected):
    assert baked(f"FROM a\n{line}\n") == expected


def test_stages_that_are_built_from_each_other_end():
    found = stages(Source("Dockerfile", "FROM b AS a\nFROM a AS b\n"))
    assert [stage.name for stage in kept(found)] == ["b", "a"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "FROM",
        "FROM \\\n",
        "FROM a\nRUN <<EOF\n",
        "FROM a\nCOPY --from=\n",
        "\\\n\\\n",
    ],
)
def test_half_a_dockerfile_is_no_crash(text):
    for stage in stages(Source("Dockerfile", text)):
        for instruction in stage.instructions:
            assert instruction.span.start <= instruction.span.end
            instruction.arguments()


@pytest.mark.parametrize(
    ("fetch", "copied"),
    [
        ("RUN git clone https://huggingface.co/acme/x /model", "/model/."),
        ("ARG R=https://huggingface.co/acme/x\nRUN git clone ${R} /model", "/model/."),
        ("ENV R=https://huggingface.co/acme\nRUN git clone $R/x /model", "/model"),
        ("WORKDIR /w\nRUN git clone https://huggingface.co/acme/x", "/w/x"),
        ("RUN wget https://example.com/a.pth -O /m/a.pth", "/m"),
        ("RUN wget -P /m https://example.com/a.pth", "/m/a.pth"),
        ("RUN aws s3 cp s3://acme/weights/a /m --recursive", "/m"),
        ("RUN hf download acme/x --local-dir /m", "/m"),
    ],
)
def test_what_a_stage_fetches_is_followed_to_where_it_lies(fetch, copied):
    text = f"FROM a AS b\n{fetch}\nFROM c\nCOPY --from=b {copied} /x\n"
    lines = text.count("\n")
    assert baked(text) == [(lines, True)]
    other = text.replace(copied, "/elsewhere") if "/w" not in copied else text
    if other != text:
        assert baked(other.replace(" /elsewhere /x", " /opt/none /x")) == []


def test_two_stages_hand_weights_on():
    text = (
        "FROM a\nARG R=https://huggingface.co/acme/x\nRUN git clone $R /model\n"
        "FROM b\nCOPY --from=0 /model/. /srv/\nRUN archiver --export-path=/srv/store\n"
        "FROM b\nCOPY --from=1 /srv/store /m\n"
    )
    assert baked(text) == [(8, True)]
