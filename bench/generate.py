"""Synthetic repositories: a lab of `scale` teams, each with a root, manifests and jobs.

    python bench/generate.py FOLDER SCALE

Every team has the same shape with other names, so that cost can be compared between
scales: one Terraform root that calls a shared module twice, one kustomize base with an
overlay, one PyTorchJob, one Axolotl file.
"""

from __future__ import annotations

import sys
from pathlib import Path

MODULE = """\
variable "name" { type = string }
variable "key" {
  type    = string
  default = null
}
resource "aws_s3_bucket" "this" {
  bucket = var.name
  tags   = { team = var.name }
}
resource "aws_s3_bucket_public_access_block" "this" {
  bucket                  = aws_s3_bucket.this.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = var.key == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.key
    }
  }
}
output "arn" { value = aws_s3_bucket.this.arn }
"""

ROOT = """\
provider "aws" {{
  region = var.region
}}
variable "region" {{
  type    = string
  default = "us-west-2"
}}
locals {{
  shards = {{ for n in range(3) : "shard-${{n}}" => {{ size = n * 10 }} }}
}}
resource "aws_kms_key" "weights" {{
  enable_key_rotation = true
}}
module "runs" {{
  source = "../../modules/store"
  name   = "team{n}-runs"
  key    = aws_kms_key.weights.arn
}}
module "shards" {{
  source   = "../../modules/store"
  for_each = local.shards
  name     = "team{n}-${{each.key}}"
}}
resource "aws_iam_role" "trainer" {{
  name = "team{n}-trainer"
  assume_role_policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ Service = "ec2.amazonaws.com" }} }}]
  }})
}}
resource "aws_iam_role_policy" "trainer" {{
  role = aws_iam_role.trainer.id
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = ["s3:GetObject"], Resource = ["${{module.runs.arn}}/*"] }}]
  }})
}}
"""

JOB = """\
apiVersion: kubeflow.org/v1
kind: PyTorchJob
metadata:
  name: train
  namespace: team{n}
spec:
  pytorchReplicaSpecs:
    Worker:
      replicas: 4
      template:
        spec:
          containers:
            - name: pytorch
              image: registry.example/team{n}/train@sha256:{digest}
              args: ["--output_dir=/runs/a", "--report_to=none"]
              resources: {{limits: {{nvidia.com/gpu: 8}}}}
              volumeMounts: [{{name: runs, mountPath: /runs}}]
          volumes:
            - name: runs
              persistentVolumeClaim: {{claimName: runs}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {{name: runs, namespace: team{n}}}
spec:
  accessModes: [ReadWriteMany]
  resources: {{requests: {{storage: 1Ti}}}}
"""

AXOLOTL = """\
base_model: lab/base
adapter: lora
datasets:
  - path: s3://team{n}-shard-0/data
micro_batch_size: 1
output_dir: s3://team{n}-runs/out
"""


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def generate(folder: Path, scale: int) -> None:
    """Write a repository of `scale` teams into an empty folder."""
    write(folder / "modules/store/main.tf", MODULE)
    for n in range(scale):
        write(folder / f"live/team{n}/main.tf", ROOT.format(n=n))
        digest = f"{n:064x}"
        base = folder / f"k8s/team{n}/base"
        write(base / "job.yaml", JOB.format(n=n, digest=digest))
        write(base / "kustomization.yaml", "resources: [job.yaml]\n")
        write(
            folder / f"k8s/team{n}/prod/kustomization.yaml",
            "resources: [../base]\ncommonLabels: {env: prod}\n",
        )
        write(folder / f"jobs/team{n}.yaml", AXOLOTL.format(n=n))


if __name__ == "__main__":
    generate(Path(sys.argv[1]), int(sys.argv[2]))
