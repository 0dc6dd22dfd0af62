"""Compute Engine and GKE: machines and node pools, and whether they are confidential.

Confidential VM types SEV, SEV_SNP and TDX (Google Cloud, Confidential VM, 2026-11).
Does not model: instance templates and groups, TPU VMs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.declared import store_of
from mlsec_lint.lower.gcp.place import put_place
from mlsec_lint.lower.gcp.volumes import INSTANCE_DISKS
from mlsec_lint.lower.machines import CONFIDENTIAL, machine, reads_disks
from mlsec_lint.lower.reading import (
    any_of,
    blocks,
    by_default,
    changed,
    given,
    maybe_absent,
    put,
    read_bool,
    read_text,
    reading,
    span_of,
)
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Fact, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

INSTANCE = "google_compute_instance"
#: What it leaves out is as its template has it.
FROM_TEMPLATE = "google_compute_instance_from_template"
POOL = "google_container_node_pool"
CLUSTER = "google_container_cluster"
_DISKS = ("google_compute_disk", "google_compute_region_disk")
#: Machine families with GPUs or TPUs (Compute Engine machine types, 2026-11).
_ACCELERATED = regex(r"(?:a2|a3|a4|a4x|g2|g4|ct\d\w*|tpu\w*)-")


def lower_instances(index: TerraformIndex, estate: Estate) -> None:
    """Every instance and node pool as a workload."""
    for here in index.roots:
        for instance in here.of(INSTANCE, FROM_TEMPLATE):
            _instance(index, here, instance, estate)
        for pool in here.of(POOL):
            clusters = here.parents(given(pool.values, "cluster"), (CLUSTER,))
            _pool(here, pool, pool.values, clusters, estate)
        for cluster in here.of(CLUSTER):
            if given(cluster.values, "node_config") is not None:
                _pool(here, cluster, cluster.values, [cluster], estate)


def _instance(
    index: TerraformIndex, here: RootIndex, instance: Resource, estate: Estate
) -> None:
    workload = machine(here, estate, instance, "gcp")
    put_place(here, workload, instance)
    _accelerator(workload, instance, instance.values)
    sealed = blocks(instance.values, "confidential_instance_config")
    if instance.type == INSTANCE or sealed:
        put(workload, CONFIDENTIAL, _confidential(instance))
    own = []
    for name, *_ in INSTANCE_DISKS:
        for number, block in enumerate(blocks(instance.values, name)):
            address = f"{here.address(instance)}.{name}[{number}]"
            store = estate.find("store", address)
            own += [store] if store is not None else []
            _attached(index, here, workload, instance, given(block, "source"), estate)
    reads_disks(estate, workload, own)
    kind = "google_compute_attached_disk"
    for link in index.satellites(here, instance, kind, "instance").found:
        _attached(index, here, workload, link, given(link.values, "disk"), estate)


def _attached(
    index: TerraformIndex,
    here: RootIndex,
    workload: Thing,
    owner: Resource,
    disk: Value | None,
    estate: Estate,
) -> None:
    for found in here.parents(disk, _DISKS):
        store = store_of(index, estate, found)
        if store is not None and disk is not None:
            span = span_of(disk, owner)
            estate.link(workload, "reads", store, span, "is attached to it")


def _confidential(instance: Resource) -> Fact:
    absent = by_default(instance, CONFIDENTIAL, INSTANCE)
    readings = []
    for block in blocks(instance.values, "confidential_instance_config"):
        if block.unknown is not None:
            return reading(block, instance, block.unknown._replace(possible=None))
        enabled = given(block, "enable_confidential_compute")
        readings.append(read_bool(instance, enabled, absent))
        sort = given(block, "confidential_instance_type")
        if sort is not None:
            found = read_text(instance, sort, reading(sort, instance, ""))
            readings.append(changed(found, lambda value: value not in ("", "NONE")))
    return any_of(readings) if readings else absent


def _accelerator(workload: Thing, owner: Resource, values: Value | None) -> None:
    added = given(values, "guest_accelerator")
    kind = given(values, "machine_type")
    if added is not None and added.elements():
        put(workload, "accelerator", reading(added, owner, data=True))
    elif kind is not None:
        found = read_text(owner, kind, reading(kind, owner, ""))
        name = changed(found, lambda v: _ACCELERATED.match(str(v)) is not None)
        put(workload, "accelerator", name)


def _pool(
    here: RootIndex,
    owner: Resource,
    values: Value,
    clusters: list[Resource],
    estate: Estate,
) -> None:
    """A node pool: confidential by its own setting or by its cluster's."""
    workload = machine(here, estate, owner, "gcp", "node-group")
    put_place(here, workload, owner)
    config = given(values, "node_config")
    _accelerator(workload, owner, config)
    readings = [_nodes(owner, config)]
    readings += [maybe_absent(c, _nodes(c, c.values)) for c in clusters]
    found = any_of(readings)
    if isinstance(found.value, Unknown):
        found = found._replace(value=found.value._replace(possible=None))
    put(workload, CONFIDENTIAL, found)


def _nodes(owner: Resource, values: Value | None) -> Fact:
    enabled = given(values, "confidential_nodes", "enabled")
    return read_bool(owner, enabled, by_default(owner, CONFIDENTIAL, INSTANCE))
