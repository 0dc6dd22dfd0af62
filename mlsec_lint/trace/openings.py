"""What filters leave open of all connections: an algebra of traffic in three values.

`most` holds with every doubt for the connection, `least` with every doubt against it.
Ranges stay ranges; past a bound nothing is certain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate.addresses import (
    EVERY_ADDRESS,
    EVERY_PORT,
    NO_ADDRESS,
    PUBLIC,
    Addresses,
    Ports,
    is_internet,
    union,
)
from mlsec_lint.estate.selectors import first
from mlsec_lint.estate.wildcards import wildcard
from mlsec_lint.trace.pod_egress import MAX_PIECES
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsec_lint.trace.pod_egress import Egress

Pieces = tuple[tuple[Addresses, Ports], ...]

#: So many names of hosts are kept of one opening.
MAX_NAMES = 200
ALL: Pieces = ((EVERY_ADDRESS, EVERY_PORT),)


class Name(NamedTuple):
    """A host by name (or pattern) that is open, on some ports, perhaps."""

    host: str
    ports: Ports
    unknown: Unknown | None = None


class Opening(NamedTuple):
    """What is open.

    * `most`, `least`: addresses and ports, with doubt for and against;
    * `names`: hosts by name beside them;
    * `doubt`: the first reason why the two differ.
    """

    most: Pieces = ALL
    least: Pieces = ALL
    names: tuple[Name, ...] = ()
    doubt: Unknown | None = None

    def why(self) -> Unknown:
        """The reason of a difference between `most` and `least`."""
        unclear = Unknown("unsupported", "rules that are not certain decide it")
        return unclear if self.doubt is None else self.doubt


EVERYTHING = Opening()


def opening_of(egress: Egress) -> Opening:
    """What policies leave open, of the answer of `pod_egress.decide`."""
    if not egress.ways and isinstance(egress.internet, Unknown):
        return Opening(ALL, (), (), egress.internet)  # past a bound, or no known pod
    most = [piece for way in egress.ways for piece in way.traffic]
    least = [p for way in egress.ways if way.unknown is None for p in way.traffic]
    names = [
        Name(host, way.ports, way.unknown) for way in egress.ways for host in way.hosts
    ]
    doubts = [way.unknown for way in egress.ways if way.unknown is not None]
    if egress.internet is not True and isinstance(egress.internet, Unknown):
        doubts.append(egress.internet)
        if wide(least):
            least = []
    return Opening(
        joined(most),
        joined(least),
        tuple(names[:MAX_NAMES]),
        first(*doubts),
    )


def joined(pieces: Iterable[tuple[Addresses, Ports]]) -> Pieces:
    """The same traffic with the addresses of each set of ports together."""
    groups: dict[Ports, list[Addresses]] = {}
    for where, which in pieces:
        if where and which:
            groups.setdefault(which, []).append(where)
    return tuple((together(found), which) for which, found in groups.items())


def together(found: list[Addresses]) -> Addresses:
    """The union of many sets, sorted once."""
    if not found:
        return NO_ADDRESS
    if len(found) == 1:
        return found[0]
    v4 = tuple(pair for one in found for pair in one.v4)
    v6 = tuple(pair for one in found for pair in one.v6)
    return Addresses(union(v4, ()), union(v6, ()))


def wide(pieces: Iterable[tuple[Addresses, Ports]]) -> bool:
    """Whether so much of the internet is open that it is no allow-list."""
    found = joined(pieces)
    if any(is_internet(where) for where, _ in found):
        return True
    for _, some in found[:MAX_PIECES]:
        inside = [w for w, which in found[:MAX_PIECES] if not some.subtract(which)]
        if is_internet(together(inside)):
            return True
    return False


def public(pieces: Iterable[tuple[Addresses, Ports]]) -> Pieces:
    """The part that goes to public addresses."""
    return cut(pieces, PUBLIC, EVERY_PORT)


def cut(
    pieces: Iterable[tuple[Addresses, Ports]], where: Addresses, some: Ports
) -> Pieces:
    """The part that goes to some addresses on some ports."""
    found = [(w.intersect(where), p.intersect(some)) for w, p in pieces]
    return tuple((w, p) for w, p in found if w and p)


def within(opening: Opening, most: Addresses, least: Addresses) -> Opening:
    """The part of an opening that goes to addresses: perhaps, and for certain.

    Where a name leads is not known: it stays where the addresses are the internet.
    """
    names = opening.names if is_internet(most) else ()
    return opening._replace(
        most=cut(opening.most, most, EVERY_PORT),
        least=cut(opening.least, least, EVERY_PORT),
        names=names,
    )


def meet(one: Opening, other: Opening) -> Opening:
    """What both leave open."""
    if one is EVERYTHING or other is EVERYTHING:
        return other if one is EVERYTHING else one
    doubt = first(one.doubt, other.doubt)
    most, least = _both(one.most, other.most), _both(one.least, other.least)
    if most is None:
        bound = Unknown("bound", "there are too many ranges of addresses and ports")
        return Opening(one.most, (), (*one.names, *other.names)[:MAX_NAMES], bound)
    names = [*_kept(one, other), *_kept(other, one)]
    return Opening(most, least or (), tuple(dict.fromkeys(names))[:MAX_NAMES], doubt)


def _both(one: Pieces, other: Pieces) -> Pieces | None:
    """The intersection; None past the bound."""
    if len(one) * len(other) > 10 * MAX_PIECES:
        return None
    found = [piece for where, which in one for piece in cut(other, where, which)]
    return joined(found)


def _kept(one: Opening, other: Opening) -> list[Name]:
    """The names of one that the other does not close."""
    if not one.names:
        return []
    found = []
    open_most, open_least = wide(other.most), wide(other.least)
    some = bool(public(other.most))
    patterns = [name for name in other.names if "*" in name.host]
    exact = {name.host: name for name in other.names}
    for name in one.names:
        same = exact.get(name.host) or next(
            (p for p in patterns[:50] if wildcard(p.host, name.host)), None
        )
        if open_least or (same is not None and same.unknown is None):
            found.append(name)
        elif open_most or same is not None:
            why = same.unknown if same is not None else other.why()
            found.append(name._replace(unknown=first(name.unknown, why)))
        elif some:
            unsure = Unknown(
                "unsupported", f"the addresses of {name.host} are not known"
            )
            found.append(name._replace(unknown=first(name.unknown, unsure)))
    return found
