"""What weights are handled together with: the cloud that they lie in.

Runs after the weights are traced: a cloud holds weights where a thing of it does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import STRENGTHS
from mlsec_lint.trace.weights import strongest

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.trace.settings import Settings

_HOLDERS = ("store", "workload")


def trace_together(estate: Estate, settings: Settings) -> None:
    """State `weights.held` of clouds, by the strongest evidence for a thing in them."""
    del settings
    best: dict[str, Thing] = {}
    for kind in _HOLDERS:
        for thing in estate.of(kind):
            if thing.evidence and _stronger(thing, best.get(thing.provider)):
                best[thing.provider] = thing
    for cloud in estate.of("cloud"):
        holder = best.get(cloud.provider)
        if holder is not None:
            _held_by(cloud, holder)


def _stronger(thing: Thing, than: Thing | None) -> bool:
    if than is None:
        return True
    return STRENGTHS.index(strongest(thing)) < STRENGTHS.index(strongest(than))


def _held_by(thing: Thing, holder: Thing) -> None:
    """The thing is a matter of weights because the holder holds them."""
    strength = strongest(holder)
    passed = strength if strength in ("named", "assumed") else "referenced"
    span = holder.evidence[0].span
    thing.holds_weights(passed, f"{holder.name}, which holds weights, is in it", span)
    thing.state("weights.held", value=True, span=span)
    thing.state("weights.evidence", passed, span)
