"""Keys of single objects, and images that Image Builder hands out."""

from __future__ import annotations

import pytest

from mlsec_lint.lower import lower
from mlsec_lint.scan import read
from mlsec_lint.value import Unknown

BUCKET = """
resource "aws_kms_key" "own" {}

resource "aws_s3_bucket" "weights" {
  bucket = "weights"
}

resource "aws_s3_bucket_server_side_encryption_configuration" "weights" {
  bucket = aws_s3_bucket.weights.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.own.arn
    }
  }
}

resource "KIND" "one" {
  bucket = aws_s3_bucket.weights.id
  key    = "model.safetensors"
  WORDS
}
"""
IMAGES = """
provider "aws" {
  region = "us-east-1"
}

resource "aws_kms_key" "own" {}

resource "aws_imagebuilder_distribution_configuration" "images" {
  name = "images"
  distribution {
    region = "eu-west-1"
    ami_distribution_configuration {
      kms_key_id         = aws_kms_key.own.arn
      target_account_ids = ["111122223333"]
    }
  }
  distribution {
    region = "us-east-1"
    ami_distribution_configuration {
      launch_permission {
        user_ids    = ["444455556666"]
        user_groups = ["all"]
      }
    }
  }
}
"""


def estate_of(folder, text):
    folder.joinpath("main.tf").write_text(text, encoding="utf-8")
    return lower(read(str(folder)).inputs)


def values(thing, fact):
    return [found.value for found in thing.all_facts(fact)]


@pytest.mark.parametrize(
    "kind", ["aws_s3_object", "aws_s3_bucket_object", "aws_s3_object_copy"]
)
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", ["customer"]),
        ("kms_key_id = aws_kms_key.own.arn", ["customer"]),
        ('server_side_encryption = "AES256"', ["customer", "provider"]),
        ('server_side_encryption = "aws:kms"', ["customer", "provider"]),
    ],
)
def test_an_object_may_be_sealed_otherwise_than_its_bucket(
    tmp_path, kind, words, expected
):
    text = BUCKET.replace("KIND", kind).replace("WORDS", words)

    store = estate_of(tmp_path, text).find("store", "aws_s3_bucket.weights")

    assert values(store, "encryption.key.managed_by") == expected


def test_images_are_stores_with_place_key_and_sharing(tmp_path):
    estate = estate_of(tmp_path, IMAGES)
    address = "aws_imagebuilder_distribution_configuration.images.distribution"
    kept, given = (estate.find("store", f"{address}[{n}]") for n in (0, 1))

    assert values(kept, "encryption.key.managed_by") == ["customer"]
    assert values(kept, "shared.accounts") == [("111122223333",)]
    assert values(kept, "shared.public") == [False]
    assert values(kept, "place.region") == ["eu-west-1"]
    assert isinstance(values(given, "encryption.key.managed_by")[0], Unknown)
    assert values(given, "shared.accounts") == [("444455556666",)]
    assert True in values(given, "shared.public")
