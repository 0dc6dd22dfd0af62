"""Amazon EC2 and EKS: machines, groups of nodes, disks of launch templates.

Nitro Enclaves and AMD SEV-SNP are the ways in which EC2 seals memory from the host
(Amazon EC2 user guide, 2026-11). Does not model: Auto Scaling groups, spot requests,
Karpenter node classes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.aws.place import put_place, put_zone
from mlsec_lint.lower.aws.volumes import EBS, disk_of, seal_disk
from mlsec_lint.lower.declared import store_of
from mlsec_lint.lower.machines import CONFIDENTIAL, machine, reads_disks
from mlsec_lint.lower.reading import (
    any_of,
    blocks,
    by_default,
    equal_to,
    given,
    put,
    read_bool,
    read_text,
    reading,
    unknown_of,
)
from mlsec_lint.lower.terraform_index import values_at
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Fact, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource

INSTANCE = "aws_instance"
TEMPLATE = "aws_launch_template"
NODES = "aws_eks_node_group"
_CONFIGURATION = "aws_launch_configuration"
_DISKS = ("root_block_device", "ebs_block_device")
#: Resources whose disks stand in mappings, and the blocks' name.
_MAPPINGS = (
    (TEMPLATE, "block_device_mappings"),
    ("aws_imagebuilder_image_recipe", "block_device_mapping"),
)
#: Families with GPUs, Trainium, Inferentia or Gaudi (EC2 instance types, 2026-11).
_ACCELERATED = regex(r"(?:p\d|g\d|gr\d|trn\d|inf\d|dl\d)")


def lower_instances(index: TerraformIndex, estate: Estate) -> None:
    """Every instance and node group as a workload; disks of launch templates."""
    for here in index.roots:
        for kind, name in _MAPPINGS:
            for template in here.of(kind):
                _template(here, template, name, estate)
        for configuration in here.of(_CONFIGURATION):
            for name in _DISKS:
                for number, block in enumerate(blocks(configuration.values, name)):
                    place = f"{name}[{number}]"
                    disk = disk_of(here, estate, configuration, place, block)
                    put_place(here, disk, configuration)
                    seal_disk(here, estate, disk, configuration, block)
        for instance in here.of(INSTANCE):
            _instance(index, here, instance, estate)
        for group in here.of(NODES):
            _nodes(here, group, estate)


def _template(here: RootIndex, template: Resource, name: str, estate: Estate) -> None:
    for number, mapping in enumerate(blocks(template.values, name)):
        for block in blocks(mapping, "ebs"):
            place = f"{name}[{number}]"
            disk = disk_of(here, estate, template, place, block)
            put_place(here, disk, template)
            seal_disk(here, estate, disk, template, block)


def _disks(here: RootIndex, owner: Resource, estate: Estate) -> list[Thing]:
    """The stores that blocks of an instance or template were lowered to."""
    start = f"{here.address(owner)}."
    names = (*_DISKS, "block_device_mappings")
    return [
        store
        for name in names
        for number in range(len(blocks(owner.values, name)))
        if (store := estate.find("store", f"{start}{name}[{number}]")) is not None
    ]


def _instance(
    index: TerraformIndex, here: RootIndex, instance: Resource, estate: Estate
) -> None:
    workload = machine(here, estate, instance, "aws")
    put_zone(here, workload, instance, "availability_zone")
    _accelerator(workload, instance, "instance_type")
    put(workload, CONFIDENTIAL, _sealed(instance))
    reads_disks(estate, workload, _disks(here, instance, estate))
    kind = "aws_volume_attachment"
    for link in index.satellites(here, instance, kind, "instance_id").found:
        for volume in here.parents(given(link.values, "volume_id"), (EBS,)):
            store = store_of(index, estate, volume)
            if store is not None:
                estate.link(workload, "reads", store, link.span, "is attached to it")


def _sealed(owner: Resource) -> Fact:
    """Whether an instance or template asks for an enclave or encrypted memory."""
    absent = by_default(owner, CONFIDENTIAL, INSTANCE)
    enclave = given(owner.values, "enclave_options", "enabled")
    memory = given(owner.values, "cpu_options", "amd_sev_snp")
    readings = [read_bool(owner, enclave, absent)]
    if memory is not None:
        found = read_text(owner, memory, reading(memory, owner, ""))
        readings.append(equal_to(found, "enabled"))
    return any_of(readings)


def _accelerator(workload: Thing, owner: Resource, argument: str) -> None:
    """Whether an instance type has accelerators; not known where the type is not."""
    for value in values_at(owner.values, argument):
        text = value.text()
        known = _ACCELERATED.match(text) is not None if isinstance(text, str) else text
        if isinstance(known, Unknown):
            known = known._replace(possible=None)
        if known is not None:
            put(workload, "accelerator", reading(value, owner, known))
        if known is not False:
            return


def _nodes(here: RootIndex, group: Resource, estate: Estate) -> None:
    workload = machine(here, estate, group, "aws", "node-group")
    put_place(here, workload, group)
    _accelerator(workload, group, "instance_types")
    named = given(group.values, "launch_template")
    template = given(named, "id") or given(named, "name")
    found = here.parents(template, (TEMPLATE,))
    if len(found) == 1:
        put(workload, CONFIDENTIAL, _sealed(found[0]))
        reads_disks(estate, workload, _disks(here, found[0], estate))
        if not values_at(group.values, "instance_types"):
            _accelerator(workload, found[0], "instance_type")
    elif named is None:
        put(workload, CONFIDENTIAL, by_default(group, CONFIDENTIAL, INSTANCE))
    else:
        why = unknown_of(named, "its launch template is not declared here")
        unsure = reading(named, group, why._replace(possible=None, parts=()))
        put(workload, CONFIDENTIAL, unsure)
