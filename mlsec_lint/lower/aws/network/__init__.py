"""Networks of AWS: subnets, routes, gateways and filters, and what lies in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.aws.network.endpoints import add_doors
from mlsec_lint.lower.aws.network.groups import Groups
from mlsec_lint.lower.aws.network.guards import add_guards
from mlsec_lint.lower.aws.network.places import Places
from mlsec_lint.lower.aws.network.subnets import Subnets
from mlsec_lint.lower.terraform_index import index_of

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs


def lower_aws_network(inputs: Inputs, estate: Estate) -> None:
    """Add networks and gateways, and tell where workloads lie."""
    index = index_of(inputs)
    every = [Subnets(estate, here, Groups(index, here)) for here in index.roots]
    for subnets in every:
        subnets.read()
        add_doors(subnets)
    for subnets in every:  # what lies in a subnet may be of another root
        Places(subnets).read()
        add_guards(subnets)
