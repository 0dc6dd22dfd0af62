"""How functions are declared and called: parameters, unknowns, marks, errors.

Facts from zclconf/go-cty 1.16 (function/function.go) and hashicorp/hcl 2.23
(hclsyntax/expression.go, FunctionCallExpr).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

from mlsec_lint.terraform import values
from mlsec_lint.terraform.convert import ConversionError, convert
from mlsec_lint.terraform.errors import BoundExceededError, EvaluationError
from mlsec_lint.terraform.types import DYNAMIC, Type, conforms, type_of
from mlsec_lint.value import Bounds, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlsec_lint.source import Span
    from mlsec_lint.terraform.functions.context import FunctionContext

Args = tuple[Value, ...]
NOT_NULL = Bounds(not_null=True)


class Parameter(NamedTuple):
    """A parameter; without a flag the framework deals with such arguments itself.

    * `null`: null is no error;
    * `unknown`: an unknown of known type reaches the implementation;
    * `dynamic`: so does an unknown of unknown type;
    * `marked`: sensitivity reaches it, otherwise it moves to the result.
    """

    name: str
    type: Type
    null: bool = False
    unknown: bool = False
    dynamic: bool = False
    marked: bool = False


class Call(NamedTuple):
    """What an implementation knows besides its arguments."""

    name: str
    returns: Type
    span: Span | None
    context: FunctionContext


Implementation = Callable[[Args, Call], Value]


class Function(NamedTuple):
    """A function: `returns` is its type or computes it from the arguments.

    `bounds` holds for every result; by default no function gives null.
    """

    name: str
    params: tuple[Parameter, ...]
    returns: Type | Callable[[Args], Type]
    run: Implementation
    variadic: Parameter | None = None
    bounds: Bounds | None = NOT_NULL


class CallError(Exception):
    """The function refuses its arguments; `argument` is the index of the bad one."""

    def __init__(self, message: str, argument: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.argument = argument


def call(
    function: Function,
    given: Sequence[Value],
    context: FunctionContext,
    span: Span | None,
) -> Value:
    """The result of the call. Raises EvaluationError and nothing else.

    A result that the function made stands at `span`; one that it took from an argument
    keeps its own place.
    """
    _check_count(function, len(given), span)
    args = tuple(
        _argument(function, position, value, span)
        for position, value in enumerate(given)
    )
    try:
        found = _possible(function, args, context, span)
        if found is None:
            found = _call(function, args, context, span)
    except CallError as error:
        raise _refused(function, error, args, span) from None
    except ConversionError as error:
        raise _refused(function, CallError(error.message), args, span) from None
    except BoundExceededError as error:
        returns = function.returns if isinstance(function.returns, Type) else DYNAMIC
        found = values.bound(error.why, span, returns)
        if any(values.any_sensitive(arg) for arg in args):
            found = values.mark(found, sensitive=True)
    if found.span is None:
        trail = found.trail or next((arg.trail for arg in args if arg.trail), ())
        found = found.replace(span=span, trail=trail)
    return found


def parameter(function: Function, position: int) -> Parameter:
    """The parameter that the argument at a position belongs to."""
    if position < len(function.params):
        return function.params[position]
    assert function.variadic is not None, "the count was checked"
    return function.variadic


def _check_count(function: Function, count: int, span: Span | None) -> None:
    least = len(function.params)
    if count < least:
        qualifier = " at least" if function.variadic else ""
        raise EvaluationError(
            "Not enough function arguments",
            f'Function "{function.name}" expects{qualifier} {least} argument(s). '
            f'Missing value for "{function.params[count].name}".',
            span,
        )
    if count > least and function.variadic is None:
        raise EvaluationError(
            "Too many function arguments",
            f'Function "{function.name}" expects only {least} argument(s).',
            span,
        )


def _argument(
    function: Function, position: int, value: Value, span: Span | None
) -> Value:
    wanted = parameter(function, position)
    try:
        return convert(value, wanted.type)
    except ConversionError as error:
        refused = CallError(error.message, position)
        raise _refused(function, refused, (), value.span or span) from None
    except BoundExceededError as error:
        return values.bound(error.why, value.span, wanted.type)


def _refused(
    function: Function, error: CallError, args: Args, span: Span | None
) -> EvaluationError:
    if error.argument is None:
        return EvaluationError(
            "Error in function call",
            f'Call to function "{function.name}" failed: {error.message}.',
            span,
        )
    name = parameter(function, error.argument).name
    at = args[error.argument].span if error.argument < len(args) else None
    return EvaluationError(
        "Invalid function argument",
        f'Invalid value for "{name}" parameter: {error.message}.',
        at or span,
    )


def _call(
    function: Function, args: Args, context: FunctionContext, span: Span | None
) -> Value:
    sensitive = False
    plain: list[Value] = []
    skip = False
    blind = False
    for position, value in enumerate(args):
        wanted = parameter(function, position)
        if not wanted.marked and values.any_sensitive(value):
            value = values.without_marks(value)
            sensitive = True
        plain.append(value)
        if value.data is None and not wanted.null:
            raise CallError("argument must not be null", position)
        kind = type_of(value)
        if kind.kind == "dynamic" and not wanted.dynamic:
            blind = True
        elif isinstance(value.data, Unknown) and not wanted.unknown:
            skip = True
    args = tuple(plain)
    if blind:
        returns = DYNAMIC
    elif isinstance(function.returns, Type):
        returns = function.returns
    else:
        returns = function.returns(args)
    if blind or skip:
        result = unknown_of(args, returns)
    else:
        result = function.run(args, Call(function.name, returns, span, context))
        assert conforms(type_of(result), returns), f"{function.name}: {result!r}"
    if function.bounds is not None:
        result = values.refine(result, function.bounds)
    return values.mark(result, sensitive=sensitive)


def unknown_of(args: Sequence[Value], returns: Type) -> Value:
    """The unknown result for the reason of the first unknown among the arguments."""
    reason = values.first_unknown_of(args)
    assert reason is not None, "something among the arguments is unknown"
    made = Value(values.derived(reason), type=returns)
    if any(values.any_sensitive(arg) for arg in args):
        made = values.mark(made, sensitive=True)
    return made


def _possible(
    function: Function, args: Args, context: FunctionContext, span: Span | None
) -> Value | None:
    """The result over all possible values of unknown arguments, None: no such list."""
    choices: list[tuple[Value, ...]] = []
    count = 1
    for value in args:
        data = value.data
        if not isinstance(data, Unknown):
            choices.append((value,))
            continue
        if not data.possible:
            return None
        choices.append(
            tuple(values.mark(v, sensitive=value.sensitive) for v in data.possible)
        )
        count *= len(data.possible)
    if not 1 < count <= values.MAX_POSSIBLE:
        return None
    results: dict[Any, Value] = {}
    for chosen in product(*choices):
        try:
            result = _call(function, chosen, context, span)
        except CallError:
            continue
        if not values.wholly_known(result):
            return None
        results.setdefault((type_of(result), values.identity(result)), result)
    if not results:
        return None
    outcomes = tuple(results.values())
    if len(outcomes) == 1:
        return outcomes[0]
    kinds = {type_of(outcome) for outcome in outcomes}
    made = unknown_of(args, kinds.pop() if len(kinds) == 1 else DYNAMIC)
    sensitive = any(outcome.sensitive for outcome in outcomes)
    reason: Unknown = made.data
    return made.replace(
        data=reason._replace(possible=outcomes), sensitive=made.sensitive or sensitive
    )


def whole_number(value: Value, what: str, argument: int | None = None) -> int:
    """A number as an int that a machine can hold, in the words of go-cty's gocty."""
    from mlsec_lint.terraform.number import to_integer

    found = to_integer(value.data)
    prefix = f"{what}: " if what else ""
    if found is None:
        raise CallError(f"{prefix}value must be a whole number", argument)
    if not -(2**63) <= found < 2**63:
        raise CallError(
            f"{prefix}value must be a whole number, between -9223372036854775808 and "
            "9223372036854775807 inclusive",
            argument,
        )
    return found
