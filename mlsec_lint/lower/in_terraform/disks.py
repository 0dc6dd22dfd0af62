"""Which disk of a machine a device path means, as far as Terraform says.

A machine's root disk is no answer: what is mounted from it lies at `/` already. The
kernel names NVMe disks in its own order, so such a name is sure only of a single disk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.declared import store_of
from mlsec_lint.lower.reading import blocks, given
from mlsec_lint.lower.stores import Named
from mlsec_lint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource

_ROOTS = regex(r"\.(?:root_block_device|boot_disk|os_disk|storage_os_disk)\b")
_ROOT_DEVICE = regex(r"/dev/(?:sda|xvda|vda|nvme0n1)(?:p?[0-9]+)?")
_LETTER = regex(r"/dev/(?:sd|xvd|vd)([b-z])[0-9]*")
_BY_ID = "/dev/disk/by-id/google-"


class _Attachment(NamedTuple):
    """A resource that attaches a disk: its type and arguments."""

    type: str
    machine: str
    disk: str
    types: tuple[str, ...]


_ATTACHMENTS = {
    "aws_instance": _Attachment(
        "aws_volume_attachment", "instance_id", "volume_id", ("aws_ebs_volume",)
    ),
    "google_compute_instance": _Attachment(
        "google_compute_attached_disk",
        "instance",
        "disk",
        ("google_compute_disk", "google_compute_region_disk"),
    ),
}


def disks_behind(
    index: TerraformIndex,
    here: RootIndex,
    estate: Estate,
    machine: Resource,
    workload: Thing,
    device: str,
) -> list[Named]:
    """The disk that a device path of a machine means; several where nobody can tell."""
    if _ROOT_DEVICE.fullmatch(device):
        return []
    names = dict(_named(index, here, estate, machine))
    disks = [
        edge.target
        for edge in estate.edges_from(workload, "reads")
        if edge.target.kind == "store" and not _ROOTS.search(edge.target.address)
    ]
    disks = [store for store in disks if _is_disk(store)]
    exact = [store for store in disks if _same(names.get(store.address, ""), device)]
    found = exact if len(exact) == 1 else disks
    if not found:
        return []
    sure = len(found) == 1
    why = "" if sure else f"which of {len(found)} disks {device} is, is not known"
    return [Named(found, certain=sure, why=why)]


def _is_disk(store: Thing) -> bool:
    sort = store.fact("type")
    return sort is not None and sort.value == "block"


def _named(
    index: TerraformIndex, here: RootIndex, estate: Estate, machine: Resource
) -> Iterator[tuple[str, str]]:
    """Addresses of disks and the device names that they are attached by."""
    attachment = _ATTACHMENTS.get(machine.type)
    if attachment is not None:
        kind, argument = attachment.type, attachment.machine
        for link in index.satellites(here, machine, kind, argument).found:
            name = here.attribute(link, "device_name")
            for disk in here.parents(
                given(link.values, attachment.disk), attachment.types
            ):
                store = store_of(index, estate, disk)
                if store is not None and isinstance(name, str):
                    yield store.address, name
    for number, block in enumerate(blocks(machine.values, "ebs_block_device")):
        name = here.text_of(given(block, "device_name"))
        if isinstance(name, str):
            yield f"{here.address(machine)}.ebs_block_device[{number}]", name
    for block in blocks(machine.values, "attached_disk"):
        name = here.text_of(given(block, "device_name"))
        types = _ATTACHMENTS["google_compute_instance"].types
        for disk in here.parents(given(block, "source"), types):
            store = store_of(index, estate, disk)
            if store is not None and isinstance(name, str):
                yield store.address, name


def _same(name: str, device: str) -> bool:
    """Whether an attachment's device name and a path of the machine are one."""
    if not name:
        return False
    if device in (name, f"{_BY_ID}{name}"):
        return True
    ours, theirs = _LETTER.fullmatch(name), _LETTER.fullmatch(device)
    return ours is not None and theirs is not None and ours[1] == theirs[1]
