"""Azure managed disks, container registries and ML workspaces: stores with a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.places import state_place
from mlsec_lint.lower.azure.keys import put_key
from mlsec_lint.lower.azure.place import put_place
from mlsec_lint.lower.declared import add_copy, declared_store, store_of
from mlsec_lint.lower.reading import (
    blocks,
    by_default,
    given,
    negated,
    put,
    read_bool,
    reading,
    span_of,
)
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

DISK = "azurerm_managed_disk"
DISK_SET = "azurerm_disk_encryption_set"
REGISTRY = "azurerm_container_registry"
WORKSPACE = "azurerm_machine_learning_workspace"


def lower_volumes(index: TerraformIndex, estate: Estate) -> None:
    """Every managed disk, container registry and ML workspace."""
    for here in index.roots:
        for disk in here.of(DISK):
            _disk(here, disk, estate)
        for registry in here.of(REGISTRY):
            _registry(here, registry, estate)
        for workspace in here.of(WORKSPACE):
            _workspace(index, here, workspace, estate)


def _workspace(
    index: TerraformIndex, here: RootIndex, workspace: Resource, estate: Estate
) -> None:
    """An Azure ML workspace: its jobs put models into its default storage account."""
    store = declared_store(here, estate, workspace, "ml-service", "azure")
    put_place(here, store, workspace)
    key = given(workspace.values, "encryption", "key_id")
    if key is not None:
        put_key(here, estate, store, workspace, key)
    else:
        put(store, "encryption.key.managed_by", by_default(workspace, "encryption"))
    name = "public_network_access_enabled"
    default = by_default(workspace, name)
    reachable = read_bool(workspace, given(workspace.values, name), default)
    put(store, "registry.private", negated(reachable))
    account = given(workspace.values, "storage_account_id")
    for found in here.parents(account, ("azurerm_storage_account",)):
        behind = store_of(index, estate, found)
        if behind is not None and account is not None:
            span = span_of(account, workspace)
            words = f"it is the default store of the ML workspace {store.name}"
            behind.holds_weights("referenced", words, span)
            behind.also("workspace.default", value=True, span=span)
            estate.link(store, "is backed by", behind, span)


def _disk(here: RootIndex, disk: Resource, estate: Estate) -> None:
    store = declared_store(here, estate, disk, "block", "azure")
    put_place(here, store, disk)
    seal_disk(here, estate, store, disk, given(disk.values, "disk_encryption_set_id"))


def seal_disk(
    here: RootIndex, estate: Estate, store: Thing, owner: Resource, named: Value | None
) -> None:
    """The key of a disk: that of the disk encryption set it names, else the platform's."""
    fact = "encryption.key.managed_by"
    if named is None:
        put(store, fact, by_default(owner, "disk_encryption_set_id", DISK))
        return
    sets = here.parents(named, (DISK_SET,))
    key = given(sets[0].values, "key_vault_key_id") if len(sets) == 1 else None
    if key is not None:
        put_key(here, estate, store, sets[0], key)
        return
    text = here.text_of(named)
    known = "/diskEncryptionSets/" in text if isinstance(text, str) else False
    unknown = text if isinstance(text, Unknown) else Unknown("resource", "not declared")
    put(store, fact, reading(named, owner, "customer" if known else unknown))


def _registry(here: RootIndex, registry: Resource, estate: Estate) -> None:
    store = declared_store(here, estate, registry, "registry", "azure")
    put_place(here, store, registry)
    key = given(registry.values, "encryption", "key_vault_key_id")
    if key is not None:
        put_key(here, estate, store, registry, key)
    else:
        absent = by_default(registry, "encryption")
        put(store, "encryption.key.managed_by", absent)
    for name, fact in (
        ("anonymous_pull_enabled", "public.principal"),
        ("public_network_access_enabled", "public.network"),
    ):
        value = given(registry.values, name)
        found = read_bool(registry, value, by_default(registry, name))
        put(store, fact, found)
    sku = given(registry.values, "sku")
    if sku is not None and sku.data in ("Basic", "Classic"):
        # These tiers have no anonymous pull, whatever the argument says.
        put(store, "public.principal", reading(sku, registry, data=False))
    _replicas(here, registry, store, estate)


def _replicas(
    here: RootIndex, registry: Resource, store: Thing, estate: Estate
) -> None:
    for number, block in enumerate(blocks(registry.values, "georeplications")):
        location = given(block, "location")
        if location is None:
            continue
        span = span_of(location, registry)
        address = f"{here.address(registry)}.georeplications[{number}]"
        copy = add_copy(estate, store, address, "registry-replication", span, None)
        text = here.text_of(location)
        if text is None:
            text = Unknown("error", "this is not a location", span=location.span)
        where = text if isinstance(text, Unknown) else text.replace(" ", "").lower()
        state_place(copy, "azure", where, span, trail=location.trail)
