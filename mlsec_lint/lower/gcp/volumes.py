"""Google Cloud disks, file stores and registries: stores with a key and a place."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.declared import declared_store
from mlsec_lint.lower.gcp.keys import put_key
from mlsec_lint.lower.gcp.members import put_public_members
from mlsec_lint.lower.gcp.place import put_place
from mlsec_lint.lower.reading import by_default, given, put

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource


class Volume(NamedTuple):
    """A resource type: its sort of store, where its key stands, its IAM resources."""

    type: str
    sort: str
    key: tuple[str, ...]
    table: str
    stem: str = ""
    parent: str = ""


_DISK_KEY = ("disk_encryption_key", "kms_key_self_link")
_REPOSITORY = "google_artifact_registry_repository"

VOLUMES = (
    Volume("google_compute_disk", "block", _DISK_KEY, "google_compute_disk"),
    Volume("google_compute_region_disk", "block", _DISK_KEY, "google_compute_disk"),
    Volume(
        "google_filestore_instance",
        "file",
        ("kms_key_name",),
        "google_filestore_instance",
    ),
    Volume(
        _REPOSITORY,
        "registry",
        ("kms_key_name",),
        _REPOSITORY,
        "google_artifact_registry_repository_iam",
        "repository",
    ),
)


def lower_volumes(index: TerraformIndex, estate: Estate) -> None:
    """Every disk, file store and registry in the table above."""
    for here in index.roots:
        for volume in VOLUMES:
            for resource in here.of(volume.type):
                _volume(index, here, volume, resource, estate)


def _volume(
    index: TerraformIndex,
    here: RootIndex,
    volume: Volume,
    resource: Resource,
    estate: Estate,
) -> None:
    store = declared_store(here, estate, resource, volume.sort, "gcp")
    put_place(here, store, resource)
    key = given(resource.values, *volume.key)
    if key is not None:
        put_key(here, estate, store, resource, key)
    else:
        default = by_default(resource, "kms_key", volume.table)
        put(store, "encryption.key.managed_by", default)
    if volume.stem:
        words = "no grant in the scan names everyone"
        store.state("public.principal", value=False, default=words)
        put_public_members(index, here, store, resource, volume.stem, volume.parent)
