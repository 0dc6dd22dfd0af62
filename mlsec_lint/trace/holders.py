"""Where the bytes of a store can be had, and who gets at them first.

The same bytes are had at what the store lies in (the account of a container, the bucket
behind a volume) and at what shows it (claims, mounts). A container of an account is a
part of it: who reads the account reads the container, who reads its neighbour does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate import Thing
from mlsec_lint.trace.hops import Hop
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Edge, Estate, Fact

#: How many places one store's bytes are looked for at.
MAX_PLACES = 2_000
#: Sorts of stores that are read where they are mounted, not by anybody's rights.
_BY_MOUNT = ("claim", "file", "block", "node-disk", "memory")
#: The kind of doubt whether two roots meet in one cluster; verbs of which it may be.
APART = "apart"
MEETING = ("lets ", "runs on", "has nodes")
#: Facts by which everyone reads a store, and words for them.
_PUBLIC = (
    ("public.acl", "an access list opens it to everyone"),
    ("public.principal", "a policy or binding names everyone"),
    ("shared.public", "a permission gives it to everyone"),
)


class First(NamedTuple):
    """Who gets at the bytes first, with the hops from the store to there.

    `mode` as in `access`: `who` (by a right), `work` and `acts` (a workload that mounts
    them, and as what it acts), `enter` and `shown` (one whose config reads them).
    """

    mode: str
    thing: Thing
    hops: tuple[Hop, ...]


def first_readers(estate: Estate, store: Thing) -> tuple[First, ...]:
    """Who reads a store by a right of its own, by a workload, or as the public."""
    found: list[First] = []
    for place, hops in _places(estate, store):
        found.extend(_at(estate, place, hops))
    return tuple(found)


def doubt_of(edge: Edge) -> Unknown | None:
    """Why an edge may not be, None where it certainly is.

    Of kind APART where the doubt is only whether the objects of two roots or folders meet
    in one cluster.
    """
    if edge.certain:
        return None
    why = edge.why or f"whether {edge.source.name} {edge.verb} {edge.target.name}"
    apart = edge.verb.startswith(MEETING) and not together(edge.source, edge.target)
    return Unknown(APART if apart else "edge", why, span=edge.span)


def together(one: Thing, other: Thing) -> bool:
    """Whether two things are of one root, those of no root: of one folder."""
    if one.root or other.root:
        return one.root == other.root
    return one.span.path.rpartition("/")[0] == other.span.path.rpartition("/")[0]


def _places(estate: Estate, store: Thing) -> Iterator[tuple[Thing, tuple[Hop, ...]]]:
    """All things at which the bytes of a store are, nearest first.

    A thing that is reached both for certain and perhaps is given with either way.
    """
    waiting: list[tuple[Thing, bool, tuple[Hop, ...], bool]] = [(store, True, (), True)]
    seen: set[tuple[int, bool, bool]] = set()
    for here, whole, hops, certain in waiting:  # grows while it is walked
        if (id(here), whole, certain) in seen or (id(here), True, True) in seen:
            continue
        seen.add((id(here), whole, certain))
        yield here, hops
        if len(waiting) > MAX_PLACES:
            continue
        for edge in estate.edges_from(here, "is backed by"):
            hop = _hop(edge, edge.target, f"it lies in {edge.target.name}")
            part = whole and not _is_part(edge)
            sure = certain and edge.certain
            waiting.append((edge.target, part, (*hops, hop), sure))
        if whole:
            for edge in estate.edges_to(here, "is backed by"):
                hop = _hop(edge, edge.source, f"{edge.source.name} shows it")
                sure = certain and edge.certain
                waiting.append((edge.source, True, (*hops, hop), sure))


def _is_part(edge: Edge) -> bool:
    """Whether the source is one of several separate parts of the target.

    A container of an account is, and so is the folder that a storage class makes for a
    claim in a file system (other claims lie in a volume, which shows the whole).
    """
    inner, outer = (t.fact("type") for t in (edge.source, edge.target))
    if edge.source.kind != "store" or inner is None or outer is None:
        return False
    alike = edge.source.provider == edge.target.provider and inner.value == outer.value
    return alike or (inner.value, outer.value) == ("claim", "file")


def _at(estate: Estate, place: Thing, hops: tuple[Hop, ...]) -> Iterator[First]:
    sort = place.fact("type")
    by_right = sort is None or sort.value not in _BY_MOUNT
    for edge in estate.edges_to(place):
        source = edge.source
        if edge.verb == "may read":
            hop = _hop(edge, source, f"{source.name} may read it")
            yield First("who", source, (*hops, hop))
        elif edge.verb == "may open":
            words = f"{source.name} may change who reads it, and so let itself read it"
            yield First("who", source, (*hops, _hop(edge, source, words)))
        elif edge.verb in ("reads", "takes data from"):
            for workload in _workloads(estate, source):
                hop = _hop(edge, workload, f"{workload.name} reads it")
                yield from _working(
                    estate, workload, (*hops, hop), mounted=not by_right
                )
        elif edge.verb == "mounts":
            for workload in _workloads(estate, source):
                hop = _hop(edge, workload, f"{workload.name} mounts it")
                yield from _working(estate, workload, (*hops, hop), mounted=True)
    yield from _public(estate, place, hops)


def _workloads(estate: Estate, part: Thing) -> Iterator[Thing]:
    """The workloads that a program or container is a part of, at most two steps up."""
    found: dict[int, Thing] = {}
    waiting = [part]
    for here in waiting:  # grows while it is walked
        if here.kind == "workload":
            found[id(here)] = here
            continue
        for verb in ("runs", "has"):
            waiting += [
                edge.source
                for edge in estate.edges_to(here, verb)
                if edge.source.kind in ("workload", "container")
            ]
    yield from found.values()


def _working(
    estate: Estate, workload: Thing, hops: tuple[Hop, ...], *, mounted: bool
) -> Iterator[First]:
    yield First("work" if mounted else "enter", workload, hops)
    acting = estate.edges_from(workload, "runs as")
    if mounted and acting and acting[0].certain:
        acting = acting[:1]  # of a pod its account; its node's rights do not matter
    for edge in acting:
        hop = _hop(edge, edge.target, f"{workload.name} runs as {edge.target.name}")
        yield First("acts" if mounted else "shown", edge.target, (*hops, hop))
    if not acting:
        yield First("self", workload, hops)


def _public(estate: Estate, place: Thing, hops: tuple[Hop, ...]) -> Iterator[First]:
    """Everyone, where a fact says so; accounts that a snapshot is shared with."""
    if place.kind != "store":
        return
    blocked = place.fact("public.blocked")
    for name, words in _PUBLIC:
        for fact in place.all_facts(name):
            if fact.value is False or (blocked is not None and blocked.value is True):
                continue
            doubt = _doubt_of_fact(fact, blocked)
            everyone = _outsider(estate, "everyone", "everyone", fact)
            hop = Hop("everyone", fact.span, words, everyone, doubt, fact.trail)
            yield First("who", everyone, (*hops, hop))
    for fact in place.all_facts("shared.accounts"):
        if isinstance(fact.value, tuple):
            for account in fact.value:
                thing = _outsider(estate, f"account:{account}", "account", fact)
                words = f"a permission gives it to {account}"
                hop = Hop(thing.address, fact.span, words, thing, None, fact.trail)
                yield First("who", thing, (*hops, hop))


def _doubt_of_fact(fact: Fact, blocked: Fact | None) -> Unknown | None:
    if isinstance(fact.value, Unknown):
        return fact.value
    if blocked is not None and isinstance(blocked.value, Unknown):
        return blocked.value
    return None


def _outsider(estate: Estate, address: str, sort: str, fact: Fact) -> Thing:
    """The identity that stands for somebody outside of the scan."""
    made = Thing("identity", address, address, fact.span)
    thing = estate.add(made)
    if thing is made:
        thing.state("sort", sort)
    return thing


def _hop(edge: Edge, thing: Thing, words: str) -> Hop:
    text = f"{words}: {edge.words}" if edge.words else words
    return Hop(thing.address, edge.span, text, thing, doubt_of(edge))
