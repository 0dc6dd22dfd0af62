"""Sets of addresses and ports as sorted ranges. Nothing is ever counted out.

An address set is a pair of range lists, IPv4 and IPv6, each a sorted tuple of disjoint
(low, high) pairs of integers, both ends included. A port set maps protocols to such a
list. A traffic set is a list of products of the two.
"""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import NamedTuple

Ranges = tuple[tuple[int, int], ...]

#: Protocols that are told apart; OTHER stands for everything else (ICMP, GRE, ...).
PROTOCOLS = ("TCP", "UDP", "SCTP", "OTHER")
_LAST_PORT = 65535
_LAST_V4 = (1 << 32) - 1
_LAST_V6 = (1 << 128) - 1


def union(one: Ranges, other: Ranges) -> Ranges:
    """What lies in either; ranges that touch are joined."""
    found: list[tuple[int, int]] = []
    for low, high in sorted((*one, *other)):
        if found and low <= found[-1][1] + 1:
            if high > found[-1][1]:
                found[-1] = (found[-1][0], high)
        else:
            found.append((low, high))
    return tuple(found)


def intersect(one: Ranges, other: Ranges) -> Ranges:
    """What lies in both."""
    found: list[tuple[int, int]] = []
    i = j = 0
    while i < len(one) and j < len(other):
        low = max(one[i][0], other[j][0])
        high = min(one[i][1], other[j][1])
        if low <= high:
            found.append((low, high))
        if one[i][1] < other[j][1]:
            i += 1
        else:
            j += 1
    return tuple(found)


def subtract(one: Ranges, other: Ranges) -> Ranges:
    """What lies in the first and not in the second."""
    found: list[tuple[int, int]] = []
    j = 0
    for low, high in one:
        while j < len(other) and other[j][1] < low:
            j += 1
        k = j
        while k < len(other) and other[k][0] <= high:
            if other[k][0] > low:
                found.append((low, other[k][0] - 1))
            low = other[k][1] + 1
            k += 1
        if low <= high:
            found.append((low, high))
    return tuple(found)


def size(ranges: Ranges) -> int:
    """How many numbers lie in the ranges."""
    return sum(high - low + 1 for low, high in ranges)


class Addresses(NamedTuple):
    """A set of IP addresses."""

    v4: Ranges = ()
    v6: Ranges = ()

    def __bool__(self) -> bool:
        return bool(self.v4 or self.v6)

    def union(self, other: Addresses) -> Addresses:
        """Addresses in either."""
        return Addresses(union(self.v4, other.v4), union(self.v6, other.v6))

    def intersect(self, other: Addresses) -> Addresses:
        """Addresses in both."""
        return Addresses(intersect(self.v4, other.v4), intersect(self.v6, other.v6))

    def subtract(self, other: Addresses) -> Addresses:
        """Addresses in this set and not in the other."""
        return Addresses(subtract(self.v4, other.v4), subtract(self.v6, other.v6))

    def holds(self, address: str) -> bool:
        """Whether an address, as text, is in the set. ValueError for no address."""
        parsed = ip_address(address)
        number = int(parsed)
        ranges = self.v4 if parsed.version == 4 else self.v6
        return bool(intersect(ranges, ((number, number),)))

    def text(self, most: int = 8) -> str:
        """The set as networks ("10.0.0.0/8, 192.168.4.0/22"), cut after some."""
        found: list[str] = []
        for kind, last, ranges in (
            (IPv4Network, 32, self.v4),
            (IPv6Network, 128, self.v6),
        ):
            for low, high in ranges:
                while low <= high:
                    if len(found) >= most:
                        return ", ".join([*found, "..."])
                    bits = (low & -low).bit_length() - 1 if low else last
                    bits = min(bits, (high - low + 1).bit_length() - 1)
                    found.append(str(kind((low, last - bits))))
                    low += 1 << bits
        return ", ".join(found)


EVERY_ADDRESS = Addresses(((0, _LAST_V4),), ((0, _LAST_V6),))
NO_ADDRESS = Addresses()


def network(text: str) -> Addresses | None:
    """The addresses of a network or a single address; None where the text is none.

    Host bits that are set are ignored, as every implementation does.
    """
    text = text.strip()
    if len(text) > 64:
        return None
    try:
        parsed = ip_network(text, strict=False)
    except ValueError:
        return None
    ranges = ((int(parsed.network_address), int(parsed.broadcast_address)),)
    return Addresses(ranges, ()) if parsed.version == 4 else Addresses((), ranges)


def _many(*texts: str) -> Addresses:
    found = NO_ADDRESS
    for text in texts:
        more = network(text)
        assert more is not None
        found = found.union(more)
    return found


#: What is no public unicast address (IANA special-purpose registries, 2026-11).
NOT_PUBLIC = _many(
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
    "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
    "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
    "::/3", "4000::/2", "8000::/1", "2001:db8::/32", "2001::/23", "3fff::/20",
)  # fmt: skip
PUBLIC = EVERY_ADDRESS.subtract(NOT_PUBLIC)

#: Blocks that one storage service has for itself, of all its regions: not all that it
#: answers at (ip-ranges.amazonaws.com/ip-ranges.json, service S3, 2026-11).
OF_STORES = {
    "aws": _many(
        "3.5.0.0/16", "52.92.0.0/16", "52.216.0.0/15", "52.218.0.0/16", "52.219.0.0/16",
        "54.231.0.0/16",
    )
}  # fmt: skip

#: How many public addresses on one port are "the internet": an IPv4 /8, an IPv6 /16.
#: Wider than any published list of one cloud's region or one service, 2026-11.
_WIDE_V4 = 1 << 24
_WIDE_V6 = 1 << 112


def is_internet(addresses: Addresses) -> bool:
    """Whether the set holds so many public addresses that it is no allow-list."""
    public = addresses.intersect(PUBLIC)
    return size(public.v4) >= _WIDE_V4 or size(public.v6) >= _WIDE_V6


class Ports(NamedTuple):
    """A set of (protocol, port) pairs. OTHER has no ports: its range is (0, 65535)."""

    tcp: Ranges = ()
    udp: Ranges = ()
    sctp: Ranges = ()
    other: Ranges = ()

    def __bool__(self) -> bool:
        return any(tuple(self))

    def union(self, more: Ports) -> Ports:
        """Ports in either."""
        return Ports(*(union(a, b) for a, b in zip(self, more, strict=True)))

    def intersect(self, more: Ports) -> Ports:
        """Ports in both."""
        return Ports(*(intersect(a, b) for a, b in zip(self, more, strict=True)))

    def subtract(self, less: Ports) -> Ports:
        """Ports in this set and not in the other."""
        return Ports(*(subtract(a, b) for a, b in zip(self, less, strict=True)))

    def holds(self, protocol: str, port: int) -> bool:
        """Whether a port of a protocol (one of PROTOCOLS) is in the set."""
        ranges = self[PROTOCOLS.index(protocol)]
        return bool(intersect(ranges, ((port, port),)))

    def text(self) -> str:
        """The set for people: "all ports", "TCP 443, UDP 53"."""
        if self == EVERY_PORT:
            return "all ports"
        found = []
        for name, ranges in zip(PROTOCOLS, self, strict=True):
            if ranges == ((0, _LAST_PORT),):
                found.append(name if name != "OTHER" else "other protocols")
                continue
            shown = [str(a) if a == b else f"{a}-{b}" for a, b in ranges[:8]]
            found.extend(f"{name} {one}" for one in shown)
        return ", ".join(found)


_ALL = ((0, _LAST_PORT),)
EVERY_PORT = Ports(_ALL, _ALL, _ALL, _ALL)
NO_PORT = Ports()


def ports(protocol: str, low: int = 0, high: int = _LAST_PORT) -> Ports:
    """A range of ports of one protocol; an unknown protocol's name means OTHER.

    An inverted range is the empty set; ends are cut to what exists.
    """
    low, high = max(0, low), min(_LAST_PORT, high)
    if low > high:
        return NO_PORT
    name = protocol.upper()
    index = PROTOCOLS.index(name) if name in PROTOCOLS else len(PROTOCOLS) - 1
    ranges: list[Ranges] = [(), (), (), ()]
    ranges[index] = ((low, high),)
    return Ports(*ranges)


#: Products of addresses and ports; their union is what is meant.
Traffic = list[tuple[Addresses, Ports]]


def cut(traffic: Traffic, addresses: Addresses, some: Ports) -> Traffic:
    """The part of the traffic that goes to some addresses on some ports."""
    found = []
    for where, which in traffic:
        both, shared = where.intersect(addresses), which.intersect(some)
        if both and shared:
            found.append((both, shared))
    return found


def without(traffic: Traffic, addresses: Addresses, some: Ports) -> Traffic:
    """The traffic less what goes to some addresses on some ports."""
    found = []
    for where, which in traffic:
        left = which.subtract(some)
        inside = where.intersect(addresses)
        if not inside or left == which:
            found.append((where, which))
            continue
        outside = where.subtract(addresses)
        if outside:
            found.append((outside, which))
        if left:
            found.append((inside, left))
    return found
