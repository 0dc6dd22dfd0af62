"""Evidence of reviews counts where the scan holds something about weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.trace.settings import Settings

_KINDS = ("store", "workload", "program")


def trace_reviews(estate: Estate, _settings: Settings) -> None:
    """State `weights.held` of every review, where a thing of the scan holds weights."""
    for kind in _KINDS:
        for thing in estate.of(kind):
            held = thing.fact("weights.held")
            if held is not None and held.value is True:
                for review in estate.of("review"):
                    review.state("weights.held", value=True)
                return
