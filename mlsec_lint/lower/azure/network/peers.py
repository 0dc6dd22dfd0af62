"""Peerings of Azure virtual networks: to whose network they lead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.networks import Route
from mlsec_lint.lower.azure.network.ranges import PRIVATE, doubt_of, plain, ranges_at
from mlsec_lint.lower.reading import given, span_of
from mlsec_lint.lower.terraform_index import symbol_of
from mlsec_lint.lower.unsure import may_be_any
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.lower.azure.network.ways import Ways
    from mlsec_lint.terraform.resource import Resource

PEERING = "azurerm_virtual_network_peering"
_NETWORK = "azurerm_virtual_network"


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
