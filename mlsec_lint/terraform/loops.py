"""`for` expressions and splats, with the rules and words of hashicorp/hcl."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.terraform import values
from mlsec_lint.terraform.conditionals import truth
from mlsec_lint.terraform.convert import convert
from mlsec_lint.terraform.errors import EvaluationError
from mlsec_lint.terraform.scope import kind_of, weigh
from mlsec_lint.terraform.traversal import opaque
from mlsec_lint.terraform.types import DYNAMIC, STRING, list_of, type_of
from mlsec_lint.value import Symbol, Unknown, Value

if TYPE_CHECKING:
    from mlsec_lint.parse.hcl import tree
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.compiler import Compiler
    from mlsec_lint.terraform.scope import Code, Scope

MAX_ROUNDS = 50_000
# What a round of a loop may cost, in parts of values.
ROUND = 16


class Loop(NamedTuple):
    """The compiled parts of a `for`."""

    key: str | None
    value: str
    collection: Code
    result_key: Code | None
    result: Code
    condition: Code | None
    group: bool
    span: Span
    collection_span: Span
    key_span: Span | None
    condition_span: Span | None


def for_expression(compiler: Compiler, node: tree.For, names: frozenset[str]) -> Code:
    """Code for both forms of `for`."""
    inner = names | {node.value} | ({node.key} if node.key else set())
    loop = Loop(
        node.key,
        node.value,
        compiler.compile(node.collection, names),
        compiler.compile(node.result_key, inner) if node.result_key else None,
        compiler.guarded(node.result, inner),
        compiler.compile(node.condition, inner) if node.condition else None,
        node.group,
        compiler.span(node),
        compiler.span(node.collection),
        compiler.span(node.result_key) if node.result_key else None,
        compiler.span(node.condition) if node.condition else None,
    )
    if loop.result_key is None:
        return lambda scope: _tuple_for(loop, scope)
    return lambda scope: _object_for(loop, scope)


def rounds(collection: Value, span: Span) -> list[tuple[Value, Value]] | None:
    """Keys and values to iterate over; None for an unknown. Raises EvaluationError."""
    if collection.data is None:
        raise EvaluationError(
            "Iteration over null value",
            "A null value cannot be used as the collection in a 'for' expression.",
            span,
        )
    kind = kind_of(collection)
    if kind in ("string", "number", "bool"):
        raise EvaluationError(
            "Iteration over non-iterable value",
            f"A value of type {kind} cannot be used as the collection in a 'for' expression.",
            span,
        )
    if isinstance(collection.data, Unknown):
        return None
    return values.items_in_order(collection)


def _scopes(
    loop: Loop, scope: Scope, items: list[tuple[Value, Value]], marked: bool
) -> list[Scope]:
    made = []
    for key, value in items:
        inner = scope.copy()
        names = dict(scope.names)
        if loop.key is not None:
            names[loop.key] = values.mark(key, sensitive=marked)
        names[loop.value] = values.mark(value, sensitive=marked)
        inner.names = names
        made.append(inner)
    return made


class _Blocked(Exception):  # noqa: N818
    """Something that decides about the shape of the result is not known."""

    def __init__(self, unknown: Unknown) -> None:
        super().__init__(unknown.why)
        self.unknown = unknown


def _begin(loop: Loop, scope: Scope) -> tuple[list[tuple[Value, Value]], bool]:
    collection = opaque(loop.collection(scope))
    items = rounds(collection, loop.collection_span)
    if items is None:
        raise _Blocked(collection.data)
    scope.module.spend(ROUND * len(items))
    if len(items) > MAX_ROUNDS:
        raise _Blocked(Unknown("bound", "a loop over too many elements"))
    return items, collection.sensitive


def _keeps(loop: Loop, scope: Scope) -> tuple[bool, bool]:
    """Whether the condition lets an element through, and whether that is sensitive."""
    assert loop.condition is not None
    assert loop.condition_span is not None
    value = loop.condition(scope)
    if value.data is None:
        raise EvaluationError(
            "Condition is null",
            "The value of the 'if' clause must not be null.",
            loop.condition_span,
        )
    try:
        verdict = truth(value, loop.condition_span)
    except EvaluationError as error:
        words = f"The 'if' clause value is invalid: {error.detail}."
        raise EvaluationError(
            "Invalid 'for' condition", words, loop.condition_span
        ) from None
    if isinstance(verdict, Unknown):
        raise _Blocked(verdict)
    return verdict, value.sensitive


def _blocked(loop: Loop, unknown: Unknown, *, sensitive: bool) -> Value:
    made = values.derived(unknown)
    return Value(made, loop.span, type=DYNAMIC, sensitive=sensitive)


def _tuple_for(loop: Loop, scope: Scope) -> Value:
    sensitive = False
    found: list[Value] = []
    try:
        items, sensitive = _begin(loop, scope)
        for inner in _scopes(loop, scope, items, sensitive):
            if loop.condition is not None:
                keep, marked = _keeps(loop, inner)
                sensitive = sensitive or marked
                if not keep:
                    continue
            found.append(loop.result(inner))
    except _Blocked as blocked:
        return _blocked(loop, blocked.unknown, sensitive=sensitive)
    weigh(found)
    return Value(tuple(found), loop.span, sensitive=sensitive)


def _object_for(loop: Loop, scope: Scope) -> Value:
    sensitive = False
    found: dict[str, Value] = {}
    groups: dict[str, list[Value]] = {}
    blocked: Unknown | None = None
    try:
        items, sensitive = _begin(loop, scope)
        for inner in _scopes(loop, scope, items, sensitive):
            if loop.condition is not None:
                keep, marked = _keeps(loop, inner)
                sensitive = sensitive or marked
                if not keep:
                    continue
            key = _key(loop, inner)
            sensitive = sensitive or key.sensitive
            if isinstance(key.data, Unknown):
                loop.result(inner)
                blocked = key.data if blocked is None else blocked
            elif loop.group:
                groups.setdefault(key.data, []).append(loop.result(inner))
            elif key.data in found:
                raise _duplicate(loop, key)
            else:
                found[key.data] = _keyed(loop.result(inner), key)
    except _Blocked as stop:
        return _blocked(loop, stop.unknown, sensitive=sensitive)
    if blocked is not None:
        return _blocked(loop, blocked, sensitive=sensitive)
    if loop.group:
        found = {name: Value(tuple(g), loop.span) for name, g in groups.items()}
    weigh(found.values())
    return Value(found, loop.span, sensitive=sensitive)


def _keyed(value: Value, key: Value) -> Value:
    return value if key.span is None else value.replace(key=key.span)


def _key(loop: Loop, scope: Scope) -> Value:
    assert loop.result_key is not None
    value = loop.result_key(scope)
    if value.data is None:
        raise EvaluationError(
            "Invalid object key",
            "Key expression in 'for' expression must not produce a null value.",
            loop.key_span,
        )
    try:
        return convert(value, STRING)
    except EvaluationError as error:
        words = f"The key expression produced an invalid result: {error.detail}."
        raise EvaluationError("Invalid object key", words, loop.key_span) from None


def _duplicate(loop: Loop, key: Value) -> EvaluationError:
    return EvaluationError(
        "Duplicate object key",
        f"Two different items produced the key {values.quote(key.data)} in this 'for' expression. If duplicates are expected, use the ellipsis (...) after the value expression to enable grouping by key.",
        loop.span,
    )


def splat_item(compiler: Compiler, node: tree.SplatItem, names: frozenset[str]) -> Code:
    """Code for the element that a splat applies its steps to."""
    del compiler, node, names

    def code(scope: Scope) -> Value:
        assert scope.item is not None
        return scope.item

    return code


def splat(compiler: Compiler, node: tree.Splat, names: frozenset[str]) -> Code:
    """Code for `target[*].steps` and `target.*.steps`."""
    target = compiler.compile(node.target, names)
    each = compiler.compile(node.each, names)
    span = compiler.span(node)
    at = compiler.span(node.target)

    def code(scope: Scope) -> Value:
        return _splat(target(scope), each, scope, span, at)

    return code


def _splat(target: Value, each: Code, scope: Scope, span: Span, at: Span) -> Value:
    kind = kind_of(target)
    single = kind not in ("tuple", "list", "set")
    if target.data is None:
        if single:
            return Value((), span)
        raise EvaluationError(
            "Splat of null value",
            "Splat expressions (with the * symbol) cannot be applied to null sequences.",
            at,
        )
    if isinstance(target.data, Unknown):
        return _unknown_splat(target, each, scope, span)
    elements = (target.replace(sensitive=False),) if single else target.elements()
    found = tuple(_applied(element, each, scope) for element in elements)
    if kind in ("list", "set"):
        made = _as_list(found, target, each, scope, span)
    else:
        weigh(found)
        made = Value(found, span)
    return values.mark(made, sensitive=target.sensitive)


def _applied(element: Value, each: Code, scope: Scope) -> Value:
    scope.module.spend(ROUND)
    inner = scope.copy()
    inner.item = element
    return each(inner)


def _as_list(
    found: tuple[Value, ...], target: Value, each: Code, scope: Scope, span: Span
) -> Value:
    if found:
        return values.list_value(found, span=span)
    reason = Unknown("error", "an element of an empty list")
    element = Value(reason, span, type=type_of(target).element)
    made = _applied(element, each, scope)
    return Value((), span, type=list_of(type_of(made)))


def _unknown_splat(target: Value, each: Code, scope: Scope, span: Span) -> Value:
    """Of an unknown sequence: a list of the type that the steps lead to, if known."""
    type_ = type_of(target)
    unknown = target.data
    if unknown.possible is not None:
        return _possible_splats(target, unknown.possible, each, scope, span)
    if type_.kind not in ("list", "set", "tuple"):
        item = _stepped(target)
        made = _applied(item, each, scope) if type_.kind == "dynamic" else item
        reason = made.data if isinstance(made.data, Unknown) else unknown
        return Value(
            reason._replace(possible=None, parts=()),
            span,
            type=DYNAMIC,
            trail=target.trail,
        )
    if type_.kind == "tuple":
        parts = [
            Value(values.derived(unknown), span, type=element)
            for element in type_.elements
        ]
        return Value(tuple(_applied(part, each, scope) for part in parts), span)
    element = _stepped(target).replace(type=type_.element)
    made = _applied(element, each, scope)
    reason = made.data if isinstance(made.data, Unknown) else unknown
    reason = reason._replace(possible=None, parts=(), bounds=unknown.bounds)
    return Value(
        reason,
        span,
        type=list_of(type_of(made)),
        trail=target.trail,
        sensitive=target.sensitive,
    )


def _possible_splats(
    target: Value, possible: tuple[Value, ...], each: Code, scope: Scope, span: Span
) -> Value:
    """The splat of each sequence that it can be."""
    found = []
    for value in possible:
        try:
            found.append(_splat(value, each, scope, span, span))
        except EvaluationError:
            continue
    reason = values.derived(target.data)._replace(
        possible=tuple(found) or None, symbol=_stepped(target).data.symbol
    )
    return Value(
        reason, span, type=DYNAMIC, trail=target.trail, sensitive=target.sensitive
    )


def _stepped(target: Value) -> Value:
    """Any element of an unknown sequence."""
    unknown = target.data
    symbol = unknown.symbol
    if symbol is not None and not (not symbol.path and symbol.address.endswith("[*]")):
        symbol = Symbol(symbol.address, (*symbol.path, None))
    reason = unknown._replace(symbol=symbol, parts=(), possible=None, bounds=None)
    return Value(reason, target.span, type=DYNAMIC, trail=target.trail)
