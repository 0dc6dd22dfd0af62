"""The exits of a network: filters, then the most specific route, then its gateway.

Follows gateways that hand traffic on to the routes of another subnet (firewall
endpoints), a few times. Storage doors of the subnet are exits of their own.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate.addresses import (
    EVERY_ADDRESS,
    NO_ADDRESS,
    OF_STORES,
    Addresses,
    ports,
    size,
)
from mlsec_lint.estate.selectors import first
from mlsec_lint.trace.hops import Hop
from mlsec_lint.trace.openings import (
    EVERYTHING,
    Opening,
    cut,
    meet,
    opening_of,
    public,
    together,
    wide,
    within,
)
from mlsec_lint.trace.pod_egress import Egress, decide, openers
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.estate.networks import Door, Filter, Gateway, Place, Route, Subnet

#: How often traffic is followed from one subnet's routes to another's.
_DEPTH = 4
#: More routes than a table of any cloud may have (AWS: 1,000; 2026-11).
MAX_ROUTES = 1000
#: So many doors to storage of one subnet are told.
MAX_STORES = 5
#: So many gateways of one subnet are followed.
MAX_GATEWAYS = 50
_HTTPS = ports("TCP", 443, 443)
#: What a gateway does for a connection, by its type.
_WORDS = {
    "internet": "an internet gateway leads out",
    "nat": "a NAT gateway leads out to the internet",
    "storage": "an endpoint leads to the storage service",
    "service": "an endpoint leads to a service",
    "peering": "a peering leads to another network",
    "transit": "a transit gateway leads to other networks",
    "firewall": "a firewall passes it on",
    "proxy": "a proxy passes it on",
    "vpn": "a VPN leads to another network",
    "other": "a route leads to it",
}


class Exit(NamedTuple):
    """A way out of a network, and what still is open there.

    * `opens`: `internet`, `account`, `beyond` or `store`; `name`: the account, or whose
      store;
    * `hops`: from the subnet outwards;
    * `provider`: the cloud whose network it is;
    * `unknown`: why it may not be there.
    """

    opens: str
    name: str
    opening: Opening
    hops: tuple[Hop, ...]
    provider: str
    unknown: Unknown | None = None


def exits(estate: Estate, place: Place, opening: Opening) -> list[Exit]:
    """All exits from a place for what is open already."""
    if place.isolated is True:
        return []
    unsure = place.isolated if isinstance(place.isolated, Unknown) else None
    doubt = first(place.unknown, unsure)
    left, hops = filtered(estate, opening, place.filters)
    if place.provided:
        hop = Hop(place.words, place.span, f"{place.words}, open to the internet")
        return [Exit("internet", "", left, (*hops, hop), "", doubt)]
    subnet = estate.networks.subnets.get(place.subnet)
    if subnet is None:
        why = doubt
        if why is None:
            why = Unknown("unsupported", "its network is not in the scan")
        return [Exit("internet", "", left, hops, "", why)]
    to_subnet = Hop(
        subnet.thing.address, place.span, place.words, subnet.thing, place.unknown
    )
    found = _of_subnet(estate, subnet, place, left, (*hops, to_subnet), 0)
    return [e._replace(unknown=first(doubt, e.unknown)) for e in found]


def filtered(
    estate: Estate, opening: Opening, filters: tuple[Filter, ...]
) -> tuple[Opening, tuple[Hop, ...]]:
    """What filters leave of an opening, and as hops the rules that open the internet."""
    hops: tuple[Hop, ...] = ()
    for one in filters:
        left, opened = _one_filter(estate, one)
        opening = meet(opening, left)
        hops += opened
    return opening, hops


def decided(estate: Estate, one: Filter) -> Egress:
    """What the rules of a filter let through, worked out once for each list of rules."""
    known = estate.networks.answers
    key = ("decided", one.applied)
    found = known.get(key)
    if found is None:
        found = known[key] = decide(one.applied)
    assert isinstance(found, Egress)
    return found


def _one_filter(estate: Estate, one: Filter) -> tuple[Opening, tuple[Hop, ...]]:
    """The answer for one filter, worked out once."""
    known = estate.networks.answers
    key = ("filter", one.applied)
    found = known.get(key)
    if found is None:
        egress = decided(estate, one)
        rules = openers(egress)
        names = {
            id(rule): applied.policy.address
            for applied in one.applied
            for rule in applied.policy.rules
        }
        hops = tuple(
            Hop(
                names.get(id(rule), one.words),
                span,
                "lets it connect to the internet",
                None,
                doubt,
                rule.trail,
                ("egress-no-allow-all",),
            )
            for span, rule, doubt in rules[:1]
        )
        found = known[key] = (opening_of(egress) if one.applied else EVERYTHING, hops)
    assert isinstance(found, tuple)
    return found


class Chosen(NamedTuple):
    """A route with the addresses for which it is taken: perhaps, and for certain."""

    route: Route
    most: Addresses
    least: Addresses


def chosen(estate: Estate, subnet: Subnet) -> tuple[Chosen, ...]:
    """The routes of a subnet, most specific first, with what is left for each.

    Past MAX_ROUTES, more than a table may have, nothing is read.
    """
    known = estate.networks.answers
    key = ("routes", id(subnet.routes))  # subnets of one table share their routes
    found = known.get(key)
    if found is None:
        found = known[key] = decide_routes(subnet.routes[:MAX_ROUTES])
    assert isinstance(found, tuple)
    return found


def by_gateway(estate: Estate, subnet: Subnet) -> tuple[Chosen, ...]:
    """The same with the certain routes to one gateway together, under the widest.

    Of uncertain routes some are kept; a table has few.
    """
    known = estate.networks.answers
    key = ("gateways", id(subnet.routes))
    found = known.get(key)
    if found is None:
        found = known[key] = _merged(chosen(estate, subnet))
    assert isinstance(found, tuple)
    return found


def _merged(ways: tuple[Chosen, ...]) -> tuple[Chosen, ...]:
    groups: dict[str, list[Chosen]] = {}
    found: list[Chosen] = []
    for one in ways:
        if one.route.unknown is not None:
            found.append(one)
        else:
            groups.setdefault(one.route.gateway, []).append(one)
    found = found[:MAX_GATEWAYS]
    for group in list(groups.values())[:MAX_GATEWAYS]:
        widest = max(group, key=lambda one: size(one.most.v4) + size(one.most.v6))
        most = together([one.most for one in group])
        least = together([one.least for one in group])
        found.append(Chosen(widest.route, most, least))
    return tuple(found)


def decide_routes(routes: tuple[Route, ...]) -> tuple[Chosen, ...]:
    """For which addresses each route is taken. Pure.

    An uncertain route leaves its addresses to the next one perhaps, and takes their
    certainty from it. Routes of the same destination and priority share it.
    """
    taken, claimed = NO_ADDRESS, NO_ADDRESS
    found: list[Chosen] = []
    groups: dict[tuple[int, int, Addresses], list[Route]] = {}
    for route in routes:
        groups.setdefault((_extent(route), route.priority, route.where), []).append(
            route
        )
    for key in sorted(groups, key=lambda one: one[:2]):
        where = key[2]
        group = groups[key]
        most = where.subtract(taken)
        least = where.subtract(claimed)
        for route in group:
            sure = route.unknown is None
            found.append(Chosen(route, most, least if sure else NO_ADDRESS))
        if any(route.unknown is None for route in group):
            taken = taken.union(where)
        claimed = claimed.union(where)
    return tuple(found)


def _extent(route: Route) -> int:
    """How wide a route is; one for unknown addresses may be the most specific."""
    if route.unknown is not None and route.where == EVERY_ADDRESS:
        return 0
    return size(route.where.v4) + size(route.where.v6)


def _of_subnet(
    estate: Estate,
    subnet: Subnet,
    place: Place,
    opening: Opening,
    hops: tuple[Hop, ...],
    depth: int,
) -> list[Exit]:
    left, by_filters = filtered(estate, opening, subnet.filters)
    hops = (*hops, *by_filters)
    found: list[Exit] = []
    by_doors = NO_ADDRESS
    for door in subnet.doors:
        by_doors = by_doors.union(door.where)
    for one in by_gateway(estate, subnet):
        gateway = estate.networks.gateways.get(one.route.gateway)
        if gateway is None:
            continue
        some = within(left, one.most.subtract(by_doors), one.least.subtract(by_doors))
        if some.most or some.names:
            found += _through(estate, one.route, gateway, place, some, hops, depth)
    if depth == 0:
        found += _by_doors(subnet, left, hops)
    unread = subnet.open
    if unread is None and len(subnet.routes) > MAX_ROUTES:
        unread = Unknown("bound", f"it has more than {MAX_ROUTES} routes")
    if unread is not None:
        provider = subnet.thing.provider
        found.append(Exit("beyond", "", left, hops, provider, unread))
    return found


def _through(
    estate: Estate,
    route: Route,
    gateway: Gateway,
    place: Place,
    opening: Opening,
    hops: tuple[Hop, ...],
    depth: int,
) -> list[Exit]:
    """The exits behind a gateway."""
    doubt = first(route.unknown, gateway.unknown)
    if gateway.needs_public:
        if place.public is False:
            return []
        if isinstance(place.public, Unknown):
            doubt = first(doubt, place.public)
    kind = gateway.thing.fact("type")
    sort = str(kind.value) if kind is not None else ""
    words = gateway.words or _WORDS.get(sort, _WORDS["other"])
    controls = ("egress-no-internet-route",) if gateway.opens == "internet" else ()
    hop = Hop(
        gateway.thing.address,
        route.span,
        words,
        gateway.thing,
        doubt,
        route.trail,
        controls,
    )
    left, by_filters = filtered(estate, opening, gateway.filters)
    silent = gateway.silent and hops and doubt is None
    hops = hops if silent else (*hops, hop, *by_filters)
    provider = gateway.thing.provider
    found: list[Exit] = []
    if gateway.opens in ("internet", "beyond"):
        found.append(Exit(gateway.opens, "", left, hops, provider, doubt))
    account = gateway.account
    if isinstance(account, Unknown):
        found.append(Exit("account", "", left, hops, provider, first(doubt, account)))
    elif account:
        found.append(Exit("account", account, left, hops, provider, doubt))
    for name in gateway.then if depth < _DEPTH else ():
        subnet = estate.networks.subnets.get(name)
        if subnet is not None:
            more = _of_subnet(estate, subnet, place, left, hops, depth + 1)
            found += [e._replace(unknown=first(doubt, e.unknown)) for e in more]
    return found


def _by_doors(
    subnet: Subnet, opening: Opening, hops: tuple[Hop, ...]
) -> Iterator[Exit]:
    """The exits to storage services, those of certain doors first; a few are told."""
    doors = sorted(
        subnet.doors, key=lambda d: d.limited is not False or d.unknown is not None
    )
    told = (_by_door(door, subnet, opening, hops) for door in doors)
    yield from islice((one for one in told if one is not None), MAX_STORES)


def _by_door(
    door: Door, subnet: Subnet, opening: Opening, hops: tuple[Hop, ...]
) -> Exit | None:
    """The exit to a storage service, where its door and the filters leave one."""
    if not door.service or door.limited is True:
        return None
    truth = _answers(door, opening)
    if truth is False:
        return None
    doubts = (truth, door.limited, door.unknown)
    doubt = first(*(one for one in doubts if isinstance(one, Unknown)))
    hop = Hop(
        door.thing.address,
        door.span,
        "an endpoint that serves the stores of every owner",
        door.thing,
        doubt,
        (),
        ("egress-endpoint-policy",),
    )
    provider = subnet.thing.provider
    return Exit("store", door.service, opening, (*hops, hop), provider, doubt)


def _answers(door: Door, opening: Opening) -> bool | Unknown:
    """Whether connections to a door pass what has been asked so far."""
    if cut(opening.least, door.where, _HTTPS):
        return True
    storage = [name for name in opening.names if store_behind(name.host)]
    if any(name.unknown is None for name in storage):
        return True
    if cut(opening.most, door.where, _HTTPS) or storage:
        return opening.why()
    if not door.public:
        return False
    if wide(cut(opening.least, EVERY_ADDRESS, _HTTPS)):
        return True
    if wide(cut(opening.most, EVERY_ADDRESS, _HTTPS)):
        return opening.why()
    own = OF_STORES.get(door.service)
    if own is not None and cut(opening.least, own, _HTTPS):
        return True
    if public(cut(opening.most, EVERY_ADDRESS, _HTTPS)):
        return Unknown(
            "unsupported", "these addresses may be those of the storage service"
        )
    return False


#: Names at which a storage service serves the stores of every owner (2026-11, the
#: services' own documentation): suffix -> service.
_STORES = (
    ("amazonaws.com", "aws"),
    ("amazonaws.com.cn", "aws"),
    ("storage.googleapis.com", "gcp"),
    ("blob.core.windows.net", "azure"),
    ("dfs.core.windows.net", "azure"),
)
_WHOLE = {"*.googleapis.com": "gcp", "googleapis.com": "gcp", "*.windows.net": "azure"}


def store_behind(host: str) -> str:
    """The service whose stores of every owner a host name or pattern leads to, or "".

    `s3.eu-west-1.amazonaws.com` serves every bucket, `my-bucket.s3...` serves one.
    """
    host = host.lower().rstrip(".")
    if host in _WHOLE:
        return _WHOLE[host]
    for suffix, service in _STORES:
        if host == suffix or host == f".{suffix}":
            return service
        if not host.endswith(f".{suffix}"):
            continue
        stem = host[: -len(suffix) - 1].lstrip(".")
        first_part = stem.partition(".")[0]
        if service != "aws":
            return service if first_part in ("", "*", "**") else ""
        if first_part in ("*", "**", "s3", "s3-accelerate") or stem.startswith("s3-"):
            return service
    return ""
