"""What keeps a plan from destroying a thing: `prevent_destroy`, and flags of resources.

A plan that destroys needs no more than a removed block or a changed argument that
forces a new resource. `prevent_destroy` stops it, wherever the flag itself stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.reading import (
    any_of,
    by_default,
    given,
    maybe_absent,
    negated,
    put,
    read_bool,
    reading,
    wrong,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsec_lint.estate import Fact, Thing
    from mlsec_lint.terraform.resource import Resource

GUARDED = "deletion.guarded"
RECOVERABLE = "deletion.recoverable"


def prevented(resource: Resource) -> Fact | None:
    """`lifecycle.prevent_destroy` as a reading; None where it is not set."""
    if resource.lifecycle is None:
        return None
    value = given(resource.lifecycle, "prevent_destroy")
    if value is None:
        return None
    found = value.boolean()
    return reading(
        value, resource, wrong(value, "true or false") if found is None else found
    )


def flag(resource: Resource, name: str, *, off: bool = False, of: str = "") -> Fact:
    """A true/false argument with its default; the opposite of it where `off`."""
    value = given(resource.values, name)
    found = read_bool(resource, value, by_default(resource, name, of))
    return negated(found) if off else found


def put_guarded(thing: Thing, resource: Resource, readings: Iterable[Fact]) -> None:
    """State whether a plan can destroy a thing: any one guard is enough."""
    lock = prevented(resource)
    known = [*readings]
    if lock is not None and (lock.value is not False or not known):
        known.insert(0, lock)
    if known:
        put(thing, GUARDED, any_of(known))


def if_exists(owner: Resource, found: Fact) -> Fact:
    """A guard that another resource states, where that resource may be missing."""
    return maybe_absent(owner, found) if found.value is True else found
