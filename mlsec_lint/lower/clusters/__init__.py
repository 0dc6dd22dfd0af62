"""Clusters: which there are, what runs in them, and as whom the clouds know it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.clusters.accounts import (
    link_accounts,
    link_makers,
    take_back,
)
from mlsec_lint.lower.clusters.cloud_iam import link_cloud_identities
from mlsec_lint.lower.clusters.cloud_roles import Budget
from mlsec_lint.lower.clusters.credentials import state_credentials
from mlsec_lint.lower.clusters.entries import Entries
from mlsec_lint.lower.clusters.found import add_clusters
from mlsec_lint.lower.clusters.isolation import state_isolation
from mlsec_lint.lower.clusters.joins import Homes, accounts_of, link_homes
from mlsec_lint.lower.clusters.karpenter import link_node_pools
from mlsec_lint.lower.clusters.machines import state_machines
from mlsec_lint.lower.clusters.nodes import link_nodes
from mlsec_lint.lower.kubernetes.makers import Makers
from mlsec_lint.lower.kubernetes.rbac import several_clusters
from mlsec_lint.lower.terraform_index import index_of

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs


def lower_clusters(inputs: Inputs, estate: Estate) -> None:
    """Add clusters and their node groups, and join workloads and identities to them."""
    index = index_of(inputs)
    clusters = add_clusters(inputs, index, estate)
    link_nodes(index, clusters, estate)
    link_accounts(index, estate, accounts_of(inputs, estate))
    homes = Homes(inputs, index, clusters, estate)
    link_homes(inputs, homes, estate)
    link_node_pools(inputs, homes, estate)
    state_isolation(inputs, estate)
    state_machines(index, estate)
    state_credentials(inputs)
    budget = Budget()
    Entries(inputs, index, clusters, estate, budget).link()
    several = several_clusters(inputs)
    link_cloud_identities(inputs, index, clusters, estate, budget, several=several)


def settle_clusters(inputs: Inputs, estate: Estate) -> None:
    """Hold what the clouds' grants say of service accounts against where these are."""
    index = index_of(inputs)
    take_back(index, estate, accounts_of(inputs, estate))
    link_makers(index, estate, Makers(inputs, estate))
