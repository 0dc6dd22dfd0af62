"""All paths of an estate: for every store that holds weights, the ways to each sink.

Certain ways first, shortest first; of the routes from one store to one sink those that
differ in their last workload or entry point are told apart, five of each kind, and the
entry points of the rest are listed. A way with one doubt is possible: one for each
doubt, the best. Those with more are counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate.variants import apart, variant_of
from mlsec_lint.estate.walks import Hop, Path
from mlsec_lint.source import Note
from mlsec_lint.trace.holders import First, doubt_of, first_readers
from mlsec_lint.trace.paths.disks import Disks
from mlsec_lint.trace.paths.doubts import count, is_symbolic, loosened
from mlsec_lint.trace.paths.exits import exits_of
from mlsec_lint.trace.paths.giving import Exit, exits_of_store, within_reach
from mlsec_lint.trace.paths.outlook import (
    MOST_OTHERS,
    MOST_ROUTES,
    Group,
    Outlook,
    View,
    doubts_of,
    grouped,
)
from mlsec_lint.trace.paths.steps import Place
from mlsec_lint.trace.paths.uploads import redirected
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mlsec_lint.estate import Edge, Estate, Thing
    from mlsec_lint.trace.paths.outlook import Key
    from mlsec_lint.trace.paths.walk import Steps
    from mlsec_lint.trace.settings import Settings

#: How many paths are told, and places walked to, of one scan.
MAX_PATHS = 20_000
MAX_WORK = 3_000_000
#: How many ways on are put to first readers, those of all stores together.
MAX_ADDED = 1_000_000
_MOST_NOTES = 100
_NETWORK = "network"
#: The modes of first readers from which a walk goes on. As what a workload acts that
#: mounts the bytes (`acts`) leads to nobody else who has them.
_MODES = {"who": "who", "shown": "who", "work": "work", "enter": "enter"}
#: Controls on the right of whoever is the end of a way.
_CLOSING = {
    "grant": ("access-human-read", "access-cross-account", "access-reader-budget"),
    "ci": ("access-ci-oidc-subject",),
    "public": ("access-no-public-principal", "weights-no-public-access"),
}
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
    """One way that was found: an exit as seen from a first reader, or the store's own."""

    store: Thing
    first: First | None
    view: View
    by: str
    doubts: int
    length: int


class _Found(NamedTuple):
    """The routes of one kind from a store: the best, and the entry points of all."""

    certain: dict[str, _Route]
    possible: dict[str, _Route]
    certain_entries: dict[str, None]
    possible_entries: dict[str, None]


class _Finder:
    """The walks of one estate, kept where they are the same for several stores."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self.notes: list[Note] = []
        self._disks = Disks(estate)
        self._outlooks: dict[tuple[Place, bool], Outlook] = {}
        self._steps: Steps = {}
        self._exits: dict[tuple[str, int], tuple[Exit, ...]] = {}
        self._certain: list[Path] = []
        self._possible: dict[tuple[object, ...], list[tuple[_Route, list[str]]]] = {}
        self._unlikely = 0
        self._untold = 0
        self._work = 0
        self._added = 0

    def of_store(self, store: Thing) -> None:
        """Find the routes of a store; keep certain ones as paths, others by doubt."""
        if self._added > MAX_ADDED:
            self._bounded(store)
            return
        found = self._routes(store)
        settled: set[tuple[str, str]] = set()
        for (sink, _, _), kind in found.items():
            settled.update((sink, entry) for entry in kind.certain_entries)
            routes = sorted(kind.certain.values(), key=_rank)[:MOST_ROUTES]
            told = {route.view.entry for route in routes}
            others = [entry for entry in kind.certain_entries if entry not in told]
            for number, route in enumerate(routes):
                self._tell(route, others if number == 0 else [])
        for (sink, _, _), kind in found.items():
            rest = [e for e in kind.possible_entries if (sink, e) not in settled]
            for route in sorted(kind.possible.values(), key=_rank):
                if (sink, route.view.entry) not in settled:
                    hops = self._hops(route)
                    key = _doubt_key(store, hops, route.view.exit)
                    self._possible.setdefault(key, []).append((route, rest))

    def _tell(self, route: _Route, others: list[str]) -> None:
        if len(self._certain) >= MAX_PATHS:
            self._untold += 1
        else:
            self._certain.append(self._path(route, others))

    def paths(self) -> Iterator[Path]:
        """Certain paths in the order of stores, then one for each doubt."""
        yield from self._certain
        told: set[str] = set()
        number = 0
        for key, found in self._possible.items():
            by_network = key[0] == _NETWORK
            fresh = [one for one in found if one[0].view.entry not in told]
            if by_network and not fresh:
                continue
            best, _ = min(fresh or found, key=_rank_possible)
            lists = {id(rest): rest for _, rest in found}  # shared by many routes
            others = dict.fromkeys(e for rest in lists.values() for e in rest)
            others.pop(best.view.entry, None)
            if by_network:
                told.update((best.view.entry, *others))
            number += 1
            if number > MAX_PATHS:
                self._untold += 1
            else:
                yield self._path(best, list(others))
        self._count()

    def _count(self) -> None:
        """Notes on what is not told."""
        if self._unlikely:
            words = (
                f"{self._unlikely} ways out of weight stores need two or more things "
                "that config does not tell; they are only counted"
            )
            self.notes.append(Note("paths-in-doubt", words, ""))
        if self._untold:
            words = f"{self._untold} more ways out of weight stores are not told"
            self.notes.append(Note("bound", words, "", incomplete=True))

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

    def _outlook(self, store: Thing, first: First) -> Outlook | None:
        """What lies before a first reader; None where the walk does not go on."""
        mode = _MODES.get(first.mode)
        if mode is None:
            return None
        key = (Place(mode, first.thing), not is_symbolic(store.address))
        found = self._outlooks.get(key)
        if found is None:
            if self._work >= MAX_WORK:
                self._bounded(store)
                return None
            found = Outlook(
                self.estate,
                key[0],
                self._exits_at,
                loose=key[1],
                steps=self._steps,
            )
            self._outlooks[key] = found
            self._work += len(found.walk.ways)
        if found.walk.bounded:
            self._bounded(store)
        return found

    def _bounded(self, store: Thing) -> None:
        text = f"{store.name}: too much leads away from it: not all was followed"
        note = Note("bound", text, store.span.path, store.span, incomplete=True)
        if len(self.notes) < _MOST_NOTES and note not in self.notes[-1:]:
            self.notes.append(note)

    def _exits_at(self, place: Place) -> tuple[Exit, ...]:
        mode = "who" if place.mode == "who" else "work"
        if place.mode not in ("who", "work", "enter"):
            return ()
        key = (mode, id(place.thing))
        found = self._exits.get(key)
        if found is None:
            found = self._exits[key] = exits_of(self.estate, mode, place.thing)
        return found

    def _routes(self, store: Thing) -> dict[Key, _Found]:
        """The best routes of each kind, with the entry points of all."""
        firsts, disks = self._firsts(store)
        found: dict[Key, _Found] = {}
        # A job may read a store by thousands of lines: one stands for those like it.
        alike: dict[tuple[object, ...], list[First]] = {}
        for number, first in enumerate(firsts):
            like = first.mode, id(first.thing), len(first.hops), count(first.hops)
            alike.setdefault((*like, number < disks), []).append(first)
        for (*_, reads), some in alike.items():
            if self._added > MAX_ADDED:
                break
            outlook = self._outlook(store, some[0])
            if outlook is None:
                continue
            for (sink, name, by), group in outlook.groups.items():
                kind = by if reads else "node-disk"
                one = found.setdefault((sink, name, kind), _Found({}, {}, {}, {}))
                self._add(one, store, some[0], group, kind, len(some))
        for key, group in self._own(store).items():
            one = found.setdefault(key, _Found({}, {}, {}, {}))
            self._add(one, store, None, group, key[2])
        if self._added > MAX_ADDED:
            self._bounded(store)
        return self._once(store, found)

    def _add(
        self,
        found: _Found,
        store: Thing,
        first: First | None,
        group: Group,
        by: str,
        times: int = 1,
    ) -> None:
        """Put the exits before a first reader to the routes of their kind.

        `times`: how many first readers are like this one.
        """
        self._added += 1 + len(group.certain) + len(group.possible)
        doubts, maybe = (0, False) if first is None else count(first.hops)
        doubts += first is not None and first.mode == "shown"
        before = 0 if first is None else len(first.hops)
        own = variant_of(store.address)
        for view in (*group.certain, *group.possible):
            if own is not None and _leaves(own, first, view):
                continue
            total = doubts + view.doubts + (maybe or view.loose)
            route = _Route(store, first, view, by, total, before + view.length)
            if total > 1:
                self._unlikely += times
                continue
            routes = found.certain if total == 0 else found.possible
            known = routes.get(view.entry)
            if known is None or _rank(route) < _rank(known):
                routes[view.entry] = route
        self._unlikely += times * group.unlikely
        entries = dict.fromkeys(group.certain_entries)
        if doubts + maybe == 0:
            found.certain_entries.update(entries)
            found.possible_entries.update(dict.fromkeys(group.possible_entries))
        elif doubts + maybe == 1:
            found.possible_entries.update(entries)

    def _own(self, store: Thing) -> dict[Key, Group]:
        """What the store, or what it lies in or shows it, gives away by itself."""
        loose = not is_symbolic(store.address)
        found: dict[Key, list[View]] = {}
        for here, hops in self._shown(store):
            for one in exits_of_store(self.estate, here):
                whole = one._replace(hops=(*hops, *one.hops))
                entry = one.hops[-1].address if one.hops else here.address
                doubts, maybe = doubts_of(one, whole.hops, loose=loose)
                view = View(whole, entry, None, doubts, maybe, len(whole.hops))
                found.setdefault((one.sink, one.name, one.by), []).append(view)
            for one in self._redirected(here, hops):
                entry = one.hops[-2].address
                doubts, maybe = doubts_of(one, one.hops, loose=loose)
                view = View(one, entry, None, doubts, maybe, len(one.hops))
                found.setdefault((one.sink, one.name, one.by), []).append(view)
        return {key: grouped(views) for key, views in found.items()}

    def _redirected(self, here: Thing, hops: tuple[Hop, ...]) -> Iterator[Exit]:
        """Hosts to which jobs send what they mean for a store."""
        for edge, exits in redirected(self.estate, here):
            user = edge.source
            words = f"{user.name} {edge.words or 'uses it'}"
            hop = Hop(user.address, edge.span, words, user)
            for sink, name, by, after, unknown in exits:
                yield Exit(sink, name, by, (*hops, hop, *after), unknown)

    def _once(self, store: Thing, found: dict[Key, _Found]) -> dict[Key, _Found]:
        """Without places where the store lies anyway, and what is said better."""
        home = _countries_of(store)
        public = any(
            by == "public" and one.certain for (_, _, by), one in found.items()
        )
        return {
            (sink, name, by): one
            for (sink, name, by), one in found.items()
            if not (sink == "place" and name in home)
            and not (public and name == "*" and by in ("sharing", "image"))
        }

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

    def _hops(self, route: _Route) -> tuple[Hop, ...]:
        loose = not is_symbolic(route.store.address)
        first, view = route.first, route.view
        if first is None or view.place is None:
            hops = view.exit.hops
            return tuple(map(loosened, hops)) if loose else hops
        outlook = self._outlook(route.store, first)
        assert outlook is not None, "a route comes from an outlook that was kept"
        before = (*first.hops, *outlook.walk.hops_to(view.place))
        if first.mode == "shown":
            before = _shown_doubt(before, len(first.hops) - 1, first.thing)
        before = _without_mounts(before)
        if not view.exit.hops and before:
            controls = (*before[-1].controls, *_CLOSING.get(view.exit.by, ()))
            before = (*before[:-1], before[-1]._replace(controls=controls))
        seen = {hop.address for hop in before}
        after = [h for h in view.exit.hops if h.controls or h.address not in seen]
        return (*before, *(map(loosened, after) if loose else after))

    def _path(self, route: _Route, others: list[str]) -> Path:
        hops = self._hops(route)
        way_out = route.view.exit
        return Path(
            route.store,
            way_out.sink,
            way_out.name,
            route.by,
            hops,
            route.view.entry,
            _doubt(hops, way_out),
            tuple(others[:MOST_OTHERS]),
        )


def _leaves(own: tuple[str, str], first: First | None, view: View) -> bool:
    """Whether a way passes what stands only in another variant of the store's root."""
    hops = (*(first.hops if first is not None else ()), *view.exit.hops)
    return any(apart(own, hop.address) for hop in hops)


def _rank(route: _Route) -> tuple[int, int, str, str]:
    """Fewest doubts, then the shortest, then by address: never by the order of files."""
    start = route.first.thing.address if route.first is not None else ""
    return route.doubts, route.length, route.view.entry, start


def _rank_possible(one: tuple[_Route, list[str]]) -> tuple[int, int, str, str]:
    route, _ = one
    sink = _SINKS.index(route.view.exit.sink)
    return sink, route.length, route.store.address, route.view.entry


def _doubt(hops: tuple[Hop, ...], way_out: Exit) -> Unknown | None:
    for hop in hops:
        if hop.unknown is not None:
            return hop.unknown
    return way_out.unknown


def _doubt_key(
    store: Thing, hops: tuple[Hop, ...], way_out: Exit
) -> tuple[object, ...]:
    """What possible ways have in common of which one is told.

    Of the workloads of one store of whose networks nothing is known it is one in all;
    of all that one unknown cluster or network decides over, likewise.
    """
    doubt = _doubt(hops, way_out)
    assert doubt is not None
    of_network = way_out.by in ("network", "any-store", "remote-code")
    if of_network and doubt == way_out.unknown:
        things = [hop.thing for hop in hops if hop.thing is not None]
        if not any(thing.name and thing.name in doubt.why for thing in things):
            return (_NETWORK, doubt.why)
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


def _countries_of(store: Thing) -> set[str]:
    """The countries in which a store is known to lie itself."""
    found: set[str] = set()
    for fact in store.all_facts("place.countries"):
        if isinstance(fact.value, tuple):
            found.update(fact.value)
    return found
