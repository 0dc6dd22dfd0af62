"""Function calls: arguments first, except for `try` and `can`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.terraform import functions, values
from mlsec_lint.terraform.conditionals import attempt
from mlsec_lint.terraform.errors import EvaluationError
from mlsec_lint.terraform.functions import lazy
from mlsec_lint.terraform.references import cost
from mlsec_lint.terraform.scope import kind_of, possible_values, safe_type_of
from mlsec_lint.terraform.traversal import opaque, opaque_inside
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from mlsec_lint.parse.hcl import tree
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.compiler import Compiler
    from mlsec_lint.terraform.scope import Code, Reference, Scope

# What a call that fails may have cost, in parts of values: `range` stops at 1024.
_FAILED = 500
# Functions whose result depends on attributes that a resource may have besides.
LOOK_INSIDE = {
    "jsonencode": opaque_inside,
    "keys": opaque,
    "length": opaque,
    "merge": opaque,
    "values": opaque,
    "yamlencode": opaque_inside,
}


def call(compiler: Compiler, node: tree.Call, names: frozenset[str]) -> Code:
    """Code for `name(args...)`."""
    span = compiler.span(node)
    before = len(compiler.references)
    codes = [compiler.compile(arg, names) for arg in node.args]
    spans = [compiler.span(arg) for arg in node.args]
    name = node.name.removeprefix("core::")
    if name in functions.LAZY and not node.expand:
        return lambda scope: _lazy(name, codes, scope, span)
    if name == "ephemeralasnull" and len(codes) == 1:
        inside = compiler.references[before:]
        compiler.hidden.update(range(before, len(compiler.references)))
        return lambda scope: _without_ephemeral(codes[0], inside, scope, span)
    if name.startswith("provider::"):
        return lambda scope: _of_provider(name, codes, scope, span)
    if node.expand and codes:
        return lambda scope: _expanded(name, codes, spans, scope, span)

    def code(scope: Scope) -> Value:
        args = [arg(scope) for arg in codes]
        if name in LOOK_INSIDE:
            args = list(map(LOOK_INSIDE[name], args))
        if name == "basename" and len(args) == 1:
            known = _last_segment(args[0], span)
            if known is not None:
                return known
        return _called(scope, name, args, span)

    return code


def _called(scope: Scope, name: str, args: list[Value], span: Span) -> Value:
    """The result of a call, paid for: a loop may make very many of them."""
    scope.module.spend(sum(map(cost, args)))
    try:
        made = functions.call_function(scope.module.functions, name, args, span)
    except EvaluationError:
        scope.module.spend(_FAILED)
        raise
    scope.module.spend(2 * cost(made))
    return made


def _last_segment(path: Value, span: Span) -> Value | None:
    """The base name of a path that is known from its last slash on."""
    unknown = path.unknown
    tail = unknown.parts[-1] if unknown is not None and unknown.parts else None
    if not isinstance(tail, str) or "/" not in tail or tail.endswith("/"):
        return None
    name = values.string(tail.rpartition("/")[2])
    return name.replace(span=span, trail=path.trail, sensitive=path.sensitive)


def _of_provider(name: str, codes: list[Code], scope: Scope, span: Span) -> Value:
    """A function of a provider: its code is not ours to run."""
    if not scope.module.declares_provider(name.split("::")[1]):
        words = (
            f'There is no function named "{name}": its provider is not required here.'
        )
        raise EvaluationError("Unknown provider function", words, span)
    sensitive = any(values.any_sensitive(code(scope)) for code in codes)
    words = f"{name} is a function of a provider"
    return Value(Unknown("function", words, span=span), span, sensitive=sensitive)


def _without_ephemeral(
    code: Code, references: list[Reference], scope: Scope, span: Span
) -> Value:
    value = code(scope)
    if any(scope.module.is_ephemeral(reference) for reference in references):
        return Value(None, span, type=safe_type_of(value), sensitive=value.sensitive)
    return value


def _expanded(
    name: str, codes: list[Code], spans: list[Span], scope: Scope, span: Span
) -> Value:
    """A call whose last argument is a sequence of arguments."""
    args = [arg(scope) for arg in codes]
    last = args.pop()
    kind = kind_of(last)
    if last.data is None:
        raise EvaluationError(
            "Invalid expanding argument value",
            "The expanding argument (indicated by ...) must not be null.",
            spans[-1],
        )
    if kind not in ("tuple", "list", "set", "dynamic"):
        raise EvaluationError(
            "Invalid expanding argument value",
            "The expanding argument (indicated by ...) must be of a tuple, list, or set type.",
            spans[-1],
        )
    if isinstance(last.data, Unknown):
        reason = last.data._replace(symbol=None, parts=(), possible=None, bounds=None)
        return Value(reason, span, sensitive=last.sensitive)
    args.extend(last.elements())
    made = _called(scope, name, args, span)
    return made.replace(sensitive=True) if last.sensitive else made


def _lazy(name: str, codes: list[Code], scope: Scope, span: Span) -> Value:
    """`try` and `can`: each argument on the side, errors caught.

    Nothing behind the first that surely succeeds is looked at.
    """
    outcomes: list[Value | EvaluationError] = []
    for code in codes:
        value, problems = attempt(code, scope)
        outcome = problems[0] if problems else value
        outcomes.append(outcome)
        if name == "try" and isinstance(outcome, Value):
            if values.wholly_known(outcome):
                break
    if name == "can":
        return lazy.can_result(outcomes, span)
    made = lazy.try_results(outcomes, span)
    unknown = made.unknown
    if unknown is None or unknown.possible is None:
        return made
    flat = possible_values(*unknown.possible)
    return made.replace(data=unknown._replace(possible=flat))
