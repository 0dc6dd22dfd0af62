"""Exits by the network: to the internet, and to stores of other owners.

Writing to a bucket of another owner takes two things: a way to the storage service that
does not ask whose bucket it is, and a right of the lab's own identity to write there.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from mlsec_lint.estate.hosts import place_of_host
from mlsec_lint.estate.selectors import first
from mlsec_lint.estate.walks import Hop
from mlsec_lint.patterns import regex
from mlsec_lint.trace.holders import doubt_of
from mlsec_lint.trace.reach import reaches
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Edge, Estate, Thing
    from mlsec_lint.trace.hops import Out

#: (sink, name, by, hops, unknown): an exit, without its class.
Found = tuple[str, str, str, tuple[Hop, ...], "Unknown | None"]

_TO_INTERNET = (
    "egress-no-internet-route",
    "egress-default-deny",
    "egress-no-allow-all",
    "egress-no-public-ip",
    "egress-training-isolation",
    "egress-notebook-internet",
)
_TO_HOSTS = ("egress-allow-list-proxy", "egress-default-deny")
_CLOUDS = ("aws", "gcp", "azure")
#: Last labels of names that no public server answers to (RFC 6761, RFC 8375, clusters).
_INSIDE = ("local", "internal", "svc", "localhost", "arpa", "corp", "home", "lan")
_TO_STORES = ("egress-endpoint-policy", "egress-service-perimeter", *_TO_INTERNET)
_WRITING = ("egress-write-any-bucket", "access-no-wildcard")
#: How far identities are followed that a workload acts as.
MAX_IDENTITIES = 50
#: The shortest beginning of a name that a pattern must have to be taken for its pattern.
MIN_PREFIX = 3
_NAME = regex(r"([A-Za-z0-9][A-Za-z0-9._-]*)(\*?)")


def network_exits(estate: Estate, workload: Thing) -> Iterator[Found]:
    """To the internet, an account's network, and buckets of any owner."""
    outs = reaches(estate, workload)
    acting: list[tuple[Thing, tuple[Hop, ...]]] | None = None
    for out in outs:
        if out.sink == "internet":
            by = "remote-code" if _remote_code(estate, workload) else "network"
            hops = (*_code(estate, workload), *controlled(out.hops, _TO_INTERNET))
            yield "internet", "", by, hops, out.unknown
        elif out.sink == "account":
            hops = controlled(out.hops, ("egress-peering-external",))
            yield "account", out.name, "network", hops, out.unknown
        elif out.sink == "host" and _is_outside(out.name):
            hops = controlled(out.hops, _TO_HOSTS)
            yield "service", out.name, "network", hops, out.unknown
        elif out.sink == "any-store":
            acting = acts_as(estate, workload) if acting is None else acting
            yield from _any_store(estate, out, acting)
    yield from _foreign(estate, workload, outs)


def _is_outside(host: str) -> bool:
    """Whether a host that a network lets through is a named service of somebody else.

    Ranges of addresses are nobody by name; hosts of a cloud's own API are asked about
    as stores of any owner.
    """
    labels = host.rstrip(".").split(".")
    if "/" in host or len(labels) < 2 or labels[-1] in _INSIDE or labels[-1].isdigit():
        return False
    known = place_of_host(host.removeprefix("*."))
    return known is None or known.provider not in _CLOUDS


def acts_as(estate: Estate, workload: Thing) -> list[tuple[Thing, tuple[Hop, ...]]]:
    """The identities that a workload acts as, each with the hops to it."""
    found: list[tuple[Thing, tuple[Hop, ...]]] = []
    waiting: list[tuple[Thing, tuple[Hop, ...]]] = [
        (edge.target, (_hop(edge, edge.target, f"it runs as {edge.target.name}"),))
        for edge in estate.edges_from(workload, "runs as")
    ]
    seen: set[int] = set()
    for identity, hops in waiting:  # grows while it is walked
        if id(identity) in seen or len(seen) >= MAX_IDENTITIES:
            continue
        seen.add(id(identity))
        found.append((identity, hops))
        for edge in estate.edges_from(identity, "becomes"):
            words = f"which may act as {edge.target.name}"
            waiting.append((edge.target, (*hops, _hop(edge, edge.target, words))))
    return found


def _any_store(
    estate: Estate, out: Out, acting: list[tuple[Thing, tuple[Hop, ...]]]
) -> Iterator[Found]:
    """The best right to write to any bucket of the service that is reached."""
    anywhere = f"any-store:{out.name}"
    best: tuple[int, int, tuple[Hop, ...], Unknown | None] | None = None
    for identity, hops in acting:
        for edge in estate.edges_from(identity, "may write"):
            if edge.target.kind != "destination" or edge.target.address != anywhere:
                continue
            words = f"{identity.name} may write to buckets of any owner"
            hop = _hop(edge, identity, words)._replace(controls=_WRITING)
            way = (*hops, hop)
            doubts = [h.unknown for h in way if h.unknown is not None]
            doubts += [out.unknown] if out.unknown is not None else []
            one = (len(doubts), len(way), way, doubts[0] if doubts else None)
            if best is None or one[:2] < best[:2]:
                best = one
    if best is not None:
        _, _, way, doubt = best
        yield (
            "account",
            "*",
            "any-store",
            (*way, *controlled(out.hops, _TO_STORES)),
            doubt,
        )


def _foreign(estate: Estate, workload: Thing, outs: tuple[Out, ...]) -> Iterator[Found]:
    """Stores that a job writes weights to and that nothing in the scan declares."""
    for edge in estate.edges_from(workload, "writes"):
        store = edge.target
        foreign = store.fact("destination.foreign")
        if foreign is None or foreign.value is False or not lets_out(outs, ""):
            continue
        rights, by_pattern = _rights(estate, workload, store)
        doubt = foreign.value if isinstance(foreign.value, Unknown) else None
        if by_pattern:
            doubt = None
        words = f"{workload.name} {edge.words or 'writes to it'}"
        hop = _hop(edge, store, words)._replace(
            words=words, controls=("egress-foreign-destination",)
        )
        hop = hop._replace(unknown=first(hop.unknown, doubt))
        owner = f"unknown({store.address})"
        yield "account", owner, "foreign-store", (*rights, hop), hop.unknown


def _rights(
    estate: Estate, workload: Thing, store: Thing
) -> tuple[tuple[Hop, ...], bool]:
    """By what right a workload writes to a store; whether only a pattern names it.

    Who names a bucket in a policy knows whose it is. A pattern that happens to take it
    in (`acme-*`) lets writes reach whoever creates a bucket of such a name.
    """
    for identity, hops in acts_as(estate, workload):
        for edge in estate.edges_from(identity, "may write"):
            if edge.target is not store or not edge.certain:
                continue
            if any(hop.unknown is not None for hop in hops) or not _pattern(
                edge, store
            ):
                continue
            words = f"{identity.name} may write to all buckets of a pattern"
            hop = _hop(edge, identity, words)._replace(controls=_WRITING)
            return (*hops, hop), True
    return (), False


def _pattern(edge: Edge, store: Thing) -> bool:
    """Whether the file of a grant has a pattern for the store's name, and no such name."""
    name = store.address.partition("://")[2].partition("/")[0]
    names, beginnings = _names_in(edge.span.source.text)
    if not name or name in names:
        return False
    return any(name[:end] in beginnings for end in range(MIN_PREFIX, len(name)))


@lru_cache(maxsize=32)
def _names_in(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """Names of buckets that may stand in a text, and beginnings before a `*`."""
    found: list[tuple[str, str]] = _NAME.findall(text)
    names = frozenset(name for name, star in found if not star)
    return names, frozenset(name for name, star in found if star)


def lets_out(outs: tuple[Out, ...], host: str) -> bool:
    """Whether a network may let connections to a host out; "" for a storage service."""
    for out in outs:
        if out.sink in ("internet", "any-store"):
            return True
        if out.sink == "host" and (not host or _matches(out.name, host)):
            return True
    return False


def _matches(pattern: str, host: str) -> bool:
    from mlsec_lint.estate.wildcards import wildcard

    # A range of addresses may be the host's: nobody can tell.
    return "/" in pattern or pattern == host or wildcard(pattern, host)


def _remote_code(estate: Estate, workload: Thing) -> bool:
    return any(True for _ in _trusting(estate, workload))


def _trusting(estate: Estate, workload: Thing) -> Iterator[Thing]:
    for edge in estate.edges_from(workload, "runs"):
        fact = edge.target.fact("remote_code.trusted")
        if fact is not None and fact.value is True:
            yield edge.target


def _code(estate: Estate, workload: Thing) -> tuple[Hop, ...]:
    """The hop that says that code of strangers runs in a workload."""
    for program in _trusting(estate, workload):
        fact = program.facts["remote_code.trusted"]
        words = "it runs code that ships with a model of a hub"
        controls = ("integrity-trust-remote-code",)
        return (
            Hop(program.address, fact.span, words, program, None, fact.trail, controls),
        )
    return ()


def controlled(hops: tuple[Hop, ...], controls: tuple[str, ...]) -> tuple[Hop, ...]:
    """The hops with the controls that would close them, where they name none."""
    return tuple(
        hop if hop.controls else hop._replace(controls=controls) for hop in hops
    )


def _hop(edge: Edge, thing: Thing, words: str) -> Hop:
    text = f"{words}: {edge.words}" if edge.words else words
    return Hop(thing.address, edge.span, text, thing, doubt_of(edge))
