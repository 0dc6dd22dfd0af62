"""What lies before whoever has a store's bytes first: the exits that a walk comes to.

The same for all stores that somebody reads first, and found once. Of each kind of exit
the best are kept, and the entry points of the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate.variants import first_variant
from mlsec_lint.trace.paths.doubts import count, loosened
from mlsec_lint.trace.paths.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.estate.walks import Hop
    from mlsec_lint.trace.paths.giving import Exit
    from mlsec_lint.trace.paths.steps import Place
    from mlsec_lint.trace.paths.walk import Steps

#: By so much a way of the entry point's own is preferred to one through its helpers.
_DETOUR = 2
#: Routes of one kind that are told apart, and entry points of others that are listed.
MOST_ROUTES = 5
MOST_OTHERS = 200
#: What it takes to start work with the weights, and what that work's own config says:
#: whoever has the right is the way out, not the connections of a controller that has it.
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

#: Where a route ends and how: sink, name, kind.
Key = tuple[str, str, str]


class View(NamedTuple):
    """One exit as seen from the first place; `loose` as in `walk.Way`."""

    exit: Exit
    entry: str
    place: Place | None
    doubts: int
    loose: bool
    length: int

    @property
    def rank(self) -> tuple[int, int]:
        """Fewest doubts first, then the shortest."""
        return self.doubts + self.loose, self.length


class Group(NamedTuple):
    """The exits of one kind: the best of them, and the entry points of all.

    `certain` and `possible` by whether a doubt is on the way; `unlikely` counts those
    with more.
    """

    certain: tuple[View, ...]
    possible: tuple[View, ...]
    certain_entries: tuple[str, ...]
    possible_entries: tuple[str, ...]
    unlikely: int


class Outlook:
    """The exits before one first place, by what they have in common."""

    def __init__(
        self,
        estate: Estate,
        start: Place,
        exits_at: Callable[[Place], tuple[Exit, ...]],
        *,
        loose: bool,
        steps: Steps | None = None,
    ) -> None:
        self.walk = Walk(start, loose=loose, known=steps)
        self.walk.run(estate)
        best: dict[Key, dict[object, View]] = {}
        for key, view in self._views(exits_at, loose=loose):
            known = best.setdefault(key, {})
            # of each variant of a Terraform root one: a store of another has no use of it
            one = view.entry, first_variant(hop.address for hop in view.exit.hops)
            if one not in known or view.rank < known[one].rank:
                known[one] = view
        self.groups = {key: grouped(found.values()) for key, found in best.items()}

    def _views(
        self, exits_at: Callable[[Place], tuple[Exit, ...]], *, loose: bool
    ) -> Iterator[tuple[Key, View]]:
        for place, way in self.walk.ways.items():
            exits = exits_at(place)
            if not exits:
                continue
            taken = [step.how for step in self.walk.steps_to(place) if step.how]
            launched = any(how in _RIGHTS for how in taken)
            last = (place.via or place.thing).address
            for one in exits:
                entry = one.entry or last
                if launched and one.by in _OWN:
                    continue
                doubts, maybe = doubts_of(one, one.hops, loose=loose)
                length = way.length + len(one.hops) + (_DETOUR if one.entry else 0)
                view = View(
                    one, entry, place, way.doubts + doubts, way.loose or maybe, length
                )
                yield (one.sink, one.name, _kind(one, taken)), view


def grouped(views: Iterable[View]) -> Group:
    """The best of some exits of one kind, of each entry one."""
    ordered = sorted(views, key=lambda view: (*view.rank, view.entry))
    certain = [view for view in ordered if view.rank[0] == 0]
    possible = [view for view in ordered if view.rank[0] == 1]
    most = MOST_ROUTES + MOST_OTHERS
    return Group(
        tuple(certain[:MOST_ROUTES]),
        tuple(possible[:MOST_ROUTES]),
        tuple(view.entry for view in certain[:most]),
        tuple(view.entry for view in possible[:most]),
        len(ordered) - len(certain) - len(possible),
    )


def doubts_of(exit_: Exit, hops: Iterable[Hop], *, loose: bool) -> tuple[int, bool]:
    """Doubts about the hops of an exit; its own counts where no hop has one."""
    doubts, maybe = count(map(loosened, hops) if loose else hops)
    if exit_.unknown is not None and not doubts and not maybe:
        doubts = 1
    return doubts, maybe


def _kind(exit_: Exit, taken: list[str]) -> str:
    """The kind of a route: that of its exit, or what it takes to come there."""
    if exit_.by not in ("network", "grant"):
        return exit_.by
    if "shared-name" in taken:
        return "shared-name"
    if exit_.by == "grant" and exit_.sink == "person" and taken:
        return taken[-1]
    return exit_.by
