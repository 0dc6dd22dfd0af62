"""What opens an S3 bucket besides itself, and what copies it elsewhere.

Fronts (CloudFront, website hosting, transfer acceleration), access points, and
replication. An object under a front is served to whoever the front serves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.places import state_place
from mlsec_lint.lower.aws.copy_accounts import put_account
from mlsec_lint.lower.aws.keys import put_key
from mlsec_lint.lower.aws.public import public_readings
from mlsec_lint.lower.aws.s3 import BLOCK
from mlsec_lint.lower.declared import (
    add_copy,
    bucket_named,
    place_like,
    store_of,
    unserved,
)
from mlsec_lint.lower.reading import (
    all_of,
    blocks,
    by_default,
    equal_to,
    given,
    maybe_absent,
    present,
    put_also,
    read_bool,
    read_text,
    reading,
    unknown_of,
)
from mlsec_lint.source import Note
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

BUCKET = ("aws_s3_bucket", "aws_s3_directory_bucket")


def lower_s3_doors(index: TerraformIndex, estate: Estate) -> None:
    """Fronts, access points and replications of every declared bucket."""
    for here in index.roots:
        for bucket in here.of(*BUCKET):
            store = estate.find("store", here.address(bucket))
            if store is None:
                continue
            unserved(store)
            _website(index, here, bucket, store)
            _accelerated(index, here, bucket, store)
            _access_points(index, here, bucket, store)
            _replication(index, here, bucket, store, estate)
    for here in index.roots:
        for distribution in here.of("aws_cloudfront_distribution"):
            _distribution(index, here, distribution, estate)
        for point in here.of("aws_s3control_multi_region_access_point"):
            _multi_region(index, here, point, estate)


def _website(
    index: TerraformIndex, here: RootIndex, bucket: Resource, store: Thing
) -> None:
    found = index.satellites(here, bucket, "aws_s3_bucket_website_configuration")
    for owner in found.found:
        named = given(owner.values, "bucket")
        span = (named.entry() if named is not None else None) or owner.span
        fact = reading(named, owner, data=True) if named is not None else None
        if fact is not None:
            put_also(
                store, "front.public", maybe_absent(owner, fact._replace(span=span))
            )
    for block in blocks(bucket.values, "website"):
        put_also(store, "front.public", present(block, bucket))


def _accelerated(
    index: TerraformIndex, here: RootIndex, bucket: Resource, store: Thing
) -> None:
    found = index.satellites(here, bucket, "aws_s3_bucket_accelerate_configuration")
    statuses = [(owner, given(owner.values, "status")) for owner in found.found]
    statuses.append((bucket, given(bucket.values, "acceleration_status")))
    for owner, status in statuses:
        if status is None:
            continue
        fact = equal_to(read_text(owner, status, reading(status, owner, "")), "Enabled")
        if fact.value is not False:
            put_also(store, "front.public", maybe_absent(owner, fact))


def _access_points(
    index: TerraformIndex, here: RootIndex, bucket: Resource, store: Thing
) -> None:
    for point in index.satellites(here, bucket, "aws_s3_access_point").found:
        blocks_public(store, point, given(point.values, _POINT_BLOCK))
        documents = [(point, given(point.values, "policy"))]
        policies = index.satellites(
            here, point, "aws_s3control_access_point_policy", "access_point_arn"
        )
        documents += [(p, given(p.values, "policy")) for p in policies.found]
        for owner, document in documents:
            if document is None:
                continue
            for found in public_readings(here, document, owner.span):
                put_also(store, "public.principal", found)


_POINT_BLOCK = "public_access_block_configuration"


def blocks_public(store: Thing, door: Resource, block: Value | None) -> None:
    """A door that does not block public access opens what the bucket's own block shuts.

    Omitted arguments of a door mean true: the opposite of the bucket's own resource.
    """
    if block is None:
        return
    kind = door.type
    default = by_default(door, "public_access_block", kind)
    found = all_of(read_bool(door, given(block, name), default) for name in BLOCK)
    if found.value is not True:
        put_also(store, "public.blocked", maybe_absent(door, found))


def _multi_region(
    index: TerraformIndex, here: RootIndex, point: Resource, estate: Estate
) -> None:
    details = given(point.values, "details")
    for region in blocks(details, "region"):
        for bucket in here.parents(given(region, "bucket"), BUCKET):
            store = store_of(index, estate, bucket)
            if store is not None:
                blocks_public(store, point, given(details, "public_access_block"))


def _distribution(
    index: TerraformIndex, here: RootIndex, distribution: Resource, estate: Estate
) -> None:
    for origin in blocks(distribution.values, "origin"):
        domain = given(origin, "domain_name")
        if domain is None:
            continue
        stores = _served(index, here, domain, estate)
        for store in stores:
            fact = reading(domain, distribution, data=True)
            put_also(store, "front.public", maybe_absent(distribution, fact))
        if not stores and isinstance(here.text_of(domain), Unknown):
            words = f"which store {distribution.address} serves is not known"
            span = domain.entry() or distribution.span
            estate.note([Note("unresolved-reference", words, span.path, span)])


def _served(
    index: TerraformIndex, here: RootIndex, domain: Value, estate: Estate
) -> list[Thing]:
    buckets = here.parents(domain, BUCKET)
    if buckets:
        stores = [store_of(index, estate, bucket) for bucket in buckets]
        return [s for s in stores if s is not None]
    text = here.text_of(domain)
    if not isinstance(text, str):
        return []
    name, dot, rest = text.partition(".s3")
    is_bucket = bool(dot) and rest[:1] in {".", "-"} and "amazonaws.com" in rest
    return estate.named(f"s3://{name}", "store") if is_bucket else []


def _replication(
    index: TerraformIndex,
    here: RootIndex,
    bucket: Resource,
    store: Thing,
    estate: Estate,
) -> None:
    satellites = index.satellites(
        here, bucket, "aws_s3_bucket_replication_configuration"
    )
    holders = [(owner, owner.values, "rule") for owner in satellites.found]
    inline = given(bucket.values, "replication_configuration")
    if inline is not None:
        holders.append((bucket, inline, "rules"))
    for owner, values, name in holders:
        for number, rule in enumerate(blocks(values, name)):
            destination = given(rule, "destination")
            target = given(destination, "bucket")
            status = given(rule, "status")
            if status is not None and status.text() == "Disabled":
                continue
            if destination is not None and target is not None:
                address = f"{here.address(owner)}.{name}[{number}]"
                _copied(index, here, owner, address, destination, target, store, estate)


def _copied(
    index: TerraformIndex,
    here: RootIndex,
    owner: Resource,
    address: str,
    destination: Value,
    target: Value,
    store: Thing,
    estate: Estate,
) -> None:
    span = target.entry() or owner.span
    found = _target(index, here, target, span, estate)
    copy = add_copy(estate, store, address, "s3-replication", span, found)
    if found is not None:
        place_like(copy, found, span)
    else:
        _nowhere(copy, target, owner)
    account = given(destination, "account")
    put_account(here, copy, account, span)
    key = given(destination, "encryption_configuration", "replica_kms_key_id")
    if key is not None:
        put_key(here, estate, copy, owner, key)


def _nowhere(copy: Thing, target: Value, owner: Resource) -> None:
    unknown = unknown_of(target, "the destination is not known")
    span = target.entry() or owner.span
    state_place(copy, "aws", unknown._replace(possible=None, parts=()), span)


def _target(
    index: TerraformIndex, here: RootIndex, target: Value, span: Span, estate: Estate
) -> Thing | None:
    """The bucket that receives copies: declared here, in another root, or nowhere."""
    buckets = here.parents(target, BUCKET)
    if len(buckets) == 1:
        return store_of(index, estate, buckets[0])
    text = here.text_of(target)
    if not isinstance(text, str) or buckets:
        return None
    name = text.rpartition(":::")[2].split("/")[0]
    return bucket_named(estate, f"s3://{name}", span)
