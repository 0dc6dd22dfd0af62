"""One root with several variable files: each is judged, none hides another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlsec_lint.commands.scan import plain_scan
from mlsec_lint.finding import Verdict

if TYPE_CHECKING:
    from pathlib import Path

MAIN = """\
variable "acl" {
  type = string
}

resource "aws_s3_bucket" "weights" {
  bucket = "lab-weights"
  tags   = { "mlsec/holds" = "weights" }
}

resource "aws_s3_bucket_acl" "weights" {
  bucket = aws_s3_bucket.weights.id
  acl    = var.acl
}
"""


def test_each_variant_is_judged_by_itself(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(MAIN)
    (tmp_path / "dev.tfvars").write_text('acl = "public-read"\n')
    (tmp_path / "prod.tfvars").write_text('acl = "private"\n')
    config = "tfvars:\n  .: [prod.tfvars, dev.tfvars]\n"
    (tmp_path / ".mlsec-lint.yaml").write_text(config)
    result = plain_scan(str(tmp_path), "--rule", "weights-no-public-access")
    (finding,) = [f for f in result.findings if f.fact == "public.acl"]

    assert finding.subject == ".[dev.tfvars]:aws_s3_bucket.weights"
    assert finding.span.line == 12
    assert "dev.tfvars" in [step.span.path for step in finding.trail]
    assert set(result.summary.weight_stores) == {
        ".[dev.tfvars]:aws_s3_bucket.weights",
        ".[prod.tfvars]:aws_s3_bucket.weights",
    }


JOB = """\
apiVersion: batch/v1
kind: Job
metadata: {name: sft, namespace: train}
spec:
  template:
    spec:
      containers:
        - name: c
          image: lab/trl:1
          command: [accelerate, launch, sft.py]
          args: [--output_dir=s3://lab-weights/sft]
"""
SHARED = """\
variable "partner" {
  type = string
}

resource "aws_s3_bucket" "w" {
  bucket = "lab-weights"
}

resource "aws_s3_bucket_policy" "w" {
  count  = var.partner == "" ? 0 : 1
  bucket = aws_s3_bucket.w.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${var.partner}:root" }
      Action    = "s3:GetObject"
      Resource  = "${aws_s3_bucket.w.arn}/*"
    }]
  })
}
"""


def test_files_of_environments_are_variants_without_being_named(
    tmp_path: Path,
) -> None:
    for name, text in {
        "job.yaml": JOB,
        "live/main.tf": SHARED,
        "live/env/dev.tfvars": 'partner = ""\n',
        "live/env/prod.tfvars": 'partner = "111122223333"\n',
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    result = plain_scan(str(tmp_path), "--baseline", "SL4")
    found = [f.path for f in result.findings if f.path is not None]

    assert set(result.summary.weight_stores) == {  # the job writes to either
        "live[dev.tfvars]:aws_s3_bucket.w",
        "live[prod.tfvars]:aws_s3_bucket.w",
    }
    sinks = {(path["source"], path["sink"]) for path in found}
    assert ("live[prod.tfvars]:aws_s3_bucket.w", "account:111122223333") in sinks
    assert ("live[dev.tfvars]:aws_s3_bucket.w", "account:111122223333") not in sinks


CLUSTER = """\
variable "public" {
  type = bool
}

resource "aws_s3_bucket" "w" {
  bucket = "lab-weights"
}

resource "aws_vpc" "v" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "s" {
  vpc_id                  = aws_vpc.v.id
  cidr_block              = "10.0.0.0/24"
  map_public_ip_on_launch = true
}

resource "aws_internet_gateway" "i" {
  vpc_id = aws_vpc.v.id
}

resource "aws_route_table" "t" {
  vpc_id = aws_vpc.v.id
}

resource "aws_route_table_association" "t" {
  subnet_id      = aws_subnet.s.id
  route_table_id = aws_route_table.t.id
}

resource "aws_route" "out" {
  count                  = var.public ? 1 : 0
  route_table_id         = aws_route_table.t.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.i.id
}

resource "aws_eks_cluster" "c" {
  name     = "c"
  role_arn = "arn:aws:iam::111122223333:role/c"
  vpc_config {
    subnet_ids = [aws_subnet.s.id]
  }
}

resource "aws_eks_node_group" "n" {
  cluster_name  = aws_eks_cluster.c.name
  node_role_arn = "arn:aws:iam::111122223333:role/n"
  subnet_ids    = [aws_subnet.s.id]
}
"""


@pytest.mark.parametrize("open_", [["dev"], ["prod"], ["dev", "prod"], []])
def test_a_way_out_of_one_variant_is_certain_there_and_nowhere_else(
    tmp_path: Path, open_: list[str]
) -> None:
    (tmp_path / "env").mkdir()
    (tmp_path / "job.yaml").write_text(JOB)
    (tmp_path / "main.tf").write_text(CLUSTER)
    for stage in ("dev", "prod"):
        text = f"public = {str(stage in open_).lower()}\n"
        (tmp_path / f"env/{stage}.tfvars").write_text(text)
    result = plain_scan(str(tmp_path), "--baseline", "SL4")

    found = {
        f.path["source"]
        for f in result.findings
        if f.path is not None
        and f.verdict is Verdict.FAIL
        and f.path["sink"] == "internet"
    }
    assert found == {f".[{stage}.tfvars]:aws_s3_bucket.w" for stage in open_}
