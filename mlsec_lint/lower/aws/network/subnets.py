"""AWS subnets: which route table and ACL are theirs, and what their routes lead to.

A subnet without an association uses the VPC's main table; a VPC of the scan whose main
table nobody writes to has only the local route, and its default ACL lets everything
through (Amazon VPC user guide, 2026-11). What lies beyond a transit gateway or a
virtual private gateway is not followed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.estate.addresses import EVERY_ADDRESS, NO_ADDRESS, Addresses, network
from mlsec_lint.estate.networks import Gateway, Route, Subnet
from mlsec_lint.estate.selectors import first
from mlsec_lint.lower.aws.network.firewalls import FIREWALL, firewall_filter
from mlsec_lint.lower.aws.network.groups import (
    ACL,
    DEFAULT_ACL,
    Groups,
    addresses_of,
    doubt_of,
    plain,
)
from mlsec_lint.lower.aws.network.peers import account_behind
from mlsec_lint.lower.aws.network.resolvers import state_resolver
from mlsec_lint.lower.aws.place import put_place
from mlsec_lint.lower.declared import thing_of
from mlsec_lint.lower.reading import blocks, given, span_of
from mlsec_lint.lower.terraform_index import symbol_of, values_at
from mlsec_lint.lower.unsure import may_be_any
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.estate.networks import Filter
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

SUBNETS = ("aws_subnet", "aws_default_subnet")
VPCS = ("aws_vpc", "aws_default_vpc")
TABLES = ("aws_route_table", "aws_default_route_table")
_ASSOCIATION = "aws_route_table_association"
_DESTINATIONS = (
    "cidr_block",
    "ipv6_cidr_block",
    "destination_cidr_block",
    "destination_ipv6_cidr_block",
)
#: So many gateways of one subnet are told as edges.
MAX_GATEWAYS = 50
_PREFIXES = "destination_prefix_list_id"
#: Argument of a route -> (types it may refer to, the gateway's type, what it opens).
_TARGETS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "nat_gateway_id": (("aws_nat_gateway",), "nat", "internet"),
    "gateway_id": (
        ("aws_internet_gateway", "aws_vpn_gateway", "aws_vpc_endpoint"),
        "internet",
        "internet",
    ),
    "egress_only_gateway_id": (
        ("aws_egress_only_internet_gateway",),
        "internet",
        "internet",
    ),
    "transit_gateway_id": (("aws_ec2_transit_gateway",), "transit", "beyond"),
    "vpc_peering_connection_id": (
        ("aws_vpc_peering_connection", "aws_vpc_peering_connection_accepter"),
        "peering",
        "account",
    ),
    "vpc_endpoint_id": ((FIREWALL, "aws_vpc_endpoint"), "firewall", "beyond"),
    "network_interface_id": (
        ("aws_network_interface", "aws_instance"),
        "other",
        "beyond",
    ),
    "instance_id": (("aws_instance",), "other", "beyond"),
    "carrier_gateway_id": (("aws_ec2_carrier_gateway",), "internet", "internet"),
    "local_gateway_id": (("aws_ec2_local_gateway",), "other", "beyond"),
    "core_network_arn": (("aws_networkmanager_core_network",), "transit", "beyond"),
}


@dataclass(slots=True)
class Subnets:
    """The subnets of a root, with their routes and filters, each read once."""

    estate: Estate
    here: RootIndex
    groups: Groups
    vpcs: dict[int, Thing] = field(default_factory=dict)
    tables: dict[int, tuple[Route, ...]] = field(default_factory=dict)
    tables_of: dict[int, list[Resource]] = field(default_factory=dict)
    mains: dict[int, list[Resource]] | None = None

    def read(self) -> None:
        """State every subnet of the root, and join it to its VPC and gateways."""
        for resource in self.here.of(*SUBNETS):
            self._subnet(resource)

    def vpc(self, resource: Resource) -> Thing:
        """The network of a VPC."""
        found = self.vpcs.get(id(resource))
        if found is None:
            made = thing_of(self.here, resource, "network", "aws")
            found = self.vpcs[id(resource)] = self.estate.add(made)
            found.state("type", "network")
            put_place(self.here, found, resource)
            state_resolver(self.groups.index, self.here, resource, found)
        return found

    def vpc_of(self, resource: Resource) -> Resource | None:
        """The VPC that a subnet, endpoint or group names, where the scan has it."""
        if resource.type == "aws_default_subnet":
            found = list(self.here.of("aws_default_vpc"))
        else:
            found = self.here.parents(given(resource.values, "vpc_id"), VPCS)
        return found[0] if len(found) == 1 else None

    def _subnet(self, resource: Resource) -> None:
        thing = self.estate.add(thing_of(self.here, resource, "network", "aws"))
        thing.state("type", "subnet")
        put_place(self.here, thing, resource)
        vpc = self.vpc_of(resource)
        if vpc is not None:
            self.estate.link(thing, "lies in", self.vpc(vpc), resource.span)
        subnet = Subnet(thing)
        tables, subnet.open = self._tables(resource, vpc)
        if tables:
            subnet.routes = self.routes(tables[0])
        elif vpc is not None and subnet.open is None:
            subnet.routes = self._of_main(vpc)
        subnet.filters = self._acls(resource, vpc)
        self.estate.networks.subnets[thing.address] = subnet
        self.tables_of[id(resource)] = tables
        first_by = {route.gateway: route for route in reversed(subnet.routes)}
        for route in list(first_by.values())[:MAX_GATEWAYS]:
            gateway = self.estate.networks.gateways.get(route.gateway)
            if gateway is not None:
                doubt = first(route.unknown, gateway.unknown)
                self.estate.link(
                    thing,
                    "leads out by",
                    gateway.thing,
                    route.span,
                    certain=doubt is None,
                    why="" if doubt is None else doubt.why,
                )

    # -- route tables --------------------------------------------------------------

    def _tables(
        self, subnet: Resource, vpc: Resource | None
    ) -> tuple[list[Resource], Unknown | None]:
        """The route table of a subnet; why another may be its, where that is so."""
        index = self.groups.index
        joined = index.satellites(self.here, subnet, _ASSOCIATION, "subnet_id")
        for association in joined.found:
            named = given(association.values, "route_table_id")
            found = self.here.parents(named, TABLES)
            if len(found) == 1:
                return found, None
            span = association.span
            why = Unknown(
                "resource",
                "the route table of the subnet is not in the scan",
                span=span,
            )
            return found, why
        unsure = [
            one
            for one in joined.open
            if may_be_any(self.here, given(one.values, "subnet_id"))
            and self._same_module(one, subnet)
        ]
        if unsure:
            text = f"of which subnet {unsure[0].address} speaks is not known"
            return [], Unknown("resource", text, span=unsure[0].span)
        if vpc is None:
            text = f"the VPC of {subnet.address}, with its main route table, is not in the scan"
            return [], Unknown("resource", text, span=subnet.span)
        return self._main_tables(vpc)

    def _same_module(self, one: Resource, other: Resource) -> bool:
        return one.module == other.module

    def _main_tables(self, vpc: Resource) -> tuple[list[Resource], Unknown | None]:
        index = self.groups.index
        kind = "aws_main_route_table_association"
        for association in index.satellites(self.here, vpc, kind, "vpc_id").found:
            named = given(association.values, "route_table_id")
            found = self.here.parents(named, TABLES)
            if len(found) == 1:
                return found, None
            text = "the main route table is not in the scan"
            return [], Unknown("resource", text, span=association.span)
        kind, name = "aws_default_route_table", "default_route_table_id"
        found = list(index.satellites(self.here, vpc, kind, name).found)
        if vpc.type == "aws_default_vpc" and not found:
            return [], None
        return found[:1], None

    def _of_main(self, vpc: Resource) -> tuple[Route, ...]:
        """Routes that are put into the main table of a VPC by its id.

        The account's default VPC has an internet gateway (Amazon VPC user guide).
        """
        found = self.tables.get(id(vpc))
        if found is not None:
            return found
        routes = [
            made
            for route in self._into_main().get(id(vpc), ())
            for made in self._route(route, route.values)
        ]
        if vpc.type == "aws_default_vpc":
            gateway = self._gateway_thing(
                f"{self.here.address(vpc)}/internet-gateway", "internet", vpc.span
            )
            known = self.estate.networks.gateways
            known.setdefault(
                gateway.address, Gateway(gateway, "internet", needs_public=True)
            )
            everywhere = network("0.0.0.0/0")
            assert everywhere is not None
            routes.append(Route(everywhere, gateway.address, vpc.span))
        self.tables[id(vpc)] = tuple(routes)
        return self.tables[id(vpc)]

    def _into_main(self) -> dict[int, list[Resource]]:
        """Routes that name a VPC in place of its main table, by the VPC."""
        if self.mains is None:
            self.mains = {}
            for route in self.here.of("aws_route"):
                named = given(route.values, "route_table_id")
                for vpc in self.here.parents(named, VPCS):
                    self.mains.setdefault(id(vpc), []).append(route)
        return self.mains

    def routes(self, table: Resource) -> tuple[Route, ...]:
        """The routes of a table: inline ones and those of their own."""
        found = self.tables.get(id(table))
        if found is None:
            made: list[Route] = []
            for block in blocks(table.values, "route"):
                made += self._route(table, block)
            satellites = self.groups.index.satellites(
                self.here, table, "aws_route", "route_table_id"
            )
            for route in satellites.found:
                made += self._route(route, route.values)
            for route in satellites.open:
                if may_be_any(self.here, given(route.values, "route_table_id")):
                    why = Unknown(
                        "resource",
                        f"of which route table {route.address} speaks is not known",
                        span=route.span,
                    )
                    made += [
                        one._replace(unknown=first(one.unknown, why))
                        for one in self._route(route, route.values)
                    ]
            made += self._propagated(table)
            found = self.tables[id(table)] = tuple(made)
        return found

    def _propagated(self, table: Resource) -> Iterator[Route]:
        """Routes that a virtual private gateway tells the table: any network's."""
        listed = values_at(table.values, "propagating_vgws")
        joined = self.groups.index.satellites(
            self.here, table, "aws_vpn_gateway_route_propagation", "route_table_id"
        ).found
        pairs = [(v, table) for v in listed]
        pairs += [
            (v, one)
            for one in joined
            if (v := given(one.values, "vpn_gateway_id")) is not None
        ]
        for value, owner in pairs:
            span = span_of(value, owner)
            why = Unknown("data", "which routes a VPN gateway tells is not known")
            name = self._gateway(value, owner, ("aws_vpn_gateway",), "vpn", "beyond")
            yield Route(EVERY_ADDRESS, name, span, unknown=why)

    def _route(self, owner: Resource, values: Value) -> Iterator[Route]:
        if values.unknown is not None:
            why = plain(values.unknown)
            thing = self._gateway_thing(
                f"{self.here.address(owner)}/route", "other", span_of(values, owner)
            )
            self.estate.networks.gateways.setdefault(
                thing.address, Gateway(thing, "beyond", unknown=why)
            )
            yield Route(
                EVERY_ADDRESS, thing.address, span_of(values, owner), unknown=why
            )
            return
        span, where, doubt = self._destination(owner, values)
        doubt = first(doubt, doubt_of(owner))
        for argument, (types, sort, opens) in _TARGETS.items():
            value = given(values, argument)
            if value is None or value.data == "":
                continue
            text = self.here.text_of(value)
            if text == "local":
                continue
            name = self._gateway(value, owner, types, sort, opens)
            yield Route(where, name, span, unknown=doubt, trail=value.trail)

    def _destination(
        self, owner: Resource, values: Value
    ) -> tuple[Span, Addresses, Unknown | None]:
        for name in _DESTINATIONS:
            value = given(values, name)
            if value is not None and value.data != "":
                where, doubt = addresses_of(self.here, value)
                return span_of(value, owner), where, doubt
        prefixes = given(values, _PREFIXES)
        if prefixes is not None:
            together = NO_ADDRESS
            for one in self.here.parents(prefixes, ("aws_ec2_managed_prefix_list",)):
                for entry in blocks(one.values, "entry"):
                    where, doubt = addresses_of(self.here, given(entry, "cidr"))
                    if doubt is not None:
                        return span_of(prefixes, owner), EVERY_ADDRESS, doubt
                    together = together.union(where)
            if together:
                return span_of(prefixes, owner), together, None
        why = Unknown("resource", "the destination of the route is not in the scan")
        return owner.span, EVERY_ADDRESS, why

    # -- gateways ------------------------------------------------------------------

    def _gateway_thing(self, address: str, sort: str, span: Span) -> Thing:
        thing = Thing("gateway", address, address, span, "aws", self.here.root.path)
        thing = self.estate.add(thing)
        if thing.fact("type") is None:
            thing.state("type", sort)
        return thing

    def _gateway(
        self,
        value: Value,
        owner: Resource,
        types: tuple[str, ...],
        sort: str,
        opens: str,
    ) -> str:
        """The key of the gateway that a route names, made where it is not there."""
        found = self.here.parents(value, types)
        known = self.estate.networks.gateways
        if len(found) == 1:
            resource = found[0]
            address = self.here.address(resource)
            if address not in known:
                known[address] = self._declared(resource, sort, opens)
            return address
        return self._undeclared(value, owner, sort, opens)

    def _declared(self, resource: Resource, sort: str, opens: str) -> Gateway:
        sort, opens = _BY_TYPE.get(resource.type, (sort, opens))
        thing = self.estate.add(thing_of(self.here, resource, "gateway", "aws"))
        thing.state("type", sort)
        put_place(self.here, thing, resource)
        gateway = Gateway(thing, opens, unknown=doubt_of(resource))
        gateway.needs_public = resource.type == "aws_internet_gateway"
        match resource.type:
            case "aws_nat_gateway":
                self._nat(gateway, resource)
            case "aws_networkfirewall_firewall":
                gateway.filters = firewall_filter(self.here, resource)
                gateway.then = self._subnets_of(resource)
            case "aws_vpc_endpoint":
                why = "what stands behind the load balancer's endpoint is not known"
                gateway.unknown = Unknown("data", why, span=resource.span)
            case _:
                account, doubt = account_behind(self.groups.index, self.here, resource)
                gateway.account = account
                gateway.unknown = first(gateway.unknown, doubt)
        return gateway

    def _nat(self, gateway: Gateway, resource: Resource) -> None:
        """A private NAT gateway leads only where its own subnet's routes lead."""
        kind = given(resource.values, "connectivity_type")
        text = self.here.text_of(kind) if kind is not None else "public"
        if isinstance(text, Unknown):
            gateway.unknown = first(gateway.unknown, plain(text))
        elif text == "private":
            gateway.opens = "nothing"
            named = self.here.parents(given(resource.values, "subnet_id"), SUBNETS)
            gateway.then = tuple(self.here.address(one) for one in named)

    def _subnets_of(self, firewall: Resource) -> tuple[str, ...]:
        found = []
        for mapping in blocks(firewall.values, "subnet_mapping"):
            named = self.here.parents(given(mapping, "subnet_id"), SUBNETS)
            found += [self.here.address(one) for one in named]
        return tuple(dict.fromkeys(found))

    def _undeclared(self, value: Value, owner: Resource, sort: str, opens: str) -> str:
        """A gateway of which the scan holds the name alone."""
        span = span_of(value, owner)
        symbol, text = symbol_of(value), self.here.text_of(value)
        name = text if isinstance(text, str) else ""
        if not name and symbol is not None:
            name = symbol.address
        if not name:
            name = f"{owner.address}/gateway"
        if name.startswith("vgw-"):
            sort, opens = "vpn", "beyond"
        elif name.startswith("tgw-"):
            sort, opens = "transit", "beyond"
        thing = self._gateway_thing(self.here.prefix + name, sort, span)
        known = self.estate.networks.gateways
        if thing.address not in known:
            gateway = Gateway(thing, opens, needs_public=False)
            if opens != "internet" or sort != "nat":
                gateway.unknown = Unknown(
                    "resource",
                    f"{name} is not in the scan, nor what lies behind it",
                    name if "." in name else "",
                    span=span,
                )
            if opens == "account":
                assert gateway.unknown is not None
                gateway.account = gateway.unknown
            known[thing.address] = gateway
        return thing.address

    # -- ACLs ----------------------------------------------------------------------

    def _acls(self, subnet: Resource, vpc: Resource | None) -> tuple[Filter, ...]:
        """The network ACL of a subnet; () where it lets everything through."""
        index = self.groups.index
        found = list(index.satellites(self.here, subnet, ACL, "subnet_ids").found)
        kind = "aws_network_acl_association"
        for one in index.satellites(self.here, subnet, kind, "subnet_id").found:
            found += self.here.parents(given(one.values, "network_acl_id"), (ACL,))
        if not found and vpc is not None:
            name = "default_network_acl_id"
            found = list(index.satellites(self.here, vpc, DEFAULT_ACL, name).found)
        return tuple(self.groups.acl(one) for one in found[:1])


#: Type of a resource -> (the gateway's type, what it opens), where the argument of the
#: route does not say it.
_BY_TYPE = {
    "aws_vpn_gateway": ("vpn", "beyond"),
    "aws_vpc_endpoint": ("other", "beyond"),
    FIREWALL: ("firewall", "nothing"),
}
