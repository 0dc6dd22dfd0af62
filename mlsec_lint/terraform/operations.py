"""Operators, indexing and attribute access on values.

All raise EvaluationError with Terraform's words; an unknown operand gives an unknown
result for the same reason, more precise than Terraform's where the answer is certain
(`false && x`, an unknown with a closed list of possible values). A sensitive operand
gives a sensitive result. Facts from hashicorp/hcl 2.23 (ops.go, expression_ops.go) and
zclconf/go-cty 1.16; Terraform 1.11 has no short-circuit operators: both operands are
evaluated and must fit.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

from mlsec_lint.terraform import number as numbers
from mlsec_lint.terraform import values
from mlsec_lint.terraform.convert import ConversionError, convert
from mlsec_lint.terraform.equality import equals
from mlsec_lint.terraform.errors import BoundExceededError, EvaluationError
from mlsec_lint.terraform.types import BOOL, DYNAMIC, NUMBER, STRING, Type, type_of
from mlsec_lint.value import Symbol, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mlsec_lint.source import Span

_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": numbers.add,
    "-": lambda a, b: numbers.add(a, numbers.negate(b)),
    "*": numbers.multiply,
    "/": numbers.divide,
    "%": numbers.modulo,
}
_COMPARISONS: dict[str, Callable[[int], bool]] = {
    "<": lambda order: order < 0,
    "<=": lambda order: order <= 0,
    ">": lambda order: order > 0,
    ">=": lambda order: order >= 0,
}
_NAN = {
    "+": "can't compute sum of opposing infinities",
    "-": "can't subtract infinity from itself",
    "*": "can't multiply zero by infinity",
    "/": "can't divide zero by zero or infinity by infinity",
    "%": "can't use modulo with zero and infinity",
}


def literal(text: str, span: Span | None = None) -> Value:
    """The value of a number as written; Unknown when its exponent is past our bound."""
    try:
        parsed = numbers.parse(text)
    except BoundExceededError as error:
        return values.bound(error.why, span, NUMBER)
    if parsed is None:
        raise EvaluationError("Invalid number literal", f"{text!r} is no number", span)
    return values.number(parsed, span)


def unary(operator: str, operand: Value, span: Span | None = None) -> Value:
    """`-x` or `!x`."""
    wanted = NUMBER if operator == "-" else BOOL
    given = _operand(operand, wanted, "unary", span)

    def apply(known: Sequence[Value]) -> Value:
        if operator == "-":
            return values.number(numbers.negate(known[0].data))
        return values.boolean(not known[0].data)

    return _apply(apply, (given,), wanted, span)


def binary(operator: str, left: Value, right: Value, span: Span | None = None) -> Value:
    """`left operator right` for any of + - * / % < <= > >= == != && ||."""
    if operator in ("==", "!="):
        return _equality(operator, left, right, span)
    if operator in ("&&", "||"):
        wanted, returns = BOOL, BOOL
    else:
        wanted, returns = NUMBER, NUMBER if operator in _ARITHMETIC else BOOL
    a = _operand(left, wanted, "left", span)
    b = _operand(right, wanted, "right", span)
    if returns is BOOL and wanted is BOOL:
        return _logical(operator, a, b, span)
    if returns is BOOL:
        decided = _compare_bounds(operator, a, b)
        if decided is not None:
            return _finish(values.boolean(decided), (a, b), span)

    def apply(known: Sequence[Value]) -> Value:
        x, y = known[0].data, known[1].data
        if operator in _COMPARISONS:
            return values.boolean(_COMPARISONS[operator](numbers.compare(x, y)))
        try:
            return values.number(_ARITHMETIC[operator](x, y))
        except ArithmeticError:
            raise _failed(_NAN[operator], span) from None

    return _apply(apply, (a, b), returns, span)


def _failed(why: str, span: Span | None) -> EvaluationError:
    return EvaluationError("Operation failed", f"Error during operation: {why}.", span)


def _operand(value: Value, wanted: Type, side: str, span: Span | None) -> Value:
    try:
        given = convert(value, wanted)
    except ConversionError as error:
        raise EvaluationError(
            "Invalid operand",
            f"Unsuitable value for {side} operand: {error.message}.",
            value.span or span,
        ) from None
    except BoundExceededError as error:
        return values.bound(error.why, value.span, wanted)
    if given.data is None:
        raise _failed("argument must not be null", span)
    return given


def _apply(
    function: Callable[[Sequence[Value]], Value],
    operands: Sequence[Value],
    returns: Type,
    span: Span | None,
) -> Value:
    """Call with known operands, or go through the possible values of unknown ones."""
    reason = _first(operands)
    try:
        if reason is None:
            return _finish(function(operands), operands, span)
        possible = _outcomes(function, operands)
    except BoundExceededError as error:
        return _finish(values.bound(error.why, span, returns), operands, span)
    if possible is not None and len(possible) == 1:
        return _finish(possible[0], operands, span)
    made = values.unknown(returns, values.derived(reason)._replace(possible=possible))
    return _finish(values.not_null(made), operands, span)


def _first(operands: Sequence[Value]) -> Unknown | None:
    for operand in operands:
        if isinstance(operand.data, Unknown):
            return operand.data
    return None


def _outcomes(
    function: Callable[[Sequence[Value]], Value], operands: Sequence[Value]
) -> tuple[Value, ...] | None:
    """All results over the possible values of the operands, or None: no closed list."""
    choices: list[tuple[Value, ...]] = []
    count = 1
    for operand in operands:
        if not isinstance(operand.data, Unknown):
            choices.append((operand,))
            continue
        if not operand.data.possible:
            return None
        choices.append(operand.data.possible)
        count *= len(operand.data.possible)
        if count > values.MAX_POSSIBLE:
            return None
    results: dict[Any, Value] = {}
    for chosen in product(*choices):
        if any(
            value.data is None or not values.wholly_known(value) for value in chosen
        ):
            return None
        try:
            result = function(chosen)
        except EvaluationError:
            continue
        if not values.wholly_known(result):
            return None
        results.setdefault((type_of(result), values.identity(result)), result)
    return tuple(results.values()) or None


def _finish(result: Value, operands: Sequence[Value], span: Span | None) -> Value:
    """The result at its place, with the trail and sensitivity of its operands."""
    trail = next((o.trail for o in operands if o.trail), ())
    sensitive = result.sensitive or any(o.sensitive for o in operands)
    return result.replace(span=span, key=None, trail=trail, sensitive=sensitive)


def _equality(operator: str, left: Value, right: Value, span: Span | None) -> Value:
    same = equals(left, right)
    deep = (left.data is None) == (right.data is None)
    sensitive = left.sensitive or right.sensitive
    if deep and not sensitive:
        sensitive = values.any_sensitive(left) or values.any_sensitive(right)
    if same is None:
        reason = values.first_unknown(left)
        if reason is None:
            reason = values.first_unknown(right)
        assert reason is not None, "equality is undecided only with an unknown"
        possible = _outcomes(
            lambda known: values.boolean(
                equals(known[0], known[1]) is (operator == "==")
            ),
            (left, right),
        )
        if possible is not None and len(possible) == 1:
            return _finish(possible[0], (left, right), span)
        unknown = values.derived(reason)._replace(possible=possible)
        made = values.not_null(values.unknown(BOOL, unknown))
    else:
        made = values.boolean(same == (operator == "=="))
    return _finish(values.mark(made, sensitive=sensitive), (left, right), span)


def _logical(operator: str, left: Value, right: Value, span: Span | None) -> Value:
    """Decided by one known operand where that suffices."""
    deciding = operator == "||"
    for operand in (left, right):
        if operand.data is deciding:
            return _finish(values.boolean(deciding), (left, right), span)
    return _apply(
        lambda known: values.boolean(
            any(v.data is deciding for v in known) == deciding
        ),
        (left, right),
        BOOL,
        span,
    )


def _compare_bounds(operator: str, left: Value, right: Value) -> bool | None:
    """A comparison that the bounds of unknown numbers already decide."""
    if operator in (">", ">="):
        left, right = right, left
    a, b = _range(left), _range(right)
    if operator in ("<", ">"):
        if a[1] is not None and b[0] is not None and a[1] < b[0]:
            return True
        return (
            False if a[0] is not None and b[1] is not None and not a[0] < b[1] else None
        )
    if a[1] is not None and b[0] is not None and not a[1] > b[0]:
        return True
    return False if a[0] is not None and b[1] is not None and a[0] > b[1] else None


def _range(value: Value) -> tuple[Any, Any]:
    data = value.data
    if isinstance(data, Unknown):
        return (data.bounds.low, data.bounds.high) if data.bounds else (None, None)
    return data, data


def index(collection: Value, key: Value, span: Span | None = None) -> Value:
    """`collection[key]`: the element itself, with its own span and trail."""
    if collection.data is None:
        raise EvaluationError(
            "Attempt to index null value",
            "This value is null, so it does not have any indices.",
            span,
        )
    if key.data is None:
        raise _bad_index("Can't use a null value as an indexing key.", span)
    kind = type_of(collection)
    if kind.kind == "dynamic" or type_of(key).kind == "dynamic":
        return _unknown_element(collection, key, DYNAMIC, span)
    if kind.kind == "set":
        raise _bad_index(
            "Elements of a set are identified only by their value and don't have any "
            "separate index or key to select with, so it's only possible to perform "
            "operations across all elements of the set.",
            span,
        )
    if kind.is_primitive:
        raise _bad_index("This value does not have any indices.", span)
    wanted = STRING if kind.kind in ("map", "object") else NUMBER
    try:
        converted = convert(key, wanted)
    except ConversionError as error:
        raise _no_element(f": {error.message}.", span) from None
    if isinstance(converted.data, Unknown):
        return _unknown_element(collection, converted, _element_kind(kind), span)
    if wanted is STRING:
        return _by_name(
            collection, converted, kind, span, number=type_of(key) == NUMBER
        )
    return _by_number(collection, converted, kind, span)


def _bad_index(detail: str, span: Span | None) -> EvaluationError:
    return EvaluationError("Invalid index", detail, span)


def _no_element(clause: str, span: Span | None) -> EvaluationError:
    return _bad_index(
        f"The given key does not identify an element in this collection value{clause}",
        span,
    )


def _element_kind(kind: Type) -> Type:
    return kind.element if kind.is_collection else DYNAMIC


def _by_name(
    collection: Value, key: Value, kind: Type, span: Span | None, *, number: bool
) -> Value:
    name: str = key.data
    if isinstance(collection.data, Unknown):
        if kind.kind == "object" and name not in kind.attributes:
            raise _no_element(".", span)
        found = kind.attributes[name] if kind.kind == "object" else kind.element
        return _unknown_element(collection, key, found, span)
    element = collection.data.get(name)
    if element is None:
        hint = ""
        if number and kind.kind == "object":
            hint = " An object only supports looking up attributes by name, not by numeric index."
        raise _no_element(f".{hint}", span)
    return _take(element, collection, key, name)


def _by_number(collection: Value, key: Value, kind: Type, span: Span | None) -> Value:
    position = numbers.to_integer(key.data)
    if position is None:
        raise _no_element(
            ": indexing a sequence requires a whole number, but the given index has a fractional part.",
            span,
        )
    if position < 0:
        raise _no_element(
            ": a negative number is not a valid index for a sequence.", span
        )
    _, length = values.length_bounds(collection)
    if length is not None and position >= length:
        raise _no_element(
            ": the collection has no elements."
            if length == 0
            else ": the given index is greater than or equal to the length of the collection.",
            span,
        )
    if isinstance(collection.data, Unknown):
        found = kind.elements[position] if kind.kind == "tuple" else kind.element
        return _unknown_element(collection, key, found, span)
    return _take(collection.data[position], collection, key, position)


def _take(
    element: Value, collection: Value, key: Value | None, step: str | int
) -> Value:
    """The element with what it inherits from the collection and the key."""
    sensitive = collection.sensitive or (key is not None and key.sensitive)
    symbol = element.symbol
    if symbol is None and collection.symbol is not None:
        symbol = Symbol(collection.symbol.address, (*collection.symbol.path, step))
    if symbol is not element.symbol or (sensitive and not element.sensitive):
        return element.replace(symbol=symbol, sensitive=sensitive or element.sensitive)
    return element


def _unknown_element(
    collection: Value, key: Value | None, kind: Type, span: Span | None
) -> Value:
    """An element of an unknown collection, or one at an unknown key."""
    reason = collection.data
    step = None if key is None else _step(key.data)
    origin = collection.origin
    if origin is not None and origin[0] == "merge" and isinstance(step, str):
        certain = origin[1].get(step)
        if certain is not None:
            return _take(certain, collection, key, step)
    sensitive = collection.sensitive or (key is not None and key.sensitive)
    if isinstance(reason, Unknown):
        return _attribute_of_unknown(
            collection, reason, kind, step, sensitive=sensitive
        )
    assert key is not None, "a known collection lacks only the key"
    possible = _elements_at(collection, key)
    made = values.unknown(kind, values.derived(key.data)._replace(possible=possible))
    return made.replace(span=span, trail=key.trail, sensitive=sensitive)


def _step(key: Any) -> str | int | None:
    """The key as a step of a symbol's path; None when it is unknown or no key."""
    if isinstance(key, str):
        return key
    if isinstance(key, numbers.Number | int) and not isinstance(key, bool):
        return numbers.to_integer(key)
    return None


def _attribute_of_unknown(
    collection: Value,
    reason: Unknown,
    kind: Type,
    step: str | int | None,
    *,
    sensitive: bool,
) -> Value:
    symbol = reason.symbol
    if symbol is not None:
        symbol = Symbol(symbol.address, (*symbol.path, step))
    possible: tuple[Value, ...] | None = None
    if reason.possible is not None and step is not None:
        found = [each.at(step) for each in reason.possible]
        possible = tuple(each for each in found if each is not None) or None
    element = reason._replace(symbol=symbol, parts=(), possible=possible, bounds=None)
    return Value(
        element,
        collection.span,
        key=collection.key,
        type=kind,
        trail=collection.trail,
        sensitive=sensitive,
        symbol=symbol,
    )


def _elements_at(collection: Value, key: Value) -> tuple[Value, ...] | None:
    """The elements that the unknown key may pick."""
    data = collection.data
    allowed = key.data.possible
    if allowed is not None and isinstance(data, dict):
        names = [str(each.data) for each in allowed if isinstance(each.data, str)]
        found = [data[name] for name in names if name in data]
    else:
        found = list(values.parts_of(collection))
    return tuple(found) if 0 < len(found) <= values.MAX_POSSIBLE else None


def get_attribute(value: Value, name: str, span: Span | None = None) -> Value:
    """`value.name`: the attribute itself, with its own span and trail."""
    if value.data is None:
        raise EvaluationError(
            "Attempt to get attribute from null value",
            "This value is null, so it does not have any attributes.",
            span,
        )
    kind = type_of(value)
    if kind.kind == "dynamic":
        return _unknown_element(value, values.string(name), DYNAMIC, span)
    if kind.kind not in ("object", "map"):
        raise EvaluationError("Unsupported attribute", _no_attributes(kind, name), span)
    if kind.kind == "object" and name not in kind.attributes:
        detail = f"This object does not have an attribute named {values.quote(name)}."
        raise EvaluationError("Unsupported attribute", detail, span)
    if isinstance(value.data, Unknown):
        found = kind.attributes[name] if kind.kind == "object" else kind.element
        return _unknown_element(value, values.string(name), found, span)
    element = value.data.get(name)
    if element is None:
        detail = f"This map does not have an element with the key {values.quote(name)}."
        raise EvaluationError("Missing map element", detail, span)
    return _take(element, value, None, name)


def _no_attributes(kind: Type, name: str) -> str:
    if kind.is_primitive:
        return f"Can't access attributes on a primitive-typed value ({kind.kind})."
    if kind.kind in ("list", "set") and kind.element.kind == "object":
        detail = f"Can't access attributes on a {kind.kind} of objects."
        if kind.kind == "set":
            return f"{detail} Did you mean to access an attribute across all elements of the set?"
        hint = (
            f"attribute {values.quote(name)} for a specific element of the list, or across"
            if name in kind.element.attributes
            else "an attribute for a specific element of the list, or across"
        )
        return f"{detail} Did you mean to access {hint} all elements of the list?"
    return "This value does not have any attributes."
