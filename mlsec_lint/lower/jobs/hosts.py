"""Whether a host is the lab's own, as far as a name can tell."""

from __future__ import annotations

import ipaddress

from mlsec_lint.patterns import regex

_INTERNAL = (
    ".svc", ".svc.cluster.local", ".cluster.local", ".internal", ".local", ".lan",
    ".corp", ".intranet", ".private", ".home.arpa", ".localdomain", ".localhost",
)  # fmt: skip
#: Namespaces that charts and manuals install into; none is a top-level domain (IANA's
#: root zone, as of 2026-11-24). A label with a hyphen or a digit is none either.
_NAMESPACES = frozenset((
    "default", "kserve", "kubeflow", "monitoring", "logging", "minio", "mlflow", "argo",
    "kueue", "knative", "seaweedfs", "ollama", "vllm", "triton", "observability",
))  # fmt: skip
_HOST = regex(r"(?:[A-Za-z][A-Za-z0-9+.-]*://)?(?:[^/@\s]*@)?(\[[^\]]+\]|[^/:?#\s]+)")
_NO_TOP_LEVEL = regex(r"(?=.*[0-9-])[a-z0-9]([a-z0-9-]*[a-z0-9])?")


def host_of(url: str) -> str:
    """The host of a URL or of `host[:port][/path]`, in lower case; "" if there is none."""
    match = _HOST.match(url.strip())
    return match[1].lower().strip("[]").rstrip(".") if match else ""


def internal_host(host: str) -> bool:
    """Whether a host is reachable only from inside: a bare name, a private suffix or address.

    `metadata.google.internal` is a cloud's own service and counts as inside too, and so
    does a service of Kubernetes as `name.namespace`.
    """
    if not host:
        return False
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(_INTERNAL) or _of_cluster(host)
    return address.is_private or address.is_loopback or address.is_link_local


def _of_cluster(host: str) -> bool:
    """Whether a host is `service.namespace`, which only a cluster's resolver completes."""
    name, _, space = host.partition(".")
    if not name or not space or "." in space or space.startswith("xn--"):
        return False
    return space in _NAMESPACES or bool(_NO_TOP_LEVEL.fullmatch(space))
