"""Addresses and ports of Azure rules: ranges, service tags, and why they are not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate.addresses import (
    EVERY_ADDRESS,
    EVERY_PORT,
    NO_ADDRESS,
    NO_PORT,
    NOT_PUBLIC,
    PUBLIC,
    Addresses,
    Ports,
    network,
    ports,
)
from mlsec_lint.estate.policy import Peer
from mlsec_lint.lower.terraform_index import symbol_of, values_at
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate.selectors import Truth
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_ALL = ("*", "any", "0.0.0.0/0", "::/0")
_PROTOCOLS = {
    "tcp": "TCP",
    "udp": "UDP",
    "icmp": "OTHER",
    "esp": "OTHER",
    "ah": "OTHER",
}
#: Names at which the stores of every owner answer, for tags of the storage service.
STORAGE_HOST = "*.blob.core.windows.net"


def plain(unknown: Unknown) -> Unknown:
    """An Unknown as the reason of a doubt: its own possible values are another matter."""
    return unknown._replace(possible=None, parts=(), symbol=None, bounds=None)


def doubt_of(resource: Resource) -> Unknown | None:
    """Why a resource may not be there; None where it is."""
    if not resource.repeat_unknown:
        return None
    why = f"whether {resource.address} exists is not known"
    return Unknown("variable", why, span=resource.span)


def names_one(value: Value | None) -> Truth:
    """Whether an argument names a resource: a public address, say. Empty names none."""
    if value is None or value.data in ((), ""):
        return False
    if value.unknown is not None and not symbol_of(value):
        return plain(value.unknown)
    return True


def _private() -> Addresses:
    found = NO_ADDRESS
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"):
        more = network(text)
        assert more is not None
        found = found.union(more)
    return found


#: What virtual networks are made of (RFC 1918, RFC 6598).
PRIVATE = _private()


def _everywhere() -> Addresses:
    found = network("0.0.0.0/0")
    assert found is not None
    return found


EVERY_V4 = _everywhere()


class Ranges(NamedTuple):
    """Addresses that several values name together; `unknown`: why it may be others."""

    addresses: Addresses
    unknown: Unknown | None = None


def ranges_at(here: RootIndex, values: Value, *dotted: str) -> Ranges:
    """The ranges at some paths of a resource (`address_space`), as far as known."""
    together: Addresses = NO_ADDRESS
    doubt: Unknown | None = None
    for path in dotted:
        for value in values_at(values, path):
            text = here.text_of(value)
            found = network(text) if isinstance(text, str) else None
            if found is not None:
                together = together.union(found)
            else:
                doubt = _no_range(value, text)
    return Ranges(together, doubt)


def _no_range(value: Value, text: str | Unknown | None) -> Unknown:
    if isinstance(text, Unknown):
        return plain(text)
    return Unknown("error", "this is no address range", span=value.span)


def peer_of(text: str | Unknown | None) -> Peer:
    """Where a prefix, range or service tag of a rule leads.

    Tags of a storage service stand for the stores of every owner; others for a host
    named by the tag; `AzureCloud` takes in the machines of every customer.
    """
    if isinstance(text, Unknown):
        return Peer(EVERY_ADDRESS, unknown=plain(text))
    word = (text or "").strip()
    lowered = word.lower()
    if lowered in _ALL:
        return Peer(everywhere=True)
    found = network(word) or _between(word)
    if found is not None:
        return Peer(found)
    if lowered == "internet":
        return Peer(PUBLIC)
    if lowered == "virtualnetwork":
        return Peer(NOT_PUBLIC)
    tag = lowered.partition(".")[0]
    if tag == "azurecloud":
        why = "AzureCloud holds the addresses of every customer's machines"
        return Peer(PUBLIC, unknown=Unknown("unsupported", why))
    if tag == "storage":
        return Peer(hosts=(STORAGE_HOST,))
    return Peer(hosts=(f"{lowered}.tag.azure",)) if word else Peer()


def _between(word: str) -> Addresses | None:
    """`10.0.0.1-10.0.0.9` as the networks of its ends' common range, or None."""
    low, mark, high = word.partition("-")
    first, last = network(low.strip()), network(high.strip())
    if not mark or first is None or last is None or not first.v4 or not last.v4:
        return None
    start, end = first.v4[0][0], last.v4[-1][1]
    return Addresses(v4=((start, end),)) if start <= end else None


def ports_at(
    here: RootIndex, protocol: Value | None, listed: list[Value]
) -> tuple[Ports, Unknown | None]:
    """Ports of a rule (`443`, `8000-8080`, `*`); all, with the reason, where unknown."""
    word = here.text_of(protocol)
    if isinstance(word, Unknown):
        return EVERY_PORT, plain(word)
    names: tuple[str, ...] = ("TCP", "UDP", "SCTP", "OTHER")
    lowered = (word or "*").lower()
    if lowered not in ("*", "any"):
        names = (_PROTOCOLS.get(lowered, "OTHER"),)
    together = NO_PORT
    for value in listed:
        text = here.text_of(value)
        if isinstance(text, Unknown):
            return EVERY_PORT, plain(text)
        for name in names:
            together = together.union(_ports(name, text or "*"))
    if not listed:
        for name in names:
            together = together.union(ports(name))
    return together, None


def _ports(name: str, text: str) -> Ports:
    if text.strip() in ("*", "any") or name == "OTHER":
        return ports(name)
    low, _, high = text.strip().partition("-")
    try:
        return ports(name, int(low), int(high or low))
    except ValueError:
        return NO_PORT
