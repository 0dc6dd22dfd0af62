"""SkyPilot tasks and dstack services: what travels, where to, and which ports answer."""

from __future__ import annotations

import pytest
from manifests import estate_of, only, targets, value

from mlsec_lint.lower.jobs.carried_files import credential_file
from mlsec_lint.value import Unknown


@pytest.mark.parametrize(
    ("path", "sort"),
    [
        ("~/.netrc", "netrc-logins"),
        ("$HOME/.netrc", "netrc-logins"),
        ("/root/.cache/huggingface/token", "hugging-face-token"),
        ("~/.cache/huggingface", "hugging-face-token"),
        ("~/.aws", "aws-credentials-file"),
        ("~/.aws/credentials", "aws-credentials-file"),
        ("~/.aws/config", ""),
        ("~/.config/gcloud/", "gcp-credentials-file"),
        ("~/.ssh", "ssh-key"),
        ("~/.ssh/id_ed25519", "ssh-key"),
        ("~/.ssh/id_rsa.pub", ""),
        ("~/.ssh/config", ""),
        ("~/data", ""),
        ("./configs", ""),
        ("/data/.netrc", ""),
        ("~/", ""),
    ],
)
def test_files_of_a_home_that_log_in_somewhere(path, sort):
    assert credential_file(path) == sort


TASK = """\
name: sft
resources: {infra: %s, accelerators: H100:8}
envs:
  BUCKET: acme-out
  OTHER:
file_mounts:
%s
run: |
  torchrun train.py --output_dir /out/x --model_name_or_path /in/base
"""


@pytest.mark.parametrize(
    ("infra", "mounts", "reads", "writes"),
    [
        ("aws/us-east-1", "/out: {source: s3://w, mode: MOUNT}", [], ["s3://w"]),
        ("aws/us-east-1", "/out: {name: $BUCKET}", [], ["s3://acme-out"]),
        ("gcp/us-east1", "/out: {name: '${BUCKET}'}", [], ["gs://acme-out"]),
        ("gcp/us-east1", "/out: {name: a-b, store: r2}", [], ["r2://a-b"]),
        ("azure/eastus", "/out: {name: ck}", [], ["skypilot:azure/ck"]),
        ("k8s/lab", "/out: {name: ck}", [], ["skypilot:any/ck"]),
        ("aws/us-east-1", "/out: {name: ck, mode: COPY}", [], ["t.yaml#/out/x"]),
        ("aws/us-east-1", "/in: s3://base", ["s3://base"], ["t.yaml#/out/x"]),
        ("aws/us-east-1", "/out: s3://base", [], ["t.yaml#/out/x"]),
    ],
)
def test_buckets_of_a_task(tmp_path, infra, mounts, reads, writes):
    estate = estate_of(tmp_path, t__yaml=TASK % (infra, "  " + mounts))
    task = only(estate, "workload")
    assert targets(estate, task, "writes") == writes
    stores = {"s3://base", "skypilot:azure/ck"}
    assert [t for t in targets(estate, task, "reads") if t in stores] == reads


def test_a_bucket_that_no_store_is_named_for_is_in_doubt(tmp_path):
    estate = estate_of(tmp_path, t__yaml=TASK % ("k8s/lab", "  /out: {name: ck}"))
    (edge,) = estate.edges_from(only(estate, "workload"), "writes")
    assert not edge.certain
    assert "no store is named" in edge.why


def test_a_name_that_is_given_at_the_start_is_not_known(tmp_path):
    text = TASK % ("aws/us-east-1", "  /out: {name: $OTHER}")
    estate = estate_of(tmp_path, t__yaml=text)
    (edge,) = estate.edges_from(only(estate, "workload"), "writes")
    assert not edge.certain
    assert "OTHER" in edge.why


def test_logins_that_travel_with_a_task(tmp_path):
    mounts = """\
  ~/.netrc: ~/.netrc
  ~/.aws: ~/.aws
  ~/.cache/huggingface/token: ./token
  ~/key.pub: ~/.ssh/id_rsa.pub
  /configs: ./configs
  /hub: {name: cache, source: ~/.cache/huggingface}"""
    estate = estate_of(tmp_path, t__yaml=TASK % ("aws/us-east-1", mounts))
    found = [(value(s, "type"), value(s, "plain")) for s in estate.of("secret")]
    assert found == [
        ("netrc-logins", False),
        ("aws-credentials-file", False),
        ("hugging-face-token", False),
        ("hugging-face-token", False),
    ]


@pytest.mark.parametrize(
    ("resources", "pinned", "places"),
    [
        ("{cloud: gcp}", False, [("gcp", "?")]),
        ("{infra: gcp}", False, [("gcp", "?")]),
        ("{infra: 'gcp/*/us-a'}", False, [("gcp", "?")]),
        ("{infra: '*/us-east-1'}", True, [("", "us-east-1")]),
        ("{infra: aws/us-east-1/us-east-1a}", True, [("aws", "us-east-1")]),
        ("{cloud: gcp, zone: us-east1-b}", True, [("gcp", "us-east1-b")]),
        ("{accelerators: H100}", False, [("", "?")]),
        ("{infra: k8s}", "?", []),
        ("{infra: k8s/lab}", True, []),
        ("{infra: ssh/pool}", True, []),
        (
            "{any_of: [{infra: aws/us-east-1}, {infra: gcp}]}",
            False,
            [("aws", "us-east-1"), ("gcp", "?")],
        ),
        (
            "{cloud: aws, ordered: [{region: us-east-1}, {use_spot: true}]}",
            False,
            [("aws", "us-east-1"), ("aws", "?")],
        ),
    ],
)
def test_where_a_task_may_run(tmp_path, resources, pinned, places):
    text = f"resources: {resources}\nrun: python train.py\n"
    task = only(estate_of(tmp_path, t__yaml=text), "workload")
    assert value(task, "place.pinned") == pinned
    pairs = zip(
        task.all_facts("place.provider"), task.all_facts("place.region"), strict=True
    )
    found = [
        (p.value, "?" if isinstance(r.value, Unknown) else r.value) for p, r in pairs
    ]
    assert found == places


SERVE = """\
%s
resources: {infra: %s, accelerators: L4:1, ports: %s}
run: |
  # vllm serve is what the next line starts
  python -u -m %s --port 8000
"""
VLLM = "vllm.entrypoints.openai.api_server"


@pytest.mark.parametrize(
    ("infra", "ports", "program", "found"),
    [
        ("gcp/us-east1", "8000", VLLM, [("internet", "vLLM", "internet")]),
        ("gcp/us-east1", "[22, 8000-8010]", VLLM, [("internet", "vLLM", "internet")]),
        ("k8s", "8000", VLLM, [("?", "vLLM", "?")]),
        ("gcp/us-east1", "8000", f"{VLLM} --api-key $K",
         [("internet", "vLLM", "nobody")]),
        ("gcp/us-east1", "8000", "http.server", [("internet", None, None)]),
        ("gcp/us-east1", "null", VLLM, []),
    ],
)  # fmt: skip
def test_ports_that_a_task_opens(tmp_path, infra, ports, program, found):
    text = SERVE % ("name: s", infra, ports, program)
    text = text.replace("vllm serve", "a server") if "http" in program else text
    estate = estate_of(tmp_path, t__yaml=text)
    facts = ("exposure", "surface.name", "anonymous.from")
    assert [tuple(value(s, f) for f in facts) for s in estate.of("service")] == found


def test_a_service_answers_though_it_names_no_port(tmp_path):
    text = SERVE % ("service: {replicas: 2}", "aws/us-east-1", "null", VLLM)
    service = only(estate_of(tmp_path, t__yaml=text), "service")
    assert value(service, "exposure") == "internet"
    assert value(service, "surface") == "model"


@pytest.mark.parametrize(
    ("flags", "found"),
    [("", []), ("--dashboard-host=0.0.0.0", ["Ray dashboard and job API"])],
)
def test_the_dashboard_of_ray_answers_others_where_it_is_told_to(
    tmp_path, flags, found
):
    text = f"""\
    resources: {{infra: aws/us-east-1, ports: 8265}}
    run: |
      ray start --head --port=6379 {flags}
    """
    estate = estate_of(tmp_path, t__yaml=text)
    names = [value(s, "surface.name") for s in estate.of("service")]
    assert [name for name in names if name] == found


@pytest.mark.parametrize(
    ("auth", "asked", "answers"),
    [("", True, "nobody"), ("auth: true", True, "nobody"), ("auth: false", False, "?")],
)
def test_the_endpoint_of_a_dstack_service(tmp_path, auth, asked, answers):
    text = f"""\
    type: service
    image: vllm/vllm-openai:v0.11.0
    {auth}
    commands:
      - vllm serve org/model
    port: 8000
    resources: {{gpu: 24GB}}
    """
    service = only(estate_of(tmp_path, t__yaml=text), "service")
    assert value(service, "authenticated") is asked
    assert value(service, "anonymous.from") == answers
    assert value(service, "exposure") == "?"


def test_volumes_of_a_task(tmp_path):
    text = """\
    resources: {infra: k8s/lab, accelerators: H100:8}
    volumes:
      /ckpt: sft-pvc
      /more: {name: other, size: 10Gi}
    run: torchrun train.py --output_dir /ckpt/x
    """
    estate = estate_of(tmp_path, t__yaml=text)
    task = only(estate, "workload")
    assert targets(estate, task, "writes") == ["skypilot-volume:sft-pvc"]
    assert len(targets(estate, task, "mounts")) == 2
