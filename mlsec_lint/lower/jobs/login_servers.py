"""Programs by which people log in where they run: SSH servers, notebooks, web terminals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.launch import program_name, text
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlsec_lint.lower.jobs.scene import Scene
    from mlsec_lint.value import Value

#: Programs that are nothing else.
_SERVERS = frozenset(
    {
        "sshd", "dropbear", "tmate", "ttyd", "gotty", "wetty", "code-server",
        "openvscode-server", "jupyter-lab", "jupyter-notebook", "jupyterhub-singleuser",
        "rserver", "vncserver", "xrdp",
    }
)  # fmt: skip
#: What starts services, and services that let people in.
_STARTERS = frozenset({"service", "systemctl"})
_SERVICES = frozenset(
    {"ssh", "sshd", "ssh.service", "sshd.service", "dropbear", "jupyter", "xrdp"}
)
_STARTS = frozenset({"start", "restart", "enable"})
_NOTEBOOKS = frozenset({"lab", "notebook", "server"})
#: Kinds whose pods reach each other by SSH: it is how mpirun starts its workers.
_BY_SSH = ("MPIJob/", "TrainJob/", "TrainingRuntime/", "ClusterTrainingRuntime/")
_FEW_WORDS = 8


def state_login_server(scene: Scene, words: Sequence[Value], *, branch: bool) -> None:
    """State `session.enabled` of the workload where a command starts such a server.

    `words` is the command without what only wraps it; `branch` says that the script
    may not come there.
    """
    workload = scene.workload
    span = words[0].span if words else None
    if span is None or not is_login_server(words):
        return
    if workload.fact("session.notebook") is not None:
        return  # its kind has told so
    if workload.name.startswith(_BY_SSH) and program_name(words[0]) == "sshd":
        return
    why = "whether the script starts it depends on a condition"
    truth = Unknown("environment", why, span=span) if branch else True
    workload.also("session.enabled", truth, span, trail=words[0].trail)


def is_login_server(words: Sequence[Value]) -> bool:
    """Whether a command starts a server by which people log in."""
    name = program_name(words[0])
    rest = [text(word) for word in words[1:_FEW_WORDS]]
    if name in _SERVERS:
        return True
    if name == "jupyter":
        return any(word in _NOTEBOOKS for word in rest[:1])
    if name in _STARTERS:
        return bool(_SERVICES & set(rest)) and bool(_STARTS & set(rest))
    started = text(words[0]).startswith("/etc/init.d/") and name in _SERVICES
    return started and bool(_STARTS & set(rest))
