"""Where a piece of a string's text stands in its source.

A string that was written down verbatim (a file, a heredoc, a quoted string without
escapes) has a span whose text contains the string itself; then offsets in the string
are offsets in the source. A heredoc whose indentation was taken out, or a template with
interpolations on some of its lines, still has a line in the source for each of its
own. Otherwise every piece stands where the whole string does.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from mlsec_lint.source import Span

if TYPE_CHECKING:
    from mlsec_lint.value import Value


class Positions:
    """Maps offsets in a string value to spans."""

    __slots__ = ("_here", "_lengths", "_there", "whole")

    def __init__(self, value: Value) -> None:
        self.whole = value.span
        # Starts of lines in the string, where they start in the source, and how many
        # characters from there are the same in both.
        self._here: list[int] = []
        self._there: list[int] = []
        self._lengths: list[int] = []
        text = value.data
        if self.whole is not None and isinstance(text, str) and text:
            written = self.whole.text
            at = written.find(text)
            if at >= 0:
                self._add(0, self.whole.start + at, len(text))
            else:
                self._match_lines(text, written, self.whole.start)

    def _add(self, here: int, there: int, length: int) -> None:
        self._here.append(here)
        self._there.append(there)
        self._lengths.append(length)

    def _match_lines(self, text: str, written: str, base: int) -> None:
        """Pair the lines when the source has as many, the markers of a heredoc aside."""
        lines, sources = text.split("\n"), written.split("\n")
        if written.startswith("<<"):
            base += len(sources[0]) + 1
            sources = sources[1:]
        if len(lines) == 1 or len(lines) != len(sources):
            return
        here = 0
        for line, source in zip(lines, sources, strict=True):
            plain = source.rstrip("\r")
            indent = len(plain) - len(line)
            same = indent >= 0 and plain.endswith(line)
            self._add(here, base + (indent if same else 0), len(line) if same else 0)
            here += len(line) + 1
            base += len(source) + 1

    def _offset(self, at: int) -> int:
        index = max(bisect_right(self._here, at) - 1, 0)
        return self._there[index] + min(at - self._here[index], self._lengths[index])

    def span(self, start: int, end: int) -> Span | None:
        """The span of the text from `start` to `end`, or that of the whole string."""
        if self.whole is None or not self._here:
            return self.whole
        first = self._offset(start)
        last = self._offset(max(start, end - 1)) + (end > start)
        return Span(self.whole.source, first, max(first, last))
