"""The fewest sets: held against trying all of them."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from mlsec_lint.rules.cover import cover


def union(sets: list[int], chosen: tuple[int, ...]) -> int:
    held = 0
    for at in chosen:
        held |= sets[at]
    return held


def fewest(sets: list[int]) -> int:
    """How few suffice, by trying every choice."""
    everything = union(sets, tuple(range(len(sets))))
    return next(
        size
        for size in range(len(sets) + 1)
        if any(
            union(sets, c) == everything for c in combinations(range(len(sets)), size)
        )
    )


@given(st.lists(st.integers(0, 2**9 - 1), max_size=9))
@settings(deadline=None, max_examples=300)
def test_as_few_as_brute_force_finds(sets: list[int]) -> None:
    chosen = cover(sets)

    assert union(sets, chosen) == union(sets, tuple(range(len(sets))))
    assert len(chosen) == fewest(sets)


@given(st.lists(st.integers(0, 2**9 - 1), max_size=9))
@settings(deadline=None, max_examples=100)
def test_each_adds_something_and_none_more_than_the_one_before(sets: list[int]) -> None:
    held, before = 0, 10
    for at in cover(sets):
        adds = (sets[at] & ~held).bit_count()
        assert 0 < adds <= before
        held |= sets[at]
        before = adds


def test_greedy_is_not_good_enough() -> None:
    """The greedy choice takes the middle first, and then needs three."""
    first, second, middle = 0b111_000_0, 0b000_111_1, 0b011_110_0

    assert set(cover([middle, first, second])) == {1, 2}


def test_of_equal_ones_the_first() -> None:
    assert cover([0b11, 0b11, 0b01]) == (0,)
    assert cover([]) == cover([0, 0]) == ()


def test_many_sets_are_no_burden() -> None:
    sets = [1 << n | 1 << (n * 7) % 3000 for n in range(3000)]

    assert union(sets, cover(sets)) == union(sets, tuple(range(3000)))
