"""Bodies to objects: attributes, nested blocks as lists of objects, dynamic blocks.

A nested block type is a list of objects under its name, as in Terraform's plan JSON.
Where a dynamic block's for_each is not known, the list is Unknown and its `possible`
values are the list without and the list with one symbolic block.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.source import Span
from mlsec_lint.terraform import values
from mlsec_lint.terraform.configuration import Content, Part
from mlsec_lint.terraform.errors import BoundExceededError, EvaluationError
from mlsec_lint.terraform.literals import keyword, literal_text
from mlsec_lint.terraform.loops import ROUND
from mlsec_lint.terraform.scope import safe_type_of, with_key
from mlsec_lint.terraform.traversal import Open, deeper, unknown_step
from mlsec_lint.terraform.types import DYNAMIC
from mlsec_lint.value import Step, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.terraform.compiler import Expression
    from mlsec_lint.terraform.run import Files
    from mlsec_lint.terraform.scope import Reference, Scope
    from mlsec_lint.value import Symbol

MAX_BLOCKS = 2_000
MAX_NESTING = 30
NOTHING: frozenset[str] = frozenset()


def expressions_in(
    files: Files,
    content: Content,
    skip: frozenset[str] = NOTHING,
    names: frozenset[str] = NOTHING,
) -> Iterator[Expression]:
    """All expressions of a body, compiled with the names that are bound around them."""
    for name, item in content.attributes.items():
        if name not in skip:
            yield files.expression(item.source, item.node.expression, names)
    for part in content.blocks:
        if part.node.type in skip:
            continue
        inner = files.inside(part)
        if part.node.type == "dynamic" and part.node.labels:
            yield from _expressions_in_dynamic(files, part, inner, names)
        else:
            yield from expressions_in(files, inner, NOTHING, names)


def _expressions_in_dynamic(
    files: Files, part: Part, inner: Content, names: frozenset[str]
) -> Iterator[Expression]:
    outer = Content({n: i for n, i in inner.attributes.items() if n != "iterator"})
    yield from expressions_in(files, outer, NOTHING, names)
    bound = names | {iterator_of(part, inner)}
    for block in inner.of_type("content"):
        body = files.inside(block)
        yield from expressions_in(files, body, NOTHING, bound)


def references_in(
    files: Files, content: Content, skip: frozenset[str] = NOTHING
) -> list[Reference]:
    """All references that a body makes."""
    return [r for e in expressions_in(files, content, skip) for r in e.references]


def iterator_of(part: Part, inner: Content) -> str:
    """The name under which a dynamic block's content sees the element."""
    item = inner.attributes.get("iterator")
    node = item.node.expression if item is not None else None
    named = (keyword(node) or literal_text(node)) if node is not None else None
    return named or part.node.labels[0].value


class Bodies:
    """Evaluates the body of one object: its symbol tells what its parts are called.

    `symbol` is None for objects that nothing refers to (module calls, providers).
    """

    __slots__ = ("files", "kind", "made")

    def __init__(self, files: Files, kind: str = "resource") -> None:
        self.files = files
        self.kind = kind
        self.made = 0

    def evaluate(
        self,
        content: Content,
        scope: Scope,
        symbol: Symbol | None,
        skip: frozenset[str] = NOTHING,
        depth: int = 0,
    ) -> dict[str, Value]:
        """The attributes and nested blocks of a body."""
        bound = frozenset(scope.names)
        data: dict[str, Value] = {}
        for name, item in content.attributes.items():
            if name in skip:
                continue
            expression = self.files.expression(item.source, item.node.expression, bound)
            data[name] = with_key(expression.evaluate(scope), item.key)
        if content.blocks and depth < MAX_NESTING:
            self._nested(content, scope, symbol, skip, depth, data)
        return data

    def _nested(
        self,
        content: Content,
        scope: Scope,
        symbol: Symbol | None,
        skip: frozenset[str],
        depth: int,
        data: dict[str, Value],
    ) -> None:
        lists: dict[str, list[Value]] = {}
        doubts: dict[str, tuple[Unknown, list[Value]]] = {}
        for part in content.blocks:
            name = part.node.type
            if name in skip:
                continue
            inner = self.files.inside(part)
            if name == "dynamic" and part.node.labels:
                name = part.node.labels[0].value
                here = lists.setdefault(name, [])
                step = _list_symbol(symbol, name)
                doubt = self._dynamic(part, inner, scope, step, depth, here)
                if doubt is not None:
                    doubts[name] = doubt
            else:
                here = lists.setdefault(name, [])
                step = deeper(_list_symbol(symbol, name), len(here))
                here.append(self._block(part, inner, scope, step, depth))
        for name, blocks in lists.items():
            data[name] = _listed(blocks, doubts.get(name), data.get(name))

    def _block(
        self,
        part: Part,
        inner: Content,
        scope: Scope,
        symbol: Symbol | None,
        depth: int,
        trail: tuple[Step, ...] = (),
    ) -> Value:
        items: dict[str, Value] = self.evaluate(
            inner, scope, symbol, NOTHING, depth + 1
        )
        if symbol is not None:
            items = Open(items, symbol, self.kind)
        key = Span(part.source, part.node.start, part.node.header_end)
        return Value(items, part.span, key=key, trail=trail)

    def _dynamic(
        self,
        part: Part,
        inner: Content,
        scope: Scope,
        symbol: Symbol | None,
        depth: int,
        into: list[Value],
    ) -> tuple[Unknown, list[Value]] | None:
        """Append the blocks; where their number is not known, say why, and give one."""
        item = inner.attributes.get("for_each")
        bodies = inner.of_type("content")
        if item is None or not bodies:
            words = 'A dynamic block needs "for_each" and a "content" block.'
            error = EvaluationError("Missing required argument", words, part.header)
            scope.problems.append(error)
            return None
        expression = self.files.expression(
            item.source, item.node.expression, frozenset(scope.names)
        )
        full = Value(Unknown("bound", "too many dynamic blocks"))
        over = expression.evaluate(scope) if self.made < MAX_BLOCKS else full
        label = part.node.labels[0].value
        trail = (Step(item.span, f'for_each of dynamic "{label}"'),)
        name = iterator_of(part, inner)
        items, doubt = _dynamic_items(over, item.span, scope)
        if not self._affords(len(items), scope):
            items, doubt = [], full.unknown
        body = bodies[0]
        content = self.files.inside(body)
        for key, value in items:
            inside = scope.child(**{name: Value({"key": key, "value": value})})
            step = deeper(symbol, len(into))
            into.append(self._block(body, content, inside, step, depth, trail))
        if doubt is None:
            return None
        inside = scope.child(**{name: _any_item(over, doubt)})
        step = deeper(symbol, None)
        return doubt, [self._block(body, content, inside, step, depth, trail)]

    def _affords(self, count: int, scope: Scope) -> bool:
        """Count blocks; False, and no more in this body, where there are too many."""
        try:
            scope.module.spend(ROUND * count)
        except BoundExceededError:
            self.made = MAX_BLOCKS
        if self.made + count > MAX_BLOCKS:
            self.made = MAX_BLOCKS
            return False
        self.made += count
        return True


def _list_symbol(symbol: Symbol | None, name: str) -> Symbol | None:
    return deeper(symbol, name)


def _dynamic_items(
    over: Value, span: Span, scope: Scope
) -> tuple[list[tuple[Value, Value]], Unknown | None]:
    data = over.data
    if isinstance(data, Unknown):
        return [], values.derived(data)
    if data is None or not isinstance(data, dict | tuple):
        words = "Cannot use a null value in for_each."
        if data is not None:
            words = f"Cannot use a {safe_type_of(over).friendly()} value in for_each. An iterable collection is required."
        scope.problems.append(
            EvaluationError("Invalid dynamic for_each value", words, span)
        )
        return [], Unknown("error", "Invalid dynamic for_each value", span=span)
    items = values.items_in_order(over)
    if over.sensitive:
        items = [(k, values.mark(v, sensitive=True)) for k, v in items]
    return items, None


def _any_item(over: Value, doubt: Unknown) -> Value:
    """What an iterator is while its collection is not known."""
    key = Value(doubt, over.span, type=DYNAMIC, sensitive=over.sensitive)
    value = key
    if isinstance(over.data, Unknown):
        value = unknown_step(over, None, DYNAMIC, over.span)
    return Value({"key": key, "value": value})


def _listed(
    blocks: list[Value], doubt: tuple[Unknown, list[Value]] | None, given: Value | None
) -> Value:
    """The blocks of one type as a list; with a doubt, both lists it can be."""
    if given is not None and isinstance(given.data, tuple) and given.unknown is None:
        blocks = [*given.data, *blocks]
    first = blocks[0] if blocks else (doubt[1][0] if doubt else None)
    span = first.span if first is not None else None
    key = first.key if first is not None else None
    known = Value(tuple(blocks), span, key=key)
    if doubt is None:
        return known
    unknown, symbolic = doubt
    more = Value((*blocks, *symbolic), span, key=key)
    reason = unknown._replace(possible=(known, more))
    return Value(reason, span, key=key, type=DYNAMIC)
