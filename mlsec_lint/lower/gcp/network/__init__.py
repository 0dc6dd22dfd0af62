"""Networks of Google Cloud: subnets, routes, gateways, filters, and what lies in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.gcp.network.firewalls import Firewalls
from mlsec_lint.lower.gcp.network.guards import add_guards
from mlsec_lint.lower.gcp.network.places import Places
from mlsec_lint.lower.gcp.network.subnets import Subnets
from mlsec_lint.lower.terraform_index import index_of

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs


def lower_gcp_network(inputs: Inputs, estate: Estate) -> None:
    """Add networks and gateways, and tell where workloads lie."""
    index = index_of(inputs)
    for here in index.roots:
        firewalls = Firewalls(index, here)
        subnets = Subnets(estate, here, firewalls)
        subnets.read()
        Places(subnets).read()
        add_guards(firewalls, estate)
