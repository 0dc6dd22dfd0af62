"""Buckets of the aws provider at an endpoint that is not Amazon's.

What Amazon S3 does by default (encryption, the public access block, disabled ACLs) says
nothing of another store that speaks its protocol: those defaults are not known there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.hosts import place_of_host
from mlsec_lint.lower.declared import store_of
from mlsec_lint.lower.reading import given, put, span_of
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource


def lower_compatible(index: TerraformIndex, estate: Estate) -> None:
    """Take back Amazon's defaults of buckets that lie at another operator's endpoint."""
    for here in index.roots:
        for bucket in here.of("aws_s3_bucket"):
            host = _foreign(here, bucket)
            store = store_of(index, estate, bucket) if host else None
            if store is not None:
                _forget(store, bucket, host)


def _foreign(here: RootIndex, bucket: Resource) -> str:
    """The endpoint of a bucket, "" where it is Amazon's own."""
    endpoint = given(bucket.provider.values, "endpoints", "s3")
    if endpoint is None:
        return ""
    text = here.text_of(endpoint)
    if not isinstance(text, str):
        return "an endpoint that is not known"
    found = place_of_host(text)
    return "" if found is not None and found.provider == "aws" else text


def _forget(store: Thing, bucket: Resource, host: str) -> None:
    endpoint = given(bucket.provider.values, "endpoints", "s3")
    assert endpoint is not None, "the bucket has an endpoint"
    why = f"what {host} does by default is not known"
    for name, fact in list(store.facts.items()):
        if fact.default and not name.startswith(("place.", "front.")):
            unknown = Unknown("unsupported", why, span=span_of(endpoint, bucket))
            put(store, name, fact._replace(value=unknown, default=""))
