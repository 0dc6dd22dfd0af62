"""Terraform's types: primitives, collections and structural types. Knows no syntax.

Facts from zclconf/go-cty 1.16, the type system of Terraform 1.11.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mlsec_lint.terraform.errors import BoundExceededError
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


# Deeper or larger types than any real configuration has would cost more than they say.
MAX_DEPTH = 120
MAX_SIZE = 250_000
# So many types are kept: a configuration asks for the same few again and again, and
# types that are the same object are compared without a look inside.
MAX_KEPT = 4096
# Larger ones are not: they are rare, and would stay in memory.
MAX_KEPT_SIZE = 500


class Type:
    """An immutable type; BoundExceededError when it is too deep or too large.

    * `kind`: string, number, bool, dynamic, list, set, map, tuple or object;
    * `element`: the element type of a list, set or map;
    * `elements`: the element types of a tuple;
    * `attributes`: the attribute types of an object, by sorted name;
    * `optional`: the names of optional attributes (only in constraints);
    * `defaults`: the default values of optional attributes, not part of equality.
    """

    __slots__ = (
        "_hash",
        "attributes",
        "defaults",
        "depth",
        "element",
        "elements",
        "has_dynamic",
        "has_optional",
        "kind",
        "optional",
        "size",
    )

    def __init__(
        self,
        kind: str,
        element: Type | None = None,
        elements: tuple[Type, ...] = (),
        attributes: dict[str, Type] | None = None,
        optional: frozenset[str] = frozenset(),
        defaults: dict[str, Value] | None = None,
    ) -> None:
        self.kind = kind
        self.element: Type = element if element is not None else self
        self.elements = elements
        self.attributes: dict[str, Type] = attributes or {}
        self.optional = optional
        self.defaults: dict[str, Value] = defaults or {}
        parts = (*elements, *self.attributes.values())
        if element is not None:
            parts = (*parts, element)
        self.depth: int = 1 + max((p.depth for p in parts), default=0)
        self.size: int = 1 + sum(p.size for p in parts)
        if self.depth > MAX_DEPTH or self.size > MAX_SIZE:
            raise BoundExceededError("a value nested too deep or too large")
        self.has_dynamic: bool = kind == "dynamic" or any(p.has_dynamic for p in parts)
        self.has_optional: bool = bool(optional) or any(p.has_optional for p in parts)
        self._hash = hash(
            (kind, element, elements, tuple(self.attributes.items()), optional)
        )

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Type) or self._hash != other._hash:
            return False
        return (
            self.kind == other.kind
            and (self.element is self or self.element == other.element)
            and self.elements == other.elements
            and self.attributes == other.attributes
            and self.optional == other.optional
        )

    def __repr__(self) -> str:
        return f"Type({self.to_json()!r})"

    @property
    def is_primitive(self) -> bool:
        """Whether this is string, number or bool."""
        return self.kind in ("string", "number", "bool")

    @property
    def is_collection(self) -> bool:
        """Whether this is a list, set or map."""
        return self.kind in ("list", "set", "map")

    def to_json(self) -> Any:
        """The type as Terraform writes it in JSON, optional attributes left out."""
        match self.kind:
            case "list" | "set" | "map":
                return [self.kind, self.element.to_json()]
            case "tuple":
                return ["tuple", [e.to_json() for e in self.elements]]
            case "object":
                return ["object", {n: t.to_json() for n, t in self.attributes.items()}]
            case _:
                return self.kind

    def friendly(self, *, constraint: bool = False) -> str:
        """The name in Terraform's messages ("list of string", "map of any single type")."""
        match self.kind:
            case "dynamic":
                return "any type" if constraint else "dynamic"
            case "list" | "set" | "map":
                if self.element.kind == "dynamic" and constraint:
                    return f"{self.kind} of any single type"
                return f"{self.kind} of {self.element.friendly(constraint=constraint)}"
            case _:
                return self.kind

    def without_optional(self) -> Type:
        """The same type with no attribute optional, at any depth."""
        if not self.has_optional:
            return self
        if self.is_collection:
            return _collection(self.kind, self.element.without_optional())
        if self.kind == "tuple":
            return tuple_of(e.without_optional() for e in self.elements)
        return object_of({n: t.without_optional() for n, t in self.attributes.items()})


STRING = Type("string")
NUMBER = Type("number")
BOOL = Type("bool")
DYNAMIC = Type("dynamic")


def list_of(element: Type) -> Type:
    """The list type with that element type."""
    return _collection("list", element)


def set_of(element: Type) -> Type:
    """The set type with that element type."""
    return _collection("set", element)


def map_of(element: Type) -> Type:
    """The map type with that element type."""
    return _collection("map", element)


def tuple_of(elements: Iterable[Type]) -> Type:
    """The tuple type with those element types."""
    return _tuple(tuple(elements))


def object_of(
    attributes: Mapping[str, Type],
    optional: Iterable[str] = (),
    defaults: Mapping[str, Value] | None = None,
) -> Type:
    """The object type with those attributes; `defaults` only for optional ones."""
    ordered = tuple(sorted(attributes.items()))
    if not optional and not defaults:
        return _object(ordered)
    return Type(
        "object",
        attributes=dict(ordered),
        optional=frozenset(optional),
        defaults=dict(defaults or {}),
    )


# Types that differ in their defaults alone are equal. No default may come to where it
# was not written: what has one inside is made anew.


def _collection(kind: str, element: Type) -> Type:
    if _is_kept((element,)):
        return _known_collection(kind, element)
    return Type(kind, element)


def _tuple(elements: tuple[Type, ...]) -> Type:
    if _is_kept(elements):
        return _known_tuple(elements)
    return Type("tuple", elements=elements)


def _object(attributes: tuple[tuple[str, Type], ...]) -> Type:
    if _is_kept([kind for _, kind in attributes]):
        return _known_object(attributes)
    return Type("object", attributes=dict(attributes))


def _is_kept(parts: Sequence[Type]) -> bool:
    size = 0
    for part in parts:
        if part.has_optional:
            return False
        size += part.size
    return size <= MAX_KEPT_SIZE


@lru_cache(maxsize=MAX_KEPT)
def _known_collection(kind: str, element: Type) -> Type:
    return Type(kind, element)


@lru_cache(maxsize=MAX_KEPT)
def _known_tuple(elements: tuple[Type, ...]) -> Type:
    return Type("tuple", elements=elements)


@lru_cache(maxsize=MAX_KEPT)
def _known_object(attributes: tuple[tuple[str, Type], ...]) -> Type:
    return Type("object", attributes=dict(attributes))


EMPTY_TUPLE = tuple_of(())
EMPTY_OBJECT = object_of({})
LIST_OF_STRING = list_of(STRING)
LIST_OF_DYNAMIC = list_of(DYNAMIC)
SET_OF_DYNAMIC = set_of(DYNAMIC)
MAP_OF_DYNAMIC = map_of(DYNAMIC)


def type_of(value: Value) -> Type:
    """The type of a value; inferred from its data where the value carries none.

    Untyped tuples and mappings are tuples and objects, an untyped null or Unknown is
    dynamic, a document's scalar is what Python says it is.
    """
    known = value.type
    if isinstance(known, Type):
        return known
    data = value.data
    if data is None or isinstance(data, Unknown):
        return DYNAMIC
    if isinstance(data, str):
        return STRING
    if isinstance(data, bool):
        return BOOL
    if isinstance(data, tuple):
        inferred = tuple_of(type_of(element) for element in data)
    elif isinstance(data, dict):
        inferred = object_of({name: type_of(item) for name, item in data.items()})
    else:
        return NUMBER
    # Remembered: it follows from what the value is, and asking again would cost all of it.
    value.type = inferred
    return inferred


def conforms(given: Type, wanted: Type) -> bool:
    """Whether the type fits a constraint in which `dynamic` stands for anything."""
    if wanted.kind == "dynamic" or given == wanted:
        return True
    if given.kind != wanted.kind:
        return False
    if given.is_collection:
        return conforms(given.element, wanted.element)
    if given.kind == "tuple":
        return len(given.elements) == len(wanted.elements) and all(
            map(conforms, given.elements, wanted.elements)
        )
    if given.kind == "object":
        return given.attributes.keys() == wanted.attributes.keys() and all(
            conforms(given.attributes[n], t) for n, t in wanted.attributes.items()
        )
    return False
