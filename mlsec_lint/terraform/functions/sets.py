"""Functions on sets: setunion, setintersection, setsubtract, setproduct.

Facts from zclconf/go-cty 1.16 (function/stdlib/set.go, collection.go).
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from mlsec_lint.terraform import types, values
from mlsec_lint.terraform.convert import convert
from mlsec_lint.terraform.errors import BoundExceededError
from mlsec_lint.terraform.functions.signature import (
    Args,
    Call,
    CallError,
    Function,
    Parameter,
    unknown_of,
)
from mlsec_lint.terraform.types import DYNAMIC, Type, type_of
from mlsec_lint.terraform.unify import unify
from mlsec_lint.value import Bounds, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable

# A product of so many combinations has never been meant.
MAX_PRODUCT = 20_000


def _set_type(args: Args) -> Type:
    kinds: list[Type] = []
    for arg in args:
        element = type_of(arg).element
        empty = not isinstance(arg.data, Unknown) and not arg.data
        if not (empty and element.kind == "dynamic"):
            kinds.append(element)
    if not kinds:
        return types.SET_OF_DYNAMIC
    common = unify(kinds)
    if common is None:
        raise CallError("given sets must all have compatible element types")
    return types.set_of(common)


def _union(args: Args, call: Call) -> Value:
    elements = [e for arg in args for e in convert(arg, call.returns).data]
    return values.set_value(elements, call.returns.element)


def _intersection(args: Args, call: Call) -> Value:
    return _combine(
        args, call, lambda kept, other: {k: kept[k] for k in kept if k in other}
    )


def _subtract(args: Args, call: Call) -> Value:
    return _combine(
        args, call, lambda kept, other: {k: kept[k] for k in kept if k not in other}
    )


_Members = dict[object, Value]


def _combine(
    args: Args, call: Call, keep: Callable[[_Members, _Members], _Members]
) -> Value:
    members: list[_Members] = []
    for arg in args:
        whole = convert(arg, call.returns)
        if not values.wholly_known(whole):
            return unknown_of(args, call.returns)
        members.append({values.identity(e): e for e in whole.data})
    kept = members[0]
    for other in members[1:]:
        kept = keep(kept, other)
    return values.set_value(kept.values(), call.returns.element)


def _product_type(args: Args) -> Type:
    if len(args) < 2:
        raise CallError("at least two arguments are required")
    kinds: list[Type] = []
    ordered = True
    for position, arg in enumerate(args):
        kind = type_of(arg)
        if kind.kind in ("set", "list"):
            kinds.append(kind.element)
            ordered = ordered and kind.kind == "list"
        elif kind.kind == "tuple":
            common = unify(kind.elements) if kind.elements else DYNAMIC
            if common is None:
                raise CallError("all elements must be of the same type", position)
            kinds.append(common)
        else:
            raise CallError("a set or a list is required", position)
    whole = types.tuple_of(kinds)
    return types.list_of(whole) if ordered else types.set_of(whole)


def _product(args: Args, call: Call) -> Value:
    sensitive = any(arg.sensitive for arg in args)
    total = 1
    for arg in args:
        low, high = values.length_bounds(arg)
        if isinstance(arg.data, Unknown) or low != high:
            made = values.refine(unknown_of(args, call.returns), _length_bounds(args))
            return values.mark(made, sensitive=sensitive)
        total *= low
    if total * len(args) > MAX_PRODUCT:
        raise BoundExceededError(f"a product of {total} combinations")
    element = call.returns.element
    columns = [
        [convert(e, kind) for e in arg.data]
        for arg, kind in zip(args, element.elements, strict=True)
    ]
    rows = [values.tuple_value(row) for row in product(*columns)]
    make = values.list_value if call.returns.kind == "list" else values.set_value
    return values.mark(make(rows, element), sensitive=sensitive)


def _length_bounds(args: Args) -> Bounds:
    """How many combinations there can be when a length is unknown."""
    most = 1
    for arg in args:
        _, high = values.length_bounds(arg)
        if high is None or most * high > 2048:
            return Bounds(not_null=True)
        most *= high
    return Bounds(not_null=True, min_length=min(1, most), max_length=most)


_SET = Parameter("first_set", types.SET_OF_DYNAMIC, dynamic=True)
_OTHERS = Parameter("other_sets", types.SET_OF_DYNAMIC, dynamic=True)

FUNCTIONS = (
    Function("setunion", (_SET,), _set_type, _union, _OTHERS),
    Function("setintersection", (_SET,), _set_type, _intersection, _OTHERS),
    Function(
        "setsubtract",
        (_SET._replace(name="a"), _SET._replace(name="b")),
        _set_type,
        _subtract,
    ),
    Function(
        "setproduct",
        (),
        _product_type,
        _product,
        Parameter("sets", DYNAMIC, unknown=True, marked=True),
    ),
)
