"""Security groups and cards of Azure by themselves, whoever lies behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.addresses import NO_ADDRESS
from mlsec_lint.estate.networks import Filter, Guard
from mlsec_lint.estate.policy import MAIN, Applied, Policy
from mlsec_lint.lower.azure.network.admin import opened_by
from mlsec_lint.lower.azure.network.groups import GROUP, RULE, rules_of
from mlsec_lint.lower.azure.network.ranges import names_one, plain
from mlsec_lint.lower.declared import thing_of
from mlsec_lint.lower.reading import blocks, given, span_of
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.estate.selectors import Truth
    from mlsec_lint.lower.azure.network.groups import Groups
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource

_PARENT = "network_security_group_name"
_CARD, _ADDRESS = "azurerm_network_interface", "public_ip_address_id"
#: Containers without orchestrator: public unless they say otherwise (azurerm 4.40, doc of
#: `azurerm_container_group`: `ip_address_type` is `Public` by default).
_CONTAINERS, _SORT = "azurerm_container_group", "ip_address_type"


def add_guards(groups: Groups, estate: Estate) -> None:
    """Keep every group of a root, and its rules for groups elsewhere."""
    index, here, guards = groups.index, groups.here, estate.networks.guards
    for group in here.of(GROUP):
        rules = rules_of(index, here, group)
        one = groups.of(group, NO_ADDRESS, group.span)
        thing = thing_of(here, group, "network", "azure")
        guards.append(Guard(thing, opened_by(here, rules), (one,)))
    for rule in here.of(RULE):
        if here.parents(given(rule.values, _PARENT), (GROUP,)):
            continue
        thing = thing_of(here, rule, "network", "azure")
        made = tuple(r for _, r in groups.rules(rule, rule.values, NO_ADDRESS))
        policy = Policy(thing.name, thing.address, rule.span, MAIN, made)
        one = Filter((Applied(policy, truth=True),), thing.name, rule.span)
        admin = opened_by(here, [(rule, rule.values)])
        guards.append(Guard(thing, admin, (one,) if made else ()))
    for owner in here.of(_CARD, _CONTAINERS):
        public = tuple(
            _card(owner) if owner.type == _CARD else _containers(here, owner)
        )
        if public:
            thing = thing_of(here, owner, "network", "azure")
            guards.append(Guard(thing, also=public))


def _card(card: Resource) -> Iterator[tuple[str, Truth, Span]]:
    for block in blocks(card.values, "ip_configuration"):
        shown = given(block, _ADDRESS)
        if shown is not None and shown.data not in ((), ""):
            truth = names_one(shown)
            if truth is not False:
                yield "address.public", truth, span_of(shown, card)


def _containers(here: RootIndex, group: Resource) -> Iterator[tuple[str, Truth, Span]]:
    value = given(group.values, _SORT)
    said = here.text_of(value)
    if value is None:
        yield "address.public", True, group.span
    elif isinstance(said, Unknown):
        yield "address.public", plain(said), span_of(value, group)
    elif said == "Public":
        yield "address.public", True, span_of(value, group)
