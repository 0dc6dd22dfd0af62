"""Making typed values: constructors, sensitivity, and what is certain of an unknown.

Everything here keeps the spans, keys and trails of the elements. Facts from
zclconf/go-cty 1.16 (value_init.go, set_internals.go, unknown_refinement.go).
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from mlsec_lint.terraform import number as numbers
from mlsec_lint.terraform import numerals, types
from mlsec_lint.terraform.errors import BoundExceededError
from mlsec_lint.terraform.number import Number
from mlsec_lint.terraform.types import (
    BOOL,
    DYNAMIC,
    MAX_DEPTH,
    NUMBER,
    STRING,
    Type,
    type_of,
)
from mlsec_lint.value import Bounds, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mlsec_lint.source import Span
    from mlsec_lint.terraform.number import Numeric

# A value of more parts than this is no configuration but an attack on the scan.
MAX_PARTS = 200_000
# So many characters a string may have that an expression makes.
MAX_TEXT = 2_000_000
# So many possible values are followed through an operation.
MAX_POSSIBLE = 16
_NOT_NULL = Bounds(not_null=True)


def string(text: str, span: Span | None = None) -> Value:
    """A known string, normalised to NFC as all of Terraform's strings are."""
    if len(text) > MAX_TEXT:
        raise BoundExceededError(f"a string of more than {MAX_TEXT} characters")
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return Value(text, span, type=STRING)


def number(value: Numeric, span: Span | None = None) -> Value:
    """A known number."""
    return Value(value, span, type=NUMBER)


def boolean(value: bool, span: Span | None = None) -> Value:
    """A known bool."""
    return Value(value, span, type=BOOL)


TRUE = boolean(value=True)
FALSE = boolean(value=False)


def null(of: Type = DYNAMIC, span: Span | None = None) -> Value:
    """The null of a type; of no type in particular by default."""
    return Value(None, span, type=of.without_optional())


def unknown(
    of: Type,
    reason: Unknown,
    span: Span | None = None,
    *,
    bounds: Bounds | None = None,
    sensitive: bool = False,
) -> Value:
    """An unknown of a type for a reason, refined by what is certain of it."""
    made = Value(reason._replace(bounds=None), span, type=of, sensitive=sensitive)
    return refine(made, bounds) if bounds is not None else made


def bound(why: str, span: Span | None = None, of: Type = DYNAMIC) -> Value:
    """The unknown that stands for a result we are not willing to build."""
    return Value(Unknown("bound", why, span=span), span, type=of)


def derived(reason: Unknown) -> Unknown:
    """The reason as it applies to something computed from the unknown value."""
    if reason.symbol is None and not reason.parts and reason.possible is None:
        return reason if reason.bounds is None else reason._replace(bounds=None)
    return reason._replace(symbol=None, parts=(), possible=None, bounds=None)


def with_type(value: Value, of: Type) -> Value:
    """The same value under another type."""
    return value if value.type is of else value.replace(type=of)


def mark(value: Value, *, sensitive: bool) -> Value:
    """The value, made sensitive when that is asked for."""
    if not sensitive or value.sensitive:
        return value
    return value.replace(sensitive=True)


def parts_of(value: Value) -> Iterator[Value]:
    """The elements of a known collection or structure, whatever its kind."""
    data = value.data
    if isinstance(data, dict):
        yield from data.values()
    elif isinstance(data, tuple):
        yield from data


def walk(value: Value) -> Iterator[Value]:
    """The value and everything in it, itself first."""
    stack = [value]
    while stack:
        here = stack.pop()
        yield here
        stack.extend(parts_of(here))


def summary(value: Value) -> tuple[int, bool, bool, int]:
    """How many parts the value has, whether any is unknown or sensitive, how deep it is.

    Remembered by the value, so that a large value that is used often costs once. The
    type of an unknown counts for what it may become.
    """
    if value.summary is not None:
        return value.summary
    data = value.data
    if isinstance(data, Unknown):
        kind = value.type
        size, depth = (kind.size, kind.depth) if isinstance(kind, Type) else (1, 1)
        return size, True, value.sensitive, depth
    if not isinstance(data, dict | tuple):
        return 1, False, value.sensitive, 1
    count, unknown, sensitive, depth = 1, False, value.sensitive, 0
    for part in data.values() if isinstance(data, dict) else data:
        parts, inner, marked, below = summary(part)
        count += parts
        unknown = unknown or inner
        sensitive = sensitive or marked
        depth = max(depth, below)
    value.summary = count, unknown, sensitive, depth + 1
    return value.summary


def any_sensitive(value: Value) -> bool:
    """Whether the value or anything in it is sensitive."""
    return summary(value)[2]


def without_marks(value: Value) -> Value:
    """The same value with nothing in it sensitive."""
    if not any_sensitive(value):
        return value
    data = value.data
    if isinstance(data, dict):
        data = {name: without_marks(part) for name, part in data.items()}
    elif isinstance(data, tuple):
        data = tuple(without_marks(part) for part in data)
    return value.replace(data=data, sensitive=False)


def decoded(value: Value) -> Value:
    """What decoding gives of the value that was encoded: tuples and objects.

    Lists, sets and maps lose their kind on the way, elements keep their places.
    """
    data = value.data
    if isinstance(data, dict):
        made = object_value({name: decoded(part) for name, part in data.items()})
    elif isinstance(data, tuple):
        made = tuple_value(map(decoded, data))
    elif data is None:
        return with_type(value, DYNAMIC)
    else:
        return value
    return value.replace(data=made.data, type=made.type)


def first_unknown(value: Value) -> Unknown | None:
    """The reason of the first unknown in the value, or None when it is all known."""
    while summary(value)[1]:
        if isinstance(value.data, Unknown):
            return value.data
        value = next(part for part in parts_of(value) if summary(part)[1])
    return None


def first_unknown_of(elements: Iterable[Value]) -> Unknown | None:
    """The reason of the first unknown in any of the values, or None."""
    for element in elements:
        reason = first_unknown(element)
        if reason is not None:
            return reason
    return None


def wholly_known(value: Value) -> bool:
    """Whether nothing in the value is unknown."""
    return not summary(value)[1]


def weigh(elements: Iterable[Value]) -> None:
    """BoundExceededError when the elements are too many or too deep to follow."""
    count = 0
    for element in elements:
        parts, _, _, depth = summary(element)
        count += parts
        if depth >= MAX_DEPTH:
            raise BoundExceededError(f"a value nested more than {MAX_DEPTH} deep")
    if count > MAX_PARTS:
        raise BoundExceededError(f"a value of more than {MAX_PARTS} parts")


def element_type(elements: Sequence[Value]) -> Type:
    """The common type of elements that already agree; dynamic when there are none."""
    for element in elements:
        kind = type_of(element)
        if kind.kind != "dynamic":
            return kind
    return DYNAMIC


def tuple_value(elements: Iterable[Value], span: Span | None = None) -> Value:
    """A tuple of the elements."""
    kept = tuple(elements)
    weigh(kept)
    return Value(kept, span, type=types.tuple_of(map(type_of, kept)))


def object_value(attributes: Mapping[str, Value], span: Span | None = None) -> Value:
    """An object of the attributes."""
    weigh(attributes.values())
    of = types.object_of({name: type_of(item) for name, item in attributes.items()})
    return Value(dict(attributes), span, type=of)


def list_value(
    elements: Iterable[Value], of: Type | None = None, span: Span | None = None
) -> Value:
    """A list of elements that agree in type; `of` is the type of an empty one's."""
    kept = tuple(elements)
    weigh(kept)
    common = _common(kept, of)
    kept = tuple(_settle(element, common) for element in kept)
    return Value(kept, span, type=types.list_of(common))


def map_value(
    elements: Mapping[str, Value], of: Type | None = None, span: Span | None = None
) -> Value:
    """A map of elements that agree in type; `of` is the type of an empty one's."""
    weigh(elements.values())
    common = _common(tuple(elements.values()), of)
    kept = {name: _settle(element, common) for name, element in elements.items()}
    return Value(kept, span, type=types.map_of(common))


def set_value(
    elements: Iterable[Value], of: Type | None = None, span: Span | None = None
) -> Value:
    """A set: duplicates dropped, in Terraform's order, sensitive if an element is."""
    kept = tuple(elements)
    weigh(kept)
    common = _common(kept, of)
    sensitive = any(any_sensitive(element) for element in kept)
    seen: dict[Any, Value] = {}
    unknowns: list[Value] = []
    for element in kept:
        plain = _settle(without_marks(element), common)
        if wholly_known(plain):
            seen.setdefault(identity(plain), plain)
        else:
            unknowns.append(plain)
    ordered = sorted(seen.values(), key=order_key) + sorted(unknowns, key=order_key)
    return Value(tuple(ordered), span, type=types.set_of(common), sensitive=sensitive)


def _common(elements: Sequence[Value], of: Type | None) -> Type:
    found = element_type(elements)
    if found.kind == "dynamic" and of is not None:
        return of.without_optional()
    return found


def _settle(element: Value, common: Type) -> Value:
    """An untyped null or unknown takes the type of its neighbours."""
    if common.kind != "dynamic" and type_of(element).kind == "dynamic":
        return element.replace(type=common)
    return element


def identity(value: Value) -> Any:
    """A hashable key: equal keys for wholly known values that Terraform calls equal."""
    data = value.data
    if isinstance(data, dict):
        return ("{", *((name, identity(data[name])) for name in sorted(data)))
    if isinstance(data, tuple):
        return ("[", *map(identity, data))
    if isinstance(data, bool):
        return ("?", data)
    if isinstance(data, int | Number):
        return ("#", data)
    return data


def order_key(value: Value) -> tuple[Any, ...]:
    """A sort key in the order in which Terraform iterates over a set."""
    data = value.data
    if isinstance(data, Unknown):
        return (2,)
    if data is None:
        return (1,)
    if isinstance(data, str):
        return (0, 0, data)
    if isinstance(data, bool):
        return (0, 1, data)
    if isinstance(data, int | Number):
        return (0, 2, data)
    return (0, 3, _hash_bytes(value))


def _hash_bytes(value: Value) -> bytes:
    """What go-cty orders the elements of a set by when they are no primitives."""
    pieces: list[str] = []
    _hash_pieces(value, pieces)
    return "".join(pieces).encode("utf-8", "surrogatepass")


def _hash_pieces(value: Value, out: list[str]) -> None:
    data = value.data
    if isinstance(data, Unknown):
        out.append("?")
    elif data is None:
        out.append("~")
    elif isinstance(data, bool):
        out.append("T" if data else "F")
    elif isinstance(data, int | Number):
        out.append(numerals.general(data, 10))
    elif isinstance(data, str):
        out.append(quote(data))
    else:
        _hash_container(value, out)


def _hash_container(value: Value, out: list[str]) -> None:
    kind = type_of(value).kind
    brackets = {"map": ("{", "}"), "list": ("[", "]"), "set": ("[", "]")}
    opening, closing = brackets.get(kind, ("<", ">"))
    out.append(opening)
    if isinstance(value.data, dict):
        for name in sorted(value.data):
            if kind == "map":
                out.append(quote(name) + ":")
            _hash_pieces(value.data[name], out)
            out.append(";")
    else:
        for element in value.data:
            _hash_pieces(element, out)
            out.append(";")
    out.append(closing)


_ESCAPES = {
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
    "\\": "\\\\",
    '"': '\\"',
}


def quote(text: str) -> str:
    """The text in double quotes as Go's %q writes it."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join(map(_quoted, text)) + '"'


def _quoted(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    code = ord(character)
    if character.isprintable():
        return character
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def items_in_order(value: Value) -> list[tuple[Value, Value]]:
    """Keys and elements of a known collection in the order Terraform iterates.

    The key of a list or tuple element is its index, of a set element the element.
    """
    data = value.data
    if isinstance(data, dict):
        return [(string(name, data[name].key), data[name]) for name in sorted(data)]
    if type_of(value).kind == "set":
        return [(element, element) for element in data]
    return [(number(numbers.whole(i)), element) for i, element in enumerate(data)]


def length_bounds(value: Value) -> tuple[int, int | None]:
    """The least and the greatest number of elements (None: no limit is known)."""
    data = value.data
    kind = type_of(value)
    if isinstance(data, Unknown):
        if kind.kind == "tuple":
            return len(kind.elements), len(kind.elements)
        if kind.kind == "object":
            return len(kind.attributes), len(kind.attributes)
        bounds = data.bounds or Bounds()
        return bounds.min_length, bounds.max_length
    size = len(data) if data is not None else 0
    if kind.kind == "set" and size > 1 and not wholly_known(value):
        return 1, size
    return size, size


def definitely_not_null(value: Value) -> bool:
    """Whether the value cannot turn out to be null."""
    if isinstance(value.data, Unknown):
        return value.data.bounds is not None and value.data.bounds.not_null
    return value.data is not None


def not_null(value: Value) -> Value:
    """The value, known not to be null."""
    return refine(value, _NOT_NULL)


def refine(value: Value, bounds: Bounds) -> Value:
    """An unknown with these bounds besides its own; known where they leave one value.

    A known value and an unknown of unknown type come back as they are.
    """
    reason = value.data
    if not isinstance(reason, Unknown) or type_of(value).kind == "dynamic":
        return value
    merged = _merge(reason.bounds, bounds)
    if merged.not_null:
        settled = _settled(value, type_of(value), merged)
        if settled is not None:
            return settled
    return value.replace(data=reason._replace(bounds=merged))


def _merge(old: Bounds | None, new: Bounds) -> Bounds:
    if old is None:
        return new
    lows = [n for n in (old.low, new.low) if n is not None]
    highs = [n for n in (old.high, new.high) if n is not None]
    tops = [n for n in (old.max_length, new.max_length) if n is not None]
    return Bounds(
        old.not_null or new.not_null,
        max(old.prefix, new.prefix, key=len),
        max(lows) if lows else None,
        min(highs) if highs else None,
        max(old.min_length, new.min_length),
        min(tops) if tops else None,
    )


def _settled(value: Value, kind: Type, bounds: Bounds) -> Value | None:
    """The one value that the bounds of a value that is not null leave, or None."""
    if kind.kind == "number" and bounds.low is not None and bounds.low == bounds.high:
        return value.replace(data=bounds.low)
    if not kind.is_collection or bounds.min_length != bounds.max_length:
        return None
    size = bounds.min_length
    if size == 0:
        return value.replace(data={} if kind.kind == "map" else ())
    if (kind.kind == "list" and size <= MAX_PARTS) or (
        kind.kind == "set" and size == 1
    ):
        reason = derived(value.data)
        element = Value(reason, value.span, type=kind.element, trail=value.trail)
        return value.replace(data=(element,) * size)
    return None
