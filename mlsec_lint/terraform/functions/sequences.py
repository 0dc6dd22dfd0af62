"""Functions that make lists of lists, tuples and sets: concat, flatten, slice, ...

Facts from zclconf/go-cty 1.16 (function/stdlib) and Terraform 1.11 (lang/funcs).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.terraform import number as numbers
from mlsec_lint.terraform import types, values
from mlsec_lint.terraform.convert import convert
from mlsec_lint.terraform.equality import equals
from mlsec_lint.terraform.errors import BoundExceededError
from mlsec_lint.terraform.functions.signature import (
    Args,
    Call,
    CallError,
    Function,
    Parameter,
    unknown_of,
    whole_number,
)
from mlsec_lint.terraform.types import DYNAMIC, NUMBER, STRING, Type, type_of
from mlsec_lint.terraform.unify import unify
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# Comparing every pair of elements is quadratic; real lists are far shorter.
MAX_PAIRS = 1_000_000
SEQUENCES = ("list", "tuple")
_ANY_LIST = Parameter("list", types.LIST_OF_DYNAMIC)
#: Computed attributes that are strings wherever a provider has them. Without its schema
#: all attributes are of any type, and a list of ARNs could not be flattened.
_TEXTS = frozenset({"id", "arn", "name", "bucket", "email", "self_link", "unique_id"})


def _among(made: Value, elements: Iterable[Value]) -> Value:
    """The unknown sequence, remembering what it is made of."""
    kept = tuple(elements)
    return made.replace(origin=("among", values.tuple_value(kept))) if kept else made


def _compact(args: Args, call: Call) -> Value:
    if not values.wholly_known(args[0]):
        kept = [e for e in args[0].data if e.data not in (None, "")]
        return _among(unknown_of(args, call.returns), kept)
    kept = [e for e in args[0].data if e.data is not None and e.data != ""]
    return values.list_value(kept, STRING)


def _distinct(args: Args, call: Call) -> Value:
    if not values.wholly_known(args[0]):
        return _among(unknown_of(args, call.returns), args[0].data)
    seen: dict[object, Value] = {}
    for element in args[0].data:
        seen.setdefault(values.identity(element), element)
    return values.list_value(seen.values(), call.returns.element)


def _chunklist(args: Args, call: Call) -> Value:
    size = whole_number(args[1], "invalid size")
    if size < 0:
        raise CallError("the size argument must be positive")
    elements = args[0].data
    step = size or max(1, len(elements))
    inner = call.returns.element
    chunks = [
        values.list_value(elements[i : i + step], inner.element)
        for i in range(0, len(elements), step)
    ]
    made = values.list_value(chunks, inner)
    return values.mark(made, sensitive=args[0].sensitive or args[1].sensitive)


def _flatten_type(args: Args) -> Type:
    if not values.wholly_known(args[0]):
        return DYNAMIC
    kind = type_of(args[0])
    if kind.kind not in ("list", "set", "tuple"):
        raise CallError("can only flatten lists, sets and tuples")
    return DYNAMIC


def _flatten(args: Args, call: Call) -> Value:
    value = args[0]
    if type_of(value).kind not in ("list", "set", "tuple"):
        raise CallError("can only flatten lists, sets and tuples")
    out: list[Value] = []
    known, sensitive = _flatten_into(value, out)
    if not known:
        made = _among(unknown_of(args, call.returns), out)
        return values.mark(made, sensitive=sensitive)
    return values.mark(values.tuple_value(out), sensitive=sensitive)


def _is_text(unknown: Unknown) -> bool:
    """Whether an unknown is an attribute of a resource that is a string, by its name."""
    symbol = unknown.symbol
    return symbol is not None and len(symbol.path) == 1 and symbol.path[0] in _TEXTS


def _flatten_into(value: Value, out: list[Value]) -> tuple[bool, bool]:
    """Append the leaves; whether all of them are known to be there, and any mark."""
    low, high = values.length_bounds(value)
    if low != high:
        return False, value.sensitive
    known, sensitive = True, value.sensitive
    for element in value.data:
        kind = type_of(element).kind
        unknown = isinstance(element.data, Unknown) and not _is_text(element.data)
        if unknown and kind in ("dynamic", "list", "set", "tuple"):
            known = False
            sensitive = sensitive or element.sensitive
        elif element.data is not None and kind in ("list", "set", "tuple"):
            inner, marked = _flatten_into(element, out)
            known, sensitive = known and inner, sensitive or marked
        else:
            out.append(element)
            if len(out) > values.MAX_PARTS:
                raise BoundExceededError(f"a list of more than {values.MAX_PARTS}")
    return known, sensitive


def _reverse_type(args: Args) -> Type:
    kind = type_of(args[0])
    if kind.kind == "tuple":
        return types.tuple_of(reversed(kind.elements))
    if kind.kind in ("list", "set"):
        return types.list_of(kind.element)
    raise CallError(f"can only reverse list or tuple values, not {kind.friendly()}", 0)


def _reverse(args: Args, call: Call) -> Value:
    low, high = values.length_bounds(args[0])
    if low != high:
        # Terraform would put the unknown elements of a set first, where they need not be.
        made = unknown_of(args, call.returns)
        return values.mark(made, sensitive=args[0].sensitive)
    turned = tuple(reversed(args[0].data))
    if call.returns.kind == "tuple":
        made = values.tuple_value(turned)
    else:
        made = values.list_value(turned, call.returns.element)
    return values.mark(made, sensitive=args[0].sensitive)


def _slice_type(args: Args) -> Type:
    kind = type_of(args[0])
    if kind.kind == "set":
        raise CallError(
            "cannot slice a set, because its elements do not have indices; explicitly "
            "convert to a list if the ordering of the result is not important",
            0,
        )
    if kind.kind not in SEQUENCES:
        raise CallError("must be a list or tuple value", 0)
    start, end = _slice_bounds(args)
    if kind.kind == "list":
        return kind
    if start is None or end is None:
        return DYNAMIC
    return types.tuple_of(kind.elements[start:end])


def _slice_bounds(args: Args) -> tuple[int | None, int | None]:
    _, length = values.length_bounds(args[0])
    found: list[int | None] = []
    for position, which in ((1, "start"), (2, "end")):
        if isinstance(args[position].data, Unknown):
            found.append(None)
            continue
        at = whole_number(args[position], f"invalid {which} index", position)
        if at < 0:
            raise CallError(f"{which} index must not be less than zero", position)
        if length is not None and at > length:
            raise CallError(
                f"{which} index must not be greater than the length of the list",
                position,
            )
        found.append(at)
    start, end = found
    if start is not None and end is not None and start > end:
        raise CallError("start index must not be greater than end index", 1)
    return start, end


def _slice(args: Args, call: Call) -> Value:
    start, end = _slice_bounds(args)
    part = args[0].data[start:end]
    if call.returns.kind == "tuple":
        made = values.tuple_value(part)
    else:
        made = values.list_value(part, call.returns.element)
    return values.mark(made, sensitive=args[0].sensitive)


def _parts_of(sequence: Value) -> tuple[Value, ...]:
    """The elements of a list, or what is known of those of an unknown one."""
    if not isinstance(sequence.data, Unknown):
        return sequence.elements()
    if sequence.origin is not None and sequence.origin[0] == "among":
        return sequence.origin[1].elements()
    return ()


def _concat_type(args: Args) -> Type:
    if not args:
        raise CallError("at least one argument is required")
    kinds = [type_of(arg) for arg in args]
    if all(kind.kind == "list" for kind in kinds):
        common = unify(kinds)
        if common is not None:
            return common
    elements: list[Type] = []
    for position, (arg, kind) in enumerate(zip(args, kinds, strict=True)):
        if kind.kind == "tuple":
            elements.extend(kind.elements)
        elif kind.kind == "list":
            if isinstance(arg.data, Unknown):
                return DYNAMIC
            elements.extend([kind.element] * len(arg.data))
        else:
            message = f"all arguments must be lists or tuples; got {kind.friendly()}"
            raise CallError(message, position)
    return types.tuple_of(elements)


def _concat(args: Args, call: Call) -> Value:
    sensitive = any(arg.sensitive for arg in args)
    joined: list[Value] = []
    if any(isinstance(arg.data, Unknown) for arg in args):
        for arg in args:
            joined.extend(_parts_of(arg))
        made = _among(unknown_of(args, call.returns), joined)
        return values.mark(made, sensitive=sensitive)
    for arg in args:
        whole = convert(arg, call.returns) if call.returns.kind == "list" else arg
        joined.extend(whole.data)
    if call.returns.kind == "list":
        made = values.list_value(joined, call.returns.element)
    else:
        made = values.tuple_value(joined)
    return values.mark(made, sensitive=sensitive)


def _range(args: Args, _call: Call) -> Value:
    given: Sequence[numbers.Numeric] = [arg.data for arg in args]
    start: numbers.Numeric
    end: numbers.Numeric
    step: numbers.Numeric
    if len(given) == 1:
        start, end = 0, given[0]
        step = -1 if numbers.sign(end) < 0 else 1
    elif len(given) == 2:
        start, end = given
        step = -1 if numbers.compare(end, start) < 0 else 1
    elif len(given) == 3:
        start, end, step = given
    else:
        raise CallError("must have one, two, or three arguments")
    way = numbers.sign(step)
    if way == 0:
        raise CallError("step must not be zero", 2)
    if numbers.compare(end, start) * way < 0:
        rest = (
            "less than start when step is negative"
            if way < 0
            else "greater than start when step is positive"
        )
        raise CallError(f"end must be {rest}", 1)
    made: list[Value] = []
    here = start
    while numbers.compare(here, end) * way < 0:
        if len(made) >= 1024:
            raise CallError(
                "more than 1024 values were generated; either decrease the difference "
                "between start and end or use a smaller step"
            )
        made.append(values.number(here))
        here = numbers.add(here, step)
    return values.list_value(made, NUMBER)


def _matchkeys_type(args: Args) -> Type:
    if unify([type_of(args[1]), type_of(args[2])]) is None:
        raise CallError("keys and searchset must be of the same type")
    return type_of(args[0])


def _matchkeys(args: Args, call: Call) -> Value:
    data, keys, wanted = (arg.data for arg in args)
    if len(data) != len(keys):
        raise CallError("length of keys and values should be equal")
    common = unify([type_of(args[1]), type_of(args[2])])
    assert common is not None, "the type was checked"
    keys = convert(args[1], common).data
    wanted = convert(args[2], common).data
    if not wanted:
        return values.list_value((), call.returns.element)
    if not (values.wholly_known(args[0]) and values.wholly_known(args[1])):
        return unknown_of(args, call.returns)
    if len(keys) * len(wanted) > MAX_PAIRS:
        raise BoundExceededError("matching too many keys")
    kept: list[Value] = []
    for key, value in zip(keys, data, strict=True):
        for candidate in wanted:
            same = equals(key, candidate)
            if same is None:
                # Terraform 1.11 gives an empty list here, which later may turn out
                # wrong: the sound answer is that nobody knows.
                return unknown_of(args, call.returns)
            if same:
                kept.append(value)
                break
    return values.list_value(kept, call.returns.element)


FUNCTIONS = (
    Function(
        "compact",
        (Parameter("list", types.LIST_OF_STRING),),
        types.LIST_OF_STRING,
        _compact,
    ),
    Function("distinct", (_ANY_LIST,), lambda args: type_of(args[0]), _distinct),
    Function(
        "chunklist",
        (
            Parameter("list", types.LIST_OF_DYNAMIC, marked=True),
            Parameter("size", NUMBER, marked=True),
        ),
        lambda args: types.list_of(type_of(args[0])),
        _chunklist,
    ),
    Function(
        "flatten",
        (Parameter("list", DYNAMIC, marked=True),),
        _flatten_type,
        _flatten,
    ),
    Function(
        "reverse",
        (Parameter("list", DYNAMIC, marked=True),),
        _reverse_type,
        _reverse,
    ),
    Function(
        "slice",
        (
            Parameter("list", DYNAMIC, marked=True),
            Parameter("start_index", NUMBER),
            Parameter("end_index", NUMBER),
        ),
        _slice_type,
        _slice,
    ),
    Function(
        "concat",
        (),
        _concat_type,
        _concat,
        Parameter("seqs", DYNAMIC, unknown=True, marked=True),
    ),
    Function("range", (), types.list_of(NUMBER), _range, Parameter("params", NUMBER)),
    Function(
        "matchkeys",
        (
            Parameter("values", types.LIST_OF_DYNAMIC),
            Parameter("keys", types.LIST_OF_DYNAMIC),
            Parameter("searchset", types.LIST_OF_DYNAMIC),
        ),
        _matchkeys_type,
        _matchkeys,
    ),
)
