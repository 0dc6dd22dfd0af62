"""What servers are told besides plain flags: variables, JSON, names; unknown entrypoints."""

from __future__ import annotations

import pytest
from manifests import estate_of, only, targets, value

POD = """
apiVersion: v1
kind: Pod
metadata: {name: p, namespace: ml, labels: {app: p}}
spec:
  containers:
    - name: main
      image: %s
      %s
      resources: {limits: {nvidia.com/gpu: 1}}
"""


def pod(folder, image, more):
    return estate_of(folder, a__yaml=POD % (image, more))


def uses(estate):
    """What the pod reads and writes, "?" behind what is not certain."""
    found = only(estate, "workload")
    return sorted(
        f"{verb} {edge.target.address}" + ("" if edge.certain else "?")
        for verb in ("reads", "writes")
        for edge in estate.edges_from(found, verb)
    )


VLLM = "vllm/vllm-openai:v0.11.0"


@pytest.mark.parametrize(
    ("image", "more"),
    [
        (VLLM, 'env: [{name: VLLM_ADDITIONAL_ARGS, value: "--trust-remote-code"}]'),
        (VLLM, 'env: [{name: EXTRA_ARGS, value: "--x y --trust-remote-code"}]'),
        (VLLM, 'args: [--port, "1"]\n      env: [{name: VLLM_ARGS, value: --trust-remote-code}]'),
        ("x/y", 'env: [{name: VLLM_EXTRA_ARGS, value: "--x --trust-remote-code"}]'),
        ("nvcr.io/nim/a/b:1", 'env: [{name: NIM_PASSTHROUGH_ARGS, value: "--trust-remote-code"}]'),
        (VLLM, "command: [vllm, serve, m]\n      env: [{name: EXTRA_ARGS, value: --trust-remote-code}]"),
        (VLLM, 'env: [{name: OPTION_TRUST_REMOTE_CODE, value: "true"}]'),
    ],
)  # fmt: skip
def test_arguments_that_stand_in_a_variable(tmp_path, image, more):
    program = only(pod(tmp_path, image, more), "program")
    assert value(program, "remote_code.trusted") is True
    assert program.fact("remote_code.trusted").span.line > 8


@pytest.mark.parametrize(
    ("image", "more"),
    [
        (VLLM, "env: [{name: NIM_PASSTHROUGH_ARGS, value: --trust-remote-code}]"),
        (VLLM, "env: [{name: EXTRA_ARGS, value: trust-remote-code}]"),
        ("x/y", "env: [{name: EXTRA_ARGS, value: --trust-remote-code}]"),
        ("x/y", "env: [{name: OTHER_ARGS, value: --trust-remote-code}]"),
    ],
)
def test_variables_of_other_programs(tmp_path, image, more):
    estate = pod(tmp_path, image, more)
    assert [value(p, "remote_code.trusted") for p in estate.of("program")] in (
        [],
        [None],
    )


def test_a_key_in_a_variable_is_a_login(tmp_path):
    service = """---
apiVersion: v1
kind: Service
metadata: {name: s, namespace: ml}
spec: {type: LoadBalancer, selector: {app: p}, ports: [{port: 8000}]}
"""
    for text, asked in (("--api-key $(KEY)", True), ("--port 8000", False)):
        more = f'env: [{{name: VLLM_ADDITIONAL_ARGS, value: "{text}"}}]'
        estate = estate_of(tmp_path, a__yaml=POD % (VLLM, more) + service)
        assert value(only(estate, "service"), "authenticated") is asked


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("--model, s3://b/m, --lora-modules, sql=s3://c/l, x=s3://d/l, --port, '1'",
         ["reads s3://b", "reads s3://c", "reads s3://d"]),
        ("""--model-loader-extra-config, '{"tensorizer_uri": "s3://b/m.tensors"}'""",
         ["reads s3://b"]),
        ("""'--speculative-config={"model": "gs://b/draft", "n": 3}'""", ["reads gs://b"]),
        ("""--some-config, '{"a": {"uri": "s3://b/m"}}'""", ["reads s3://b?", "writes s3://b?"]),
        ("--some-config, '{not json s3://b/m'", ["reads s3://b?", "writes s3://b?"]),
    ],
)  # fmt: skip
def test_what_a_server_reads(tmp_path, arguments, expected):
    assert uses(pod(tmp_path, VLLM, f"args: [{arguments}]")) == expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("-o=gs://b/x", ["reads gs://b?", "writes gs://b?"]),
        ("load_parameters_path=gs://b/x/0/items", ["reads gs://b"]),
        ("'--jobs=a=s3://b/x,c=s3://d/y'",
         ["reads s3://b?", "reads s3://d?", "writes s3://b?", "writes s3://d?"]),
        ("'--to=gs://${BUCKET}/x'", ["writes gs://${BUCKET}?"]),
        ("--image, docker://x/y", []),
    ],
)  # fmt: skip
def test_what_an_unknown_entrypoint_is_given(tmp_path, arguments, expected):
    assert uses(pod(tmp_path, "x/y", f"args: [{arguments}]")) == expected


@pytest.mark.parametrize(
    ("arguments", "pinned"),
    [
        ("--thing=hf://lab/model", "?"),
        ("--thing=hf://lab/model@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", True),
    ],
)
def test_a_hub_that_an_unknown_entrypoint_is_given(tmp_path, arguments, pinned):
    fetch = only(pod(tmp_path, "x/y", f"args: ['{arguments}']"), "fetch")
    assert value(fetch, "what") == "lab/model"
    assert value(fetch, "pinned") == pinned


def test_arguments_of_kserves_own_server(tmp_path):
    text = """
    apiVersion: serving.kserve.io/v1alpha2
    kind: LLMInferenceService
    metadata: {name: llm, namespace: ml}
    spec:
      model: {uri: "s3://lab-weights/llm"}
      template: {containers: [{name: main, args: [--trust-remote-code]}]}
      router: {scheduler: {template: {containers: [{name: main, args: [--verbose]}]}}}
    """
    program = only(estate_of(tmp_path, a__yaml=text), "program", format="vllm")
    assert value(program, "remote_code.trusted") is True
    assert targets(estate_of(tmp_path), program, "reads") == []


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ("{name: ROOT, value: 'gs://b/root'}", ["reads gs://b?", "writes gs://b?"]),
        ("{name: OUTPUT_PATH, value: 's3://$B/x'}", ["writes s3://$B?"]),
        ("{name: MODEL_DIR, value: 's3://b/m'}, {name: OUTPUT, value: 's3://b/o'}",
         ["reads s3://b", "writes s3://b"]),
        ("{name: LOG_URL, value: 'https://b.example/x'}", []),
    ],
)  # fmt: skip
def test_stores_that_variables_name(tmp_path, env, expected):
    found = uses(pod(tmp_path, "x/y", f"env: [{env}]"))
    assert [one.replace("${B}", "$B") for one in found] == expected


def test_variables_of_the_environment_of_a_ray_job(tmp_path):
    text = """
    apiVersion: ray.io/v1
    kind: RayJob
    metadata: {name: r, namespace: ml}
    spec:
      entrypoint: python run.py
      runtimeEnvYAML: |
        env_vars: {RESULT_ROOT: "s3://results/x"}
      rayClusterSpec:
        headGroupSpec:
          template:
            spec:
              containers: [{name: h, image: x/y, resources: {limits: {nvidia.com/gpu: 1}}}]
    """
    assert uses(estate_of(tmp_path, a__yaml=text)) == [
        "reads s3://results?",
        "writes s3://results?",
    ]


@pytest.mark.parametrize("image", [VLLM, "vllm/vllm-openai"])
def test_an_image_is_no_model(tmp_path, image):
    estate = pod(tmp_path, image, "env: []")
    assert value(only(estate, "program"), "format") == "vllm"
    assert not list(estate.of("fetch"))


def test_of_settings_in_json_the_address_is_shown(tmp_path):
    command = """["python", "-m", "vllm.entrypoints.openai.api_server", "--model", "a/b",
      "--load-format", "tensorizer", "--model-loader-extra-config",
      '{"tensorizer_uri": "s3://acme-weights/a/model.tensors"}']"""
    text = f"""\
    apiVersion: apps/v1
    kind: Deployment
    metadata: {{name: llm}}
    spec:
      template:
        spec:
          containers:
          - name: c
            image: vllm/vllm-openai:v0.9.1
            command: {command}
    """
    estate = estate_of(tmp_path, d__yaml=text)
    [piece] = estate.find("store", "s3://acme-weights").evidence
    assert piece.words.endswith("reads weights from s3://acme-weights/a/model.tensors")
