"""Azure stores: whether a plan or one call can wipe them; management locks.

A lock on a resource, its resource group or its subscription keeps it; a read-only lock
does too. A deleted account can be restored for 14 days (Azure Storage documentation,
2026-11), so that what counts for it is whether deleted blobs can. Does not model: locks of other roots, backup vaults, resource guards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

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
    unknown_because,
)
from mlsec_lint.lower.terraform_index import symbol_of
from mlsec_lint.lower.unsure import may_be_any

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
        held = _locks_of(here)
        for resource in here.of(ACCOUNT, DISK, REGISTRY):
            store = store_of(index, estate, resource)
            if store is None:
                continue
            locks = held.of(here, resource)
            if resource.type == ACCOUNT:
                _soft_delete(store, resource)
            else:
                locks.insert(0, by_default(resource, "lock", ACCOUNT))
            put_guarded(store, resource, locks)


class _Locks(NamedTuple):
    """Locks of a root by what they hold: resources and groups by identity or name."""

    resources: dict[int, list[Fact]]
    groups: dict[str, list[Fact]]
    everything: list[Fact]

    def of(self, here: RootIndex, resource: Resource) -> list[Fact]:
        """The locks that hold a resource."""
        named = given(resource.values, "resource_group_name")
        names = [str(id(group)) for group in here.parents(named, _GROUP)]
        text = here.text_of(named)
        if isinstance(text, str):
            names.append(text.lower())
        found = [fact for name in names for fact in self.groups.get(name, ())]
        own = self.resources.get(id(resource), [])
        if self.groups and may_be_any(here, named):
            why = "whether a lock on a resource group holds it is not known"
            found = [unknown_because(resource, why)]
        return [*own, *found, *self.everything]


def _locks_of(here: RootIndex) -> _Locks:
    locks = _Locks({}, {}, [])
    for lock in here.of(_LOCK):
        scope, level = given(lock.values, "scope"), given(lock.values, "lock_level")
        if may_be_any(here, scope):
            why = f"what {lock.address} holds is not known"
            locks.everything.append(unknown_because(lock, why))
        elif scope is not None and level is not None:
            fact = if_exists(lock, reading(level, lock, data=True))
            _place(here, locks, scope, fact)
    return locks


def _place(here: RootIndex, locks: _Locks, scope: Value, fact: Fact) -> None:
    """Keep a lock under what its scope is: a resource, its group or its subscription."""
    held = here.parents(scope, (ACCOUNT, DISK, REGISTRY))
    for resource in held:
        locks.resources.setdefault(id(resource), []).append(fact)
    groups = here.parents(scope, _GROUP)
    for group in groups:
        locks.groups.setdefault(str(id(group)), []).append(fact)
    if held or groups:
        return
    symbol = symbol_of(scope)
    if symbol is not None and ".azurerm_subscription." in f".{symbol.address}.":
        locks.everything.append(fact)
        return
    text = here.text_of(scope)
    if isinstance(text, str) and text.lower().startswith("/subscriptions/"):
        steps = text.strip("/").lower().split("/")
        if len(steps) == 2:
            locks.everything.append(fact)
        elif len(steps) == 4:
            locks.groups.setdefault(steps[3], []).append(fact)


def _soft_delete(store: Thing, account: Resource) -> None:
    """Deleted blobs are kept where the block is there, or where versions are."""
    properties = given(account.values, "blob_properties")
    if properties is not None and properties.unknown is not None:
        kept = [reading(properties, account, properties.unknown)]
    else:
        policies = blocks(properties, "delete_retention_policy")
        kept = [_kept(policy, account) for policy in policies]
    if not kept:
        kept = [by_default(account, "delete_retention_policy")]
    versions = store.fact("versioning.enabled")
    if versions is not None and versions.value is not False:
        kept.append(versions)
    put(store, RECOVERABLE, any_of(kept))


def _kept(policy: Value, account: Resource) -> Fact:
    """A retention policy of no days (Azure takes 1 to 365) keeps nothing."""
    days = given(policy, "days")
    none = days is not None and days.integer() == 0
    return reading(policy, account, data=False) if none else present(policy, account)
