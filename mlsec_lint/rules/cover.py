"""The fewest sets that together hold everything that any of them holds.

Sets are integers, bit n for member n. Exact where that is cheap, greedy where it is not.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

#: An exact answer is looked for below so many sets of a greedy one, in so many steps.
_MOST_CHOSEN, _MOST_STEPS = 8, 20_000
#: Among more sets, none is looked for that another one holds.
_MOST_COMPARED = 500


def cover(sets: Sequence[int]) -> tuple[int, ...]:
    """Indices of few sets whose union is the union of all, the most gain first.

    The fewest there are, unless more than `_MOST_CHOSEN` are needed or the search takes
    too many steps: then as few as the greedy choice finds. Of sets that serve as well
    the earlier one is taken.
    """
    useful = _undominated(sets)
    greedy = _greedy(sets, useful)
    if 2 < len(greedy) <= _MOST_CHOSEN:
        better = _fewer(sets, useful, len(greedy))
        if better is not None:
            return _greedy(sets, better)
    return greedy


def _undominated(sets: Sequence[int]) -> list[int]:
    """The sets that no other one holds; the first of equal ones. All of them, of many."""
    useful = [at for at, members in enumerate(sets) if members]
    if len(useful) > _MOST_COMPARED:
        return useful
    kept: list[int] = []
    for at in sorted(useful, key=lambda i: (-sets[i].bit_count(), i)):
        if all(sets[at] & ~sets[other] for other in kept):
            kept.append(at)
    return sorted(kept)


def _greedy(sets: Sequence[int], among: Sequence[int]) -> tuple[int, ...]:
    """Always the set that adds most, until none adds anything.

    What a set adds only gets less, so that only those at the top are looked at again.
    """
    heap = [(-sets[at].bit_count(), at) for at in among]
    heapify(heap)
    chosen: list[int] = []
    held = 0
    while heap:
        said, at = heappop(heap)
        adds = (sets[at] & ~held).bit_count()
        if adds == -said and adds:
            chosen.append(at)
            held |= sets[at]
        elif adds:
            heappush(heap, (-adds, at))
    return tuple(chosen)


def _fewer(
    sets: Sequence[int], among: Sequence[int], than: int
) -> tuple[int, ...] | None:
    """The first smallest cover of fewer sets; None where there is none, or too much to try."""
    everything = 0
    holders: dict[int, list[int]] = {}
    for at in among:
        everything |= sets[at]
        for member in _members(sets[at]):
            holders.setdefault(member, []).append(at)
    order = sorted(holders, key=lambda m: (len(holders[m]), m))
    steps = 0

    def search(held: int, room: int) -> tuple[int, ...] | None:
        nonlocal steps
        steps += 1
        if held == everything:
            return ()
        if room == 0 or steps > _MOST_STEPS:
            return None
        rarest = next(member for member in order if not held >> member & 1)
        for at in holders[rarest]:
            rest = search(held | sets[at], room - 1)
            if rest is not None:
                return (at, *rest)
        return None

    for size in range(1, than):
        found = search(0, size)
        if found is not None or steps > _MOST_STEPS:
            return found
    return None


def _members(bits: int) -> list[int]:
    return [n for n in range(bits.bit_length()) if bits >> n & 1]
