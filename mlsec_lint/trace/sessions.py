"""Who may open a shell where weights are handled, and which notebooks act with their rights."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.trace.behind import Behind
from mlsec_lint.trace.dedicated import is_notebook
from mlsec_lint.trace.holders import doubt_of, together
from mlsec_lint.trace.weights import strongest
from mlsec_lint.value import Step, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Edge, Estate, Thing
    from mlsec_lint.source import Span
    from mlsec_lint.trace.settings import Settings

#: How many people are told of one workload.
MAX_PEOPLE = 100
_HELD = "weights.held"
_RIGHTS = ("may read", "may write", "may open", "becomes")


class _Entrant(NamedTuple):
    """Somebody who may enter, by which line, along which others."""

    identity: Thing
    span: Span
    trail: tuple[Step, ...]
    doubt: Unknown | None


def trace_sessions(estate: Estate, settings: Settings) -> None:
    """State `session.people` of weight workloads; weights of notebooks that share rights.

    A notebook, or a machine with a shell for people, that acts as an identity that reads
    weights handles weights, whatever is on its own disk.
    """
    del settings
    behind = Behind(estate)
    for workload in list(estate.of("workload")):
        _sharing(estate, workload)
    spaces: dict[int, list[_Entrant]] = {}
    for workload in list(estate.of("workload")):
        held = workload.fact(_HELD)
        if held is None or held.value is False:
            continue
        found = list(_entrants(estate, workload, behind, spaces))
        for entrant in found[:MAX_PEOPLE]:
            value = _listed(entrant)
            workload.also("session.people", value, entrant.span, trail=entrant.trail)


def _sharing(estate: Estate, workload: Thing) -> None:
    if workload.fact("session.notebook") is None and is_notebook(estate, workload):
        workload.state("session.notebook", value=True)
    if workload.evidence or not _people_work_in(workload):
        return
    for edge in estate.edges_from(workload, "runs as"):
        held = edge.target.fact(_HELD)
        if held is None or held.value is False:
            continue
        if not _has_rights(estate, edge.target, workload):
            continue
        if held.value is True and edge.certain:
            strength = strongest(edge.target)
            words = f"it acts as {edge.target.name}, which may read or write weights"
            workload.holds_weights(strength, words, edge.span)
            workload.state(_HELD, value=True, span=edge.span)
            workload.state("weights.evidence", strength, edge.span)
            return
        doubt = held.value if isinstance(held.value, Unknown) else doubt_of(edge)
        if doubt is not None and workload.fact(_HELD) is None:
            workload.state(_HELD, doubt, edge.span)


def _people_work_in(workload: Thing) -> bool:
    """Whether it is a notebook, or something certainly opens a shell in it."""
    facts = (
        *workload.all_facts("session.notebook"),
        *workload.all_facts("session.enabled"),
    )
    return any(fact.value is True for fact in facts)


def _has_rights(estate: Estate, identity: Thing, sharing: Thing) -> bool:
    """Whether an identity gives weights to whoever acts as it.

    Not where only a pod of it mounts them, nor where only a program of another root
    that acts as an account of the same name reads them.
    """
    if any(estate.edges_from(identity, verb) for verb in _RIGHTS):
        return True
    acting = [edge.source for edge in estate.edges_to(identity, "runs as")]
    return any(
        estate.edges_from(workload, verb)
        for workload in acting
        if together(workload, sharing)
        for verb in ("reads", "writes")
    )


def _entrants(
    estate: Estate,
    workload: Thing,
    behind: Behind,
    spaces: dict[int, list[_Entrant]],
) -> Iterator[_Entrant]:
    for edge in estate.edges_to(workload, "may enter"):
        if behind.of(edge.source) in ("person", "everyone"):
            yield _Entrant(edge.source, edge.span, (), doubt_of(edge))
    for edge in estate.edges_to(workload, "contains"):
        if edge.source.kind != "namespace":
            continue
        if id(edge.source) not in spaces:
            spaces[id(edge.source)] = list(_in_space(estate, edge.source, behind))
        yield from spaces[id(edge.source)]


def _in_space(estate: Estate, space: Thing, behind: Behind) -> Iterator[_Entrant]:
    """People whom a binding lets enter the pods of a namespace."""
    for right in estate.edges_to(space, "lets enter"):
        for bound in estate.edges_from(right.source, "binds"):
            if behind.of(bound.target) not in ("person", "everyone"):
                continue
            words = f"{right.source.name} binds {bound.target.name}"
            yield _Entrant(
                bound.target,
                right.span,
                (Step(bound.span, words),),
                _first(right, bound),
            )


def _first(*edges: Edge) -> Unknown | None:
    doubts = [doubt_of(edge) for edge in edges if not edge.certain]
    return doubts[0] if doubts else None


def _listed(entrant: _Entrant) -> tuple[str, ...] | Unknown:
    address = entrant.identity.address
    if entrant.doubt is None:
        return (address,)
    return entrant.doubt._replace(possible=None, parts=())
