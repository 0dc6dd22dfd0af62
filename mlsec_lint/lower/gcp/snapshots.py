"""Snapshots, images and disks on Google Cloud, and who may use them.

Does not model: sharing with other projects (a member does not tell its project),
image families, organisation policies on image sharing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.declared import declared_store, store_of
from mlsec_lint.lower.gcp.backups import put_storage_locations
from mlsec_lint.lower.gcp.keys import put_key
from mlsec_lint.lower.gcp.members import everyone, grant_members, grants
from mlsec_lint.lower.lineage import copies_by_maker, lands_in
from mlsec_lint.lower.orphans import Parent, orphans
from mlsec_lint.lower.reading import (
    by_default,
    maybe_absent,
    put,
    put_also,
    unknown_because,
)
from mlsec_lint.lower.terraform_index import values_at
from mlsec_lint.lower.unsure import unsure_of
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource

_SNAPSHOT, _IMAGE = "google_compute_snapshot", "google_compute_image"
#: Types that are stores here, with the arguments that name a key.
SNAPSHOTS = (
    (_SNAPSHOT, ("snapshot_encryption_key.kms_key_self_link",)),
    (_IMAGE, ("image_encryption_key.kms_key_self_link",)),
    (
        "google_compute_machine_image",
        ("machine_image_encryption_key.kms_key_name",),
    ),
)
#: Who may use them: the type, the stem of its IAM resources, the argument that names it.
GRANTS = (
    (_SNAPSHOT, "google_compute_snapshot_iam", "name"),
    (_IMAGE, "google_compute_image_iam", "image"),
    ("google_compute_disk", "google_compute_disk_iam", "name"),
    ("google_compute_region_disk", "google_compute_region_disk_iam", "name"),
    (
        "google_compute_machine_image",
        "google_compute_machine_image_iam",
        "machine_image",
    ),
)
_KEY, _PUBLIC = "encryption.key.managed_by", "shared.public"


def lower_snapshots(index: TerraformIndex, estate: Estate) -> None:
    """Every snapshot and image as a store; `shared.public` of those and of disks."""
    copies = copies_by_maker(estate)
    for here in index.roots:
        for kind, keys in SNAPSHOTS:
            for resource in here.of(kind):
                _snapshot(here, resource, keys, copies, estate)
        for kind, stem, argument in GRANTS:
            for resource in here.of(kind):
                store = store_of(index, estate, resource)
                if store is not None:
                    _shared(index, here, store, resource, (stem, argument))
    for kind, stem, argument in GRANTS:
        for sort in ("member", "binding", "policy"):
            parent = Parent(argument, (kind,), "store", "snapshot", "gcp")
            satellite = f"{stem}_{sort}"
            for here, grant, made in orphans(index, estate, satellite, parent):
                for member in grant_members(here, grant, sort):
                    if everyone(here, member, grant).value is not False:
                        _members(here, made(), grant, [member])


def _snapshot(
    here: RootIndex,
    resource: Resource,
    keys: tuple[str, ...],
    copies: dict[str, list[Thing]],
    estate: Estate,
) -> None:
    store = declared_store(here, estate, resource, "snapshot", "gcp")
    put_storage_locations(here, store, resource, resource.span)
    origins = lands_in(estate, copies.get(here.address(resource), []), store)
    named = [v for path in keys for v in values_at(resource.values, path)]
    if named:
        put_key(here, estate, store, resource, named[0])
        return
    put(store, _KEY, by_default(resource, "kms_key", "google_compute_disk"))
    sources = [fact.value for o in origins if (fact := o.fact(_KEY)) is not None]
    if any(value != "provider" for value in sources):
        why = "it names no key; whether it takes that of its source is not documented"
        found = unknown_because(resource, why)
        assert isinstance(found.value, Unknown)
        keys_of = (Value("provider", resource.span), Value("customer", resource.span))
        put(store, _KEY, found._replace(value=found.value._replace(possible=keys_of)))


def _shared(
    index: TerraformIndex,
    here: RootIndex,
    store: Thing,
    resource: Resource,
    by: tuple[str, str],
) -> None:
    words = "no grant in the scan names everyone"
    store.state(_PUBLIC, value=False, default=words)
    for grant, members in grants(index, here, resource, *by):
        _members(here, store, grant, members)
    for sort in ("member", "binding", "policy"):
        satellites = index.satellites(here, resource, f"{by[0]}_{sort}", by[1])
        for unsure in unsure_of(here, satellites, by[1]):
            put_also(store, _PUBLIC, unsure)


def _members(
    here: RootIndex, store: Thing, grant: Resource, members: list[Value]
) -> None:
    for member in members:
        found = everyone(here, member, grant)
        if found.value is not False:
            put_also(store, _PUBLIC, maybe_absent(grant, found))
