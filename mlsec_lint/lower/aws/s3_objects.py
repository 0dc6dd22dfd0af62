"""Single objects of S3 that are sealed otherwise than their bucket is.

An object without a word about encryption takes that of its bucket, which is judged
there. One that names a method overrides it (Amazon S3 user guide, "Setting default
server-side encryption", 2026-11): `AES256` is a key of S3's own, `aws:kms` without a key
that of the account's alias `aws/s3`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.aws.keys import key_use
from mlsec_lint.lower.aws.s3 import BUCKETS
from mlsec_lint.lower.declared import store_of
from mlsec_lint.lower.reading import given, maybe_absent, reading
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Fact
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource

_OBJECTS = ("aws_s3_object", "aws_s3_bucket_object", "aws_s3_object_copy")
_KEY = "encryption.key.managed_by"
_OWN = ("customer", "hsm")
#: How S3 seals with keys of its own.
_METHODS = ("AES256", "aws:kms", "aws:kms:dsse")


def lower_s3_objects(index: TerraformIndex, estate: Estate) -> None:
    """State on buckets the keys of those objects that are not the lab's."""
    for here in index.roots:
        for resource in here.of(*_OBJECTS):
            fact = _sealed(here, resource)
            if fact is None:
                continue
            buckets = here.parents(given(resource.values, "bucket"), BUCKETS)
            store = store_of(index, estate, buckets[0]) if len(buckets) == 1 else None
            own = store.fact(_KEY) if store is not None else None
            if store is not None and own is not None:
                # One more to judge; what the bucket itself says stays its fact.
                store.many.setdefault(_KEY, [own]).append(maybe_absent(resource, fact))


def _sealed(here: RootIndex, resource: Resource) -> Fact | None:
    """Who has an object's own key; None where it has none, or it is the lab's."""
    key = given(resource.values, "kms_key_id")
    if key is not None:
        found = key_use(here, resource, key).managed_by
        return None if found.value in _OWN else found
    method = given(resource.values, "server_side_encryption")
    text = here.text_of(method)
    if method is None or isinstance(text, Unknown) or text not in _METHODS:
        return None  # the bucket's own default may be what it names
    return reading(method, resource, "provider")
