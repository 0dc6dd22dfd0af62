"""Networks of Azure: subnets, routes, gateways and filters, and what lies in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.azure.network.groups import Groups
from mlsec_lint.lower.azure.network.guards import add_guards
from mlsec_lint.lower.azure.network.places import Places, put_jobs
from mlsec_lint.lower.azure.network.subnets import Subnets
from mlsec_lint.lower.azure.network.ways import Ways
from mlsec_lint.lower.terraform_index import index_of

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs


def lower_azure_network(inputs: Inputs, estate: Estate) -> None:
    """Add networks and gateways, and tell where workloads lie."""
    index = index_of(inputs)
    for here in index.roots:
        groups = Groups(index, here)
        subnets = Subnets(Ways(index, here, estate), groups)
        subnets.read()
        Places(subnets).read()
        add_guards(groups, estate)
    put_jobs(estate)
