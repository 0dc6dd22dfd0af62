"""Facts that need more than one thing: what holds weights, where it lies, who reads it.

`TRACES` is the list. Each trace reads the estate and adds facts and edges to it; the
later ones read what the earlier ones stated.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from mlsec_lint.estate import Estate
from mlsec_lint.trace.around import trace_around
from mlsec_lint.trace.credentials import trace_credentials
from mlsec_lint.trace.dedicated import trace_dedicated
from mlsec_lint.trace.egress_facts import trace_pod_egress
from mlsec_lint.trace.foreign import trace_foreign
from mlsec_lint.trace.forwarding import trace_forwarding
from mlsec_lint.trace.keys import trace_keys
from mlsec_lint.trace.model_volumes import trace_model_volumes
from mlsec_lint.trace.network_facts import trace_networks
from mlsec_lint.trace.nodes import trace_nodes
from mlsec_lint.trace.paths import trace_paths
from mlsec_lint.trace.place import trace_place
from mlsec_lint.trace.reader_facts import trace_access
from mlsec_lint.trace.reviews import trace_reviews
from mlsec_lint.trace.sessions import trace_sessions
from mlsec_lint.trace.settings import Settings
from mlsec_lint.trace.spaces import trace_spaces
from mlsec_lint.trace.sprawl import trace_sprawl
from mlsec_lint.trace.together import trace_together
from mlsec_lint.trace.weights import trace_weights

if TYPE_CHECKING:
    from mlsec_lint.trace.settings import Asset

Tracer = Callable[[Estate, Settings], None]

#: Where things lie and which hold weights: what all that follows asks.
FIRST: tuple[Tracer, ...] = (trace_place, trace_weights, trace_forwarding)
TRACES: tuple[Tracer, ...] = (
    trace_together,
    trace_credentials,
    trace_dedicated,
    trace_sprawl,
    trace_model_volumes,
    trace_keys,
    trace_foreign,
    trace_reviews,
    trace_pod_egress,
    trace_nodes,
    trace_around,
    trace_access,
    trace_spaces,
    trace_sessions,
    trace_networks,
    trace_paths,
)


def trace(
    estate: Estate,
    *,
    assume: str = "inferred",
    assets: tuple[Asset, ...] = (),
    complete: bool = False,
    between: Callable[[], None] | None = None,
) -> None:
    """Add to the estate what follows from several things together.

    `assume` is one of `settings.ASSUMPTIONS`; `assets` are those of the config file;
    `complete` says that the scan holds every Terraform root;
    `between` is called once it is known what holds weights (`lower.lower_later`).
    """
    settings = Settings(assume, assets, complete)
    for step in FIRST:
        step(estate, settings)
    if between is not None:
        between()
    for step in TRACES:
        step(estate, settings)
