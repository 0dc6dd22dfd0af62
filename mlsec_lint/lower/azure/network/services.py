"""What an Azure network reaches by names, and what answers inside of it.

The platform's resolver answers for any name of the internet; a firewall that is the
network's name server, with its DNS proxy on, sees and logs what is asked
(learn.microsoft.com, "Azure Firewall DNS settings", read 2026-11). Other name servers
are not known. A private endpoint counts in its network and in those peered with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.azure.network.firewalls import FIREWALL
from mlsec_lint.lower.azure.network.peers import PEERING
from mlsec_lint.lower.azure.network.ranges import plain
from mlsec_lint.lower.azure.network.ways import NETWORK
from mlsec_lint.lower.declared import store_of
from mlsec_lint.lower.reading import given, span_of
from mlsec_lint.lower.terraform_index import values_at
from mlsec_lint.lower.unsure import may_be_any
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Thing
    from mlsec_lint.lower.azure.network.ways import Ways
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_SERVERS = "azurerm_virtual_network_dns_servers"
_POLICY = "azurerm_firewall_policy"
_RESOURCE_ID = "private_service_connection.private_connection_resource_id"
_STORES = ("azurerm_storage_account", "azurerm_container_registry")


def state_resolver(ways: Ways, home: Resource, thing: Thing) -> None:
    """State whether the name servers of a network answer for any name, unwatched."""
    name = "virtual_network_id"
    owners = ways.index.satellites(ways.here, home, _SERVERS, name).found
    for owner in (home, *owners):
        listed = given(owner.values, "dns_servers")
        if listed is None or listed.data == ():
            continue
        span = span_of(listed, owner)
        values = values_at(owner.values, "dns_servers") or [listed]
        answers = [_is_watched(ways.here, value) for value in values]
        unsure = next((a for a in answers if isinstance(a, Unknown)), None)
        watched = all(answer is True for answer in answers)
        opened: bool | Unknown = not watched if unsure is None else unsure
        thing.state("dns.open", opened, span)
        return
    words = "Azure: the platform's resolver answers for any name"
    thing.state("dns.open", value=True, default=words)


def _is_watched(here: RootIndex, server: Value) -> bool | Unknown:
    """Whether a name server is a firewall of the scan whose DNS proxy is on."""
    text = here.text_of(server)
    for firewall in here.parents(server, (FIREWALL,)):
        classic = given(firewall.values, "dns_proxy_enabled")
        if classic is not None and classic.boolean() is True:
            return True
        named = given(firewall.values, "firewall_policy_id")
        for policy in here.parents(named, (_POLICY,)):
            switch = given(policy.values, "dns", "proxy_enabled")
            on = switch.boolean() if switch is not None else False
            if isinstance(on, Unknown):
                return plain(on)
            return on is True
    name = text if isinstance(text, str) else "it names"
    why = f"which names the server {name} answers for is not known"
    return Unknown("resource", why, span=server.span)


def state_services(ways: Ways, home: Resource, thing: Thing) -> None:
    """State whether weight accounts and registries answer at private endpoints here.

    Nothing is said where the scan declares no such store.
    """
    stores = list(_weight_stores(ways))
    if not stores:
        return
    served: list[Resource] = []
    networks = [home, *_peers(ways, home)]
    for endpoint in [e for network in networks for e in ways.endpoints(network)]:
        for value in values_at(endpoint.values, _RESOURCE_ID):
            found = ways.here.parents(value, _STORES)
            served += found
            if not found and may_be_any(ways.here, value):
                why = f"what {endpoint.address} leads to is not known"
                unsure = Unknown("resource", why, span=endpoint.span)
                thing.state("services.private", unsure, span_of(value, endpoint))
                return
    missing = [s for s in stores if all(s is not one for one in served)]
    words = ""
    if missing:
        words = f"no private endpoint in it for {missing[0].address}"
    thing.state("services.private", not missing, home.span, default=words)


def _weight_stores(ways: Ways) -> Iterator[Resource]:
    for resource in ways.here.of(*_STORES):
        store = store_of(ways.index, ways.estate, resource)
        held = store.fact("weights.held") if store is not None else None
        if held is not None and held.value is True:
            yield resource


def _peers(ways: Ways, home: Resource) -> Iterator[Resource]:
    """Networks of the scan that are peered with one."""
    name = "virtual_network_name"
    for peering in ways.index.satellites(ways.here, home, PEERING, name).found:
        remote = given(peering.values, "remote_virtual_network_id")
        yield from ways.here.parents(remote, (NETWORK,))
