"""How much of a way is not certain: doubts of single hops, and things that may not exist.

A resource whose count or for_each is not known has one symbolic instance, `[*]`. Ways
often lead over several of one module, which one input decides: together they are one
doubt, while other doubts add up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsec_lint.estate.walks import Hop

_MAYBE = "existence"
_SYMBOLIC = "[*]"


def loosened(hop: Hop) -> Hop:
    """The hop in doubt where it leads over something that may not exist."""
    if hop.unknown is not None or _SYMBOLIC not in hop.address:
        return hop
    why = f"whether {hop.address} exists is not known"
    span = hop.thing.span if hop.thing is not None else hop.span
    return hop._replace(unknown=Unknown(_MAYBE, why, span=span))


def is_symbolic(address: str) -> bool:
    """Whether an address is that of a symbolic instance."""
    return _SYMBOLIC in address


def count(hops: Iterable[Hop]) -> tuple[int, bool]:
    """The doubts among hops, and whether something on them may not exist."""
    doubts, maybe = 0, False
    for hop in hops:
        if hop.unknown is not None:
            if hop.unknown.kind == _MAYBE:
                maybe = True
            else:
                doubts += 1
    return doubts, maybe
