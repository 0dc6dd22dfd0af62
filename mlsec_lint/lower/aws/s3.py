"""Amazon S3 buckets with everything that says something about them.

Inline arguments (AWS provider 3) and the separate resources (since 4) state the same
facts; a separate one wins. Doors and copies of buckets are in s3_doors.py.
Does not model: object ACLs, bucket-level lifecycle, S3 on Outposts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.aws.keys import put_key
from mlsec_lint.lower.aws.place import put_bucket_place, put_place, put_zone
from mlsec_lint.lower.aws.public import public_readings
from mlsec_lint.lower.declared import declared_store
from mlsec_lint.lower.reading import (
    all_of,
    any_of,
    blocks,
    by_default,
    equal_to,
    given,
    maybe_absent,
    negated,
    put,
    put_also,
    read_bool,
    read_text,
    reading,
    unknown_because,
)
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsec_lint.estate import Estate, Fact, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, Satellites, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

BUCKETS = ("aws_s3_bucket", "aws_s3_directory_bucket")
BLOCK = (
    "block_public_acls",
    "block_public_policy",
    "ignore_public_acls",
    "restrict_public_buckets",
)
_PUBLIC_ACLS = ("public-read", "public-read-write", "authenticated-read")
_PUBLIC_GROUPS = ("/groups/global/AllUsers", "/groups/global/AuthenticatedUsers")


def lower_s3(index: TerraformIndex, estate: Estate) -> None:
    """Every bucket and Glacier vault that Terraform declares, with its facts."""
    for here in index.roots:
        for vault in here.of("aws_glacier_vault"):
            _vault(here, vault, estate)
        for resource in here.of(*BUCKETS):
            _bucket(index, here, resource, estate)


def _vault(here: RootIndex, vault: Resource, estate: Estate) -> None:
    """A Glacier vault: an archive with an access policy and no ACLs."""
    store = declared_store(here, estate, vault, "object", "aws")
    put_place(here, store, vault)
    document = given(vault.values, "access_policy")
    span = (document.entry() if document is not None else None) or vault.span
    store.state("public.principal", value=False, span=span)
    if document is not None:
        for found in public_readings(here, document, vault.span):
            put_also(store, "public.principal", found)


def _bucket(
    index: TerraformIndex, here: RootIndex, bucket: Resource, estate: Estate
) -> None:
    name = here.attribute(bucket, "bucket")
    uris = (f"s3://{name}",) if isinstance(name, str) else ()
    store = declared_store(here, estate, bucket, "object", "aws", *uris)
    if bucket.type == "aws_s3_directory_bucket":
        zone = given(bucket.values, "location", "name")
        if zone is None:
            put_place(here, store, bucket)
        else:
            put_zone(here, store, bucket, "location", "name")
    else:
        put_bucket_place(here, store, bucket)
    find = _finder(index, here, bucket)
    put(store, "public.blocked", _blocked(here, bucket, find))
    _acl(store, bucket, find)
    _policies(here, store, bucket, find)
    _key(here, estate, store, bucket, find)
    versioned = _versioned(bucket, find)
    put(store, "versioning.enabled", versioned)
    put(store, "retention.locked", _locked(bucket, find))
    put(store, "auth.identity_only", _identity_only(bucket, find))
    _opened(store)


def _finder(
    index: TerraformIndex, here: RootIndex, bucket: Resource
) -> Callable[[str], Satellites]:
    return lambda satellite: index.satellites(here, bucket, satellite)


def _or_open(satellites: Satellites, bucket: Resource, absent: Fact) -> Fact:
    """`absent`, unless a satellite of whose bucket nobody can tell may say otherwise."""
    if not satellites.open:
        return absent
    other = satellites.open[0]
    why = f"whether {other.address} is for this bucket is not known"
    return unknown_because(bucket, why)


def _blocked(
    here: RootIndex,
    bucket: Resource,
    find: Callable[[str], Satellites],
) -> Fact:
    """Whether all four public access blocks hold: the account's or the bucket's."""
    satellites = find("aws_s3_bucket_public_access_block")
    account = [
        guard
        for guard in here.of("aws_s3_account_public_access_block")
        if guard.provider.alias == bucket.provider.alias
    ]
    by_bucket = [block_reading(s) for s in satellites.found]
    if not by_bucket:
        absent = by_default(bucket, "public_access_block", BUCKETS[0])
        by_bucket = [_or_open(satellites, bucket, absent)]
    return any_of([*(block_reading(guard) for guard in account), all_of(by_bucket)])


def block_reading(guard: Resource) -> Fact:
    """Whether all four arguments of a public access block are on; omitted is off."""
    readings = []
    for name in BLOCK:
        omitted = by_default(guard, "public_access_block.omitted", "aws_s3_bucket")
        omitted = omitted._replace(default=f"{name}: {omitted.default}")
        readings.append(read_bool(guard, given(guard.values, name), omitted))
    return maybe_absent(guard, all_of(readings))


def _acl(store: Thing, bucket: Resource, find: Callable[[str], Satellites]) -> None:
    satellites = find("aws_s3_bucket_acl")
    readings = [
        found for owner in (*satellites.found, bucket) for found in acl_readings(owner)
    ]
    if not readings:
        absent = equal_to(by_default(bucket, "acl", BUCKETS[0]), *_PUBLIC_ACLS)
        put(store, "public.acl", _or_open(satellites, bucket, absent))
        return
    for found in readings:
        put_also(store, "public.acl", _in_force(bucket, find, found))


def _in_force(bucket: Resource, find: Callable[[str], Satellites], found: Fact) -> Fact:
    """What an ACL opens where ownership controls leave ACLs on."""
    if found.value is False or not find("aws_s3_bucket_ownership_controls").found:
        return found
    off = _identity_only(bucket, find)
    return found if off.value is False else all_of([negated(off), found])


def _opened(store: Thing) -> None:
    """An ACL or policy for everyone is there to work: the default block is not counted.

    It blocks only buckets made since 2023-04, and nothing in config says that it does.
    """
    blocked = store.facts["public.blocked"]
    if blocked.value is not True or not blocked.default:
        return
    doors = [*store.all_facts("public.acl"), *store.all_facts("public.principal")]
    worst = any_of(doors)
    if worst.value is not False:
        words = "no public access block is configured, and this opens the store"
        put(store, "public.blocked", negated(worst)._replace(default=words))


def acl_readings(owner: Resource) -> list[Fact]:
    """What a bucket's or ACL resource's own arguments open, one reading each."""
    canned = given(owner.values, "acl")
    readings = [] if canned is None else [_canned(owner, canned)]
    policy = given(owner.values, "access_control_policy")
    grants = blocks(owner.values, "grant") + blocks(policy, "grant")
    return readings + _grants(owner, grants)


def _canned(owner: Resource, canned: Value) -> Fact:
    found = read_text(owner, canned, reading(canned, owner, ""))
    return maybe_absent(owner, equal_to(found, *_PUBLIC_ACLS))


def _grants(owner: Resource, grants: tuple[Value, ...]) -> list[Fact]:
    readings = []
    for grant in grants:
        uri = given(grant, "grantee", "uri") or given(grant, "uri")
        if uri is None:
            continue
        found = read_text(owner, uri, reading(uri, owner, ""))
        value = found.value
        if isinstance(value, str):
            found = found._replace(value=value.endswith(_PUBLIC_GROUPS))
        elif isinstance(value, Unknown):
            found = found._replace(value=value._replace(possible=None))
        readings.append(maybe_absent(owner, found))
    return readings


def _policies(
    here: RootIndex,
    store: Thing,
    bucket: Resource,
    find: Callable[[str], Satellites],
) -> None:
    satellites = find("aws_s3_bucket_policy")
    absent = by_default(bucket, "policy", BUCKETS[0])._replace(value=False)
    put(store, "public.principal", _or_open(satellites, bucket, absent))
    for owner in (*satellites.found, bucket):
        document = given(owner.values, "policy")
        if document is None:
            continue
        put(store, "public.principal", reading(document, owner, data=False))
        for found in public_readings(here, document, owner.span):
            put_also(store, "public.principal", maybe_absent(owner, found))


def _key(
    here: RootIndex,
    estate: Estate,
    store: Thing,
    bucket: Resource,
    find: Callable[[str], Satellites],
) -> None:
    satellites = find("aws_s3_bucket_server_side_encryption_configuration")
    rules = [
        (owner, block.at("apply_server_side_encryption_by_default"))
        for owner in satellites.found
        for block in blocks(owner.values, "rule")
    ]
    inline = given(bucket.values, "server_side_encryption_configuration")
    rules += [
        (bucket, block.at("apply_server_side_encryption_by_default"))
        for block in blocks(inline, "rule")
    ]
    rules = [(owner, block) for owner, block in rules if block is not None]
    if not rules:
        absent = by_default(bucket, "server_side_encryption", BUCKETS[0])
        found = _or_open(satellites, bucket, absent)
        put(store, "encryption.key.managed_by", found)
        return
    owner, block = rules[0]
    assert block is not None
    _sealed(here, estate, store, owner, block)
    fact = maybe_absent(owner, store.facts["encryption.key.managed_by"])
    put(store, "encryption.key.managed_by", fact)


def _sealed(
    here: RootIndex, estate: Estate, store: Thing, owner: Resource, block: Value
) -> None:
    """Key and algorithm of one default-encryption rule."""
    algorithm = given(block, "sse_algorithm")
    kind = algorithm.text() if algorithm is not None else "AES256"
    key = given(block, "kms_master_key_id")
    not_kms = isinstance(kind, str) and not kind.startswith("aws:kms")
    if algorithm is not None and not_kms:
        fact = reading(algorithm, owner, "provider")
        put(store, "encryption.key.managed_by", fact)
    elif key is not None:
        put_key(here, estate, store, owner, key)
    elif isinstance(kind, Unknown) and algorithm is not None:
        # Without a key every algorithm means a key of AWS.
        put(store, "encryption.key.managed_by", reading(algorithm, owner, "provider"))
    else:
        absent = by_default(owner, "kms_master_key_id", "aws_s3_bucket")
        span = (algorithm.entry() if algorithm is not None else None) or owner.span
        put(store, "encryption.key.managed_by", absent._replace(span=span))


def _versioned(bucket: Resource, find: Callable[[str], Satellites]) -> Fact:
    satellites = find("aws_s3_bucket_versioning")
    default = by_default(bucket, "versioning", BUCKETS[0])
    for owner in satellites.found:
        status = given(owner.values, "versioning_configuration", "status")
        found = read_text(owner, status, default._replace(value="Suspended"))
        return maybe_absent(owner, equal_to(found, "Enabled"))
    inline = given(bucket.values, "versioning")
    if inline is not None:
        return read_bool(bucket, given(inline, "enabled"), default)
    return _or_open(satellites, bucket, default)


def _locked(bucket: Resource, find: Callable[[str], Satellites]) -> Fact:
    satellites = find("aws_s3_bucket_object_lock_configuration")
    holders = [(owner, owner.values) for owner in satellites.found]
    inline = given(bucket.values, "object_lock_configuration")
    if inline is not None:
        holders.append((bucket, inline))
    for owner, values in holders:
        mode = given(values, "rule", "default_retention", "mode")
        absent = by_default(owner, "object_lock.mode", "aws_s3_bucket")
        found = read_text(owner, mode, absent._replace(value=""))
        return maybe_absent(owner, equal_to(found, "COMPLIANCE"))
    enabled = given(bucket.values, "object_lock_enabled")
    if enabled is not None and enabled.boolean() is True and not satellites.open:
        absent = by_default(bucket, "object_lock.mode", "aws_s3_bucket")
        return absent._replace(span=enabled.entry() or bucket.span)
    return _or_open(satellites, bucket, by_default(bucket, "object_lock", BUCKETS[0]))


def _identity_only(bucket: Resource, find: Callable[[str], Satellites]) -> Fact:
    """Whether ACLs are off. An ACL that somebody set only applies while they are on."""
    satellites = find("aws_s3_bucket_ownership_controls")
    for owner in satellites.found:
        value = given(owner.values, "rule", "object_ownership")
        absent = by_default(bucket, "ownership", "aws_s3_bucket")
        found = read_text(owner, value, absent)
        return maybe_absent(owner, equal_to(found, "BucketOwnerEnforced"))
    if satellites.open:
        return _or_open(satellites, bucket, by_default(bucket, "ownership", BUCKETS[0]))
    for owner in (*find("aws_s3_bucket_acl").found, bucket):
        for name in ("acl", "access_control_policy", "grant"):
            value = given(owner.values, name)
            if value is not None and value.data != ():
                return maybe_absent(owner, reading(value, owner, data=False))
    return equal_to(
        by_default(bucket, "ownership", "aws_s3_bucket"), "BucketOwnerEnforced"
    )
