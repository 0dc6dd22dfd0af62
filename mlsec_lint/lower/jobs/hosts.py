"""Whether a host is the lab's own, as far as a name can tell."""

from __future__ import annotations

import ipaddress
import re

_INTERNAL = (
    ".svc", ".svc.cluster.local", ".cluster.local", ".internal", ".local", ".lan",
    ".corp", ".intranet", ".private", ".home.arpa", ".localdomain", ".localhost",
)  # fmt: skip
_HOST = re.compile(
    r"(?:[A-Za-z][A-Za-z0-9+.-]*://)?(?:[^/@\s]*@)?(\[[^\]]+\]|[^/:?#\s]+)"
)


def host_of(url: str) -> str:
    """The host of a URL or of `host[:port][/path]`, in lower case; "" if there is none."""
    match = _HOST.match(url.strip())
    return match[1].lower().strip("[]").rstrip(".") if match else ""


def internal_host(host: str) -> bool:
    """Whether a host is reachable only from inside: a bare name, a private suffix or address.

    `metadata.google.internal` is a cloud's own service and counts as inside too.
    """
    if not host:
        return False
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(_INTERNAL)
    return address.is_private or address.is_loopback or address.is_link_local
