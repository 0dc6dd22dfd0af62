"""Converting values between Terraform's types.

`convert` keeps span, key, trail and sensitivity of the value and of its elements; an
unknown stays unknown for the same reason, under the wanted type. Facts from
zclconf/go-cty 1.16 (convert/) and hashicorp/hcl 2.23 (ext/typeexpr/defaults.go).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.terraform import number as numbers
from mlsec_lint.terraform import types, values
from mlsec_lint.terraform.errors import EvaluationError
from mlsec_lint.terraform.mismatch import mismatch
from mlsec_lint.terraform.types import Type, type_of
from mlsec_lint.terraform.unify import (
    convertible,
    object_element,
    tuple_element,
    unify,
)
from mlsec_lint.value import Bounds, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


Path = tuple[str | int, ...]


class ConversionError(EvaluationError):
    """The value cannot become the wanted type; `message` is Terraform's clause.

    `path` leads from the converted value to the part that does not fit.
    """

    def __init__(self, message: str, path: Path, value: Value) -> None:
        super().__init__("Unsuitable value", message, value.span)
        self.message = message
        self.path = path


def convert(value: Value, wanted: Type) -> Value:
    """The value as the wanted type. Raises ConversionError where there is none.

    Optional attributes that are not there become null, whatever their defaults:
    `convert_with_defaults` is for variables. `dynamic` anywhere in `wanted` takes what
    the value has there. Strings become numbers and bools where they read as such.
    """
    given = type_of(value)
    if given == wanted or (wanted.has_optional and given == wanted.without_optional()):
        return value if value.type is not None else value.replace(type=given)
    if not convertible(given, wanted):
        raise ConversionError(mismatch(given, wanted), (), value)
    return _convert(value, wanted, ())


def convert_with_defaults(value: Value, wanted: Type) -> Value:
    """Apply the defaults of optional attributes, then convert, as for a variable."""
    if value.data is not None:
        value = apply_defaults(value, wanted)
    return convert(value, wanted)


def _convert(value: Value, wanted: Type, path: Path) -> Value:
    """Convert a value whose type is known to have a conversion."""
    given = type_of(value)
    data = value.data
    if wanted.kind == "dynamic":
        return value if value.type is not None else value.replace(type=given)
    if isinstance(data, Unknown):
        return _unknown(value, data, given, wanted)
    if data is None:
        return value.replace(type=_replace_dynamic(given, wanted.without_optional()))
    if given == wanted:
        return value if value.type is not None else value.replace(type=given)
    if wanted.is_primitive:
        return _primitive(value, given, wanted, path)
    match wanted.kind:
        case "list" | "set":
            return _sequence(value, given, wanted, path)
        case "map":
            return _map(value, given, wanted, path)
        case "tuple":
            elements = [
                _step(element, kind, (*path, i))
                for i, (element, kind) in enumerate(
                    zip(data, wanted.elements, strict=True)
                )
            ]
            return _rebuild(value, values.tuple_value(elements))
        case _:
            return _object(value, given, wanted, path)


def _step(value: Value, wanted: Type, path: Path) -> Value:
    """Convert an element, where nothing has checked yet that this is possible."""
    given = type_of(value)
    if given != wanted and not convertible(given, wanted):
        raise ConversionError(mismatch(given, wanted), path, value)
    return _convert(value, wanted, path)


def _rebuild(old: Value, made: Value) -> Value:
    """The made data and type with everything else of the old value."""
    return old.replace(
        data=made.data, type=made.type, sensitive=old.sensitive or made.sensitive
    )


def _unknown(value: Value, reason: Unknown, given: Type, wanted: Type) -> Value:
    """An unknown of the wanted type; the lengths that follow from the types are kept."""
    target = _replace_dynamic(given, wanted.without_optional())
    old = reason.bounds or Bounds()
    low, high = 0, None
    if given.kind == "object" and target.kind == "map":
        low = high = len(given.attributes)
    elif given.kind == "tuple" and target.kind in ("list", "set"):
        low = high = len(given.elements)
    elif given.is_collection and target.is_collection:
        low, high = old.min_length, old.max_length
    if target.kind == "set":
        low = min(low, 1)
    origin = value.origin
    if target.is_primitive or origin is None or origin[0] not in ("merge", "among"):
        origin = None
    made = value.replace(data=reason._replace(bounds=None), type=target, origin=origin)
    possible = reason.possible
    if possible is not None:
        made = made.replace(
            data=made.data._replace(possible=_convert_all(possible, wanted))
        )
    if given == target:
        return values.refine(made, old)
    return values.refine(made, Bounds(old.not_null, "", None, None, low, high))


def _convert_all(possible: tuple[Value, ...], wanted: Type) -> tuple[Value, ...] | None:
    """The possible values converted; those that cannot be are errors and so go."""
    kept: list[Value] = []
    for each in possible:
        try:
            kept.append(convert(each, wanted))
        except ConversionError:
            continue
    return tuple(kept) or None


def _primitive(value: Value, given: Type, wanted: Type, path: Path) -> Value:
    data = value.data
    if wanted.kind == "string":
        text = ("true" if data else "false") if given.kind == "bool" else str(data)
        return value.replace(data=text, type=wanted)
    if given.kind != "string":
        raise ConversionError(mismatch(given, wanted), path, value)
    if wanted.kind == "number":
        number = numbers.parse(data)
        if number is None:
            raise ConversionError("a number is required", path, value)
        return value.replace(data=number, type=wanted, origin=None)
    if data in ("true", "1", "false", "0"):
        return value.replace(data=data in ("true", "1"), type=wanted, origin=None)
    hint = ""
    if data.lower() in ("true", "false"):
        hint = f'; to convert from string, use lowercase "{data.lower()}"'
    raise ConversionError(f"a bool is required{hint}", path, value)


def _sequence(value: Value, given: Type, wanted: Type, path: Path) -> Value:
    """A list or set from a list, set or tuple."""
    data: tuple[Value, ...] = value.data
    element: Type | None = wanted.element
    if given.kind == "tuple":
        element = tuple_element(given, wanted.element)
        if element is None:
            raise ConversionError(mismatch(given, wanted), path, value)
    elif wanted.kind == "list" and values.length_bounds(value)[0] != len(data):
        found = values.first_unknown(value)
        assert found is not None, "only an unknown makes the length of a set open"
        reason = values.derived(found)
        inner = given.element if wanted.element.kind == "dynamic" else wanted.element
        return value.replace(data=reason, type=types.list_of(inner.without_optional()))
    assert element is not None
    kept = [_step(part, element, (*path, i)) for i, part in enumerate(data)]
    if given.kind == "tuple" and wanted.kind == "list":
        kept = _agree(kept, value, path)
    empty = wanted.element if given.kind == "tuple" else element
    if empty.kind == "dynamic" and given.kind != "tuple":
        empty = given.element
    _same_type(
        kept,
        f"element types must all match for conversion to {wanted.kind}",
        value,
        path,
    )
    make = values.list_value if wanted.kind == "list" else values.set_value
    return _rebuild(value, make(kept, empty))


def _map(value: Value, given: Type, wanted: Type, path: Path) -> Value:
    """A map from a map or object."""
    data: dict[str, Value] = value.data
    element: Type | None = wanted.element
    if given.kind == "object":
        element = object_element(given, wanted.element)
        if element is None:
            raise ConversionError(mismatch(given, wanted), path, value)
    assert element is not None
    kept = {name: _step(part, element, (*path, name)) for name, part in data.items()}
    if kept and (element.is_collection or element.kind == "object"):
        agreed = _agree(list(kept.values()), value, path)
        kept = dict(zip(kept, agreed, strict=True))
    noun = "attribute" if given.kind == "object" else "element"
    _same_type(
        list(kept.values()),
        f"{noun} types must all match for conversion to map",
        value,
        path,
    )
    empty = wanted.element
    if empty.kind == "dynamic" and given.kind == "map":
        empty = given.element
    return _rebuild(value, values.map_value(kept, empty))


def _agree(kept: list[Value], value: Value, path: Path) -> list[Value]:
    """Unify elements whose types still differ after each was converted."""
    if not kept:
        return kept
    common = unify([type_of(part) for part in kept])
    if common is None:
        message = "cannot find a common base type for all elements"
        raise ConversionError(message, path, value)
    return [_step(part, common, path) for part in kept]


def _same_type(kept: Sequence[Value], message: str, value: Value, path: Path) -> None:
    if len({t for t in map(type_of, kept) if t.kind != "dynamic"}) > 1:
        raise ConversionError(message, path, value)


def _object(value: Value, given: Type, wanted: Type, path: Path) -> Value:
    """An object from an object or map: superfluous attributes go."""
    data: dict[str, Value] = value.data
    kept: dict[str, Value] = {}
    for name, part in data.items():
        kind = wanted.attributes.get(name)
        if kind is None:
            continue
        have = type_of(part)
        if given.kind == "map" and have != kind and not convertible(have, kind):
            message = f"map element type is incompatible with attribute {values.quote(name)}: {mismatch(have, kind)}"
            raise ConversionError(message, path, part)
        kept[name] = _step(part, kind, (*path, name))
    for name, kind in wanted.attributes.items():
        if name in kept:
            continue
        if name not in wanted.optional:
            message = f"map has no element for required attribute {values.quote(name)}"
            raise ConversionError(message, path, value)
        kept[name] = values.null(kind, value.span)
    return _rebuild(value, values.object_value(kept))


def _replace_dynamic(given: Type, wanted: Type) -> Type:
    """The wanted type with what the given type has where `dynamic` is wanted."""
    if given.kind == "dynamic" or not wanted.has_dynamic:
        return wanted
    if wanted.kind == "dynamic":
        return given
    inner: Type | None = None
    if wanted.kind == "map" and given.kind in ("map", "object"):
        inner = given.element
        if given.kind == "object":
            inner = unify(tuple(given.attributes.values()))
        return types.map_of(_replace_dynamic(inner or types.DYNAMIC, wanted.element))
    if wanted.kind in ("list", "set"):
        make = types.list_of if wanted.kind == "list" else types.set_of
        if given.kind in ("list", "set", "tuple"):
            inner = given.element
            if given.kind == "tuple":
                inner = unify(given.elements)
            return make(_replace_dynamic(inner or types.DYNAMIC, wanted.element))
    if wanted.kind == "object" and given.kind in ("map", "object"):
        return types.object_of(
            {
                name: _replace_dynamic(
                    given.element
                    if given.kind == "map"
                    else given.attributes.get(name, types.DYNAMIC),
                    kind,
                )
                for name, kind in wanted.attributes.items()
            }
        )
    if wanted.kind == given.kind == "tuple":
        return types.tuple_of(map(_replace_dynamic, given.elements, wanted.elements))
    return wanted


def apply_defaults(value: Value, wanted: Type) -> Value:
    """Fill in the defaults of the constraint's optional attributes, at any depth.

    An attribute that is missing or null takes its default. Unknown and null values
    come back as they are, and so do values that do not fit: `convert` complains.
    """
    data = value.data
    if data is None or isinstance(data, Unknown) or not wanted.has_optional:
        return value
    if isinstance(data, dict):
        return _fill_mapping(value, wanted)
    if isinstance(data, tuple):
        return _fill_sequence(value, wanted)
    return value


def _fill_mapping(value: Value, wanted: Type) -> Value:
    data: dict[str, Value] = value.data
    given = type_of(value)
    filled: dict[str, Value] = {}
    for name, part in data.items():
        kind = _child(wanted, name)
        filled[name] = part if kind is None else apply_defaults(part, kind)
    if wanted.kind == "object":
        for name, default in wanted.defaults.items():
            kind = wanted.attributes[name]
            if name not in filled or filled[name].data is None:
                filled[name] = apply_defaults(default, kind)
            if default.data is not None and not isinstance(default.data, Unknown):
                filled[name] = values.not_null(filled[name])
    if given.kind == "map":
        agreed = _try_agree(filled.values())
        if agreed is not None:
            made = values.map_value(
                dict(zip(filled, agreed, strict=True)), given.element
            )
            return _rebuild(value, made)
    return _rebuild(value, values.object_value(filled))


def _fill_sequence(value: Value, wanted: Type) -> Value:
    given = type_of(value)
    filled: list[Value] = []
    for i, part in enumerate(value.data):
        kind = _child(wanted, i)
        filled.append(part if kind is None else apply_defaults(part, kind))
    if given.kind in ("list", "set"):
        agreed = _try_agree(filled)
        if agreed is not None:
            make = values.list_value if given.kind == "list" else values.set_value
            return _rebuild(value, make(agreed, given.element))
    return _rebuild(value, values.tuple_value(filled))


def _child(wanted: Type, step: str | int) -> Type | None:
    if wanted.is_collection:
        return wanted.element
    if wanted.kind == "object" and isinstance(step, str):
        return wanted.attributes.get(step)
    if wanted.kind == "tuple" and isinstance(step, int) and step < len(wanted.elements):
        return wanted.elements[step]
    return None


def _try_agree(parts: Iterable[Value]) -> list[Value] | None:
    """The parts under their common type, or None where they have none."""
    kept = list(parts)
    if not kept:
        return kept
    common = unify([type_of(part) for part in kept])
    if common is None:
        return None
    try:
        return [convert(part, common) for part in kept]
    except ConversionError:
        return None
