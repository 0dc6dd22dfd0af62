"""Whoever a policy names that the scan does not declare, as identities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, FactValue
    from mlsec_lint.source import Span
    from mlsec_lint.value import Step


def outsider(
    estate: Estate, address: str, sort: str, span: Span, name: str = ""
) -> Thing:
    """The identity of that address, added where it is not there yet.

    `span` is the line that names it first.
    """
    made = Thing("identity", address, name or address, span)
    thing = estate.add(made)
    if thing is made:
        thing.state("sort", sort, span)
    return thing


def account(estate: Estate, number: str, span: Span) -> Thing:
    """An account outside of the scan; one that is not known by its hole's name."""
    shown, unknown = shown_text(number)
    address = f"account:unknown({shown})" if unknown else f"account:{shown}"
    thing = outsider(estate, address, "account", span)
    if not unknown and "account" not in thing.facts:
        thing.state("account", shown, span)
    return thing


def once(
    thing: Thing,
    name: str,
    value: FactValue,
    span: Span,
    trail: tuple[Step, ...] = (),
) -> None:
    """State one of several facts; what one line says twice is said once."""
    for fact in thing.many.get(name, ()):
        if fact.span == span and (fact.value == value or isinstance(value, Unknown)):
            return
    thing.also(name, value, span, trail=trail)


def shown_text(text: str) -> tuple[str, bool]:
    """A text with holes for people, and whether it has any."""
    parts = text.split("\0")
    if len(parts) == 1:
        return text, False
    return "".join(part.removeprefix("!") for part in parts), True


def unknown_one(estate: Estate, text: str, span: Span) -> Thing:
    """Somebody of whom only the expression is known that names them."""
    shown, _ = shown_text(text)
    return outsider(estate, f"unknown({shown})", "unknown", span)
