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


class Onward(NamedTuple):
    """A step as a walk takes it: its length, doubts and looseness are known."""

    step: Step
    length: int
    doubts: int
    loose: bool


#: Steps from places, by place and whether hops are loosened: the same for all walks.
Steps = dict[tuple[Place, bool], tuple[Onward, ...]]


class Walk:
    """All places that can be reached from one. `ways` has them best first.

    `known` keeps the steps from each place for the walks of one estate.
    """

    def __init__(
        self, start: Place, *, loose: bool, known: Steps | None = None
    ) -> None:
        self._loose = loose
        self._known: Steps = {} if known is None else known
        self.ways: dict[Place, Way] = {}
        self.bounded = False
        self._best: dict[Place, tuple[int, int]] = {}
        self._heap: list[tuple[int, int, str, int, Place, Way]] = []
        self._number = 0
        self._push(start, Way(None, None, 0, 0, loose=False))

    def _push(self, place: Place, way: Way) -> None:
        self._best[place] = (way.cost, way.length)
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
            for step, more_length, more_doubts, more_loose in self._onward(
                estate, place
            ):
                doubts = way.doubts + more_doubts
                loose = way.loose or more_loose
                if doubts + loose > MOST_DOUBTS:
                    continue
                length = way.length + more_length
                best = self._best.get(step.place)
                # One as good was there before, on the heap still or not.
                if best is None or best > (doubts + loose, length):
                    self._push(step.place, Way(place, step, length, doubts, loose))

    def _onward(self, estate: Estate, place: Place) -> tuple[Onward, ...]:
        key = (place, self._loose)
        found = self._known.get(key)
        if found is None:
            found = tuple(self._taken(step) for step in steps(estate, place))
            self._known[key] = found
        return found

    def _taken(self, step: Step) -> Onward:
        hop = step.hop
        if hop is None:
            return Onward(step, 0, 0, loose=False)
        if self._loose:
            hop = loosened(hop)
        doubts, maybe = count((hop,))
        return Onward(step._replace(hop=hop), 1, doubts, maybe)

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
