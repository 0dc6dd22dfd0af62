"""Cilium's and Calico's policies against brute-force models of their documentation."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from network_model import (
    ADDRESSES,
    CALM,
    CIDRS,
    LABELS,
    PORTS,
    Target,
    by_network_policies,
    estate_of,
    goes,
    namespaces,
    network_policies,
    pod,
    selected,
    selectors,
)

from mlsec_lint.trace.pod_egress import egress_of, reaches
from mlsec_lint.value import Unknown

CILIUM_PORTS = st.sampled_from(
    [
        [{"port": "443", "protocol": "TCP"}],
        [{"port": "53", "protocol": "UDP"}],
        [{"port": "80", "endPort": 500, "protocol": "ANY"}],
    ]
)


@st.composite
def cilium_policies(draw, number):
    def rule():
        found = {}
        kind = draw(
            st.sampled_from(["toCIDR", "toCIDRSet", "toEntities", "toEndpoints", ""])
        )
        if kind == "toCIDR":
            found[kind] = draw(st.lists(st.sampled_from(CIDRS), max_size=2))
        elif kind == "toCIDRSet":
            one = {"cidr": draw(st.sampled_from(CIDRS))}
            one["except"] = draw(st.lists(st.sampled_from(CIDRS[2:]), max_size=1))
            found[kind] = [one]
        elif kind == "toEntities":
            found[kind] = draw(
                st.lists(
                    st.sampled_from(["world", "all", "cluster", "host"]), max_size=2
                )
            )
        elif kind == "toEndpoints":
            found[kind] = draw(st.lists(selectors(), max_size=2))
        if draw(st.booleans()):
            found["toPorts"] = [{"ports": draw(CILIUM_PORTS)}]
        return found

    spec = {"endpointSelector": draw(selectors())}
    for field in ("egress", "egressDeny"):
        if draw(st.booleans()):
            spec[field] = [rule() for _ in range(draw(st.integers(0, 2)))]
    if draw(st.integers(0, 3)) == 0:
        spec["enableDefaultDeny"] = {"egress": draw(st.booleans())}
    return {
        "apiVersion": "cilium.io/v2",
        "kind": "CiliumNetworkPolicy",
        "metadata": {"name": f"c{number}", "namespace": "ml"},
        "spec": spec,
    }


def cilium_rule(rule, target, protocol, port) -> bool:
    ports = [one for group in rule.get("toPorts", []) for one in group["ports"]]
    if ports and not any(
        one["protocol"] in (protocol, "ANY")
        and int(one["port"]) <= port <= one.get("endPort", int(one["port"]))
        for one in ports
    ):
        return False
    peers = [name for name in rule if name != "toPorts"]
    if not peers:
        return "toPorts" in rule
    listed = rule[peers[0]]
    if peers[0] == "toCIDR":
        return any(target.in_cidr(cidr) for cidr in listed)
    if peers[0] == "toCIDRSet":
        return any(
            target.in_cidr(one["cidr"]) and not any(map(target.in_cidr, one["except"]))
            for one in listed
        )
    if peers[0] == "toEntities":
        mine = {"world", "all"} if target.address else {"cluster", "all"}
        return bool(mine & set(listed))
    return target.space == "ml" and any(target.is_pod({}, one) for one in listed)


def by_cilium(policies, plain, labels, target, protocol, port) -> bool:
    isolated = allowed = False
    for policy in policies:
        spec = policy["spec"]
        if not selected(spec["endpointSelector"], labels):
            continue
        switch = spec.get("enableDefaultDeny", {}).get("egress")
        rules = bool(spec.get("egress") or spec.get("egressDeny"))
        isolated = isolated or (rules if switch is None else switch)
        for rule in spec.get("egressDeny", []):
            if cilium_rule(rule, target, protocol, port):
                return False
        for rule in spec.get("egress", []):
            allowed = allowed or cilium_rule(rule, target, protocol, port)
    found = by_network_policies(plain, "ml", labels, target, protocol, port)
    if found is None and not isolated:
        return True
    return allowed or bool(found)


@CALM
@given(st.data(), LABELS, LABELS)
def test_denials_of_cilium_come_before_what_anything_allows(data, labels, others):
    policies = [
        data.draw(cilium_policies(n)) for n in range(data.draw(st.integers(1, 3)))
    ]
    plain = [
        data.draw(network_policies(n)) for n in range(data.draw(st.integers(0, 2)))
    ]
    one, two = pod("one", "ml", labels), pod("two", "ml", others)
    estate = estate_of([*namespaces(), one, two, *policies, *plain])
    first = estate.find("workload", "Pod/ml/one")
    egress = egress_of(estate, first)

    for address in ADDRESSES:
        for protocol, port in PORTS:
            target = Target(address)
            expected = by_cilium(policies, plain, labels, target, protocol, port)
            assert goes(egress, address, protocol, port) == expected, (address, port)
    reached = reaches(estate, first, estate.find("workload", "Pod/ml/two"))
    if not isinstance(reached, Unknown):
        target = Target(space="ml", labels=others)
        assert reached == any(
            by_cilium(policies, plain, labels, target, protocol, port)
            for protocol, port in [
                *PORTS,
                ("TCP", 9),
                ("UDP", 9),
                ("UDP", 80),
                ("OTHER", 0),
            ]
        )


EXPRESSIONS = {
    "all()": lambda _: True,
    "": lambda _: True,
    "app == 'a'": lambda of: of.get("app") == "a",
    "app != 'a'": lambda of: of.get("app") != "a",
    "has(tier) && !(app in {'b', 'c'})": lambda of: (
        "tier" in of and of.get("app") not in ("b", "c")
    ),
    "app not in {'a'} || tier starts with 'c'": lambda of: (
        of.get("app") != "a" or of.get("tier", "").startswith("c")
    ),
}


@st.composite
def calico_policies(draw, number):
    rule = st.fixed_dictionaries(
        {"action": st.sampled_from(["Allow", "Deny", "Log", "Pass"])},
        optional={
            "protocol": st.sampled_from(["TCP", "UDP"]),
            "destination": st.fixed_dictionaries(
                {},
                optional={
                    "nets": st.lists(st.sampled_from(CIDRS), min_size=1, max_size=2),
                    "notNets": st.lists(
                        st.sampled_from(CIDRS[2:]), min_size=1, max_size=1
                    ),
                },
            ),
        },
    )
    spec = {
        "selector": draw(st.sampled_from(sorted(EXPRESSIONS))),
        "egress": draw(st.lists(rule, max_size=3)),
    }
    if draw(st.booleans()):
        spec["order"] = draw(st.integers(1, 3)) * 600 + number
    if draw(st.booleans()):
        spec["types"] = draw(
            st.lists(st.sampled_from(["Ingress", "Egress"]), min_size=1, unique=True)
        )
    if draw(st.integers(0, 2)) == 0:
        spec["tier"] = draw(st.sampled_from(["early", "soft"]))
        spec["order"] = number
    return {
        "apiVersion": "projectcalico.org/v3",
        "kind": "NetworkPolicy",
        "metadata": {"name": f"k{number}", "namespace": "ml"},
        "spec": spec,
    }


TIERS = [
    {
        "apiVersion": "projectcalico.org/v3",
        "kind": "Tier",
        "metadata": {"name": "early"},
        "spec": {"order": 1},
    },
    {
        "apiVersion": "projectcalico.org/v3",
        "kind": "Tier",
        "metadata": {"name": "soft"},
        "spec": {"order": 2, "defaultAction": "Pass"},
    },
]


def by_calico(policies, plain, labels, target, protocol, port) -> bool:
    for tier in ("early", "soft", "default"):
        mine = []
        for policy in policies:
            spec = policy["spec"]
            types = spec.get("types") or (["Egress"] if spec["egress"] else ["Ingress"])
            if spec.get("tier", "default") == tier and "Egress" in types:
                if EXPRESSIONS[spec["selector"]](labels):
                    mine.append((spec.get("order", 1e9), policy))
        found = None
        if tier == "default":
            found = by_network_policies(plain, "ml", labels, target, protocol, port)
        decided = ""
        for order, policy in sorted(mine, key=lambda pair: pair[0]):
            if decided == "" and order > 1000 and found:
                decided = "Allow"
            for rule in policy["spec"]["egress"]:
                where = rule.get("destination", {})
                if decided or rule["action"] == "Log":
                    continue
                if rule.get("protocol", protocol) != protocol:
                    continue
                if "nets" in where and not any(map(target.in_cidr, where["nets"])):
                    continue
                if "notNets" in where and any(map(target.in_cidr, where["notNets"])):
                    continue
                decided = rule["action"]
        if decided == "" and found:
            decided = "Allow"
        if decided in ("Allow", "Deny"):
            return decided == "Allow"
        isolated = bool(mine) or found is not None
        if decided == "" and isolated and tier != "soft":
            return False
    return True


@CALM
@given(st.data(), LABELS)
def test_rules_of_calico_are_asked_in_order_tier_by_tier(data, labels):
    policies = [
        data.draw(calico_policies(n)) for n in range(data.draw(st.integers(1, 4)))
    ]
    plain = [
        data.draw(network_policies(n)) for n in range(data.draw(st.integers(0, 2)))
    ]
    estate = estate_of(
        [*namespaces(), pod("one", "ml", labels), *TIERS, *policies, *plain]
    )
    egress = egress_of(estate, estate.find("workload", "Pod/ml/one"))

    for address in ADDRESSES:
        for protocol, port in PORTS:
            target = Target(address)
            expected = by_calico(policies, plain, labels, target, protocol, port)
            assert goes(egress, address, protocol, port) == expected, (address, port)
