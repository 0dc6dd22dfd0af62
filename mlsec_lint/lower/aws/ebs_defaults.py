"""Amazon EBS: what an account's default does to disks that say nothing themselves.

The default is one per account and region (Amazon EBS user guide, encryption by default,
2026-11). A scan that does not hold it cannot tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.aws.keys import put_key
from mlsec_lint.lower.reading import (
    any_of,
    by_default,
    given,
    maybe_absent,
    put,
    read_bool,
    span_of,
    unknown_because,
)
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Fact, Thing
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

DEFAULT = "aws_ebs_encryption_by_default"
KEY = "aws_ebs_default_kms_key"
_FACT = "encryption.key.managed_by"


def by_account(
    here: RootIndex, estate: Estate, store: Thing, owner: Resource, values: Value
) -> None:
    """State the key of a disk without an argument of its own about encryption."""
    readings = [_switch(d) for d in here.of(DEFAULT) if _same_region(d, owner)]
    on = any_of(readings) if readings else None
    if on is not None and on.value is True:
        _default_key(here, estate, store, owner, on)
        return
    from_snapshot = given(values, "snapshot_id")
    if on is not None and on.value is False and from_snapshot is None:
        put(store, _FACT, on._replace(value="none"))
        return
    if on is not None and isinstance(on.value, Unknown):
        put(store, _FACT, on._replace(value=on.value._replace(possible=None)))
        return
    why = "the account's default for EBS encryption in this region decides"
    if from_snapshot is not None:
        why = "the snapshot that it is made from decides"
    unsure = unknown_because(owner, why, DEFAULT)
    span = store.span if from_snapshot is None else span_of(from_snapshot, owner)
    put(store, _FACT, unsure._replace(span=span))


def _switch(default: Resource) -> Fact:
    enabled = given(default.values, "enabled")
    found = read_bool(default, enabled, by_default(default, "enabled"))
    return maybe_absent(default, found)


def _default_key(
    here: RootIndex, estate: Estate, store: Thing, owner: Resource, on: Fact
) -> None:
    """The account's default key where one is set, else the key `aws/ebs`."""
    for setting in here.of(KEY):
        key = given(setting.values, "key_arn")
        if key is not None and _same_region(setting, owner):
            put_key(here, estate, store, setting, key)
            put(store, _FACT, maybe_absent(setting, store.facts[_FACT]))
            return
    put(store, _FACT, on._replace(value="provider"))


def _same_region(one: Resource, other: Resource) -> bool:
    """Whether two resources are made by one provider configuration, in one region."""
    regions = [given(r.values, "region") for r in (one, other)]
    texts = [r.data if r is not None else None for r in regions]
    return one.provider.alias == other.provider.alias and (
        texts[0] is None or texts[1] is None or bool(texts[0] == texts[1])
    )
