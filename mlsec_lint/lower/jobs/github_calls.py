"""Workflows and composite actions of the repository that others of its workflows call.

What is called is read where it is called, with the inputs that the call gives; what is
only ever called is not read a second time by itself. Calls into other repositories are
not followed. Fields and limits from docs.github.com, read 2026-11.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from mlsec_lint.lower.scalars import given, text_of
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from mlsec_lint.lower.inputs import Inputs

#: GitHub's own limits: workflows to ten levels, composite actions to ten.
MAX_CALLS = 10
#: So many calls are followed in one scan; files may call themselves.
_MOST_CALLS = 20_000


class Called:
    """The workflows and composite actions of a scan by their path."""

    def __init__(self, inputs: Inputs) -> None:
        self.by_path: dict[str, Value] = {}
        for path, document in inputs.documents:
            if path.startswith(".github/") or path.rpartition("/")[2].startswith(
                "action."
            ):
                self.by_path.setdefault(path, document.value)
        self.used: set[str] = set()
        self._left = _MOST_CALLS
        for root in list(self.by_path.values()):
            self._note_uses(root)

    def _note_uses(self, root: Value) -> None:
        jobs = given(root, "jobs")
        blocks = [job for _, job in jobs.items()] if jobs is not None else []
        runs = given(root, "runs")
        blocks += [runs] if runs is not None else []
        for job in blocks:
            steps = given(job, "steps")
            for caller in (job, *(steps.elements() if steps is not None else ())):
                found = self.find(text_of(given(caller, "uses")))
                if found is not None:
                    self.used.add(found[0])

    def find(self, uses: str) -> tuple[str, Value] | None:
        """The file that `uses: ./...` names; None for one of another repository."""
        if not uses.startswith("./"):
            return None
        path = posixpath.normpath(uses[2:])
        names = (path, f"{path}/action.yml", f"{path}/action.yaml")
        if path == ".":
            names = ("action.yml", "action.yaml", "")
        for name in names:
            if name in self.by_path:
                return name, self.by_path[name]
        return None

    def enter(self, depth: int) -> bool:
        """Whether one more call may be followed at that depth."""
        self._left -= 1
        return depth < MAX_CALLS and self._left >= 0

    def only_called(self, path: str, root: Value) -> bool:
        """Whether a file runs by nothing but the calls that are in the scan."""
        if path not in self.used:
            return False
        if given(root, "runs") is not None:
            return True
        on = root.get("on")
        if on is None:
            return False
        triggers = (
            set(on.data)
            if isinstance(on.data, dict)
            else {text_of(e) for e in on.elements() or (on,)}
        )
        return triggers == {"workflow_call"}


def inputs_of(root: Value, caller: Value | None) -> dict[str, Value]:
    """The inputs (and secrets) of a called file by name: given by the call, else default."""
    found: dict[str, Value] = {}
    declared = given(root, "inputs")
    for trigger in ("workflow_call", "workflow_dispatch"):
        more = given(root, "on", trigger, "inputs")
        declared = declared or more
    for name, entry in declared.items() if declared is not None else ():
        default = given(entry, "default")
        if default is not None and caller is not None:
            found[f"inputs.{name}"] = default
        elif default is not None:
            found[f"inputs.{name}"] = _perhaps(name, default)
    for field, context in (("with", "inputs"), ("secrets", "secrets")):
        block = given(caller, field) if caller is not None else None
        for name, value in block.items() if block is not None else ():
            found[f"{context}.{name}"] = value
    return found


def _perhaps(name: str, default: Value) -> Value:
    """The default of an input that whoever starts the workflow may set."""
    why = f"the input {name} may be set where the workflow is started"
    possible = None if isinstance(default.data, Unknown) else (default,)
    unknown = Unknown("variable", why, f"inputs.{name}", possible=possible)
    return default.replace(data=unknown._replace(span=default.span))
