"""The output of a template, and where each stretch of it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mlsec_lint.kubernetes.gotemplate import Tag
    from mlsec_lint.source import Source
    from mlsec_lint.value import Value

#: Characters that one template file may write.
MAX_OUTPUT = 5_000_000


class Piece(NamedTuple):
    """Where a stretch of output comes from.

    * `start`, `end`: offsets in the output;
    * `at`, `until`: offsets in the template; `exact` when both run in step;
    * `value`: what was written there, if one value was.
    """

    start: int
    end: int
    at: int
    until: int
    exact: bool
    value: Value | None


class BoundError(Exception):
    """A template that does more than is followed."""


class Writer:
    """Collects output and where it comes from. A nested one has no template of its own."""

    def __init__(self, source: Source, *, nested: bool = False) -> None:
        self.source = source
        self.parts: list[str] = []
        self.pieces: list[Piece] = []
        self.length = 0
        self.tainted = False
        self.nested = nested

    def put(
        self, text: str, at: int, until: int, *, exact: bool, value: Value | None = None
    ) -> None:
        """Write text that comes from a stretch of the template."""
        if not text:
            return
        end = self.length + len(text)
        if end > MAX_OUTPUT:
            raise BoundError("a template that writes too much")
        if not self.nested:
            self.pieces.append(Piece(self.length, end, at, until, exact, value))
        self.parts.append(text)
        self.length = end

    def raw(self, tag: Tag, value: Value | None = None) -> None:
        """Write an action as it stands, with the white space it would have taken.

        `value` is the unknown that it would have written.
        """
        self.tainted = True
        text = self.source.text[tag.before : tag.after]
        if self.nested:
            inner = " ".join(self.source.text[tag.start : tag.end].split())
            lead = self.source.text[tag.before : tag.start]
            text = lead + inner + self.source.text[tag.end : tag.after]
        self.put(text, tag.before, tag.after, exact=not self.nested, value=value)

    def text(self) -> str:
        """Everything written."""
        return "".join(self.parts)
