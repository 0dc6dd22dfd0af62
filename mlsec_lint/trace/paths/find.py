"""All paths of an estate: for every store that holds weights, the ways to each sink.

Certain ways first, shortest first; of the routes from one store to one sink those that
differ in their last workload or entry point are told apart, five of each kind, and the
entry points of the rest are listed. A way with one doubt is possible: one for each
doubt, the best. Those with more are counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate.walks import Hop, Path
from mlsec_lint.source import Note
from mlsec_lint.trace.holders import First, doubt_of, first_readers
from mlsec_lint.trace.paths.disks import Disks
from mlsec_lint.trace.paths.doubts import count, is_symbolic, loosened
from mlsec_lint.trace.paths.exits import exits_of
from mlsec_lint.trace.paths.giving import Exit, exits_of_store, within_reach
from mlsec_lint.trace.paths.walk import Walk, Way
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mlsec_lint.estate import Edge, Estate, Thing
    from mlsec_lint.trace.paths.steps import Place
    from mlsec_lint.trace.settings import Settings

#: Routes of one kind told apart, from one store to one sink.
MOST_ROUTES = 5
#: Entry points of further routes that are listed, and the places that all walks of a
#: scan go to together.
MOST_OTHERS = 200
MAX_WORK = 3_000_000
#: What it takes to start work with the weights, and what that work's own config says:
#: whoever has the right is the way out, not the connections of a controller that has it.
_NETWORK = "network"
_RIGHTS = ("launch", "enter")
_OWN = (
    "network",
    "any-store",
    "remote-code",
    "foreign-store",
    "hub",
    "tracker",
    "upload",
    "endpoint",
    "place",
)
#: Sinks in the order in which a possible way to one of several is told.
_SINKS = ("internet", "account", "service", "place", "person")


def trace_paths(estate: Estate, _settings: Settings) -> None:
    """Fill `Estate.paths`."""
    finder = _Finder(estate)
    for store in sources(estate):
        finder.of_store(store)
    estate.paths = tuple(finder.paths())
    estate.note(finder.notes)


def sources(estate: Estate) -> Iterator[Thing]:
    """Stores that hold weights; what only shows one (a claim, a workspace) is left out."""
    for store in estate.of("store"):
        if not _holds(store):
            continue
        sort = store.fact("type")
        shows = store.provider == "kubernetes" or (
            sort is not None and sort.value == "ml-service"
        )
        backed = estate.edges_from(store, "is backed by")
        if not (shows and any(_holds(edge.target) for edge in backed)):
            yield store


def _holds(thing: Thing) -> bool:
    held = thing.fact("weights.held")
    return held is not None and held.value is True


class _Route(NamedTuple):
    """One way that was found: where it ends, and how to tell its hops."""

    store: Thing
    exit: Exit
    entry: str
    doubts: int
    length: int
    start: Place | None
    by: str


class _Finder:
    """The walks of one estate, kept where they are the same for several stores."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self.notes: list[Note] = []
        self._disks = Disks(estate)
        self._walks: dict[object, Walk] = {}
        self._exits: dict[tuple[str, int], tuple[Exit, ...]] = {}
        self._certain: list[Path] = []
        self._possible: dict[
            tuple[object, ...], list[tuple[_Route, tuple[First, ...]]]
        ] = {}
        self._unlikely = 0
        self._work = 0

    def of_store(self, store: Thing) -> None:
        """Find the routes of a store; keep certain ones as paths, others by doubt."""
        firsts, disks = self._firsts(store)
        routes = self._routes(store, firsts, disks)
        certain: dict[tuple[str, str, str], list[_Route]] = {}
        for route in routes:
            way_out = route.exit
            if route.doubts == 0:
                key = (way_out.sink, way_out.name, route.by)
                certain.setdefault(key, []).append(route)
        for found in certain.values():
            self._certain += self._told(found, firsts)
        settled = {(r.exit.sink, r.entry) for found in certain.values() for r in found}
        for route in routes:
            if route.doubts == 1 and (route.exit.sink, route.entry) not in settled:
                hops = self._hops(route, firsts)
                doubt = _doubt_key(store, hops, route.exit)
                self._possible.setdefault(doubt, []).append((route, firsts))
            elif route.doubts > 1:
                self._unlikely += 1

    def paths(self) -> Iterator[Path]:
        """Certain paths in the order of stores, then one for each doubt."""
        yield from self._certain
        told: set[str] = set()
        for key, found in self._possible.items():
            by_network = key[0] == _NETWORK
            fresh = [one for one in found if one[0].entry not in told]
            if by_network and not fresh:
                continue
            best, firsts = min(fresh or found, key=_rank_possible)
            others = [r.entry for r, _ in found if r.entry != best.entry]
            if by_network:
                told.update((best.entry, *others))
            yield self._path(best, firsts, others)
        if self._unlikely:
            words = (
                f"{self._unlikely} ways out of weight stores need two or more things "
                "that config does not tell; they are only counted"
            )
            self.notes.append(Note("paths-in-doubt", words, ""))

    # -- walking ------------------------------------------------------------------

    def _firsts(self, store: Thing) -> tuple[tuple[First, ...], int]:
        """First readers, and from which number on they read the disk of the node."""
        shown = list(self._shown(store))
        found = [*first_readers(self.estate, store), *self._writers(shown)]
        found = list(within_reach(found, [here for here, _ in shown]))
        sort = store.fact("type")
        if sort is not None and sort.value == "node-disk":
            # Who may start pods in a namespace gets its claims, not the node's disk.
            found = [f._replace(mode="enter") if f.mode == "work" else f for f in found]
        known = {id(f.thing) for f in found}
        disks = [f for f in self._disks.firsts(store) if id(f.thing) not in known]
        firsts = [*found, *disks]
        if not is_symbolic(store.address):
            firsts = [f._replace(hops=tuple(map(loosened, f.hops))) for f in firsts]
        return tuple(firsts), len(found)

    def _writers(
        self, shown: Iterable[tuple[Thing, tuple[Hop, ...]]]
    ) -> Iterator[First]:
        """Workloads that put weights into a store: they have them."""
        for here, hops in shown:
            for edge in self.estate.edges_to(here, "writes"):
                writer = edge.source
                if writer.kind == "workload":
                    words = f"{writer.name} {edge.words or 'writes to it'}"
                    doubt = doubt_of(edge)
                    hop = Hop(writer.address, edge.span, words, writer, doubt)
                    yield First("enter", writer, (*hops, hop))

    def _walk(self, store: Thing, firsts: tuple[First, ...]) -> Walk:
        loose = not is_symbolic(store.address)
        places = [(f.mode, id(f.thing), len(f.hops), count(f.hops)) for f in firsts]
        key = (loose, *places)
        walk = self._walks.get(key)
        if walk is None:
            walk = self._walks[key] = Walk(firsts, loose=loose)
            if self._work < MAX_WORK:
                walk.run(self.estate)
                self._work += len(walk.ways)
            else:
                walk.bounded = True
        return walk

    def _exits_at(self, place: Place) -> tuple[Exit, ...]:
        mode = "who" if place.mode == "who" else "work"
        if place.mode not in ("who", "work", "enter"):
            return ()
        key = (mode, id(place.thing))
        found = self._exits.get(key)
        if found is None:
            found = self._exits[key] = exits_of(self.estate, mode, place.thing)
        return found

    def _routes(
        self, store: Thing, firsts: tuple[First, ...], disks: int
    ) -> list[_Route]:
        """The best route to each (sink, kind, entry), in order of doubts and length."""
        walk = self._walk(store, firsts)
        if walk.bounded:
            text = f"{store.name}: too much leads away from it: not all was followed"
            note = Note("bound", text, store.span.path, store.span, incomplete=True)
            self.notes.append(note)
        best: dict[tuple[str, str, str, str], _Route] = {}
        home = _countries_of(store)
        for route in (
            *self._of_places(store, walk, disks),
            *self._of_stores(store),
        ):
            way_out = route.exit
            if way_out.sink == "place" and way_out.name in home:
                continue
            key = (way_out.sink, way_out.name, route.by, route.entry)
            known = best.get(key)
            if known is None or _rank(route) < _rank(known):
                best[key] = route
        return sorted(_once(best.values()), key=_rank)

    def _of_places(self, store: Thing, walk: Walk, disks: int) -> Iterator[_Route]:
        for place, way in walk.ways.items():
            launched = False
            found = self._exits_at(place)
            if found:
                launched = any(step.how in _RIGHTS for step in walk.steps_to(place))
            for way_out in found:
                if launched and way_out.by in _OWN:
                    continue  # a controller's own connections are no way of people
                doubts = self._doubts(store, way, way_out)
                length = way.length + len(way_out.hops)
                entry = (place.via or place.thing).address
                by = _named(way_out, walk, place, on_disk=way.first >= disks)
                yield _Route(store, way_out, entry, doubts, length, place, by)

    def _doubts(self, store: Thing, way: Way | None, way_out: Exit) -> int:
        """How many things are not known about a way to an exit, and the exit."""
        hops: Iterable[Hop] = way_out.hops
        if not is_symbolic(store.address):
            hops = map(loosened, hops)
        doubts, maybe = count(hops)
        if way_out.unknown is not None and not doubts and not maybe:
            doubts = 1
        if way is None:
            return doubts + maybe
        return way.doubts + doubts + (way.loose or maybe)

    def _of_stores(self, store: Thing) -> Iterator[_Route]:
        """What the store, or what it lies in or shows it, gives away by itself."""
        for here, hops in self._shown(store):
            for way_out in exits_of_store(self.estate, here):
                whole = way_out._replace(hops=(*hops, *way_out.hops))
                doubts = self._doubts(store, None, whole)
                entry = way_out.hops[-1].address if way_out.hops else here.address
                yield _Route(
                    store, whole, entry, doubts, len(whole.hops), None, way_out.by
                )

    def _shown(self, store: Thing) -> Iterator[tuple[Thing, tuple[Hop, ...]]]:
        waiting: list[tuple[Thing, tuple[Hop, ...], bool]] = [(store, (), True)]
        seen = {id(store)}
        for here, hops, down in waiting:  # grows while it is walked
            yield here, hops
            near = [(e, e.target, False) for e in self._backed(here, out=True)]
            if down:
                near += [(e, e.source, True) for e in self._backed(here, out=False)]
            for edge, far, further in near:
                if far.kind == "store" and id(far) not in seen and len(seen) < 1_000:
                    seen.add(id(far))
                    words = f"{far.name} shows it" if further else f"lies in {far.name}"
                    hop = Hop(far.address, edge.span, words, far, doubt_of(edge))
                    waiting.append((far, (*hops, hop), further))

    def _backed(self, thing: Thing, *, out: bool) -> list[Edge]:
        verb = "is backed by"
        if out:
            return self.estate.edges_from(thing, verb)
        return self.estate.edges_to(thing, verb)

    # -- telling ------------------------------------------------------------------

    def _told(self, found: list[_Route], firsts: tuple[First, ...]) -> list[Path]:
        others = [route.entry for route in found[MOST_ROUTES:]]
        return [
            self._path(route, firsts, others if number == 0 else [])
            for number, route in enumerate(found[:MOST_ROUTES])
        ]

    def _hops(self, route: _Route, firsts: tuple[First, ...]) -> tuple[Hop, ...]:
        if route.start is None:
            if is_symbolic(route.store.address):
                return route.exit.hops
            return tuple(map(loosened, route.exit.hops))
        walk = self._walk(route.store, firsts)
        first = firsts[walk.ways[route.start].first]
        before = (*first.hops, *walk.hops_to(route.start))
        if first.mode == "shown":
            before = _shown_doubt(before, len(first.hops) - 1, first.thing)
        before = _without_mounts(before)
        seen = {hop.address for hop in before}
        after = [h for h in route.exit.hops if h.controls or h.address not in seen]
        if not is_symbolic(route.store.address):
            after = [loosened(hop) for hop in after]
        return (*before, *after)

    def _path(
        self, route: _Route, firsts: tuple[First, ...], others: Iterable[str]
    ) -> Path:
        hops = self._hops(route, firsts)
        way_out = route.exit
        listed = tuple(dict.fromkeys(others))[:MOST_OTHERS]
        return Path(
            route.store,
            way_out.sink,
            way_out.name,
            route.by,
            hops,
            route.entry,
            _doubt(hops, way_out),
            listed,
        )


def _once(routes: Iterable[_Route]) -> list[_Route]:
    """The routes without those that say of one opening what another says better."""
    found = list(routes)
    public = any(r.by == "public" and r.doubts == 0 for r in found)
    return [
        route
        for route in found
        if not (public and route.by in ("sharing", "image") and route.exit.name == "*")
    ]


def _rank(route: _Route) -> tuple[int, int]:
    return route.doubts, route.length


def _rank_possible(one: tuple[_Route, tuple[First, ...]]) -> tuple[int, int]:
    route, _ = one
    return _SINKS.index(route.exit.sink), route.length


def _doubt(hops: tuple[Hop, ...], way_out: Exit) -> Unknown | None:
    for hop in hops:
        if hop.unknown is not None:
            return hop.unknown
    return way_out.unknown


def _doubt_key(
    store: Thing, hops: tuple[Hop, ...], way_out: Exit
) -> tuple[object, ...]:
    """What possible ways have in common of which one is told.

    Of the workloads of one store of whose networks nothing is known it is one in all.
    """
    doubt = _doubt(hops, way_out)
    assert doubt is not None
    of_network = way_out.by in ("network", "any-store", "remote-code")
    if of_network and doubt == way_out.unknown:
        # A path within a pod is no store of its own: all such of a root are one.
        inner = "#/" in store.address
        return (_NETWORK, store.root if inner else id(store))
    return (doubt.why, doubt.span, way_out.sink)


def _shown_doubt(hops: tuple[Hop, ...], at: int, identity: Thing) -> tuple[Hop, ...]:
    """The hops with the doubt about an identity that only a workload's config shows."""
    why = f"only a workload's config says that {identity.name} reads it"
    doubt = Unknown("edge", why, span=hops[at].span)
    return tuple(
        hop._replace(unknown=hop.unknown if hop.unknown is not None else doubt)
        if number == at
        else hop
        for number, hop in enumerate(hops)
    )


def _without_mounts(hops: tuple[Hop, ...]) -> tuple[Hop, ...]:
    """The hops without mounts: whose mount it is the next hop says at the same line."""
    return tuple(
        hop
        for number, hop in enumerate(hops, 1)
        if hop.thing is None
        or hop.thing.kind != "mount"
        or hop.unknown is not None
        or number == len(hops)
    )


def _named(way_out: Exit, walk: Walk, place: Place, *, on_disk: bool) -> str:
    """The kind of a route: that of its exit, or what it takes to come there."""
    if on_disk:
        return "node-disk"
    if way_out.by not in ("network", "grant"):
        return way_out.by
    taken = [step.how for step in walk.steps_to(place) if step.how]
    if "shared-name" in taken:
        return "shared-name"
    if way_out.by == "grant" and way_out.sink == "person" and taken:
        return taken[-1]
    return way_out.by


def _countries_of(store: Thing) -> set[str]:
    """The countries in which a store is known to lie itself."""
    found: set[str] = set()
    for fact in store.all_facts("place.countries"):
        if isinstance(fact.value, tuple):
            found.update(fact.value)
    return found
