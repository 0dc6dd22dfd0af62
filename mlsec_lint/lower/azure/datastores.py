"""Datastores of Azure ML workspaces: the names by which jobs call a storage account.

A job says `azureml://datastores/NAME`; Terraform says which container or share that is.
Every workspace has one called `workspaceblobstore`, in the account that it is given
(Azure ML documentation, 2026-11). Does not model: OneLake and SQL datastores.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.azure.storage import ACCOUNT, CONTAINER, PARENT
from mlsec_lint.lower.azure.volumes import WORKSPACE
from mlsec_lint.lower.declared import store_of
from mlsec_lint.lower.reading import given, reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource

_SHARE = "azurerm_storage_share"
_STEM = "azurerm_machine_learning_datastore_"
#: Type of datastore -> the argument that names what lies behind it.
_BEHIND = {
    f"{_STEM}blobstorage": "storage_container_id",
    f"{_STEM}datalake_gen2": "storage_container_id",
    f"{_STEM}fileshare": "storage_fileshare_id",
}
_KEYS = ("account_key", "shared_access_signature")
_DEFAULT = "workspaceblobstore"


def lower_datastores(index: TerraformIndex, estate: Estate) -> None:
    """Call storage accounts by the datastores that open them."""
    for here in index.roots:
        for datastore in here.of(*_BEHIND):
            name = here.attribute(datastore, "name")
            for store in _stores(index, here, estate, datastore):
                if isinstance(name, str):
                    estate.call(store, f"azureml://datastores/{name}")
                _keyed(store, datastore)
        for workspace in here.of(WORKSPACE):
            account = given(workspace.values, PARENT)
            for found in here.parents(account, (ACCOUNT,)):
                behind = store_of(index, estate, found)
                if behind is not None:
                    estate.call(behind, f"azureml://datastores/{_DEFAULT}")


def _stores(
    index: TerraformIndex, here: RootIndex, estate: Estate, datastore: Resource
) -> Iterator[Thing]:
    """The accounts that a datastore's container or share may lie in."""
    named = given(datastore.values, _BEHIND[datastore.type])
    accounts = list(here.parents(named, (ACCOUNT,)))
    for inside in here.parents(named, (CONTAINER, _SHARE)):
        parent = given(inside.values, PARENT)
        parent = parent or given(inside.values, "storage_account_name")
        accounts += here.parents(parent, (ACCOUNT,))
    for account in accounts:
        store = store_of(index, estate, account)
        if store is not None:
            yield store
    text = here.text_of(named)
    if not accounts and isinstance(text, str) and "/storageAccounts/" in text:
        name = text.partition("/storageAccounts/")[2].partition("/")[0].lower()
        yield from estate.named(f"azure-storage-account:{name}", "store")


def _keyed(store: Thing, datastore: Resource) -> None:
    """A datastore that opens its account with a key or signature: no identity is asked."""
    for name in _KEYS:
        value = given(datastore.values, name)
        if value is not None:
            fact = reading(value, datastore, data=False)
            store.also("auth.identity_only", value=False, span=fact.span)
