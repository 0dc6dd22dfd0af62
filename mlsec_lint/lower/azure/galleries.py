"""Image versions of Azure compute galleries, and the regions they are replicated to.

A version made of a disk with weights carries them into every target region.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.places import state_place
from mlsec_lint.lower.azure.place import put_place
from mlsec_lint.lower.declared import add_copy, declared_store, store_of
from mlsec_lint.lower.reading import blocks, given, span_of, text_or_unknown
from mlsec_lint.lower.terraform_index import values_at

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource

VERSION = "azurerm_shared_image_version"
_SNAPSHOT = ("azurerm_snapshot",)
_DISK = ("azurerm_managed_disk",)


def lower_galleries(index: TerraformIndex, estate: Estate) -> None:
    """Every image version with its home, its replicas and the disk it was made of."""
    for here in index.roots:
        for version in here.of(VERSION):
            store = declared_store(here, estate, version, "registry", "azure")
            put_place(here, store, version)
            _made_of(index, here, version, store, estate)
            _replicas(here, version, store, estate)


def _made_of(
    index: TerraformIndex,
    here: RootIndex,
    version: Resource,
    store: Thing,
    estate: Estate,
) -> None:
    source = given(version.values, "os_disk_snapshot_id")
    for snapshot in here.parents(source, _SNAPSHOT):
        for name in ("source_uri", "source_resource_id"):
            for disk in here.parents(given(snapshot.values, name), _DISK):
                origin = store_of(index, estate, disk)
                if origin is None or source is None:
                    continue
                span = span_of(source, version)
                address = f"{store.address}:{origin.address}"
                copy = add_copy(
                    estate, origin, address, "gallery-image", span, store, "backup"
                )
                put_place(here, copy, version)


def _replicas(here: RootIndex, version: Resource, store: Thing, estate: Estate) -> None:
    for number, block in enumerate(blocks(version.values, "target_region")):
        for name in values_at(block, "name"):
            span = span_of(name, version)
            address = f"{store.address}.target_region[{number}]"
            copy = add_copy(estate, store, address, "gallery-replication", span, None)
            text = text_or_unknown(here.text_of(name), "a location")
            if isinstance(text, str):
                text = text.replace(" ", "").lower()
            state_place(copy, "azure", text, span, trail=name.trail)
