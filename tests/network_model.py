"""Random policies, and a brute-force model that reads their definitions word by word."""

from __future__ import annotations

import ipaddress
import json

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from mlsec_lint.estate import Estate
from mlsec_lint.kubernetes.objects import Item, manifest
from mlsec_lint.lower.inputs import Inputs
from mlsec_lint.lower.kubernetes import lower_kubernetes
from mlsec_lint.lower.kubernetes.network import lower_network
from mlsec_lint.parse.json import json_documents
from mlsec_lint.source import Source

CALM = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
SPACES = {"ml": {"team": "a"}, "web": {"team": "b"}}
CIDRS = [
    "0.0.0.0/0",
    "0.0.0.0/1",
    "10.0.0.0/8",
    "52.0.0.0/7",
    "52.8.0.0/16",
    "52.8.9.9/32",
]
ADDRESSES = ["10.1.2.3", "52.8.9.9", "52.8.1.1", "53.1.1.1", "8.8.8.8", "200.1.1.1"]
PORTS = [("TCP", 443), ("TCP", 80), ("UDP", 53), ("TCP", 8080)]


def estate_of(objects) -> Estate:
    """The estate of Kubernetes objects given as plain data, without any file."""
    inputs = Inputs(tree=None)
    for number, one in enumerate(objects):
        source = Source("all.json", json.dumps(one) + " " * number)
        found, notes = json_documents(source)
        assert not notes
        inputs.manifests.append(manifest(Item(found[0].value, "all.json")))
    estate = Estate()
    lower_kubernetes(inputs, estate)
    lower_network(inputs, estate)
    return estate


def pod(name, space, labels):
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": space, "labels": labels},
        "spec": {"containers": [{"name": "c", "image": "x"}]},
    }


def namespaces():
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": n, "labels": of}}
        for n, of in SPACES.items()
    ]


VALUES = st.sampled_from(["a", "b", "c"])
LABELS = st.dictionaries(st.sampled_from(["app", "tier"]), VALUES, max_size=2)


@st.composite
def selectors(draw, keys=("app", "tier")):
    found = {}
    if draw(st.booleans()):
        found["matchLabels"] = draw(
            st.dictionaries(st.sampled_from(keys), VALUES, max_size=2)
        )
    if draw(st.integers(0, 2)) == 0:
        operator = draw(st.sampled_from(["In", "NotIn", "Exists", "DoesNotExist"]))
        one = {"key": draw(st.sampled_from(keys)), "operator": operator}
        if operator in ("In", "NotIn"):
            one["values"] = draw(st.lists(VALUES, min_size=1, max_size=2))
        found["matchExpressions"] = [one]
    return found


def selected(selector, labels) -> bool:
    """Whether a LabelSelector picks labels, read word by word."""
    for key, value in (selector.get("matchLabels") or {}).items():
        if labels.get(key) != value:
            return False
    for one in selector.get("matchExpressions") or []:
        key, operator = one["key"], one["operator"]
        holds = {
            "In": key in labels and labels[key] in one.get("values", []),
            "NotIn": key not in labels or labels[key] not in one.get("values", []),
            "Exists": key in labels,
            "DoesNotExist": key not in labels,
        }[operator]
        if not holds:
            return False
    return True


PORT_ITEMS = st.one_of(
    st.builds(lambda p: {"port": p[1], "protocol": p[0]}, st.sampled_from(PORTS)),
    st.just({"protocol": "UDP"}),
    st.just({"port": 80, "endPort": 500}),
)


@st.composite
def peers(draw):
    which = draw(st.integers(0, 3))
    if which == 0:
        one = {"cidr": draw(st.sampled_from(CIDRS))}
        if draw(st.booleans()):
            one["except"] = draw(st.lists(st.sampled_from(CIDRS[2:]), max_size=2))
        return {"ipBlock": one}
    if which == 1:
        return {"podSelector": draw(selectors())}
    if which == 2:
        return {"namespaceSelector": draw(selectors(("team",)))}
    return {
        "namespaceSelector": draw(selectors(("team",))),
        "podSelector": draw(selectors()),
    }


@st.composite
def network_policies(draw, number):
    spec = {"podSelector": draw(selectors())}
    if draw(st.booleans()):
        spec["policyTypes"] = draw(
            st.lists(st.sampled_from(["Ingress", "Egress"]), unique=True)
        )
    if draw(st.booleans()):
        rule = st.fixed_dictionaries(
            {},
            optional={
                "to": st.lists(peers(), max_size=2),
                "ports": st.lists(PORT_ITEMS, max_size=2),
            },
        )
        spec["egress"] = draw(st.lists(rule, max_size=2))
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {
            "name": f"p{number}",
            "namespace": draw(st.sampled_from(["ml", "web"])),
        },
        "spec": spec,
    }


@st.composite
def admin_policies(draw, kind, number):
    port = st.one_of(
        st.builds(
            lambda p: {"portNumber": {"protocol": p[0], "port": p[1]}},
            st.sampled_from(PORTS),
        ),
        st.just({"portRange": {"protocol": "TCP", "start": 80, "end": 500}}),
    )
    to = st.one_of(
        st.builds(
            lambda c: {"networks": c},
            st.lists(st.sampled_from(CIDRS), min_size=1, max_size=2),
        ),
        st.builds(lambda s: {"namespaces": s}, selectors(("team",))),
        st.builds(
            lambda n, p: {"pods": {"namespaceSelector": n, "podSelector": p}},
            selectors(("team",)),
            selectors(),
        ),
    )
    actions = ["Allow", "Deny"] + (["Pass"] if kind == "AdminNetworkPolicy" else [])
    rule = st.fixed_dictionaries(
        {
            "action": st.sampled_from(actions),
            "to": st.lists(to, min_size=1, max_size=2),
        },
        optional={"ports": st.lists(port, min_size=1, max_size=2)},
    )
    subject = st.one_of(
        st.builds(lambda s: {"namespaces": s}, selectors(("team",))),
        st.builds(
            lambda n, p: {"pods": {"namespaceSelector": n, "podSelector": p}},
            selectors(("team",)),
            selectors(),
        ),
    )
    spec = {"subject": draw(subject), "egress": draw(st.lists(rule, max_size=2))}
    if kind == "AdminNetworkPolicy":
        spec["priority"] = number
    return {
        "apiVersion": "policy.networking.k8s.io/v1alpha1",
        "kind": kind,
        "metadata": {"name": f"{kind.lower()}{number}"},
        "spec": spec,
    }


class Target:
    """A destination: an address outside, or a pod with labels in a namespace."""

    def __init__(self, address=None, space=None, labels=None):
        self.address, self.space, self.labels = address, space, labels

    def in_cidr(self, cidr):
        return self.address is not None and (
            ipaddress.ip_address(self.address) in ipaddress.ip_network(cidr)
        )

    def is_pod(self, spaces, pods):
        return self.address is None and (
            selected(spaces, SPACES[self.space]) and selected(pods, self.labels)
        )


def to_peer(peer, policy, target) -> bool:
    block = peer.get("ipBlock")
    if block is not None:
        return target.in_cidr(block["cidr"]) and not any(
            target.in_cidr(cidr) for cidr in block.get("except", [])
        )
    if "namespaceSelector" in peer:
        return target.is_pod(peer["namespaceSelector"], peer.get("podSelector", {}))
    own = policy["metadata"]["namespace"]
    return target.space == own and target.is_pod({}, peer["podSelector"])


def on_port(item, protocol, port) -> bool:
    if item.get("protocol", "TCP") != protocol:
        return False
    low = item.get("port")
    return low is None or low <= port <= item.get("endPort", low)


def by_network_policies(policies, space, labels, target, protocol, port):
    """True or False where a policy isolates the pod, None where none does."""
    isolated = allowed = False
    for policy in policies:
        spec = policy["spec"]
        types = spec.get("policyTypes") or (
            ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]
        )
        if policy["metadata"]["namespace"] != space or "Egress" not in types:
            continue
        if not selected(spec["podSelector"], labels):
            continue
        isolated = True
        for rule in spec.get("egress") or []:
            to, some = rule.get("to") or [], rule.get("ports") or []
            if to and not any(to_peer(peer, policy, target) for peer in to):
                continue
            if some and not any(on_port(item, protocol, port) for item in some):
                continue
            allowed = True
    return allowed if isolated else None


def by_admin(policies, space, labels, target, protocol, port):
    """The first matching rule's action, or None."""
    for policy in sorted(policies, key=lambda p: p["spec"].get("priority", 0)):
        spec = policy["spec"]
        inner = spec["subject"].get("pods")
        spaces = inner["namespaceSelector"] if inner else spec["subject"]["namespaces"]
        pods = inner["podSelector"] if inner else {}
        if not (selected(spaces, SPACES[space]) and selected(pods, labels)):
            continue
        for rule in spec["egress"]:
            if not any(admin_peer(peer, target) for peer in rule["to"]):
                continue
            listed = rule.get("ports")
            if listed and not any(admin_port(one, protocol, port) for one in listed):
                continue
            return rule["action"]
    return None


def admin_peer(peer, target) -> bool:
    if "networks" in peer:
        return any(target.in_cidr(cidr) for cidr in peer["networks"])
    if "namespaces" in peer:
        return target.is_pod(peer["namespaces"], {})
    return target.is_pod(peer["pods"]["namespaceSelector"], peer["pods"]["podSelector"])


def admin_port(one, protocol, port) -> bool:
    single = one.get("portNumber")
    if single:
        return (single["protocol"], single["port"]) == (protocol, port)
    ranged = one["portRange"]
    return ranged["protocol"] == protocol and ranged["start"] <= port <= ranged["end"]


def brute(world, space, labels, target, protocol, port) -> bool:
    admin, plain, baseline = world
    action = by_admin(admin, space, labels, target, protocol, port)
    if action in ("Allow", "Deny"):
        return action == "Allow"
    found = by_network_policies(plain, space, labels, target, protocol, port)
    if found is not None:
        return found
    return by_admin(baseline, space, labels, target, protocol, port) != "Deny"


def goes(egress, address, protocol, port) -> bool:
    return any(
        way.unknown is None and where.holds(address) and which.holds(protocol, port)
        for way in egress.ways
        for where, which in way.traffic
    )


@st.composite
def worlds(draw):
    admin = [
        draw(admin_policies("AdminNetworkPolicy", n))
        for n in range(draw(st.integers(0, 2)))
    ]
    plain = [draw(network_policies(n)) for n in range(draw(st.integers(0, 3)))]
    baseline = [
        draw(admin_policies("BaselineAdminNetworkPolicy", n))
        for n in range(draw(st.integers(0, 1)))
    ]
    return admin, plain, baseline
