"""Azure Databricks workspaces: stores of models, in their registry and the root of DBFS.

The root lies in a storage account that the workspace makes itself; its key is set by a
resource of its own. (azurerm 4.x documentation, read 2026-11.)
Does not model: catalogs and volumes of Unity Catalog, clusters, jobs, tokens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.azure.keys import put_key
from mlsec_lint.lower.azure.place import put_place
from mlsec_lint.lower.declared import declared_store
from mlsec_lint.lower.reading import (
    by_default,
    given,
    maybe_absent,
    negated,
    put,
    put_also,
    read_bool,
)
from mlsec_lint.lower.unsure import unsure_of

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource

WORKSPACE = "azurerm_databricks_workspace"
_ROOT_KEY = "azurerm_databricks_workspace_root_dbfs_customer_managed_key"
_FACT = "encryption.key.managed_by"
_PUBLIC = "public_network_access_enabled"


def lower_databricks(index: TerraformIndex, estate: Estate) -> None:
    """Every Databricks workspace as a store, with its key and who reaches it."""
    for here in index.roots:
        for workspace in here.of(WORKSPACE):
            _workspace(index, here, workspace, estate)


def _workspace(
    index: TerraformIndex, here: RootIndex, workspace: Resource, estate: Estate
) -> None:
    store = declared_store(here, estate, workspace, "ml-service", "azure")
    put_place(here, store, workspace)
    default = by_default(workspace, _PUBLIC)
    reachable = read_bool(workspace, given(workspace.values, _PUBLIC), default)
    put(store, "registry.private", negated(reachable))
    put(store, _FACT, by_default(workspace, "root_dbfs_key"))
    satellites = index.satellites(here, workspace, _ROOT_KEY, "workspace_id")
    for sealed in satellites.found:
        for name in ("key_vault_key_id", "managed_hsm_key_id"):
            key = given(sealed.values, name)
            if key is not None:
                put_key(here, estate, store, sealed, key)
                put(store, _FACT, maybe_absent(sealed, store.facts[_FACT]))
    if not satellites.found:
        for unsure in unsure_of(here, satellites, "workspace_id"):
            put_also(store, _FACT, unsure)
