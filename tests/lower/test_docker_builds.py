"""What Dockerfiles are built on, and what their instructions fetch."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from manifests import estate_of, only, value

from mlsec_lint.estate import Estate
from mlsec_lint.lower.inputs import Inputs
from mlsec_lint.lower.jobs.docker_stages import run_script, stages
from mlsec_lint.lower.jobs.image_weights import lower_image_weights
from mlsec_lint.lower.supply_chain.dockerfiles import lower_docker_builds
from mlsec_lint.source import Source, Span

COMMIT = "0123456789abcdef0123456789abcdef01234567"
DIGEST = "sha256:" + "ab" * 32


def image(folder, text):
    return only(estate_of(folder, Dockerfile=text), "image")


@pytest.mark.parametrize(
    ("text", "bases", "pinned", "heavy"),
    [
        ("FROM python:3.11\n", ("python:3.11",), False, False),
        (f"FROM nvidia/cuda@{DIGEST}\n", (f"nvidia/cuda@{DIGEST}",), True, True),
        ("ARG B=nvcr.io/nvidia/pytorch\nARG T='24.01'\nFROM ${B}:$T\n",
         ("nvcr.io/nvidia/pytorch:24.01",), False, True),
        ("ARG B\nFROM $B\n", ("$B",), "?", False),
        ("FROM ${B:-rocm/dev}:1\n", ("rocm/dev:1",), False, True),
        ("FROM a:1 AS x\nFROM x\n", ("a:1",), False, False),
        ("FROM a:1 AS x\nFROM b:1\nCOPY --from=x /a /b\n", ("b:1",), False, False),
        ("FROM scratch\n", None, None, False),
        ("FROM --platform=linux/amd64 a:1\n", ("a:1",), False, False),
    ],
)  # fmt: skip
def test_what_an_image_is_built_on(tmp_path, text, bases, pinned, heavy):
    found = image(tmp_path, text)
    facts = [value(found, f) for f in ("base.references", "base.pinned", "accelerator")]
    assert facts == [bases, pinned, heavy]


def fetches(folder, body, head="FROM a:1\n"):
    estate = estate_of(folder, Dockerfile=head + body)
    return sorted(
        (f.span.resolved().line, value(f, "type"), value(f, "pinned"))
        for f in estate.of("fetch")
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("RUN curl https://h/i.sh | sh\n", [(2, "script", False)]),
        ("RUN wget https://h/i.sh && \\\n    sh i.sh\n", [(2, "script", False)]),
        ("RUN <<EOF\nset -e\ncurl https://h/i.sh | sh\nEOF\nRUN pip install a\n",
         [(4, "script", False), (6, "packages", False)]),
        ("RUN bash <<'EOF'\ncurl https://h/i.sh | sh\nEOF\n", [(3, "script", False)]),
        ('RUN ["bash", "-c", "curl https://h/i.sh | sh"]\n', [(2, "script", False)]),
        ('RUN ["pip", "install", "a"]\n', [(2, "packages", False)]),
        ("RUN pip install a==1 \\\n  # why\n  b\n", [(2, "packages", False)]),
        ("RUN apt-get x && \\\n# why\n    pip install a\n", [(4, "packages", False)]),
        ("RUN --mount=type=cache,target=/c pip install a==1\n", [(2, "packages", True)]),
        ("ARG V=1.0\nRUN pip install a==${V}\n", [(3, "packages", True)]),
        (f"ARG REF={COMMIT}\nRUN pip install git+https://h/o/r@${{REF}}\n", [(3, "code", True)]),
        ("ENV REF=main\nRUN pip install git+https://h/o/r@${REF}\n", [(3, "code", False)]),
        ("ENV REF main\nRUN pip install git+https://h/o/r@${REF}\n", [(3, "code", False)]),
        ("ARG REF\nRUN pip install git+https://h/o/r@${REF}\n", [(3, "code", "?")]),
        ("ADD https://h/m.safetensors /m/\n", [(2, "model", False)]),
        (f"ADD --checksum={DIGEST} https://h/m.gguf /m/\n", [(2, "model", True)]),
        ("ADD https://h/tool.tar.gz /opt/\n", []),
        ("RUN timeout 60 pip install a\n", [(2, "packages", False)]),
        ("RUN git clone https://h/o/r\nRUN cd r && make\n", [(2, "code", False)]),
        (
            "ARG V=v2.29.3-1\nRUN git clone -b ${V} https://h/o/r && cd r && make\n",
            [(3, "code", "?")],
        ),
        (
            "RUN git clone https://h/o/r && cd r && git checkout core_r0.8.0 && make\n",
            [(2, "code", "?")],
        ),
        (
            "RUN git clone -b main https://h/o/r && cd r && make\n",
            [(2, "code", False)],
        ),
        ("RUN wget https://h/i.sh\nRUN sh i.sh\n", [(2, "script", False)]),
        ("COPY a b\n# RUN curl https://h/i.sh | sh\n", []),
        ("RUN [\n", []),
        ("RUN <<EOF\n", []),
    ],
)  # fmt: skip
def test_what_instructions_fetch(tmp_path, body, expected):
    assert fetches(tmp_path, body) == expected


def test_the_default_of_an_argument_before_the_first_stage(tmp_path):
    head = "ARG REF=main\nFROM a:1\nARG REF\n"
    body = "RUN pip install git+https://h/o/r@$REF\n"
    assert fetches(tmp_path, body, head) == [(4, "code", False)]


def test_plain_http_and_switches_are_channels(tmp_path):
    text = "FROM a:1\nENV GIT_SSL_NO_VERIFY=1\nADD http://h.example/m.gguf /m/\n"
    estate = estate_of(tmp_path, Dockerfile=text)
    told = [(value(c, "encrypted"), value(c, "verified")) for c in estate.of("channel")]
    assert sorted(told, key=str) == [(False, None), (None, False)]


LINES = st.lists(
    st.sampled_from(
        ["FROM a\n", "FROM $X AS y\n", "ARG X=1\n", "ARG X=$X$X\n", "ENV A=b \\\n", "RUN ", "RUN <<E\n",
         "E\n", "\\\n", "# c\n", "curl https://h/a.sh | sh\n", "ADD https://h/a.pt /b\n", "['\n",
         'RUN ["a", "-c", "b"]\n', "ADD [\n", "${", "$", "\r\n", "--mount=x "]
    ),
    max_size=30,
)  # fmt: skip


@given(LINES)
@settings(max_examples=150, deadline=None)
def test_any_dockerfile_is_read(lines):
    estate, inputs = Estate(), Inputs(None)
    source = Source("Dockerfile", "FROM a\n" + "".join(lines))
    inputs.texts.append(source)
    lower_image_weights(inputs, estate)
    lower_docker_builds(inputs, estate)
    for stage in stages(source):
        for instruction in stage.instructions:
            inner = run_script(instruction)
            if inner is not None and inner.text:
                assert Span(inner, 0, 1).resolved().source is source


def test_defaults_that_grow_and_many_lines_are_quick():
    start = time.process_time()
    grow = "ARG A=" + "x" * 900 + "\n" + "ARG A=$A$A$A\n" * 300
    estate, inputs = Estate(), Inputs(None)
    for number, text in enumerate(
        [grow + "FROM $A\n", "FROM a\n" + "ENV A=$A$A\n" * 2_000, "FROM a\nRUN a \\\n" + "# c\n" * 60_000,
         "FROM a\n" + "RUN <<E\n" * 20_000]
    ):  # fmt: skip
        inputs.texts.append(Source(f"{number}/Dockerfile", text))
    lower_image_weights(inputs, estate)
    lower_docker_builds(inputs, estate)
    assert time.process_time() - start < 20


@pytest.mark.parametrize(
    ("body", "path", "pinned"),
    [
        ("COPY requirements/* ./\nRUN pip install -r requirements.txt\n", "requirements/requirements.txt", False),
        ("COPY --chown=a:b requirements.txt /tmp\nRUN pip install -r /tmp/requirements.txt\n", "requirements.txt", False),
        ("COPY requirements-gpu.txt /tmp/requirements.txt\nRUN pip install -r /tmp/requirements.txt\n", "requirements-gpu.txt", False),
        ("WORKDIR /app\nCOPY . .\nRUN pip install -r reqs/requirements.txt\n", "reqs/requirements.txt", False),
        ("COPY . /app\nRUN pip install -r /app/reqs/requirements.txt\n", "reqs/requirements.txt", False),
        ("RUN pip install -r /tmp/requirements.txt\nCOPY requirements.txt /tmp\n", "requirements.txt", "?"),
        ("FROM b AS x\nFROM a:1\nCOPY --from=x requirements.txt /tmp\nRUN pip install -r /tmp/requirements.txt\n",
         "requirements.txt", "?"),
        ("COPY ../../requirements.txt /tmp/\nRUN pip install -r /tmp/requirements.txt\n", "x.txt", "?"),
    ],
)  # fmt: skip
def test_requirements_that_were_copied_in_are_read(tmp_path, body, path, pinned):
    place = tmp_path / path
    place.parent.mkdir(exist_ok=True)
    place.write_text("torch\n")
    estate = estate_of(tmp_path, Dockerfile="FROM a:1\n" + body)
    assert value(only(estate, "fetch"), "pinned") == pinned
