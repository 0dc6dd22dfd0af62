"""Who can read a store: backwards from it, over rights, trusts, bindings and workloads.

A walk has two parts. The first goes through what holds the bytes (the store, what it
lies in, claims and mounts that show it) to those who get at them first: identities that
a policy lets read, workloads that mount it. The second goes from these to whoever can
act as them. It is the same for all stores that are read by the same, and kept.

The best way to each identity is the one with the fewest steps in doubt, the shortest
among those. The work is linear in the edges that are walked over, but for the order.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.source import Note
from mlsec_lint.trace.behind import Behind, sort_of
from mlsec_lint.trace.holders import First, doubt_of, first_readers
from mlsec_lint.trace.hops import Hop, Reader
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Edge, Estate, Thing

#: How many places one walk goes to, and how many hops all walks together tell.
MAX_PLACES = 50_000
MAX_HOPS = 2_000_000

#: Places that stand for a reader.
ACTING = ("who", "shown", "acts", "self")
#: Verbs by which one identity comes to act as another one, and words for the step.
_ACTORS = {
    "becomes": "{} may act as it",
    "may launch as": "{} may start work of its own that acts as it",
    "counts as": "{} counts as it",
}
#: Verbs of bindings that lead to the identities of a namespace; why in doubt, or "".
_TO_ACCOUNTS = {
    "lets run in": "",
    "lets become accounts of": "",
    "lets read secrets of": "whether a Secret keeps a token of {} is not known",
}


def readers(estate: Estate, store: Thing) -> tuple[Reader, ...]:
    """Every identity that can read a store, shortest way first, one way each.

    A reader with `unknown` may be none; the hops say at which steps. Asked of several
    stores, one `Access` is cheaper.
    """
    return Access(estate).readers(store)


class _Place(NamedTuple):
    """Where a walk can be: a thing, and what getting there means.

    * `who`: an identity, acted as;
    * `shown`: an identity of which only a workload's config shows that it reads;
    * `acts`, `self`: as what a workload acts that has the bytes, itself for want of one;
    * `work`: a workload that mounts the bytes; `enter`: one that acts as a reader;
    * `inside`: a namespace, of which identities act as readers; `around`: one with a
      workload that somebody may enter; `beside`: one with claims that show the bytes;
    * `nodes`: a cluster whose machines act as readers;
    * `grant`: a binding whose subjects get there.
    """

    mode: str
    thing: Thing


class _Way(NamedTuple):
    """How a place was reached: the place before, or the number of a first reader."""

    before: _Place | None
    hop: Hop | None
    first: int
    length: int


class _Walk:
    """From first readers to all who can act as them."""

    def __init__(
        self,
        firsts: tuple[First, ...],
        known: dict[_Place, tuple[_Step, ...]] | None = None,
    ) -> None:
        self._known = {} if known is None else known
        self._best: dict[_Place, tuple[int, int]] = {}
        self.ways: dict[_Place, _Way] = {}
        self.doubts: dict[_Place, int] = {}
        self.bounded = False
        self._heap: list[tuple[int, int, int, _Place, _Way]] = []
        self._number = 0
        for number, first in enumerate(firsts):
            place = _Place(first.mode, first.thing)
            doubts = sum(hop.unknown is not None for hop in first.hops)
            if self._is_better(place, doubts, len(first.hops)):
                way = _Way(None, None, number, len(first.hops))
                self._push(doubts, way, place)

    def _push(self, doubts: int, way: _Way, place: _Place) -> None:
        self._best[place] = (doubts, way.length)
        self._number += 1
        heappush(self._heap, (doubts, way.length, self._number, place, way))

    def _is_better(self, place: _Place, doubts: int, length: int) -> bool:
        """Whether a way is worth to be kept; asked for far more ways than are."""
        if place in self.ways:
            return False
        best = self._best.get(place)  # one as good is on the heap, and came first
        return best is None or best > (doubts, length)

    def run(self, estate: Estate) -> None:
        """Reach every place by its best way."""
        while self._heap:
            doubts, length, _, place, way = heappop(self._heap)
            if place in self.ways:
                continue
            if len(self.ways) >= MAX_PLACES:
                self.bounded = True
                return
            self.ways[place] = way
            self.doubts[place] = doubts
            onwards = self._known.get(place)
            if onwards is None:
                onwards = self._known[place] = tuple(_steps(estate, place))
            for further, hop, doubtful in onwards:
                longer = length + (hop is not None)
                if self._is_better(further, doubts + doubtful, longer):
                    onward = _Way(place, hop, way.first, longer)
                    self._push(doubts + doubtful, onward, further)

    def hops(self, place: _Place) -> tuple[Hop, ...]:
        """The hops from the first reader, which is left out, to a place."""
        found: list[Hop] = []
        here: _Place | None = place
        while here is not None:
            way = self.ways[here]
            if way.hop is not None:
                found.append(way.hop)
            here = way.before
        return tuple(reversed(found))

    def identities(self) -> Iterator[_Place]:
        """One place for each that acts in the end, the one least in doubt."""
        found: dict[int, _Place] = {}
        for place in self.ways:  # in the order in which they were reached: best first
            if place.mode in ACTING:
                found.setdefault(id(place.thing), place)
        yield from found.values()


class Access:
    """Answers `readers` for many stores of one estate. Keeps walks that are the same."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self.notes: list[Note] = []
        self._behind = Behind(estate)
        self._walks: dict[object, _Walk] = {}
        self._steps: dict[_Place, tuple[_Step, ...]] = {}
        self._hops = 0

    def readers(self, store: Thing) -> tuple[Reader, ...]:
        """Every identity that can read a store, shortest way first."""
        firsts = first_readers(self.estate, store)
        walk = self._walk(firsts)
        found = [
            (walk.ways[place].length, walk.doubts[place], place)
            for place in walk.identities()
        ]
        found.sort(key=lambda one: one[:2])
        result: list[Reader] = []
        for length, _, place in found:
            self._hops += length
            if self._hops > MAX_HOPS:
                self._note(store, "there are too many readers: not all are told")
                break
            result.append(self._reader(firsts, walk, place))
        if walk.bounded:
            self._note(store, "too much leads to its readers: not all was followed")
        return tuple(result)

    def _walk(self, firsts: tuple[First, ...]) -> _Walk:
        key = tuple(
            (f.mode, id(f.thing), *(h.unknown is None for h in f.hops)) for f in firsts
        )
        walk = self._walks.get(key)
        if walk is None:
            walk = self._walks[key] = _Walk(firsts, self._steps)
            walk.run(self.estate)
        return walk

    def _reader(self, firsts: tuple[First, ...], walk: _Walk, place: _Place) -> Reader:
        hops = (*firsts[walk.ways[place].first].hops, *walk.hops(place))
        doubt = next((hop.unknown for hop in hops if hop.unknown is not None), None)
        thing = place.thing
        behind = self._behind.of(thing)
        if place.mode != "who" and behind in ("nobody", "unknown"):
            behind = "workload"
        return Reader(thing, sort_of(thing), behind, hops, doubt)

    def _note(self, store: Thing, words: str) -> None:
        text = f"{store.name}: {words}"
        note = Note("bound", text, store.span.path, store.span, incomplete=True)
        if note not in self.notes:
            self.notes.append(note)


_Step = tuple[_Place, Hop | None, bool]


def _steps(estate: Estate, place: _Place) -> Iterator[_Step]:
    """Where a walk can go from a place, with the hop to tell and whether it is in doubt."""
    mode, thing = place
    if mode == "who":
        yield from _from_identity(estate, thing)
    elif mode == "shown":
        why = f"only a workload's config says that {thing.name} reads it"
        doubt = Unknown("edge", why, span=thing.span)
        for further, hop, _ in _from_identity(estate, thing):
            if hop is None:
                near = further.thing
                hop = Hop(near.address, thing.span, f"it lies in {near.name}", near)
            yield further, _doubted(hop, doubt), True
    elif mode == "work":
        yield from _from_workload(estate, thing)
        for edge in estate.edges_to(thing, "contains"):
            yield _space(edge, "beside")
    elif mode == "enter":
        yield from _from_workload(estate, thing)
        for edge in estate.edges_to(thing, "has nodes"):
            yield _via(edge, "nodes", f"its machines run pods of {edge.source.name}")
    elif mode == "nodes":
        yield from _from_nodes(estate, thing)
    elif mode == "inside":
        for verb, why in _TO_ACCOUNTS.items():
            yield from _granted(estate, thing, verb, why.format("its accounts"))
    elif mode == "around":
        yield from _granted(estate, thing, "lets enter")
    elif mode == "beside":
        yield from _granted(estate, thing, "lets run in")
    elif mode == "grant":
        for edge in estate.edges_from(thing, "binds"):
            yield _via(edge, "who", f"binds {edge.target.name}", forward=True)


def _from_identity(estate: Estate, thing: Thing) -> Iterator[_Step]:
    for edge in estate.edges_to(thing):
        words = _ACTORS.get(edge.verb)
        if words is not None:
            yield _via(edge, "who", words.format(edge.source.name))
        elif edge.verb == "runs as":
            yield _via(edge, "enter", f"{edge.source.name} runs as it")
        elif edge.verb == "contains":
            yield _space(edge, "inside")


def _from_workload(estate: Estate, thing: Thing) -> Iterator[_Step]:
    for edge in estate.edges_to(thing, "may enter"):
        yield _via(edge, "who", f"{edge.source.name} may enter it")
    for edge in estate.edges_to(thing, "contains"):
        yield _space(edge, "around")


def _from_nodes(estate: Estate, cluster: Thing) -> Iterator[_Step]:
    """Pods that can take the identity of the machines from the metadata service."""
    guarded = cluster.fact("metadata.guarded")
    if guarded is None or guarded.value is True:
        return
    open_or_not = guarded.value if isinstance(guarded.value, Unknown) else None
    for edge in estate.edges_to(cluster, "runs on"):
        pod = edge.source
        if pod.kind != "workload":
            continue
        words = f"{pod.name} runs on them and may ask for their identity"
        doubt = open_or_not if open_or_not is not None else doubt_of(edge)
        hop = Hop(pod.address, guarded.span, words, pod, doubt)
        yield _Place("enter", pod), hop, hop.unknown is not None
        for acts in estate.edges_from(pod, "runs as"):
            place = _Place("acts", acts.target)
            yield place, hop, hop.unknown is not None


def _granted(estate: Estate, space: Thing, verb: str, why: str = "") -> Iterator[_Step]:
    for edge in estate.edges_to(space, verb):
        says = edge.words or f"{edge.source.name} {verb} {space.name}"
        further, hop, doubtful = _via(edge, "grant", says, said=True)
        if why and not doubtful:
            hop = _doubted(hop, Unknown("edge", why, span=edge.span))
        yield further, hop, doubtful or bool(why)


def _space(edge: Edge, mode: str) -> _Step:
    """The step to a namespace: told only where it is in doubt."""
    doubt = doubt_of(edge)
    space = edge.source
    words = f"it lies in {space.name}"
    hop = (
        Hop(space.address, edge.span, words, space, doubt)
        if doubt is not None
        else None
    )
    return _Place(mode, space), hop, doubt is not None


def _via(
    edge: Edge, mode: str, words: str, *, forward: bool = False, said: bool = False
) -> _Step:
    """The step over an edge, against its direction unless `forward`."""
    thing = edge.target if forward else edge.source
    text = words if said or not edge.words else f"{words}: {edge.words}"
    doubt = doubt_of(edge)
    hop = Hop(thing.address, edge.span, text, thing, doubt)
    return _Place(mode, thing), hop, doubt is not None


def _doubted(hop: Hop | None, doubt: Unknown) -> Hop | None:
    if hop is None or hop.unknown is not None:
        return hop
    return hop._replace(unknown=doubt)
