"""Source texts, spans in them, and notes about them. Knows no format.

Offsets count code points of `Source.text` from 0. Lines and columns start at 1 and
columns count code points (SARIF `columnKind: unicodeCodePoints`); they are computed
only when somebody asks. A byte-order mark is not part of `text`.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Source:
    """One text with its path relative to the scanned folder (posix separators).

    `pieces` is set when the text was cut out of another one (a heredoc with YAML, a
    block scalar with a script): a sorted sequence of (offset here, offset in the
    host). Offsets between two pieces move by the same distance, so that a span in the
    inner text resolves to the very characters of the file.

    `place` is set for a text that no file of the folder shows (a file in a packaged
    chart): all of it resolves to that span, which takes it in.
    """

    __slots__ = (
        "__weakref__",
        "_lines",
        "bom",
        "host",
        "path",
        "pieces",
        "place",
        "text",
    )

    def __init__(
        self,
        path: str,
        text: str,
        *,
        bom: bool = False,
        host: Source | None = None,
        pieces: tuple[tuple[int, int], ...] = (),
        place: Span | None = None,
    ) -> None:
        self.path = path
        self.text = text
        self.bom = bom
        self.host = host
        self.pieces = pieces
        self.place = place
        self._lines: array[int] | None = None

    def __repr__(self) -> str:
        return f"Source({self.path!r}, {len(self.text)} characters)"

    def line_starts(self) -> Sequence[int]:
        """Offsets at which lines start, the first of them 0. LF and CRLF end a line."""
        if self._lines is None:
            starts = array("I", [0])
            find = self.text.find
            at = find("\n")
            while at >= 0:
                starts.append(at + 1)
                at = find("\n", at + 1)
            self._lines = starts
        return self._lines

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column (both from 1) of an offset in this text."""
        starts = self.line_starts()
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    def line_text(self, line: int) -> str:
        """The text of a line (from 1) without its line end; "" past the last one."""
        starts = self.line_starts()
        if not 1 <= line <= len(starts):
            return ""
        end = starts[line] if line < len(starts) else len(self.text)
        return self.text[starts[line - 1] : end].rstrip("\r\n")

    def byte_offset(self, offset: int) -> int:
        """Offset in UTF-8 bytes of the file, the three BOM bytes counted."""
        head = len(self.text[:offset].encode("utf-8", "surrogatepass"))
        return head + (3 if self.bom else 0)

    def outer(self, offset: int) -> tuple[Source, int]:
        """The file's own Source and the offset there (itself when nothing hosts it)."""
        source, at = self, offset
        while source.host is not None:
            index = bisect_right(source.pieces, (at, 1 << 62)) - 1
            here, there = source.pieces[index] if index >= 0 else (0, 0)
            at = min(there + max(0, at - here), len(source.host.text))
            source = source.host
        if source.place is not None:
            span = source.place.resolved()
            return span.source, span.start
        return source, at


class Span(NamedTuple):
    """A piece of a Source, from `start` up to but not including `end`."""

    source: Source
    start: int
    end: int

    @property
    def path(self) -> str:
        """Path of the file, relative to the scanned folder."""
        return self.resolved().source.path

    @property
    def line(self) -> int:
        """First line, from 1, in the file."""
        span = self.resolved()
        return span.source.position(span.start)[0]

    @property
    def column(self) -> int:
        """First column, from 1, in code points."""
        span = self.resolved()
        return span.source.position(span.start)[1]

    @property
    def end_line(self) -> int:
        """Line of the end, from 1."""
        span = self.resolved()
        return span.source.position(span.end)[0]

    @property
    def end_column(self) -> int:
        """Column after the last character, from 1."""
        span = self.resolved()
        return span.source.position(span.end)[1]

    @property
    def text(self) -> str:
        """The characters that the span covers, as written in its own source."""
        return self.source.text[self.start : self.end]

    def resolved(self) -> Span:
        """The same piece in the file that hosts the source; itself when none does."""
        top = self.source
        while top.host is not None:
            top = top.host
        if top.place is not None:
            return top.place.resolved()
        if self.source.host is None:
            return self
        source, start = self.source.outer(self.start)
        _, last = self.source.outer(max(self.start, self.end - 1))
        return Span(source, start, max(start, last + (self.end > self.start)))

    def to(self, other: Span) -> Span:
        """From the start of this span to the end of another one in the same source."""
        if other.source is not self.source or other.end < self.start:
            return self
        return Span(self.source, self.start, other.end)

    def sort_key(self) -> tuple[str, int, int]:
        """Order by file and position."""
        span = self.resolved()
        return (span.source.path, span.start, span.end)


class Note(NamedTuple):
    """What the program has to say about an input: never a finding, never silent.

    `kind` is a stable word that reports use as descriptor id (`syntax-error`,
    `file-too-large`, `module-not-found`, ...). `incomplete` says that something was
    not analysed, so that the scan may not be called clean; `strict_only` notes make it
    incomplete only under --strict or from SL3 on.
    """

    kind: str
    text: str
    path: str
    span: Span | None = None
    incomplete: bool = False
    strict_only: bool = False
