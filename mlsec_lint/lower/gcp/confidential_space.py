"""Confidential Space: identity pools that admit attested workloads only.

A pool's provider whose condition asks for `assertion.swname == "CONFIDENTIAL_SPACE"`
gives tokens to nobody else (Google Cloud, Confidential Space, 2026-11).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.reading import given
from mlsec_lint.lower.unsure import may_be_any
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.value import Value

PROVIDER = "google_iam_workload_identity_pool_provider"
POOL = "google_iam_workload_identity_pool"


class Attested(NamedTuple):
    """Pools that only attested workloads enter: by their names and by their addresses."""

    names: frozenset[str]
    addresses: frozenset[str]
    unsure: Unknown | None = None


def attested_pools(here: RootIndex) -> Attested:
    """The pools of a root whose providers ask for Confidential Space."""
    names: set[str] = set()
    addresses: set[str] = set()
    unsure: Unknown | None = None
    for provider in here.of(PROVIDER):
        condition = given(provider.values, "attribute_condition")
        words = here.text_of(condition) if condition is not None else None
        stated = words.parts if isinstance(words, Unknown) else (words,)
        value = given(provider.values, "workload_identity_pool_id")
        if not any(isinstance(p, str) and "CONFIDENTIAL_SPACE" in p for p in stated):
            unsure = words if isinstance(words, Unknown) else unsure
            continue
        if may_be_any(here, value):
            why = f"of which pool {provider.address} is is not known"
            unsure = Unknown("resource", why, span=provider.span)
        name = here.text_of(value)
        if isinstance(name, str):
            names.add(name)
        addresses.update(pool.address for pool in here.parents(value, (POOL,)))
    return Attested(frozenset(names), frozenset(addresses), unsure)


def asks_for_attestation(
    here: RootIndex, member: Value, pools: Attested
) -> bool | Unknown:
    """Whether a member is an identity of a pool that only attested workloads enter."""
    text = here.text_of(member)
    parts = text.parts if isinstance(text, Unknown) else (text,)
    known = "".join(part for part in parts if isinstance(part, str))
    if not known.startswith(("principalSet://iam.", "principal://iam.")):
        return False
    _, found, rest = known.partition("/workloadIdentityPools/")
    if found and rest.partition("/")[0] in pools.names:
        return True
    symbols = (p.symbol for p in parts if isinstance(p, Unknown))
    if any(s is not None and s.address in pools.addresses for s in symbols):
        return True
    if pools.unsure is not None:
        return pools.unsure._replace(possible=None, parts=())
    return False
