"""One root with several variable files: each is judged, none hides another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.commands.scan import plain_scan

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
