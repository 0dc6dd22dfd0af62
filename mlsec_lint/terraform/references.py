"""Traversals: which object `aws_s3_bucket.w["a"].arn` names, and the way to its part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.parse.hcl import tree
from mlsec_lint.source import Span
from mlsec_lint.terraform import number, values
from mlsec_lint.terraform.literals import literal_text
from mlsec_lint.terraform.scope import Reference, Settled, bounded
from mlsec_lint.terraform.traversal import attribute, index
from mlsec_lint.value import Step, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mlsec_lint.terraform.compiler import Compiler
    from mlsec_lint.terraform.scope import Code, Scope

    Move = Callable[[Value, Scope], Value]

Chain = "list[tree.GetAttr | tree.Index]"
NAMED = ("var", "local", "path", "terraform", "each", "count")


def traversal(
    compiler: Compiler,
    node: tree.Variable | tree.GetAttr | tree.Index,
    names: frozenset[str],
) -> Code:
    """Code for a name with the attribute and index steps behind it."""
    chain: list[tree.GetAttr | tree.Index] = []
    base: tree.Expression = node
    while isinstance(base, tree.GetAttr | tree.Index):
        chain.append(base)
        base = base.target
    chain.reverse()
    if not isinstance(base, tree.Variable):
        return _moved(compiler.compile(base, names), _moves(compiler, chain, names))
    if base.name in names:
        return _bound_name(compiler, base.name, chain, compiler.span(node), names)
    return _reference(compiler, base, chain, names)


def _bound_name(
    compiler: Compiler,
    name: str,
    chain: list[tree.GetAttr | tree.Index],
    span: Span,
    names: frozenset[str],
) -> Code:
    """Code for a name that a loop or dynamic block binds."""
    code = _moved(lambda scope: scope.names[name], _moves(compiler, chain, names))
    words = f"{name} in a loop"

    def bound_name(scope: Scope) -> Value:
        return _at(code(scope), span, words)

    return bound_name


def _moved(base: Code, moves: list[Move]) -> Code:
    if not moves:
        return base
    if len(moves) == 1:
        move = moves[0]
        return lambda scope: move(base(scope), scope)

    def code(scope: Scope) -> Value:
        value = base(scope)
        for move in moves:
            value = move(value, scope)
        return value

    return code


def _moves(
    compiler: Compiler, chain: list[tree.GetAttr | tree.Index], names: frozenset[str]
) -> list[Move]:
    return [_move(compiler, step, names) for step in chain]


def _move(
    compiler: Compiler, step: tree.GetAttr | tree.Index, names: frozenset[str]
) -> Move:
    at = Span(compiler.source, step.target.end, step.end)
    if isinstance(step, tree.GetAttr):
        name = step.name
        return lambda value, _: attribute(value, name, at)
    key = compiler.compile(step.key, names)
    return lambda value, scope: index(value, key(scope), at)


def _literal_step(step: tree.GetAttr | tree.Index) -> str | int | None:
    if isinstance(step, tree.GetAttr):
        return step.name
    if isinstance(step.key, tree.Literal) and isinstance(step.key.value, tree.Number):
        value = number.parse(step.key.value)
        return value if isinstance(value, int) else None
    return literal_text(step.key)


def _literal_steps(chain: list[tree.GetAttr | tree.Index]) -> list[str | int]:
    steps: list[str | int] = []
    for step in chain:
        found = _literal_step(step)
        if found is None:
            break
        steps.append(found)
    return steps


def _reference(
    compiler: Compiler,
    base: tree.Variable,
    chain: list[tree.GetAttr | tree.Index],
    names: frozenset[str],
) -> Code:
    words = [base.name]
    for step in chain:
        if not isinstance(step, tree.GetAttr):
            break
        words.append(step.name)
    kind, key, used = subject(words)
    whole = compiler.span(chain[-1] if chain else base)
    steps = _literal_steps(chain)
    if kind == "module":
        key, used = _module_key(chain, words)
    reference = Reference(kind, key, whole, tuple(steps[used:]))
    compiler.references.append(reference)
    moves = _moves(compiler, chain[used:], names)
    if kind in ("each", "count", "self"):
        return _moved(_repetition(reference), moves)
    constant = len(steps) == len(chain)
    return _followed(reference, moves, constant)


def subject(words: Sequence[str]) -> tuple[str, str | tuple[str, ...], int]:
    """Kind and key of the object, and how many steps behind the root name it takes."""
    root = words[0]
    if root in NAMED:
        return (root, words[1], 1) if len(words) > 1 else ("bad", root, 0)
    if root == "self":
        return "self", "", 0
    if root == "module":
        return ("module", "", 1) if len(words) > 1 else ("bad", root, 0)
    if root in ("data", "resource", "ephemeral"):
        mode = "managed" if root == "resource" else root
        if len(words) < 3:
            return "bad", root, 0
        return "resource", (mode, words[1], words[2]), 2
    if len(words) < 2:
        return "bad", root, 0
    return "resource", ("managed", root, words[1]), 1


def _module_key(
    chain: list[tree.GetAttr | tree.Index], words: list[str]
) -> tuple[tuple[str, ...], int]:
    """(call, output, "direct" or "indexed" or "") and the steps that it takes."""
    if len(words) > 2:
        return (words[1], words[2], "direct"), 2
    if len(chain) > 2 and isinstance(chain[2], tree.GetAttr):
        return (words[1], chain[2].name, "indexed"), 1
    return (words[1], "", ""), 1


def _repetition(reference: Reference) -> Code:
    """Code for `each.key`, `each.value`, `count.index` and `self`."""
    kind, key, span = reference.kind, reference.key, reference.span

    def code(scope: Scope) -> Value:
        error = scope.check(reference)
        if error is not None:
            raise error
        if kind == "each":
            assert scope.each is not None
            return _at(scope.each[key == "value"], span)
        value = scope.count if kind == "count" else scope.this
        assert value is not None
        return value if kind == "self" else _at(value, span)

    return code


def _at(value: Value, span: Span, words: str = "each") -> Value:
    """The value as it stands where a loop's name is used."""
    made = Value(
        value.data,
        span,
        type=value.type,
        trail=_stepped(value, words, value.trail),
        sensitive=value.sensitive,
        symbol=value.symbol,
        origin=value.origin,
    )
    made.summary = value.summary
    return made


def _stepped(value: Value, words: str, trail: tuple[Step, ...]) -> tuple[Step, ...]:
    if value.span is None:
        return trail
    return bounded((Step(value.span, words), *trail))


def _followed(reference: Reference, moves: list[Move], constant: bool) -> Code:
    span = reference.span
    ident = id(reference)

    def code(scope: Scope) -> Value:
        if constant:
            known = scope.module.seen.get(ident)
            if known is not None:
                scope.module.spend(cost(known))
                return known
        settled = scope.module.resolve(reference)
        value = settled.value
        for move in moves:
            value = move(value, scope)
        found = arrived(settled, value, span)
        scope.module.spend(cost(found))
        if constant:
            scope.module.seen[ident] = found
        return found

    return code


def arrived(settled: Settled, value: Value, span: Span) -> Value:
    """A value as it stands at a reference to it, or to the object it is a part of."""
    made = Value(
        value.data,
        span,
        type=value.type,
        trail=_trail(settled, value),
        sensitive=value.sensitive,
        symbol=value.symbol,
        origin=value.origin,
    )
    made.summary = value.summary
    return made


def cost(value: Value) -> int:
    """What it may cost to look at all of a value: its parts, and some for long texts."""
    data = value.data
    if isinstance(data, str):
        return 1 + len(data) // 32
    return values.summary(value)[0] if isinstance(data, dict | tuple) else 1


def _trail(settled: Settled, value: Value) -> tuple[Step, ...]:
    base = settled.value
    if base.span is None or not settled.words:
        return value.trail
    steps = (Step(base.span, settled.words), *base.trail)
    if value is base:
        return bounded(steps)
    if value.span is not None:
        steps = tuple(_narrowed(step, value.span) for step in steps)
    return bounded((*steps, *value.trail))


def _narrowed(step: Step, span: Span) -> Step:
    """The step at the very part of its expression that gave the value."""
    outer = step.span
    if (
        outer.source is span.source
        and outer.start <= span.start < span.end <= outer.end
    ):
        return Step(span, step.words)
    return step
