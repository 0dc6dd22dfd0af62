"""From evaluated values to facts: three-valued, each with its own span and trail.

A *reading* is a `Fact` that is not stated yet: its value (or Unknown), the span that
states it, the trail and the default's words. Absent is not unknown: what a provider
does by default comes from `defaults.py`, with the span on the block's header.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Fact
from mlsec_lint.lower.defaults import default_of
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mlsec_lint.estate import FactValue, Thing
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource


def given(value: Value | None, *names: str | int) -> Value | None:
    """The value at a path; None where it is absent or null (both mean the default)."""
    found = value.at(*names) if value is not None else None
    return None if found is None or found.is_null else found


def blocks(value: Value | None, name: str) -> tuple[Value, ...]:
    """The blocks of a type; an unknown number of them is one unknown block."""
    found = given(value, name)
    if found is None:
        return ()
    if isinstance(found.data, tuple) and found.unknown is None:
        return tuple(e for e in found.data if not e.is_null)
    return (found,)


def span_of(value: Value, resource: Resource) -> Span:
    """Where a value stands: its entry, else the header of its resource."""
    return value.entry() or resource.span


def reading(value: Value, resource: Resource, data: FactValue) -> Fact:
    """A reading with the span and trail of `value`, and `data` as what it says."""
    return Fact(data, span_of(value, resource), value.trail, sensitive=value.sensitive)


def by_default(resource: Resource, attribute: str, of: str = "") -> Fact:
    """The reading of an attribute nobody wrote: the provider's default, dated.

    `of` is the resource type of the table, where it is not the resource's own.
    """
    default = default_of(of or resource.type, attribute, resource.provider)
    value: FactValue = default.value
    if isinstance(value, str) and value in {"true", "false"}:
        value = value == "true"
    return Fact(value, resource.span, (), default.words)


def read_bool(resource: Resource, value: Value | None, default: Fact) -> Fact:
    """A true/false attribute as a reading; `default` where it is absent or null."""
    if value is None or value.is_null:
        return default
    found = value.boolean()
    if found is None:
        found = wrong(value, "true or false")
    return reading(value, resource, found)


def read_text(resource: Resource, value: Value | None, default: Fact) -> Fact:
    """A text attribute as a reading; `default` where it is absent or null."""
    if value is None or value.is_null:
        return default
    found = value.text()
    return reading(value, resource, wrong(value, "text") if found is None else found)


def wrong(value: Value, wanted: str) -> Unknown:
    """An Unknown for a value of another type than its attribute takes."""
    return Unknown("error", f"this is not {wanted}", span=value.span)


def unknown_of(value: Value, why: str) -> Unknown:
    """Why a value is not known; `why` where it is known and of no use here."""
    unknown = value.unknown
    return Unknown("error", why, span=value.span) if unknown is None else unknown


#: Data sources whose results are whatever somebody stored there.
_FREE_TEXT = (
    "terraform_remote_state",
    "external",
    "http",
    "aws_ssm_parameter",
    "aws_secretsmanager_secret_version",
    "local_file",
)


def is_free_text(address: str) -> bool:
    """Whether a reference leads to text of any sort, not to an attribute of a kind."""
    parts = address.split(".")
    return "data" in parts and parts[parts.index("data") + 1] in _FREE_TEXT


def is_somebody(text: Unknown) -> bool:
    """Whether an unknown principal is one in particular: a reference, or partly known.

    Nobody is everyone whose name begins with `serviceAccount:`, or who is an attribute
    of a resource. Text that anybody may have stored somewhere is no such reference.
    """
    if any(isinstance(part, str) and part for part in text.parts):
        return True
    if text.bounds is not None and len(text.bounds.prefix) > 1:
        return True
    return text.symbol is not None and not is_free_text(text.symbol.address)


def each_possible(unknown: Unknown, read: Callable[[Value], FactValue]) -> Unknown:
    """An Unknown whose possible values, where they are known, are read one by one.

    Without them nothing of the possible values is kept: theirs was another attribute.
    `read` may be given a possible value that is not known itself, and says what it is
    all the same, or an Unknown.
    """
    possible = None
    if unknown.possible is not None:
        possible = tuple(
            Value(read(option), option.span, trail=option.trail)
            for option in unknown.possible
        )
    return unknown._replace(possible=possible, parts=(), symbol=None, bounds=None)


def settled(unsure: Unknown) -> FactValue | None:
    """What all possible values of an Unknown agree on; None where they do not."""
    told = unsure.possible or ()
    if not told or any(option.unknown is not None for option in told):
        return None
    first: FactValue = told[0].data
    return first if all(option.data == first for option in told) else None


def text_or_unknown(text: str | Unknown | None, wanted: str) -> str | Unknown:
    """A text; where there is none, an Unknown that says what was wanted."""
    return Unknown("error", f"this is not {wanted}") if text is None else text


def unless_unknown(*values: Value | None) -> bool | Unknown:
    """True, unless one of the values that it takes is not known: then that."""
    for value in values:
        unknown = value.unknown if value is not None else None
        if unknown is not None:
            return unknown._replace(possible=None, parts=(), symbol=None)
    return True


def present(block: Value, resource: Resource) -> Fact:
    """That a block is there; not known for a block of which nobody knows the number."""
    unknown = block.unknown
    return reading(block, resource, True if unknown is None else unknown)


def changed(fact: Fact, change: Callable[[FactValue], FactValue]) -> Fact:
    """The same reading with another value: known ones changed, and possible ones too."""
    value = fact.value
    if not isinstance(value, Unknown):
        return fact._replace(value=change(value))
    if value.possible is None:
        return fact
    possible = tuple(_changed_value(v, change) for v in value.possible)
    return fact._replace(value=value._replace(possible=possible, parts=()))


def _changed_value(value: Value, change: Callable[[FactValue], FactValue]) -> Value:
    data = value.data
    if isinstance(data, Unknown) or data is None or isinstance(data, dict | tuple):
        return value
    return Value(change(data), value.span, key=value.key, trail=value.trail)


def negated(fact: Fact) -> Fact:
    """The opposite of a true/false reading."""
    return changed(fact, lambda value: not value)


def equal_to(fact: Fact, *words: str, fold: bool = False) -> Fact:
    """Whether a text reading is one of some words, as a true/false reading."""

    def check(value: FactValue) -> bool:
        text = str(value)
        return (text.lower() if fold else text) in words

    return changed(fact, check)


def all_of(readings: Iterable[Fact]) -> Fact:
    """True only if all are: the first false decides, then the first unknown."""
    return _strongest(tuple(readings), decides=False)


def any_of(readings: Iterable[Fact]) -> Fact:
    """True if one is: the first true decides, then the first unknown."""
    return _strongest(tuple(readings), decides=True)


def _strongest(readings: tuple[Fact, ...], *, decides: bool) -> Fact:
    for wanted in readings:
        if wanted.value is decides:
            return wanted
    for wanted in readings:
        if isinstance(wanted.value, Unknown):
            return wanted
    return readings[0]


def unknown_because(resource: Resource, why: str, name: str = "") -> Fact:
    """A reading that nobody can tell, with the reason."""
    return Fact(Unknown("resource", why, name, span=resource.span), resource.span)


def maybe_absent(resource: Resource, fact: Fact) -> Fact:
    """What a resource says when it is not known whether the resource exists."""
    if not resource.repeat_unknown or isinstance(fact.value, Unknown):
        return fact
    why = f"whether {resource.address} exists is not known"
    return fact._replace(value=Unknown("variable", why, span=resource.span))


def put(thing: Thing, name: str, fact: Fact) -> None:
    """State a reading as a fact of a thing."""
    thing.state(
        name,
        fact.value,
        fact.span,
        trail=fact.trail,
        default=fact.default,
        sensitive=fact.sensitive,
    )


def put_also(thing: Thing, name: str, fact: Fact) -> None:
    """State one more of several facts of a name (each policy that is public)."""
    thing.also(name, fact.value, fact.span, trail=fact.trail)
