"""Oracle Cloud stores: object buckets, file systems and block volumes.

From the documentation of the oci Terraform provider, 2026-11. A bucket is as public as
its `access_type`; a pre-authenticated request is a link that opens it to whoever has it.
Does not model: IAM policies, lifecycle and private endpoints, boot volumes, backups.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.places import state_place
from mlsec_lint.lower.declared import add_copy, declared_store
from mlsec_lint.lower.reading import (
    blocks,
    by_default,
    equal_to,
    given,
    put,
    put_also,
    read_text,
    reading,
    span_of,
    text_or_unknown,
)
from mlsec_lint.lower.terraform_index import index_of
from mlsec_lint.value import Step, Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Fact, Thing
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource

BUCKET = "oci_objectstorage_bucket"
#: Other stores: type, sort.
_VOLUMES = (
    ("oci_file_storage_file_system", "file"),
    ("oci_core_volume", "block"),
)
_PUBLIC = ("ObjectRead", "ObjectReadWithoutList")
_KEY = "encryption.key.managed_by"


def lower_oci(inputs: Inputs, estate: Estate) -> None:
    """Every bucket, file system and volume that the oci provider declares."""
    index = index_of(inputs)
    for here in index.roots:
        for bucket in here.of(BUCKET):
            _bucket(index, here, bucket, estate)
        for kind, sort in _VOLUMES:
            for volume in here.of(kind):
                store = declared_store(here, estate, volume, sort, "oci")
                _put_place(here, store, volume)
                _put_key(store, volume)


def _bucket(
    index: TerraformIndex, here: RootIndex, bucket: Resource, estate: Estate
) -> None:
    parts = [here.text_of(given(bucket.values, n)) for n in ("name", "namespace")]
    known = all(isinstance(part, str) and part for part in parts)
    uris = (f"oci://{parts[0]}@{parts[1]}",) if known else ()
    store = declared_store(here, estate, bucket, "object", "oci", *uris)
    _put_place(here, store, bucket)
    _put_key(store, bucket)
    access = given(bucket.values, "access_type")
    found = read_text(bucket, access, by_default(bucket, "access_type"))
    put(store, "public.acl", equal_to(found, *_PUBLIC))
    versioning = given(bucket.values, "versioning")
    found = read_text(bucket, versioning, by_default(bucket, "versioning"))
    put(store, "versioning.enabled", equal_to(found, "Enabled"))
    put(store, "retention.locked", _locked(bucket))
    for link in index.satellites(
        here, bucket, "oci_objectstorage_preauthrequest", "bucket"
    ).found:
        opened = reading(link.values, link, data=False)._replace(span=link.span)
        put_also(store, "auth.identity_only", opened)
    for copying in index.satellites(
        here, bucket, "oci_objectstorage_replication_policy", "bucket"
    ).found:
        _replicated(here, store, copying, estate)


def _locked(bucket: Resource) -> Fact:
    """Whether a retention rule is locked for good: one with a lock time is."""
    rules = blocks(bucket.values, "retention_rules")
    for rule in rules:
        if rule.unknown is not None:
            return reading(rule, bucket, rule.unknown._replace(possible=None))
        lock = given(rule, "time_rule_locked")
        if lock is not None:
            unknown = lock.unknown
            value = True if unknown is None else unknown._replace(possible=None)
            return reading(lock, bucket, value)
    return by_default(bucket, "retention_rules")


def _put_key(store: Thing, resource: Resource) -> None:
    key = given(resource.values, "kms_key_id")
    if key is None:
        put(store, _KEY, by_default(resource, "kms_key_id"))
        return
    unknown = key.unknown
    sure = unknown is None or (
        unknown.symbol is not None and ".oci_kms_key." in f".{unknown.symbol.address}"
    )
    named = "customer" if sure or unknown is None else unknown._replace(possible=None)
    put(store, _KEY, reading(key, resource, named))


def _put_place(here: RootIndex, store: Thing, resource: Resource) -> None:
    """The provider's region; a domain (`Uocm:PHX-AD-1`) lies in it."""
    provider = resource.provider
    region = given(provider.values, "region")
    if region is None:
        why = f"provider {provider.name} names no region: its environment decides"
        span = provider.span or resource.span
        nowhere = Unknown("environment", why, "TF_VAR_region", span=span)
        state_place(store, "oci", nowhere, span)
        return
    step = Step(resource.span, f"made by provider {provider.name}")
    text = text_or_unknown(here.text_of(region), "a region")
    span = span_of(region, resource)
    state_place(store, "oci", text, span, trail=(*region.trail, step))


def _replicated(
    here: RootIndex, store: Thing, copying: Resource, estate: Estate
) -> None:
    region = given(copying.values, "destination_region_name")
    if region is None:
        return
    span = span_of(region, copying)
    address = here.address(copying)
    copy = add_copy(estate, store, address, "oci-replication", span, None)
    text = text_or_unknown(here.text_of(region), "a region")
    state_place(copy, "oci", text, span, trail=region.trail)
