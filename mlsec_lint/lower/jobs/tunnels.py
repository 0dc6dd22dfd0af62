"""Tunnels that a job's script starts: what answers behind them, as behind an open port."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlsec_lint.lower.jobs.scene import Scene
    from mlsec_lint.source import Span

_TOOLS = ("ngrok", "cloudflared")


def state_tunnel(
    scene: Scene,
    service: str,
    span: Span,
    environment: Mapping[str, Value],
    texts: Sequence[str],
    *,
    branch: bool,
) -> None:
    """State what a tunnel shows of a job that is no pod (those have exposure of theirs)."""
    from mlsec_lint.lower.jobs.open_ports import Opened, state_opened
    from mlsec_lint.lower.kubernetes.exposure.surfaces import Program
    from mlsec_lint.lower.kubernetes.exposure.tunnels import tunnel_login, tunnel_port

    if service not in _TOOLS or scene.workload.provider == "kubernetes":
        return
    program = Program("", span.text, {}, None)
    login, number = tunnel_login(program), tunnel_port(program)
    if login is None or number is None:
        return
    reach: str | Unknown = "internet"
    if branch:
        why = "the tunnel stands in a branch of a script"
        reach = Unknown("environment", why, span=span)
    scripts = [Value(text) for text in texts]
    opened = Opened((number,), reach, login, span)
    state_opened(scene.estate, scene.workload, opened, scripts, environment)
