"""What ties weights to other operators and to sovereign parts of a cloud."""

from __future__ import annotations

import pytest

from mlsec_lint.estate.places import legal_home
from mlsec_lint.scan import read, survey
from mlsec_lint.value import Unknown

BUCKET = """
provider "aws" {
  region = "us-west-2"
}
variable "x" {}
resource "aws_s3_bucket" "w" {
  bucket = "acme-w"
  tags   = { "mlsec/holds" = "weights" }
}
"""


def ties(tmp_path, **files):
    """(what it leads to, seat, mixed, held) of each tie."""
    for name, text in files.items():
        (tmp_path / name.replace("_", ".")).write_text(text)
    found = []
    for tie in survey(read(str(tmp_path))).of("tie"):
        facts = {
            name: "unknown" if isinstance(fact.value, Unknown) else fact.value
            for name, fact in tie.facts.items()
        }
        found.append(
            (
                facts.get("operator") or facts.get("partition"),
                facts.get("operator.seat"),
                facts.get("partition.mixed"),
                facts.get("weights.held", False),
            )
        )
    return found


@pytest.mark.parametrize(
    ("provider", "region", "home"),
    [
        ("aws", "us-west-2", "aws"),
        ("aws", "us-gov-west-1", "aws"),
        ("aws", "cn-north-1", "aws-cn"),
        ("aws", "us-iso-east-1", "aws-iso"),
        ("aws", "us-isob-east-1", "aws-iso"),
        ("aws", "eusc-de-east-1", "aws-eusc"),
        ("google", "us-central1", "gcp"),
        ("gcp", "u-france-east1", "gcp-sovereign"),
        ("azurerm", "chinanorth3", "azure-china"),
        ("alibaba", "cn-hangzhou", "alibaba"),
    ],
)
def test_the_legal_home_of_a_region(provider, region, home):
    assert legal_home(provider, region) == home


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("", []),
        (
            'provider "aws" {\n alias = "b"\n region = "cn-north-1"\n}',
            [("aws-cn", None, True, True)],
        ),
        ('provider "aws" {\n alias = "b"\n region = var.x\n}', []),
        ('provider "azurerm" {\n environment = "usgovernment"\n}', []),
        (
            'provider "azurerm" {\n environment = "china"\n}',
            [("azure-china", None, True, True)],
        ),
        ('provider "google" {\n universe_domain = "googleapis.com"\n}', []),
        (
            'provider "google" {\n universe_domain = "s3nsapis.fr"\n}',
            [("gcp-s3nsapis.fr", None, True, True)],
        ),
        ('provider "alicloud" {\n}', [("alibaba", ("CN",), None, True)]),
        ('provider "scaleway" {\n}', [("scaleway", "unknown", None, True)]),
        (
            'resource "aws_iam_policy" "p" {\n policy = "{\\"Resource\\":\\"arn:aws-cn:s3:::b\\"}"\n}',
            [("aws-cn", None, True, True)],
        ),
        ('resource "aws_iam_policy" "p" {\n policy = "arn:aws-us-gov:s3:::b"\n}', []),
    ],
)
def test_ties_of_a_root(tmp_path, more, expected):
    assert ties(tmp_path, main_tf=BUCKET + more) == expected


def test_a_root_without_weights_is_no_matter_of_weights(tmp_path):
    text = 'provider "alicloud" {\n}\n'
    assert ties(tmp_path, main_tf=text) == [("alibaba", ("CN",), None, False)]


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("docker.io/acme/train:1", []),
        ("111122223333.dkr.ecr.us-west-2.amazonaws.com/train:1", []),
        ("acme.azurecr.io/train:1", []),
        (
            "111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/train:1",
            [("aws-cn", None, "unknown", True)],
        ),
        ("acme.azurecr.cn/train:1", [("azure-china", None, "unknown", True)]),
        (
            "registry.cn-hangzhou.aliyuncs.com/acme/train:1",
            [("alibaba", ("CN",), None, True)],
        ),
        ("acme.tencentcloudcr.com/acme/train:1", [("tencent", ("CN",), None, True)]),
        (
            "swr.cn-north-4.myhuaweicloud.com/acme/train:1",
            [("huawei", ("CN",), None, True)],
        ),
    ],
)
def test_images_of_weight_workloads(tmp_path, image, expected):
    job = f"""
apiVersion: v1
kind: Pod
metadata: {{name: p}}
spec:
  containers:
    - name: c
      image: {image}
      command: [torchrun, sft.py, --output_dir, /ckpt/sft]
      resources: {{limits: {{nvidia.com/gpu: 8}}}}
"""
    assert ties(tmp_path, job_yaml=job) == expected
