"""Where a piece of a string's text stands in its source.

A string that was written down verbatim (a heredoc, a file, a quoted string without
escapes) has a span whose text is, or contains, the string itself; then offsets in the
string are offsets in the source. Otherwise every piece stands where the string does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.source import Span

if TYPE_CHECKING:
    from mlsec_lint.value import Value


class Positions:
    """Maps offsets in a string value to spans."""

    __slots__ = ("base", "whole")

    def __init__(self, value: Value) -> None:
        self.whole = value.span
        self.base: int | None = None
        text = value.data
        if self.whole is not None and isinstance(text, str) and text:
            at = self.whole.text.find(text)
            self.base = None if at < 0 else self.whole.start + at

    def span(self, start: int, end: int) -> Span | None:
        """The span of the text from `start` to `end`, or that of the whole string."""
        if self.whole is None or self.base is None:
            return self.whole
        return Span(self.whole.source, self.base + start, self.base + end)
