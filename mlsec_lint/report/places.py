"""Where a span lies, in the numbers that reports print. Knows no format."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mlsec_lint.source import Source, Span


class Place(NamedTuple):
    """A piece of one line of a file: the narrowest region that names a span.

    Lines and columns count from 1 and in code points; `end_column` is the one after
    the last character. `start` and `end` are offsets in `source`, the file itself.
    `last_line` is where the whole span ends. Code hosts show an annotation only if
    every line of it is in the diff, so a longer span is cut at its first line's end.
    """

    source: Source
    start: int
    end: int
    line: int
    column: int
    end_column: int
    last_line: int

    @property
    def path(self) -> str:
        """Path of the file, relative to the scanned folder; not yet safe to print."""
        return self.source.path


def place(span: Span) -> Place:
    """The place of a span. An empty one becomes the text of its line."""
    outer = span.resolved()
    source = outer.source
    start = max(0, min(outer.start, len(source.text)))
    end = max(start, min(outer.end, len(source.text)))
    line, column = source.position(start)
    last_line = source.position(max(start, end - 1))[0]
    head = start - column + 1
    text = source.line_text(line)
    first, last = start - head, min(end - head, len(text))
    if last <= first:
        indent = len(text) - len(text.lstrip())
        first, last = (indent, len(text.rstrip())) if text.strip() else (0, 0)
    return Place(
        source, head + first, head + last, line, first + 1, last + 1, last_line
    )


def where(span: Span) -> str:
    """`file:line` of a span; not yet safe to print."""
    outer = span.resolved()
    return f"{outer.source.path}:{outer.source.position(outer.start)[0]}"
