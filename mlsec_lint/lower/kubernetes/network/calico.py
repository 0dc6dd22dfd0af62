"""Calico's NetworkPolicy and GlobalNetworkPolicy, with tiers and network sets.

projectcalico.org/v3 and crd.projectcalico.org/v1, as documented for Calico 3.31,
2026-11. Kubernetes' own policies stand in Calico's default tier at order 1000.
Host endpoints, staged policies and HTTP matches are not read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.addresses import (
    EVERY_ADDRESS,
    EVERY_PORT,
    NO_ADDRESS,
    NO_PORT,
    ports,
)
from mlsec_lint.estate.policy import LAST, MAIN, TIERS, Peer, Pods, Rule
from mlsec_lint.estate.selectors import (
    EVERYTHING,
    All,
    Not,
    Selector,
    Term,
    Unclear,
    first,
    holds,
)
from mlsec_lint.lower.kubernetes.network.calico_selector import parse_selector
from mlsec_lint.lower.kubernetes.network.pods import read_labels
from mlsec_lint.lower.kubernetes.network.rules import (
    PortList,
    Read,
    addresses_of,
    elements,
    narrow,
    policy_of,
    port_range,
    unknown_in,
    unreadable,
)
from mlsec_lint.lower.kubernetes.network.selectors import NAMESPACE_NAME, named
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate.selectors import Truth
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.kubernetes.index import Objects
    from mlsec_lint.value import Value

#: How many network sets one selector is asked about.
MAX_SETS = 100
GROUPS = ("projectcalico.org/", "crd.projectcalico.org/")
_NAMESPACE_NAMES = {"projectcalico.org/name": NAMESPACE_NAME}
_VERDICTS = {"allow": "allow", "deny": "deny", "pass": "pass", "next-tier": "pass"}


def calico_policy(manifest: Manifest, objects: Objects) -> Read | None:
    """A policy of Calico; None where it is not about connections that pods open."""
    spec = given(manifest.value, "spec")
    egress = given(spec, "egress")
    applies = _has_egress(spec, egress)
    if applies is False or spec is None:
        return None
    cluster = manifest.kind == "GlobalNetworkPolicy"
    layer, tier, isolates, unsure = _tier(spec, manifest, objects)
    order = given(spec, "order")
    policy = policy_of(
        manifest,
        layer,
        _rules(egress, manifest, objects),
        order=_number(order, LAST),
        tier=tier,
        isolates=isolates,
    )
    doubt = first(
        unsure,
        applies if isinstance(applies, Unknown) else None,
        settled(order).unknown if order is not None else None,
    )
    pods = _selector(given(spec, "selector"))
    if given(spec, "serviceAccountSelector") is not None:
        why = "labels of service accounts are not read"
        pods = All((pods, Unclear(Unknown("unsupported", why))))
    spaces = _spaces(given(spec, "namespaceSelector")) if cluster else EVERYTHING
    return Read(policy, manifest, pods, spaces, cluster, doubt)


def _has_egress(spec: Value | None, egress: Value | None) -> Truth:
    types = given(spec, "types")
    if types is None:
        if egress is not None and isinstance(egress.data, Unknown):
            return egress.data
        return bool(elements(egress))
    texts = [settled(one).text() for one in elements(types)]
    if isinstance(types.data, Unknown):
        return types.data
    if any(isinstance(t, str) and t.strip() == "Egress" for t in texts):
        return True
    return next((t for t in texts if isinstance(t, Unknown)), False)


def _number(value: Value | None, otherwise: float) -> float:
    text = text_of(value)
    try:
        return float(text) if text else otherwise
    except ValueError:
        return otherwise


def _tier(
    spec: Value, manifest: Manifest, objects: Objects
) -> tuple[int, float, Truth, Unknown | None]:
    """Layer and order of the policy's tier, whether its end denies, and any doubt."""
    value = given(spec, "tier")
    name = text_of(value) or "default"
    if value is not None and settled(value).unknown is not None:
        return TIERS, 0.0, True, settled(value).unknown
    if name == "default":
        return MAIN, 0.0, True, None
    found = objects.find("Tier", name, manifest, cluster=True)
    if found is None:
        why = f"the scan holds no Tier {name}: its order is not known"
        return (
            TIERS,
            0.0,
            True,
            Unknown("unsupported", why, span=value.span if value is not None else None),
        )
    order = _number(given(found.value, "spec", "order"), LAST)
    action = text_of(given(found.value, "spec", "defaultAction"))
    return TIERS, order, action != "Pass", None


def _selector(value: Value | None) -> Selector:
    if value is None:
        return EVERYTHING
    text = settled(value).text()
    if isinstance(text, Unknown):
        return Unclear(text)
    return parse_selector(text or "")


def _spaces(value: Value | None) -> Selector:
    return _renamed(_selector(value))


def _renamed(selector: Selector) -> Selector:
    match selector:
        case Term(key, op, values):
            return Term(_NAMESPACE_NAMES.get(key, key), op, values)
        case Not(part):
            return Not(_renamed(part))
        case Unclear():
            return selector
        case _:
            return type(selector)(tuple(_renamed(part) for part in selector.parts))


def _rules(
    egress: Value | None, manifest: Manifest, objects: Objects
) -> Iterator[Rule]:
    if egress is not None and isinstance(egress.data, Unknown):
        span = egress.entry() or manifest.span
        for verdict in ("deny", "allow"):
            yield Rule(verdict, unreadable(egress, egress.data, ""), EVERY_PORT, span)
        return
    for rule in elements(egress):
        span = narrow(rule, manifest.span)
        action = given(rule, "action")
        text = settled(action).text() if action is not None else None
        word = text.strip().lower() if isinstance(text, str) else ""
        if word == "log":
            continue
        doubt = text if isinstance(text, Unknown) else _more_conditions(rule)
        target = given(rule, "destination")
        peer = _peer(target, manifest, objects)
        some = _ports(rule, target)
        where = narrow(given(target, "nets") or target, span)
        unknown = first(some.unknown, doubt)
        if word in _VERDICTS:
            verdict = _VERDICTS[word]
            yield Rule(verdict, peer, some.ports, where, unknown, rule.trail)
            continue
        unknown = first(unknown, Unknown("error", "the rule's action is not known"))
        for verdict in ("deny", "allow"):
            yield Rule(verdict, peer, some.ports, where, unknown, rule.trail)


def _more_conditions(rule: Value) -> Unknown | None:
    """Conditions that narrow a rule and are not read."""
    for name in ("source", "http", "icmp", "notICMP", "ipVersion", "notProtocol"):
        if given(rule, name) is not None:
            return Unknown(
                "unsupported", f"the rule's {name} is not read", span=rule.span
            )
    return None


def _ports(rule: Value, target: Value | None) -> PortList:
    protocol = given(rule, "protocol")
    listed = given(target, "ports")
    if unknown_in(listed) is not None:
        return PortList(EVERY_PORT, unknown_in(listed))
    if not elements(listed):
        some = (
            PortList(EVERY_PORT)
            if protocol is None
            else port_range(protocol, None, None)
        )
    else:
        found, unknown = NO_PORT, None
        for one in elements(listed):
            each = _port(protocol, one)
            found, unknown = found.union(each.ports), first(unknown, each.unknown)
        some = PortList(found, unknown)
    for one in elements(given(target, "notPorts")):
        less = _port(protocol, one)
        some = PortList(
            some.ports.subtract(less.ports), first(some.unknown, less.unknown)
        )
    return some


def _port(protocol: Value | None, value: Value) -> PortList:
    """A port, a range as text (`8000:9000`) or a named port."""
    text = settled(value).text()
    if isinstance(text, str) and ":" in text:
        low, _, high = text.partition(":")
        if low.strip().isdecimal() and high.strip().isdecimal():
            kind = text_of(protocol) or "TCP"
            return PortList(ports(kind, int(low[:6]), int(high[:6])))
    return port_range(protocol, value, None)


def _peer(target: Value | None, manifest: Manifest, objects: Objects) -> Peer:
    if target is None:
        return Peer(everywhere=True)
    if target.unknown is not None:
        return unreadable(target, target.unknown, "")
    nets, less = given(target, "nets"), given(target, "notNets")
    selector, without = given(target, "selector"), given(target, "notSelector")
    spaces, domains = given(target, "namespaceSelector"), given(target, "domains")
    for name in ("serviceAccounts", "services"):
        if given(target, name) is not None:
            return unreadable(target, None, f"a destination's {name} are not read")
    removed, doubt = addresses_of(elements(less))
    doubt = first(doubt, unknown_in(less))
    if domains is not None:
        hosts = tuple(text_of(one).lower() for one in elements(domains))
        return Peer(hosts=hosts, unknown=first(doubt, unknown_in(domains)))
    if nets is not None:
        addresses, unknown = addresses_of(elements(nets))
        unknown = first(unknown, unknown_in(nets), doubt)
        if selector is not None or spaces is not None:
            why = Unknown("unsupported", "nets together with a selector")
            unknown = first(unknown, why)
        whole = first(addresses_of(elements(nets))[1], unknown_in(nets))
        if whole is not None:
            return Peer(everywhere=True, unknown=whole)
        return Peer(addresses.subtract(removed), unknown=unknown)
    if selector is not None or spaces is not None:
        return _pods(selector, spaces, without, manifest, objects)
    if less is None and without is None:
        return Peer(everywhere=True)
    pods = All((Not(_selector(without)),)) if without is not None else EVERYTHING
    words = Pods(EVERYTHING, pods, "pods of all namespaces")
    return Peer(EVERY_ADDRESS.subtract(removed), words, unknown=doubt)


def _pods(
    selector: Value | None,
    spaces: Value | None,
    without: Value | None,
    manifest: Manifest,
    objects: Objects,
) -> Peer:
    """Pods by labels, and the addresses of network sets with such labels."""
    chosen = _selector(selector)
    if without is not None:
        chosen = All((chosen, Not(_selector(without))))
    if spaces is not None:
        where, words = _spaces(spaces), "pods of namespaces"
    elif manifest.kind == "NetworkPolicy":
        where, words = named((manifest.namespace,)), "pods of its own namespace"
    else:
        where, words = EVERYTHING, "pods of all namespaces"
    if chosen != EVERYTHING:
        words = words.replace("pods", "some pods", 1)
    hosts: list[str] = []
    addresses, doubt = NO_ADDRESS, None
    for number, found in enumerate(_sets(objects, manifest, spaces is not None)):
        if number >= MAX_SETS:
            doubt = Unknown("bound", f"more than {MAX_SETS} network sets")
            return Peer(everywhere=True, unknown=doubt)
        labels = read_labels(given(found.value, "metadata", "labels"))
        truth = holds(chosen, labels)
        if truth is False:
            continue
        listed = given(found.value, "spec", "nets")
        more, unknown = addresses_of(elements(listed))
        addresses = addresses.union(more)
        names = given(found.value, "spec", "allowedEgressDomains")
        hosts.extend(text_of(one).lower() for one in elements(names))
        doubt = first(doubt, unknown, truth if isinstance(truth, Unknown) else None)
    return Peer(addresses, Pods(where, chosen, words), tuple(hosts), unknown=doubt)


def _sets(
    objects: Objects, manifest: Manifest, named_spaces: bool
) -> Iterator[Manifest]:
    """Network sets that a selector may mean: those of its root."""
    kinds = ["NetworkSet"]
    if not named_spaces:
        kinds.append("GlobalNetworkSet")
    for kind in kinds:
        for found in objects.of(kind):
            if found.root == manifest.root and (
                kind == "GlobalNetworkSet" or found.namespace == manifest.namespace
            ):
                yield found
