"""Stores of CoreWeave and Nebius: object buckets, file systems and disks with their place.

From the documentation of both Terraform providers, 2026-11: a CoreWeave bucket names its
zone; where a Nebius store lies follows from its project, which config does not tell.
Both speak S3, so that a bucket answers to its `s3://` name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate.places import state_place
from mlsec_lint.lower.declared import declared_store
from mlsec_lint.lower.reading import (
    equal_to,
    given,
    maybe_absent,
    put,
    read_bool,
    read_text,
    reading,
    span_of,
    text_or_unknown,
)
from mlsec_lint.lower.terraform_index import index_of
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource


class _Sort(NamedTuple):
    """A resource type: its provider, its sort of store, and the argument of its place."""

    type: str
    provider: str
    sort: str
    place: str = ""


_CW_BUCKET = "coreweave_object_storage_bucket"
_STORES = (
    _Sort(_CW_BUCKET, "coreweave", "object", "zone"),
    _Sort("nebius_storage_v1_bucket", "nebius", "object"),
    _Sort("nebius_compute_v1_filesystem", "nebius", "file"),
    _Sort("nebius_compute_v1_disk", "nebius", "block"),
    _Sort("nebius_registry_v1_registry", "nebius", "registry"),
)


def lower_gpu_clouds(inputs: Inputs, estate: Estate) -> None:
    """Every store that the coreweave and nebius providers declare."""
    index = index_of(inputs)
    for here in index.roots:
        for sort in _STORES:
            for resource in here.of(sort.type):
                _store(index, here, sort, resource, estate)


def _store(
    index: TerraformIndex,
    here: RootIndex,
    sort: _Sort,
    resource: Resource,
    estate: Estate,
) -> None:
    name = here.text_of(given(resource.values, "name"))
    bucket = sort.sort == "object" and isinstance(name, str)
    uris = (f"s3://{name}",) if bucket else ()
    store = declared_store(here, estate, resource, sort.sort, sort.provider, *uris)
    _put_place(here, store, sort, resource)
    why = f"config does not say who manages the keys of {sort.provider}"
    unsaid = Unknown("unsupported", why, span=resource.span)
    store.state("encryption.key.managed_by", unsaid, resource.span)
    policy = given(resource.values, "versioning_policy")
    if policy is not None:
        found = read_text(resource, policy, reading(policy, resource, ""))
        put(store, "versioning.enabled", equal_to(found, "ENABLED"))
    if sort.type == _CW_BUCKET:
        _coreweave(index, here, store, resource)


def _put_place(here: RootIndex, store: Thing, sort: _Sort, resource: Resource) -> None:
    value = given(resource.values, sort.place) if sort.place else None
    if value is not None:
        text = text_or_unknown(here.text_of(value), "a zone")
        span = span_of(value, resource)
        state_place(store, sort.provider, text, span, trail=value.trail)
        return
    parent = given(resource.values, "parent_id")
    span = resource.span if parent is None else span_of(parent, resource)
    what = "its project" if sort.provider == "nebius" else "nothing in config"
    why = f"{what} decides in which region {resource.address} lies"
    state_place(store, sort.provider, Unknown("resource", why, span=span), span)


def _coreweave(
    index: TerraformIndex, here: RootIndex, store: Thing, bucket: Resource
) -> None:
    """Versioning and audit logs that resources beside a bucket state."""
    kind = "coreweave_object_storage_bucket_versioning"
    for owner in index.satellites(here, bucket, kind, "bucket").found:
        status = given(owner.values, "versioning_configuration", "status")
        if status is not None:
            found = read_text(owner, status, reading(status, owner, ""))
            fact = maybe_absent(owner, equal_to(found, "Enabled"))
            put(store, "versioning.enabled", fact)
    kind = "coreweave_object_storage_bucket_settings"
    for owner in index.satellites(here, bucket, kind, "bucket").found:
        logged = given(owner.values, "audit_logging_enabled")
        if logged is not None:
            found = read_bool(owner, logged, reading(logged, owner, data=False))
            put(store, "access.logged", maybe_absent(owner, found))
