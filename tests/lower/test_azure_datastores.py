"""Datastores of Azure ML that Terraform declares, and SSH of its computes."""

from __future__ import annotations

import pytest
from clouds import estate_of, told

from mlsec_lint.scan import read, survey

LAB = """
provider "azurerm" {
  features {}
}
locals {
  accounts = { models = "stmodels", corpus = "stcorpus" }
}
resource "azurerm_storage_account" "this" {
  for_each                 = local.accounts
  name                     = each.value
  resource_group_name      = "g"
  location                 = "uksouth"
  account_tier             = "Standard"
  account_replication_type = "ZRS"
}
resource "azurerm_storage_container" "this" {
  for_each           = local.accounts
  name               = each.key
  storage_account_id = azurerm_storage_account.this[each.key].id
}
resource "azurerm_machine_learning_workspace" "w" {
  name                = "w"
  storage_account_id  = azurerm_storage_account.this["corpus"].id
}
resource "azurerm_machine_learning_datastore_%s" "this" {
  for_each             = local.accounts
  name                 = "${each.key}_ds"
  workspace_id         = azurerm_machine_learning_workspace.w.id
  %s
}
"""
JOB = """
$schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json
command: torchrun train.py --output_dir ${{outputs.ckpt}}
compute: azureml:h100
outputs:
  ckpt:
    path: azureml://datastores/models_ds/paths/run
"""
MODELS = 'azurerm_storage_account.this["models"]'
CONTAINER = "storage_container_id = azurerm_storage_container.this[each.key].id"


@pytest.mark.parametrize(
    ("sort", "behind"),
    [
        ("blobstorage", CONTAINER),
        ("blobstorage", CONTAINER.replace(".id", ".resource_manager_id")),
        ("datalake_gen2", CONTAINER),
        (
            "fileshare",
            (
                'storage_fileshare_id = "/subscriptions/s/resourceGroups/g/providers'
                "/Microsoft.Storage/storageAccounts/st${each.key}"
                '/fileServices/default/shares/x"'
            ),
        ),
    ],
)
def test_a_job_writes_the_account_behind_a_datastore(tmp_path, sort, behind):
    (tmp_path / "main.tf").write_text(LAB % (sort, behind))
    (tmp_path / "job.yml").write_text(JOB)

    estate = survey(read(str(tmp_path)))

    writers = {e.source.address for e in estate.edges() if e.verb == "writes"}
    written = {e.target.address for e in estate.edges() if e.verb == "writes"}
    assert ("job.yml#job" in writers, written) == (True, {MODELS})
    assert not estate.named("azureml://datastores/models_ds", "store")[1:]


def test_a_key_in_a_datastore_opens_its_account(tmp_path):
    keyed = f"{CONTAINER}\n  account_key = var.key"
    estate = estate_of(tmp_path, LAB % ("blobstorage", keyed))

    assert False in told(estate, MODELS, "auth.identity_only")


def test_the_default_datastore_is_the_account_of_the_workspace(tmp_path):
    estate = estate_of(tmp_path, LAB % ("blobstorage", CONTAINER))

    found = estate.named("azureml://datastores/workspaceblobstore", "store")
    assert [store.address for store in found] == [
        'azurerm_storage_account.this["corpus"]'
    ]


COMPUTE = """
resource "azurerm_machine_learning_workspace" "w" {
  name = "w"
  storage_account_id = azurerm_storage_account.a.id
}
resource "azurerm_storage_account" "a" {
  name = "sta"
}
resource "azurerm_machine_learning_compute_cluster" "c" {
  name                          = "c"
  machine_learning_workspace_id = azurerm_machine_learning_workspace.w.id
  vm_size                       = "Standard_ND96isr_H100_v5"
  %s
}
"""


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("ssh_public_access_enabled = true", [True]),
        ("ssh_public_access_enabled = false", []),
        ('ssh {\n admin_username = "a"\n}', [True]),
        ("ssh_public_access_enabled = var.x", ["unknown"]),
        ("ssh_public_access_enabled = true\nnode_public_ip_enabled = false", [False]),
        ("", []),
    ],
)
def test_ssh_of_a_compute_is_open_where_it_has_an_address(tmp_path, more, expected):
    (tmp_path / "main.tf").write_text('variable "x" {}\n' + COMPUTE % more)
    estate = survey(read(str(tmp_path)))

    cluster = "azurerm_machine_learning_compute_cluster.c"
    assert told(estate, cluster, "admin.open", "workload") == expected
