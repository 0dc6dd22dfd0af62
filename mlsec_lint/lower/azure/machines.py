"""Azure virtual machines, scale sets and AKS node pools: disks, hosts, confidentiality.

A confidential VM names a `security_encryption_type`; confidential sizes and what they
are sealed by are those of the Azure VM documentation (DC, EC and NCC series, 2026-11).
Does not model: dedicated hosts, the old `azurerm_virtual_machine`'s data disks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.azure.place import put_place
from mlsec_lint.lower.azure.volumes import DISK, seal_disk
from mlsec_lint.lower.declared import store_of, thing_of
from mlsec_lint.lower.machines import CONFIDENTIAL, machine, reads_disks
from mlsec_lint.lower.reading import (
    any_of,
    blocks,
    by_default,
    changed,
    given,
    put,
    read_bool,
    read_text,
    reading,
    span_of,
)
from mlsec_lint.patterns import regex

if TYPE_CHECKING:
    import re

    from mlsec_lint.estate import Estate, Fact, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

MACHINES = (
    "azurerm_linux_virtual_machine",
    "azurerm_windows_virtual_machine",
    "azurerm_linux_virtual_machine_scale_set",
    "azurerm_windows_virtual_machine_scale_set",
)
CLUSTER = "azurerm_kubernetes_cluster"
POOL = "azurerm_kubernetes_cluster_node_pool"
_CONFIDENTIAL_SIZE = regex(r"(?i)standard_(?:dc|ec|ncc)\d")
_ACCELERATED_SIZE = regex(r"(?i)standard_n[cdv]")


def lower_machines(index: TerraformIndex, estate: Estate) -> None:
    """Every machine, scale set and node pool as a workload with its OS disk."""
    for here in index.roots:
        for kind in MACHINES:
            for resource in here.of(kind):
                _machine(index, here, resource, estate)
        for cluster in here.of(CLUSTER):
            pools = blocks(cluster.values, "default_node_pool")
            if pools:
                _pool(here, cluster, pools[0], [cluster], estate)
        for pool in here.of(POOL):
            named = given(pool.values, "kubernetes_cluster_id")
            clusters = here.parents(named, (CLUSTER,))
            _pool(here, pool, pool.values, clusters, estate)


def _machine(
    index: TerraformIndex, here: RootIndex, resource: Resource, estate: Estate
) -> None:
    workload = machine(here, estate, resource, "azure")
    put_place(here, workload, resource)
    size = given(resource.values, "size") or given(resource.values, "sku")
    state_accelerator(workload, resource, size)
    readings = [by_default(resource, CONFIDENTIAL, MACHINES[0])]
    disks = blocks(resource.values, "os_disk")
    for block in disks:
        sort = given(block, "security_encryption_type")
        if sort is not None:
            found = read_text(resource, sort, reading(sort, resource, ""))
            readings.append(changed(found, bool))
    put(workload, CONFIDENTIAL, any_of(readings))
    name = "encryption_at_host_enabled"
    default = by_default(resource, name, MACHINES[0])
    host = read_bool(resource, given(resource.values, name), default)
    for block in disks:
        key = given(block, "disk_encryption_set_id") or given(
            block, "secure_vm_disk_encryption_set_id"
        )
        disk = _os_disk(here, estate, resource)
        put_place(here, disk, resource)
        seal_disk(here, estate, disk, resource, key)
        put(disk, "encryption.at_host", host)
        reads_disks(estate, workload, [disk])
    kind = "azurerm_virtual_machine_data_disk_attachment"
    for link in index.satellites(here, resource, kind, "virtual_machine_id").found:
        named = given(link.values, "managed_disk_id")
        for found_disk in here.parents(named, (DISK,)):
            store = store_of(index, estate, found_disk)
            if store is not None and named is not None:
                span = span_of(named, link)
                estate.link(workload, "reads", store, span, "is attached to it")
                put(store, "encryption.at_host", host)


def _os_disk(here: RootIndex, estate: Estate, owner: Resource) -> Thing:
    store = thing_of(here, owner, "store", "azure")
    store.address = f"{store.address}.os_disk"
    store.name = f"os_disk of {store.name}"
    store.names = {store.address}
    store = estate.add(store)
    store.state("type", "block")
    store.state("declared", value=True)
    return store


def state_accelerator(workload: Thing, owner: Resource, size: Value | None) -> None:
    """Whether a machine's size has GPUs; nothing for one without a size."""
    if size is not None:
        found = read_text(owner, size, reading(size, owner, ""))
        put(workload, "accelerator", _matches(found, _ACCELERATED_SIZE))


def _matches(found: Fact, pattern: re.Pattern[str]) -> Fact:
    return changed(found, lambda value: pattern.match(str(value)) is not None)


def _pool(
    here: RootIndex,
    owner: Resource,
    values: Value,
    clusters: list[Resource],
    estate: Estate,
) -> None:
    """A node pool; the cluster names the key of its nodes' disks."""
    workload = machine(here, estate, owner, "azure", "node-group")
    place = clusters[0] if clusters else owner
    put_place(here, workload, place)
    size = given(values, "vm_size")
    state_accelerator(workload, owner, size)
    absent = by_default(owner, CONFIDENTIAL, MACHINES[0])
    found = absent if size is None else read_text(owner, size, absent)
    sealed = found if size is None else _matches(found, _CONFIDENTIAL_SIZE)
    put(workload, CONFIDENTIAL, sealed)
    disk = _os_disk(here, estate, owner)
    put_place(here, disk, place)
    if clusters:
        key = given(clusters[0].values, "disk_encryption_set_id")
        seal_disk(here, estate, disk, clusters[0], key)
    host = given(values, "host_encryption_enabled") or given(
        values, "enable_host_encryption"
    )
    default = by_default(owner, "encryption_at_host_enabled", MACHINES[0])
    put(disk, "encryption.at_host", read_bool(owner, host, default))
    reads_disks(estate, workload, [disk])
