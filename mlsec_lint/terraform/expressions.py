"""HCL expressions, compiled once to closures and evaluated in a Scope.

Every closure takes a Scope and gives a Value whose span is the expression. What
Terraform would refuse is raised as EvaluationError; elements of objects and tuples
catch it, note it in the scope and stand as Unknown("error"), so that one bad element
does not take its neighbours along.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.parse.hcl import tree
from mlsec_lint.terraform import (
    calls,
    conditionals,
    loops,
    operations,
    references,
    templates,
)
from mlsec_lint.terraform.compiler import Compiler, Constant, Expression
from mlsec_lint.terraform.convert import convert
from mlsec_lint.terraform.errors import EvaluationError
from mlsec_lint.terraform.scope import weigh, with_key
from mlsec_lint.terraform.types import BOOL, DYNAMIC, STRING
from mlsec_lint.terraform.unnamed import entries_origin
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from mlsec_lint.source import Source, Span
    from mlsec_lint.terraform.scope import Code, Scope


def compile_expression(
    source: Source, node: tree.Expression, names: frozenset[str] = frozenset()
) -> Expression:
    """Compile a whole expression; `names` are bound by a loop around it."""
    compiler = Compiler(source, COMPILERS)
    code = compiler.compile(node, names)
    return Expression(
        node, compiler.span(node), code, compiler.references, compiler.hidden
    )


def _literal(compiler: Compiler, node: tree.Literal, _: frozenset[str]) -> Code:
    span = compiler.span(node)
    value = node.value
    if isinstance(value, tree.Number):
        return Constant(operations.literal(value, span))
    if value is None:
        return Constant(Value(None, span, type=DYNAMIC))
    return Constant(Value(value, span, type=BOOL))


def _parentheses(
    compiler: Compiler, node: tree.Parentheses, names: frozenset[str]
) -> Code:
    return compiler.compile(node.inner, names)


def _bad(compiler: Compiler, node: tree.Bad, _: frozenset[str]) -> Code:
    span = compiler.span(node)
    message = node.message

    def code(_: Scope) -> Value:
        raise EvaluationError("Syntax error", message, span)

    return code


def _tuple(compiler: Compiler, node: tree.Tuple, names: frozenset[str]) -> Code:
    span = compiler.span(node)
    codes = [compiler.guarded(item, names) for item in node.items]
    if all(isinstance(code, Constant) for code in codes):
        scope: Scope = None  # type: ignore[assignment]
        return Constant(Value(tuple(code(scope) for code in codes), span))

    def code(scope: Scope) -> Value:
        items = tuple([item(scope) for item in codes])
        weigh(items)
        return Value(items, span)

    return code


def _object(compiler: Compiler, node: tree.Object, names: frozenset[str]) -> Code:
    span = compiler.span(node)
    entries = [
        (*_object_key(compiler, key, names), compiler.guarded(value, names))
        for key, value in node.items
    ]
    if all(
        name is not None and isinstance(code, Constant) for name, _, _, code in entries
    ):
        return Constant(_fixed_object(entries, span, None))
    if all(name is not None for name, _, _, _ in entries):
        return lambda scope: _fixed_object(entries, span, scope)
    return lambda scope: _computed_object(entries, span, scope)


Entry: TypeAlias = "tuple[str | None, Code | None, Span, Code]"


def _fixed_object(entries: list[Entry], span: Span, scope: Scope | None) -> Value:
    data: dict[str, Value] = {}
    for name, _, key, code in entries:
        assert name is not None
        data[name] = with_key(code(scope), key)  # type: ignore[arg-type]
    weigh(data.values())
    return Value(data, span)


def _computed_object(entries: list[Entry], span: Span, scope: Scope) -> Value:
    data: dict[str, Value] = {}
    unnamed: list[tuple[Value, Value]] = []
    sensitive = False
    for name, key_code, key, code in entries:
        if name is None:
            assert key_code is not None
            found = _key_text(key_code(scope), key)
            sensitive = sensitive or found.sensitive
            if isinstance(found.data, Unknown):
                unnamed.append((found, with_key(code(scope), key)))
                continue
            name = found.data
        data[name] = with_key(code(scope), key)
    weigh((*data.values(), *(value for _, value in unnamed)))
    if unnamed:
        unknown = unnamed[0][0].data
        made = Unknown(unknown.kind, unknown.why, unknown.name, span=unknown.span)
        origin = entries_origin(data, unnamed)
        return Value(made, span, sensitive=sensitive, type=DYNAMIC, origin=origin)
    return Value(data, span, sensitive=sensitive)


def _key_text(value: Value, span: Span) -> Value:
    if value.data is None:
        raise EvaluationError(
            "Null value as key", "Can't use a null value as a key.", span
        )
    try:
        return convert(value, STRING)
    except EvaluationError as error:
        words = f"Can't use this value as a key: {error.detail}."
        raise EvaluationError("Incorrect key type", words, span) from None


def _object_key(
    compiler: Compiler, key: tree.Expression, names: frozenset[str]
) -> tuple[str | None, Code | None, Span]:
    """The literal name of a key, or the code that computes it, and its span."""
    span = compiler.span(key)
    if isinstance(key, tree.Variable):
        return key.name, None, span
    if isinstance(key, tree.Literal) and not isinstance(key.value, tree.Number):
        return span.text, None, span
    if isinstance(key, tree.GetAttr) and _is_plain_traversal(key):

        def ambiguous(_: Scope) -> Value:
            raise EvaluationError(
                "Ambiguous attribute key",
                "If this expression is intended to be a reference, wrap it in parentheses. If it's instead intended as a literal name containing periods, wrap it in quotes to create a string literal.",
                span,
            )

        return None, ambiguous, span
    code = compiler.compile(key, names)
    if isinstance(code, Constant) and isinstance(code.value.data, str):
        return code.value.data, None, span
    return None, code, span


def _is_plain_traversal(node: tree.Expression) -> bool:
    while isinstance(node, tree.GetAttr):
        node = node.target
    return isinstance(node, tree.Variable)


def _unary(compiler: Compiler, node: tree.Unary, names: frozenset[str]) -> Code:
    operand = compiler.compile(node.operand, names)
    span = compiler.span(node)
    operator = node.operator

    def code(scope: Scope) -> Value:
        return operations.unary(operator, operand(scope), span)

    return code


def _binary(compiler: Compiler, node: tree.Binary, names: frozenset[str]) -> Code:
    left = compiler.compile(node.left, names)
    right = compiler.compile(node.right, names)
    span = compiler.span(node)
    operator = node.operator

    def code(scope: Scope) -> Value:
        return operations.binary(operator, left(scope), right(scope), span)

    return code


COMPILERS: dict[type[tree.Node], Callable[..., Code]] = {
    tree.Literal: _literal,
    tree.Template: templates.template,
    tree.Variable: references.traversal,
    tree.GetAttr: references.traversal,
    tree.Index: references.traversal,
    tree.Splat: loops.splat,
    tree.SplatItem: loops.splat_item,
    tree.Call: calls.call,
    tree.Unary: _unary,
    tree.Binary: _binary,
    tree.Conditional: conditionals.conditional,
    tree.Parentheses: _parentheses,
    tree.Tuple: _tuple,
    tree.Object: _object,
    tree.For: loops.for_expression,
    tree.Bad: _bad,
}
