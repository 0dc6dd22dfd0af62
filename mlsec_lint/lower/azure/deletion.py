"""Azure stores: whether a plan or one call can wipe them; management locks.

A lock on a resource, its resource group or its subscription keeps it; a read-only lock
does too. A deleted account can be restored for 14 days (Azure Storage documentation,
2026-11), so that what counts for it is whether deleted blobs can. Does not model: locks of other roots, backup vaults, resource guards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.azure.storage import ACCOUNT
from mlsec_lint.lower.azure.volumes import DISK, REGISTRY
from mlsec_lint.lower.declared import store_of
from mlsec_lint.lower.lasting import RECOVERABLE, if_exists, put_guarded
from mlsec_lint.lower.reading import (
    any_of,
    blocks,
    by_default,
    given,
    present,
    put,
    reading,
)
from mlsec_lint.lower.terraform_index import symbol_of

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Fact, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_LOCK = "azurerm_management_lock"
_GROUP = ("azurerm_resource_group", "data.azurerm_resource_group")


def lower_deletion(index: TerraformIndex, estate: Estate) -> None:
    """State `deletion.guarded` of accounts, disks and registries, and soft delete."""
    for here in index.roots:
        for resource in here.of(ACCOUNT, DISK, REGISTRY):
            store = store_of(index, estate, resource)
            if store is None:
                continue
            locks = _locks(here, resource)
            if resource.type == ACCOUNT:
                _soft_delete(store, resource)
            else:
                locks.insert(0, by_default(resource, "lock", ACCOUNT))
            put_guarded(store, resource, locks)


def _locks(here: RootIndex, resource: Resource) -> list[Fact]:
    found = []
    for lock in here.of(_LOCK):
        scope, level = given(lock.values, "scope"), given(lock.values, "lock_level")
        if scope is not None and level is not None and _holds(here, scope, resource):
            found.append(if_exists(lock, reading(level, lock, data=True)))
    return found


def _holds(here: RootIndex, scope: Value, resource: Resource) -> bool:
    """Whether a scope is the resource itself, its group or its subscription."""
    if any(r is resource for r in here.parents(scope, (resource.type,))):
        return True
    groups = here.parents(scope, _GROUP)
    if groups:
        own = here.parents(given(resource.values, "resource_group_name"), _GROUP)
        return any(group is one for group in groups for one in own)
    symbol = symbol_of(scope)
    if symbol is not None and ".azurerm_subscription." in f".{symbol.address}.":
        return True
    text = here.text_of(scope)
    if not isinstance(text, str) or not text.lower().startswith("/subscriptions/"):
        return False
    steps = text.strip("/").lower().split("/")
    name = here.text_of(given(resource.values, "resource_group_name"))
    return len(steps) == 2 or (
        len(steps) == 4 and isinstance(name, str) and steps[3] == name.lower()
    )


def _soft_delete(store: Thing, account: Resource) -> None:
    """Deleted blobs are kept where the block is there, or where versions are."""
    properties = given(account.values, "blob_properties")
    if properties is not None and properties.unknown is not None:
        kept = [reading(properties, account, properties.unknown)]
    else:
        policies = blocks(properties, "delete_retention_policy")
        kept = [present(policy, account) for policy in policies]
    if not kept:
        kept = [by_default(account, "delete_retention_policy")]
    versions = store.fact("versioning.enabled")
    if versions is not None and versions.value is True:
        kept.append(versions)
    put(store, RECOVERABLE, any_of(kept))
