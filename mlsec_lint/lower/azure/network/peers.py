"""Where Azure virtual networks lead but to the internet: peerings, VPNs, virtual hubs.

A hub that secures a connection announces the default route, which then comes before the
platform's own (learn.microsoft.com, "Virtual WAN: internet security", read 2026-11).
What lies behind gateways and hubs is not followed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.networks import Route
from mlsec_lint.lower.azure.network.ranges import (
    EVERY_V4,
    PRIVATE,
    doubt_of,
    plain,
    ranges_at,
)
from mlsec_lint.lower.azure.network.ways import networks_of
from mlsec_lint.lower.reading import blocks, given, span_of
from mlsec_lint.lower.terraform_index import symbol_of
from mlsec_lint.lower.unsure import may_be_any
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.lower.azure.network.ways import Ways
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource

PEERING = "azurerm_virtual_network_peering"
_NETWORK = "azurerm_virtual_network"
_VPN = "azurerm_virtual_network_gateway"
_HUB = "azurerm_virtual_hub_connection"


def peerings_of(ways: Ways, home: Resource) -> Iterator[Route]:
    """A route to each network that a virtual network is peered with."""
    here = ways.here
    for peering, doubt in _of(ways, home):
        remote = given(peering.values, "remote_virtual_network_id")
        if remote is None:
            continue
        gateway = ways.declared(peering, "peering", "account")
        span = span_of(remote, peering)
        found = here.parents(remote, (_NETWORK,))
        where = PRIVATE
        if len(found) == 1:
            known = ranges_at(here, found[0].values, "address_space")
            where = known.addresses or PRIVATE
        else:
            gateway.account = _account(ways, peering)
            if gateway.account != "":
                gateway.thing.state("account", gateway.account, span)
        unknown = doubt_of(peering) if doubt is None else doubt
        yield Route(where, gateway.thing.address, span, unknown=unknown)


def gateways_of(ways: Ways, home: Resource) -> Iterator[Route]:
    """Routes to what lies behind the VPN gateways and hubs of a network."""
    here = ways.here
    for gateway in here.of(_VPN):
        for block in blocks(gateway.values, "ip_configuration"):
            named = given(block, "subnet_id")
            for subnet in here.parents(named, ("azurerm_subnet",)):
                if named is not None and any(
                    one is home for one in networks_of(here, subnet)
                ):
                    yield _beyond(ways, gateway, "vpn", span_of(named, gateway))
    kind, name = _HUB, "remote_virtual_network_id"
    for link in ways.index.satellites(here, home, kind, name).found:
        named = given(link.values, name)
        span = span_of(named, link) if named is not None else link.span
        route = _beyond(ways, link, "transit", span)
        yield route
        secured = given(link.values, "internet_security_enabled")
        on = secured.boolean() if secured is not None else False
        if on is not False and on is not None:
            doubt = plain(on) if isinstance(on, Unknown) else None
            yield route._replace(where=EVERY_V4, unknown=doubt)


def _beyond(ways: Ways, resource: Resource, sort: str, span: Span) -> Route:
    gateway = ways.declared(resource, sort, "beyond")
    why = f"what lies behind {resource.address} is not in the scan"
    gateway.unknown = Unknown("resource", why, span=span)
    gateway.account = gateway.unknown
    if "account" not in gateway.thing.facts:
        gateway.thing.state("account", gateway.unknown, span)
    return Route(PRIVATE, gateway.thing.address, span, unknown=doubt_of(resource))


def _of(ways: Ways, home: Resource) -> Iterator[tuple[Resource, Unknown | None]]:
    """Peerings of a network, and those of which nobody can tell whose they are."""
    name = "virtual_network_name"
    joined = ways.index.satellites(ways.here, home, PEERING, name)
    for peering in joined.found:
        yield peering, None
    for peering in joined.open:
        if may_be_any(ways.here, given(peering.values, name)):
            why = f"of which network {peering.address} speaks is not known"
            yield peering, Unknown("resource", why, span=peering.span)


def _account(ways: Ways, peering: Resource) -> str | Unknown:
    """The subscription of a network that the scan does not hold; "" for the own one."""
    here = ways.here
    remote = given(peering.values, "remote_virtual_network_id")
    text = here.text_of(remote)
    symbol = symbol_of(remote) if remote is not None else None
    if symbol is not None and here.resolve(symbol) is not None:
        return ""  # looked up with the lab's own rights, in its own subscription
    if isinstance(text, Unknown):
        first = text.parts[0] if text.parts else ""
        start = first if isinstance(first, str) else ""
        subscription = _subscription(start)
        return subscription or plain(text)
    own = peering.provider.values
    stated = here.text_of(given(own, "subscription_id")) if own is not None else None
    found = _subscription(text or "")
    return "" if found and found == stated else found


def _subscription(text: str) -> str:
    steps = text.strip("/").split("/")
    complete = len(steps) > 2 and steps[0].lower() == "subscriptions"
    return steps[1].lower() if complete else ""
