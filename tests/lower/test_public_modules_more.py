"""More public modules by their inputs: registries, roles, keys, buckets, vaults."""

from __future__ import annotations

import pytest
from clouds import estate_of, shown, told

KEY = "encryption.key.managed_by"
ECR = """
variable "x" {}
module "r" {
  source          = "terraform-aws-modules/ecr/aws"
  version         = "~> 2.0"
  repository_name = "models"
  %s
}
"""
REPOSITORY = "module.r.aws_ecr_repository.this[0]"
ANYONE = (
    'repository_policy_statements = { a = { actions = ["ecr:*"], principals = '
    '[{ type = "AWS", identifiers = ["*"] }]%s } }'
)
IN_ORG = (
    ', condition = [{ test = "StringEquals", variable = "aws:PrincipalOrgID", '
    'values = ["o-1"] }]'
)


@pytest.mark.parametrize(
    ("more", "fact", "expected"),
    [
        ("", KEY, ["provider"]),
        ('repository_encryption_type = "KMS"', KEY, ["provider"]),
        (
            'repository_kms_key = "arn:aws:kms:us-east-1:111122223333:key/k"',
            KEY,
            ["customer"],
        ),
        ("", "public.principal", [False]),
        ('repository_read_access_arns = ["*"]', "public.principal", [True]),
        ("repository_read_access_arns = var.x", "public.principal", ["unknown"]),
        (
            'repository_read_access_arns = ["arn:aws:iam::111122223333:root"]',
            "public.principal",
            [False],
        ),
        (
            'attach_repository_policy = false\n  repository_read_access_arns = ["*"]',
            "public.principal",
            [False],
        ),
        (ANYONE % "", "public.principal", [True]),
        (ANYONE % IN_ORG, "public.principal", [False]),
        ("repository_policy_statements = var.x", "public.principal", ["unknown"]),
    ],
)
def test_a_registry_by_its_inputs(tmp_path, more, fact, expected):
    assert told(estate_of(tmp_path, ECR % more), REPOSITORY, fact) == expected


def test_a_statement_stands_where_the_input_names_its_principals(tmp_path):
    estate = estate_of(tmp_path, ECR % 'repository_read_access_arns = ["*"]')

    found = shown(estate, REPOSITORY, "public.principal")
    assert found == ['repository_read_access_arns = ["*"]']


def test_a_public_registry_is_public(tmp_path):
    estate = estate_of(tmp_path, ECR % 'repository_type = "public"')

    address = "module.r.aws_ecrpublic_repository.this[0]"
    assert told(estate, address, "public.principal") == [True]


ROLES = """
module "irsa" {
  source    = "terraform-aws-modules/iam/aws//modules/iam-role-for-service-accounts-eks"
  version   = "~> 5.0"
  role_name = "trainer"
  oidc_providers = {
    main = {
      provider_arn               = module.eks.oidc_provider_arn
      namespace_service_accounts = ["train:trainer"]
    }
  }
}
module "eks" {
  source  = "terraform-aws-modules/eks/aws"
  version = "~> 20.0"
}
module "anyone" {
  source            = "terraform-aws-modules/iam/aws//modules/iam-assumable-role"
  version           = "~> 5.0"
  create_role       = true
  role_name         = "anyone"
  trusted_role_arns = ["*"]
}
module "off" {
  source            = "terraform-aws-modules/iam/aws//modules/iam-assumable-role"
  version           = "~> 5.0"
  trusted_role_arns = ["*"]
}
module "guarded" {
  source                  = "terraform-aws-modules/iam/aws//modules/iam-assumable-role"
  version                 = "~> 5.0"
  create_role             = true
  trusted_role_arns       = ["*"]
  trust_policy_conditions = [{ test = "StringEquals", variable = "a", values = ["b"] }]
}
module "ci" {
  source       = "terraform-aws-modules/iam/aws//modules/iam-assumable-role-with-oidc"
  version      = "~> 5.0"
  create_role  = true
  role_name    = "ci"
  provider_url = "token.actions.githubusercontent.com"
}
"""


def test_roles_by_their_inputs(tmp_path):
    estate = estate_of(tmp_path, ROLES)

    found = {
        t.address.split(".")[1]: told(estate, t.address, "public.principal", "identity")
        for t in estate.of("identity")
    }
    assert found == {
        "irsa": [False],
        "anyone": [True],
        "guarded": ["unknown"],
        "ci": [False],
    }
    assert estate.named("role/trainer", "identity")


KMS = """
variable "x" {}
module "kms" {
  source     = "terraform-google-modules/kms/google"
  version    = "~> 4.0"
  project_id = "p"
  location   = "europe-west4"
  keyring    = "ring"
  keys       = ["weights", "logs"]
  %s
}
resource "google_storage_bucket" "b" {
  name     = "b"
  location = "europe-west4"
  encryption {
    default_kms_key_name = module.kms.keys["weights"]
  }
}
"""
WEIGHTS = "module.kms.google_kms_crypto_key.key[0]"


@pytest.mark.parametrize(
    ("more", "address", "fact", "expected"),
    [
        ("", WEIGHTS, "managed_by", ["customer"]),
        ('key_protection_level = "HSM"', WEIGHTS, "managed_by", ["hsm"]),
        ("key_protection_level = var.x", WEIGHTS, "managed_by", ["unknown"]),
        ("", WEIGHTS, "place.region", ["europe-west4"]),
        ("", WEIGHTS, "public.principal", [False]),
        (
            'set_decrypters_for = ["weights"]\n  decrypters = ["user:a@b.c,allUsers"]',
            WEIGHTS,
            "public.principal",
            [True],
        ),
        (
            "prevent_destroy = false",
            WEIGHTS.replace("key[0]", "key_ephemeral[0]"),
            "managed_by",
            ["customer"],
        ),
    ],
)
def test_google_keys_by_their_inputs(tmp_path, more, address, fact, expected):
    found = told(estate_of(tmp_path, KMS % more), address, fact, "key")

    assert found[-1:] == expected


def test_an_output_that_is_a_map_leads_to_its_key(tmp_path):
    estate = estate_of(tmp_path, KMS % 'key_protection_level = "HSM"')

    assert told(estate, "google_storage_bucket.b", KEY) == ["hsm"]
    (edge,) = estate.edges_from(
        estate.find("store", "google_storage_bucket.b"), "is encrypted with"
    )
    assert edge.target.address == WEIGHTS


BUCKETS = """
variable "x" {}
module "b" {
  source     = "terraform-google-modules/cloud-storage/google"
  version    = "~> 11.0"
  project_id = "p"
  names      = ["Weights", "logs"]
  prefix     = "corp"
  location   = "europe-west4"
  %s
}
"""


@pytest.mark.parametrize(
    ("more", "fact", "expected"),
    [
        ("", "versioning.enabled", [False]),
        ("versioning = { weights = true }", "versioning.enabled", [True]),
        ("versioning = { logs = true }", "versioning.enabled", [False]),
        ("versioning = var.x", "versioning.enabled", ["unknown"]),
        ("", "public.blocked", [False]),
        ('public_access_prevention = "enforced"', "public.blocked", [True]),
        ("", KEY, ["provider"]),
        (
            'encryption_key_names = { weights = "projects/p/locations/l/keyRings/r/cryptoKeys/k" }',
            KEY,
            ["customer"],
        ),
        ('encryption_key_names = { weights = " " }', KEY, ["provider"]),
        ("", "public.principal", [False]),
        (
            'set_viewer_roles = true\n  viewers = ["allUsers"]',
            "public.principal",
            [True],
        ),
        ('viewers = ["allUsers"]', "public.principal", [False]),
        (
            'set_viewer_roles = true\n  bucket_viewers = { Weights = "user:a@b.c,allUsers" }',
            "public.principal",
            [True],
        ),
    ],
)
def test_google_buckets_by_their_inputs(tmp_path, more, fact, expected):
    estate = estate_of(tmp_path, BUCKETS % more)

    found = told(estate, 'module.b.google_storage_bucket.buckets["Weights"]', fact)
    assert found[-1] == expected[-1]
    assert estate.named("gs://corp-Weights", "store")


def test_buckets_of_unknown_names_are_one_of_which_less_is_known(tmp_path):
    text = BUCKETS.replace('["Weights", "logs"]', "var.x") % (
        "versioning = { weights = true }"
    )
    estate = estate_of(tmp_path, text)

    address = "module.b.google_storage_bucket.buckets[*]"
    assert told(estate, address, "versioning.enabled") == ["unknown"]


VAULT = """
variable "x" {}
module "v" {
  source              = "Azure/avm-res-keyvault-vault/azurerm"
  version             = "0.10.0"
  name                = "vault"
  location            = "westeurope"
  resource_group_name = "g"
  tenant_id           = "t"
  keys = {
    "we]\\"ights" = {
      name     = "weights"
      key_type = %s
    }
  }
  %s
}
resource "azurerm_storage_account" "a" {
  name     = "a"
  location = "westeurope"
  customer_managed_key {
    key_vault_key_id = module.v.keys["we]\\"ights"].id
  }
}
"""
VAULT_KEY = 'module.v.module.keys["we]\\"ights"].azurerm_key_vault_key.this'


@pytest.mark.parametrize(
    ("sort", "expected"),
    [('"RSA"', ["customer"]), ('"RSA-HSM"', ["hsm"]), ("var.x", ["unknown"])],
)
def test_keys_of_a_vault_by_its_inputs(tmp_path, sort, expected):
    estate = estate_of(tmp_path, VAULT % (sort, ""))

    assert told(estate, VAULT_KEY, "managed_by", "key") == expected
    assert told(estate, VAULT_KEY, "place.region", "key") == ["westeurope"]
    assert told(estate, "azurerm_storage_account.a", KEY) == expected


def test_a_vault_without_purge_protection(tmp_path):
    off = estate_of(
        tmp_path / "a", VAULT % ('"RSA"', "purge_protection_enabled = false")
    )
    on = estate_of(tmp_path / "b", VAULT % ('"RSA"', ""))

    assert told(off, VAULT_KEY, "deletion.recoverable", "key") == [False]
    assert told(on, VAULT_KEY, "deletion.recoverable", "key") == [True]
