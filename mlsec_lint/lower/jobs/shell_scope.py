"""The variables of a shell script, and how branches, loops and subshells change them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.shell_values import merged

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlsec_lint.value import Value

#: How many changes of the environment are kept.
MAX_LOG = 2_000


@dataclass(slots=True)
class Frame:
    """An open `if`, loop, case, group, function or subshell."""

    kind: str
    conditional: bool = False
    pattern: bool = False
    complete: bool = False
    branches: int = 0
    before: dict[str, Value | None] = field(default_factory=dict)
    seen: dict[str, list[Value]] = field(default_factory=dict)


class Scope:
    """Variables as they stand at one point of a script.

    `log` lists what was exported, in order: the environment at a command is what was
    given and the log up to it.
    """

    def __init__(self, given: Mapping[str, Value]) -> None:
        self.variables = dict(given)
        self.exported = set(given)
        self.all_exported = False
        self.log: list[tuple[str, Value]] = []
        self.frames: list[Frame] = []

    def conditional(self) -> bool:
        """Whether it is not sure that what stands here runs."""
        return any(frame.conditional for frame in self.frames)

    def push(self, kind: str) -> None:
        """Open a construct."""
        self.frames.append(Frame(kind))

    def close(self, kind: str) -> None:
        """Close the innermost construct, if it is of this kind."""
        if self.frames and self.frames[-1].kind == kind:
            self.pop()
            body = kind in ("group", "subshell")
            if body and self.frames and self.frames[-1].kind == "function":
                self.pop()

    def branch(self, frame: Frame) -> None:
        """Another branch begins: what the last one assigned is put aside."""
        frame.conditional = True
        frame.branches += 1
        for name, value in frame.before.items():
            now = self.variables.get(name)
            if now is not None and now is not value:
                frame.seen.setdefault(name, []).append(now)
            self.restore(name, value)

    def restore(self, name: str, value: Value | None) -> None:
        """Set a variable back; None unsets it."""
        if value is None:
            self.variables.pop(name, None)
        else:
            self.set(name, value)

    def pop(self) -> None:
        """Close the innermost construct and merge what its branches assigned."""
        frame = self.frames.pop()
        if frame.kind in ("group", "function"):
            self.remember(frame)
            return
        for name, value in frame.before.items():
            now = self.variables.get(name)
            if frame.kind == "subshell":
                self.restore(name, value)
                continue
            options = list(frame.seen.get(name, ()))
            if now is not None and now is not value:
                options.append(now)
            everywhere = frame.complete and len(options) == frame.branches
            if value is not None and not everywhere:
                options.insert(0, value)
            unset = value is None and not everywhere
            if options:
                self.set(name, merged(name, options, unset=unset))

    def remember(self, frame: Frame) -> None:
        """What a group assigned counts as assigned in the frame around it."""
        if self.frames:
            for name, value in frame.before.items():
                self.frames[-1].before.setdefault(name, value)

    def assign(self, name: str, value: Value, *, logged: bool = True) -> None:
        """Set a variable, remembering what it was before the innermost construct."""
        if self.frames:
            self.frames[-1].before.setdefault(name, self.variables.get(name))
        self.set(name, value, logged=logged)

    def set(self, name: str, value: Value, *, logged: bool = True) -> None:
        """Set a variable."""
        self.variables[name] = value
        if logged and (name in self.exported or self.all_exported):
            self.record(name, value)

    def export(self, name: str) -> None:
        """Put a variable into the environment."""
        self.exported.add(name)
        if name in self.variables:
            self.record(name, self.variables[name])

    def record(self, name: str, value: Value) -> None:
        """Write a change of the environment down."""
        if len(self.log) < MAX_LOG:
            self.log.append((name, value))
