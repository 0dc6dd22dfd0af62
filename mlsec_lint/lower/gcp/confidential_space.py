"""Confidential Space: identity pools that admit attested workloads only.

A pool's provider whose condition asks for `assertion.swname == "CONFIDENTIAL_SPACE"`
gives tokens to nobody else (Google Cloud, Confidential Space, 2026-11).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.reading import given
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.value import Value

PROVIDER = "google_iam_workload_identity_pool_provider"
POOL = "google_iam_workload_identity_pool"


def asks_for_attestation(here: RootIndex, member: Value) -> bool:
    """Whether a member is an identity of a pool that only attested workloads enter."""
    text = here.text_of(member)
    parts = text.parts if isinstance(text, Unknown) else (text,)
    known = "".join(part for part in parts if isinstance(part, str))
    if not known.startswith(("principalSet://iam.", "principal://iam.")):
        return False
    for provider in here.of(PROVIDER):
        condition = given(provider.values, "attribute_condition")
        words = here.text_of(condition) if condition is not None else None
        stated = words.parts if isinstance(words, Unknown) else (words,)
        sealed = any(isinstance(p, str) and "CONFIDENTIAL_SPACE" in p for p in stated)
        if sealed and _is_of(here, provider.values, text, known):
            return True
    return False


def _is_of(
    here: RootIndex, provider: Value, text: str | Unknown | None, known: str
) -> bool:
    """Whether a member's text names the pool of a provider."""
    value = given(provider, "workload_identity_pool_id")
    name = here.text_of(value) if value is not None else None
    if isinstance(name, str) and f"/workloadIdentityPools/{name}/" in known:
        return True
    pools = {pool.address for pool in here.parents(value, (POOL,))}
    parts = text.parts if isinstance(text, Unknown) else ()
    symbols = (p.symbol for p in parts if isinstance(p, Unknown))
    return any(symbol is not None and symbol.address in pools for symbol in symbols)
