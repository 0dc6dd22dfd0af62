"""Keys: where their material is kept, how long they last, who may decrypt with them."""

from __future__ import annotations

import pytest
from clouds import estate_of, shown, told

KMS = """
variable "x" {{}}
data "aws_caller_identity" "me" {{}}
resource "aws_iam_role" "r" {{
  assume_role_policy = "{{}}"
}}
resource "aws_kms_key" "k" {{
  {arguments}
}}
{more}
"""
KEY = "aws_kms_key.k"


def kms(tmp_path, arguments="", more=""):
    return estate_of(tmp_path, KMS.format(arguments=arguments, more=more))


def policy(*statements):
    listed = ",\n".join(
        f'{{ Effect = "{effect}", Principal = {principal}, Action = {action}, '
        f'Resource = "*"{", Condition = " + condition if condition else ""} }}'
        for effect, principal, action, condition in statements
    )
    return f"policy = jsonencode({{ Statement = [{listed}] }})"


ROOT = '{ AWS = "arn:aws:iam::111122223333:root" }'
OTHER = '{ AWS = "arn:aws:iam::444455556666:root" }'
ROLE = '{ AWS = "arn:aws:iam::444455556666:role/reader" }'
ADMIN = ("Allow", ROOT, '"kms:*"', "")
ORG = '{ StringEquals = { "aws:PrincipalOrgID" = "o-1" } }'


@pytest.mark.parametrize(
    ("arguments", "fact", "expected"),
    [
        ("", "hsm.protected", [True]),
        ("", "material.imported", [False]),
        ("", "deletion.window_days", [30]),
        ("deletion_window_in_days = 7", "deletion.window_days", [7]),
        ('deletion_window_in_days = "14"', "deletion.window_days", [14]),
        ("deletion_window_in_days = var.x", "deletion.window_days", ["unknown"]),
    ],
)
def test_custody_of_a_kms_key(tmp_path, arguments, fact, expected):
    assert told(kms(tmp_path, arguments), KEY, fact, "key") == expected


def test_an_imported_key_says_so(tmp_path):
    text = 'resource "aws_kms_external_key" "k" {}'
    estate = estate_of(tmp_path, text)
    address = "aws_kms_external_key.k"
    assert told(estate, address, "material.imported", "key") == [True]
    assert shown(estate, address, "material.imported", "key") == [text[:-3]]


@pytest.mark.parametrize(
    ("statements", "broad"),
    [
        ([ADMIN], []),
        ([ADMIN, ("Allow", ROLE, '"kms:Decrypt"', "")], []),
        ([ADMIN, ("Allow", OTHER, '"kms:Decrypt"', "")], [True]),
        ([ADMIN, ("Allow", OTHER, '"kms:DescribeKey"', "")], []),
        ([ADMIN, ("Allow", OTHER, '"kms:De*"', "")], [True]),
        ([ADMIN, ("Allow", OTHER, '"kms:ReEncrypt*"', "")], [True]),
        ([ADMIN, ("Allow", OTHER, '["kms:Encrypt", "kms:CreateGrant"]', "")], [True]),
        ([ADMIN, ("Deny", '"*"', '"kms:Decrypt"', "")], []),
        ([("Allow", '"*"', '"kms:Decrypt"', ORG)], [True]),
        ([("Allow", '{ AWS = "*" }', '"kms:Decrypt"', "")], [True]),
        ([("Allow", '{ Service = "*" }', '"kms:Decrypt"', "")], []),
        (
            [
                (
                    "Allow",
                    '"*"',
                    '"kms:Decrypt"',
                    '{ ArnLike = { "aws:PrincipalArn" = "*" } }',
                )
            ],
            [True],
        ),
        (
            [
                (
                    *("Allow", '"*"', '"kms:Decrypt"'),
                    '{ ArnLike = { "aws:PrincipalArn" = "arn:aws:iam::1:role/w-*" } }',
                )
            ],
            [],
        ),
        (
            [
                (
                    *("Allow", '"*"', '"kms:Decrypt"'),
                    '{ StringEquals = { "kms:EncryptionContext:run" = "7" } }',
                )
            ],
            [],
        ),
        ([ADMIN, ("Allow", '{ AWS = "444455556666" }', '"kms:Decrypt"', "")], [True]),
        ([("Allow", "var.x", '"kms:Decrypt"', "")], ["unknown"]),
        ([("Allow", "{ AWS = aws_iam_role.r.arn }", '"kms:Decrypt"', "")], []),
    ],
)
def test_statements_that_let_a_whole_account_decrypt(tmp_path, statements, broad):
    found = told(kms(tmp_path, policy(*statements)), KEY, "decrypt.broad", "key")
    assert found == (broad or [False])


def test_the_root_of_an_account_that_nobody_can_tell_is_unknown(tmp_path):
    principal = '{ AWS = "arn:aws:iam::${var.x}:root" }'
    text = policy(ADMIN, ("Allow", principal, '"kms:Decrypt"', ""))
    assert told(kms(tmp_path, text), KEY, "decrypt.broad", "key") == ["unknown"]


def test_the_callers_own_account_only_delegates(tmp_path):
    own = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:root"
    text = policy(("Allow", f'{{ AWS = "{own}" }}', '"kms:Decrypt"', ""))
    assert told(kms(tmp_path, text), KEY, "decrypt.broad", "key") == [False]


IAM = """
resource "aws_iam_role_policy" "p" {{
  role   = "r"
  policy = jsonencode({{ Statement = [{{
    Effect = "Allow", Action = {action}, Resource = {resource}{condition}
  }}] }})
}}
"""


def iam(action='"kms:Decrypt"', resource='"*"', condition=""):
    return IAM.format(action=action, resource=resource, condition=condition)


@pytest.mark.parametrize(
    ("arguments", "more", "expected"),
    [
        ("", iam(), [True]),
        ("", iam(action='["s3:*", "kms:*"]'), [True]),
        ("", iam(action='"kms:Encrypt"'), [False]),
        ("", iam(resource='"arn:aws:kms:*:*:key/*"'), [True]),
        ("", iam(resource='"arn:aws:kms:eu-west-1:1:key/abc"'), [False]),
        ("", iam(resource="aws_kms_key.k.arn"), [False]),
        (
            "",
            iam(
                condition=', Condition = { StringEquals = { "kms:ViaService" = "s3" } }'
            ),
            [True],
        ),
        (
            "",
            iam(
                condition=', Condition = { StringLike = { "kms:ResourceAliases" = "a" } }'
            ),
            [False],
        ),
        (policy(ADMIN), iam(), [True]),
        (policy(("Allow", ROLE, '"kms:*"', "")), iam(), [False]),
    ],
)
def test_iam_counts_where_the_key_delegates_to_it(tmp_path, arguments, more, expected):
    estate = kms(tmp_path, arguments, more)
    found = told(estate, KEY, "decrypt.broad", "key")
    assert found == expected


def test_iam_of_another_account_does_not_count(tmp_path):
    text = """
        provider "aws" {
          alias = "other"
          assume_role {
            role_arn = "arn:aws:iam::1:role/deploy"
          }
        }
        resource "aws_kms_key" "k" {
          provider = aws.other
        }
    """
    estate = estate_of(tmp_path, text + iam())
    assert told(estate, KEY, "decrypt.broad", "key") == [False]


@pytest.mark.parametrize(
    ("operations", "grantee", "expected"),
    [
        ('["Decrypt"]', '"arn:aws:iam::444455556666:root"', [True]),
        ('["Decrypt"]', '"arn:aws:iam::444455556666:role/r"', [False]),
        ('["Encrypt"]', '"arn:aws:iam::444455556666:root"', [False]),
        ('["Decrypt"]', "var.x", ["unknown"]),
        ("var.x", '"arn:aws:iam::444455556666:root"', ["unknown"]),
        ('["Encrypt", var.x]', '"arn:aws:iam::444455556666:root"', ["unknown"]),
        ('["Decrypt"]', "aws_iam_role.r.arn", [False]),
    ],
)
def test_grants(tmp_path, operations, grantee, expected):
    more = f"""
        resource "aws_kms_grant" "g" {{
          key_id            = aws_kms_key.k.key_id
          operations        = {operations}
          grantee_principal = {grantee}
        }}
    """
    assert told(kms(tmp_path, "", more), KEY, "decrypt.broad", "key") == expected


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ('tags = { "mlsec/holds" = "weights" }', [False]),
        ('tags = { "mlsec/holds" = "logs" }', [True]),
        ('bucket = "acme-audit-logs"', [True]),
        ('bucket = "acme-things"', ["unknown"]),
    ],
)
def test_a_key_that_seals_another_store_too(tmp_path, other, expected):
    def bucket(name, arguments):
        return f"""
            resource "aws_s3_bucket" "{name}" {{
              {arguments}
            }}
            resource "aws_s3_bucket_server_side_encryption_configuration" "{name}" {{
              bucket = aws_s3_bucket.{name}.id
              rule {{
                apply_server_side_encryption_by_default {{
                  sse_algorithm     = "aws:kms"
                  kms_master_key_id = aws_kms_key.k.arn
                }}
              }}
            }}
        """

    more = bucket("a", 'tags = { "mlsec/holds" = "weights" }') + bucket("b", other)
    assert told(kms(tmp_path, "", more), KEY, "seals.other_data", "key") == expected


GCP = """
variable "x" {{}}
resource "google_kms_key_ring" "r" {{
  name     = "r"
  location = "europe-west4"
  project  = "p"
}}
resource "google_kms_crypto_key" "k" {{
  name     = "k"
  key_ring = google_kms_key_ring.r.id
  {arguments}
}}
{more}
"""
CLOUD_KEY = "google_kms_crypto_key.k"


@pytest.mark.parametrize(
    ("arguments", "fact", "expected"),
    [
        ("", "hsm.protected", [False]),
        ('version_template {\nprotection_level = "HSM"\n}', "hsm.protected", [True]),
        (
            'version_template {\nprotection_level = "EXTERNAL"\n}',
            "hsm.protected",
            [True],
        ),
        (
            'version_template {\nprotection_level = "SOFTWARE"\n}',
            "hsm.protected",
            [False],
        ),
        (
            "version_template {\nprotection_level = var.x\n}",
            "hsm.protected",
            ["unknown"],
        ),
        ("import_only = true", "material.imported", [True]),
        ("", "deletion.window_days", [30]),
        ('destroy_scheduled_duration = "86400s"', "deletion.window_days", [1]),
        ('destroy_scheduled_duration = "5184000.5s"', "deletion.window_days", [60]),
        ('destroy_scheduled_duration = "soon"', "deletion.window_days", ["unknown"]),
    ],
)
def test_custody_of_a_cloud_kms_key(tmp_path, arguments, fact, expected):
    estate = estate_of(tmp_path, GCP.format(arguments=arguments, more=""))
    assert told(estate, CLOUD_KEY, fact, "key") == expected


def grant(kind, parent, role, member):
    return f"""
        resource "{kind}" "g" {{
          {parent}
          role   = "{role}"
          member = "{member}"
        }}
    """


DECRYPTER = "roles/cloudkms.cryptoKeyDecrypter"
SOMEBODY = "serviceAccount:a@p.iam.gserviceaccount.com"
ON_KEY = (
    "google_kms_crypto_key_iam_member",
    "crypto_key_id = google_kms_crypto_key.k.id",
)
ON_RING = ("google_kms_key_ring_iam_member", "key_ring_id = google_kms_key_ring.r.id")
ON_PROJECT = ("google_project_iam_member", 'project = "p"')
SECOND = """
resource "google_kms_crypto_key" "second" {
  name     = "second"
  key_ring = google_kms_key_ring.r.id
}
"""


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (grant(*ON_KEY, DECRYPTER, SOMEBODY), [False]),
        (grant(*ON_KEY, DECRYPTER, "domain:acme.example"), [True]),
        (grant(*ON_KEY, "roles/cloudkms.viewer", "domain:acme.example"), [False]),
        (grant(*ON_KEY, DECRYPTER, "projectEditor:p"), [True]),
        (grant(*ON_KEY, DECRYPTER, "group:all@acme.example"), [False]),
        (
            grant(
                *ON_KEY,
                DECRYPTER,
                "principalSet://iam.googleapis.com/projects/1/locations/global/"
                "workloadIdentityPools/p/*",
            ),
            [True],
        ),
        (grant(*ON_KEY, DECRYPTER, "${var.x}"), ["unknown"]),
        (grant(*ON_RING, DECRYPTER, SOMEBODY), [False]),
        (grant(*ON_RING, DECRYPTER, SOMEBODY) + SECOND, [True]),
        (grant(*ON_PROJECT, DECRYPTER, SOMEBODY), [True]),
        (
            grant("google_project_iam_member", 'project = "q"', DECRYPTER, SOMEBODY),
            [False],
        ),
        (grant(*ON_PROJECT, "roles/viewer", SOMEBODY), [False]),
    ],
)
def test_grants_of_cloud_kms(tmp_path, more, expected):
    estate = estate_of(tmp_path, GCP.format(arguments="", more=more))
    assert told(estate, CLOUD_KEY, "decrypt.broad", "key") == expected


def test_a_custom_role_that_decrypts(tmp_path):
    more = """
        resource "google_project_iam_custom_role" "c" {
          role_id     = "opener"
          title       = "Opener"
          permissions = ["cloudkms.cryptoKeyVersions.useToDecrypt"]
        }
        resource "google_kms_crypto_key_iam_binding" "b" {
          crypto_key_id = google_kms_crypto_key.k.id
          role          = google_project_iam_custom_role.c.id
          members       = ["domain:acme.example"]
        }
    """
    estate = estate_of(tmp_path, GCP.format(arguments="", more=more))
    assert told(estate, CLOUD_KEY, "decrypt.broad", "key") == [True]


AZURE = """
terraform {{
  required_providers {{
    azurerm = {{
      source  = "hashicorp/azurerm"
      version = "~> {version}"
    }}
  }}
}}
data "azurerm_subscription" "s" {{}}
resource "azurerm_key_vault" "v" {{
  name                = "v"
  location            = "westeurope"
  resource_group_name = "g"
  sku_name            = "premium"
  {arguments}
}}
resource "azurerm_key_vault_key" "k" {{
  name         = "k"
  key_vault_id = azurerm_key_vault.v.id
  key_type     = "RSA-HSM"
}}
{more}
"""
OTHER_KEY = """
resource "azurerm_key_vault_key" "other" {
  name         = "other"
  key_vault_id = azurerm_key_vault.v.id
  key_type     = "RSA"
}
"""
UNWRAP = 'access_policy {\nobject_id = "1"\nkey_permissions = ["UnwrapKey"]\n}'


def role(scope, name="Key Vault Crypto User"):
    return f"""
        resource "azurerm_role_assignment" "a" {{
          scope                = {scope}
          role_definition_name = "{name}"
          principal_id         = "1"
        }}
    """


VAULT, SUBSCRIPTION = "azurerm_key_vault.v.id", "data.azurerm_subscription.s.id"
RBAC = "rbac_authorization_enabled = true"


@pytest.mark.parametrize(
    ("version", "arguments", "more", "expected"),
    [
        ("4.0", UNWRAP, "", [False]),
        ("4.0", UNWRAP, OTHER_KEY, [True]),
        ("4.0", UNWRAP.replace("UnwrapKey", "Get"), OTHER_KEY, [False]),
        ("4.0", f"{RBAC}\n{UNWRAP}", OTHER_KEY, [False]),
        ("4.0", "", role(SUBSCRIPTION), [False]),
        ("4.0", RBAC, role(SUBSCRIPTION), [True]),
        ("5.0", "", role(SUBSCRIPTION), [True]),
        ("4.0", RBAC, role(SUBSCRIPTION, "Reader"), [False]),
        ("4.0", RBAC, role(VAULT), [False]),
        ("4.0", RBAC, role(VAULT) + OTHER_KEY, [True]),
        ("4.0", RBAC, role('"/subscriptions/1/resourceGroups/g"'), [True]),
        ("4.0", RBAC, role('"/subscriptions/1/resourceGroups/h"'), [False]),
        ("4.0", RBAC, role("azurerm_key_vault_key.k.id") + OTHER_KEY, [False]),
    ],
)
def test_rights_of_key_vaults(tmp_path, version, arguments, more, expected):
    text = AZURE.format(version=version, arguments=arguments, more=more)
    estate = estate_of(tmp_path, text)
    assert told(estate, "azurerm_key_vault_key.k", "decrypt.broad", "key") == expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("", [False]),
        ("purge_protection_enabled = true", [True]),
        ("purge_protection_enabled = false", [False]),
    ],
)
def test_purge_protection_of_a_vault_is_that_of_its_keys(tmp_path, arguments, expected):
    text = AZURE.format(version="4.0", arguments=arguments, more="")
    estate = estate_of(tmp_path, text)
    for address in ("azurerm_key_vault.v", "azurerm_key_vault_key.k"):
        assert told(estate, address, "deletion.recoverable", "key") == expected
