"""Selectors over labels, in three values. Knows no syntax of any vendor.

`holds` answers True, False or an Unknown with the reason: a label from a template, or
one that a controller may add, is neither there nor absent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from mlsec_lint.value import Unknown

Truth = bool | Unknown


class Term(NamedTuple):
    """A test of one label.

    `op`: `in` and `not in` (absent labels are `not in`), `exists`, `absent`,
    `contains`, `starts`, `ends` (one value each).
    """

    key: str
    op: str
    values: tuple[str | Unknown, ...] = ()


class All(NamedTuple):
    """Every part holds; without parts, everything is selected."""

    parts: tuple[Selector, ...] = ()


class AnyOf(NamedTuple):
    """Some part holds; without parts, nothing is selected."""

    parts: tuple[Selector, ...] = ()


class Not(NamedTuple):
    """The part does not hold."""

    part: Selector


class Unclear(NamedTuple):
    """A selector that was not understood."""

    why: Unknown


Selector = Term | All | AnyOf | Not | Unclear

EVERYTHING = All(())
NOTHING = AnyOf(())


@dataclass(slots=True)
class Labels:
    """Labels of a pod or namespace.

    `known`: by name, Unknown where the value is; `others`: why there may be labels
    beside them, or None where there are none. `under`: labels of something else
    (the pod's namespace) that are seen here with a prefix.
    """

    known: dict[str, str | Unknown] = field(default_factory=dict)
    others: Unknown | None = None
    under: tuple[tuple[str, Labels], ...] = ()

    def get(self, key: str) -> str | Unknown | None:
        """The label's value, None where it is absent, Unknown where nobody can tell."""
        found = self.known.get(key)
        if found is not None:
            return found
        for prefix, labels in self.under:
            if key.startswith(prefix):
                return labels.get(key[len(prefix) :])
        return self.others

    def exists(self, key: str) -> Truth:
        """Whether the label is there; one whose value is not known is."""
        if key in self.known:
            return True
        for prefix, labels in self.under:
            if key.startswith(prefix):
                return labels.exists(key[len(prefix) :])
        return False if self.others is None else self.others


def first(*reasons: Unknown | None) -> Unknown | None:
    """The first reason that is there."""
    return next((reason for reason in reasons if reason is not None), None)


def both(one: Truth, other: Truth) -> Truth:
    """And: False wins, then Unknown."""
    if one is False or other is False:
        return False
    return other if one is True else one


def either(one: Truth, other: Truth) -> Truth:
    """Or: True wins, then Unknown."""
    if one is True or other is True:
        return True
    return other if one is False else one


def negated(one: Truth) -> Truth:
    """Not: Unknown stays Unknown."""
    return one if isinstance(one, Unknown) else not one


def holds(selector: Selector, labels: Labels) -> Truth:
    """Whether a selector picks what carries these labels."""
    match selector:
        case Term():
            return _term(selector, labels)
        case All(parts):
            found: Truth = True
            for part in parts:
                found = both(found, holds(part, labels))
                if found is False:
                    return False
            return found
        case AnyOf(parts):
            found = False
            for part in parts:
                found = either(found, holds(part, labels))
                if found is True:
                    return True
            return found
        case Not(part):
            return negated(holds(part, labels))
        case Unclear(why):
            return why


def _term(term: Term, labels: Labels) -> Truth:
    value = labels.get(term.key)
    match term.op:
        case "exists":
            return labels.exists(term.key)
        case "absent":
            return negated(labels.exists(term.key))
        case "in":
            return _among(value, term.values)
        case "not in":
            return negated(_among(value, term.values))
    if value is None:
        return False
    wanted = term.values[0]
    if isinstance(value, Unknown):
        return value
    if isinstance(wanted, Unknown):
        return wanted
    match term.op:
        case "contains":
            return wanted in value
        case "starts":
            return value.startswith(wanted)
        case _:
            return value.endswith(wanted)


def _among(value: str | Unknown | None, values: tuple[str | Unknown, ...]) -> Truth:
    if value is None or not values:
        return False
    if isinstance(value, Unknown):
        return value
    if value in values:
        return True
    return next((one for one in values if isinstance(one, Unknown)), False)


def wanted(selector: Selector) -> tuple[str, tuple[str, ...]] | None:
    """A label that whatever is selected carries with one of these values, or None.

    For an index over selectors: a look-up instead of a test of each.
    """
    if isinstance(selector, Term):
        known = tuple(v for v in selector.values if isinstance(v, str))
        if selector.op == "in" and len(known) == len(selector.values):
            return selector.key, known
        return None
    if isinstance(selector, All):
        return next((f for f in map(wanted, selector.parts) if f is not None), None)
    return None
