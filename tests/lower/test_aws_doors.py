"""What serves, opens and copies a bucket; disks, file systems, registries and models."""

from __future__ import annotations

import pytest
from clouds import estate_of, shown, told, why

BUCKETS = """
provider "aws" {
  region = "us-east-1"
}
provider "aws" {
  alias  = "hk"
  region = "ap-east-1"
}
variable "x" {}
resource "aws_s3_bucket" "w" {
  bucket = "corp-w"
  %s
}
resource "aws_s3_bucket" "far" {
  provider = aws.hk
  bucket   = "corp-far"
}
"""
ADDRESS = "aws_s3_bucket.w"


@pytest.mark.parametrize(
    ("more", "points_at"),
    [
        (
            (
                'resource "aws_s3_bucket_website_configuration" "w" {\n'
                "  bucket = aws_s3_bucket.w.id\n}"
            ),
            "bucket = aws_s3_bucket.w.id",
        ),
        (
            (
                'resource "aws_s3_bucket_accelerate_configuration" "w" {\n'
                '  bucket = aws_s3_bucket.w.id\n  status = "Enabled"\n}'
            ),
            'status = "Enabled"',
        ),
        (
            (
                'resource "aws_cloudfront_distribution" "d" {\n  origin {\n'
                "    domain_name = aws_s3_bucket.w.bucket_regional_domain_name\n  }\n}"
            ),
            "domain_name = aws_s3_bucket.w.bucket_regional_domain_name",
        ),
        (
            (
                'resource "aws_cloudfront_distribution" "d" {\n  origin {\n'
                '    domain_name = "corp-w.s3.us-east-1.amazonaws.com"\n  }\n}'
            ),
            'domain_name = "corp-w.s3.us-east-1.amazonaws.com"',
        ),
        (
            (
                'resource "aws_cloudfront_distribution" "d" {\n  origin {\n'
                '    domain_name = "${aws_s3_bucket.w.bucket}.s3.amazonaws.com"\n  }\n}'
            ),
            'domain_name = "${aws_s3_bucket.w.bucket}.s3.amazonaws.com"',
        ),
    ],
)
def test_fronts(tmp_path, more, points_at):
    estate = estate_of(tmp_path, BUCKETS % "" + more)

    assert told(estate, ADDRESS, "front.public") == [True]
    assert shown(estate, ADDRESS, "front.public") == [points_at]
    assert told(estate, "aws_s3_bucket.far", "front.public") == [False]


def test_inline_website_and_a_suspended_accelerator(tmp_path):
    served = BUCKETS % 'website {\n    index_document = "i.html"\n  }'
    slow = BUCKETS % 'acceleration_status = "Suspended"'

    assert told(estate_of(tmp_path / "a", served), ADDRESS, "front.public") == [True]
    assert told(estate_of(tmp_path / "b", slow), ADDRESS, "front.public") == [False]


def test_a_front_of_which_nobody_knows_the_store_is_a_note(tmp_path):
    estate = estate_of(
        tmp_path,
        BUCKETS % "" + 'resource "aws_cloudfront_distribution" "d" {\n'
        "  origin {\n    domain_name = var.x\n  }\n}",
    )

    assert told(estate, ADDRESS, "front.public") == [False]
    assert [note.kind for note in estate.notes] == ["unresolved-reference"]


def test_access_points_have_the_opposite_default(tmp_path):
    point = (
        'resource "aws_s3_access_point" "p" {\n  bucket = aws_s3_bucket.w.id\n'
        '  name = "p"\n  %s\n}'
    )
    opened = "public_access_block_configuration {\n    block_public_policy = false\n  }"
    left_out = "public_access_block_configuration {\n    block_public_acls = true\n  }"

    for number, (block, expected) in enumerate(
        [("", [True]), (left_out, [True]), (opened, [False])]
    ):
        estate = estate_of(tmp_path / str(number), BUCKETS % "" + point % block)
        assert told(estate, ADDRESS, "public.blocked")[-1:] == expected


REPLICATION = """
resource "aws_s3_bucket_replication_configuration" "w" {
  bucket = aws_s3_bucket.w.id
  role   = "arn:aws:iam::1:role/r"
  rule {
    status = "%s"
    destination {
      bucket = %s
    }
  }
}
"""


@pytest.mark.parametrize(
    ("status", "target", "expected"),
    [
        ("Enabled", "aws_s3_bucket.far.arn", [("HK",)]),
        ("Enabled", '"arn:aws:s3:::corp-far"', [("HK",)]),
        ("Enabled", '"arn:aws:s3:::elsewhere"', ["unknown"]),
        ("Enabled", "var.x", ["unknown"]),
        ("Disabled", "aws_s3_bucket.far.arn", [()]),
    ],
)
def test_replicas_lie_where_their_bucket_lies(tmp_path, status, target, expected):
    estate = estate_of(tmp_path, BUCKETS % "" + REPLICATION % (status, target))

    assert told(estate, ADDRESS, "replication.countries") == expected


def test_a_replica_points_at_the_destination_and_its_provider(tmp_path):
    text = BUCKETS % "" + REPLICATION % ("Enabled", "aws_s3_bucket.far.arn")

    estate = estate_of(tmp_path, text)

    fact = estate.find("store", ADDRESS).fact("replication.countries")
    assert fact.span.text == "bucket = aws_s3_bucket.far.arn"
    assert "made by provider aws.hk" in [step.words for step in fact.trail]
    copy = "aws_s3_bucket_replication_configuration.w.rule[0]"
    assert told(estate, copy, "place.countries", "copy") == [("HK",)]


def test_the_account_of_a_replica_is_kept(tmp_path):
    text = BUCKETS % "" + REPLICATION % (
        "Enabled",
        'aws_s3_bucket.far.arn\n      account = "222233334444"',
    )

    estate = estate_of(tmp_path, text)

    copy = "aws_s3_bucket_replication_configuration.w.rule[0]"
    assert told(estate, copy, "account", "copy") == ["222233334444"]


VOLUMES = """
provider "aws" {
  region = "eu-west-3"
}
variable "x" {}
resource "aws_kms_key" "k" {}
resource "aws_ebs_volume" "v" {
  availability_zone = "eu-west-3a"
  %s
}
resource "aws_ebs_snapshot" "s" {
  volume_id = aws_ebs_volume.v.id
}
"""


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("", "unknown"),
        ("encrypted = false", "none"),
        ("encrypted = true", "provider"),
        ("encrypted = var.x", "unknown"),
        ("encrypted = true\n kms_key_id = aws_kms_key.k.arn", "customer"),
        ("encrypted = true\n kms_key_id = var.x", "unknown"),
    ],
)
def test_ebs_encryption_that_the_account_decides_is_not_known(tmp_path, more, expected):
    estate = estate_of(tmp_path, VOLUMES % more)

    found = told(estate, "aws_ebs_volume.v", "encryption.key.managed_by")
    assert found == [expected]
    assert told(estate, "aws_ebs_volume.v", "place.countries") == [("FR",)]
    assert told(estate, "aws_ebs_snapshot.s", "place.countries", "copy") == [("FR",)]


def test_a_wavelength_zone_leaves_the_country_of_its_region(tmp_path):
    text = (VOLUMES % "").replace("eu-west-3a", "eu-west-3-cmn-wlz-1a")

    estate = estate_of(tmp_path, text)

    assert told(estate, "aws_ebs_volume.v", "place.countries") == [("MA",)]


FILES = """
provider "aws" {
  region = "us-east-1"
}
resource "aws_s3_bucket" "w" {
  bucket = "corp-w"
}
resource "aws_efs_file_system" "e" {}
resource "aws_efs_file_system_policy" "e" {
  file_system_id = aws_efs_file_system.e.id
  policy = jsonencode({ Statement = [{
    Effect = "Allow", Principal = { AWS = "*" }, Action = "*"
    %s
  }] })
}
resource "aws_efs_replication_configuration" "e" {
  source_file_system_id = aws_efs_file_system.e.id
  destination {
    region = "ap-east-1"
  }
}
resource "aws_fsx_lustre_file_system" "f" {
  deployment_type = "PERSISTENT_2"
}
resource "aws_fsx_data_repository_association" "a" {
  file_system_id       = aws_fsx_lustre_file_system.f.id
  file_system_path     = "/ckpt"
  data_repository_path = "s3://${aws_s3_bucket.w.id}/runs"
}
"""


def test_file_systems(tmp_path):
    estate = estate_of(tmp_path, FILES % "")

    efs = "aws_efs_file_system.e"
    assert told(estate, efs, "encryption.key.managed_by") == ["none"]
    assert told(estate, efs, "public.principal") == [True]
    assert told(estate, efs, "replication.countries") == [("HK",)]
    store = estate.find("store", "aws_fsx_lustre_file_system.f")
    (edge,) = estate.edges_from(store, "is backed by")
    assert edge.target.address == "aws_s3_bucket.w"
    assert edge.span.text.startswith("data_repository_path")


def test_a_policy_for_mount_targets_only_is_closed(tmp_path):
    only = (
        'Condition = { Bool = { "elasticfilesystem:AccessedViaMountTarget" = "true" } }'
    )

    estate = estate_of(tmp_path, FILES % only)

    assert told(estate, "aws_efs_file_system.e", "public.principal") == [False]


REGISTRY = """
provider "aws" {
  region = "us-east-1"
}
resource "aws_ecr_repository" "r" {
  name = "lab/train"
  encryption_configuration {
    encryption_type = "KMS"
  }
}
resource "aws_ecr_repository_policy" "r" {
  repository = aws_ecr_repository.r.name
  policy     = jsonencode({ Statement = [{
    Effect = "Allow", Principal = "*", Action = "ecr:BatchGetImage"
  }] })
}
resource "aws_ecr_replication_configuration" "all" {
  replication_configuration {
    rule {
      destination {
        region      = "ap-east-1"
        registry_id = "111122223333"
      }
      repository_filter {
        filter      = "%s"
        filter_type = "PREFIX_MATCH"
      }
    }
  }
}
"""


@pytest.mark.parametrize(("prefix", "expected"), [("lab", [("HK",)]), ("web", [()])])
def test_registries(tmp_path, prefix, expected):
    estate = estate_of(tmp_path, REGISTRY % prefix)

    address = "aws_ecr_repository.r"
    assert told(estate, address, "public.principal") == [True]
    assert told(estate, address, "encryption.key.managed_by") == ["provider"]
    assert told(estate, address, "replication.countries") == expected


def test_a_sagemaker_model_makes_its_bucket_a_weight_store(tmp_path):
    estate = estate_of(
        tmp_path,
        """
        resource "aws_s3_bucket" "artifacts" {
          bucket = "corp-a"
        }
        resource "aws_s3_bucket" "other" {
          bucket = "corp-b"
        }
        resource "aws_iam_role" "r" {
          name               = "r"
          assume_role_policy = "{}"
        }
        resource "aws_sagemaker_model" "m" {
          execution_role_arn = aws_iam_role.r.arn
          primary_container {
            image          = "x"
            model_data_url = "s3://${aws_s3_bucket.artifacts.bucket}/m.tar.gz"
          }
        }
        """,
    )

    address = "aws_s3_bucket.artifacts"
    assert told(estate, address, "weights.evidence") == ["referenced"]
    assert shown(estate, address, "weights.held")[0].startswith("model_data_url")
    assert told(estate, "aws_s3_bucket.other", "weights.held") == []
    workload = estate.find("workload", "aws_sagemaker_model.m")
    assert told(estate, "aws_sagemaker_model.m", "weights.held", "workload") == [True]
    (runs,) = estate.edges_from(workload, "runs as")
    assert runs.target.address == "aws_iam_role.r"


def test_a_region_that_only_the_environment_tells(tmp_path):
    estate = estate_of(tmp_path, 'resource "aws_s3_bucket" "w" {\n  bucket = "b"\n}')

    assert why(estate, ADDRESS, "place.countries").name == "AWS_REGION"
    assert told(estate, ADDRESS, "place.determined") == ["unknown"]
