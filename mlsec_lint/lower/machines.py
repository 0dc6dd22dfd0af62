"""Virtual machines and groups of nodes as workloads, whatever the cloud.

A machine reads its disks: where one holds weights, the machine handles them. Whether
its memory is sealed from the host is stated by the cloud's own lowering.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.declared import thing_of
from mlsec_lint.lower.tags import put_tags
from mlsec_lint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.terraform.resource import Resource

CONFIDENTIAL = "confidential"
#: Instance types of SageMaker with NVMe of their own, which take no key of the lab's: the
#: instance's hardware seals it (API reference, CreateEndpointConfig.KmsKeyId and
#: ResourceConfig.VolumeKmsKeyId; instance store volumes of Amazon EC2, 2026-11).
_LOCAL = regex(
    r"ml\.(?:p3dn|p4|p5|p6|g4dn|g5\.|g6|gr6|trn1|trn2|[cmr][5-8][a-z]*d[a-z]*\.)"
)


def sealed_by_hardware(instance_type: str) -> bool:
    """Whether a SageMaker instance keeps its disks under a key that nobody can choose."""
    return _LOCAL.match(instance_type.strip()[:100]) is not None


def machine(
    here: RootIndex, estate: Estate, resource: Resource, provider: str, sort: str = "vm"
) -> Thing:
    """Add a workload of sort `vm` or `node-group` for a resource, with its tags."""
    thing = thing_of(here, resource, "workload", provider)
    workload = estate.add(thing)
    if "type" not in workload.facts:
        workload.state("type", sort)
        put_tags(here, workload, resource)
    return workload


def reads_disks(estate: Estate, workload: Thing, disks: Iterable[Thing]) -> None:
    """Link a machine to the disks that its resource describes."""
    for disk in disks:
        estate.link(workload, "reads", disk, disk.span, "is its disk")
