"""Destinations that are not the lab's: stores and accounts that the scan does not declare.

"Not declared here" is undecided, since another repository may declare it; where the
config says `roots complete: true` it is foreign.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Edge, Estate, Thing
    from mlsec_lint.trace.settings import Settings

_MARKS = ("${", "<", "{{", "}", "$(")
#: Stores that lie elsewhere; a node's disk or a claim is no destination of anybody.
_SORTS = ("object", "file", "registry")


def trace_foreign(estate: Estate, settings: Settings) -> None:
    """State for destinations of jobs, copies and uploads whether they are foreign."""
    complete = settings.complete
    for store in estate.of("store"):
        if _undeclared(store) and _lies_elsewhere(store):
            for edge in estate.edges_to(store, "writes"):
                _written(store, edge, complete=complete)
        elif _declared(store) and estate.edges_to(store, "writes"):
            _own(estate, store)
    for copy in estate.of("copy"):
        _copied(estate, copy, complete=complete)
    for upload in estate.of("upload"):
        _uploaded(upload, complete=complete)


def _fact(thing: Thing, name: str) -> object:
    fact = thing.fact(name)
    return fact.value if fact is not None else None


def _declared(store: Thing) -> bool:
    return _fact(store, "declared") is True


def _undeclared(store: Thing) -> bool:
    return _fact(store, "declared") is False


def _lies_elsewhere(store: Thing) -> bool:
    return _fact(store, "type") in _SORTS and "://" in store.name


def _named(store: Thing) -> bool:
    """Whether the name of a store is known: no placeholder is left in it."""
    return not any(mark in store.name for mark in _MARKS)


def _doubt(thing: Thing, edge: Edge | None, why: str) -> Unknown:
    span = edge.span if edge is not None else thing.span
    return Unknown("resource", why, thing.name, span=span)


def _written(store: Thing, edge: Edge, *, complete: bool) -> None:
    """One fact for each statement that writes weights to an undeclared store."""
    value: bool | Unknown = True
    if not _named(store) or not edge.certain:
        value = _doubt(
            store, edge, edge.why or f"the name of {store.name} is not known"
        )
    elif not complete:
        value = _doubt(store, edge, f"the scan does not declare {store.name}")
    store.also("destination.foreign", value, edge.span)
    store.state("destination.uri", store.name, edge.span)


def _own(estate: Estate, store: Thing) -> None:
    edge = estate.edges_to(store, "writes")[0]
    store.state("destination.foreign", value=False, span=edge.span)


def _copied(estate: Estate, copy: Thing, *, complete: bool) -> None:
    """A copy to a store that the scan declares is the lab's own."""
    stated = copy.fact("target.foreign")
    for edge in estate.edges_from(copy, "copies to"):
        target = edge.target
        if _declared(target) and edge.certain:
            copy.state("target.foreign", value=False, span=edge.span)
            return
        if stated is None and _undeclared(target):
            copy.state("target.uri", target.name, edge.span)
            value: bool | Unknown = True
            if not complete or not _named(target):
                value = _doubt(target, edge, f"the scan does not declare {target.name}")
            copy.state("target.foreign", value, edge.span)
            return
    if complete and stated is not None and isinstance(stated.value, Unknown):
        if stated.value.kind == "resource" and stated.value.name:
            copy.state("target.foreign", value=True, span=stated.span)


def _uploaded(upload: Thing, *, complete: bool) -> None:
    """An upload to an undeclared store is to a foreign one, once all roots are known."""
    internal = upload.fact("destination.internal")
    if not complete or internal is None or not isinstance(internal.value, Unknown):
        return
    unknown = internal.value
    known = not any(mark in unknown.name for mark in _MARKS)
    if unknown.kind == "resource" and "://" in unknown.name and known:
        upload.state("destination.internal", value=False, span=internal.span)
