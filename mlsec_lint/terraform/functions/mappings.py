"""Functions on maps and objects: keys, values, lookup, merge, zipmap, transpose.

Facts from zclconf/go-cty 1.16 (function/stdlib) and Terraform 1.11 (lang/funcs).
"""

from __future__ import annotations

from mlsec_lint.terraform import types, values
from mlsec_lint.terraform.convert import ConversionError, convert
from mlsec_lint.terraform.functions.signature import (
    Args,
    Call,
    CallError,
    Function,
    Parameter,
    unknown_of,
)
from mlsec_lint.terraform.types import DYNAMIC, STRING, Type, type_of
from mlsec_lint.value import Unknown, Value

_NO_MAP = "arguments must be maps or objects, got "
_MAP_OF_LISTS = types.map_of(types.LIST_OF_STRING)


def _keys_type(args: Args) -> Type:
    kind = type_of(args[0])
    if kind.kind == "map":
        return types.LIST_OF_STRING
    if kind.kind == "object":
        return types.tuple_of([STRING] * len(kind.attributes))
    raise CallError("must have map or object type", 0)


def _keys(args: Args, call: Call) -> Value:
    value = args[0]
    kind = type_of(value)
    spans = {}
    if isinstance(value.data, Unknown):
        if kind.kind == "map":
            return values.mark(
                unknown_of(args, call.returns), sensitive=value.sensitive
            )
        names = list(kind.attributes)
    else:
        names = sorted(value.data)
        spans = {name: value.data[name].key for name in names}
    made = [values.string(name, spans.get(name)) for name in names]
    if kind.kind == "map":
        keys = values.list_value(made, STRING)
    else:
        keys = values.tuple_value(made)
    return values.mark(keys, sensitive=value.sensitive)


def _values_type(args: Args) -> Type:
    kind = type_of(args[0])
    if kind.kind == "map":
        return types.list_of(kind.element)
    if kind.kind == "object":
        return types.tuple_of(kind.attributes.values())
    raise CallError("values() requires a map as the first argument")


def _values(args: Args, call: Call) -> Value:
    data = args[0].data
    parts = [data[name] for name in sorted(data)]
    if call.returns.kind == "tuple":
        made = values.tuple_value(parts)
    else:
        made = values.list_value(parts, call.returns.element)
    return values.mark(made, sensitive=args[0].sensitive)


def _lookup_type(args: Args) -> Type:
    if len(args) > 3:
        raise CallError(f"lookup() takes two or three arguments, got {len(args)}")
    kind = type_of(args[0])
    if kind.kind == "object":
        if isinstance(args[1].data, Unknown):
            return DYNAMIC
        name: str = args[1].data
        if name in kind.attributes:
            return kind.attributes[name]
        if len(args) == 3:
            return type_of(args[2])
        quoted = values.quote(name)
        raise CallError(f"the given object has no attribute {quoted}", 0)
    if kind.kind != "map":
        raise CallError("lookup() requires a map as the first argument", 0)
    if len(args) == 3:
        try:
            convert(args[2], kind.element)
        except ConversionError:
            message = "the default value must have the same type as the map elements"
            raise CallError(message, 2) from None
    return kind.element


def _lookup(args: Args, call: Call) -> Value:
    mapping, key = args[0], args[1]
    sensitive = mapping.sensitive or key.sensitive
    if isinstance(mapping.data, Unknown) or isinstance(key.data, Unknown):
        return _lookup_unknown(args, call, sensitive=sensitive)
    found: Value | None = mapping.data.get(key.data)
    if found is not None:
        return values.mark(found, sensitive=sensitive)
    if len(args) == 3:
        return values.mark(convert(args[2], call.returns), sensitive=sensitive)
    shown = "(sensitive value)" if key.sensitive else values.quote(key.data)
    raise CallError(f"lookup failed to find key {shown}")


def _lookup_unknown(args: Args, call: Call, *, sensitive: bool) -> Value:
    """An unknown, with all the elements as possible values when only the key is open."""
    made = unknown_of(args[:2], call.returns)
    data = args[0].data
    if not isinstance(data, Unknown):
        candidates = [*data.values(), *args[2:]]
        if 0 < len(candidates) <= values.MAX_POSSIBLE and all(
            values.wholly_known(c) for c in candidates
        ):
            made = made.replace(data=made.data._replace(possible=tuple(candidates)))
    return values.mark(made, sensitive=sensitive)


def _merge_type(args: Args) -> Type:
    if not args:
        return types.EMPTY_OBJECT
    kinds = [type_of(arg) for arg in args]
    if any(kind.kind == "dynamic" for kind in kinds):
        # An untyped null is left out by Terraform only once its type is known.
        return DYNAMIC
    for kind in kinds:
        if kind.kind not in ("map", "object"):
            raise CallError(_NO_MAP + values.quote(kind.friendly()))
    if len(set(kinds)) == 1:
        return kinds[0]
    attributes: dict[str, Type] = {}
    for arg, kind in zip(args, kinds, strict=True):
        if arg.data is None:
            continue
        if kind.kind == "object":
            attributes.update(kind.attributes)
        elif isinstance(arg.data, Unknown):
            return DYNAMIC
        else:
            attributes.update(dict.fromkeys(arg.data, kind.element))
    return types.object_of(attributes)


def _merge(args: Args, call: Call) -> Value:
    merged: dict[str, Value] = {}
    sensitive = any(arg.sensitive for arg in args)
    if any(isinstance(arg.data, Unknown) for arg in args):
        made = unknown_of(args, call.returns).replace(origin=_certain(args))
        return values.mark(made, sensitive=sensitive)
    for arg in args:
        if arg.data is not None:
            if not isinstance(arg.data, dict):
                raise CallError(_NO_MAP + values.quote(type_of(arg).friendly()))
            merged.update(arg.data)
    if call.returns.kind == "map":
        made = values.map_value(merged, call.returns.element)
    else:
        if call.returns.kind == "object" and len(merged) < len(call.returns.attributes):
            raise CallError("panic in function implementation: all objects are null")
        made = values.object_value(merged)
    return values.mark(made, sensitive=sensitive)


def _certain(args: Args) -> tuple[str, Value] | None:
    """The entries that no unknown map can override: those of the maps behind it."""
    entries: dict[str, Value] = {}
    for arg in args:
        if isinstance(arg.data, Unknown):
            known = (
                arg.origin[1].data if arg.origin and arg.origin[0] == "merge" else {}
            )
            entries = dict(known)
        elif isinstance(arg.data, dict):
            entries.update(arg.data)
    return ("merge", values.object_value(entries)) if entries else None


def _zipmap_type(args: Args) -> Type:
    keys, kind = args[0], type_of(args[1])
    if kind.kind == "list":
        return types.map_of(kind.element)
    if kind.kind != "tuple":
        raise CallError("values argument must be a list or tuple value")
    if not values.wholly_known(keys):
        return DYNAMIC
    _check_lengths(len(keys.data), len(kind.elements))
    for position, key in enumerate(keys.data):
        if key.data is None:
            raise CallError(f"keys list has null value at index {position}")
    names = [key.data for key in keys.data]
    return types.object_of(dict(zip(names, kind.elements, strict=True)))


def _check_lengths(keys: int, parts: int) -> None:
    if keys != parts:
        raise CallError(
            f"number of keys ({keys}) does not match number of values ({parts})"
        )


def _zipmap(args: Args, call: Call) -> Value:
    keys, parts = args
    sensitive = values.any_sensitive(keys) or parts.sensitive
    if not values.wholly_known(keys):
        return values.mark(unknown_of(args, call.returns), sensitive=sensitive)
    _check_lengths(len(keys.data), len(parts.data))
    made: dict[str, Value] = {}
    for key, part in zip(keys.data, parts.data, strict=True):
        if key.data is None:
            raise CallError("panic in function implementation: value is null")
        made[key.data] = part.replace(key=key.span) if key.span else part
    if call.returns.kind == "map":
        whole = values.map_value(made, call.returns.element)
    else:
        whole = values.object_value(made)
    return values.mark(whole, sensitive=sensitive)


def _transpose(args: Args, call: Call) -> Value:
    if not values.wholly_known(args[0]):
        return unknown_of(args, call.returns)
    turned: dict[str, list[str]] = {}
    for name, part in args[0].data.items():
        if part.data is None:
            raise CallError("input must not contain null list")
        for element in part.data:
            if element.data is None:
                raise CallError("input list must not contain null string")
            turned.setdefault(element.data, []).append(name)
    made = {
        name: values.list_value([values.string(k) for k in sorted(turned[name])])
        for name in sorted(turned)
    }
    return values.map_value(made, types.LIST_OF_STRING)


FUNCTIONS = (
    Function(
        "keys",
        (Parameter("inputMap", DYNAMIC, unknown=True, marked=True),),
        _keys_type,
        _keys,
    ),
    Function(
        "values",
        (Parameter("mapping", DYNAMIC, marked=True),),
        _values_type,
        _values,
    ),
    Function(
        "lookup",
        (
            Parameter("inputMap", DYNAMIC, unknown=True, marked=True),
            Parameter("key", STRING, unknown=True, marked=True),
        ),
        _lookup_type,
        _lookup,
        Parameter(
            "default", DYNAMIC, null=True, unknown=True, dynamic=True, marked=True
        ),
        bounds=None,
    ),
    Function(
        "merge",
        (),
        _merge_type,
        _merge,
        Parameter("maps", DYNAMIC, null=True, unknown=True, dynamic=True, marked=True),
    ),
    Function(
        "zipmap",
        (
            Parameter("keys", types.LIST_OF_STRING, marked=True),
            Parameter("values", DYNAMIC, marked=True),
        ),
        _zipmap_type,
        _zipmap,
    ),
    Function(
        "transpose", (Parameter("values", _MAP_OF_LISTS),), _MAP_OF_LISTS, _transpose
    ),
)
