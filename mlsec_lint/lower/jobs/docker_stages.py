"""The instructions of a Dockerfile by build stage, each at its own place.

Lines that end in a backslash go on; comment lines between them are left out. Which
stages end up in the image: the last one, and those that it is built from.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.patterns import regex
from mlsec_lint.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_KEYWORD = regex(r"[ \t]*([A-Za-z]+)[ \t]+")
_AS = regex(r"(?i)^(\S+)(?:[ \t]+AS[ \t]+(\S+))?$")
_RUN = regex(r"(?i)\s*RUN[ \t]+(?:--\S+[ \t]+){0,16}")
_BODY = regex(r"<<-?[\"']?([A-Za-z_]\w{0,60})[\"']?[ \t]*\r?\n")
_VARIABLE = regex(
    r"\$\{([A-Za-z_]\w{0,100})(?::?-([^{}$]{0,200}))?\}|\$([A-Za-z_]\w{0,100})"
)
_LONGEST = 1_000
_FLAG = regex(r"--([a-z-]+)=(\S+)[ \t]*")


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
    """A build stage: its name, what it is built from, its instructions.

    `image` is what it is built from as written, with the defaults of ARGs put in.
    """

    name: str
    base: str
    head: Instruction
    instructions: list[Instruction]
    image: str = ""


#: More stages than this are not told apart.
_MOST = 200


def stages(source: Source) -> list[Stage]:
    """The stages of a Dockerfile, in order; what stands before the first FROM is not one."""
    found: list[Stage] = []
    defaults: dict[str, str] = {}
    for instruction in _instructions(source):
        if instruction.keyword == "FROM" and len(found) < _MOST:
            match = _AS.match(instruction.text.strip())
            base, name = (match[1], match[2] or "") if match else ("", "")
            image = _with_defaults(base, defaults)
            found.append(Stage(name.lower(), image.lower(), instruction, [], image))
        elif found:
            found[-1].instructions.append(instruction)
        elif instruction.keyword == "ARG" and len(defaults) < _MOST:
            name, equals, value = instruction.text.strip().partition("=")
            if equals:
                value = _with_defaults(value.strip("\"'"), defaults)
                defaults[name] = value[:_LONGEST]
    return found


def _with_defaults(text: str, defaults: Mapping[str, str]) -> str:
    """`${NAME}`, `$NAME` and `${NAME:-default}` with the defaults of ARGs put in."""

    def one(match: re.Match[str]) -> str:
        known = defaults.get(match[1] or match[3], match[2] or "")
        return known or match[0]

    return _VARIABLE.sub(one, text)[:_LONGEST]


def outside_bases(found: list[Stage]) -> list[Stage]:
    """The stages that the image is built from and that start from another image."""
    names = [stage.name for stage in found]
    return [
        stage
        for stage in kept(found)
        if stage.image and stage.base != "scratch" and stage.base not in names
    ]


def run_script(instruction: Instruction) -> Source | None:
    """What a RUN gives to the shell, at its places; None for the list form.

    Comment lines between continued lines are left out, as the builder does; the body of
    a here-document without a command is the script.
    """
    whole = instruction.source.text
    match = _RUN.match(whole, instruction.start, instruction.end)
    if match is None or whole[match.end() : match.end() + 1] == "[":
        return None
    start, end = match.end(), instruction.end
    body = _BODY.match(whole, start, end)
    if body is not None:
        stop = re.compile(rf"^\s*{body[1]}[ \t]*$", re.MULTILINE).search(
            whole, body.end(), end
        )
        start, end = body.end(), stop.start() if stop is not None else end
    text: list[str] = []
    marks: list[tuple[int, int]] = []
    length, at, open_line = 0, start, False
    for line in whole[start:end].splitlines(keepends=True):
        comment = body is None and open_line and line.lstrip().startswith("#")
        if not comment:
            marks.append((length, at))
            text.append(line)
            length += len(line)
            open_line = line.rstrip().endswith("\\")
        at += len(line)
    return Source(
        instruction.source.path,
        "".join(text),
        host=instruction.source,
        pieces=tuple(marks) or ((0, start),),
    )


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
