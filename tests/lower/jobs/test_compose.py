"""Compose files: variables, files of settings, ports, what images start by themselves."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from manifests import estate_of, only, targets, value

from mlsec_lint.lower.jobs.compose_values import filled, likely, settings_of
from mlsec_lint.source import Source
from mlsec_lint.value import Unknown, Value

GPU = "deploy: {resources: {reservations: {devices: [{capabilities: [gpu]}]}}}"


def service(folder, body, env=""):
    if env:
        (folder / ".env").write_text(env)
    text = f"services:\n  s:\n    {GPU}\n" + "".join(
        f"    {x}\n" for x in body.splitlines()
    )
    return estate_of(folder, compose__yaml=text)


@pytest.mark.parametrize(
    ("text", "shown", "mostly"),
    [
        ("a$X", "a1", "a1"),
        ("a${X}b", "a1b", "a1b"),
        ("$$X ${Y:-d}", "?", "$X d"),
        ("${Y-d}", "?", "d"),
        ("${Y}", "?", "${Y}"),
        ("${Y:?need it}/b", "?", "${Y}/b"),
        ("${X:-d}", "1", "1"),
        ("${X:+set}", "set", "set"),
        ("$", "$", "$"),
        ("${", "${", "${"),
        ("plain", "plain", "plain"),
    ],
)
def test_variables(text, shown, mostly):
    found = filled(Value(text), {"X": Value("1")})
    assert ("?" if isinstance(found.data, Unknown) else found.data) == shown
    assert likely(found) == mostly


def test_files_of_settings():
    text = "# c\nA=1\nexport B='x y' \nC=\"z\"#\n D = q # why\nE=\nbad line\n"
    found = settings_of(Source(".env", text))
    assert {n: v.data for n, v in found.items()} == {
        "A": "1", "B": "x y", "C": 'z"#', "D": "q", "E": "",
    }  # fmt: skip
    assert found["A"].span.text == "1"


def test_a_bucket_of_the_env_file_beside_is_certain(tmp_path):
    body = "image: amazon/aws-cli:2\ncommand: s3 cp /m/model.pt s3://${BUCKET}/x"
    estate = service(tmp_path, body, "BUCKET=lab-w\n")
    edges = estate.edges_from(only(estate, "workload"), "writes")
    assert [(e.target.address, e.certain) for e in edges] == [("s3://lab-w", True)]


@pytest.mark.parametrize(
    ("body", "bucket"),
    [
        ("image: a\ncommand: aws s3 cp m.pt s3://${BUCKET:-lab-d}/x", "s3://lab-d"),
        ("image: a\ncommand: aws s3 cp m.pt s3://${BUCKET}/x", "s3://${BUCKET}"),
    ],
)
def test_a_default_is_likely_and_a_variable_keeps_its_name(tmp_path, body, bucket):
    estate = service(tmp_path, body)
    edges = estate.edges_from(only(estate, "workload"), "writes")
    assert [(e.target.address, e.certain) for e in edges] == [(bucket, False)]


@pytest.mark.parametrize(
    "form", ["env_file: x.env", "env_file: [x.env]", "env_file: [{path: ./x.env}]"]
)
def test_variables_of_env_files_are_inside(tmp_path, form):
    (tmp_path / "x.env").write_text("OUT=/data/c\n")
    body = f"{form}\nimage: a\nvolumes: ['d:/data']\nentrypoint: [sh, -c]\n"
    body += "command: ['torchrun t.py --output_dir $$OUT']"
    estate = service(tmp_path, body)
    assert targets(estate, only(estate, "workload"), "writes") == ["compose.yaml#d"]


def test_a_service_by_its_likely_image(tmp_path):
    body = "image: vllm/vllm-openai:${TAG:-v0.6}\ncommand: --model /m/llama --trust-remote-code\n"
    body += "volumes: ['${DIR:-./models}:/m:ro']\nports: ['8000:8000']"
    estate = service(tmp_path, body)
    program = only(estate, "program")
    assert value(program, "format") == "vllm"
    assert value(program, "remote_code.trusted") is True
    mount = only(estate, "mount")
    assert value(mount, "read_only") is True
    (edge,) = estate.edges_from(mount, "is backed by")
    assert (edge.target.address, edge.certain) == ("compose.yaml#./models", False)


@pytest.mark.parametrize(
    ("ports", "exposed"),
    [
        ("['8888:8888']", ["node"]),
        ("['0.0.0.0:80:8888/tcp']", ["node"]),
        ("['${PORT:-8888}:8888']", ["node"]),
        ("[8888]", ["node"]),
        ("[{target: 8888, published: 80}]", ["node"]),
        ("['127.0.0.1:8888:8888']", []),
        ("['[::1]:8888:8888']", []),
        ("[{target: 8888, host_ip: 127.0.0.1}]", []),
        ("[]", []),
        ("['x:y']", []),
    ],
)
def test_published_ports(tmp_path, ports, exposed):
    body = f"image: a\ncommand: jupyter lab --NotebookApp.token=''\nports: {ports}"
    estate = service(tmp_path, body)
    found = [value(s, "exposure") for s in estate.of("service")]
    assert found == exposed
    for thing in estate.of("service"):
        assert value(thing, "surface") == "dashboard"


@pytest.mark.parametrize(
    ("body", "stated"),
    [
        ("image: gpt\nbuild: .", False),
        ("image: gpt", True),
        ("image: ghcr.io/acme/gpt\nbuild: .", True),
    ],
)
def test_the_name_of_what_is_built_here_is_no_image_from_elsewhere(
    tmp_path, body, stated
):
    container = only(service(tmp_path, body), "container")
    assert ("image.pinned" in container.facts) is stated


def test_nothing_outside_is_read(tmp_path):
    (tmp_path / "x.env").write_text("BUCKET=other\n")
    body = "image: a\nenv_file: [../x.env, /etc/passwd, ~/x]\ncommand: aws s3 cp m.pt s3://$BUCKET/x"
    estate = (
        service(tmp_path / "in", body) if (tmp_path / "in").mkdir() is None else None
    )
    assert "s3://${BUCKET}" in [s.address for s in estate.of("store")]


PIECES = st.lists(
    st.sampled_from(
        ["$", "{", "}", "X", ":-", "$$", "${X", "a", ":", "/", "-", "?", "+"]
    ),
    max_size=30,
)


@given(PIECES, st.booleans())
@settings(max_examples=200, deadline=None)
def test_any_text_is_filled(pieces, known):
    found = filled(Value("".join(pieces)), {"X": Value("1")} if known else {})
    assert isinstance(likely(found), str)


def test_long_texts_are_quick():
    start = time.process_time()
    filled(Value("${X" * 100_000), {})
    filled(Value("$X" * 50_000), {"X": Value("y" * 100)})
    filled(Value("${X:-" * 50_000 + "}" * 50_000), {})
    settings_of(Source(".env", "A" * 200_000 + "\n" + "A = " * 50_000))
    assert time.process_time() - start < 5
