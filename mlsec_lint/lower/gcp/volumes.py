"""Google Cloud disks, file stores, registries and ML services: stores with a key.

A disk of an instance is a store of its own at the instance's address and block name.
Does not model: snapshots, images, Hyperdisk pools, Parallelstore, NetApp volumes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.declared import declared_store, thing_of
from mlsec_lint.lower.gcp.keys import put_key
from mlsec_lint.lower.gcp.members import put_public_members
from mlsec_lint.lower.gcp.place import put_place
from mlsec_lint.lower.reading import blocks, by_default, given, put, reading
from mlsec_lint.lower.terraform_index import values_at
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value


class Volume(NamedTuple):
    """A resource type: its sort of store, dotted arguments with its key, its default.

    `own` are arguments with key material that the customer supplies itself; `switch` is
    the argument without which a key that is named beside it is not used.
    """

    type: str
    sort: str
    keys: tuple[str, ...]
    table: str
    own: tuple[str, ...] = ()
    switch: str = ""


_DISK_KEYS = ("disk_encryption_key.kms_key_self_link",)
_DISK_OWN = ("disk_encryption_key.raw_key", "disk_encryption_key.rsa_encrypted_key")
_SPEC = ("encryption_spec.kms_key_name",)
_DISK, _ML = "google_compute_disk", "google_vertex_ai"
_REPOSITORY = "google_artifact_registry_repository"

VOLUMES = (
    Volume(_DISK, "block", _DISK_KEYS, _DISK, _DISK_OWN),
    Volume("google_compute_region_disk", "block", _DISK_KEYS, _DISK, _DISK_OWN),
    Volume(
        "google_filestore_instance",
        "file",
        ("kms_key_name",),
        "google_filestore_instance",
    ),
    Volume(_REPOSITORY, "registry", ("kms_key_name",), _REPOSITORY),
    Volume("google_container_registry", "registry", (), _REPOSITORY),
    Volume("google_vertex_ai_endpoint", "ml-service", _SPEC, _ML),
    Volume("google_vertex_ai_dataset", "ml-service", _SPEC, _ML),
    Volume("google_vertex_ai_featurestore", "ml-service", _SPEC, _ML),
    Volume("google_vertex_ai_tensorboard", "ml-service", _SPEC, _ML),
    Volume("google_vertex_ai_metadata_store", "ml-service", _SPEC, _ML),
    Volume(
        "google_notebooks_instance",
        "ml-service",
        ("kms_key",),
        _ML,
        switch="disk_encryption",
    ),
    Volume(
        "google_notebooks_runtime",
        "ml-service",
        ("virtual_machine.virtual_machine_config.encryption_config.kms_key",),
        _ML,
    ),
    Volume(
        "google_workbench_instance",
        "ml-service",
        ("gce_setup.boot_disk.kms_key", "gce_setup.data_disks.kms_key"),
        _ML,
    ),
)
#: IAM resources that speak of a type: their stem, and the argument that names it.
#: The old container registry is a bucket, and is granted as one.
_GRANTS = {
    _REPOSITORY: (f"{_REPOSITORY}_iam", "repository"),
    "google_container_registry": ("google_storage_bucket_iam", "bucket"),
}
#: Blocks of an instance that are disks: name, argument with the key, own material.
INSTANCE_DISKS = (
    ("boot_disk", "kms_key_self_link", "disk_encryption_key_raw"),
    ("attached_disk", "kms_key_self_link", "disk_encryption_key_raw"),
)
_KEY = "encryption.key.managed_by"


def lower_volumes(index: TerraformIndex, estate: Estate) -> None:
    """Every disk, file store, registry and ML service in the table above."""
    for here in index.roots:
        for volume in VOLUMES:
            for resource in here.of(volume.type):
                _volume(index, here, volume, resource, estate)
        for instance in here.of("google_compute_instance"):
            for name, key, own in INSTANCE_DISKS:
                for number, block in enumerate(blocks(instance.values, name)):
                    place = f"{name}[{number}]"
                    _instance_disk(here, instance, place, block, (key, own), estate)


def _volume(
    index: TerraformIndex,
    here: RootIndex,
    volume: Volume,
    resource: Resource,
    estate: Estate,
) -> None:
    store = declared_store(here, estate, resource, volume.sort, "gcp")
    put_place(here, store, resource)
    keys = [v for path in volume.keys for v in values_at(resource.values, path)]
    own = [v for path in volume.own for v in values_at(resource.values, path)]
    off = _switched_off(here, resource, volume) if keys else False
    _sealed(
        here,
        estate,
        store,
        resource,
        keys if off is not True else [],
        own,
        volume.table,
    )
    if isinstance(off, Unknown):
        put(store, _KEY, store.facts[_KEY]._replace(value=off))
    stem, parent = _GRANTS.get(volume.type, ("", ""))
    if stem:
        words = "no grant in the scan names everyone"
        store.state("public.principal", value=False, default=words)
        put_public_members(index, here, store, resource, stem, parent)


def _switched_off(
    here: RootIndex, resource: Resource, volume: Volume
) -> bool | Unknown:
    """Whether a key is named and another method of encryption chosen.

    The key applies only to CMEK; left out means a key of Google (google 7.0, 2026-08).
    """
    if not volume.switch:
        return False
    method = here.text_of(given(resource.values, volume.switch))
    if isinstance(method, Unknown):
        return method._replace(possible=None, parts=(), symbol=None)
    return method != "CMEK"


def _sealed(
    here: RootIndex,
    estate: Estate,
    store: Thing,
    resource: Resource,
    keys: list[Value],
    own: list[Value],
    table: str,
) -> None:
    """The key of a store: a named one, material of the customer's, or the default."""
    if keys:
        put_key(here, estate, store, resource, keys[0])
    elif own:
        supplied = reading(own[0], resource, "customer")
        put(store, _KEY, supplied._replace(sensitive=False))
    else:
        put(store, _KEY, by_default(resource, "kms_key", table))


def _instance_disk(
    here: RootIndex,
    instance: Resource,
    place: str,
    block: Value,
    arguments: tuple[str, str],
    estate: Estate,
) -> None:
    store = thing_of(here, instance, "store", "gcp")
    store.address = f"{store.address}.{place}"
    store.name = f"{place} of {store.name}"
    store.names = {store.address}
    store.span = block.entry() or instance.span
    store = estate.add(store)
    store.state("type", "block")
    store.state("declared", value=True)
    put_place(here, store, instance)
    keys, own = (
        [value] if (value := given(block, name)) is not None else []
        for name in arguments
    )
    _sealed(here, estate, store, instance, keys, own, _DISK)
    fact = store.facts[_KEY]
    if fact.default:
        put(store, _KEY, fact._replace(span=store.span))
