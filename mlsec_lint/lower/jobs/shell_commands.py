"""What reading a shell script gives: its commands in order, and what it exports."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlsec_lint.source import Note, Source, Span
    from mlsec_lint.value import Value


class Redirect(NamedTuple):
    """`> file`, `< file`, `<<< word`."""

    operator: str
    target: Value


@dataclass(slots=True)
class Command:
    """One simple command. `words[0]` is the program; redirections are apart.

    * `assignments`: `NAME=value` in front of it;
    * `span`: from the first word to the last;
    * `branch`: it stands behind `if`, `case` or in one: whether it runs is not known;
    * `piped`: it reads what another command writes;
    * `heredoc`: the span of its here-document, `quoted` where the shell leaves it as it
      is; `variables`: those of the script there, where the document is a batch script;
    * `exports`: how many entries of the script's log were made before it.
    """

    words: list[Value] = field(default_factory=list)
    assignments: list[tuple[str, Value]] = field(default_factory=list)
    redirects: list[Redirect] = field(default_factory=list)
    span: Span | None = None
    branch: bool = False
    piped: bool = False
    heredoc: Span | None = None
    quoted: bool = False
    variables: dict[str, Value] = field(default_factory=dict)
    exports: int = 0

    def name(self) -> str:
        """The program's base name; "" where it is not known or there is none."""
        if not self.words or not isinstance(self.words[0].data, str):
            return ""
        return self.words[0].data.rsplit("/", 1)[-1]


@dataclass(slots=True)
class Script:
    """What was read: commands in order, the export log, notes."""

    source: Source
    commands: list[Command] = field(default_factory=list)
    log: list[tuple[str, Value]] = field(default_factory=list)
    base: Mapping[str, Value] = field(default_factory=dict)
    variables: dict[str, Value] = field(default_factory=dict)
    sourced: list[Source] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def environment(self, command: Command) -> dict[str, Value]:
        """The environment that a command gets: given, exported before, its own."""
        found = dict(self.base)
        found.update(self.log[: command.exports])
        found.update(command.assignments)
        return found
