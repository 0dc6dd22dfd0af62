"""Networks of this cloud: subnets, routes, gateways and filters, and what lies in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs


def lower_gcp_network(inputs: Inputs, estate: Estate) -> None:
    """Add networks and gateways, and tell where workloads lie."""
