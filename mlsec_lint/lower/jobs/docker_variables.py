"""The instructions of a build stage with the variables and folder that hold at each.

ARG and ENV; the default of an ARG counts as its value, since it is what the file says.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.jobs.docker_stages import run_script
from mlsec_lint.lower.jobs.fetches import text
from mlsec_lint.lower.jobs.shell import read_script
from mlsec_lint.lower.jobs.shell_commands import Command
from mlsec_lint.source import Source
from mlsec_lint.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlsec_lint.lower.jobs.docker_stages import Instruction, Stage

_MOST = 500


class At(NamedTuple):
    """An instruction, what variables hold at it, and the folder it works in."""

    instruction: Instruction
    known: dict[str, Value]
    working: str


def first_arguments(source: Source, end: int) -> dict[str, Value]:
    """The defaults of the ARGs before the first FROM, which starts at `end`."""
    script = read_script(source, start=0, end=end)
    found: dict[str, Value] = {}
    for command in script.commands[:_MOST]:
        if command.name().upper() == "ARG" and len(command.words) > 1:
            found.update(_assigned(command.words[1:]))
    return found


def _assigned(words: Sequence[Value]) -> dict[str, Value]:
    """`A=b C=d`, and `A b` of an old ENV."""
    found: dict[str, Value] = {}
    for word in words:
        name, equals, rest = text(word).partition("=")
        if equals:
            found[name] = word.replace(data=rest, origin=None)
    if not found and len(words) == 2 and text(words[0]):
        found[text(words[0])] = words[1]
    return found


def walk(stage: Stage, given: dict[str, Value]) -> Iterator[At]:
    """The instructions of a stage in order. `given`: the ARGs before the first FROM."""
    known, working = dict(given), ""
    for instruction in stage.instructions[:_MOST]:
        if instruction.keyword in ("ENV", "ARG"):
            raw = instruction.source.text[instruction.start : instruction.end]
            head = len(raw) - len(raw.lstrip()) + len(instruction.keyword)
            start = instruction.start + head
            script = read_script(
                instruction.source, known, start=start, end=instruction.end
            )
            known.update(script.variables)
            for command in script.commands[:1]:
                known.update(_assigned(command.words))
        elif instruction.keyword == "WORKDIR":
            path = instruction.text.strip().strip("\"'")
            working = posixpath.join(working, path)[:1_000] if "$" not in path else ""
        yield At(instruction, known, working)


def run_commands(at: At) -> list[Command]:
    """The commands of a RUN; the list form is one, or a shell with its script."""
    instruction = at.instruction
    inner = run_script(instruction)
    if inner is not None:
        return read_script(inner, at.known).commands
    words = [Value(w, instruction.span) for w in instruction.arguments()[:_MOST]]
    if len(words) == 3 and text(words[1]).endswith("c"):
        listed = Source(
            instruction.source.path, text(words[2]), host=instruction.source,
            pieces=((0, instruction.start),),
        )  # fmt: skip
        return read_script(listed, at.known).commands
    return [Command(words=words, span=instruction.span)] if words else []
