"""`condition ? a : b`, with the types of both branches unified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.terraform import values
from mlsec_lint.terraform.convert import convert
from mlsec_lint.terraform.errors import EvaluationError
from mlsec_lint.terraform.scope import possible_values
from mlsec_lint.terraform.traversal import holds_open
from mlsec_lint.terraform.types import BOOL, DYNAMIC, Type, type_of
from mlsec_lint.terraform.unify import unify
from mlsec_lint.value import Bounds, Unknown, Value

if TYPE_CHECKING:
    from mlsec_lint.parse.hcl import tree
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.compiler import Compiler
    from mlsec_lint.terraform.scope import Code, Scope

UNDECIDED = "the condition is not decided: "


def conditional(
    compiler: Compiler, node: tree.Conditional, names: frozenset[str]
) -> Code:
    """Code for a conditional; errors count only in the branch that is taken."""
    condition = compiler.compile(node.condition, names)
    branches = (
        compiler.compile(node.then, names),
        compiler.compile(node.otherwise, names),
    )
    span = compiler.span(node)
    at = compiler.span(node.condition)

    def code(scope: Scope) -> Value:
        outcomes = tuple(attempt(branch, scope) for branch in branches)
        return choose(condition(scope), outcomes, scope, span, at)

    return code


Outcome = tuple["Value | EvaluationError", "list[EvaluationError]"]


def attempt(code: Code, scope: Scope) -> Outcome:
    """Evaluate on the side: the value or the error, and the errors inside it."""
    outer, scope.problems = scope.problems, []
    try:
        return code(scope), scope.problems
    except EvaluationError as error:
        return error, scope.problems
    finally:
        scope.problems = outer


def choose(
    condition: Value,
    outcomes: tuple[Outcome, ...],
    scope: Scope,
    span: Span,
    at: Span,
) -> Value:
    """The value of the branch that the condition picks, or both as possible ones."""
    then, otherwise = (outcome[0] for outcome in outcomes)
    wanted = _result_type(then, otherwise, span)
    verdict = truth(condition, at)
    sensitive = condition.sensitive
    if isinstance(verdict, Unknown):
        return _either(verdict, then, otherwise, wanted, span, sensitive)
    value, problems = outcomes[0 if verdict else 1]
    scope.problems.extend(problems)
    if isinstance(value, EvaluationError):
        raise value
    return _taken(value, wanted, span, sensitive)


def truth(condition: Value, at: Span) -> bool | Unknown:
    """The condition as a boolean. Raises EvaluationError."""
    if condition.data is None:
        raise EvaluationError(
            "Null condition",
            "The condition value is null. Conditions must either be true or false.",
            at,
        )
    try:
        data = convert(condition, BOOL).data
    except EvaluationError as error:
        words = f"The condition expression must be of type bool: {error.detail}."
        raise EvaluationError("Incorrect condition type", words, at) from None
    assert isinstance(data, bool | Unknown)
    return data


def _result_type(
    then: Value | EvaluationError, otherwise: Value | EvaluationError, span: Span
) -> Type | None:
    """The type that both branches can have; None where that cannot be told.

    An error leaves it open, and so does a resource whose schema is not known.
    """
    if isinstance(then, EvaluationError) or isinstance(otherwise, EvaluationError):
        return None
    if holds_open(then) or holds_open(otherwise):
        return None
    first, second = type_of(then), type_of(otherwise)
    if first is second or first == second:
        return first
    if then.data is None and first is DYNAMIC:
        return second
    if otherwise.data is None and second is DYNAMIC:
        return first
    if first is DYNAMIC or second is DYNAMIC:
        return DYNAMIC
    unified = unify((first, second), unsafe=True)
    if unified is None:
        raise EvaluationError(
            "Inconsistent conditional result types",
            f"The true and false result expressions must have consistent types. The 'true' value is {first.friendly()}, but the 'false' value is {second.friendly()}.",
            span,
        )
    return unified


def _taken(value: Value, wanted: Type | None, span: Span, sensitive: bool) -> Value:
    if wanted is not None and type_of(value) != wanted:
        try:
            value = convert(value, wanted)
        except EvaluationError as error:
            words = f"The true and false result expressions must have consistent types: {error.detail}."
            raise EvaluationError(
                "Inconsistent conditional result types", words, span
            ) from None
    if sensitive and not value.sensitive:
        value = value.replace(sensitive=True)
    return value


def _either(
    condition: Unknown,
    then: Value | EvaluationError,
    otherwise: Value | EvaluationError,
    wanted: Type | None,
    span: Span,
    sensitive: bool,
) -> Value:
    """One of two, nobody knows which: the set of both."""
    branches = []
    for value in (then, otherwise):
        if isinstance(value, EvaluationError):
            unknown = Unknown("error", value.summary, span=value.span or span)
            branches.append(Value(unknown, value.span, type=wanted))
        else:
            sensitive = sensitive or value.sensitive
            branches.append(_taken(value, wanted, span, sensitive=False))
    if all(value.data is None for value in branches):
        return Value(None, span, type=wanted, sensitive=sensitive)
    if _same_scalar(branches):
        return branches[0].replace(span=span, sensitive=sensitive)
    possible = possible_values(*branches)
    why = condition.why
    if not why.startswith(UNDECIDED):
        why = f"{UNDECIDED}{why}"
    unknown = Unknown(
        condition.kind, why, condition.name, possible=possible, span=condition.span
    )
    made = Value(unknown, span, type=wanted, sensitive=sensitive)
    return values.refine(made, _bounds(branches))


def _same_scalar(branches: list[Value]) -> bool:
    """Whether it makes no difference which one is taken."""
    first, second = (value.data for value in branches)
    if isinstance(first, Unknown | tuple | dict) or first is None:
        return False
    return type(first) is type(second) and bool(first == second)


def _bounds(branches: list[Value]) -> Bounds:
    """What holds for both branches."""
    ranges = [_range(value) for value in branches]
    lows = [r.low for r in ranges]
    highs = [r.high for r in ranges]
    tops = [r.max_length for r in ranges]
    return Bounds(
        not_null=all(values.definitely_not_null(value) for value in branches),
        low=None if None in lows else min(lows),
        high=None if None in highs else max(highs),
        min_length=min(r.min_length for r in ranges),
        max_length=None if None in tops else max(t for t in tops if t is not None),
    )


def _range(value: Value) -> Bounds:
    data = value.data
    kind = type_of(value)
    if kind.is_collection and data is not None:
        least, most = values.length_bounds(value)
        return Bounds(min_length=least, max_length=most)
    if isinstance(data, Unknown):
        return data.bounds or Bounds()
    if kind.kind == "number" and data is not None:
        return Bounds(low=data, high=data)
    return Bounds()
