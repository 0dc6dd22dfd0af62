"""What goes out of Azure network security groups, as filters.

Rules are numbered, the lowest number that matches decides. At the end stand the rules of
the platform: to the virtual network and to the internet is allowed, all else refused
(learn.microsoft.com, "Network security groups", default security rules, read 2026-11).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlsec_lint.estate.addresses import EVERY_PORT, Addresses, Ports
from mlsec_lint.estate.networks import Filter
from mlsec_lint.estate.policy import EVERYWHERE, MAIN, Applied, Peer, Policy, Rule
from mlsec_lint.lower.azure.network.ranges import (
    doubt_of,
    peer_of,
    plain,
    ports_at,
)
from mlsec_lint.lower.reading import blocks, given, span_of
from mlsec_lint.lower.terraform_index import symbol_of, values_at
from mlsec_lint.lower.unsure import may_be_any
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

GROUP = "azurerm_network_security_group"
RULE = "azurerm_network_security_rule"
_PARENT = "network_security_group_name"
_ANY_SOURCE = ("*", "any", "0.0.0.0/0", "virtualnetwork", "::/0")
_DESTINATIONS = ("destination_address_prefix", "destination_address_prefixes")
_SOURCES = ("source_address_prefix", "source_address_prefixes")
_LAST = 1.0e6


@dataclass(slots=True)
class Groups:
    """The security groups of a root. Rules for other sources than a subnet's are not its."""

    index: TerraformIndex
    here: RootIndex
    _known: dict[tuple[int, object], Policy] = field(default_factory=dict)

    def filter(self, value: Value, owner: Resource, source: Addresses) -> Filter:
        """The filter of a group that a value names, for what has a source address."""
        span = span_of(value, owner)
        found = self.here.parents(value, (GROUP,))
        if len(found) == 1:
            return self.of(found[0], source, span)
        name = _name(value)
        why = f"the rules of the security group {name} are not in the scan"
        unknown = Unknown("resource", why, span=span)
        rule = Rule("allow", Peer(everywhere=True, unknown=unknown), EVERY_PORT, span)
        policy = Policy(name, name, span, MAIN, (rule,))
        applied = (Applied(policy, truth=True),)
        return Filter(applied, f"security group {name}", span)

    def of(self, group: Resource, source: Addresses, span: Span) -> Filter:
        """The filter of a group of the scan."""
        key = (id(group), source)
        policy = self._known.get(key)
        if policy is None:
            policy = self._known[key] = self._read(group, source)
        words = f"security group {policy.name}"
        return Filter((Applied(policy, truth=True),), words, span)

    def _read(self, group: Resource, source: Addresses) -> Policy:
        numbered: list[tuple[float, Rule]] = []
        for owner, values in rules_of(self.index, self.here, group):
            numbered += self.rules(owner, values, source)
        numbered.append((_LAST, Rule("allow", EVERYWHERE, EVERY_PORT, group.span)))
        numbered.sort(key=lambda one: one[0])
        name = group.address.removeprefix(f"{group.module}.")
        rules = tuple(rule for _, rule in numbered)
        return Policy(name, self.here.address(group), group.span, MAIN, rules)

    def rules(
        self, owner: Resource, values: Value, source: Addresses
    ) -> Iterator[tuple[float, Rule]]:
        """What one rule says of what goes out, by its number."""
        if values.unknown is not None:
            why = plain(values.unknown)
            peer = Peer(everywhere=True, unknown=why)
            yield 0.0, Rule("allow", peer, EVERY_PORT, span_of(values, owner))
            return
        direction = self.here.text_of(given(values, "direction"))
        if isinstance(direction, str) and direction.lower() != "outbound":
            return
        doubt = plain(direction) if isinstance(direction, Unknown) else doubt_of(owner)
        covers = _covers(self.here, values, source)
        if covers is False:
            return
        doubt = covers if isinstance(covers, Unknown) and doubt is None else doubt
        order, unsure = self._order(values)
        doubt = unsure if doubt is None else doubt
        verdict, unsure = self._verdict(values)
        doubt = unsure if doubt is None else doubt
        which, unsure = self._ports(values)
        doubt = unsure if doubt is None else doubt
        for value in _listed(values, _DESTINATIONS):
            peer = peer_of(self.here.text_of(value))
            span = span_of(value, owner)
            yield order, Rule(verdict, peer, which, span, doubt, value.trail)

    def _order(self, values: Value) -> tuple[float, Unknown | None]:
        value = given(values, "priority")
        number = value.integer() if value is not None else None
        if isinstance(number, Unknown):
            return 0.0, plain(number)
        return float(number or 0), None

    def _verdict(self, values: Value) -> tuple[str, Unknown | None]:
        said = self.here.text_of(given(values, "access"))
        if isinstance(said, Unknown):
            return "allow", plain(said)
        return ("deny" if (said or "").lower() == "deny" else "allow"), None

    def _ports(self, values: Value) -> tuple[Ports, Unknown | None]:
        listed = _listed(values, ("destination_port_range", "destination_port_ranges"))
        return ports_at(self.here, given(values, "protocol"), listed)


def rules_of(
    index: TerraformIndex, here: RootIndex, group: Resource
) -> list[tuple[Resource, Value]]:
    """Every rule of a group, inline or a resource of its own, in the order of the files."""
    found = [(group, block) for block in blocks(group.values, "security_rule")]
    satellites = index.satellites(here, group, RULE, _PARENT)
    found += [(rule, rule.values) for rule in satellites.found]
    for rule in satellites.open:
        if may_be_any(here, given(rule.values, _PARENT)):
            found.append((rule, rule.values))
    return found


def _listed(values: Value, names: tuple[str, ...]) -> list[Value]:
    found: list[Value] = []
    for name in names:
        whole = given(values, name)
        if whole is not None and whole.unknown is not None:
            found.append(whole)
        else:
            found += values_at(values, name)
    return found


def _covers(here: RootIndex, values: Value, source: Addresses) -> bool | Unknown:
    """Whether a rule is about what comes from a source; unknown where in part."""
    listed = _listed(values, _SOURCES)
    if not listed:
        return True
    unsure: Unknown | None = None
    for value in listed:
        text = here.text_of(value)
        if isinstance(text, str) and text.strip().lower() in _ANY_SOURCE:
            return True
        peer = peer_of(text)
        if peer.unknown is not None or not source:
            unsure = peer.unknown
            if unsure is None:
                unsure = Unknown("resource", "of which sources it speaks is not known")
        elif not source.subtract(peer.addresses):
            return True
        elif source.intersect(peer.addresses):
            unsure = Unknown("resource", "it speaks of a part of the subnet only")
    return False if unsure is None else unsure


def _name(value: Value) -> str:
    symbol = symbol_of(value)
    if isinstance(value.data, str):
        return value.data.rpartition("/")[2]
    return symbol.address if symbol is not None else "it names"
