"""Public modules by the inputs of calls whose source is not at hand."""

from __future__ import annotations

import pytest
from clouds import estate_of, shown, told

CALL = """
provider "aws" {
  region = "us-east-1"
}
provider "aws" {
  alias  = "hk"
  region = "ap-east-1"
}
variable "x" {}
module "w" {
  source  = "terraform-aws-modules/s3-bucket/aws"
  version = "%s"
  bucket  = "corp-w"
  %s
}
"""
ADDRESS = "module.w.aws_s3_bucket.this[0]"
POLICY = (
    'jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", '
    'Action = "s3:GetObject" }] })'
)


@pytest.mark.parametrize(
    ("version", "more", "fact", "expected"),
    [
        ("~> 4.0", "", "public.blocked", [True]),
        ("~> 5.0", "block_public_acls = false", "public.blocked", [False]),
        ("~> 3.0", "", "public.blocked", ["unknown"]),
        ("~> 2.0", "", "public.blocked", [False]),
        ("~> 4.0", "ignore_public_acls = var.x", "public.blocked", ["unknown"]),
        ("~> 4.0", 'acl = "public-read"', "public.acl", [True]),
        ("~> 4.0", "", "versioning.enabled", [False]),
        ("~> 4.0", "versioning = { enabled = true }", "versioning.enabled", [True]),
        ("~> 4.0", 'versioning = { status = "enabled" }', "versioning.enabled", [True]),
        (
            "~> 4.0",
            "versioning = { status = var.x }",
            "versioning.enabled",
            ["unknown"],
        ),
        ("~> 4.0", "", "encryption.key.managed_by", ["provider"]),
        (
            "~> 4.0",
            (
                "server_side_encryption_configuration = { rule = { "
                "apply_server_side_encryption_by_default = { "
                'sse_algorithm = "aws:kms", kms_master_key_id = module.key.key_arn } } }'
            ),
            "encryption.key.managed_by",
            ["customer"],
        ),
        (
            "~> 4.0",
            'object_lock_configuration = { rule = { default_retention = { mode = "COMPLIANCE", days = 1 } } }',
            "retention.locked",
            [True],
        ),
        ("~> 4.0", 'website = { index_document = "i" }', "front.public", [True]),
        ("~> 4.0", f"policy = {POLICY}", "public.principal", [False]),
        (
            "~> 4.0",
            f"attach_policy = true\n  policy = {POLICY}",
            "public.principal",
            [True],
        ),
        ("~> 4.0", "attach_lb_log_delivery_policy = true", "receives.logs", [True]),
        ("~> 4.0", "", "place.countries", [("US",)]),
        ("~> 4.0", "providers = { aws = aws.hk }", "place.countries", [("HK",)]),
        ("~> 5.0", 'region = "eu-west-2"', "place.countries", [("GB",)]),
    ],
)
def test_an_s3_bucket_by_its_inputs(tmp_path, version, more, fact, expected):
    text = CALL % (version, more) + (
        'module "key" {\n  source  = "terraform-aws-modules/kms/aws"\n'
        '  version = "~> 3.0"\n}\n'
    )

    assert told(estate_of(tmp_path, text), ADDRESS, fact) == expected


def test_inputs_keep_their_spans_and_defaults_stand_at_the_call(tmp_path):
    estate = estate_of(tmp_path, CALL % ("~> 4.0", "block_public_acls = false"))

    assert shown(estate, ADDRESS, "public.blocked") == ["block_public_acls = false"]
    store = estate.find("store", ADDRESS)
    assert store.span.text == 'module "w"'[: len(store.span.text)]
    clean = estate_of(tmp_path / "b", CALL % ("~> 4.0", ""))
    fact = clean.find("store", ADDRESS).fact("public.blocked")
    assert "default of input block_public_acls" in fact.trail[0].words


def test_outputs_lead_to_the_bucket(tmp_path):
    text = (
        CALL % ("~> 4.0", "")
        + f"""
    resource "aws_s3_bucket_policy" "p" {{
      bucket = module.w.s3_bucket_id
      policy = {POLICY}
    }}
    resource "aws_s3_bucket" "far" {{
      provider = aws.hk
      bucket   = "far"
    }}
    resource "aws_s3_bucket_replication_configuration" "r" {{
      bucket = aws_s3_bucket.far.id
      role   = "r"
      rule {{
        status = "Enabled"
        destination {{
          bucket = module.w.s3_bucket_arn
        }}
      }}
    }}
    """
    )

    estate = estate_of(tmp_path, text)

    assert told(estate, ADDRESS, "public.principal") == [True]
    assert told(estate, "aws_s3_bucket.far", "replication.countries") == [("US",)]


def test_calls_with_for_each_and_other_ways_to_name_the_source(tmp_path):
    text = """
    module "b" {
      source   = "git::https://github.com/terraform-aws-modules/terraform-aws-s3-bucket.git?ref=v4.1.0"
      for_each = toset(["one", "two"])
      bucket   = "corp-${each.key}"
    }
    resource "aws_s3_bucket_versioning" "v" {
      bucket = module.b["two"].s3_bucket_id
      versioning_configuration {
        status = "Enabled"
      }
    }
    """

    estate = estate_of(tmp_path, text)

    for key, expected in (("one", [False]), ("two", [True])):
        address = f'module.b["{key}"].aws_s3_bucket.this[0]'
        assert told(estate, address, "versioning.enabled") == expected
        assert told(estate, address, "public.blocked") == [True]


def test_replication_of_a_module(tmp_path):
    rules = (
        'replication_configuration = {\n    role = "r"\n    rules = [\n'
        '      { status = true, destination = { bucket = "arn:aws:s3:::far" } },\n'
        '      { status = "Disabled", destination = { bucket = "arn:aws:s3:::off" } },\n'
        "    ]\n  }"
    )
    text = CALL % ("~> 4.0", rules) + (
        'resource "aws_s3_bucket" "far" {\n  provider = aws.hk\n  bucket = "far"\n}\n'
    )

    estate = estate_of(tmp_path, text)

    assert told(estate, ADDRESS, "replication.countries") == [("HK",)]


def test_a_call_that_creates_nothing_and_modules_that_nobody_knows(tmp_path):
    off = CALL % ("~> 4.0", "create_bucket = false")
    other = 'module "x" {\n  source = "someone/else/aws"\n  bucket = "b"\n}\n'

    estate = estate_of(tmp_path, off + other)

    assert list(estate.of("store")) == []


def test_a_call_that_may_create_nothing_is_looked_at_all_the_same(tmp_path):
    estate = estate_of(tmp_path, CALL % ("~> 4.0", "create_bucket = var.x"))

    assert told(estate, ADDRESS, "declared") == [True]


GOOGLE = """
variable "x" {}
module "b" {
  source     = "terraform-google-modules/cloud-storage/google//modules/simple_bucket"
  version    = "~> 12.0"
  name       = "corp-g"
  project_id = "p"
  location   = "europe-west4"
  %s
}
"""
BUCKET = "module.b.google_storage_bucket.bucket"


@pytest.mark.parametrize(
    ("more", "fact", "expected"),
    [
        ("", "auth.identity_only", [True]),
        ("", "public.blocked", [False]),
        ('public_access_prevention = "enforced"', "public.blocked", [True]),
        ("", "versioning.enabled", [True]),
        ("versioning = false", "versioning.enabled", [False]),
        ("", "encryption.key.managed_by", ["provider"]),
        (
            'encryption = { default_kms_key_name = "projects/p/locations/l/keyRings/r/cryptoKeys/k" }',
            "encryption.key.managed_by",
            ["customer"],
        ),
        (
            "internal_encryption_config = { create_encryption_key = true }",
            "encryption.key.managed_by",
            ["customer"],
        ),
        (
            'iam_members = [{ role = "r", member = "allUsers" }]',
            "public.principal",
            [True],
        ),
        ("iam_members = var.x", "public.principal", ["unknown"]),
        ("retention_policy = { is_locked = true }", "retention.locked", [True]),
        ("", "place.countries", [("NL",)]),
    ],
)
def test_a_google_bucket_by_its_inputs(tmp_path, more, fact, expected):
    assert told(estate_of(tmp_path, GOOGLE % more), BUCKET, fact) == expected


AZURE = """
variable "x" {}
module "a" {
  source              = "Azure/avm-res-storage-storageaccount/azurerm"
  version             = "0.9.0"
  name                = "corpw"
  resource_group_name = "g"
  location            = "southeastasia"
  %s
}
"""
ACCOUNT = "module.a.azurerm_storage_account.this"


@pytest.mark.parametrize(
    ("more", "fact", "expected"),
    [
        ("", "public.blocked", [True]),
        ("", "public.network", [False]),
        ("public_network_access_enabled = true", "public.network", [False]),
        (
            "public_network_access_enabled = true\n  network_rules = null",
            "public.network",
            [True],
        ),
        (
            'public_network_access_enabled = true\n  network_rules = { default_action = "Allow" }',
            "public.network",
            [True],
        ),
        ("", "auth.identity_only", [True]),
        ("shared_access_key_enabled = true", "auth.identity_only", [False]),
        ("", "replication.countries", [()]),
        ('account_replication_type = "GRS"', "replication.countries", [("HK",)]),
        ("", "encryption.key.managed_by", ["provider"]),
        (
            'customer_managed_key = { key_vault_resource_id = "v", key_name = "k" }',
            "encryption.key.managed_by",
            ["customer"],
        ),
        (
            'containers = { c = { name = "c", public_access = "Blob" } }',
            "public.acl",
            [True],
        ),
        (
            "blob_properties = { versioning_enabled = true }",
            "versioning.enabled",
            [True],
        ),
    ],
)
def test_an_azure_account_by_its_inputs(tmp_path, more, fact, expected):
    assert told(estate_of(tmp_path, AZURE % more), ACCOUNT, fact) == expected
