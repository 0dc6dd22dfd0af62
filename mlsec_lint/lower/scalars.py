"""Facts from manifest Values: placeholders stay unknown, defaults say whose they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.parse.placeholder import placeholder
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from mlsec_lint.estate import FactValue, Thing
    from mlsec_lint.source import Span


def settled(value: Value, *, loose: bool = False) -> Value:
    """The value, with a placeholder that somebody fills in later as an Unknown."""
    unknown = placeholder(value, loose=loose)
    if unknown is None or unknown is value.data:
        return value
    return value.replace(data=unknown)


def given(value: Value | None, *names: str | int) -> Value | None:
    """The value at a path; None where it is absent or null."""
    found = value.at(*names) if value is not None else None
    return None if found is None or found.is_null else found


def text_of(value: Value | None, *, loose: bool = False) -> str:
    """The known, stripped text of a scalar; "" where it is absent or unknown."""
    if value is None:
        return ""
    text = settled(value, loose=loose).text()
    return text.strip() if isinstance(text, str) else ""


def name_of(value: Value | None) -> str:
    """The name of another object: the known text, else the unknown as it is written.

    Two objects whose names nobody can tell are the same where both are written with the
    same references and variables.
    """
    if value is None:
        return ""
    data = value.data
    if isinstance(data, Unknown):
        return symbolic(data)
    return data.strip() if isinstance(data, str) else ""


def symbolic(unknown: Unknown) -> str:
    """An unknown text in a form that is the same wherever it is meant; "" for none."""
    if unknown.parts:
        pieces = [p if isinstance(p, str) else symbolic(p) for p in unknown.parts]
        return "".join(pieces) if all(pieces) else ""
    if unknown.symbol is not None:
        steps = "".join(f".{step}" for step in unknown.symbol.path)
        return f"${{{unknown.symbol.address}{steps}}}"
    words = unknown.name
    if not words and unknown.span is not None:
        words = unknown.span.text[:100]
    return f"${{{words}}}" if words else ""


def put(
    thing: Thing, fact: str, data: FactValue, value: Value, span: Span | None = None
) -> None:
    """State what a value says, at its entry."""
    where = span or value.entry() or thing.span
    thing.state(fact, data, where, trail=value.trail, sensitive=value.sensitive)


def put_bool(
    thing: Thing,
    fact: str,
    value: Value | None,
    *,
    default: bool | None = None,
    words: str = "",
    header: Span | None = None,
) -> None:
    """State a true/false field; where it is absent, the default with its words."""
    if value is None:
        if default is not None:
            thing.state(fact, default, header, default=words)
        return
    found = settled(value).boolean()
    if found is None:
        found = Unknown("error", "this is not true or false", span=value.span)
    put(thing, fact, found, value)


def put_text(thing: Thing, fact: str, value: Value | None) -> None:
    """State a text field where it is there."""
    if value is None:
        return
    found = settled(value).text()
    if isinstance(found, str):
        found = found.strip()
    if found is None:
        found = Unknown("error", "this is not text", span=value.span)
    put(thing, fact, found, value)


def unknown_of(value: Value, *, loose: bool = False) -> Unknown | None:
    """The Unknown that a value stands for, placeholders included."""
    return settled(value, loose=loose).unknown
