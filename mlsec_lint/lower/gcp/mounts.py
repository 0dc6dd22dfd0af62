"""Filestore and NetApp volumes on Google Cloud: whom their export rules let mount.

NFS shares know no identities; a share without export options is open to its whole
network, as root (Filestore documentation, 2026-11). Parallelstore and Managed Lustre
have no export rules: they are stores here, and who mounts them is not stated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.declared import declared_store, store_of
from mlsec_lint.lower.gcp.place import put_place
from mlsec_lint.lower.networks import whole_network
from mlsec_lint.lower.reading import blocks, by_default, given, put_also, reading
from mlsec_lint.lower.terraform_index import values_at
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

FILESTORE = "google_filestore_instance"
NETAPP = "google_netapp_volume"
PARALLEL = ("google_parallelstore_instance", "google_lustre_instance")
_OPEN = "share.open"


def lower_mounts(index: TerraformIndex, estate: Estate) -> None:
    """State `share.open` of file stores; add NetApp volumes and parallel file systems."""
    for here in index.roots:
        for instance in here.of(FILESTORE):
            store = store_of(index, estate, instance)
            if store is not None:
                _filestore(here, store, instance)
        for volume in here.of(NETAPP):
            store = declared_store(here, estate, volume, "file", "gcp")
            put_place(here, store, volume)
            _netapp(here, store, volume)
        for kind in PARALLEL:
            for instance in here.of(kind):
                store = declared_store(here, estate, instance, "file", "gcp")
                put_place(here, store, instance)


def _filestore(here: RootIndex, store: Thing, instance: Resource) -> None:
    words = "its export options name some addresses"
    store.state(_OPEN, value=False, default=words)
    for share in blocks(instance.values, "file_shares"):
        options = blocks(share, "nfs_export_options")
        if not options:
            absent = by_default(instance, "nfs_export_options")
            put_also(store, _OPEN, absent._replace(span=share.entry() or absent.span))
        for option in options:
            ranges = given(option, "ip_ranges")
            if option.unknown is not None:
                unknown = option.unknown._replace(possible=None, parts=())
                put_also(store, _OPEN, reading(option, instance, unknown))
            elif ranges is None:
                absent = by_default(instance, "nfs_export_options")
                span = option.entry() or absent.span
                put_also(store, _OPEN, absent._replace(span=span))
            _ranges(here, store, instance, values_at(option, "ip_ranges"))


def _ranges(
    here: RootIndex, store: Thing, owner: Resource, values: list[Value]
) -> None:
    for value in values:
        wide = whole_network(here, value)
        if wide is not False:
            put_also(store, _OPEN, reading(value, owner, wide))


def _netapp(here: RootIndex, store: Thing, volume: Resource) -> None:
    """Export rules name clients, several in one text, divided by commas."""
    protocols = [v.text() for v in values_at(volume.values, "protocols")]
    if protocols and all(isinstance(p, str) and "NFS" not in p for p in protocols):
        return
    words = "its export policy names some addresses"
    store.state(_OPEN, value=False, default=words)
    clients = values_at(volume.values, "export_policy.rules.allowed_clients")
    for client in clients:
        text = here.text_of(client)
        parts = text.split(",") if isinstance(text, str) else []
        listed = [client.replace(data=part, symbol=None) for part in parts] or [client]
        _ranges(here, store, volume, listed)
    if not clients:
        why = "without an export policy the service decides who may mount it"
        unsure = Unknown("environment", why, "export_policy", span=volume.span)
        store.state(_OPEN, unsure)
