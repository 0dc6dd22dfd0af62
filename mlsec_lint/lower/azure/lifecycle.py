"""Whether blobs of a storage account expire: management policies that delete by age."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.azure.storage import ACCOUNT, PARENT
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

_KIND = "azurerm_storage_management_policy"
_DELETES = (
    "delete_after_days_since_modification_greater_than",
    "delete_after_days_since_creation_greater_than",
    "delete_after_days_since_last_access_time_greater_than",
)


def lower_lifecycle(index: TerraformIndex, estate: Estate) -> None:
    """State `objects.expire` of every declared storage account."""
    for here in index.roots:
        for account in here.of(ACCOUNT):
            store = estate.find("store", here.address(account))
            if store is not None:
                put(store, "objects.expire", _expire(index, here, account))


def _expire(index: TerraformIndex, here: RootIndex, account: Resource) -> Fact:
    satellites = index.satellites(here, account, _KIND, PARENT)
    found = [fact for owner in satellites.found for fact in _rules(owner)]
    if satellites.open:
        why = f"whether {satellites.open[0].address} is for this account is not known"
        found.append(unknown_because(account, why))
    found.append(by_default(account, "management_policy"))
    return any_of(found)


def _rules(owner: Resource) -> list[Fact]:
    found = []
    for rule in blocks(owner.values, "rule"):
        if rule.unknown is not None:
            found.append(reading(rule, owner, rule.unknown._replace(possible=None)))
            continue
        enabled = given(rule, "enabled")
        if enabled is not None and enabled.boolean() is False:
            continue
        for name in _DELETES:
            age = given(rule, "actions", "base_blob", name)
            if age is not None:
                fact = reading(age, owner, unless_unknown(age, enabled))
                found.append(maybe_absent(owner, fact))
    return found
