"""dstack, Determined and Ray's launcher: places, disks, credentials, one shell for all."""

from __future__ import annotations

import pytest
from manifests import estate_of, only, targets, value

from mlsec_lint.value import Unknown

DSTACK = """\
type: task
name: sft
image: org/image:1
env: [HF_TOKEN]
%s
commands:
  - export OUT=/ckpt/run
  - git clone https://github.com/org/code.git
  - cd code
  - |
    # a longer one
    torchrun train.py --output_dir $OUT
  - python eval.py
resources: {gpu: 'H100:8'}
"""


@pytest.mark.parametrize(
    ("more", "writes"),
    [
        ("", "s.dstack.yml#/ckpt/run"),
        ("volumes: ['sft-disk:/ckpt']", "dstack-volume:sft-disk"),
        ("volumes: [{name: sft-disk, path: /ckpt}]", "dstack-volume:sft-disk"),
        ("volumes: ['/data/ckpt:/ckpt']", "hostPath:/data/ckpt"),
    ],
)
def test_commands_of_dstack_share_a_shell(tmp_path, more, writes):
    estate = estate_of(tmp_path, s__dstack__yml=DSTACK % more)
    job = only(estate, "workload")
    (edge,) = estate.edges_from(job, "writes")
    assert edge.target.address == writes
    assert edge.span.line == 12
    code = only(estate, "fetch", type="code")
    assert value(code, "what") == "https://github.com/org/code.git"
    assert value(code, "executed") is True


@pytest.mark.parametrize(
    ("more", "pinned", "places"),
    [
        ("", False, [("", "?")]),
        ("backends: [aws]", False, [("aws", "?")]),
        ("backends: [aws, gcp]", False, [("aws", "?"), ("gcp", "?")]),
        ("backends: [kubernetes]", True, []),
        ("backends: [aws]\nregions: [us-east-1]", True, [("aws", "us-east-1")]),
        (
            "backends: [aws, gcp]\nregions: [us-east-1, us-central1, nowhere]",
            True,
            [("aws", "us-east-1"), ("gcp", "us-central1"), ("", "nowhere")],
        ),
    ],
)
def test_places_of_dstack(tmp_path, more, pinned, places):
    job = only(estate_of(tmp_path, s__yaml=DSTACK % more), "workload")
    pairs = zip(
        job.all_facts("place.provider"), job.all_facts("place.region"), strict=True
    )
    assert value(job, "place.pinned") is pinned
    assert [
        (p.value, "?" if isinstance(r.value, Unknown) else r.value) for p, r in pairs
    ] == places


def test_a_volume_of_dstack_and_a_run_that_mounts_it(tmp_path):
    volume = (
        "type: volume\nname: sft-disk\nbackend: aws\nregion: eu-west-1\nsize: 100GB\n"
    )
    run = DSTACK % "volumes: ['sft-disk:/ckpt']"
    estate = estate_of(tmp_path, v__yaml=volume, s__yaml=run)
    store = only(estate, "store", type="block")
    assert value(store, "declared") is True
    assert value(store, "place.region") == "eu-west-1"
    assert targets(estate, only(estate, "workload"), "writes") == [store.address]


@pytest.mark.parametrize(
    ("name", "count"), [("x__dstack__yml", 1), (".dstack__yml", 1), ("x__yml", 0)]
)
def test_a_type_and_commands_are_of_dstack_in_a_file_of_its_name(tmp_path, name, count):
    text = "type: task\ncommands: [python train.py]\n"
    assert len(list(estate_of(tmp_path, **{name: text}).of("workload"))) == count


def test_people_work_in_a_dev_environment(tmp_path):
    text = "type: dev-environment\nide: vscode\nresources: {gpu: 24GB}\n"
    job = only(estate_of(tmp_path, s__yaml=text), "workload")
    assert value(job, "session.notebook") is True


DETERMINED = """\
name: x
entrypoint: python3 train.py
searcher: {name: single, metric: loss}
%s
"""


@pytest.mark.parametrize(
    ("storage", "store"),
    [
        ("{type: s3, bucket: ck, secret_key: '${SECRET}'}", "s3://ck"),
        ("{type: gcs, bucket: ck, prefix: x}", "gs://ck"),
        ("{type: shared_fs, host_path: /mnt/s, storage_path: det}", "t.yaml#/mnt/s/det"),
        ("{type: directory, container_path: /mnt/s}", "t.yaml#/mnt/s"),
        (
            "{type: azure, container: ck, account_url: 'https://lab.blob.core.windows.net/'}",
            "abfss://ck@lab.dfs.core.windows.net",
        ),
    ],
)  # fmt: skip
def test_where_determined_keeps_checkpoints(tmp_path, storage, store):
    text = DETERMINED % f"checkpoint_storage: {storage}"
    estate = estate_of(tmp_path, t__yaml=text)
    assert targets(estate, only(estate, "workload"), "writes") == [store]


def test_an_account_that_only_a_secret_names_is_evidence_all_the_same(tmp_path):
    text = DETERMINED % (
        "checkpoint_storage: {type: azure, container: ck, connection_string: "
        "'DefaultEndpointsProtocol=https;AccountName=lab;SharedAccessSignature=q8Zr2Lw9Tk'}"
    )
    estate = estate_of(tmp_path, t__yaml=text)
    job, secret = only(estate, "workload"), only(estate, "secret")
    assert [piece.strength for piece in job.evidence] == ["referenced"]
    assert value(secret, "plain") is True
    assert value(secret, "type") == "azure-account-key"


@pytest.mark.parametrize(
    ("resources", "asks"),
    [("", True), ("resources: {slots_per_trial: 0}", False),
     ("resources: {slots_per_trial: 4}", True)],
)  # fmt: skip
def test_a_trial_has_a_slot_unless_it_is_told_otherwise(tmp_path, resources, asks):
    job = only(estate_of(tmp_path, t__yaml=DETERMINED % resources), "workload")
    assert value(job, "accelerator") is asks


def test_hyperparameters_name_models(tmp_path):
    text = DETERMINED % (
        "hyperparameters: {model: {pretrained_model_name_or_path: org/m}, lr: 0.1}\n"
        "environment: {image: org/i:1, add_capabilities: [CAP_SYS_ADMIN]}"
    )
    estate = estate_of(tmp_path, t__yaml=text)
    assert value(only(estate, "fetch"), "what") == "org/m"
    assert value(only(estate, "container"), "capabilities.added") == ("SYS_ADMIN",)


RAY = """\
cluster_name: c
provider: {type: aws, region: us-west-2}
file_mounts: {/home/ubuntu/.aws/credentials: ~/.aws/credentials, /code: ./code}
available_node_types:
  head: {node_config: %s}
"""


@pytest.mark.parametrize(
    ("config", "asks"),
    [
        ("{InstanceType: p5.48xlarge}", True),
        ("{InstanceType: g6e.xlarge}", True),
        ("{InstanceType: i4i.4xlarge}", False),
        ("{machineType: a3-highgpu-8g}", True),
        ("{machineType: n2-standard-8}", False),
        ("{machineType: n1-standard-8, guestAccelerators: [{acceleratorCount: 1}]}", True),
        ("{azure_arm_parameters: {vmSize: Standard_NC96ads_A100_v4}}", True),
        ("{azure_arm_parameters: {vmSize: Standard_D4s_v5}}", False),
    ],
)  # fmt: skip
def test_clusters_of_ray(tmp_path, config, asks):
    estate = estate_of(tmp_path, r__yaml=RAY % config)
    assert value(only(estate, "workload"), "accelerator") is asks
    assert value(only(estate, "secret"), "type") == "aws-credentials-file"


@pytest.mark.parametrize(
    ("folder", "what"), [("org/base", ["org/base"]), ("checkpoints/org/base", [])]
)
def test_litgpt_takes_a_model_of_the_hub_by_its_name(tmp_path, folder, what):
    text = f"""\
    checkpoint_dir: {folder}
    out_dir: s3://out/x
    data: {{class_path: litgpt.data.Alpaca}}
    precision: bf16
    logger_name: wandb
    """
    estate = estate_of(tmp_path, t__yaml=text)
    assert [value(f, "what") for f in estate.of("fetch")] == what
    assert targets(estate, only(estate, "workload"), "writes") == ["s3://out"]
