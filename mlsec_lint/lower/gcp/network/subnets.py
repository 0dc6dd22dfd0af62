"""Google Cloud subnets: routes, Cloud NAT, Private Google Access, peerings.

A network has a route of every address to the internet unless it was made without
(`delete_default_routes_on_create`); the internet gateway serves machines with an
external address, Cloud NAT those without in the subnets it names (Cloud VPC, "Routes",
2026-11). Does not model: routes that VPN and Interconnect routers learn.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.estate.addresses import EVERY_ADDRESS, Addresses, network
from mlsec_lint.estate.networks import Door, Gateway, Route, Subnet
from mlsec_lint.estate.selectors import first
from mlsec_lint.lower.declared import thing_of
from mlsec_lint.lower.gcp.audit import project_of
from mlsec_lint.lower.gcp.network.firewalls import Firewalls, plain
from mlsec_lint.lower.gcp.network.perimeters import Kept, kept_inside
from mlsec_lint.lower.gcp.network.resolvers import state_resolver
from mlsec_lint.lower.gcp.place import put_place
from mlsec_lint.lower.reading import blocks, given, span_of
from mlsec_lint.lower.terraform_index import values_at
from mlsec_lint.lower.unsure import may_be_any
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

NETWORK = "google_compute_network"
SUBNET = "google_compute_subnetwork"
_NAT = "google_compute_router_nat"
_ROUTER = "google_compute_router"
_ROUTE = "google_compute_route"
_PEERING = "google_compute_network_peering"
_FORWARDING = "google_compute_global_forwarding_rule"
_INTERNET = "default-internet-gateway"
_DEFAULT_PRIORITY = 1000
#: Modules that make routers and NAT gateways beside what the scan reads.
_NAT_MODULES = ("cloud-nat", "cloud-router", "cloud_nat", "cloud_router")


def _range(*texts: str) -> Addresses:
    found = Addresses()
    for text in texts:
        more = network(text)
        assert more is not None
        found = found.union(more)
    return found


_EVERYWHERE = _range("0.0.0.0/0")
_PRIVATE = _range("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
#: restricted.googleapis.com and private.googleapis.com (Private Google Access, 2026-11).
_GOOGLE = _range("199.36.153.4/30", "199.36.153.8/30")


@dataclass(slots=True)
class Subnets:
    """The subnets of a root, with their routes and doors, each read once."""

    estate: Estate
    here: RootIndex
    firewalls: Firewalls
    networks: dict[int, Thing] = field(default_factory=dict)
    loose: list[Resource] | None = None
    kept: dict[int, Kept] = field(default_factory=dict)

    def read(self) -> None:
        """State every subnet of the root."""
        for resource in self.here.of(SUBNET):
            self._add(resource, self.network_of(resource))

    def network(self, resource: Resource) -> Thing:
        """The network thing of a resource."""
        found = self.networks.get(id(resource))
        if found is None:
            made = thing_of(self.here, resource, "network", "gcp")
            found = self.networks[id(resource)] = self.estate.add(made)
            found.state("type", "network")
            state_resolver(self.firewalls.index, self.here, resource, found)
        return found

    def network_of(self, resource: Resource) -> Resource | None:
        """The network that a resource names, where the scan has it."""
        found = self.here.parents(given(resource.values, "network"), (NETWORK,))
        return found[0] if len(found) == 1 else None

    def whole(self, net: Resource) -> str:
        """The key of a subnet that stands for any of a network."""
        address = self.here.address(net)
        if address not in self.estate.networks.subnets:
            thing = self.network(net)
            subnet = self.estate.networks.subnets[address] = Subnet(thing)
            self._fill(subnet, net, None)
        return address

    def _add(self, resource: Resource, net: Resource | None) -> None:
        thing = self.estate.add(thing_of(self.here, resource, "network", "gcp"))
        thing.state("type", "subnet")
        put_place(self.here, thing, resource)
        subnet = self.estate.networks.subnets[thing.address] = Subnet(thing)
        if net is None:
            why = f"the network of {resource.address} is not in the scan"
            subnet.open = Unknown("resource", why, span=resource.span)
            return
        self.estate.link(thing, "lies in", self.network(net), resource.span)
        self._fill(subnet, net, resource)

    def _fill(self, subnet: Subnet, net: Resource, resource: Resource | None) -> None:
        subnet.routes = tuple(self._routes(net, resource))
        subnet.doors = tuple(self._doors(net, resource))
        modules = [
            call
            for call in self.here.root.unread_modules
            if any(name in call.source for name in _NAT_MODULES)
        ]
        if modules:
            why = f"whether module {modules[0].address} gives it Cloud NAT is not known"
            subnet.open = Unknown("module", why, modules[0].address)
        known = self.estate.networks.gateways
        things = [
            (known[route.gateway].thing, route.span, route.unknown)
            for route in subnet.routes
            if route.gateway in known
        ]
        things += [(door.thing, door.span, door.unknown) for door in subnet.doors]
        for gateway, span, doubt in things:
            self.estate.link(
                subnet.thing,
                "leads out by",
                gateway,
                span,
                certain=doubt is None,
                why="" if doubt is None else doubt.why,
            )

    # -- routes --------------------------------------------------------------------

    def _routes(self, net: Resource, subnet: Resource | None) -> Iterator[Route]:
        nats = list(self._nats(net, subnet))
        default, doubt, span = self._default_route(net)
        if default:
            yield from self._to_internet(
                net, nats, _EVERYWHERE, _DEFAULT_PRIORITY, span, doubt
            )
        joined = self.firewalls.index.satellites(self.here, net, _ROUTE, "network")
        for route in joined.found:
            yield from self._route(net, route, nats)
        joined = self.firewalls.index.satellites(self.here, net, _PEERING, "network")
        for peering in joined.found:
            yield self._peering(peering)

    def _default_route(self, net: Resource) -> tuple[bool, Unknown | None, Span]:
        value = given(net.values, "delete_default_routes_on_create")
        if value is None:
            return True, None, net.span
        truth = value.boolean()
        if isinstance(truth, Unknown):
            return True, plain(truth), span_of(value, net)
        return truth is not True, None, span_of(value, net)

    def _to_internet(
        self,
        net: Resource,
        nats: list[tuple[str, Span, Unknown | None]],
        where: Addresses,
        priority: int,
        span: Span,
        doubt: Unknown | None,
    ) -> Iterator[Route]:
        """A route to the internet gateway: by an own address, or by Cloud NAT."""
        address = f"{self.here.address(net)}/{_INTERNET}"
        thing = self._thing(address, "internet", net.span)
        self.estate.networks.gateways.setdefault(
            address, Gateway(thing, "internet", needs_public=True)
        )
        yield Route(where, address, span, priority, doubt)
        for nat, at, unsure in nats:
            yield Route(where, nat, at, priority, first(doubt, unsure))

    def _route(
        self,
        net: Resource,
        route: Resource,
        nats: list[tuple[str, Span, Unknown | None]],
    ) -> Iterator[Route]:
        here = self.here
        value = given(route.values, "dest_range")
        text = here.text_of(value)
        where = network(text) if isinstance(text, str) else None
        doubt = plain(text) if isinstance(text, Unknown) else None
        if route.repeat_unknown:
            why = f"whether {route.address} exists is not known"
            doubt = first(doubt, Unknown("variable", why, span=route.span))
        if values_at(route.values, "tags"):
            why = f"{route.address} is for machines with its tags alone"
            doubt = first(doubt, Unknown("unsupported", why, span=route.span))
        priority = given(route.values, "priority")
        number = priority.integer() if priority is not None else None
        order = number if isinstance(number, int) else _DEFAULT_PRIORITY
        places = EVERY_ADDRESS if where is None else where
        gateway = given(route.values, "next_hop_gateway")
        if gateway is not None:
            named = here.text_of(gateway)
            span = span_of(gateway, route)
            if isinstance(named, Unknown):
                doubt = first(doubt, plain(named))
            yield from self._to_internet(net, nats, places, order, span, doubt)
            return
        thing = self._thing(here.address(route), "other", route.span)
        why = f"what the next hop of {route.address} does is not known"
        self.estate.networks.gateways.setdefault(
            thing.address, Gateway(thing, "beyond", unknown=Unknown("unsupported", why))
        )
        yield Route(places, thing.address, route.span, order, doubt)

    def _thing(self, address: str, sort: str, span: Span) -> Thing:
        thing = Thing("gateway", address, address, span, "gcp", self.here.root.path)
        thing = self.estate.add(thing)
        if thing.fact("type") is None:
            thing.state("type", sort)
        return thing

    def _nats(
        self, net: Resource, subnet: Resource | None
    ) -> Iterator[tuple[str, Span, Unknown | None]]:
        """Cloud NAT gateways that serve a subnet, with the line and the doubt."""
        here, index = self.here, self.firewalls.index
        for router in index.satellites(here, net, _ROUTER, "network").found:
            for nat in index.satellites(here, router, _NAT, "router").found:
                found = self._serves(nat, router, subnet)
                if found is not None:
                    yield found
        for nat in self._loose():
            thing = self._thing(here.address(nat), "nat", nat.span)
            self.estate.networks.gateways.setdefault(
                thing.address, Gateway(thing, "internet")
            )
            why = f"which router {nat.address} is of is not known"
            yield thing.address, nat.span, Unknown("resource", why, span=nat.span)

    def _loose(self) -> list[Resource]:
        """Cloud NAT gateways of which nobody can tell the router; a few."""
        if self.loose is None:
            self.loose = []
            for nat in self.here.of(_NAT):
                value = given(nat.values, "router")
                found = self.here.parents(value, (_ROUTER,))
                if not found and may_be_any(self.here, value):
                    self.loose.append(nat)
        return self.loose[:10]

    def _serves(
        self, nat: Resource, router: Resource, subnet: Resource | None
    ) -> tuple[str, Span, Unknown | None] | None:
        here = self.here
        doubt: Unknown | None = None
        if nat.repeat_unknown or router.repeat_unknown:
            why = f"whether {nat.address} exists is not known"
            doubt = Unknown("variable", why, span=nat.span)
        sort = here.text_of(given(nat.values, "type"))
        if sort == "PRIVATE":
            return None
        if subnet is not None:
            own, its = (
                here.text_of(given(one.values, "region")) for one in (subnet, router)
            )
            if isinstance(own, str) and isinstance(its, str) and own != its:
                return None
        value = given(nat.values, "source_subnetwork_ip_ranges_to_nat")
        text = here.text_of(value)
        span = span_of(value, nat) if value is not None else nat.span
        if isinstance(text, Unknown):
            doubt = first(doubt, plain(text))
        elif text == "LIST_OF_SUBNETWORKS":
            listed = blocks(nat.values, "subnetwork")
            names = [given(block, "name") for block in listed]
            found = [p for name in names for p in here.parents(name, (SUBNET,))]
            if subnet is not None and all(p is not subnet for p in found):
                if not any(may_be_any(here, name) for name in names):
                    return None
                why = f"which subnets {nat.address} serves is not known"
                doubt = first(doubt, Unknown("resource", why, span=span))
        thing = self.estate.add(thing_of(here, nat, "gateway", "gcp"))
        thing.state("type", "nat")
        self.estate.networks.gateways.setdefault(
            thing.address, Gateway(thing, "internet")
        )
        return thing.address, span, doubt

    def _peering(self, peering: Resource) -> Route:
        """A peering: to a network of the scan, or to the project that its name tells."""
        here = self.here
        thing = self.estate.add(thing_of(here, peering, "gateway", "gcp"))
        thing.state("type", "peering")
        gateway = Gateway(thing, "account")
        value = given(peering.values, "peer_network")
        span = span_of(value, peering) if value is not None else peering.span
        text = here.text_of(value)
        if value is not None and not here.parents(value, (NETWORK,)):
            if isinstance(text, str):
                named = _project_in(text)
                gateway.account = "" if named in self._own() else named
            elif isinstance(text, Unknown):
                gateway.account = plain(text)
        self.estate.networks.gateways.setdefault(thing.address, gateway)
        return Route(_PRIVATE, thing.address, span, _DEFAULT_PRIORITY)

    def _own(self) -> set[str]:
        """The projects that the root's own networks lie in."""
        return {project_of(self.here, one) for one in self.here.of(NETWORK, _PEERING)}

    # -- doors ---------------------------------------------------------------------

    def _doors(self, net: Resource, subnet: Resource | None) -> Iterator[Door]:
        value = given(subnet.values, "private_ip_google_access") if subnet else None
        if subnet is not None:
            self._private(net, subnet, value)
        if subnet is not None and value is not None:
            truth = value.boolean()
            if truth is not False and truth is not None:
                doubt = plain(truth) if isinstance(truth, Unknown) else None
                address = f"{self.here.address(subnet)}/private-google-access"
                yield self._door(net, address, span_of(value, subnet), doubt)
        joined = self.firewalls.index.satellites(self.here, net, _FORWARDING, "network")
        for rule in joined.found:
            target = self.here.text_of(given(rule.values, "target"))
            if target in ("all-apis", "vpc-sc"):
                door = self._door(net, self.here.address(rule), rule.span, None)
                door.where = _PRIVATE
                yield door

    def _private(self, net: Resource, subnet: Resource, value: Value | None) -> None:
        """State whether Google's services answer at private addresses in a subnet."""
        thing = self.network(net)
        fact = "services.private"
        if value is None:
            thing.also(fact, value=False, span=subnet.span)
            return
        truth = value.boolean()
        known = plain(truth) if isinstance(truth, Unknown) else truth is True
        thing.also(fact, known, span_of(value, subnet))

    def _door(
        self, net: Resource, address: str, span: Span, doubt: Unknown | None
    ) -> Door:
        thing = self._thing(address, "storage", span)
        kept = self.kept.get(id(net))
        if kept is None:
            kept = kept_inside(self.firewalls.index, self.here, net)
            self.kept[id(net)] = kept
        at = span if kept.truth is False else kept.span
        thing.state("stores.limited", kept.truth, at)
        return Door(thing, "gcp", kept.truth, at, _GOOGLE, public=True, unknown=doubt)


def _project_in(link: str) -> str:
    """The project that a network's self link names, or the link itself."""
    parts = link.split("/")
    if "projects" in parts[:-1]:
        return parts[parts.index("projects") + 1]
    return link
