"""Random routes and filters against a model that tries every world, address by address.

What is not known is in the world or not. What the walk calls certain must be open in
every world; what is open in some world must be left possible; and without doubt both
are the same.
"""

from __future__ import annotations

import ipaddress
from itertools import product

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlsec_lint.estate import Estate, Thing
from mlsec_lint.estate.addresses import network, ports
from mlsec_lint.estate.networks import Filter, Gateway, Place, Route, Subnet
from mlsec_lint.estate.policy import MAIN, Applied, Peer, Policy, Rule
from mlsec_lint.source import Source, Span
from mlsec_lint.trace.openings import EVERYTHING
from mlsec_lint.trace.routes import decide_routes, exits
from mlsec_lint.value import Unknown

SPAN = Span(Source("x.tf", "x"), 0, 1)
WHY = Unknown("variable", "var.x has no value", "var.x")
CIDRS = [
    "0.0.0.0/0",
    "0.0.0.0/1",
    "8.0.0.0/6",
    "8.8.0.0/16",
    "52.0.0.0/8",
    "10.0.0.0/8",
]
ADDRESSES = ["8.8.8.8", "9.1.1.1", "52.1.1.1", "100.1.1.1", "200.1.1.1", "10.1.1.1"]
PORTS = [(443, 443), (0, 65535), (22, 80)]
ASKED = [443, 50]
CALM = settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
SURE = st.sampled_from([True, True, False])
ROUTES = st.lists(
    st.tuples(
        st.sampled_from(CIDRS), st.sampled_from(["igw", ""]), st.integers(0, 1), SURE
    ),
    max_size=4,
)
RULES = st.lists(
    st.tuples(
        st.sampled_from(["allow", "deny"]),
        st.sampled_from(CIDRS),
        st.sampled_from(PORTS),
        SURE,
    ),
    max_size=4,
)
FILTERS = st.lists(st.tuples(RULES, st.booleans()), max_size=2)


def addresses(cidr):
    found = network(cidr)
    assert found is not None
    return found


def estate_of(routes, filters):
    estate = Estate()
    net = Thing("network", "net", "net", SPAN, "aws")
    gateway = Thing("gateway", "igw", "igw", SPAN, "aws")
    gateway.state("type", "internet")
    estate.networks.gateways["igw"] = Gateway(gateway, "internet")
    made = tuple(
        Route(addresses(c), to, SPAN, priority, None if sure else WHY)
        for c, to, priority, sure in routes
    )
    stages = []
    for rules, isolates in filters:
        one = tuple(
            Rule(
                verdict,
                Peer(addresses(c)),
                ports("TCP", *ends),
                SPAN,
                None if s else WHY,
            )
            for verdict, c, ends, s in rules
        )
        policy = Policy("p", "p", SPAN, MAIN, one, isolates=isolates)
        stages.append(Filter((Applied(policy, truth=True),), "f", SPAN))
    estate.networks.subnets["net"] = Subnet(net, made)
    return estate, Place(SPAN, "net", tuple(stages))


def contains(cidr, address):
    return ipaddress.ip_address(address) in ipaddress.ip_network(cidr)


def passes(rules, isolates, address, port):
    for verdict, cidr, (low, high) in rules:
        if contains(cidr, address) and low <= port <= high:
            return verdict == "allow"
    return not isolates


def led_out(routes, address):
    fitting = [r for r in routes if contains(r[0], address)]
    if not fitting:
        return False
    width = [ipaddress.ip_network(c).num_addresses for c, _, _ in fitting]
    best = min(zip(width, (r[2] for r in fitting), strict=True))
    return any(
        to == "igw"
        for (c, to, p), w in zip(fitting, width, strict=True)
        if (w, p) == best
    )


def worlds(items):
    """Every choice of which uncertain items are there."""
    choices = [(True,) if item[-1] else (True, False) for item in items]
    for chosen in product(*choices):
        yield [item[:-1] for item, there in zip(items, chosen, strict=True) if there]


def truths(routes, filters, address, port):
    """Whether a connection is open, in each world."""
    stages = [list(worlds(rules)) for rules, _ in filters]
    for table in worlds(routes):
        out = led_out(table, address)
        for rules in product(*stages):
            kept = zip(rules, (isolates for _, isolates in filters), strict=True)
            yield out and all(passes(r, i, address, port) for r, i in kept)


def told(estate, place):
    """(addresses and ports that are possible, those that are certain)."""
    most, least = [], []
    for one in exits(estate, place, EVERYTHING):
        most += one.opening.most
        if one.unknown is None:
            least += one.opening.least
    return most, least


def holds(pieces, address, port):
    return any(w.holds(address) and p.holds("TCP", port) for w, p in pieces)


@CALM
@given(ROUTES, FILTERS)
def test_the_walk_agrees_with_every_world(routes, filters):
    estate, place = estate_of(routes, filters)
    most, least = told(estate, place)
    doubtful = [r for r in routes if not r[-1]]
    doubtful += [r for rules, _ in filters for r in rules if not r[-1]]
    for address, port in product(ADDRESSES, ASKED):
        found = set(truths(routes, filters, address, port))
        if holds(least, address, port):
            assert found == {True}, (address, port)
        if True in found:
            assert holds(most, address, port), (address, port)
        if not doubtful:
            assert holds(most, address, port) is (found == {True})
            assert holds(least, address, port) is (found == {True})


@CALM
@given(ROUTES)
def test_no_address_is_certain_on_two_ways_of_one_destination(routes):
    estate, _ = estate_of(routes, [])
    chosen = decide_routes(estate.networks.subnets["net"].routes)
    for one in chosen:
        assert not one.least.subtract(one.most), "certain is possible"
        for other in chosen:
            same = one.route.where == other.route.where
            if not same:
                assert not one.least.intersect(other.least)
