"""Providers of workload identity pools by themselves, whoever is let act by their pool.

Which identity a pool's members become is often said in another repository. How much of a
CI system the provider takes in stands in its own condition.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.declared import thing_of
from mlsec_lint.lower.gcp.confidential_space import PROVIDER
from mlsec_lint.lower.gcp.grants.pools import Pools, shared

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.terraform_index import TerraformIndex


def add_open_pools(index: TerraformIndex, estate: Estate) -> None:
    """Add providers for CI systems of which the scan lets nobody become an identity.

    They hold no weights but where every identity is taken to.
    """
    pools = Pools(index)
    for here in index.roots:
        for provider in here.of(PROVIDER):
            taken = pools.provider(here, provider)
            known = estate.find("identity", f"ci:{taken.host}")
            used = known is not None and estate.edges_from(known, "becomes")
            if not taken.host or taken.cluster or not taken.width or used:
                continue
            thing = estate.add(thing_of(here, provider, "identity", "gcp"))
            thing.state("sort", "role", provider.span)
            span = taken.span or provider.span
            thing.state("trust.ci.scope", taken.width, span)
            if shared(taken.host) and taken.bound is not None:
                thing.state("trust.bound", taken.bound, span)
