"""A string as it was written: where its characters stand, and which are not known.

A string that was written down verbatim (a file, a heredoc, a quoted string without
escapes) has a span whose text contains the string itself; then offsets in the string
are offsets in the source. A heredoc whose indentation was taken out still has a line in
the source for each of its own, and a template knows its pieces. Otherwise every part of
a string stands where the whole string does.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.source import Span
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsec_lint.source import Source

HOLE = "\ue000"  # stands for one unknown part; only the offsets in `holes` are holes
_TEMPLATES = ("template", "templatefile")
_DEPTH = 8


class _Segment(NamedTuple):
    """From `here` in the text: where it starts in a source, and how long that holds."""

    here: int
    source: Source
    there: int
    length: int


class Written:
    """The text of a string value with holes for its unknown parts.

    `text` is None when nothing at all is known of the string; `holes` maps offsets in
    the text to the unknown values there.
    """

    __slots__ = ("_segments", "_starts", "holes", "text", "whole")

    def __init__(self, value: Value) -> None:
        self.whole = value.span
        self.holes: dict[int, Value] = {}
        self._segments: list[_Segment] = []
        pieces: list[str] = []
        self._add(value, 0, pieces, 0)
        self.text: str | None = "".join(pieces)
        if self.text == HOLE and self.holes:
            self.text = None
        self._starts = [segment.here for segment in self._segments]

    def _add(self, value: Value, at: int, out: list[str], depth: int) -> int:
        """Append a value's text at an offset; the offset behind it."""
        data = value.data
        origin = value.origin
        if origin is not None and origin[0] in _TEMPLATES and depth < _DEPTH:
            for piece in origin[1].elements():
                at = self._add(piece, at, out, depth + 1)
            return at
        if isinstance(data, Unknown) and data.parts:
            text = "".join(p if isinstance(p, str) else HOLE for p in data.parts)
            position = at
            for part in data.parts:
                if isinstance(part, str):
                    position += len(part)
                else:
                    self.holes[position] = value.replace(data=part, origin=None)
                    position += 1
        elif isinstance(data, str):
            text = data
        else:
            text = HOLE
            self.holes[at] = value
        out.append(text)
        self._place(text, at, _places(value))
        return at + len(text)

    def _place(self, text: str, at: int, places: Iterable[Span]) -> None:
        """Find the text in one of the spans, as a whole or line by line."""
        first: Span | None = None
        for span in places:
            first = first or span
            written = span.text
            found = written.find(text) if text else -1
            if found >= 0:
                self._segment(at, span.source, span.start + found, len(text))
                return
            if self._match_lines(text, at, span, written):
                return
        if first is not None:
            self._segment(at, first.source, first.start, 0)

    def _segment(self, here: int, source: Source, there: int, length: int) -> None:
        self._segments.append(_Segment(here, source, there, length))

    def _match_lines(self, text: str, at: int, span: Span, written: str) -> bool:
        """Pair the lines when the source has as many, the markers of a heredoc aside."""
        lines, sources = text.split("\n"), written.split("\n")
        there = span.start
        if written.startswith("<<"):
            there += len(sources[0]) + 1
            sources = sources[1:]
        if len(lines) == 1 or len(lines) != len(sources):
            return False
        for line, source in zip(lines, sources, strict=True):
            plain = source.rstrip("\r")
            indent = len(plain) - len(line)
            same = indent >= 0 and plain.endswith(line)
            start = there + (indent if same else len(plain) - len(plain.lstrip()))
            self._segment(at, span.source, start, len(line) if same else 0)
            at += len(line) + 1
            there += len(source) + 1
        return True

    def _locate(self, at: int) -> tuple[Source, int]:
        segment = self._segments[max(bisect_right(self._starts, at) - 1, 0)]
        return segment.source, segment.there + min(at - segment.here, segment.length)

    def span(self, start: int, end: int) -> Span | None:
        """The span of the text from `start` to `end`, or that of the whole string."""
        if not self._segments:
            return self.whole
        source, first = self._locate(start)
        other, last = self._locate(max(start, end - 1))
        if other is not source:
            return Span(source, first, first)
        return Span(source, first, max(first, last + (end > start)))

    def holes_in(self, start: int, end: int) -> list[tuple[int, Value]]:
        """The holes from `start` up to `end`, in order."""
        if not self.holes:
            return []
        return sorted(
            (at, hole) for at, hole in self.holes.items() if start <= at < end
        )


def _places(value: Value) -> list[Span]:
    """Where the text may have been written: here, or at a stop on its way."""
    spans = [] if value.span is None else [value.span]
    return spans + [step.span for step in value.trail]
