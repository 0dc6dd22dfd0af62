"""Values of a plan file: JSON with the masks of what is unknown and sensitive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.terraform import number
from mlsec_lint.terraform.errors import BoundExceededError
from mlsec_lint.terraform.types import BOOL, DYNAMIC, NUMBER, STRING
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.value import Symbol

NOTHING = Value(None)


def typed(value: Value) -> Value:
    """A value of the JSON reader, whose scalars are text, with Terraform's types."""
    data = value.data
    if isinstance(data, dict):
        items = {name: typed(part) for name, part in data.items()}
        return Value(items, value.span, key=value.key)
    if isinstance(data, tuple):
        return Value(tuple(map(typed, data)), value.span, key=value.key)
    if isinstance(data, str) and value.type == "plain":
        return _plain(value, data)
    kind = STRING if isinstance(data, str) else DYNAMIC
    return Value(data, value.span, key=value.key, type=kind)


def _plain(value: Value, text: str) -> Value:
    if text in ("true", "false"):
        return Value(text == "true", value.span, key=value.key, type=BOOL)
    try:
        found = number.parse(text)
    except BoundExceededError:
        found = None
    if found is None:
        return Value(text, value.span, key=value.key, type=STRING)
    return Value(found, value.span, key=value.key, type=NUMBER)


def is_true(mask: Value | None) -> bool:
    """Whether a mask covers the whole value."""
    return mask is not None and mask.data is True


def _step(mask: Value | None, key: str | int) -> Value | None:
    if mask is None or is_true(mask):
        return mask
    if isinstance(key, str):
        return mask.get(key) if isinstance(mask.data, dict) else None
    parts = mask.elements()
    return parts[key] if key < len(parts) else None


class Planned:
    """A planned value, its unknown and sensitive masks, and what it refers to."""

    __slots__ = ("address", "references", "sensitive", "unknown", "value")

    def __init__(
        self,
        address: str,
        value: Value | None,
        unknown: Value | None,
        sensitive: Value | None,
        references: References,
    ) -> None:
        self.address = address
        self.value = value
        self.unknown = unknown
        self.sensitive = sensitive
        self.references = references

    def at(self, key: str | int) -> Planned:
        """The part at a name or position."""
        value = self.value
        part = None
        if value is not None and isinstance(key, str):
            part = value.get(key) if isinstance(value.data, dict) else None
        elif value is not None and isinstance(key, int):
            parts = value.elements()
            part = parts[key] if key < len(parts) else None
        step = f".{key}" if isinstance(key, str) else f"[{key}]"
        return Planned(
            self.address + step,
            part,
            _step(self.unknown, key),
            _step(self.sensitive, key),
            self.references.at(key),
        )

    def names(self) -> list[str]:
        """All names of an object, those with unknown values too."""
        known = self.value.data if self.value is not None else None
        names = dict.fromkeys(known) if isinstance(known, dict) else {}
        mask = self.unknown.data if self.unknown is not None else None
        if isinstance(mask, dict):
            names.update(dict.fromkeys(mask))
        return list(names)

    def parts(self) -> Iterator[Planned]:
        """The elements of a list."""
        count = len(self.value.elements()) if self.value is not None else 0
        mask = self.unknown
        if mask is not None:
            count = max(count, len(mask.elements()))
        for position in range(count):
            yield self.at(position)

    def to_value(self) -> Value:
        """The Value: unknown parts with their reason and, where it is one, symbol."""
        sensitive = is_true(self.sensitive)
        plain = self.value if self.value is not None else NOTHING
        if is_true(self.unknown):
            return self._unknown(plain, sensitive=sensitive)
        masked = self.unknown is not None and isinstance(
            self.unknown.data, dict | tuple
        )
        if isinstance(plain.data, dict) or (
            masked and self.unknown is not None and isinstance(self.unknown.data, dict)
        ):
            items = {name: self.at(name).to_value() for name in self.names()}
            return Value(items, plain.span, key=plain.key, sensitive=sensitive)
        if isinstance(plain.data, tuple):
            parts = tuple(part.to_value() for part in self.parts())
            return Value(parts, plain.span, key=plain.key, sensitive=sensitive)
        return Value(
            plain.data,
            plain.span,
            key=plain.key,
            type=plain.type,
            sensitive=sensitive,
            symbol=self.references.symbol(),
        )

    def _unknown(self, plain: Value, *, sensitive: bool) -> Value:
        symbol = self.references.symbol()
        mask = self.unknown
        span = plain.span or (mask.span if mask is not None else None)
        key = plain.key or (mask.key if mask is not None else None)
        why = f"{self.address} is known after apply"
        unknown = Unknown("resource", why, self.address, symbol, span=span)
        return Value(
            unknown, span, key=key, type=DYNAMIC, sensitive=sensitive, symbol=symbol
        )


class References:
    """What the configuration part of a plan says about one argument.

    `expression` is its JSON ({"references": [...]}, a list of them for blocks, or
    None), `resolve` turns the words of a reference into a Symbol of this plan.
    """

    __slots__ = ("_symbol", "expression", "resolve")

    def __init__(
        self, expression: Value | None, resolve: Resolve, symbol: Symbol | None = None
    ) -> None:
        self.expression = expression
        self.resolve = resolve
        self._symbol = symbol

    def at(self, key: str | int) -> References:
        """The part at a name or position; a list in an argument is its elements."""
        expression = self.expression
        if expression is None:
            return self
        if isinstance(expression.data, dict) and "references" in expression.data:
            return self
        if isinstance(key, str):
            part = expression.get(key) if isinstance(expression.data, dict) else None
            return References(part, self.resolve)
        parts = expression.elements()
        if key < len(parts):
            return References(parts[key], self.resolve)
        return References(parts[0] if parts else None, self.resolve)

    def symbol(self) -> Symbol | None:
        """The one object that the argument refers to, or None."""
        if self.expression is None or not isinstance(self.expression.data, dict):
            return None
        listed = self.expression.data.get("references")
        words = [v.data for v in listed.elements()] if listed is not None else []
        return self.resolve([w for w in words if isinstance(w, str)])


if TYPE_CHECKING:
    from collections.abc import Callable

    Resolve = Callable[[list[str]], Symbol | None]
