"""Clusters, networks and clouds around weights: they matter for what lies in them."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from mlsec_lint.estate import STRENGTHS
from mlsec_lint.trace.weights import ASSUMED, is_assumed, strongest

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.source import Span
    from mlsec_lint.trace.settings import Settings

#: Verbs that lead from what holds weights to what is around it.
_OUTWARDS = ("runs on", "lies in")
_WORDS = "{}, which handles weights, lies or runs in it"
_ASSUMED = "every cluster, network and cloud is taken to be around weights"


def trace_around(estate: Estate, settings: Settings) -> None:
    """State `weights.held` of clusters, networks and clouds that weights lie in.

    A cluster that only files of its own declare (an API server's manifest) is around
    the weights of the pods of the scan.
    """
    queue: deque[Thing] = deque()
    for strength in STRENGTHS:
        queue.extend(
            thing
            for kind in ("workload", "namespace", "cluster", "network")
            for thing in estate.of(kind)
            if strongest(thing) == strength
        )
        while queue:
            near = queue.popleft()
            for verb in _OUTWARDS:
                for edge in estate.edges_from(near, verb):
                    if edge.certain and not edge.target.evidence:
                        _held(edge.target, near, edge.span)
                        queue.append(edge.target)
            for edge in estate.edges_to(near, "has nodes"):
                if edge.certain and not edge.source.evidence:
                    _held(edge.source, near, edge.span)
                    queue.append(edge.source)
    _own_clusters(estate)
    if settings.assume == "all":
        _assume(estate)


def _held(thing: Thing, near: Thing, span: Span) -> None:
    strength = strongest(near)
    passed = strength if strength in ("named", "assumed") else "referenced"
    thing.holds_weights(passed, _WORDS.format(near.name), span)
    _state(thing)


def _own_clusters(estate: Estate) -> None:
    pods = [
        workload
        for workload in estate.of("workload")
        if workload.evidence and workload.provider == "kubernetes"
    ]
    if not pods:
        return
    near = min(pods, key=lambda pod: STRENGTHS.index(strongest(pod)))
    for cluster in estate.of("cluster"):
        if cluster.provider == "kubernetes" and not cluster.evidence:
            _held(cluster, near, near.span)


def _assume(estate: Estate) -> None:
    for kind in ("cluster", "network", "cloud"):
        for thing in estate.of(kind):
            if not thing.evidence:
                thing.holds_weights("assumed", _ASSUMED, thing.span)
                _state(thing)
    for kind in ("workload", "identity"):  # those that came with networks and grants
        for thing in estate.of(kind):
            new = not thing.evidence and thing.fact("weights.held") is None
            if new and is_assumed(thing):
                thing.holds_weights("assumed", ASSUMED, thing.span)
                _state(thing)


def _state(thing: Thing) -> None:
    best = strongest(thing)
    first = next(piece for piece in thing.evidence if piece.strength == best)
    thing.state("weights.held", value=True, span=first.span)
    thing.state("weights.evidence", best, first.span)
