"""Clusters that run what handles weights, and what pods get from the machines below them.

A pod whose service account has no identity of the cloud acts as its node where it reaches
the metadata service: nothing of the cloud stands before it, and no policy that is in
force refuses 169.254.169.254.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate import Fact
from mlsec_lint.estate import questions as which_cluster
from mlsec_lint.estate.addresses import NO_ADDRESS, network
from mlsec_lint.trace.pod_egress import egress_of
from mlsec_lint.trace.pools import choice_of, fitting
from mlsec_lint.trace.weights import strongest
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Edge, Estate, Thing
    from mlsec_lint.estate.selectors import Truth
    from mlsec_lint.trace.settings import Settings

#: The metadata service of AWS, Google Cloud and Azure.
METADATA = "169.254.169.254"
_PORT = 80
_LINK_LOCAL = network("169.254.0.0/16") or NO_ADDRESS
_GUARD = "metadata.guarded"
_CLOUDS = ("aws", "gcp", "azure")
_OBJECTS = ("object", "registry", "ml-service")
#: So many pods of one cluster are looked at.
MAX_PODS = 5_000


class _Group(NamedTuple):
    """A group of nodes that a pod may be on; `doubt` is why it may be another.

    `elsewhere`: that is because it may run in another cluster.
    """

    workload: Thing
    doubt: str
    elsewhere: bool


def trace_nodes(estate: Estate, settings: Settings) -> None:
    """State what clusters and pods have of weights, nodes and their identities."""
    _ask(estate)
    for cluster in list(estate.of("cluster")):
        _hold(estate, cluster, assume=settings.assume == "all")
        _close(estate, cluster)
        _node_readers(estate, cluster)
    for workload in list(estate.of("workload")):
        edges = estate.edges_from(workload, "runs on")
        groups = list(_groups(estate, workload, edges))
        if groups:
            _dedicated(workload, groups)
            _fall_back(estate, workload, groups)
        _own(estate, workload)
        _opened(estate, workload)


def _ask(estate: Estate) -> None:
    """Keep which workloads with weights may run in each of several clusters."""
    for workload in estate.of("workload"):
        held = workload.fact("weights.held")
        if held is not None and held.value is True and not workload.library:
            estate.questions.ask(workload, estate.edges_from(workload, "runs on"))


def _pods(estate: Estate, cluster: Thing) -> list[Edge]:
    edges = estate.edges_to(cluster, "runs on")
    return [edge for edge in edges if edge.source.kind == "workload"][:MAX_PODS]


def _hold(estate: Estate, cluster: Thing, *, assume: bool) -> None:
    """A cluster is a matter of weights where a workload in it handles some."""
    doubt: Unknown | None = None
    for edge in _pods(estate, cluster):
        held = edge.source.fact("weights.held")
        if held is None or held.value is not True:
            continue
        if edge.certain:
            words = f"{edge.source.name}, which handles weights, runs in it"
            cluster.holds_weights(strongest(edge.source), words, edge.span)
        elif doubt is None:
            doubt = Unknown(which_cluster.KIND, edge.why, span=edge.span)
    if assume and not cluster.evidence:
        words = "every cluster is taken to run what handles weights"
        cluster.holds_weights("assumed", words, cluster.span)
    best = strongest(cluster)
    if best:
        first = next(piece for piece in cluster.evidence if piece.strength == best)
        cluster.state("weights.held", value=True, span=first.span)
        cluster.state("weights.evidence", best, first.span)
    elif doubt is not None:
        cluster.state("weights.held", doubt, cluster.span)


def _close(estate: Estate, cluster: Thing) -> None:
    """Network policies that keep all pods from the metadata service guard it too."""
    guards = cluster.all_facts(_GUARD)
    pods = _pods(estate, cluster)
    if not pods or not any(fact.value is not True for fact in guards):
        return
    if all(_reaches(estate, edge.source, cluster) is False for edge in pods):
        words = f"network policies refuse {METADATA} to every pod of the scan"
        cluster.many.pop(_GUARD, None)
        cluster.state(_GUARD, value=True, span=pods[0].span, default=words)


def _reaches(estate: Estate, pod: Thing, cluster: Thing) -> Truth:
    """Whether the network policies that are in force leave the metadata service open."""
    enforced = cluster.fact("policy.enforced")
    if enforced is not None and enforced.value is False and not enforced.default:
        return True
    truth = _allowed(estate, pod)
    if truth is False and enforced is not None and enforced.value is False:
        why = "whether network policies take effect in its cluster is not known"
        return Unknown("unsupported", why, span=enforced.span)
    if truth is False and enforced is not None and isinstance(enforced.value, Unknown):
        return enforced.value
    return truth


def _allowed(estate: Estate, pod: Thing) -> Truth:
    egress = egress_of(estate, pod)
    doubt: Unknown | None = None
    for way in egress.ways:
        for where, ports in way.traffic:
            if where.holds(METADATA) and ports.holds("TCP", _PORT):
                if way.unknown is None:
                    return True
                doubt = way.unknown if doubt is None else doubt
    if doubt is not None:
        return doubt
    if isinstance(egress.default_deny, Unknown):
        return egress.default_deny
    return not egress.ways and egress.default_deny is False


def _opened(estate: Estate, workload: Thing) -> None:
    """A rule that opens just the metadata service to a pod, and little else with it."""
    if workload.address not in estate.pod_network.places:
        return
    for way in egress_of(estate, workload).ways:
        for where, _ in way.traffic:
            if way.rule is None or not where.holds(METADATA):
                continue
            if not where.subtract(_LINK_LOCAL):
                value = False if way.unknown is None else way.unknown
                workload.also(_GUARD, value, way.rule.span, trail=way.rule.trail)


def _node_readers(estate: Estate, cluster: Thing) -> None:
    """Whether the identities of the machines are defaults, or may read weights."""
    for group in estate.edges_from(cluster, "has nodes"):
        reading = _reads(estate, group.target)
        own = group.target.fact("identity.own")
        if reading is not None and reading.value is False:
            fact = reading
        elif own is not None and own.value is not True:
            fact = own
        elif reading is not None:
            fact = reading
        else:
            words = "no policy of the scan lets it read weights"
            fact = Fact(True, group.target.span, default=words)  # noqa: FBT003
        cluster.also("identity.own", fact.value, fact.span, trail=fact.trail)


def _reads(estate: Estate, nodes: Thing) -> Fact | None:
    """That the identity of some machines may read weights; None where nothing says so."""
    unsure: Fact | None = None
    for acting in estate.edges_from(nodes, "runs as"):
        for edge in estate.edges_from(acting.target, "may read"):
            if edge.target.kind != "store":
                continue
            if edge.certain and acting.certain:
                return Fact(False, edge.span)  # noqa: FBT003
            why = edge.why or acting.why
            unsure = unsure or Fact(Unknown("edge", why, span=edge.span), edge.span)
    return unsure


def _groups(estate: Estate, workload: Thing, edges: list[Edge]) -> Iterator[_Group]:
    """The groups of nodes that a pod may be put on, as far as it chooses some."""
    choice = choice_of(workload)
    for edge in edges:
        targets = [e.target for e in estate.edges_from(edge.target, "has nodes")]
        left = fitting(choice, targets)
        doubt = "" if edge.certain else edge.why
        if len(left) > 1 and not doubt:
            doubt = f"on which of {len(left)} groups of nodes it runs is not known"
        for target in left:
            yield _Group(target, doubt, not edge.certain)


def _dedicated(workload: Thing, groups: list[_Group]) -> None:
    """A pod has machines of its own where a taint keeps others from all it may be on."""
    if workload.fact("nodes.dedicated") is not None:
        return
    if any(group.elsewhere for group in groups):
        return  # in which cluster it runs is not known
    facts = [group.workload.fact("nodes.dedicated") for group in groups]
    known = [fact for fact in facts if fact is not None]
    if len(known) < len(groups):
        return
    different = {str(fact.value) for fact in known}
    if len(different) == 1:
        fact = known[0]
        workload.state("nodes.dedicated", fact.value, fact.span, default=fact.default)
        return
    doubt = groups[0].doubt or "of some groups of nodes it is not known"
    unsure = Unknown("unsupported", doubt, span=workload.span)
    workload.state("nodes.dedicated", unsure, workload.span)


def _fall_back(estate: Estate, workload: Thing, groups: list[_Group]) -> None:
    """Link a pod without an identity of the cloud to that of its node."""
    if _cloud_identity(estate, workload) is not False:
        return
    alike = len({_acting(estate, group.workload) for group in groups}) == 1
    for group in groups:
        clusters = estate.edges_to(group.workload, "has nodes")
        reached = _to_node(estate, workload, group.workload, clusters[0].source)
        if reached is False:
            continue
        doubt = "" if alike and not group.doubt.startswith("which") else group.doubt
        if isinstance(reached, Unknown):
            doubt = doubt or reached.why
        for acting in estate.edges_from(group.workload, "runs as"):
            words = (
                f"its service account has no identity of the cloud: it takes that of "
                f"{group.workload.name} from the metadata service"
            )
            why = doubt or ("" if acting.certain else acting.why)
            estate.link(
                workload,
                "runs as",
                acting.target,
                workload.span,
                words,
                certain=not why,
                why=why,
            )


def _acting(estate: Estate, nodes: Thing) -> frozenset[str]:
    """As whom machines act, and whether pods get there."""
    guard = nodes.fact(_GUARD)
    names = {e.target.address for e in estate.edges_from(nodes, "runs as")}
    return frozenset({*names, str(guard.value if guard is not None else None)})


def _to_node(estate: Estate, pod: Thing, nodes: Thing, cluster: Thing) -> Truth:
    """Whether a pod gets the identity of its node from the metadata service."""
    host = pod.fact("host.network")
    if host is not None and host.value is True:
        return True
    guard = nodes.fact(_GUARD)
    if guard is not None and guard.value is True:
        return False
    reached = _reaches(estate, pod, cluster)
    if reached is True and guard is not None and isinstance(guard.value, Unknown):
        return guard.value
    if guard is None and reached is True:
        return Unknown("unsupported", "whether its nodes keep it away is not known")
    return reached


def _cloud_identity(estate: Estate, workload: Thing) -> Truth:
    """Whether the service account of a pod has an identity of a cloud."""
    unsure: Unknown | None = None
    accounts = estate.edges_from(workload, "runs as")
    for edge in accounts:
        if not edge.target.name.startswith("ServiceAccount/"):
            continue
        own = estate.edges_from(edge.target)
        rights = [e for e in own if e.verb in ("becomes", "may read", "may write")]
        declared = edge.target.fact("declared")
        if not rights and declared is not None and declared.value is False:
            why = f"the scan does not hold {edge.target.name}"
            unsure = Unknown("unsupported", why, edge.target.name, span=edge.span)
        if any(e.certain for e in rights) and edge.certain:
            return True
        if rights or not edge.certain:
            why = (
                f"whether {edge.target.name} has an identity of the cloud is not known"
            )
            unsure = Unknown("edge", why, span=edge.span)
    if unsure is None and not accounts:
        return Unknown("unsupported", "as whom it runs is not known")
    return False if unsure is None else unsure


def _own(estate: Estate, workload: Thing) -> None:
    """Whether a pod reaches weights in the cloud's stores as itself, or by default."""
    store = next(_cloud_stores(estate, workload), None)
    stated = workload.fact("identity.own")
    if stated is not None:
        known_account = _cloud_identity(estate, workload) is True
        if store is None and _sort(workload) == "pod":
            del workload.facts["identity.own"]  # it asks no cloud for weights
        elif known_account and isinstance(stated.value, Unknown):
            workload.state("identity.own", value=True, span=stated.span)
        return
    accounts = [
        edge
        for edge in estate.edges_from(workload, "runs as")
        if edge.target.name.startswith("ServiceAccount/") and edge.certain
    ]
    if store is None or len(accounts) != 1:
        return
    edge = accounts[0]
    known = _cloud_identity(estate, workload)
    if isinstance(known, Unknown):
        if known.kind != "unsupported":  # an account that is elsewhere tells nothing
            workload.state("identity.own", known, edge.span)
    elif known:
        workload.state("identity.own", value=True, span=edge.span)
    elif edge.target.name.endswith("/default") or _takes_node(estate, workload):
        workload.state("identity.own", value=False, span=edge.span)


def _takes_node(estate: Estate, workload: Thing) -> bool:
    """Whether a pod certainly acts as its node."""
    edges = estate.edges_from(workload, "runs as")
    return any(e.certain and _is_node(estate, e.target) for e in edges)


def _is_node(estate: Estate, identity: Thing) -> bool:
    edges = estate.edges_to(identity, "runs as")
    return any(_sort(edge.source) == "node-group" for edge in edges)


def _sort(workload: Thing) -> str:
    fact = workload.fact("type")
    return str(fact.value) if fact is not None else ""


def _cloud_stores(estate: Estate, workload: Thing) -> Iterator[Thing]:
    """Stores with weights that a pod's programs reach through a cloud's interface."""
    if _sort(workload) != "pod":
        return
    parts = [workload, *(e.target for e in estate.edges_from(workload, "has"))]
    programs = [e.target for part in parts for e in estate.edges_from(part, "runs")]
    for part in (*parts, *programs):
        for verb in ("reads", "writes"):
            for edge in estate.edges_from(part, verb):
                sort, held = edge.target.fact("type"), edge.target.fact("weights.held")
                if sort is None or held is None or held.value is not True:
                    continue
                if sort.value in _OBJECTS and edge.target.provider in _CLOUDS:
                    yield edge.target
