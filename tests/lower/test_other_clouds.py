"""Stores of Oracle Cloud, CoreWeave and Nebius, and S3 stores at other endpoints."""

from __future__ import annotations

import pytest
from clouds import estate_of, told, why

KEY = "encryption.key.managed_by"
OCI = """
variable "x" {}
provider "oci" {
  region = "ap-mumbai-1"
}
resource "oci_kms_key" "k" {}
resource "oci_objectstorage_bucket" "b" {
  name      = "w"
  namespace = "corp"
  %s
}
"""
BUCKET = "oci_objectstorage_bucket.b"
LOCK = """retention_rules {
    display_name     = "r"
    time_rule_locked = "2027-01-01T00:00:00Z"
  }"""


@pytest.mark.parametrize(
    ("more", "fact", "expected"),
    [
        ("", "place.countries", [("IN",)]),
        ("", "public.acl", [False]),
        ('access_type = "ObjectRead"', "public.acl", [True]),
        ('access_type = "ObjectReadWithoutList"', "public.acl", [True]),
        ("access_type = var.x", "public.acl", ["unknown"]),
        ("", KEY, ["provider"]),
        ("kms_key_id = oci_kms_key.k.id", KEY, ["customer"]),
        ("kms_key_id = var.x", KEY, ["unknown"]),
        ("", "versioning.enabled", [False]),
        ('versioning = "Enabled"', "versioning.enabled", [True]),
        ("", "retention.locked", [False]),
        (LOCK, "retention.locked", [True]),
        ('freeform_tags = { "mlsec/holds" = "weights" }', "weights.held", [True]),
    ],
)
def test_an_oracle_bucket(tmp_path, more, fact, expected):
    assert told(estate_of(tmp_path, OCI % more), BUCKET, fact) == expected


def test_links_and_replicas_of_an_oracle_bucket(tmp_path):
    more = """
    resource "oci_objectstorage_preauthrequest" "p" {
      bucket = oci_objectstorage_bucket.b.name
    }
    resource "oci_objectstorage_replication_policy" "r" {
      bucket                  = oci_objectstorage_bucket.b.name
      destination_region_name = "me-jeddah-1"
    }
    """

    estate = estate_of(tmp_path, OCI % "" + more)

    assert told(estate, BUCKET, "auth.identity_only") == [False]
    assert told(estate, BUCKET, "replication.countries") == [("SA",)]
    assert estate.named("oci://w@corp", "store")


def test_a_provider_without_a_region_leaves_the_place_open(tmp_path):
    text = OCI.replace('region = "ap-mumbai-1"', "") % ""

    assert told(estate_of(tmp_path, text), BUCKET, "place.countries") == ["unknown"]


@pytest.mark.parametrize("kind", ["oci_file_storage_file_system", "oci_core_volume"])
def test_oracle_volumes(tmp_path, kind):
    text = OCI % "" + f'resource "{kind}" "v" {{}}\n'

    estate = estate_of(tmp_path, text)

    assert told(estate, f"{kind}.v", KEY) == ["provider"]
    assert told(estate, f"{kind}.v", "place.region") == ["ap-mumbai-1"]


GPU = """
resource "coreweave_object_storage_bucket" "w" {
  name = "weights"
  zone = "US-EAST-04A"
}
resource "coreweave_object_storage_bucket_settings" "w" {
  bucket                = coreweave_object_storage_bucket.w.name
  audit_logging_enabled = true
}
resource "coreweave_object_storage_bucket_versioning" "w" {
  bucket = coreweave_object_storage_bucket.w.name
  versioning_configuration {
    status = "Suspended"
  }
}
resource "nebius_storage_v1_bucket" "n" {
  name              = "nw"
  parent_id         = "project-1"
  versioning_policy = "ENABLED"
}
resource "nebius_compute_v1_filesystem" "fs" {
  parent_id = "project-1"
}
"""


def test_stores_of_gpu_clouds(tmp_path):
    estate = estate_of(tmp_path, GPU)

    coreweave, nebius = (
        "coreweave_object_storage_bucket.w",
        "nebius_storage_v1_bucket.n",
    )
    assert told(estate, coreweave, "place.countries") == [("US",)]
    assert told(estate, coreweave, "access.logged") == [True]
    assert told(estate, coreweave, "versioning.enabled") == [False]
    assert told(estate, nebius, "versioning.enabled") == [True]
    assert told(estate, nebius, "place.countries") == ["unknown"]
    assert "its project decides" in why(estate, nebius, "place.region").why
    assert told(estate, "nebius_compute_v1_filesystem.fs", "type") == ["file"]
    assert told(estate, nebius, KEY) == ["unknown"]
    assert estate.named("s3://weights", "store")


FOREIGN = """
provider "aws" {
  region = "us-east-1"
  endpoints {
    s3 = "%s"
  }
}
variable "x" {}
resource "aws_s3_bucket" "w" {
  bucket = "w"
  %s
}
"""


@pytest.mark.parametrize(
    ("endpoint", "countries", "key"),
    [
        ("https://s3.eu-central-1.wasabisys.com", [("NL",)], ["unknown"]),
        ("https://minio.corp.example", ["unknown"], ["unknown"]),
        ("${var.x}", ["unknown"], ["unknown"]),
        ("https://s3.eu-central-1.amazonaws.com", [("DE",)], ["provider"]),
    ],
)
def test_a_bucket_at_another_endpoint(tmp_path, endpoint, countries, key):
    estate = estate_of(tmp_path, FOREIGN % (endpoint, ""))

    assert told(estate, "aws_s3_bucket.w", "place.countries") == countries
    assert told(estate, "aws_s3_bucket.w", KEY) == key


def test_what_config_says_of_a_foreign_bucket_stands(tmp_path):
    text = FOREIGN % ("https://minio.corp.example", 'acl = "public-read"')

    estate = estate_of(tmp_path, text)

    assert told(estate, "aws_s3_bucket.w", "public.acl") == [True]
    assert told(estate, "aws_s3_bucket.w", "versioning.enabled") == ["unknown"]
