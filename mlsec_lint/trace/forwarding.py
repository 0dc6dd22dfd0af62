"""Uploads whose source is a store: they carry weights where that store holds them.

A command names what it copies by URI or path. Whether that is weights is often known
only from another file, so it is settled here, once it is known what holds weights.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.trace.weights import strongest
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsec_lint.estate import Edge, Estate, Thing
    from mlsec_lint.trace.settings import Settings

_HELD = "weights.held"


def trace_forwarding(estate: Estate, settings: Settings) -> None:
    """State `carries` of uploads that take from stores which hold weights."""
    del settings
    for upload in list(estate.of("upload")):
        carries = upload.fact("carries")
        if carries is None or not isinstance(carries.value, Unknown):
            continue
        held = [edge for edge in _taken(estate, upload) if _holds(edge.target)]
        for edge in held:
            if edge.certain:
                _forwards(estate, upload, edge)
                break


def may_forward(estate: Estate, upload: Thing) -> Unknown | None:
    """Why an upload may carry weights that its program took from a store, or None."""
    for edge in _taken(estate, upload):
        if not edge.certain and _holds(edge.target):
            return Unknown("environment", edge.why, span=edge.span)
    return None


def _taken(estate: Estate, upload: Thing) -> Iterable[Edge]:
    return estate.edges_from(upload, "takes from")


def _holds(store: Thing) -> bool:
    held = store.fact(_HELD)
    return held is not None and held.value is True


def _forwards(estate: Estate, upload: Thing, edge: Edge) -> None:
    strength = strongest(edge.target)
    words = f"it sends what lies in {edge.target.name}, which holds weights"
    upload.state("carries", "weights", edge.span)
    for thing in (upload, *(e.source for e in estate.edges_to(upload, "sends"))):
        thing.holds_weights(strength, words, edge.span)
        thing.state(_HELD, value=True, span=edge.span)
        thing.state("weights.evidence", strength, edge.span)
