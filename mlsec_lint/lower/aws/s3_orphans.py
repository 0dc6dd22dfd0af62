"""Policies, ACLs and public access blocks of buckets that the scan does not declare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.aws.public import public_readings
from mlsec_lint.lower.aws.s3 import acl_readings, block_reading
from mlsec_lint.lower.aws.s3_doors import blocks_public
from mlsec_lint.lower.orphans import Parent, orphans
from mlsec_lint.lower.reading import given, maybe_absent, put, put_also

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.terraform_index import TerraformIndex

BUCKET = Parent(
    "bucket",
    ("aws_s3_bucket", "aws_s3_directory_bucket"),
    "store",
    "object",
    "aws",
    "s3://",
)
REPOSITORY = Parent(
    "repository", ("aws_ecr_repository",), "store", "registry", "aws", ""
)
#: Satellites with a resource policy: type, argument with the document, parent.
POLICIES = (
    ("aws_s3_bucket_policy", "policy", BUCKET),
    ("aws_ecr_repository_policy", "policy", REPOSITORY),
)


def lower_s3_orphans(index: TerraformIndex, estate: Estate) -> None:
    """State what satellites without a declared parent say about it."""
    guard = "aws_s3_bucket_public_access_block"
    for orphan in orphans(index, estate, guard, BUCKET):
        blocked = block_reading(orphan.owner)
        if blocked.value is not True:
            put(orphan.make(), "public.blocked", blocked)
    for orphan in orphans(index, estate, "aws_s3_bucket_acl", BUCKET):
        for found in acl_readings(orphan.owner):
            if found.value is not False:
                put_also(orphan.make(), "public.acl", found)
    for orphan in orphans(index, estate, "aws_s3_access_point", BUCKET):
        block = given(orphan.owner.values, "public_access_block_configuration")
        if block is not None:
            blocks_public(orphan.make(), orphan.owner, block)
    for satellite, argument, parent in POLICIES:
        for orphan in orphans(index, estate, satellite, parent):
            document = given(orphan.owner.values, argument)
            if document is None:
                continue
            span = orphan.owner.span
            for found in public_readings(orphan.here, document, span):
                found = maybe_absent(orphan.owner, found)
                put_also(orphan.make(), "public.principal", found)
