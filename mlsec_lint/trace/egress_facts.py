"""What pods can connect to, as facts and edges of the estate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.estate.selectors import both
from mlsec_lint.trace.pod_egress import egress_of, openers
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.source import Span
    from mlsec_lint.trace.pod_egress import Egress, Way

#: How many rules that open the internet, and destinations, are stated of one pod.
MAX_OPENERS = 50
MAX_TEXTS = 50


def trace_pod_egress(estate: Estate, _settings: object) -> None:
    """State the egress facts of every pod. Pods with the same policies are asked once."""
    answers: dict[object, Egress] = {}
    pods = estate.pod_network
    for workload in list(estate.of("workload")):
        place = pods.places.get(workload.address)
        if place is None:
            continue
        applied = pods.applied.get(workload.address)
        key = (
            place.host_network,
            applied,
            pods.held.get(workload.address),
            pods.meshes.get(workload.address),
            pods.too_many.get(workload.address),
        )
        egress = answers.get(key)
        if egress is None:
            egress = answers[key] = egress_of(estate, workload)
        _state(workload, egress)
        _link(estate, workload, egress)


def _state(workload: Thing, egress: Egress) -> None:
    span, words = _where(workload, egress)
    workload.state("egress.default_deny", egress.default_deny, span, default=words)
    found = openers(egress)
    first = found[0][0] if found else span
    workload.state("egress.internet", egress.internet, first)
    for where, rule, doubt in found[:MAX_OPENERS]:
        truth = True if doubt is None else doubt
        workload.also("egress.allow_all", truth, where, trail=rule.trail)
    if not found and egress.default_deny is True:
        closed = egress.internet if isinstance(egress.internet, Unknown) else False
        workload.state("egress.allow_all", closed, span)
    texts = [text for way in egress.ways for text in way.texts()]
    if all(way.unknown is None for way in egress.ways):
        shown = tuple(dict.fromkeys(texts))[:MAX_TEXTS]
        workload.state("egress.destinations", shown, span)


def _where(workload: Thing, egress: Egress) -> tuple[Span, str]:
    """The policy that decides, or the workload's header where none applies."""
    for one in egress.policies:
        if both(one.truth, one.policy.isolates) is True:
            return one.policy.span, ""
    for one in egress.policies:
        if isinstance(both(one.truth, one.policy.isolates), Unknown):
            return one.policy.span, ""
    words = "Kubernetes: a pod that no policy isolates may connect to anything"
    return workload.span, words if egress.default_deny is False else ""


def _link(estate: Estate, workload: Thing, egress: Egress) -> None:
    """Edges from the policies to the workload, and from it to where it may connect."""
    for one in egress.policies:
        policy = one.policy
        made = Thing(
            "policy", policy.address, policy.name, policy.span, root=policy.root
        )
        thing = estate.add(made)
        if thing is made:
            thing.state("isolates", policy.isolates)
        doubt = one.truth if isinstance(one.truth, Unknown) else None
        why = "" if doubt is None else doubt.why
        span = policy.span
        estate.link(thing, "applies to", workload, span, certain=doubt is None, why=why)
    for kind, name, way in _destinations(egress):
        span = way.rule.span if way.rule is not None else workload.span
        address = name if kind == "internet" else f"{kind}:{name}"
        found = estate.add(Thing("destination", address, name, span))
        found.state("type", kind)
        doubt = way.unknown
        if doubt is None and way.rule is None and egress.internet is not True:
            doubt = egress.internet if isinstance(egress.internet, Unknown) else None
        estate.link(
            workload,
            "may connect to",
            found,
            span,
            f"on {way.ports.text()}",
            certain=doubt is None,
            why="" if doubt is None else doubt.why,
        )


def _destinations(egress: Egress) -> Iterator[tuple[str, str, Way]]:
    """(type, name, way) of the destinations, the internet before what lies in it."""
    number = 0
    for way in egress.ways:
        if way.opens_internet:
            yield "internet", "internet", way
            continue
        names = [("host", host) for host in way.hosts]
        names += [("inside", one) for one in (*way.entities, way.pods) if one]
        names += [("network", where.text()) for where, _ in way.traffic]
        for kind, name in names:
            number += 1
            if number <= MAX_TEXTS:
                yield kind, name, way
