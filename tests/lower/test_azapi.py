"""Resources of azapi: the same facts as their twins of azurerm, at their own lines."""

from __future__ import annotations

import pytest
from clouds import estate_of, told
from manifests import value

ACCOUNT = """
resource "azapi_resource" "w" {{
  type      = "Microsoft.Storage/storageAccounts@2024-01-01"
  name      = "labweights"
  location  = "westeurope"
  parent_id = "/subscriptions/s/resourceGroups/g"
  body = {body}
}}
"""
HEAD = (
    '{{ kind = "StorageV2", sku = {{ name = "Standard_ZRS" }}, properties = {{ {} }} }}'
)


def account(properties):
    return ACCOUNT.format(body=HEAD.format(properties))


@pytest.mark.parametrize(
    ("properties", "fact", "expected"),
    [
        ("", "public.blocked", [True]),
        ("allowBlobPublicAccess = true", "public.blocked", [False]),
        ("AllowBlobPublicAccess = true", "public.blocked", [False]),
        ("", "public.network", [True]),
        ('publicNetworkAccess = "Disabled"', "public.network", [False]),
        ('publicNetworkAccess = "SecuredByPerimeter"', "public.network", [False]),
        ('networkAcls = { defaultAction = "Deny" }', "public.network", [False]),
        ("", "auth.identity_only", [False]),
        ("allowSharedKeyAccess = false", "auth.identity_only", [True]),
        ("", "encryption.key.managed_by", ["provider"]),
        ("", "versioning.enabled", [False]),
        ("publicNetworkAccess = var.x", "public.network", ["unknown"]),
    ],
)
def test_a_storage_account(tmp_path, properties, fact, expected):
    text = account(properties) + 'variable "x" {}\n'
    assert told(estate_of(tmp_path, text), "azapi_resource.w", fact) == expected


def test_a_body_that_is_encoded_and_one_that_is_not_known(tmp_path):
    body = 'jsonencode({ properties = { publicNetworkAccess = "Disabled" } })'
    text = ACCOUNT.format(body=body)
    found = estate_of(tmp_path, text)
    assert told(found, "azapi_resource.w", "public.network") == [False]
    found = estate_of(tmp_path, 'variable "b" {}\n' + ACCOUNT.format(body="var.b"))
    assert told(found, "azapi_resource.w", "public.network") == ["unknown"]


def test_the_line_of_the_property_is_told(tmp_path):
    body = "{\n    properties = {\n      allowBlobPublicAccess = true\n    }\n  }"
    estate = estate_of(tmp_path, ACCOUNT.format(body=body))
    fact = estate.find("store", "azapi_resource.w").fact("public.blocked")
    assert fact.span.text.strip() == "allowBlobPublicAccess = true"


def test_a_blob_service_speaks_for_its_account(tmp_path):
    service = """
    resource "azapi_resource" "b" {
      type      = "Microsoft.Storage/storageAccounts/blobServices@2024-01-01"
      name      = "default"
      parent_id = azapi_resource.w.id
      body      = { properties = { isVersioningEnabled = true } }
    }
    """
    estate = estate_of(tmp_path, account("") + service)
    assert told(estate, "azapi_resource.w", "versioning.enabled") == [True]


def test_a_container_opens_its_account(tmp_path):
    container = """
    resource "azapi_resource" "c" {
      type      = "Microsoft.Storage/storageAccounts/blobServices/containers@2024-01-01"
      name      = "open"
      parent_id = "${azapi_resource.w.id}/blobServices/default"
      body      = { properties = { publicAccess = "Blob" } }
    }
    """
    estate = estate_of(tmp_path, account("allowBlobPublicAccess = true") + container)
    assert True in told(estate, "azapi_resource.w", "public.acl")


WORKSPACE = """
resource "azapi_resource" "ml" {{
  type      = "Microsoft.MachineLearningServices/workspaces@2025-06-01"
  name      = "lab"
  location  = "westeurope"
  parent_id = "/subscriptions/s/resourceGroups/g"
  body = {{
    kind = "{kind}"
    properties = {{
      storageAccount = azapi_resource.w.id
      managedNetwork = {{ isolationMode = "{mode}", outboundRules = {rules} }}
    }}
  }}
}}
resource "azapi_resource" "gpu" {{
  type      = "Microsoft.MachineLearningServices/workspaces/computes@2025-06-01"
  name      = "gpu"
  parent_id = azapi_resource.ml.id
  body = {{
    properties = {{
      computeType = "AmlCompute"
      properties  = {{ vmSize = "Standard_NC24ads_A100_v4" }}
    }}
  }}
}}
"""


def workspace(kind="Default", mode="Disabled", rules="{}"):
    return account("") + WORKSPACE.format(kind=kind, mode=mode, rules=rules)


@pytest.mark.parametrize(("kind", "held"), [("Default", True), ("Project", False)])
def test_the_default_store_of_a_workspace_holds_weights(tmp_path, kind, held):
    estate = estate_of(tmp_path, workspace(kind))
    words = [e.words for e in estate.find("store", "azapi_resource.w").evidence]
    assert any("default store of the ML workspace" in w for w in words) is held


def test_a_compute_runs_in_its_workspace(tmp_path):
    estate = estate_of(tmp_path, workspace())
    compute = estate.find("workload", "azapi_resource.gpu")
    assert value(compute, "accelerator") is True
    read = [e.target.address for e in estate.edges_from(compute, "reads")]
    assert read == ["azapi_resource.ml"]


def test_a_hub_of_ai_foundry_is_a_workspace(tmp_path):
    hub = """
    resource "azurerm_ai_foundry" "hub" {
      name                  = "hub"
      location              = "westeurope"
      resource_group_name   = "g"
      storage_account_id    = azapi_resource.w.id
      key_vault_id          = "k"
      public_network_access = "Disabled"
    }
    """
    estate = estate_of(tmp_path, account("") + hub)
    words = [e.words for e in estate.find("store", "azapi_resource.w").evidence]
    assert any("azurerm_ai_foundry.hub" in w for w in words)


@pytest.mark.parametrize(
    "body",
    [
        "null",
        "[]",
        '"x"',
        "{ properties = null }",
        "{ properties = [1] }",
        "{ sku = 1 }",
    ],
)
@pytest.mark.parametrize(
    "kind",
    [
        "Microsoft.Storage/storageAccounts@2024-01-01",
        "Microsoft.Storage/storageAccounts/blobServices@2024-01-01",
        "Microsoft.MachineLearningServices/workspaces@2025-06-01",
        "Microsoft.MachineLearningServices/workspaces/computes@2025-06-01",
        "Microsoft.ContainerService/managedClusters@2025-02-01",
        "Microsoft.KeyVault/vaults@2023-07-01",
        "Microsoft.ContainerRegistry/registries@2023-07-01",
        "Microsoft.Unheard/of@1",
        "",
    ],
)
def test_bodies_of_other_shapes_are_no_crash(tmp_path, kind, body):
    text = ACCOUNT.format(body=body).replace(
        "Microsoft.Storage/storageAccounts@2024-01-01", kind
    )
    estate_of(tmp_path, text)
