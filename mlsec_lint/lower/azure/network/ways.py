"""The ways by which an Azure subnet reaches the internet, as gateways made once.

In Azure no route leads out by itself: the default route to the internet works by a NAT
gateway of the subnet, by a public address of the machine, by a load balancer's outbound
rules, or, in a subnet that is not private, by the platform's default outbound access.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate import Thing
from mlsec_lint.estate.networks import Gateway
from mlsec_lint.lower.azure.network.ranges import doubt_of, plain
from mlsec_lint.lower.azure.place import put_place
from mlsec_lint.lower.declared import thing_of
from mlsec_lint.lower.reading import by_default, given, read_bool, span_of
from mlsec_lint.lower.terraform_index import symbol_of
from mlsec_lint.lower.unsure import may_be_any
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource

NAT = "azurerm_nat_gateway"
NETWORK = "azurerm_virtual_network"
PRIVATE_ENDPOINT = "azurerm_private_endpoint"
_NAT_LINK = "azurerm_subnet_nat_gateway_association"
_PRIVATE = "default_outbound_access_enabled"


def networks_of(here: RootIndex, subnet: Resource) -> list[Resource]:
    """The virtual networks that a subnet may be part of."""
    named = given(subnet.values, "virtual_network_name") or given(
        subnet.values, "virtual_network_id"
    )
    return here.parents(named, (NETWORK,))


class WayOut(NamedTuple):
    """A way to the internet: the key of its gateway, and the line that opens it."""

    gateway: str
    span: Span
    unknown: Unknown | None = None


@dataclass(slots=True)
class Ways:
    """Makes the gateways of a root."""

    index: TerraformIndex
    here: RootIndex
    estate: Estate
    _endpoints: dict[int, list[Resource]] | None = None

    def endpoints(self, network: Resource) -> list[Resource]:
        """Private endpoints whose subnet lies in a virtual network."""
        if self._endpoints is None:
            self._endpoints = {}
            for endpoint in self.here.of(PRIVATE_ENDPOINT):
                for subnet in self.here.parents(
                    given(endpoint.values, "subnet_id"), ("azurerm_subnet",)
                ):
                    for home in networks_of(self.here, subnet):
                        self._endpoints.setdefault(id(home), []).append(endpoint)
        return self._endpoints.get(id(network), [])

    def of_subnet(self, subnet: Resource) -> list[WayOut]:
        """What leads out of a subnet where its route is the default one."""
        found = [self.public(subnet)]
        found += self._nats(subnet)
        default = self._default_access(subnet)
        return found if default is None else [*found, default]

    def public(self, subnet: Resource) -> WayOut:
        """By a public address of the machine itself."""
        address = f"{self.here.address(subnet)}/internet"
        gateway = self.gateway(address, "internet", "internet", subnet.span)
        gateway.needs_public = True
        return WayOut(address, subnet.span)

    def gateway(self, address: str, sort: str, opens: str, span: Span) -> Gateway:
        """A gateway that no resource declares, made once."""
        known = self.estate.networks.gateways
        if address not in known:
            made = Thing("gateway", address, address, span, "azure")
            thing = self.estate.add(made)
            if thing.fact("type") is None:
                thing.state("type", sort, span)
            known[address] = Gateway(thing, opens)
        return known[address]

    def declared(self, resource: Resource, sort: str, opens: str) -> Gateway:
        """A gateway that a resource declares, made once."""
        address = self.here.address(resource)
        known = self.estate.networks.gateways
        if address not in known:
            made = thing_of(self.here, resource, "gateway", "azure")
            thing = self.estate.add(made)
            thing.state("type", sort)
            put_place(self.here, thing, resource)
            known[address] = Gateway(thing, opens, unknown=doubt_of(resource))
        return known[address]

    def _nats(self, subnet: Resource) -> list[WayOut]:
        joined = self.index.satellites(self.here, subnet, _NAT_LINK, "subnet_id")
        found = [self._nat(link, None) for link in joined.found]
        for link in joined.open:
            if may_be_any(self.here, given(link.values, "subnet_id")):
                why = f"of which subnet {link.address} speaks is not known"
                found.append(self._nat(link, Unknown("resource", why, span=link.span)))
        return found

    def _nat(self, link: Resource, doubt: Unknown | None) -> WayOut:
        named = given(link.values, "nat_gateway_id")
        span = span_of(named, link) if named is not None else link.span
        gateways = self.here.parents(named, (NAT,))
        doubt = doubt_of(link) if doubt is None else doubt
        if len(gateways) == 1:
            gateway = self.declared(gateways[0], "nat", "internet")
            return WayOut(gateway.thing.address, span, doubt)
        symbol = symbol_of(named) if named is not None else None
        name = symbol.address if symbol is not None else f"{link.address}/nat"
        address = f"{self.here.prefix}{name}"
        self.gateway(address, "nat", "internet", span)
        return WayOut(address, span, doubt)

    def _default_access(self, subnet: Resource) -> WayOut | None:
        value = given(subnet.values, _PRIVATE)
        default = by_default(subnet, _PRIVATE, "azurerm_subnet")
        found = read_bool(subnet, value, default)
        if found.value is False:
            return None
        address = f"{self.here.address(subnet)}/default-outbound"
        self.gateway(address, "internet", "internet", found.span)
        doubt = plain(found.value) if isinstance(found.value, Unknown) else None
        return WayOut(address, found.span, doubt)
