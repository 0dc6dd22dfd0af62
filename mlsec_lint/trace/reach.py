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
from mlsec_lint.estate.selectors import first
from mlsec_lint.trace.hops import Hop, Out
from mlsec_lint.trace.openings import EVERYTHING, Opening, opening_of
from mlsec_lint.trace.pod_egress import egress_of
from mlsec_lint.trace.routes import exits
from mlsec_lint.trace.sinks import outs_of
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.trace.pod_egress import Egress

#: So many groups of nodes of one cluster are looked at; the rest makes it unknown.
MAX_GROUPS = 50


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
        places = own or (_nowhere(workload),)
        return _sorted(_from_places(estate, places, Pod(EVERYTHING, (), None)))
    pod = pod_of(estate, workload)
    if not pod.opening.most and not pod.opening.names:
        return ()
    groups = nodes_of(estate, workload)
    if not groups:
        return _sorted(_from_places(estate, (_nowhere(workload),), pod))
    found = [_from_places(estate, places, pod, to_nodes) for places, to_nodes in groups]
    return _sorted(_of_groups(found, workload))


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


def nodes_of(
    estate: Estate, workload: Thing
) -> list[tuple[tuple[Place, ...], tuple[Hop, ...]]]:
    """Where the nodes that may run a pod lie: one entry for each group of nodes.

    Groups that lie in the same places are one. Without groups, what is known of the
    cluster itself.
    """
    found: dict[object, tuple[tuple[Place, ...], tuple[Hop, ...]]] = {}
    for edge in cluster_edges(estate, workload):
        cluster = edge.target
        groups = estate.edges_from(cluster, "has nodes")[:MAX_GROUPS]
        doubt = None if edge.certain else Unknown("unsupported", edge.why)
        hop = Hop(cluster.address, edge.span, "runs on its nodes", cluster, doubt)
        for group in groups:
            places = estate.networks.of(group.target)
            if places:
                key = tuple(p._replace(span=places[0].span) for p in places)
                to_group = Hop(
                    group.target.address,
                    group.span,
                    "is a group of its nodes",
                    group.target,
                    None if group.certain else Unknown("unsupported", group.why),
                )
                found.setdefault(key, (places, (hop, to_group)))
        if not found:
            places = estate.networks.of(cluster)
            if places:
                found.setdefault(cluster.address, (places, (hop,)))
    return list(found.values())


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


def _from_places(
    estate: Estate,
    places: Iterable[Place],
    pod: Pod,
    to_nodes: tuple[Hop, ...] = (),
) -> list[Out]:
    """The outs from places: what is open from one of them is open."""
    known = estate.networks.answers
    hops = (*pod.hops, *to_nodes)
    doubt = first(*(hop.unknown for hop in to_nodes))
    found: list[Out] = []
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
        found += [
            Out(out.sink, out.name, (*hops, *out.hops), first(doubt, out.unknown))
            for out in outs
        ]
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
