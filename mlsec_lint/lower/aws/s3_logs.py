"""Buckets that AWS services deliver logs to, as their ACL or policy lets them.

A name such as `model-logs` is no evidence for weights then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.aws.policy import read_policy
from mlsec_lint.lower.reading import given, span_of
from mlsec_lint.lower.terraform_index import values_at

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

#: Service principals that deliver logs (AWS service documentation, 2026-11).
LOG_SERVICES = (
    "cloudtrail.amazonaws.com",
    "config.amazonaws.com",
    "delivery.logs.amazonaws.com",
    "logdelivery.elasticloadbalancing.amazonaws.com",
    "logging.s3.amazonaws.com",
)
_GROUP = "/groups/s3/LogDelivery"


def lower_s3_logs(index: TerraformIndex, estate: Estate) -> None:
    """State `receives.logs` of buckets whose ACL or policy lets log services write."""
    for here in index.roots:
        for bucket in here.of("aws_s3_bucket"):
            store = estate.find("store", here.address(bucket))
            if store is None:
                continue
            owners = [bucket]
            for kind in ("aws_s3_bucket_acl", "aws_s3_bucket_policy"):
                owners += index.satellites(here, bucket, kind).found
            for owner in owners:
                _receives(here, store, owner)


def _receives(here: RootIndex, store: Thing, owner: Resource) -> None:
    found = given(owner.values, "acl")
    if found is not None and found.data != "log-delivery-write":
        found = None
    for path in ("grant.uri", "access_control_policy.grant.grantee.uri"):
        for uri in values_at(owner.values, path):
            if isinstance(uri.data, str) and uri.data.endswith(_GROUP):
                found = uri
    policy = given(owner.values, "policy")
    if policy is not None and _lets_logs_in(here, policy, owner):
        found = policy
    if found is not None:
        store.state("receives.logs", value=True, span=span_of(found, owner))


def _lets_logs_in(here: RootIndex, policy: Value, owner: Resource) -> bool:
    """Whether a statement lets a log service write into the bucket."""
    for statement in read_policy(here, policy, owner.span).statements:
        if statement.effect != "Allow":
            continue
        for kind, value in statement.principals:
            if kind == "Service" and value.data in LOG_SERVICES:
                return True
    return False
