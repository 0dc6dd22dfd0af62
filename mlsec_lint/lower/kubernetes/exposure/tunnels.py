"""Tunnels out of a pod: a sidecar that carries one of its ports to the internet.

The operator of the tunnel answers for the pod (ngrok v3 and cloudflared 2025 command
line references, read 2026-11). A quick tunnel asks nobody; before a named one of
Cloudflare its Access may stand, which is configured there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.kubernetes.exposure.reach import INTERNET, Reach
from mlsec_lint.lower.kubernetes.exposure.surfaces import Program, program_of
from mlsec_lint.lower.scalars import given
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate.selectors import Truth
    from mlsec_lint.lower.kubernetes.exposure.doors import Door, Doors
    from mlsec_lint.lower.kubernetes.index import Objects
    from mlsec_lint.lower.kubernetes.workload import Pod

_NGROK = regex(r"(?:^|[\s/])ngrok\s+(?:http|tls|tcp)\s")
_CLOUDFLARED = regex(r"(?:^|[\s/])cloudflared\s+tunnel(?:\s|$)")
_OWN = regex(
    r"\s(?:--url[\s=])?(?:https?://|tcp://)?(?:(?:localhost|127\.0\.0\.1|\[::1\]):)?"
    r"([1-9][0-9]{1,4})(?=[\s/]|$)"
)
_LOGIN = ("--basic-auth", "--oauth", "--oidc", "--traffic-policy-file", "--cidr-allow")
_NAMED = regex(r"\s(?:run|--token|--credentials-file)(?:[\s=]|$)")


class Tunnel(NamedTuple):
    """A tunnel of a pod: to where, whether its operator asks for a login, what answers."""

    pod: Pod
    reach: Reach
    login: Truth
    doors: list[Door]


def tunnels(objects: Objects, doors: Doors) -> Iterator[Tunnel]:
    """Every tunnel of a pod to a port that a known program of it answers on."""
    for pod in objects.pods:
        for name, container in pod.template.containers:
            if name == "initContainers":
                continue
            program = program_of(container)
            login = tunnel_login(program)
            if login is None:
                continue
            number = tunnel_port(program)
            image = given(container, "image")
            span = (image.entry() if image is not None else None) or pod.template.span
            target = Value(number, span) if number is not None else None
            behind = [d for d in doors.at(pod, target, truth=True) if d.surface]
            if behind:
                yield Tunnel(pod, Reach(INTERNET, span), login, behind)


def tunnel_login(program: Program) -> Truth | None:
    """Whether the operator of a tunnel asks who comes; None for other programs."""
    line = _line(program)
    if _NGROK.search(line) is not None:
        return any(word in line for word in _LOGIN)
    if _CLOUDFLARED.search(line) is None:
        return None
    if _NAMED.search(line) is None and "TUNNEL_TOKEN" not in program.environment:
        return False
    why = "whether Cloudflare Access asks for a login before the tunnel is set at Cloudflare"
    return Unknown("environment", why)


def tunnel_port(program: Program) -> int | None:
    """The port of its own pod or machine that a tunnel leads to, where it says one."""
    found = _OWN.search(_line(program))
    return int(found[1]) if found is not None else None


def _line(program: Program) -> str:
    """The command line with the tool that the image starts."""
    for tool in ("cloudflared", "ngrok"):
        if program.image.partition("@")[0].partition(":")[0].endswith(f"/{tool}"):
            return f"{tool} {program.line}"
    return program.line
