"""Units of systemd that a script or cloud-config writes: the commands that they start."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsec_lint.patterns import regex
from mlsec_lint.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Endings of files whose `Exec` lines systemd runs.
UNITS = (".service",)
_START = regex(r"^Exec(?:Start|StartPre|StartPost|Stop|StopPost)[ \t]*=", re.MULTILINE)
_PREFIXES = "-@:+!| \t"
_MAX_COMMANDS = 100


def writes_unit(text: str) -> bool:
    """Whether a text that is written somewhere is a unit."""
    return "[Service]" in text and _START.search(text) is not None


def unit_commands(unit: Source) -> Iterator[Source]:
    """Each command of a unit as a source of its own, with its positions."""
    text = unit.text
    for number, found in enumerate(_START.finditer(text)):
        if number >= _MAX_COMMANDS:
            return
        start = found.end()
        while start < len(text) and text[start] in _PREFIXES:
            start += 1
        end = _line_end(text, start)
        if text[start:end].strip():
            span = Span(unit, start, end)
            yield Source(unit.path, span.text, host=unit, pieces=((0, span.start),))


def _line_end(text: str, start: int) -> int:
    """The end of a line that backslashes may carry on."""
    end = text.find("\n", start)
    while end > start and text[end - 1] == "\\":
        end = text.find("\n", end + 1)
    return len(text) if end < 0 else end
