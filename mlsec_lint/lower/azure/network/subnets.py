"""Azure subnets: their networks, security groups, route tables, peerings and doors.

A route table's routes come before those of the platform; the most specific decides.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlsec_lint.estate.addresses import EVERY_ADDRESS, Addresses, network
from mlsec_lint.estate.networks import Gateway, Route, Subnet
from mlsec_lint.estate.selectors import first
from mlsec_lint.lower.azure.network.doors import doors_of, storage_door
from mlsec_lint.lower.azure.network.firewalls import FIREWALL, firewall_filter
from mlsec_lint.lower.azure.network.peers import gateways_of, peerings_of
from mlsec_lint.lower.azure.network.ranges import (
    EVERY_V4,
    PRIVATE,
    Ranges,
    doubt_of,
    plain,
    ranges_at,
)
from mlsec_lint.lower.azure.network.services import state_resolver, state_services
from mlsec_lint.lower.azure.network.ways import networks_of
from mlsec_lint.lower.azure.place import put_place
from mlsec_lint.lower.declared import thing_of
from mlsec_lint.lower.reading import blocks, given, span_of
from mlsec_lint.lower.unsure import may_be_any
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Thing
    from mlsec_lint.estate.networks import Filter
    from mlsec_lint.lower.azure.network.groups import Groups
    from mlsec_lint.lower.azure.network.ways import WayOut, Ways
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

SUBNET = "azurerm_subnet"
TABLE = "azurerm_route_table"
_TABLE_LINK = "azurerm_subnet_route_table_association"
_GROUP_LINK = "azurerm_subnet_network_security_group_association"
_ROUTE = "azurerm_route"
#: Of equal destinations a table's route is taken before a peering's, before the rest.
_OWN, _PEERED, _PLATFORM = 0, 1, 2


@dataclass(slots=True)
class Subnets:
    """The subnets of a root, each read once."""

    ways: Ways
    groups: Groups
    networks: dict[int, Thing] = field(default_factory=dict)

    def read(self) -> None:
        """State every subnet of the root, and join it to its network and gateways."""
        for resource in self.ways.here.of(SUBNET):
            self._subnet(resource)

    def network_of(self, subnet: Resource) -> Resource | None:
        """The virtual network of a subnet, where the scan has it."""
        found = networks_of(self.ways.here, subnet)
        return found[0] if len(found) == 1 else None

    def source(self, subnet: Resource) -> Addresses:
        """The addresses of a subnet; none where they are not known."""
        found = ranges_at(
            self.ways.here, subnet.values, "address_prefixes", "address_prefix"
        )
        nothing = Ranges(Addresses())
        return (found if found.unknown is None else nothing).addresses

    def _subnet(self, resource: Resource) -> None:
        here, estate = self.ways.here, self.ways.estate
        thing = estate.add(thing_of(here, resource, "network", "azure"))
        thing.state("type", "subnet")
        home = self.network_of(resource)
        if home is not None:
            put_place(here, thing, home)
            estate.link(thing, "lies in", self._network(home), resource.span)
        subnet = Subnet(thing)
        subnet.routes = self.routes(subnet, resource, self.ways.of_subnet(resource))
        subnet.filters = self._filters(resource)
        doors = doors_of(self.ways, resource)
        doors += [door for door in subnet.doors if door not in doors]
        subnet.doors = tuple(doors)
        estate.networks.subnets[thing.address] = subnet
        self._link(subnet)

    def _network(self, resource: Resource) -> Thing:
        found = self.networks.get(id(resource))
        if found is None:
            here = self.ways.here
            made = thing_of(here, resource, "network", "azure")
            found = self.networks[id(resource)] = self.ways.estate.add(made)
            found.state("type", "network")
            put_place(here, found, resource)
            state_resolver(self.ways, resource, found)
            state_services(self.ways, resource, found)
        return found

    def _link(self, subnet: Subnet) -> None:
        estate = self.ways.estate
        for route in subnet.routes:
            gateway = estate.networks.gateways.get(route.gateway)
            if gateway is None or gateway.needs_public:
                continue
            doubt = first(route.unknown, gateway.unknown)
            estate.link(
                subnet.thing,
                "leads out by",
                gateway.thing,
                route.span,
                certain=doubt is None,
                why="" if doubt is None else doubt.why,
            )
        for door in subnet.doors:
            estate.link(subnet.thing, "leads out by", door.thing, door.span)

    def variant(self, subnet: Resource, key: str, ways: list[WayOut]) -> str:
        """The subnet with other ways to the internet, for what brings its own.

        The nodes of a cluster leave by the cluster's load balancer, other machines of
        the subnet do not.
        """
        here, estate = self.ways.here, self.ways.estate
        known = estate.networks.subnets.get(here.address(subnet))
        name = f"{here.address(subnet)}#{key}"
        if known is None:
            return ""
        if name not in estate.networks.subnets:
            made = Subnet(known.thing, filters=known.filters, open=known.open)
            every = [self.ways.public(subnet), *ways]
            made.routes = self.routes(made, subnet, every)
            made.doors = known.doors
            estate.networks.subnets[name] = made
        return name

    # -- routes --------------------------------------------------------------------

    def routes(
        self, subnet: Subnet, resource: Resource, ways: list[WayOut]
    ) -> tuple[Route, ...]:
        """The routes of a subnet, those of its table and those of the platform."""
        found = self._of_tables(subnet, resource, ways)
        home = self.network_of(resource)
        if home is not None:
            own = ranges_at(self.ways.here, home.values, "address_space")
            if own.addresses:
                found.append(Route(own.addresses, "", home.span, _PLATFORM))
            found += [
                route._replace(priority=_PEERED)
                for route in (
                    *peerings_of(self.ways, home),
                    *gateways_of(self.ways, home),
                )
            ]
        found.append(Route(PRIVATE, "", resource.span, _PLATFORM))
        found += self._out(ways, EVERY_V4, _PLATFORM, None, None)
        return tuple(found)

    def _out(
        self,
        ways: list[WayOut],
        where: Addresses,
        priority: int,
        span: Span | None,
        doubt: Unknown | None,
    ) -> list[Route]:
        """One route for each way to the internet; to nowhere where there is none."""
        return [
            Route(
                where,
                way.gateway,
                way.span if span is None else span,
                priority,
                way.unknown if doubt is None else doubt,
            )
            for way in ways
        ]

    def _of_tables(
        self, subnet: Subnet, resource: Resource, ways: list[WayOut]
    ) -> list[Route]:
        here, index = self.ways.here, self.ways.index
        joined = index.satellites(here, resource, _TABLE_LINK, "subnet_id")
        found: list[Route] = []
        for link in joined.found:
            named = given(link.values, "route_table_id")
            tables = here.parents(named, (TABLE,))
            if len(tables) != 1:
                why = "the route table of the subnet is not in the scan"
                subnet.open = Unknown("resource", why, span=link.span)
                found += self._perhaps(link, subnet.open)
                continue
            doubt = doubt_of(link)
            for route in self._table(subnet, resource, tables[0], ways):
                unsure = route.unknown if doubt is None else doubt
                found.append(route._replace(unknown=unsure))
        for link in joined.open:
            if may_be_any(here, given(link.values, "subnet_id")):
                why = f"of which subnet {link.address} speaks is not known"
                found += self._perhaps(link, Unknown("resource", why, span=link.span))
        return found

    def _perhaps(self, link: Resource, why: Unknown) -> list[Route]:
        """A route of a table that nobody sees: it may take all there is."""
        address = f"{self.ways.here.address(link)}/routes"
        gateway = self.ways.gateway(address, "other", "beyond", link.span)
        gateway.unknown = why
        return [Route(EVERY_ADDRESS, address, link.span, _OWN, why)]

    def _table(
        self,
        subnet: Subnet,
        resource: Resource,
        table: Resource,
        ways: list[WayOut],
    ) -> list[Route]:
        here, index = self.ways.here, self.ways.index
        entries = [(table, block) for block in blocks(table.values, "route")]
        joined = index.satellites(here, table, _ROUTE, "route_table_name")
        entries += [(route, route.values) for route in joined.found]
        found: list[Route] = []
        for owner, values in entries:
            found += self._route(subnet, resource, owner, values, ways)
        return found

    def _route(
        self,
        subnet: Subnet,
        resource: Resource,
        owner: Resource,
        values: Value,
        ways: list[WayOut],
    ) -> list[Route]:
        if values.unknown is not None:
            return self._perhaps(owner, plain(values.unknown))
        here = self.ways.here
        prefix, hop = given(values, "address_prefix"), given(values, "next_hop_type")
        text, kind = here.text_of(prefix), here.text_of(hop)
        span = span_of(hop if hop is not None else values, owner)
        doubt = doubt_of(owner)
        where = network(text) if isinstance(text, str) else None
        if where is None and isinstance(text, str):
            self._tagged(subnet, owner, text, kind, span)
            return []
        if where is None:
            where = EVERY_ADDRESS
            unknown = text if isinstance(text, Unknown) else None
            doubt = plain(unknown) if unknown is not None else doubt
        if isinstance(kind, Unknown):
            return [
                route._replace(where=where)
                for route in self._perhaps(owner, plain(kind))
            ]
        match (kind or "").lower():
            case "internet":
                return self._out(ways, where, _OWN, span, doubt) or [
                    Route(where, "", span, _OWN, doubt)
                ]
            case "virtualappliance":
                gateway = self._appliance(resource, owner, values)
            case "virtualnetworkgateway":
                gateway = self._beyond(owner, "vpn", "what a VPN leads to", span)
            case _:
                return [Route(where, "", span, _OWN, doubt)]
        return [Route(where, gateway, span, _OWN, doubt)]

    def _tagged(
        self,
        subnet: Subnet,
        owner: Resource,
        tag: str,
        kind: str | Unknown | None,
        span: Span,
    ) -> None:
        """A route for a service tag: past the firewall to the storage service."""
        word = tag.partition(".")[0].lower()
        if word not in ("storage", "azurecloud") or not isinstance(kind, str):
            return
        if kind.lower() == "internet":
            address = f"{self.ways.here.address(owner)}/{word}"
            door = storage_door(self.ways, address, span)
            subnet.doors = (*subnet.doors, door)

    # -- appliances ----------------------------------------------------------------

    def _appliance(self, subnet: Resource, owner: Resource, values: Value) -> str:
        """What stands at the next hop's address: a firewall of the scan, or who knows."""
        value = given(values, "next_hop_in_ip_address")
        span = span_of(value if value is not None else values, owner)
        found = self._firewalls(value)
        if len(found) != 1:
            what = "what the appliance at the next hop lets through"
            return self._beyond(owner, "firewall", what, span)
        firewall = found[0]
        source = self.source(subnet)
        here = self.ways.here
        thing = self.ways.declared(firewall, "firewall", "internet").thing
        key = f"{here.address(firewall)}#{here.address(subnet)}"
        known = self.ways.estate.networks.gateways
        if key not in known:
            one = firewall_filter(self.ways.index, here, firewall, source)
            doubt = doubt_of(firewall)
            then = (self._behind(firewall, thing),)
            known[key] = Gateway(
                thing, "nothing", then=then, filters=(one,), unknown=doubt
            )
        return key

    def _behind(self, firewall: Resource, thing: Thing) -> str:
        """Where a firewall stands: what it lets through leaves by its own address."""
        networks = self.ways.estate.networks
        key = f"{thing.address}#subnet"
        if key not in networks.subnets:
            address = f"{thing.address}/internet"
            # The rule that lets it through is what opens the internet, and is told.
            made = self.ways.gateway(address, "internet", "internet", firewall.span)
            made.silent = True
            route = Route(EVERY_V4, address, firewall.span)
            networks.subnets[key] = Subnet(thing, (route,))
        return key

    def _firewalls(self, value: Value | None) -> list[Resource]:
        here = self.ways.here
        found = here.parents(value, (FIREWALL,))
        text = here.text_of(value)
        if found or not isinstance(text, str):
            return found
        at = network(text)
        if at is None:
            return []
        return [one for one in here.of(FIREWALL) if self._stands_at(one, at)]

    def _stands_at(self, firewall: Resource, at: Addresses) -> bool:
        for block in blocks(firewall.values, "ip_configuration"):
            named = given(block, "subnet_id")
            for subnet in self.ways.here.parents(named, (SUBNET,)):
                if not at.subtract(self.source(subnet)):
                    return True
        return False

    def _beyond(self, owner: Resource, sort: str, what: str, span: Span) -> str:
        address = f"{self.ways.here.address(owner)}/{sort}"
        gateway = self.ways.gateway(address, sort, "beyond", span)
        gateway.unknown = Unknown("resource", f"{what} is not in the scan", span=span)
        return address

    # -- filters -------------------------------------------------------------------

    def _filters(self, resource: Resource) -> tuple[Filter, ...]:
        source = self.source(resource)
        return tuple(
            self.groups.filter(value, link, source)
            for value, link in self._groups_at(resource)
        )

    def groups_of(self, resource: Resource) -> list[Value]:
        """The security groups of a subnet, by the values that name them."""
        return [value for value, _ in self._groups_at(resource)]

    def _groups_at(self, resource: Resource) -> list[tuple[Value, Resource]]:
        here, index = self.ways.here, self.ways.index
        joined = index.satellites(here, resource, _GROUP_LINK, "subnet_id")
        return [
            (named, link)
            for link in joined.found
            if (named := given(link.values, "network_security_group_id")) is not None
        ]
