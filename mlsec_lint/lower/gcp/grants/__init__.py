"""Who may do what with the weight stores of this cloud, by its policies.

Allow policies at every level with their conditions, custom roles, deny policies, the
members that buckets have by default, workload identity pools and service accounts. Does
not model: principal access boundaries, access levels, Filestore (whose bytes are had by
the network), object ACLs of single objects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.gcp.grants.acls import link_lists
from mlsec_lint.lower.gcp.grants.becoming import Becoming
from mlsec_lint.lower.gcp.grants.groups import link_members
from mlsec_lint.lower.gcp.grants.open_pools import add_open_pools
from mlsec_lint.lower.gcp.grants.people import People
from mlsec_lint.lower.gcp.grants.rights import MOST, Rights
from mlsec_lint.lower.gcp.grants.sharing import state_sharing
from mlsec_lint.lower.gcp.grants.stores import Linker, weight_stores
from mlsec_lint.lower.gcp.grants.workloads import (
    link_default_accounts,
    link_workloads,
)
from mlsec_lint.lower.terraform_index import index_of
from mlsec_lint.source import Note

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs


def lower_gcp_grants(inputs: Inputs, estate: Estate) -> None:
    """Link identities to the weight stores that policies open to them."""
    index = index_of(inputs)
    link_workloads(index, estate)
    state_sharing(index, estate)
    rights = Rights(index)
    placed = list(weight_stores(index, estate, rights))
    if not placed:
        add_open_pools(index, estate)
        return
    people = People(index, inputs, estate)
    linker = Linker(people, rights)
    for one in placed:
        linker.store(one)
        link_default_accounts(people, rights, one)
        link_lists(index, people, one)
    linker.anywhere()
    link_members(index, people)
    Becoming(index, people, rights).follow(estate)
    add_open_pools(index, estate)
    estate.note(rights.recipes.notes())
    if rights.asked > MOST:
        span = placed[0].thing.span
        text = "there are too many grants for too many stores: not all were looked at"
        estate.note([Note("bound", text, span.path, span, incomplete=True)])
