"""Terraform's words for why one type does not become another.

Facts from zclconf/go-cty 1.16 (convert/mismatch_msg.go).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.terraform.unify import convertible, fits
from mlsec_lint.terraform.values import quote

if TYPE_CHECKING:
    from mlsec_lint.terraform.types import Type

_SAME = {("tuple", "list"): "list", ("tuple", "set"): "set", ("object", "map"): "map"}


def mismatch(given: Type, wanted: Type) -> str:
    """A clause such as `attribute "a" is required` or `list of string required`."""
    pair = (given.kind, wanted.kind)
    if pair == ("object", "object"):
        return _objects(given, wanted)
    if pair in _SAME and wanted.element.kind == "dynamic":
        return f"all {_SAME[pair]} elements must have the same type"
    if pair in _SAME:
        return _structure(given, wanted)
    if given.is_collection and wanted.is_collection and _kind_fits(given, wanted):
        inner = mismatch(given.element, wanted.element)
        return f"incorrect {wanted.kind} element type: {inner}"
    return f"{wanted.friendly(constraint=True)} required"


def _kind_fits(given: Type, wanted: Type) -> bool:
    return (given.kind == "map") == (wanted.kind == "map")


def _objects(given: Type, wanted: Type) -> str:
    missing = [
        quote(name)
        for name in wanted.attributes
        if name not in given.attributes and name not in wanted.optional
    ]
    if len(missing) == 1:
        return f"attribute {missing[0]} is required"
    if len(missing) == 2:
        return f"attributes {missing[0]} and {missing[1]} are required"
    if missing:
        return f"attributes {', '.join(missing[:-1])}, and {missing[-1]} are required"
    for unsafe in (True, False):
        for name, kind in wanted.attributes.items():
            have = given.attributes.get(name)
            if (
                have is not None
                and have != kind
                and not convertible(have, kind, unsafe)
            ):
                return f"attribute {quote(name)}: {mismatch(have, kind)}"
    return "incorrect object attributes"


def _structure(given: Type, wanted: Type) -> str:
    if given.kind == "tuple":
        parts = [(str(i), kind) for i, kind in enumerate(given.elements)]
    else:
        parts = [(quote(name), kind) for name, kind in given.attributes.items()]
    for name, kind in parts:
        if not fits(kind, wanted.element):
            return f"element {name}: {mismatch(kind, wanted.element)}"
    return f"all elements must be {wanted.element.friendly(constraint=True)}"
