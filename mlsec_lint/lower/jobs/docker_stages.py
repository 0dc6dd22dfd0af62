"""The instructions of a Dockerfile by build stage, each at its own place.

Lines that end in a backslash go on; comment lines between them are left out. Which
stages end up in the image: the last one, and those that it is built from.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEYWORD = re.compile(r"[ \t]*([A-Za-z]+)[ \t]+")
_AS = re.compile(r"(?i)^(\S+)(?:[ \t]+AS[ \t]+(\S+))?$")
_FLAG = re.compile(r"--([a-z-]+)=(\S+)[ \t]*")


class Instruction(NamedTuple):
    """One instruction: its keyword in capitals, its flags, what follows, where."""

    keyword: str
    flags: dict[str, str]
    text: str
    start: int
    end: int
    source: Source

    @property
    def span(self) -> Span:
        """The first line of the instruction."""
        stop = self.source.text.find("\n", self.start, self.end)
        return Span(self.source, self.start, stop if stop >= 0 else self.end)

    def arguments(self) -> list[str]:
        """The words of COPY and ADD, in either form."""
        if self.text.lstrip().startswith("["):
            try:
                words = json.loads(self.text)
            except (ValueError, RecursionError):
                return []
            return [w for w in words if isinstance(w, str)]
        return self.text.split()


class Stage(NamedTuple):
    """A build stage: its name, what it is built from, its instructions."""

    name: str
    base: str
    head: Instruction
    instructions: list[Instruction]


#: More stages than this are not told apart.
_MOST = 200


def stages(source: Source) -> list[Stage]:
    """The stages of a Dockerfile, in order; what stands before the first FROM is not one."""
    found: list[Stage] = []
    for instruction in _instructions(source):
        if instruction.keyword == "FROM" and len(found) < _MOST:
            match = _AS.match(instruction.text.strip())
            base, name = (match[1], match[2] or "") if match else ("", "")
            found.append(Stage(name.lower(), base.lower(), instruction, []))
        elif found:
            found[-1].instructions.append(instruction)
    return found


def kept(found: list[Stage]) -> list[Stage]:
    """The last stage and those that it is built from, the last one first."""
    chain: list[Stage] = []
    here: Stage | None = found[-1] if found else None
    while here is not None and all(here is not stage for stage in chain):
        chain.append(here)
        here = stage_named(found, here.base)
    return chain


def stage_named(found: list[Stage], name: str) -> Stage | None:
    """The stage of a name or number, or None."""
    for number, stage in enumerate(found):
        if name and name.lower() in (stage.name, str(number)):
            return stage
    return None


def _instructions(source: Source) -> Iterator[Instruction]:
    """Logical lines with their keywords; a heredoc's body belongs to its instruction."""
    lines = source.text.splitlines(keepends=True)
    number, at = 0, 0
    while number < len(lines):
        start = at
        text: list[str] = []
        while number < len(lines):
            line = lines[number]
            number, at = number + 1, at + len(line)
            bare = line.strip()
            if text and bare.startswith("#"):
                continue
            text.append(bare.removesuffix("\\"))
            if not bare.endswith("\\"):
                break
        joined = " ".join(text)
        mark = re.search(r"<<-?[\"']?([A-Za-z_]\w*)", joined)
        if mark is not None and joined[:4].upper() in ("RUN ", "COPY"):
            while number < len(lines):
                line = lines[number]
                number, at = number + 1, at + len(line)
                if line.strip() == mark[1]:
                    break
                joined += "\n" + line.rstrip()
        yield from _one(source, joined, start, at)


def _one(source: Source, text: str, start: int, end: int) -> Iterator[Instruction]:
    match = _KEYWORD.match(text)
    if match is None or text.lstrip().startswith("#"):
        return
    rest = text[match.end() :]
    flags: dict[str, str] = {}
    while (flag := _FLAG.match(rest)) is not None:
        flags[flag[1]] = f"{flags.get(flag[1], '')} {flag[2]}".strip()
        rest = rest[flag.end() :]
    yield Instruction(match[1].upper(), flags, rest, start, end, source)
