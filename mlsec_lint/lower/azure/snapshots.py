"""Azure disks, snapshots and image galleries: who they are shared with or exported to.

A disk or snapshot is exported by a signed link: from anywhere, unless its network access
policy or its public network access says otherwise (azurerm documentation, 2026-11).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.azure.galleries import VERSION
from mlsec_lint.lower.azure.place import put_place
from mlsec_lint.lower.azure.volumes import DISK, seal_disk
from mlsec_lint.lower.declared import add_copy, declared_store, store_of
from mlsec_lint.lower.reading import (
    all_of,
    blocks,
    by_default,
    equal_to,
    given,
    put,
    read_bool,
    read_text,
    reading,
    span_of,
    unknown_because,
)
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Fact, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource

SNAPSHOT = "azurerm_snapshot"
GALLERY = "azurerm_shared_image_gallery"
_SOURCES = ("source_uri", "source_resource_id")
_KEY = "encryption.key.managed_by"
_PUBLIC, _ACCOUNTS = "shared.public", "shared.accounts"


def lower_snapshots(index: TerraformIndex, estate: Estate) -> None:
    """Every snapshot and gallery as a store; how disks and snapshots are exported."""
    for here in index.roots:
        for disk in here.of(DISK):
            store = store_of(index, estate, disk)
            if store is not None:
                put(store, "export.public", _exported(disk))
        for snapshot in here.of(SNAPSHOT):
            _snapshot(index, here, snapshot, estate)
        for gallery in here.of(GALLERY):
            _gallery(index, here, gallery, estate)


def _exported(resource: Resource) -> Fact:
    """Open to signed links from anywhere: both switches have to stand open."""
    policy = given(resource.values, "network_access_policy")
    default = by_default(resource, "network_access_policy", DISK)
    allowed = equal_to(read_text(resource, policy, default), "AllowAll")
    network = given(resource.values, "public_network_access_enabled")
    default = by_default(resource, "public_network_access_enabled", DISK)
    return all_of([allowed, read_bool(resource, network, default)])


def _snapshot(
    index: TerraformIndex, here: RootIndex, snapshot: Resource, estate: Estate
) -> None:
    store = declared_store(here, estate, snapshot, "snapshot", "azure")
    put_place(here, store, snapshot)
    put(store, "export.public", _exported(snapshot))
    origins: list[Thing] = []
    for name in _SOURCES:
        source = given(snapshot.values, name)
        for disk in here.parents(source, (DISK, SNAPSHOT)):
            origin = store_of(index, estate, disk)
            if origin is not None and origin is not store and source is not None:
                origins.append(origin)
                span = span_of(source, snapshot)
                address = f"{store.address}:{origin.address}"
                add_copy(
                    estate, origin, address, "disk-snapshot", span, store, "backup"
                )
    _seal(here, estate, store, snapshot, origins)


def _seal(
    here: RootIndex,
    estate: Estate,
    store: Thing,
    snapshot: Resource,
    origins: list[Thing],
) -> None:
    """The key of a snapshot: that of the disk it is of, unless it names one.

    A disk and its snapshots have one disk encryption set (Azure, server-side encryption
    of disks, restrictions, read 2026-11-24).
    """
    named = given(snapshot.values, "disk_encryption_set_id")
    known = [fact for one in origins if (fact := one.fact(_KEY)) is not None]
    if named is not None or not any(_given(snapshot, name) for name in _SOURCES):
        seal_disk(here, estate, store, snapshot, named)
    elif known:
        words = known[0].default or f"as {origins[0].name}, of which it is made"
        put(store, _KEY, known[0]._replace(span=store.span, default=words))
    else:
        why = "what it is made of decides, which the scan does not hold"
        put(store, _KEY, unknown_because(snapshot, why))


def _given(snapshot: Resource, name: str) -> bool:
    return given(snapshot.values, name) is not None


def _gallery(
    index: TerraformIndex, here: RootIndex, gallery: Resource, estate: Estate
) -> None:
    """A gallery, and the versions in it: shared as the gallery is."""
    store = declared_store(here, estate, gallery, "registry", "azure")
    put_place(here, store, gallery)
    stores = [store]
    for version in index.satellites(here, gallery, VERSION, "gallery_name").found:
        found = store_of(index, estate, version)
        stores += [found] if found is not None else []
    for one in stores:
        _sharing(one, gallery)


def _sharing(store: Thing, gallery: Resource) -> None:
    words = "azurerm: a gallery is private unless it is shared"
    store.state(_PUBLIC, value=False, span=gallery.span, default=words)
    for block in blocks(gallery.values, "sharing"):
        permission = given(block, "permission")
        if permission is None:
            continue
        found = read_text(gallery, permission, reading(permission, gallery, ""))
        put(store, _PUBLIC, equal_to(found, "Community"))
        if found.value == "Groups":
            why = "the subscriptions it is shared with are not in this config"
            unsure = Unknown("resource", why, span=permission.span)
            put(store, _ACCOUNTS, reading(permission, gallery, unsure))
