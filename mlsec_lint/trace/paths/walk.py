"""One walk from a first reader outwards: the best way to every place.

The best way to a place is the one with the fewest steps in doubt, the shortest among
those. A place that takes two doubts or more is reached too: what lies behind it is
counted and not told.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.trace.paths.doubts import count, loosened
from mlsec_lint.trace.paths.steps import Place, steps

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.estate.walks import Hop
    from mlsec_lint.trace.paths.steps import Step

#: How many places one walk goes to.
MAX_PLACES = 20_000
#: More doubts than one make no path; more than two are not even followed.
MOST_DOUBTS = 2


class Way(NamedTuple):
    """How a place was reached: the place before it, None for the first.

    `loose` says that some step is over a thing that may not exist at all: however many
    they are, they count as one doubt.
    """

    before: Place | None
    step: Step | None
    length: int
    doubts: int
    loose: bool

    @property
    def cost(self) -> int:
        """The doubts of the way."""
        return self.doubts + self.loose


class Walk:
    """All places that can be reached from one. `ways` has them best first."""

    def __init__(self, start: Place, *, loose: bool) -> None:
        self._loose = loose
        self.ways: dict[Place, Way] = {}
        self.bounded = False
        self._heap: list[tuple[int, int, str, int, Place, Way]] = []
        self._number = 0
        self._push(start, Way(None, None, 0, 0, loose=False))

    def _push(self, place: Place, way: Way) -> None:
        if place not in self.ways and way.cost <= MOST_DOUBTS:
            self._number += 1
            # By address, so that the order of declarations decides nothing.
            rank = (way.cost, way.length, place.thing.address)
            heappush(self._heap, (*rank, self._number, place, way))

    def run(self, estate: Estate) -> None:
        """Reach every place by its best way."""
        while self._heap:
            *_, place, way = heappop(self._heap)
            if place in self.ways:
                continue
            if len(self.ways) >= MAX_PLACES:
                self.bounded = True
                return
            self.ways[place] = way
            for step in steps(estate, place):
                self._push(step.place, self._onward(place, way, step))

    def _onward(self, place: Place, way: Way, step: Step) -> Way:
        hop = step.hop
        if hop is None:
            return Way(place, step, way.length, way.doubts, way.loose)
        if self._loose:
            hop = loosened(hop)
        doubts, maybe = count((hop,))
        return Way(
            place,
            step._replace(hop=hop),
            way.length + 1,
            way.doubts + doubts,
            way.loose or maybe,
        )

    def steps_to(self, place: Place) -> tuple[Step, ...]:
        """The steps from the first reader, which is left out, to a place."""
        found: list[Step] = []
        here: Place | None = place
        while here is not None:
            way = self.ways[here]
            if way.step is not None:
                found.append(way.step)
            here = way.before
        return tuple(reversed(found))

    def hops_to(self, place: Place) -> tuple[Hop, ...]:
        """The hops among them."""
        return tuple(s.hop for s in self.steps_to(place) if s.hop is not None)
