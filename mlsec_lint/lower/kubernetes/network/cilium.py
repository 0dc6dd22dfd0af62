"""CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy, cilium.io/v2.

As documented for Cilium 1.18, 2026-11: denials before allow-lists; a policy with rules
for egress isolates the pod unless `enableDefaultDeny.egress` is false; an empty rule
allows nothing; addresses never mean pods. Rules for HTTP and DNS contents are not read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.addresses import EVERY_ADDRESS, EVERY_PORT, NO_PORT, network
from mlsec_lint.estate.policy import DENY_FIRST, MAIN, PLAIN, Peer, Pods, Rule
from mlsec_lint.estate.selectors import (
    EVERYTHING,
    All,
    AnyOf,
    Not,
    Selector,
    Term,
    first,
)
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

    from mlsec_lint.estate.selectors import Truth
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.kubernetes.index import Objects
    from mlsec_lint.source import Span
    from mlsec_lint.value import Value

_NAMESPACE = "io.kubernetes.pod.namespace"
_SPACE_LABELS = "io.cilium.k8s.namespace.labels."
_V4, _V6 = network("0.0.0.0/0"), network("::/0")
assert _V4 is not None
assert _V6 is not None
_ENTITIES: dict[str, Peer] = {
    "all": Peer(everywhere=True),
    "world": Peer(EVERY_ADDRESS),
    "world-ipv4": Peer(_V4),
    "world-ipv6": Peer(_V6),
    "cluster": Peer(
        pods=Pods(EVERYTHING, EVERYTHING, "all pods of the cluster"),
        entities=("nodes of the cluster",),
    ),
    "host": Peer(entities=("its node",)),
    "remote-node": Peer(entities=("nodes of the cluster",)),
    "kube-apiserver": Peer(entities=("the control plane",)),
    "ingress": Peer(entities=("the ingress proxy",)),
    "health": Peer(entities=("health checks",)),
    "init": Peer(entities=("pods that start",)),
    "unmanaged": Peer(entities=("pods that Cilium does not manage",)),
    "none": Peer(),
}
_PEERS = (
    "toEndpoints", "toEntities", "toCIDR", "toCIDRSet", "toFQDNs", "toServices",
    "toGroups", "toNodes",
)  # fmt: skip


def rename(key: str) -> str:
    """A label's name without the source that Cilium writes before it."""
    for prefix in ("k8s:", "any:", "k8s.", "any."):
        if key.startswith(prefix):
            return key[len(prefix) :]
    return key


def cilium_policies(manifest: Manifest, objects: Objects) -> Iterator[Read]:
    """The policies of one object: its `spec`, and each of `specs`."""
    one = given(manifest.value, "spec")
    listed = given(manifest.value, "specs")
    specs = [*([one] if one is not None else []), *elements(listed)]
    for spec in specs:
        yield from _spec(spec, manifest, objects)


def _spec(spec: Value, manifest: Manifest, objects: Objects) -> Iterator[Read]:
    if spec.get("nodeSelector") is not None and spec.get("endpointSelector") is None:
        return
    allow, deny = given(spec, "egress"), given(spec, "egressDeny")
    listed = bool(elements(allow) or elements(deny))
    whole = next(
        (v.unknown for v in (allow, deny) if v is not None and v.unknown is not None),
        None,
    )
    if not listed and whole is None:
        isolates: Truth = False
    else:
        isolates = True
    switch = given(spec, "enableDefaultDeny", "egress")
    if switch is not None:
        value = settled(switch).boolean()
        isolates = isolates if value is None else value
    if isolates is False and not listed:
        return
    selector = label_selector(spec.get("endpointSelector"), rename)
    cluster = manifest.kind == "CiliumClusterwideNetworkPolicy"
    for verdict, rules, order in (
        ("deny", deny, DENY_FIRST),
        ("allow", allow, PLAIN),
    ):
        found = tuple(_rules(verdict, rules, manifest, objects))
        policy = policy_of(manifest, MAIN, found, order=order, isolates=isolates)
        yield Read(policy, manifest, selector, EVERYTHING, cluster, whole)


def _rules(
    verdict: str, value: Value | None, manifest: Manifest, objects: Objects
) -> Iterator[Rule]:
    if value is not None and isinstance(value.data, Unknown):
        span = value.entry() or manifest.span
        yield Rule(verdict, unreadable(value, value.data, ""), EVERY_PORT, span)
        return
    for rule in elements(value):
        span = narrow(rule, manifest.span)
        if rule.unknown is not None:
            yield Rule(verdict, unreadable(rule, rule.unknown, ""), EVERY_PORT, span)
            continue
        some = _ports(rule)
        named_peers = [(n, rule.get(n)) for n in _PEERS if rule.get(n) is not None]
        if not named_peers and (given(rule, "toPorts") or given(rule, "icmps")):
            where = narrow(given(rule, "toPorts"), span)
            peer = Peer(everywhere=True)
            yield Rule(verdict, peer, some.ports, where, some.unknown, rule.trail)
        for name, listed in named_peers:
            assert listed is not None
            for peer, where in _peers(name, listed, manifest, objects, span):
                yield Rule(verdict, peer, some.ports, where, some.unknown, rule.trail)


def _ports(rule: Value) -> PortList:
    listed = given(rule, "toPorts")
    icmps = given(rule, "icmps")
    if listed is None:
        if icmps is not None:
            return PortList(NO_PORT._replace(other=EVERY_PORT.other))
        return PortList(EVERY_PORT)
    unknown = unknown_in(listed)
    if unknown is not None:
        return PortList(EVERY_PORT, unknown)
    found: list[PortList] = []
    for group in elements(listed):
        each = given(group, "ports")
        inner = unknown_in(each)
        if inner is not None or not elements(each):
            found.append(PortList(EVERY_PORT, inner))
        found.extend(_port(one) for one in elements(each))
    return merged(found)


def _port(one: Value) -> PortList:
    """One port; of TCP, UDP and SCTP where no protocol or ANY is named."""
    protocol, low = given(one, "protocol"), given(one, "port")
    low = None if text_of(low) == "0" else low
    high = given(one, "endPort")
    if protocol is not None and text_of(protocol).upper() != "ANY":
        return port_range(protocol, low, high)
    found = port_range(None, low, high)
    ranges = found.ports.tcp
    return PortList(found.ports._replace(udp=ranges, sctp=ranges), found.unknown)


def _peers(
    name: str, listed: Value, manifest: Manifest, objects: Objects, otherwise: Span
) -> Iterator[tuple[Peer, Span]]:
    if isinstance(listed.data, Unknown):
        yield unreadable(listed, listed.data, ""), narrow(listed, otherwise)
        return
    for one in elements(listed):
        span = narrow(one, narrow(listed, otherwise))
        if one.key is None and not isinstance(one.data, dict):
            span = one.span or span
        if one.unknown is not None:
            yield unreadable(one, one.unknown, ""), span
        elif name == "toEndpoints":
            yield _endpoints(one, manifest), span
        elif name == "toEntities":
            yield _entity(one), span
        elif name == "toCIDR":
            yield block(one, ()), span
        elif name == "toCIDRSet":
            yield _cidr_set(one, objects, manifest), span
        elif name == "toFQDNs":
            yield _names(one), span
        elif name == "toNodes":
            yield Peer(entities=("nodes of the cluster",)), span
        else:
            yield unreadable(one, None, f"{name} is not read"), span


def _entity(value: Value) -> Peer:
    text = settled(value).text()
    if isinstance(text, Unknown):
        return unreadable(value, text, "")
    peer = _ENTITIES.get((text or "").strip())
    return peer or unreadable(value, None, f"{text!r} is no entity that is known")


def _cidr_set(value: Value, objects: Objects, manifest: Manifest) -> Peer:
    group = text_of(given(value, "cidrGroupRef"))
    if group:
        found = objects.find("CiliumCIDRGroup", group, manifest, cluster=True)
        if found is None:
            words = f"the scan holds no CiliumCIDRGroup {group}"
            return unreadable(value, None, words)
        listed = given(found.value, "spec", "externalCIDRs")
        addresses, unknown = addresses_of(elements(listed))
        unknown = first(unknown, unknown_in(listed))
        return Peer(addresses, everywhere=unknown is not None, unknown=unknown)
    if given(value, "cidr") is None:
        return unreadable(value, None, "a set of addresses without a cidr")
    excepts = given(value, "except")
    peer = block(given(value, "cidr"), elements(excepts))
    return peer._replace(unknown=first(peer.unknown, unknown_in(excepts)))


def _names(value: Value) -> Peer:
    name = given(value, "matchName") or given(value, "matchPattern")
    text = settled(name).text() if name is not None else None
    if isinstance(text, str):
        return Peer(hosts=(text.strip().lower(),))
    return unreadable(value, text, "a name that is not known")


def _endpoints(value: Value, manifest: Manifest) -> Peer:
    """Endpoints by labels: of the own namespace, unless labels of others are named."""
    selector = label_selector(value, rename)
    keys = set(_keys(selector))
    words = "some pods" if selector != EVERYTHING else "pods"
    spaces: Selector = EVERYTHING
    inside = manifest.kind == "CiliumNetworkPolicy"
    if inside and not any(k == _NAMESPACE or k.startswith(_SPACE_LABELS) for k in keys):
        spaces = named((manifest.namespace,))
        words += " of its own namespace"
    entities = tuple(sorted(k for k in keys if k.startswith("reserved:")))
    if "reserved:world" in keys:
        return Peer(EVERY_ADDRESS)
    return Peer(pods=Pods(spaces, selector, words), entities=entities)


def _keys(selector: Selector) -> Iterator[str]:
    """The labels that a selector asks for. Selectors of Cilium are two levels deep."""
    match selector:
        case Term(key):
            yield key
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from _keys(part)
        case Not(part):
            yield from _keys(part)
