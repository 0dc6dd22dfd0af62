"""Azure storage accounts: versions, firewalls, keys, pairs and containers."""

from __future__ import annotations

import pytest
from clouds import estate_of, shown, told, why

ACCOUNT = """
terraform {
  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "%s"
    }
  }
}
provider "azurerm" {
  features {}
}
variable "x" {}
resource "azurerm_resource_group" "g" {
  name     = "g"
  location = "Southeast Asia"
}
resource "azurerm_storage_account" "a" {
  name                     = "corpw"
  resource_group_name      = azurerm_resource_group.g.name
  location                 = azurerm_resource_group.g.location
  account_tier             = "Standard"
  account_replication_type = "ZRS"
  %s
}
"""
ADDRESS = "azurerm_storage_account.a"


@pytest.mark.parametrize(
    ("version", "more", "expected"),
    [
        ("~> 4.0", "", [False]),
        ("~> 5.0", "", [True]),
        (">= 3.0", "", ["unknown"]),
        (">= 3.0, < 5.0", "", [False]),
        ("~> 4.0", "allow_nested_items_to_be_public = false", [True]),
        ("~> 2.0", "allow_blob_public_access = true", [False]),
        ("~> 5.0", "allow_nested_items_to_be_public = var.x", ["unknown"]),
    ],
)
def test_the_default_of_public_blobs_depends_on_the_version(
    tmp_path, version, more, expected
):
    estate = estate_of(tmp_path, ACCOUNT % (version, more))

    assert told(estate, ADDRESS, "public.blocked") == expected


def test_an_open_version_names_what_would_settle_it(tmp_path):
    estate = estate_of(tmp_path, ACCOUNT % (">= 3.0", ""))

    unknown = why(estate, ADDRESS, "public.blocked")
    assert unknown.name == "required_providers.azurerm.version"
    assert sorted(value.data for value in unknown.possible) == [False, True]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("", [True]),
        ("public_network_access_enabled = false", [False]),
        ("public_network_access_enabled = var.x", ["unknown"]),
        ('network_rules {\n default_action = "Deny"\n }', [False]),
        ('network_rules {\n default_action = "Allow"\n }', [True]),
        ("network_rules {\n default_action = var.x\n }", ["unknown"]),
        (
            'public_network_access_enabled = false\n network_rules {\n default_action = "Allow"\n }',
            [False],
        ),
    ],
)
def test_network(tmp_path, more, expected):
    estate = estate_of(tmp_path, ACCOUNT % ("~> 4.0", more))

    assert told(estate, ADDRESS, "public.network") == expected


def test_separate_network_rules(tmp_path):
    text = ACCOUNT % ("~> 4.0", "") + (
        'resource "azurerm_storage_account_network_rules" "r" {\n'
        "  storage_account_id = azurerm_storage_account.a.id\n"
        '  default_action     = "Deny"\n}'
    )

    estate = estate_of(tmp_path, text)

    assert told(estate, ADDRESS, "public.network") == [False]
    assert shown(estate, ADDRESS, "public.network")[0].endswith('"Deny"')


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("", [False]),
        ("shared_access_key_enabled = false", [True]),
        ("shared_access_key_enabled = var.x", ["unknown"]),
        ("shared_access_key_enabled = false\n sftp_enabled = true", [False]),
        (
            "shared_access_key_enabled = false\n sftp_enabled = true\n local_user_enabled = false",
            [True],
        ),
    ],
)
def test_identity_only(tmp_path, more, expected):
    estate = estate_of(tmp_path, ACCOUNT % ("~> 4.0", more))

    assert told(estate, ADDRESS, "auth.identity_only") == expected


KEY = """
resource "azurerm_key_vault" "v" {
  name     = "v"
  location = "eastasia"
}
resource "azurerm_key_vault_key" "k" {
  name         = "k"
  key_vault_id = azurerm_key_vault.v.id
  key_type     = "%s"
}
resource "azurerm_storage_account_customer_managed_key" "c" {
  storage_account_id = azurerm_storage_account.a.id
  %s
}
"""


@pytest.mark.parametrize(
    ("kind", "named", "expected"),
    [
        ("RSA", "key_vault_key_id = azurerm_key_vault_key.k.id", "customer"),
        ("RSA-HSM", "key_vault_key_id = azurerm_key_vault_key.k.id", "hsm"),
        (
            "RSA",
            "key_vault_id = azurerm_key_vault.v.id\n  key_name = azurerm_key_vault_key.k.name",
            "customer",
        ),
        ("RSA", "key_vault_key_id = var.x", "unknown"),
    ],
)
def test_customer_keys(tmp_path, kind, named, expected):
    estate = estate_of(tmp_path, ACCOUNT % ("~> 4.0", "") + KEY % (kind, named))

    assert told(estate, ADDRESS, "encryption.key.managed_by") == [expected]
    key = "azurerm_key_vault_key.k"
    assert told(estate, key, "place.countries", "key") == [("HK",)]


def test_without_a_key_it_is_the_providers(tmp_path):
    estate = estate_of(tmp_path, ACCOUNT % ("~> 4.0", ""))

    assert told(estate, ADDRESS, "encryption.key.managed_by") == ["provider"]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ('"LRS"', [()]),
        ('"GRS"', [("HK",)]),
        ('"RAGZRS"', [("HK",)]),
        ("var.x", ["unknown"]),
    ],
)
def test_geo_redundancy_copies_to_the_pair(tmp_path, kind, expected):
    text = (ACCOUNT % ("~> 4.0", "")).replace('"ZRS"', kind)

    estate = estate_of(tmp_path, text)

    assert told(estate, ADDRESS, "place.countries") == [("SG",)]
    assert told(estate, ADDRESS, "replication.countries") == expected
    if expected == [("HK",)]:
        assert shown(estate, ADDRESS, "replication.countries")[0].endswith(kind)


def test_a_validated_variable_leaves_the_possible_pairs(tmp_path):
    text = (ACCOUNT % ("~> 4.0", "")).replace('"ZRS"', "var.kind") + (
        'variable "kind" {\n  validation {\n'
        '    condition     = contains(["LRS", "GRS"], var.kind)\n'
        '    error_message = "no"\n  }\n}\n'
    )

    unknown = why(estate_of(tmp_path, text), ADDRESS, "replication.countries")

    if unknown.possible is not None:
        found = [tuple(v.data for v in p.elements()) for p in unknown.possible]
        assert sorted(found) == [("HK",), ("SG",)]


CONTAINER = """
resource "azurerm_storage_container" "c" {
  name                  = "runs"
  %s
  container_access_type = %s
}
resource "azurerm_storage_container_immutability_policy" "i" {
  storage_container_resource_manager_id = azurerm_storage_container.c.resource_manager_id
  immutability_period_in_days           = 9
  locked                                = %s
}
"""


@pytest.mark.parametrize(
    "parent",
    [
        "storage_account_id = azurerm_storage_account.a.id",
        "storage_account_name = azurerm_storage_account.a.name",
        'storage_account_name = "corpw"',
    ],
)
def test_containers(tmp_path, parent):
    text = ACCOUNT % ("~> 4.0", "") + CONTAINER % (parent, '"blob"', "true")

    estate = estate_of(tmp_path, text)

    assert told(estate, ADDRESS, "public.acl") == [True]
    assert told(estate, ADDRESS, "retention.locked") == [True]
    for name in (
        "azurerm_storage_container.c",
        "abfss://runs@corpw.dfs.core.windows.net",
        "azure-storage-account:corpw",
    ):
        assert [t.address for t in estate.named(name, "store")] == [ADDRESS]


def test_private_containers_and_unknown_ones(tmp_path):
    parent = "storage_account_id = azurerm_storage_account.a.id"
    shut = ACCOUNT % ("~> 4.0", "") + CONTAINER % (parent, '"private"', "false")
    unsure = ACCOUNT % ("~> 4.0", "") + CONTAINER % (parent, "var.x", "var.x")

    estate = estate_of(tmp_path / "a", shut)
    assert told(estate, ADDRESS, "public.acl") == [False]
    assert told(estate, ADDRESS, "retention.locked") == [False]
    estate = estate_of(tmp_path / "b", unsure)
    assert told(estate, ADDRESS, "public.acl") == ["unknown"]
    assert told(estate, ADDRESS, "retention.locked") == ["unknown"]


def test_fronts_and_replicas_of_accounts(tmp_path):
    text = (
        ACCOUNT % ("~> 4.0", "")
        + """
        resource "azurerm_storage_account" "far" {
          name                     = "corpfar"
          location                 = "eastasia"
          account_tier             = "Standard"
          account_replication_type = "LRS"
        }
        resource "azurerm_storage_object_replication" "r" {
          source_storage_account_id      = azurerm_storage_account.a.id
          destination_storage_account_id = azurerm_storage_account.far.id
        }
        resource "azurerm_cdn_frontdoor_origin" "o" {
          host_name = azurerm_storage_account.a.primary_blob_host
        }
        """
    )

    estate = estate_of(tmp_path, text)

    assert told(estate, ADDRESS, "replication.countries") == [("HK",)]
    assert told(estate, ADDRESS, "front.public") == [True]
    assert told(estate, "azurerm_storage_account.far", "front.public") == [False]


def test_registries_and_disks(tmp_path):
    estate = estate_of(
        tmp_path,
        """
        provider "azurerm" {
          features {}
        }
        resource "azurerm_container_registry" "r" {
          name                   = "r"
          location               = "westeurope"
          anonymous_pull_enabled = true
          georeplications {
            location = "East Asia"
          }
        }
        resource "azurerm_managed_disk" "d" {
          name     = "d"
          location = "westeurope"
        }
        """,
    )

    registry = "azurerm_container_registry.r"
    assert told(estate, registry, "public.principal") == [True]
    assert told(estate, registry, "replication.countries") == [("HK",)]
    found = told(estate, "azurerm_managed_disk.d", "encryption.key.managed_by")
    assert found == ["provider"]


SCOPES = """
variable "x" {{}}
resource "azurerm_storage_account" "a" {{
  name     = "acc"
  location = "westeurope"
  {account}
}}
resource "azurerm_key_vault_key" "k" {{
  key_type = "RSA-HSM"
}}
resource "azurerm_storage_encryption_scope" "own" {{
  name               = "own"
  storage_account_id = azurerm_storage_account.a.id
  source             = "Microsoft.KeyVault"
  key_vault_key_id   = azurerm_key_vault_key.k.id
}}
resource "azurerm_storage_encryption_scope" "theirs" {{
  name               = "theirs"
  storage_account_id = azurerm_storage_account.a.id
  source             = {source}
}}
resource "azurerm_storage_container" "one" {{
  name                     = "one"
  storage_account_id       = azurerm_storage_account.a.id
  default_encryption_scope = azurerm_storage_encryption_scope.{one}.name
}}
resource "azurerm_storage_container" "two" {{
  name               = "two"
  storage_account_id = azurerm_storage_account.a.id
  {two}
}}
"""
OWN_KEY = """customer_managed_key {
    key_vault_key_id = "https://v.vault.azure.net/keys/k/1"
  }"""
ALSO_OWN = "default_encryption_scope = azurerm_storage_encryption_scope.own.name"
THEIRS = '"Microsoft.Storage"'


@pytest.mark.parametrize(
    ("account", "source", "one", "two", "expected"),
    [
        ("", THEIRS, "own", ALSO_OWN, ["hsm"]),
        ("", THEIRS, "own", "", ["provider"]),
        ("", THEIRS, "theirs", ALSO_OWN, ["provider"]),
        (OWN_KEY, THEIRS, "own", "", ["customer"]),
        (OWN_KEY, THEIRS, "theirs", "", ["provider"]),
        (OWN_KEY, "var.x", "theirs", "", ["unknown"]),
    ],
)
def test_encryption_scopes(tmp_path, account, source, one, two, expected):
    text = SCOPES.format(account=account, source=source, one=one, two=two)

    estate = estate_of(tmp_path, text)

    found = told(estate, "azurerm_storage_account.a", "encryption.key.managed_by")
    assert found == expected


@pytest.mark.parametrize(("days", "expected"), [("7", [True]), ("0", [False])])
def test_a_retention_of_no_days_keeps_nothing(tmp_path, days, expected):
    text = f"""
    resource "azurerm_storage_account" "a" {{
      name = "acc"
      blob_properties {{
        delete_retention_policy {{
          days = {days}
        }}
      }}
    }}
    """

    estate = estate_of(tmp_path, text)

    assert told(estate, "azurerm_storage_account.a", "deletion.recoverable") == expected


REPLICA = """
resource "azurerm_storage_object_replication" "r" {
  source_storage_account_id      = azurerm_storage_account.a.id
  destination_storage_account_id = "%s/storageAccounts/far"
}
"""
GROUP = "/subscriptions/%s/resourceGroups/g/providers/Microsoft.Storage"
OWN = "0F000000-0000-0000-0000-00000000000f"


@pytest.mark.parametrize(
    ("place", "expected"),
    [(GROUP % "9c", True), (GROUP % OWN.lower(), False), ("${var.x}", "unknown")],
)
def test_a_replica_in_a_subscription_of_no_provider_is_foreign(
    tmp_path, place, expected
):
    text = (ACCOUNT % ("~> 4.0", "") + REPLICA % place).replace(
        "  features {}", f'  features {{}}\n  subscription_id = "{OWN}"'
    )
    estate = estate_of(tmp_path, text)

    copies = [
        one.address for one in estate.of("copy") if "replication.r" in one.address
    ]
    assert told(estate, copies[0], "target.foreign", "copy") == [expected]
