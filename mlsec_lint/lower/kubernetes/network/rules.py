"""Peers and ports of policy rules, as far as several kinds of policy share them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate.addresses import (
    EVERY_PORT,
    NO_ADDRESS,
    NO_PORT,
    Addresses,
    Ports,
    network,
    ports,
)
from mlsec_lint.estate.policy import Peer, Policy, Rule
from mlsec_lint.estate.selectors import EVERYTHING, Selector, first
from mlsec_lint.lower.scalars import settled, text_of
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.source import Span
    from mlsec_lint.value import Value


class Read(NamedTuple):
    """A policy as read, with what it is for.

    * `namespaces`, `pods`: selectors of the pods that it applies to;
    * `cluster`: it counts in the whole cluster, not in its own namespace only;
    * `unsure`: why it may not be about pods' connections at all.
    """

    policy: Policy
    manifest: Manifest
    pods: Selector
    namespaces: Selector = EVERYTHING
    cluster: bool = False
    unsure: Unknown | None = None


def policy_of(
    manifest: Manifest, layer: int, rules: Iterable[Rule], **more: object
) -> Policy:
    """A policy with the name and place of its object."""
    namespace = f"{manifest.namespace}/" if manifest.namespace else ""
    name = f"{manifest.kind} {namespace}{manifest.name}"
    policy = Policy(
        name,
        manifest.address or name,
        manifest.span,
        layer,
        tuple(rules),
        root=manifest.root,
    )
    for slot, value in more.items():
        setattr(policy, slot, value)
    return policy


def narrow(value: Value | None, otherwise: Span) -> Span:
    """The line that introduces a value: its entry, or the first entry inside it."""
    for _ in range(8):
        if value is None:
            return otherwise
        span = value.entry() if value.key is not None else None
        if span is not None:
            return span
        if isinstance(value.data, dict) and value.data:
            value = next(iter(value.data.values()))
        elif value.elements():
            value = value.elements()[0]
        else:
            return value.span or otherwise
    return otherwise


def elements(value: Value | None) -> tuple[Value, ...]:
    """The elements of a list; a single mapping counts as a list of one."""
    if value is None:
        return ()
    if isinstance(value.data, dict):
        return (value,)
    return value.elements()


def unknown_in(value: Value | None) -> Unknown | None:
    """The Unknown of a list or of any direct element of it."""
    if value is None:
        return None
    if isinstance(value.data, Unknown):
        return value.data
    return next((e.unknown for e in value.elements() if e.unknown is not None), None)


def addresses_of(values: Iterable[Value]) -> tuple[Addresses, Unknown | None]:
    """Addresses of CIDR texts; where one is not known, the reason beside the rest."""
    found, unknown = NO_ADDRESS, None
    for value in values:
        text = settled(value).text()
        if isinstance(text, Unknown):
            unknown = first(unknown, text)
            continue
        more = network(text or "")
        if more is None:
            why = f"{text!r} is no network"
            unknown = first(unknown, Unknown("error", why, span=value.span))
        else:
            found = found.union(more)
    return found, unknown


def block(cidr: Value | None, excepts: Iterable[Value]) -> Peer:
    """A CIDR without exceptions. An exception that is not known makes it unknown."""
    addresses, unknown = addresses_of([] if cidr is None else [cidr])
    if unknown is not None:
        return Peer(everywhere=True, unknown=unknown)
    less, doubt = addresses_of(excepts)
    return Peer(addresses.subtract(less), unknown=doubt)


class PortList(NamedTuple):
    """Ports with the reason why they may be fewer."""

    ports: Ports
    unknown: Unknown | None = None


def port_range(
    protocol: Value | None, low: Value | None, high: Value | None
) -> PortList:
    """Ports of one protocol (TCP where none is named), from `low` to `high`."""
    name = settled(protocol).text() if protocol is not None else "TCP"
    if isinstance(name, Unknown):
        return PortList(EVERY_PORT, name)
    kind = (name or "TCP").strip().upper()
    return _of(kind, low, high)


def _of(kind: str, low: Value | None, high: Value | None) -> PortList:
    if low is None:
        return PortList(ports(kind))
    start = settled(low).integer()
    if start is None:
        name = text_of(low)
        why = f"which port {name} is, the pods at the other end say"
        return PortList(ports(kind), Unknown("unsupported", why, span=low.span))
    if isinstance(start, Unknown):
        return PortList(ports(kind), start)
    if start == 0 and kind not in ("TCP", "UDP", "SCTP"):
        return PortList(ports(kind))
    if high is None:
        return PortList(ports(kind, start, start))
    last = settled(high).integer()
    if not isinstance(last, int):
        unknown = first(last, Unknown("error", "a range has no number at its end"))
        return PortList(ports(kind, start), unknown)
    return PortList(ports(kind, start, last))


def merged(lists: Iterable[PortList]) -> PortList:
    """All ports of several lists."""
    found, unknown = NO_PORT, None
    for one in lists:
        found = found.union(one.ports)
        unknown = first(unknown, one.unknown)
    return PortList(found, unknown)


def unreadable(value: Value, why: Unknown | None, words: str) -> Peer:
    """Anywhere, perhaps: a peer that was not understood."""
    reason = Unknown("unsupported", words, span=value.span) if why is None else why
    return Peer(everywhere=True, unknown=reason)
