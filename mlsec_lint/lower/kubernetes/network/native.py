"""NetworkPolicy, the policies of administrators, and GKE's policy of names.

networking.k8s.io/v1; policy.networking.k8s.io v1alpha1 (AdminNetworkPolicy,
BaselineAdminNetworkPolicy) and v1alpha2 (ClusterNetworkPolicy); networking.gke.io
v1alpha1 and v1alpha3 FQDNNetworkPolicy. As documented 2026-11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.addresses import EVERY_PORT
from mlsec_lint.estate.policy import ADMIN, BASELINE, EVERYWHERE, MAIN, Peer, Pods, Rule
from mlsec_lint.estate.selectors import EVERYTHING, Truth, first
from mlsec_lint.lower.kubernetes.network.rules import (
    PortList,
    Read,
    addresses_of,
    block,
    elements,
    merged,
    narrow,
    policy_of,
    port_range,
    unknown_in,
    unreadable,
)
from mlsec_lint.lower.kubernetes.network.selectors import label_selector, named
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.source import Span
    from mlsec_lint.value import Value

_VERDICTS = {"allow": "allow", "accept": "allow", "deny": "deny", "pass": "pass"}


def network_policy(manifest: Manifest) -> Read | None:
    """A NetworkPolicy; None where it says nothing about connections that pods open."""
    spec = given(manifest.value, "spec")
    egress = given(spec, "egress")
    applies = _has_egress(given(spec, "policyTypes"), egress)
    if applies is False:
        return None
    rules = list(_rules(egress, manifest))
    policy = policy_of(manifest, MAIN, rules, isolates=applies)
    pods = label_selector(spec.get("podSelector") if spec is not None else None)
    unsure = applies if isinstance(applies, Unknown) else None
    return Read(policy, manifest, pods, unsure=unsure)


def _has_egress(types: Value | None, egress: Value | None) -> Truth:
    """Whether Egress is among the policy's types, as the API fills them in."""
    if types is not None and isinstance(types.data, Unknown):
        return types.data
    listed = elements(types)
    if not listed:
        if egress is not None and isinstance(egress.data, Unknown):
            return egress.data
        return bool(elements(egress))
    texts = [settled(one).text() for one in listed]
    if any(isinstance(t, str) and t.strip() == "Egress" for t in texts):
        return True
    return next((t for t in texts if isinstance(t, Unknown)), False)


def _rules(egress: Value | None, manifest: Manifest) -> Iterator[Rule]:
    if egress is not None and isinstance(egress.data, Unknown):
        span = egress.entry() or manifest.span
        yield Rule("allow", unreadable(egress, egress.data, ""), EVERY_PORT, span)
        return
    for rule in elements(egress):
        otherwise = narrow(rule, manifest.span)
        if rule.unknown is not None:
            peer = unreadable(rule, rule.unknown, "")
            yield Rule("allow", peer, EVERY_PORT, otherwise)
            continue
        some = _ports(given(rule, "ports"))
        for peer, span in _peers(given(rule, "to"), manifest, otherwise):
            yield Rule("allow", peer, some.ports, span, some.unknown, rule.trail)


def _ports(value: Value | None) -> PortList:
    if value is None:
        return PortList(EVERY_PORT)
    unknown = unknown_in(value)
    if unknown is not None:
        return PortList(EVERY_PORT, unknown)
    listed = elements(value)
    if not listed:
        return PortList(EVERY_PORT)
    return merged(
        port_range(given(one, "protocol"), given(one, "port"), given(one, "endPort"))
        for one in listed
    )


def _peers(
    to: Value | None, manifest: Manifest, otherwise: Span
) -> Iterator[tuple[Peer, Span]]:
    """Each peer with its line; everywhere where the list is absent or empty."""
    if to is not None and isinstance(to.data, Unknown):
        yield unreadable(to, to.data, ""), to.entry() or otherwise
        return
    listed = elements(to)
    if not listed:
        yield EVERYWHERE, (to.entry() if to is not None else None) or otherwise
    for one in listed:
        cidr = given(one, "ipBlock", "cidr")
        whole = given(one, "ipBlock")
        if one.unknown is not None:
            yield unreadable(one, one.unknown, ""), narrow(one, otherwise)
        elif whole is not None and isinstance(whole.data, Unknown):
            yield unreadable(whole, whole.data, ""), narrow(whole, otherwise)
        elif whole is not None:
            peer = block(cidr, elements(given(whole, "except")))
            unknown = unknown_in(given(whole, "except"))
            if unknown is not None:
                peer = peer._replace(unknown=first(peer.unknown, unknown))
            yield peer, narrow(cidr, narrow(whole, otherwise))
        else:
            yield _pods(one, manifest), narrow(one, otherwise)


def _pods(value: Value, manifest: Manifest) -> Peer:
    """`podSelector` alone means the own namespace, `namespaceSelector` all its pods."""
    spaces, pods = value.get("namespaceSelector"), value.get("podSelector")
    if spaces is None and pods is None:
        return unreadable(value, None, "a peer with no field that is known")
    if spaces is None:
        where = named((manifest.namespace,))
        words = "pods of its own namespace"
    else:
        where = label_selector(spaces)
        words = (
            "pods of all namespaces" if where == EVERYTHING else "pods of namespaces"
        )
    which = label_selector(pods)
    if which != EVERYTHING:
        words = words.replace("pods", "some pods", 1)
    return Peer(pods=Pods(where, which, words))


def admin_policy(manifest: Manifest) -> Read | None:
    """(Baseline)AdminNetworkPolicy and ClusterNetworkPolicy."""
    spec = given(manifest.value, "spec")
    egress = given(spec, "egress")
    if not elements(egress) and (egress is None or egress.unknown is None):
        return None
    layer, unsure = _admin_layer(manifest, spec)
    priority = given(spec, "priority")
    number = settled(priority).integer() if priority is not None else 0
    if isinstance(number, Unknown):
        unsure = first(unsure, number)
    subject = given(spec, "subject")
    spaces = given(subject, "pods", "namespaceSelector") or given(subject, "namespaces")
    pods = given(subject, "pods", "podSelector")
    policy = policy_of(
        manifest,
        layer,
        _admin_rules(egress, manifest),
        isolates=False,
        order=float(number) if isinstance(number, int) else 0.0,
    )
    return Read(
        policy,
        manifest,
        label_selector(pods),
        label_selector(spaces),
        cluster=True,
        unsure=unsure,
    )


def _admin_layer(manifest: Manifest, spec: Value | None) -> tuple[int, Unknown | None]:
    if manifest.kind == "BaselineAdminNetworkPolicy":
        return BASELINE, None
    tier = given(spec, "tier")
    if manifest.kind == "AdminNetworkPolicy" or tier is None:
        return ADMIN, None
    text = settled(tier).text()
    unknown = text if isinstance(text, Unknown) else None
    return (BASELINE if text == "Baseline" else ADMIN), unknown


def _admin_rules(egress: Value | None, manifest: Manifest) -> Iterator[Rule]:
    assert egress is not None
    if isinstance(egress.data, Unknown):
        span = egress.entry() or manifest.span
        for verdict in ("deny", "allow"):
            yield Rule(verdict, unreadable(egress, egress.data, ""), EVERY_PORT, span)
        return
    for rule in elements(egress):
        span = narrow(rule, manifest.span)
        action = settled(given(rule, "action") or rule).text()
        word = action.strip().lower() if isinstance(action, str) else ""
        verdict = _VERDICTS.get(word, "")
        some = _admin_ports(rule)
        if not verdict:
            why = action if isinstance(action, Unknown) else None
            peer = unreadable(rule, why, "the rule's action is not known")
            for guess in ("deny", "allow"):
                yield Rule(guess, peer, some.ports, span, peer.unknown)
            continue
        for peer, where in _admin_peers(given(rule, "to"), span):
            yield Rule(verdict, peer, some.ports, where, some.unknown, rule.trail)


def _admin_peers(to: Value | None, otherwise: Span) -> Iterator[tuple[Peer, Span]]:
    for one in elements(to):
        span = narrow(one, otherwise)
        if one.unknown is not None:
            yield unreadable(one, one.unknown, ""), span
            continue
        known = False
        networks = given(one, "networks")
        if networks is not None:
            known = True
            addresses, unknown = addresses_of(elements(networks))
            unknown = first(unknown, unknown_in(networks))
            yield Peer(addresses, everywhere=unknown is not None, unknown=unknown), span
        names = given(one, "domainNames")
        if names is not None:
            known = True
            hosts = tuple(text_of(name).lower() for name in elements(names))
            yield Peer(hosts=hosts, unknown=unknown_in(names)), span
        if given(one, "nodes") is not None or one.get("nodes") is not None:
            known = True
            yield Peer(entities=("nodes of the cluster",)), span
        spaces = one.get("namespaces") or one.at("pods", "namespaceSelector")
        if spaces is not None or one.get("pods") is not None:
            known = True
            which = label_selector(one.at("pods", "podSelector"))
            words = "pods of namespaces"
            yield Peer(pods=Pods(label_selector(spaces), which, words)), span
        if not known:
            yield unreadable(one, None, "a peer with no field that is known"), span


def _admin_ports(rule: Value) -> PortList:
    listed = given(rule, "ports") or given(rule, "protocols")
    if listed is None:
        return PortList(EVERY_PORT)
    unknown = unknown_in(listed)
    if unknown is not None:
        return PortList(EVERY_PORT, unknown)
    return merged(_admin_port(one) for one in elements(listed))


def _admin_port(one: Value) -> PortList:
    """v1alpha1 `portNumber`, `portRange`, `namedPort`; v1alpha2 `tcp.destinationPort`."""
    single, ranged = given(one, "portNumber"), given(one, "portRange")
    if single is not None:
        return port_range(given(single, "protocol"), given(single, "port"), None)
    if ranged is not None:
        first, last = given(ranged, "start"), given(ranged, "end")
        return port_range(given(ranged, "protocol"), first, last)
    for name in ("tcp", "udp", "sctp"):
        inner = one.get(name)
        if inner is None:
            continue
        port = given(inner, "destinationPort")
        low = given(port, "number") or given(port, "range", "start")
        found = port_range(None, low, given(port, "range", "end"))
        chosen = found.ports._replace(**{"tcp": (), name: found.ports.tcp})
        return PortList(chosen, found.unknown)
    why = Unknown(
        "unsupported", "a named port or a field that is not known", span=one.span
    )
    return PortList(EVERY_PORT, why)


def fqdn_policy(manifest: Manifest) -> Read | None:
    """GKE's FQDNNetworkPolicy: names that are allowed beside what others allow.

    Whether it isolates a pod that no other policy selects its documentation leaves open
    (it tells to pair it with one that denies), so that nothing is concluded from it.
    """
    spec = given(manifest.value, "spec")
    rules = list(_fqdn_rules(given(spec, "egress"), manifest))
    pods = label_selector(spec.get("podSelector") if spec is not None else None)
    why = "an FQDNNetworkPolicy is documented as an allow-list beside a default deny"
    isolates = Unknown("unsupported", why, span=manifest.span)
    policy = policy_of(manifest, MAIN, rules, isolates=isolates)
    return Read(policy, manifest, pods)


def _fqdn_rules(egress: Value | None, manifest: Manifest) -> Iterator[Rule]:
    for rule in elements(egress):
        some = _ports(given(rule, "ports"))
        for match in elements(given(rule, "matches")):
            name = given(match, "name") or given(match, "pattern")
            text = settled(name).text() if name is not None else None
            unknown = text if isinstance(text, Unknown) else None
            hosts = (text.strip().lower(),) if isinstance(text, str) else ()
            peer = Peer(hosts=hosts, unknown=unknown, everywhere=unknown is not None)
            span = narrow(match, manifest.span)
            yield Rule("allow", peer, some.ports, span, some.unknown, rule.trail)
