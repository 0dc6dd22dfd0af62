"""Functions that ask something of a collection: length, element, contains, sum, ...

Facts from zclconf/go-cty 1.16 (function/stdlib) and Terraform 1.11 (lang/funcs).
"""

from __future__ import annotations

from mlsec_lint.terraform import number as numbers
from mlsec_lint.terraform import types, values
from mlsec_lint.terraform.convert import convert
from mlsec_lint.terraform.equality import equals
from mlsec_lint.terraform.functions.signature import (
    Args,
    Call,
    CallError,
    Function,
    Parameter,
    unknown_of,
    whole_number,
)
from mlsec_lint.terraform.graphemes import count_clusters, safe_prefix
from mlsec_lint.terraform.types import BOOL, DYNAMIC, NUMBER, STRING, Type, type_of
from mlsec_lint.terraform.unify import unify
from mlsec_lint.value import Bounds, Unknown, Value

SEQUENCES = ("list", "tuple")
_LIST = Parameter("list", DYNAMIC)
_BOOLS = Parameter("list", types.list_of(BOOL))
_CANDIDATES = Parameter("vals", DYNAMIC, null=True, unknown=True, dynamic=True)
_NOT_ONE = "must be a list, set, or tuple value with either zero or one elements"


def _length_type(args: Args) -> Type:
    kind = type_of(args[0])
    if kind.kind in ("number", "bool"):
        raise CallError(
            "argument must be a string, a collection type, or a structural type"
        )
    return NUMBER


def _length(args: Args, call: Call) -> Value:
    value = args[0]
    sensitive = value.sensitive
    kind = type_of(value).kind
    if kind == "string" and isinstance(value.data, str):
        made = values.number(numbers.whole(count_clusters(value.data)))
    elif kind in ("string", "dynamic"):
        low = 0
        if value.data.bounds is not None:
            low = count_clusters(safe_prefix(value.data.bounds.prefix))
        made = values.refine(unknown_of(args, NUMBER), Bounds(low=low, not_null=True))
    else:
        low, high = values.length_bounds(value)
        if low == high:
            made = values.number(numbers.whole(low))
        else:
            bounds = Bounds(not_null=True, low=low, high=high)
            made = values.refine(unknown_of(args, call.returns), bounds)
    return values.mark(made, sensitive=sensitive)


def _all_true(args: Args, call: Call) -> Value:
    return _quantify(args, call, deciding=False)


def _any_true(args: Args, call: Call) -> Value:
    return _quantify(args, call, deciding=True)


def _quantify(args: Args, call: Call, *, deciding: bool) -> Value:
    """Whether one element decides; null counts as false, an unknown leaves it open."""
    unknown = False
    for element in args[0].data:
        if isinstance(element.data, Unknown):
            unknown = True
        elif bool(element.data) is deciding:
            return values.boolean(deciding)
    if unknown:
        return unknown_of(args, call.returns)
    return values.boolean(not deciding)


def _element_type(args: Args) -> Type:
    kind = type_of(args[0])
    if kind.kind == "list":
        return kind.element
    if kind.kind != "tuple":
        raise CallError(f"cannot read elements from {kind.friendly()}")
    if isinstance(args[1].data, Unknown):
        return DYNAMIC
    position = whole_number(args[1], "invalid index")
    if not kind.elements:
        raise CallError("cannot use element function with an empty list")
    if position < 0 and position % len(kind.elements):
        # go-cty before 1.16.2 indexes with Go's negative remainder.
        raise CallError("panic in function implementation: index out of range")
    return kind.elements[position % len(kind.elements)]


def _element(args: Args, call: Call) -> Value:
    position = whole_number(args[1], "invalid index")
    data = args[0].data
    if isinstance(data, Unknown):
        return values.mark(unknown_of(args, call.returns), sensitive=args[0].sensitive)
    if not data:
        raise CallError("cannot use element function with an empty list")
    found: Value = data[position % len(data)]
    return values.mark(found, sensitive=args[0].sensitive)


def _coalesce_list_type(args: Args) -> Type:
    if not args:
        raise CallError("at least one argument is required")
    kinds = []
    for arg in args:
        if isinstance(arg.data, Unknown):
            return DYNAMIC
        kinds.append(type_of(arg))
        if kinds[-1].kind not in SEQUENCES:
            raise CallError("coalescelist arguments must be lists or tuples")
    return kinds[0] if len(set(kinds)) == 1 else DYNAMIC


def _coalesce_list(args: Args, call: Call) -> Value:
    for arg in args:
        if isinstance(arg.data, Unknown):
            return unknown_of((arg,), call.returns)
        if arg.data:
            return arg
    raise CallError("no non-null arguments")


def _coalesce_type(args: Args) -> Type:
    common = unify([type_of(arg) for arg in args])
    if common is None:
        raise CallError("all arguments must have the same type")
    return common


def _coalesce(args: Args, call: Call) -> Value:
    """The first that is neither null nor ""; an unknown leaves a set of candidates."""
    candidates: list[Value] = []
    reason: Value | None = None
    for arg in args:
        value = arg if call.returns.kind == "dynamic" else convert(arg, call.returns)
        if isinstance(value.data, Unknown):
            reason = reason or value
            candidates.extend(value.data.possible or (value,))
            if values.definitely_not_null(value) and call.returns != STRING:
                break
            continue
        if value.data is None or value.data == "":
            continue
        if reason is None:
            return value
        candidates.append(value)
        break
    if reason is None:
        raise CallError("no non-null, non-empty-string arguments")
    kept = [c for c in candidates if c.data not in (None, "")]
    made = unknown_of((reason,), call.returns)
    if kept and len(kept) <= values.MAX_POSSIBLE:
        made = made.replace(data=made.data._replace(possible=tuple(kept)))
    return made


def _contains(args: Args, call: Call) -> Value:
    kind = type_of(args[0])
    if kind.kind not in ("list", "tuple", "set"):
        raise CallError("argument must be list, tuple, or set")
    unknown = False
    for element in args[0].data:
        same = equals(element, args[1])
        if same:
            return values.TRUE
        unknown = unknown or same is None
    return unknown_of(args, call.returns) if unknown else values.FALSE


def _index(args: Args, call: Call) -> Value:
    if type_of(args[0]).kind not in SEQUENCES:
        raise CallError("argument must be a list or tuple")
    if not args[0].data:
        raise CallError("cannot search an empty list")
    for position, element in enumerate(args[0].data):
        same = equals(element, args[1])
        if same is None:
            return unknown_of(args, call.returns)
        if same:
            return values.number(numbers.whole(position))
    raise CallError("item not found")


def _one_type(args: Args) -> Type:
    kind = type_of(args[0])
    if kind.kind in ("list", "set"):
        return kind.element
    if kind.kind != "tuple" or len(kind.elements) > 1:
        raise CallError(_NOT_ONE, 0)
    return kind.elements[0] if kind.elements else DYNAMIC


def _one(args: Args, call: Call) -> Value:
    low, high = values.length_bounds(args[0])
    if low != high:
        return unknown_of(args, call.returns)
    if low > 1:
        raise CallError(_NOT_ONE, 0)
    if low == 0:
        return values.null(call.returns)
    found: Value = args[0].data[0]
    return found


def _sum(args: Args, call: Call) -> Value:
    kind = type_of(args[0])
    if kind.is_primitive:
        raise CallError("cannot sum noniterable", 0)
    if not args[0].data:
        raise CallError("cannot sum an empty list", 0)
    if kind.kind not in ("list", "set", "tuple"):
        message = f"argument must be list, set, or tuple. Received {kind.friendly()}"
        raise CallError(message, 0)
    if not values.wholly_known(args[0]):
        return unknown_of(args, call.returns)
    total: numbers.Numeric | None = None
    for element in args[0].data:
        number = _summand(element)
        try:
            total = number if total is None else numbers.add(total, number)
        except ArithmeticError:
            raise CallError("can't compute sum of opposing infinities") from None
    assert total is not None, "the list is not empty"
    return values.number(total)


def _summand(element: Value) -> numbers.Numeric:
    message = "argument must be list, set, or tuple of number values"
    if element.data is None or type_of(element).kind not in ("number", "string"):
        raise CallError(message, 0)
    data = element.data
    number = numbers.parse(data) if isinstance(data, str) else data
    if number is None:
        raise CallError(message, 0)
    return number


FUNCTIONS = (
    Function(
        "length",
        (Parameter("value", DYNAMIC, unknown=True, dynamic=True, marked=True),),
        _length_type,
        _length,
    ),
    Function("alltrue", (_BOOLS,), BOOL, _all_true),
    Function("anytrue", (_BOOLS,), BOOL, _any_true),
    Function(
        "element",
        (Parameter("list", DYNAMIC, marked=True), Parameter("index", NUMBER)),
        _element_type,
        _element,
        bounds=None,
    ),
    Function(
        "coalescelist",
        (),
        _coalesce_list_type,
        _coalesce_list,
        Parameter("vals", DYNAMIC, null=True, unknown=True, dynamic=True),
    ),
    Function(
        "coalesce",
        (),
        _coalesce_type,
        _coalesce,
        Parameter("vals", DYNAMIC, null=True, unknown=True, dynamic=True),
    ),
    Function("contains", (_LIST, Parameter("value", DYNAMIC)), BOOL, _contains),
    Function("index", (_LIST, Parameter("value", DYNAMIC)), NUMBER, _index),
    Function("one", (_LIST,), _one_type, _one, bounds=None),
    Function("sum", (_LIST,), NUMBER, _sum),
)
