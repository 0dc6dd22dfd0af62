"""Load balancers by which machines of a pool leave: outbound rules, and rules with SNAT.

A public load balancer gives the machines of a pool a way to the internet by an outbound
rule, or by a rule for what comes in unless that switches outbound translation off
(learn.microsoft.com, "Load Balancer outbound rules", read 2026-11).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.azure.network.ranges import doubt_of, plain
from mlsec_lint.lower.azure.network.ways import WayOut
from mlsec_lint.lower.reading import blocks, given
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.lower.azure.network.ways import Ways
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_POOL = "azurerm_lb_backend_address_pool"
_BALANCER = "azurerm_lb"
_OUTBOUND = ("azurerm_lb_outbound_rule", "backend_address_pool_id")
_RULE = ("azurerm_lb_rule", "backend_address_pool_ids")
_LINK = "azurerm_network_interface_backend_address_pool_association"


def ways_of_card(ways: Ways, card: Resource) -> list[WayOut]:
    """How a network interface leaves by the pools that it is put into."""
    found: list[WayOut] = []
    joined = ways.index.satellites(ways.here, card, _LINK, "network_interface_id")
    for link in joined.found:
        named = given(link.values, "backend_address_pool_id")
        if named is not None:
            found += ways_of_pools(ways, [named], link)
    return found


def ways_of_pools(ways: Ways, pools: list[Value], owner: Resource) -> list[WayOut]:
    """How machines of some pools leave."""
    return [
        way
        for value in pools
        for pool in ways.here.parents(value, (_POOL,))
        for way in _of_pool(ways, pool, owner)
    ]


def _of_pool(ways: Ways, pool: Resource, owner: Resource) -> Iterator[WayOut]:
    here = ways.here
    for balancer in here.parents(given(pool.values, "loadbalancer_id"), (_BALANCER,)):
        if not _is_public(balancer):
            continue
        for rule, doubt in _rules(ways, pool):
            gateway = ways.declared(balancer, "nat", "internet")
            unknown = doubt_of(owner) if doubt is None else doubt
            yield WayOut(gateway.thing.address, rule.span, unknown)
            break


def _is_public(balancer: Resource) -> bool:
    return any(
        given(block, name) is not None
        for block in blocks(balancer.values, "frontend_ip_configuration")
        for name in ("public_ip_address_id", "public_ip_prefix_id")
    )


def _rules(ways: Ways, pool: Resource) -> Iterator[tuple[Resource, Unknown | None]]:
    """Rules that translate what goes out of a pool, certain ones first."""
    kind, name = _OUTBOUND
    for rule in ways.index.satellites(ways.here, pool, kind, name).found:
        yield rule, doubt_of(rule)
    kind, name = _RULE
    unsure: list[tuple[Resource, Unknown | None]] = []
    for rule in ways.index.satellites(ways.here, pool, kind, name).found:
        value = given(rule.values, "disable_outbound_snat")
        off = value.boolean() if value is not None else False
        if isinstance(off, Unknown):
            unsure.append((rule, plain(off)))
        elif off is not True:
            yield rule, doubt_of(rule)
    yield from unsure
