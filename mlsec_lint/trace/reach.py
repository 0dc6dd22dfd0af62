"""Where a workload's connections can go: its policies, then its network's routes.

`reaches` joins three layers: the policies of a pod (`trace/pod_egress.py`), the place
of its cluster's nodes, and what subnets, routes and gateways of the cloud let out
(`estate/networks.py`). A way out is certain only where every layer is certainly open,
and gone only where one is certainly closed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate import Edge
from mlsec_lint.estate.networks import Place
from mlsec_lint.estate.questions import KIND
from mlsec_lint.estate.selectors import first
from mlsec_lint.estate.variants import variant_of
from mlsec_lint.trace.hops import Hop, Out
from mlsec_lint.trace.openings import EVERYTHING, Opening, opening_of
from mlsec_lint.trace.pod_egress import egress_of
from mlsec_lint.trace.pools import choice_of, fitting
from mlsec_lint.trace.routes import exits
from mlsec_lint.trace.sinks import outs_of
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.trace.pod_egress import Egress

#: So many groups of nodes of one cluster are looked at; the rest makes it unknown.
MAX_GROUPS = 50
#: So many places of one workload or group are looked at.
MAX_PLACES = 100


def reaches(estate: Estate, workload: Thing) -> tuple[Out, ...]:
    """Every way by which what a workload holds can leave its network.

    Sorted: certain ones first, the internet before single hosts, then short ones. For
    each sink and each gateway one. A workload of which nobody can tell where it runs
    gets the internet as an Out with the reason.
    """
    known = estate.networks.answers
    key = ("reaches", workload.kind, workload.address)
    found = known.get(key)
    if found is None:
        found = known[key] = _reaches(estate, workload)
    assert isinstance(found, tuple)
    return found


def _reaches(estate: Estate, workload: Thing) -> tuple[Out, ...]:
    own = estate.networks.of(workload)
    if own or workload.address not in estate.pod_network.places:
        places = own[:MAX_PLACES] or (_nowhere(workload),)
        return _sorted(_from_places(estate, places, Pod(EVERYTHING, (), None)))
    pod = pod_of(estate, workload)
    # of a root with several variants either one's nodes are there or another's
    parts: dict[object, list[list[Out]]] = {}
    edges = cluster_edges(estate, workload)
    known = [
        _of_cluster(estate, pod, edge.target, choice_of(workload)) for edge in edges
    ]
    alike = _alike(edges, known)
    for edge, of_cluster in zip(edges, known, strict=True):
        kind = "unsupported" if estate.questions.of(workload) is None else KIND
        doubt = None if edge.certain else Unknown(kind, edge.why)
        words = "runs on its nodes"
        more = len(edges) - 1
        others = f"{more} others" if more > 1 else "one other"
        agreed = f"{words} or those of {others}, and from all it gets out"
        cluster = edge.target
        unsure = Hop(cluster.address, edge.span, words, cluster, doubt)
        sure = unsure._replace(words=agreed, unknown=None)
        found = parts.setdefault(variant_of(cluster.address), [])
        for outs in of_cluster:
            found.append([])
            for out in outs:
                hop = sure if (out.sink, out.name) in alike else unsure
                found[-1] += _behind((*pod.hops, hop), (out,))
    if not any(parts.values()):
        outs = _from_places(estate, (_nowhere(workload),), pod)
        parts[None] = [_behind(pod.hops, outs)]
    return _sorted(
        [out for found in parts.values() for out in _of_groups(found, workload)]
    )


def _alike(
    edges: Sequence[Edge], found: Sequence[tuple[list[Out], ...]]
) -> set[tuple[str, str]]:
    """The sinks that are open from all nodes of each of several possible clusters."""
    if len(edges) < 2 or any(edge.certain for edge in edges) or not all(found):
        return set()
    open_from = [
        {(out.sink, out.name) for out in outs if out.unknown is None}
        for groups in found
        for outs in groups
    ]
    return set.intersection(*open_from)


def _of_cluster(
    estate: Estate, pod: Pod, cluster: Thing, choice: str
) -> tuple[list[Out], ...]:
    """The outs of a pod from each group of nodes of a cluster, worked out once.

    What is open from one place of a group is open; a way is told once for each gateway.
    """
    known = estate.networks.answers
    key = ("cluster", pod.key, cluster.address, choice)
    found = known.get(key)
    if found is None:
        inside = _enforced(pod, cluster)
        found = known[key] = tuple(
            _behind(hops, _sorted(_from_places(estate, places, inside)))
            for places, hops in groups_of(estate, cluster, choice)
        )
    assert isinstance(found, tuple)
    return found


def _behind(hops: tuple[Hop, ...], outs: Iterable[Out]) -> list[Out]:
    """Outs that hops lead to, with the doubts of the way to the nodes."""
    to_nodes = (hop for hop in hops if hop.thing is None or hop.thing.kind != "policy")
    doubt = first(*(hop.unknown for hop in to_nodes))
    return [
        Out(o.sink, o.name, (*hops, *o.hops), first(doubt, o.unknown)) for o in outs
    ]


def _enforced(pod: Pod, cluster: Thing) -> Pod:
    """The pod where policies count; all is open to it where they take no effect.

    A cluster whose own config switches them off ignores them. One of which nobody says
    that it heeds them may do so by a plug-in that is not in the scan.
    """
    fact = cluster.fact("policy.enforced")
    if fact is None or fact.value is True:
        return pod
    opening = EVERYTHING
    if isinstance(fact.value, Unknown) or fact.default:
        words = "whether network policies take effect in it is not known"
        why = Unknown("unsupported", words, span=fact.span)
        if isinstance(fact.value, Unknown):
            why = fact.value
        policies = pod.opening
        doubt = first(policies.doubt, why)
        opening = Opening(least=policies.least, names=policies.names, doubt=doubt)
    return Pod(opening, pod.hops, (pod.key, fact.value, fact.span))


def _nowhere(workload: Thing) -> Place:
    """The place of what nobody says where it runs."""
    why = f"in which network {workload.name} runs is not in the scan"
    return Place(workload.span, unknown=Unknown("unsupported", why))


# -- the pod ----------------------------------------------------------------------


class Pod(NamedTuple):
    """What a pod's own policies leave open, by which line, and a key for the answer."""

    opening: Opening
    hops: tuple[Hop, ...]
    key: object


def pod_of(estate: Estate, workload: Thing) -> Pod:
    """The answer of the policies for a pod; those of the same policies are one."""
    pods = estate.pod_network
    place = pods.places[workload.address]
    key = (
        place.host_network,
        pods.applied.get(workload.address),
        pods.held.get(workload.address),
        pods.meshes.get(workload.address),
        pods.too_many.get(workload.address),
    )
    known = estate.networks.answers
    found = known.get(("policies", key))
    if found is None:
        egress = egress_of(estate, workload)
        opening = opening_of(egress)
        if isinstance(place.host_network, Unknown) and opening.doubt is None:
            opening = Opening(least=opening.least, doubt=place.host_network)
        found = known["policies", key] = Pod(opening, _opened_by(estate, egress), key)
    assert isinstance(found, Pod)
    return found


def _opened_by(estate: Estate, egress: Egress) -> tuple[Hop, ...]:
    """The policy rule that opens the internet, or anything outside, as a hop."""
    ways = sorted(egress.ways, key=lambda way: not way.opens_internet)
    for way in ways:
        rule, policy = way.rule, way.policy
        if rule is not None and policy is not None and (way.traffic or way.hosts):
            words = f"lets it connect to {next(way.texts())}"
            thing = estate.find("policy", policy.address)
            return (
                Hop(policy.address, rule.span, words, thing, way.unknown, rule.trail),
            )
    return ()


_Group = tuple[tuple[Place, ...], tuple[Hop, ...]]


def groups_of(estate: Estate, cluster: Thing, choice: str) -> tuple[_Group, ...]:
    """Where the nodes of a cluster lie: one entry for each group, with its hop.

    Groups that lie in the same places are one; those that `choice` (`pools.choice_of`)
    rules out are none. Without groups, what is known of the cluster itself.
    """
    known = estate.networks.answers
    key = ("groups", cluster.address, choice)
    found = known.get(key)
    if found is None:
        found = known[key] = tuple(_groups(estate, cluster, choice).values())
    assert isinstance(found, tuple)
    return found


def _groups(estate: Estate, cluster: Thing, choice: str) -> dict[object, _Group]:
    found: dict[object, _Group] = {}
    edges = estate.edges_from(cluster, "has nodes")[:MAX_GROUPS]
    fit = {id(group) for group in fitting(choice, [edge.target for edge in edges])}
    for edge in edges:
        if id(edge.target) not in fit:
            continue
        places = estate.networks.of(edge.target)[:MAX_PLACES]
        if not places:
            continue
        doubt = None if edge.certain else Unknown("unsupported", edge.why)
        words = "is a group of its nodes"
        hop = Hop(edge.target.address, edge.span, words, edge.target, doubt)
        key = tuple(p._replace(span=cluster.span) for p in places)
        found.setdefault(key, (places, (hop,)))
    places = estate.networks.of(cluster)[:MAX_PLACES]
    if not found and places:
        found[cluster.address] = (places, ())
    return found


def nodes_of(estate: Estate, workload: Thing) -> Iterator[tuple[Edge, _Group]]:
    """Where the nodes that may run a pod lie, each group with the edge to its cluster."""
    for edge in cluster_edges(estate, workload):
        for group in groups_of(estate, edge.target, choice_of(workload)):
            yield edge, group


def cluster_edges(estate: Estate, workload: Thing) -> list[Edge]:
    """Edges to the clusters that a pod runs on, its namespace's where it has none.

    Where nothing names a cluster and the scan declares a single one, it is that.
    """
    found = estate.edges_from(workload, "runs on")
    if not found:
        for edge in estate.edges_to(workload, "contains"):
            found = found + estate.edges_from(edge.source, "runs on")
    if not found:
        clusters = [one for one in estate.of("cluster") if not one.library]
        words = "is the only cluster of the scan"
        found = [
            Edge("runs on", workload, one, workload.span, words)
            for one in clusters
            if len(clusters) == 1
        ]
    return found


def _of_groups(found: Sequence[list[Out]], workload: Thing) -> list[Out]:
    """The outs of several groups of nodes: certain where all groups have it so."""
    if len(found) == 1:
        return found[0]
    certain: dict[tuple[str, str], int] = {}
    for outs in found:
        for key in {(out.sink, out.name) for out in outs if out.unknown is None}:
            certain[key] = certain.get(key, 0) + 1
    why = Unknown("unsupported", f"which nodes run {workload.name} is not known")
    merged = []
    for outs in found:
        for out in outs:
            everywhere = certain.get((out.sink, out.name), 0) == len(found)
            doubt = None if everywhere else why
            merged.append(out._replace(unknown=first(out.unknown, doubt)))
    return merged


# -- the network ------------------------------------------------------------------


def _from_places(estate: Estate, places: Iterable[Place], pod: Pod) -> list[Out]:
    """The outs from places: what is open from one of them is open."""
    known = estate.networks.answers
    found: list[Out] = []
    if not pod.opening.most and not pod.opening.names:
        return found
    for place in places:
        key = ("outs", pod.key, place)
        outs = known.get(key)
        if outs is None:
            outs = known[key] = tuple(
                out
                for exit_ in exits(estate, place, pod.opening)
                for out in outs_of(exit_)
            )
        assert isinstance(outs, tuple)
        found += outs
    return found


_ORDER = ("internet", "any-store", "account", "host")


def _sorted(outs: Iterable[Out]) -> tuple[Out, ...]:
    """One out for each sink and last gateway: a certain one, else the shortest."""
    ordered = sorted(
        outs,
        key=lambda out: (
            out.unknown is not None,
            _ORDER.index(out.sink),
            out.name,
            len(out.hops),
        ),
    )
    found: dict[tuple[str, str, str], Out] = {}
    for out in ordered:
        last = out.hops[-1].address if out.hops else ""
        found.setdefault((out.sink, out.name, last), out)
    return tuple(found.values())
