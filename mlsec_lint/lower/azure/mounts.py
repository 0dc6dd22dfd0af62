"""Azure Files over NFS and Azure NetApp Files: whom networks and rules let mount.

NFS shares of Azure Files know no identities: the account's network rules decide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.azure.place import put_place
from mlsec_lint.lower.azure.storage import ACCOUNT, PARENT
from mlsec_lint.lower.declared import (
    add_copy,
    declared_store,
    place_like,
    store_of,
)
from mlsec_lint.lower.networks import whole_network
from mlsec_lint.lower.reading import (
    all_of,
    blocks,
    equal_to,
    given,
    maybe_absent,
    put,
    put_also,
    read_bool,
    read_text,
    reading,
    span_of,
)
from mlsec_lint.lower.terraform_index import values_at
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Fact, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource

SHARE = "azurerm_storage_share"
NETAPP = "azurerm_netapp_volume"
_OPEN = "share.open"


def lower_mounts(index: TerraformIndex, estate: Estate) -> None:
    """State `share.open` of accounts with NFS shares, and of NetApp volumes."""
    for here in index.roots:
        for account in here.of(ACCOUNT):
            store = store_of(index, estate, account)
            if store is not None:
                _account(index, here, store, account)
        for volume in here.of(NETAPP):
            store = declared_store(here, estate, volume, "file", "azure")
            put_place(here, store, volume)
            _netapp(here, store, volume)
        for volume in here.of(NETAPP):
            _replica(index, here, volume, estate)


def _replica(
    index: TerraformIndex, here: RootIndex, volume: Resource, estate: Estate
) -> None:
    """A volume that is kept in step with another one, where that one is declared."""
    for block in blocks(volume.values, "data_protection_replication"):
        source = given(block, "remote_volume_resource_id")
        copy = store_of(index, estate, volume)
        side = given(block, "endpoint_type")
        if source is None or copy is None or here.text_of(side) == "src":
            continue
        for other in here.parents(source, (NETAPP,)):
            store = store_of(index, estate, other)
            if store is not None and store is not copy:
                span = span_of(source, volume)
                address = f"{here.address(volume)}.data_protection_replication"
                made = add_copy(
                    estate, store, address, "netapp-replication", span, copy
                )
                place_like(made, copy, span)


def _account(
    index: TerraformIndex, here: RootIndex, store: Thing, account: Resource
) -> None:
    network = store.fact("public.network")
    spoken = _spoken(index, here, account)
    if network is None or not spoken:
        return
    for nfs in spoken:
        found = all_of([nfs, network])
        if found.value is True:
            found = network
        put(store, _OPEN, found)


def _spoken(index: TerraformIndex, here: RootIndex, account: Resource) -> list[Fact]:
    """Whether NFS is spoken: by each share, or by the account's blob service."""
    readings = []
    names = (PARENT, "storage_account_name")
    shares = [s for n in names for s in index.satellites(here, account, SHARE, n).found]
    for share in shares:
        protocol = given(share.values, "enabled_protocol")
        if protocol is not None:
            found = read_text(share, protocol, reading(protocol, share, ""))
            readings.append(maybe_absent(share, equal_to(found, "NFS")))
    blob = given(account.values, "nfsv3_enabled")
    if blob is not None:
        off = reading(blob, account, data=False)
        readings.append(read_bool(account, blob, off))
    return [r for r in readings if r.value is not False]


def _netapp(here: RootIndex, store: Thing, volume: Resource) -> None:
    words = "its export rules name some addresses"
    store.state(_OPEN, value=False, default=words)
    clients = values_at(volume.values, "export_policy_rule.allowed_clients")
    for client in clients:
        wide = whole_network(here, client)
        if wide is not False:
            put_also(store, _OPEN, reading(client, volume, wide))
    if not clients:
        why = "without an export rule the service decides who may mount it"
        unsure = Unknown("environment", why, "export_policy_rule", span=volume.span)
        store.state(_OPEN, unsure)
