"""Whether objects of a Cloud Storage bucket expire: lifecycle rules that delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.gcp.storage import BUCKET
from mlsec_lint.lower.reading import (
    any_of,
    blocks,
    by_default,
    given,
    put,
    reading,
    unless_unknown,
)

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Fact
    from mlsec_lint.lower.terraform_index import TerraformIndex
    from mlsec_lint.terraform.resource import Resource

#: Conditions by which age alone deletes live objects.
_BY_AGE = ("age", "created_before", "days_since_custom_time")


def lower_lifecycle(index: TerraformIndex, estate: Estate) -> None:
    """State `objects.expire` of every declared bucket."""
    for here in index.roots:
        for bucket in here.of(BUCKET):
            store = estate.find("store", here.address(bucket))
            if store is not None:
                found = [*_rules(bucket), by_default(bucket, "lifecycle")]
                put(store, "objects.expire", any_of(found))


def _rules(bucket: Resource) -> list[Fact]:
    found = []
    for rule in blocks(bucket.values, "lifecycle_rule"):
        if rule.unknown is not None:
            found.append(reading(rule, bucket, rule.unknown._replace(possible=None)))
            continue
        kind = given(rule, "action", "type")
        if kind is None or (kind.data != "Delete" and kind.unknown is None):
            continue
        for name in _BY_AGE:
            age = given(rule, "condition", name)
            if age is not None:
                found.append(reading(age, bucket, unless_unknown(kind, age)))
    return found
