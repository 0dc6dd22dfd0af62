"""Keys that seal weights and something else too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.trace.weights import is_about_something_else, strongest
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.trace.settings import Settings

_OTHER = "seals.other_data"


def trace_keys(estate: Estate, settings: Settings) -> None:  # noqa: ARG001
    """State `seals.other_data` of each key that seals weights.

    True at each use for a store that is known to be about something else: it is
    declared so, logs go to it, or its name says so. A store of which nothing is known
    leaves it unknown. What lowerings stated of logs, queues and databases stays.
    """
    for key in estate.of("key"):
        if not key.evidence:
            continue
        if strongest(key) == "assumed":  # then nothing tells weights from other data
            key.facts.pop(_OTHER, None)
            key.many.pop(_OTHER, None)
            continue
        if not key.all_facts(_OTHER):
            words = "every store of the scan that it seals holds weights"
            key.state(_OTHER, value=False, default=words)
        for edge in estate.edges_to(key, "is encrypted with"):
            store = edge.source
            if store.kind != "store" or store.evidence:
                continue
            known = _is_other(store)
            why = f"nothing says whether {store.name} holds weights"
            unsure = Unknown("resource", why, "its tag mlsec/holds", span=store.span)
            key.also(_OTHER, known or unsure, edge.span)


def _is_other(store: Thing) -> bool:
    held = store.fact("weights.held")
    declared = held is not None and held.value is False
    return declared or is_about_something_else(store)
