"""Backups of Google Cloud disks and file stores: snapshots, images, schedules, vaults.

A snapshot without `storage_locations` goes where the project's snapshot settings say,
else to the multi-region nearest to the disk: that is not known from config.
Backup for GKE is in lower/kubernetes/of_clusters.py. Does not model: snapshot settings of
a project.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.places import state_place
from mlsec_lint.lower.declared import add_copy, store_of
from mlsec_lint.lower.gcp.place import put_location, put_place
from mlsec_lint.lower.reading import blocks, given, span_of
from mlsec_lint.lower.terraform_index import values_at
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

DISKS = ("google_compute_disk", "google_compute_region_disk")
INSTANCE = "google_compute_instance"
#: Type, argument with what it is taken of, types of that, service.
TAKEN = (
    ("google_compute_snapshot", "source_disk", DISKS, "disk-snapshot"),
    ("google_compute_image", "source_disk", DISKS, "disk-image"),
    ("google_compute_machine_image", "source_instance", (INSTANCE,), "machine-image"),
)
#: A schedule is tied to a disk by an attachment, or by the disk itself.
ATTACHMENTS = (
    ("google_compute_disk_resource_policy_attachment", "google_compute_disk"),
    (
        "google_compute_region_disk_resource_policy_attachment",
        "google_compute_region_disk",
    ),
)
POLICY = "google_compute_resource_policy"
_SCHEDULE = "snapshot_schedule_policy"
_LOCATIONS = "snapshot_properties.storage_locations"


def lower_backups(index: TerraformIndex, estate: Estate) -> None:
    """Every backup that a resource takes of a declared disk, instance or file store."""
    for here in index.roots:
        for kind, name, types, service in TAKEN:
            for resource in here.of(kind):
                _taken(index, here, resource, (name, types, service), estate)
        for kind, disk_type in ATTACHMENTS:
            for attachment in here.of(kind):
                _attached(index, here, attachment, disk_type, estate)
        for disk in here.of(*DISKS):
            for value in values_at(disk.values, "resource_policies"):
                for policy in here.parents(value, (POLICY,)):
                    _scheduled(index, here, policy, disk, estate)
        for backup in here.of("google_filestore_backup"):
            _file_store(index, here, backup, estate)
        for association in here.of("google_backup_dr_backup_plan_association"):
            _vaulted(index, here, association, estate)


def _stores(
    index: TerraformIndex, here: RootIndex, resource: Resource, estate: Estate
) -> list[Thing]:
    """The store of a disk; the disks of an instance."""
    store = store_of(index, estate, resource)
    found = [store] if store is not None else []
    if resource.type == INSTANCE:
        address = here.address(resource)
        for name in ("boot_disk", "attached_disk"):
            for number, _ in enumerate(blocks(resource.values, name)):
                disk = estate.find("store", f"{address}.{name}[{number}]")
                found += [disk] if disk is not None else []
        for value in values_at(resource.values, "attached_disk.source"):
            for parent in here.parents(value, DISKS):
                found += _stores(index, here, parent, estate)
    return found


def _taken(
    index: TerraformIndex,
    here: RootIndex,
    resource: Resource,
    how: tuple[str, tuple[str, ...], str],
    estate: Estate,
) -> None:
    name, types, service = how
    source = given(resource.values, name)
    if source is None:
        return
    span = span_of(source, resource)
    for parent in here.parents(source, types):
        for store in _stores(index, here, parent, estate):
            address = f"{here.address(resource)}:{store.address}"
            copy = _backup(estate, store, address, service, span)
            put_storage_locations(here, copy, resource, span)


def _backup(
    estate: Estate, store: Thing, address: str, service: str, span: Span
) -> Thing | None:
    if estate.find("copy", address) is not None:
        return None
    return add_copy(estate, store, address, service, span, None, "backup")


def put_storage_locations(
    here: RootIndex, thing: Thing | None, resource: Resource, span: Span
) -> None:
    """State where a snapshot or image lies: its storage locations, else not known."""
    if thing is not None:
        listed = given(resource.values, "storage_locations")
        _put_listed(here, thing, resource, listed, span)


def _put_listed(
    here: RootIndex,
    thing: Thing,
    resource: Resource,
    listed: Value | None,
    span: Span,
) -> None:
    if listed is not None and listed.unknown is not None:
        unknown = listed.unknown._replace(possible=None, parts=())
        state_place(thing, "gcp", unknown, span_of(listed, resource))
        return
    for value in listed.elements() if listed is not None else ():
        put_location(here, thing, resource, value)
    if thing.fact("place.region") is None:
        why = (
            f"{resource.address} names no storage location: the project's snapshot "
            "settings decide, by default the multi-region nearest to the disk"
        )
        nowhere = Unknown("environment", why, "storage_locations", span=span)
        state_place(thing, "gcp", nowhere, span)


def _attached(
    index: TerraformIndex,
    here: RootIndex,
    attachment: Resource,
    disk_type: str,
    estate: Estate,
) -> None:
    disks = here.parents(given(attachment.values, "disk"), (disk_type,))
    policies = here.parents(given(attachment.values, "name"), (POLICY,))
    if len(policies) == 1:
        for disk in disks:
            _scheduled(index, here, policies[0], disk, estate)


def _scheduled(
    index: TerraformIndex,
    here: RootIndex,
    policy: Resource,
    disk: Resource,
    estate: Estate,
) -> None:
    """Snapshots that a schedule takes of a disk."""
    for schedule in blocks(policy.values, _SCHEDULE):
        found = values_at(schedule, _LOCATIONS)
        span = span_of(found[0], policy) if found else policy.span
        for store in _stores(index, here, disk, estate):
            address = f"{here.address(policy)}:{store.address}"
            copy = _backup(estate, store, address, "snapshot-schedule", span)
            if copy is not None:
                properties = given(schedule, "snapshot_properties")
                listed = given(properties, "storage_locations")
                _put_listed(here, copy, policy, listed, span)


def _file_store(
    index: TerraformIndex, here: RootIndex, backup: Resource, estate: Estate
) -> None:
    source = given(backup.values, "source_instance")
    for instance in here.parents(source, ("google_filestore_instance",)):
        for store in _stores(index, here, instance, estate):
            address = here.address(backup)
            copy = _backup(estate, store, address, "filestore-backup", backup.span)
            if copy is not None:
                put_place(here, copy, backup)


def _vaulted(
    index: TerraformIndex, here: RootIndex, association: Resource, estate: Estate
) -> None:
    """A Backup and DR plan: backups lie where the plan's vault lies."""
    protected = given(association.values, "resource")
    plans = here.parents(
        given(association.values, "backup_plan"), ("google_backup_dr_backup_plan",)
    )
    for plan in plans:
        vault = given(plan.values, "backup_vault")
        vaults = here.parents(vault, ("google_backup_dr_backup_vault",))
        span = span_of(vault, plan) if vault is not None else plan.span
        for parent in here.parents(protected, (INSTANCE, *DISKS)):
            for store in _stores(index, here, parent, estate):
                address = f"{here.address(plan)}:{store.address}"
                copy = _backup(estate, store, address, "backup-vault", span)
                if copy is not None:
                    put_place(here, copy, vaults[0] if len(vaults) == 1 else plan)
