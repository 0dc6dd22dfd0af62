"""Cloud Storage buckets with everything that says something about them.

Does not model: object ACLs, managed folders with grants of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.declared import (
    add_copy,
    declared_store,
    store_of,
    unserved,
)
from mlsec_lint.lower.gcp.keys import put_key
from mlsec_lint.lower.gcp.members import (
    EVERYONE,
    everyone,
    grants,
    put_public_members,
)
from mlsec_lint.lower.gcp.place import put_location, put_place
from mlsec_lint.lower.reading import (
    blocks,
    by_default,
    equal_to,
    given,
    maybe_absent,
    present,
    put,
    put_also,
    read_bool,
    read_text,
    reading,
    span_of,
)
from mlsec_lint.lower.terraform_index import values_at

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Fact, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Unknown, Value

BUCKET = "google_storage_bucket"
_PUBLIC_ACLS = ("publicRead", "publicReadWrite", "authenticatedRead")
_ENTITY_LISTS = ("google_storage_bucket_acl", "google_storage_default_object_acl")
_ENTITIES = (
    "google_storage_bucket_access_control",
    "google_storage_default_object_access_control",
)


def lower_storage(index: TerraformIndex, estate: Estate) -> None:
    """Every bucket that Terraform declares; then what fronts and copies them."""
    for here in index.roots:
        for resource in here.of(BUCKET):
            _bucket(index, here, resource, estate)
    for here in index.roots:
        for front in here.of("google_compute_backend_bucket"):
            _front(index, here, front, estate)
        for cache in here.of("google_storage_anywhere_cache"):
            _cache(index, here, cache, estate)


def _bucket(
    index: TerraformIndex, here: RootIndex, bucket: Resource, estate: Estate
) -> None:
    name = here.attribute(bucket, "name")
    uris = (f"gs://{name}",) if isinstance(name, str) else ()
    store = declared_store(here, estate, bucket, "object", "gcp", *uris)
    _place(here, store, bucket)
    prevention = given(bucket.values, "public_access_prevention")
    default = by_default(bucket, "public_access_prevention")
    found = read_text(bucket, prevention, default)
    blocked = found if prevention is None else equal_to(found, "enforced")
    put(store, "public.blocked", blocked)
    _acl(index, here, store, bucket)
    store.state(
        "public.principal", value=False, default="no grant in the scan names everyone"
    )
    put_public_members(
        index, here, store, bucket, "google_storage_bucket_iam", "bucket"
    )
    _key(here, estate, store, bucket)
    put(store, "versioning.enabled", _versioned(bucket))
    put(store, "retention.locked", _locked(bucket))
    put(store, "auth.identity_only", _identity_only(index, here, bucket))
    unserved(store)
    for block in blocks(bucket.values, "website"):
        put_also(store, "front.public", present(block, bucket))


def _place(here: RootIndex, store: Thing, bucket: Resource) -> None:
    """The two regions of a custom placement; else the location."""
    custom = given(bucket.values, "custom_placement_config", "data_locations")
    for value in custom.elements() if custom is not None else ():
        put_location(here, store, bucket, value)
    if store.fact("place.region") is None:
        put_place(here, store, bucket)


def _acl(
    index: TerraformIndex, here: RootIndex, store: Thing, bucket: Resource
) -> None:
    store.state("public.acl", value=False, default="no ACL in the scan names everyone")
    for kind in _ENTITY_LISTS:
        for owner in index.satellites(here, bucket, kind).found:
            canned = given(owner.values, "predefined_acl")
            if canned is not None:
                found = read_text(owner, canned, reading(canned, owner, ""))
                put_acl(store, owner, equal_to(found, *_PUBLIC_ACLS))
            for entry in values_at(owner.values, "role_entity"):
                put_acl(store, owner, _entity(here, owner, entry))
    for kind in _ENTITIES:
        for owner in index.satellites(here, bucket, kind).found:
            for entry in values_at(owner.values, "entity"):
                put_acl(store, owner, everyone(here, entry, owner))


def _entity(here: RootIndex, owner: Resource, entry: Value) -> Fact:
    """`READER:allUsers` and the like."""
    text = here.text_of(entry)
    if isinstance(text, str):
        return reading(entry, owner, text.rpartition(":")[2] in EVERYONE)
    return everyone(here, entry, owner)


def put_acl(store: Thing, owner: Resource, found: Fact) -> None:
    """Keep an ACL entry that opens, or may open, the store to everyone."""
    if found.value is not False:
        put_also(store, "public.acl", maybe_absent(owner, found))


def _key(here: RootIndex, estate: Estate, store: Thing, bucket: Resource) -> None:
    block = given(bucket.values, "encryption")
    value = given(block, "default_kms_key_name")
    if value is not None:
        put_key(here, estate, store, bucket, value)
    else:
        put(store, "encryption.key.managed_by", by_default(bucket, "encryption"))


def _versioned(bucket: Resource) -> Fact:
    value = given(bucket.values, "versioning", "enabled")
    return read_bool(bucket, value, by_default(bucket, "versioning"))


def _locked(bucket: Resource) -> Fact:
    policies = blocks(bucket.values, "retention_policy")
    if not policies:
        return by_default(bucket, "retention_policy")
    value = given(policies[0], "is_locked")
    return read_bool(bucket, value, by_default(bucket, "retention_policy.is_locked"))


def _identity_only(index: TerraformIndex, here: RootIndex, bucket: Resource) -> Fact:
    """Uniform access, and no HMAC key of a service account that may use the bucket."""
    value = given(bucket.values, "uniform_bucket_level_access") or given(
        bucket.values, "bucket_policy_only"
    )
    default = by_default(bucket, "uniform_bucket_level_access")
    uniform = read_bool(bucket, value, default)
    if uniform.value is not True:
        return uniform
    keys = {}
    for key in here.of("google_storage_hmac_key"):
        email = here.text_of(given(key.values, "service_account_email"))
        if email is not None:
            keys[_told(email)] = key
    if not keys:
        return uniform
    for _, members in grants(
        index, here, bucket, "google_storage_bucket_iam", "bucket"
    ):
        for member in members:
            text = here.text_of(member)
            told = "" if text is None else _told(text)
            told = told.removeprefix("serviceAccount:")
            if told in keys:
                key = keys[told]
                used = given(key.values, "service_account_email")
                assert used is not None
                return maybe_absent(key, reading(used, key, data=False))
    return uniform


def _told(text: str | Unknown) -> str:
    """A text with its unknown parts named, to compare two of the same origin."""
    if isinstance(text, str):
        return text
    parts = text.parts or (text,)
    return "".join(
        p if isinstance(p, str) else f"{{{p.symbol or p.name}}}" for p in parts
    )


def _front(
    index: TerraformIndex, here: RootIndex, front: Resource, estate: Estate
) -> None:
    value = given(front.values, "bucket_name")
    if value is None:
        return
    stores = [store_of(index, estate, b) for b in here.parents(value, (BUCKET,))]
    text = here.text_of(value)
    if not stores and isinstance(text, str):
        stores = list(estate.named(f"gs://{text}", "store"))
    for store in stores:
        if store is not None:
            fact = reading(value, front, data=True)
            put_also(store, "front.public", maybe_absent(front, fact))


def _cache(
    index: TerraformIndex, here: RootIndex, cache: Resource, estate: Estate
) -> None:
    for bucket in here.parents(given(cache.values, "bucket"), (BUCKET,)):
        store = store_of(index, estate, bucket)
        zone = given(cache.values, "zone")
        if store is not None and zone is not None:
            span = span_of(zone, cache)
            address = here.address(cache)
            copy = add_copy(estate, store, address, "anywhere-cache", span, None)
            put_location(here, copy, cache, zone)
