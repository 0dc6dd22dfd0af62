"""Which type several types have in common, and which conversions exist at all.

Facts from zclconf/go-cty 1.16 (convert/unify.go, compare_types.go, conversion.go).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from mlsec_lint.terraform import types
from mlsec_lint.terraform.errors import BoundExceededError
from mlsec_lint.terraform.types import DYNAMIC, Type

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Choosing among types is quadratic, and no real list mixes so many.
MAX_KINDS = 100
_SAFE_PRIMITIVES = {("number", "string"), ("bool", "string")}
_UNSAFE_PRIMITIVES = {("string", "number"), ("string", "bool")}


@lru_cache(maxsize=4096)
def convertible(given: Type, wanted: Type, unsafe: bool = True) -> bool:
    """Whether a conversion exists; an unsafe one may still fail for some values."""
    if wanted.kind == "dynamic":
        return True
    if given.kind == "dynamic":
        return unsafe
    pair = (given.kind, wanted.kind)
    if wanted.is_primitive:
        return pair in _SAFE_PRIMITIVES or (unsafe and pair in _UNSAFE_PRIMITIVES)
    match pair:
        case ("object", "object"):
            return _objects(given, wanted, unsafe)
        case ("tuple", "tuple"):
            return len(given.elements) == len(wanted.elements) and all(
                fits(g, w, unsafe)
                for g, w in zip(given.elements, wanted.elements, strict=True)
            )
        case ("list", "set") if not unsafe:
            return False
        case ("list" | "set", "list" | "set"):
            return fits(given.element, wanted.element, unsafe)
        case ("map", "map"):
            return convertible(given.element, wanted.element, unsafe) or (
                given.element == wanted.element
            )
        case ("tuple", "list" | "set"):
            return tuple_element(given, wanted.element, unsafe) is not None
        case ("object", "map"):
            return object_element(given, wanted.element, unsafe) is not None
        case ("map", "object"):
            return unsafe and all(
                name in wanted.optional or fits(given.element, attribute, unsafe)
                for name, attribute in wanted.attributes.items()
            )
    return False


def fits(given: Type, wanted: Type, unsafe: bool = True) -> bool:
    """Whether the types are equal or a conversion exists."""
    return given == wanted or convertible(given, wanted, unsafe)


def _objects(given: Type, wanted: Type, unsafe: bool = True) -> bool:
    for name, attribute in wanted.attributes.items():
        have = given.attributes.get(name)
        if have is None:
            if name not in wanted.optional:
                return False
        elif not fits(have, attribute, unsafe):
            return False
    return True


def tuple_element(given: Type, wanted: Type, unsafe: bool = True) -> Type | None:
    """The element type a tuple gets as a list or set of `wanted`; None: impossible."""
    if not given.elements:
        return wanted
    if wanted.kind == "dynamic":
        common = unify(given.elements, unsafe)
        if common is None:
            return None
        if common.kind == "dynamic" and any(
            e.kind != "dynamic" for e in given.elements
        ):
            return None
        wanted = common
    if all(fits(e, wanted, unsafe) for e in set(given.elements)):
        return wanted
    return None


def object_element(given: Type, wanted: Type, unsafe: bool = True) -> Type | None:
    """The element type an object gets as a map of `wanted`; None: impossible."""
    if not given.attributes:
        return wanted
    if wanted.kind == "dynamic":
        common = unify(tuple(given.attributes.values()), unsafe)
        if common is None:
            return None
        wanted = common
    if all(fits(a, wanted, unsafe) for a in set(given.attributes.values())):
        return wanted
    return None


def unify(given: Sequence[Type], unsafe: bool = True) -> Type | None:
    """The type that all the given types convert to, or None where there is none.

    `unsafe` allows conversions that can fail for some values (string to number).
    """
    distinct = tuple(dict.fromkeys(given))
    return _unify(distinct, unsafe) if distinct else None


@lru_cache(maxsize=4096)
def _unify(given: tuple[Type, ...], unsafe: bool = True) -> Type | None:
    if len(given) == 1:
        return given[0]
    kinds = {t.kind for t in given}
    dynamic = "dynamic" in kinds
    kinds.discard("dynamic")
    for kind, make in (
        ("map", types.map_of),
        ("list", types.list_of),
        ("set", types.set_of),
    ):
        if kinds == {kind}:
            return DYNAMIC if dynamic else _collections(given, unsafe, make)
    if kinds == {"map", "object"}:
        found = _structures_as(given, "object", unsafe)
        if found is not None and found.kind == "map":
            return found
    elif kinds == {"list", "tuple"}:
        found = _structures_as(given, "tuple", unsafe)
        if found is not None and found.kind == "list":
            return found
    elif kinds == {"object"}:
        return DYNAMIC if dynamic else _unify_objects(given, unsafe)
    elif kinds == {"tuple"}:
        return DYNAMIC if dynamic else _unify_tuples(given, unsafe)
    elif {"object", "tuple"} <= kinds:
        return None
    return _preferred(given, unsafe)


def _collections(
    given: tuple[Type, ...], unsafe: bool, make: Callable[[Type], Type]
) -> Type | None:
    element = unify([t.element for t in given], unsafe)
    return None if element is None else make(element)


def _structures_as(
    given: tuple[Type, ...], kind: str, unsafe: bool = True
) -> Type | None:
    """Unify with the structures of that kind taken as one collection."""
    structures = tuple(t for t in given if t.kind == kind)
    whole = _to_collection(structures, unsafe)
    if whole is None:
        return None
    return unify([whole if t.kind == kind else t for t in given], unsafe)


def _to_collection(structures: tuple[Type, ...], unsafe: bool = True) -> Type | None:
    """The map or list that all the objects or tuples convert to."""
    if structures[0].kind == "object":
        parts = [a for t in structures for a in t.attributes.values()]
        make = types.map_of
    else:
        parts = [e for t in structures for e in t.elements]
        make = types.list_of
    element = unify(parts, unsafe)
    if element is None:
        return None
    whole = make(element)
    if all(fits(t, whole, unsafe) for t in structures):
        return whole
    return None


def _unify_objects(given: tuple[Type, ...], unsafe: bool = True) -> Type | None:
    names = given[0].attributes.keys()
    if any(t.attributes.keys() != names for t in given):
        return _to_collection(given, unsafe)
    merged: dict[str, Type] = {}
    for name in names:
        common = unify([t.attributes[name] for t in given], unsafe)
        if common is None:
            return None
        merged[name] = common
    whole = types.object_of(merged)
    if all(fits(t, whole, unsafe) for t in given):
        return whole
    return _to_collection(given, unsafe)


def _unify_tuples(given: tuple[Type, ...], unsafe: bool = True) -> Type | None:
    if len({len(t.elements) for t in given}) != 1:
        return _to_collection(given, unsafe)
    merged: list[Type] = []
    for position in range(len(given[0].elements)):
        common = unify([t.elements[position] for t in given], unsafe)
        if common is None:
            return None
        merged.append(common)
    whole = types.tuple_of(merged)
    if all(fits(t, whole, unsafe) for t in given):
        return whole
    return _to_collection(given, unsafe)


def _preferred(given: tuple[Type, ...], unsafe: bool = True) -> Type | None:
    """The most general of the given types that all the others convert to."""
    primitive = {t.is_primitive for t in given if t.kind != "dynamic"}
    if len(primitive) > 1:
        return DYNAMIC if any(t.kind == "dynamic" for t in given) else None
    if len(given) > MAX_KINDS:
        raise BoundExceededError(f"more than {MAX_KINDS} types of elements")
    for wanted in _by_preference(given):
        if all(fits(t, wanted, unsafe) for t in given):
            return wanted
    return None


def _by_preference(given: tuple[Type, ...]) -> list[Type]:
    """The types in a topological order, more general ones first."""
    below: list[list[int]] = [[] for _ in given]
    waiting = [0] * len(given)
    for i, left in enumerate(given):
        for j in range(i + 1, len(given)):
            order = _compare(left, given[j])
            if order:
                first, second = (i, j) if order < 0 else (j, i)
                below[first].append(second)
                waiting[second] += 1
    queue = [i for i, n in enumerate(waiting) if n == 0]
    for i in queue:
        for j in below[i]:
            waiting[j] -= 1
            if waiting[j] == 0:
                queue.append(j)
    return [given[i] for i in queue]


def _compare(left: Type, right: Type) -> int:
    """-1 when the left type is more general, 1 when the right one is, else 0."""
    if "dynamic" in (left.kind, right.kind):
        return (left.kind == "dynamic") - (right.kind == "dynamic")
    if left.is_primitive and right.is_primitive:
        return (right.kind == "string") - (left.kind == "string")
    if left.is_collection and left.kind == right.kind:
        return _compare(left.element, right.element)
    general = {("list", "tuple"), ("map", "object"), ("tuple", "set"), ("list", "set")}
    if (left.kind, right.kind) in general:
        return -1
    if (right.kind, left.kind) in general:
        return 1
    if left.kind == right.kind == "object":
        if left.attributes.keys() != right.attributes.keys():
            return 0
        pairs = [(a, right.attributes[n]) for n, a in left.attributes.items()]
    elif left.kind == right.kind == "tuple":
        if len(left.elements) != len(right.elements):
            return 0
        pairs = list(zip(left.elements, right.elements, strict=True))
    else:
        return 0
    orders = {_compare(a, b) for a, b in pairs}
    return (1 in orders) - (-1 in orders) if len(orders - {0}) == 1 else 0
