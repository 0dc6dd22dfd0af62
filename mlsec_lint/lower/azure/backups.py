"""Backups of Azure stores: recovery and backup vaults, disk snapshots.

A geo-redundant vault keeps a second copy in the paired region of its own region, and a
Recovery Services vault is geo-redundant unless it says otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.places import place_of, state_place
from mlsec_lint.lower.azure.keys import put_key
from mlsec_lint.lower.azure.place import location_of, put_place
from mlsec_lint.lower.declared import add_copy, store_of
from mlsec_lint.lower.reading import (
    by_default,
    given,
    maybe_absent,
    put,
    read_text,
    span_of,
)
from mlsec_lint.lower.terraform_index import values_at
from mlsec_lint.value import Step, Unknown, Value

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Fact, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource

ACCOUNT, DISK = "azurerm_storage_account", "azurerm_managed_disk"
RECOVERY, VAULT = (
    "azurerm_recovery_services_vault",
    "azurerm_data_protection_backup_vault",
)
MACHINES = (
    "azurerm_linux_virtual_machine",
    "azurerm_windows_virtual_machine",
    "azurerm_virtual_machine",
)
#: Type, argument with what is backed up, its types, argument with the vault, its type.
PROTECTED = (
    (
        "azurerm_backup_protected_vm",
        "source_vm_id",
        MACHINES,
        "recovery_vault_name",
        RECOVERY,
    ),
    (
        "azurerm_backup_protected_file_share",
        "source_storage_account_id",
        (ACCOUNT,),
        "recovery_vault_name",
        RECOVERY,
    ),
    (
        "azurerm_backup_container_storage_account",
        "storage_account_id",
        (ACCOUNT,),
        "recovery_vault_name",
        RECOVERY,
    ),
    (
        "azurerm_data_protection_backup_instance_blob_storage",
        "storage_account_id",
        (ACCOUNT,),
        "vault_id",
        VAULT,
    ),
    (
        "azurerm_data_protection_backup_instance_disk",
        "disk_id",
        (DISK,),
        "vault_id",
        VAULT,
    ),
)
_KEY = "encryption.key.managed_by"
#: The argument of a vault that says how it is kept.
_REDUNDANCY = {RECOVERY: "storage_mode_type", VAULT: "redundancy"}


def lower_backups(index: TerraformIndex, estate: Estate) -> None:
    """Every backup of a declared account or disk, in its vault and the vault's pair."""
    for here in index.roots:
        for kind, source, types, vault, vault_type in PROTECTED:
            for resource in here.of(kind):
                stores = _sources(index, here, resource, (source, types), estate)
                vaults = here.parents(given(resource.values, vault), (vault_type,))
                for found in vaults:
                    for store in stores:
                        keep_in_vault(here, resource, found, store, estate)
        for snapshot in here.of("azurerm_snapshot"):
            _snapshot(index, here, snapshot, estate)


def _sources(
    index: TerraformIndex,
    here: RootIndex,
    resource: Resource,
    how: tuple[str, tuple[str, ...]],
    estate: Estate,
) -> list[Thing]:
    """The stores that are backed up: an account, a disk, the data disks of a machine."""
    found: list[Thing] = []
    for parent in here.parents(given(resource.values, how[0]), how[1]):
        resources = [parent]
        if parent.type in MACHINES:
            resources = _disks(index, here, parent)
        stores = [store_of(index, estate, r) for r in resources]
        found += [s for s in stores if s is not None]
    return found


def _disks(index: TerraformIndex, here: RootIndex, machine: Resource) -> list[Resource]:
    attached = index.satellites(
        here,
        machine,
        "azurerm_virtual_machine_data_disk_attachment",
        "virtual_machine_id",
    )
    values = [given(a.values, "managed_disk_id") for a in attached.found]
    values += values_at(machine.values, "storage_data_disk.managed_disk_id")
    return [disk for value in values for disk in here.parents(value, (DISK,))]


def keep_in_vault(
    here: RootIndex,
    resource: Resource,
    vault: Resource,
    store: Thing,
    estate: Estate,
) -> None:
    """A backup in a vault, and the second one that a geo-redundant vault keeps."""
    address = f"{here.address(resource)}:{store.address}"
    if estate.find("copy", address) is not None:
        return
    copy = add_copy(estate, store, address, "vault", resource.span, None, "backup")
    put_place(here, copy, vault)
    _seal(here, estate, copy, vault)
    redundancy = _redundancy(vault)
    if redundancy.value in ("LocallyRedundant", "ZoneRedundant"):
        return
    span = redundancy.span
    pair = add_copy(
        estate, store, f"{address}.pair", "vault-geo-pair", span, None, "backup"
    )
    home = location_of(here, vault)
    for key in copy.all_facts(_KEY):
        put(pair, _KEY, key)
    step = Step(home.span, f"{vault.address} lies here")
    trail = (*redundancy.trail, step)
    where = _pair_of(home, redundancy)
    state_place(pair, "azure", where, span, trail=trail, default=redundancy.default)


def _seal(here: RootIndex, estate: Estate, copy: Thing, vault: Resource) -> None:
    """The key of what a vault keeps: that of the vault.

    Backups of disks in a Backup vault are snapshots in the resource group, which have
    the key of their disk. What a resource of its own says of a Backup vault's key is
    not read.
    """
    if vault.type != RECOVERY:
        return
    key = given(vault.values, "encryption", "key_id")
    if key is not None:
        put_key(here, estate, copy, vault, key)
    else:
        put(copy, _KEY, by_default(vault, "encryption"))
    put(copy, _KEY, maybe_absent(vault, copy.facts[_KEY]))


def _redundancy(vault: Resource) -> Fact:
    name = _REDUNDANCY[vault.type]
    default = by_default(vault, "storage_mode_type", RECOVERY)
    return read_text(vault, given(vault.values, name), default)


def _pair_of(home: Fact, redundancy: Fact) -> str | Unknown:
    """The paired region; unknown where the redundancy or the region is."""
    if isinstance(home.value, Unknown):
        return home.value._replace(possible=None, parts=())
    place = place_of("azure", str(home.value))
    pair = place.pair if place is not None else ""
    kind = redundancy.value
    if not isinstance(kind, Unknown):
        why = f"the table of places lists no pair of {home.value}"
        return pair or Unknown("unsupported", why, span=home.span)
    possible = None
    if kind.possible is not None and pair:
        possible = tuple(
            Value(pair if v.data == "GeoRedundant" else str(home.value), v.span)
            for v in kind.possible
        )
    return kind._replace(possible=possible, parts=(), symbol=None)


def _snapshot(
    index: TerraformIndex, here: RootIndex, snapshot: Resource, estate: Estate
) -> None:
    for name in ("source_uri", "source_resource_id"):
        source = given(snapshot.values, name)
        for disk in here.parents(source, (DISK,)):
            store = store_of(index, estate, disk)
            address = here.address(snapshot)
            if store is None or source is None or estate.find("copy", address):
                continue
            span = span_of(source, snapshot)
            copy = add_copy(
                estate, store, address, "disk-snapshot", span, None, "backup"
            )
            put_place(here, copy, snapshot)
