"""From who can use a store's bytes to who can use those: the edges of the walk.

A place is a thing and what getting there means. Three sorts of place have ways out: an
identity that is acted as (`who`), a workload that mounts the bytes (`work`) or acts as
such an identity (`enter`). The others lie between and are told only where they say
something:

* `inside`: a namespace, of which an account was reached; `around`: one of a workload
  that may be entered; `beside`: one with a claim that shows the bytes;
* `grant`: a binding whose subjects get there; `nodes`: a cluster whose machines do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate.selectors import first
from mlsec_lint.estate.walks import Hop
from mlsec_lint.trace.behind import sort_of
from mlsec_lint.trace.holders import doubt_of
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Edge, Estate, Thing
    from mlsec_lint.source import Span


class Place(NamedTuple):
    """Where a walk can be. Compared by the thing itself.

    `via` tells apart the ways to somebody outside whom several identities trust.
    """

    mode: str
    thing: Thing
    via: Thing | None = None


class Step(NamedTuple):
    """One step: `how` says what it takes where that matters for the way's name."""

    place: Place
    hop: Hop | None
    how: str = ""


#: Verbs by which one identity comes to act as another: words, name, controls.
_ACTORS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "becomes": (
        "{} may act as it",
        "",
        ("access-irsa-scope", "access-ci-oidc-subject"),
    ),
    "may launch as": (
        "{} may start work of its own that acts as it",
        "launch",
        ("access-pass-role",),
    ),
    "counts as": ("{} counts as it", "", ()),
}
#: Sorts of identities that stand for somebody whom the scan does not declare.
OUTSIDE = ("ci", "account", "everyone")
#: How much of a CI system must be trusted for its runs to be strangers' runs.
_WIDE = ("pull-requests", "organisation", "everyone")
_RBAC = ("access-rbac-sensitive-verbs", "access-pass-role", "access-interactive-debug")


def steps(estate: Estate, place: Place) -> Iterator[Step]:
    """The places next to one, outwards."""
    mode, thing, _ = place
    if mode == "who":
        yield from _from_identity(estate, thing)
    elif mode in ("work", "enter"):
        yield from _from_workload(estate, thing, mounted=mode == "work")
    elif mode == "beside":
        yield from _bindings(estate, thing, "lets run in", "launch")
    elif mode == "inside":
        yield from _bindings(estate, thing, "lets run in", "launch")
        yield from _bindings(estate, thing, "lets become accounts of", "launch")
        yield from _unread(estate, thing)
    elif mode == "around":
        yield from _bindings(estate, thing, "lets enter", "enter")
    elif mode == "nodes":
        yield from _from_nodes(estate, thing)
    else:
        for edge in estate.edges_from(thing, "binds"):
            yield over(edge, "who", edge.target, f"{edge.target.name} has the binding")


def _from_identity(estate: Estate, thing: Thing) -> Iterator[Step]:
    for edge in estate.edges_to(thing):
        known = _ACTORS.get(edge.verb)
        if known is not None:
            words, how, controls = known
            step = over(edge, "who", edge.source, words.format(edge.source.name))
            step = _controlled(step, controls)
            if sort_of(edge.source) in OUTSIDE:
                step = step._replace(place=step.place._replace(via=thing))
            if sort_of(edge.source) == "ci":
                wide = _trusts_widely(edge)
                if wide is False:
                    continue
                step = _doubted(step, wide)
            elif edge.verb == "becomes" and _by_name_alone(estate, thing, edge.source):
                how = "shared-name"
            yield step._replace(how=how)
        elif edge.verb == "runs as":
            yield over(edge, "enter", edge.source, f"{edge.source.name} runs as it")
        elif edge.verb == "contains" and sort_of(thing) == "kubernetes-account":
            yield _silent(edge, "inside", edge.source)


def _trusts_widely(edge: Edge) -> bool | Unknown:
    """Whether a trust in a CI system is open to more than one repository or branch."""
    scopes = edge.target.all_facts("trust.ci.scope")
    same = [f for f in scopes if f.span == edge.span] or scopes
    if any(fact.value in _WIDE for fact in same if isinstance(fact.value, str)):
        return True
    unknown = next((f.value for f in same if isinstance(f.value, Unknown)), None)
    if unknown is not None:
        return unknown
    if same:
        return False
    return Unknown("unsupported", "what the trust is bound to is not known")


def _by_name_alone(estate: Estate, identity: Thing, account: Thing) -> bool:
    """Whether an account has an identity only because a trust goes by its name.

    Such a trust holds for accounts of that name in every cluster of a pool. The account
    that is meant says itself whose rights it takes.
    """
    if sort_of(account) != "kubernetes-account":
        return False
    trusts = identity.all_facts("trust.workload.scope")
    if not any(fact.value in ("pool", "cluster") for fact in trusts):
        return False
    return not any(
        edge.target is identity and not any(_overlap(edge.span, f.span) for f in trusts)
        for edge in estate.edges_from(account, "becomes")
    )


def _overlap(one: Span, other: Span) -> bool:
    """Whether two spans share text: a value, and the argument that it stands in."""
    alike = one.source.path == other.source.path
    return alike and one.start < other.end and other.start < one.end


def _from_workload(estate: Estate, thing: Thing, *, mounted: bool) -> Iterator[Step]:
    for edge in estate.edges_to(thing):
        if edge.verb == "may enter":
            step = over(edge, "who", edge.source, f"{edge.source.name} may enter it")
            yield _controlled(step, ("access-interactive-debug",))._replace(how="enter")
        elif edge.verb == "contains":
            yield _silent(edge, "around", edge.source)
            if mounted:
                yield _silent(edge, "beside", edge.source)
        elif edge.verb == "has nodes":
            words = f"its machines run pods of {edge.source.name}"
            yield over(edge, "nodes", edge.source, words)


def _from_nodes(estate: Estate, cluster: Thing) -> Iterator[Step]:
    """Pods that can take the identity of the machines from the metadata service."""
    guarded = cluster.fact("metadata.guarded")
    if guarded is None or guarded.value is True:
        return
    doubt = guarded.value if isinstance(guarded.value, Unknown) else None
    controls = ("access-metadata-hardened", "access-no-default-identity")
    for edge in estate.edges_to(cluster, "runs on"):
        pod = edge.source
        if pod.kind == "workload":
            words = f"{pod.name} runs on them and may ask for their identity"
            unsure = first(doubt, doubt_of(edge))
            hop = Hop(pod.address, guarded.span, words, pod, unsure, (), controls)
            yield Step(Place("enter", pod), hop)


def _bindings(estate: Estate, space: Thing, verb: str, how: str) -> Iterator[Step]:
    for edge in estate.edges_to(space, verb):
        words = edge.words or f"{edge.source.name} {verb} {space.name}"
        step = over(edge, "grant", edge.source, words, said=True)
        yield _controlled(step, _RBAC)._replace(how=how)


def _unread(estate: Estate, space: Thing) -> Iterator[Step]:
    """Bindings of which nobody can tell whether they let run anything."""
    for edge in estate.edges_to(space, "covers"):
        rights = edge.source.fact("rights")
        if rights is not None and isinstance(rights.value, Unknown):
            words = f"what {edge.source.name} grants is not known"
            step = over(edge, "grant", edge.source, words, said=True)
            yield _doubted(_controlled(step, _RBAC), rights.value)._replace(
                how="launch"
            )


def over(
    edge: Edge, mode: str, thing: Thing, words: str, *, said: bool = False
) -> Step:
    """The step over an edge to one of its ends."""
    text = words if said or not edge.words else f"{words}: {edge.words}"
    hop = Hop(thing.address, edge.span, text, thing, doubt_of(edge))
    return Step(Place(mode, thing), hop)


def _silent(edge: Edge, mode: str, thing: Thing) -> Step:
    """A step that goes without saying, unless it is in doubt."""
    if edge.certain:
        return Step(Place(mode, thing), None)
    return over(edge, mode, thing, f"it lies in {thing.name}")


def _controlled(step: Step, controls: tuple[str, ...]) -> Step:
    hop = step.hop
    return step if hop is None else step._replace(hop=hop._replace(controls=controls))


def _doubted(step: Step, truth: bool | Unknown) -> Step:
    hop = step.hop
    if hop is None or not isinstance(truth, Unknown):
        return step
    return step._replace(hop=hop._replace(unknown=first(hop.unknown, truth)))
