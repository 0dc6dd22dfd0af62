"""Whether objects of a bucket expire: lifecycle rules that delete by age."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.aws.s3 import BUCKETS
from mlsec_lint.lower.reading import (
    any_of,
    blocks,
    by_default,
    given,
    maybe_absent,
    put,
    reading,
    unknown_because,
    unless_unknown,
)

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Fact
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource

_KIND = "aws_s3_bucket_lifecycle_configuration"


def lower_lifecycle(index: TerraformIndex, estate: Estate) -> None:
    """State `objects.expire` of every declared bucket."""
    for here in index.roots:
        for bucket in here.of(*BUCKETS):
            store = estate.find("store", here.address(bucket))
            if store is not None:
                put(store, "objects.expire", _expire(index, here, bucket))


def _expire(index: TerraformIndex, here: RootIndex, bucket: Resource) -> Fact:
    satellites = index.satellites(here, bucket, _KIND)
    found = [
        fact
        for owner in satellites.found
        for fact in _rules(owner, "rule", "status", "Enabled")
    ]
    found += _rules(bucket, "lifecycle_rule", "enabled", "true")
    if satellites.open:
        why = f"whether {satellites.open[0].address} is for this bucket is not known"
        found.append(unknown_because(bucket, why))
    found.append(by_default(bucket, "lifecycle", BUCKETS[0]))
    return any_of(found)


def _rules(owner: Resource, name: str, switch: str, on: str) -> list[Fact]:
    """One reading for each rule that expires objects, or may."""
    found = []
    for rule in blocks(owner.values, name):
        if rule.unknown is not None:
            found.append(reading(rule, owner, rule.unknown._replace(possible=None)))
            continue
        enabled = given(rule, switch)
        if enabled is not None and enabled.unknown is None and enabled.text() != on:
            continue
        for field in ("days", "date"):
            age = given(rule, "expiration", field)
            if age is not None and age.text() != "0":
                fact = reading(age, owner, unless_unknown(age, enabled))
                found.append(maybe_absent(owner, fact))
    return found
