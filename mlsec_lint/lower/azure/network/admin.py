"""Which rules of Azure security groups open remote administration to the internet.

What comes in is refused unless a rule allows it, and a standard public address without a
security group takes nothing in (learn.microsoft.com, "Public IP addresses", read
2026-11). Where a card and its subnet both have a group, both have to allow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate.addresses import is_internet, ports
from mlsec_lint.lower.azure.network.groups import GROUP, rules_of
from mlsec_lint.lower.azure.network.ranges import doubt_of, peer_of, plain, ports_at
from mlsec_lint.lower.reading import given, span_of
from mlsec_lint.lower.terraform_index import values_at
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate.selectors import Truth
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

ADMIN = (22, 3389)
_SOURCES = ("source_address_prefix", "source_address_prefixes")
_PORTS = ("destination_port_range", "destination_port_ranges")

Open = tuple["Truth", "Span"]


class _Rule(NamedTuple):
    """An inbound rule that matches the internet on a port of administration."""

    order: float
    allows: Truth
    span: Span
    doubt: Unknown | None


def admin_open(
    index: TerraformIndex, here: RootIndex, groups: list[Value]
) -> tuple[Open, ...]:
    """The lines that open ports 22 and 3389 to the internet through all of some groups."""
    found: list[Open] = []
    for port in ADMIN if groups else ():
        answers = [_through(index, here, value, port) for value in groups]
        if all(answer is not None for answer in answers):
            lines = [answer for answer in answers if answer is not None]
            doubt = next((t for t, _ in lines if isinstance(t, Unknown)), None)
            found.append((True if doubt is None else doubt, lines[0][1]))
    return tuple(dict.fromkeys(found))


def _through(
    index: TerraformIndex, here: RootIndex, value: Value, port: int
) -> Open | None:
    """The line by which a group lets the internet in on a port; None where none does."""
    found = here.parents(value, (GROUP,))
    if len(found) != 1 or value.span is None:
        return None
    return _first(here, rules_of(index, here, found[0]), port)


def opened_by(here: RootIndex, rules: list[tuple[Resource, Value]]) -> tuple[Open, ...]:
    """The lines of one group's rules that open ports 22 and 3389 to the internet."""
    found = [_first(here, rules, port) for port in ADMIN]
    return tuple(dict.fromkeys(one for one in found if one is not None))


def _first(
    here: RootIndex, listed: list[tuple[Resource, Value]], port: int
) -> Open | None:
    """The first rule that decides over a port, where it lets the internet in."""
    rules = [
        rule
        for owner, values in listed
        if (rule := _inbound(here, owner, values, port)) is not None
    ]
    unsure: Open | None = None
    for rule in sorted(rules, key=lambda one: one.order):
        if rule.allows is False:
            if rule.doubt is None:
                return unsure
            continue
        doubt = rule.allows if isinstance(rule.allows, Unknown) else rule.doubt
        if doubt is None:
            return (True, rule.span)
        unsure = (doubt, rule.span) if unsure is None else unsure
    return unsure


def _inbound(
    here: RootIndex, owner: Resource, values: Value, port: int
) -> _Rule | None:
    if values.unknown is not None:
        return None  # a rule of which nothing is known opens nothing in particular
    direction = here.text_of(given(values, "direction"))
    if isinstance(direction, str) and direction.lower() != "inbound":
        return None
    matched = _source(here, owner, values)
    if matched is None:
        return None
    span, doubt = matched
    listed = [value for name in _PORTS for value in values_at(values, name)]
    which, unsure = ports_at(here, given(values, "protocol"), listed)
    doubts = (doubt, unsure, doubt_of(owner))
    doubt = next((one for one in doubts if one is not None), None)
    if not which.intersect(ports("TCP", port, port)):
        return None
    if unsure is not None and not listed:
        return None
    said = here.text_of(given(values, "access"))
    allows: Truth = (
        plain(said) if isinstance(said, Unknown) else (said or "").lower() == "allow"
    )
    number = given(values, "priority")
    order = number.integer() if number is not None else None
    place = float(order) if isinstance(order, int) else 0.0
    return _Rule(place, allows, span, doubt)


def _source(
    here: RootIndex, owner: Resource, values: Value
) -> tuple[Span, Unknown | None] | None:
    """The line by which a rule speaks of the whole internet, and why perhaps not."""
    unsure: tuple[Span, Unknown | None] | None = None
    for name in _SOURCES:
        for value in values_at(values, name):
            text = here.text_of(value)
            span = span_of(value, owner)
            if isinstance(text, Unknown):
                unsure = (span, plain(text))
                continue
            peer = peer_of(text)
            if peer.everywhere or is_internet(peer.addresses):
                return span, peer.unknown
    return unsure
