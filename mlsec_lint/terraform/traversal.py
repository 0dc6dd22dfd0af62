"""Attribute access and indexing where resources are among the targets.

A resource whose schema is not known has *open* data: any attribute that the
configuration does not set may exist all the same, and is Unknown with its symbol.
Everything else is left to `operations`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.terraform import operations, values
from mlsec_lint.value import Symbol, Unknown, Value

if TYPE_CHECKING:
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.types import Type


MAX_DEPTH = 40


class Open(dict[str, Value]):
    """The configured attributes of a resource or of a block in one: see the module.

    `symbol` is the reference to the object itself, `kind` "resource" or "data".
    `closed` says that the schema is known and that there are no more attributes;
    `computed` are attributes that nobody wrote but that follow from what is written.
    """

    __slots__ = ("closed", "computed", "kind", "symbol")

    def __init__(
        self,
        items: dict[str, Value],
        symbol: Symbol,
        kind: str = "resource",
        *,
        closed: bool = False,
        computed: dict[str, Value] | None = None,
    ) -> None:
        super().__init__(items)
        self.computed: dict[str, Value] = computed or {}
        self.symbol = symbol
        self.kind = kind
        self.closed = closed


def is_open(value: Value) -> bool:
    """Whether this is a resource, or a block of one, that may have more attributes."""
    return isinstance(value.data, Open) and not value.data.closed


def holds_open(value: Value) -> bool:
    """Whether the value or a resource among its elements may have more attributes.

    Its type is not known then, whatever its configured attributes say.
    """
    if is_open(value):
        return True
    return any(map(is_open, values.parts_of(value)))


def opaque(value: Value) -> Value:
    """What a function sees that looks at all attributes: they are not all known."""
    data = value.data
    if not isinstance(data, Open) or data.closed:
        return value
    words = written(data.symbol)
    why = f"the attributes of {words} are not all known"
    return value.replace(data=Unknown(data.kind, why, words, data.symbol), type=None)


def opaque_inside(value: Value, depth: int = 0) -> Value:
    """The same for every resource in a value."""
    data = value.data
    if is_open(value) or depth > MAX_DEPTH:
        return opaque(value)
    if isinstance(data, dict):
        items = {name: opaque_inside(part, depth + 1) for name, part in data.items()}
        changed = any(items[name] is not part for name, part in data.items())
        return value.replace(data=items, type=None) if changed else value
    if isinstance(data, tuple):
        parts = tuple(opaque_inside(part, depth + 1) for part in data)
        changed = any(a is not b for a, b in zip(parts, data, strict=True))
        return value.replace(data=parts, type=None) if changed else value
    return value


def deeper(symbol: Symbol | None, step: str | int | None) -> Symbol | None:
    """The symbol one step further.

    `aws_x.y[*]` stands for any instance, so that an index behind it changes nothing.
    """
    if symbol is None:
        return None
    if not symbol.path and symbol.address.endswith("[*]") and not _is_name(step):
        return symbol
    return Symbol(symbol.address, (*symbol.path, step))


def _is_name(step: str | int | None) -> bool:
    return isinstance(step, str) and step.isidentifier()


def written(symbol: Symbol) -> str:
    """The reference as one writes it."""
    words = [symbol.address]
    for step in symbol.path:
        if _is_name(step):
            words.append(f".{step}")
        elif isinstance(step, str):
            words.append(f'["{step}"]')
        else:
            words.append("[*]" if step is None else f"[{step}]")
    return "".join(words)


def unknown_step(
    target: Value, step: str | int | None, type_: Type, span: Span | None
) -> Value:
    """What stands at a step behind an Unknown: the same reason, a longer symbol."""
    unknown = target.data
    assert isinstance(unknown, Unknown)
    made = values.derived(unknown)._replace(symbol=deeper(unknown.symbol, step))
    return Value(made, span, type=type_, trail=target.trail, sensitive=target.sensitive)


def attribute(target: Value, name: str, span: Span | None = None) -> Value:
    """`target.name`. Raises EvaluationError."""
    data = target.data
    if isinstance(data, dict):
        found = data.get(name)
        if isinstance(data, Open):
            if found is None:
                found = data.computed.get(name)
            if found is not None:
                found = found.replace(symbol=deeper(data.symbol, name))
            elif not data.closed:
                found = absent(data, name, span)
        if found is not None:
            return values.mark(found, sensitive=target.sensitive)
    return operations.get_attribute(target, name, span)


def absent(data: Open, name: str, span: Span | None) -> Value:
    """An attribute of an open object that the configuration does not set."""
    symbol = deeper(data.symbol, name)
    assert symbol is not None
    words = written(symbol)
    why = f"{words} is known after apply"
    unknown = Unknown(data.kind, why, words, symbol, span=span)
    return Value(unknown, span, symbol=symbol)


def index(target: Value, key: Value, span: Span | None = None) -> Value:
    """`target[key]`. Raises EvaluationError."""
    data = target.data
    if isinstance(data, Open) and isinstance(key.data, str):
        return attribute(target, key.data, span)
    if isinstance(data, Unknown) and _stands_for_any(data):
        return _any_instance(target, data, span)
    if isinstance(data, dict) and isinstance(key.data, str):
        found = data.get(key.data)
        if found is not None:
            return values.mark(found, sensitive=target.sensitive or key.sensitive)
    return operations.index(target, key, span)


def _any_instance(target: Value, unknown: Unknown, span: Span | None) -> Value:
    """An instance of a resource or module of which it is not known how many there are.

    Which one does not matter to the symbol; where there can be one only, what that one
    would be is a possible value.
    """
    found = None
    if unknown.possible:
        last = unknown.possible[-1]
        elements = tuple(values.parts_of(last))
        found = elements if len(elements) == 1 else None
    return Value(
        unknown._replace(possible=found, bounds=None),
        span,
        trail=target.trail,
        sensitive=target.sensitive,
    )


def doubtful(
    reason: Unknown, symbol: Symbol, mode: str, only: Value | None, key: str
) -> Unknown:
    """The Unknown for all instances, where `only` may exist or not.

    `mode` is "count" or "for_each"; without `only` there may be any number of them.
    """
    possible = None
    if only is not None and mode == "count":
        possible = (Value(()), Value((only,)))
    elif only is not None:
        possible = (Value({}), Value({key: only}))
    return values.derived(reason)._replace(symbol=symbol, possible=possible)


def _stands_for_any(unknown: Unknown) -> bool:
    """Whether this is a repeated resource of which every instance is `[*]`."""
    symbol = unknown.symbol
    return symbol is not None and not symbol.path and symbol.address.endswith("[*]")
