"""The output of a template, and where each stretch of it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsec_lint.kubernetes.gotemplate import Tag
    from mlsec_lint.source import Source
    from mlsec_lint.value import Value

#: Characters that one template file may write.
MAX_OUTPUT = 5_000_000


class Piece(NamedTuple):
    """Where a stretch of output comes from.

    * `start`, `end`: offsets in the output;
    * `source`, `at`, `until`: the stretch of a template; `exact` when both run in step;
    * `value`: what was written there, if one value was;
    * `calls`: the actions that took the stretch in (`{{ include "x" . }}`), the one of
      the rendered file first; () for what stands in that file itself.
    """

    start: int
    end: int
    source: Source
    at: int
    until: int
    exact: bool
    value: Value | None
    calls: tuple[Span, ...] = ()


class BoundError(Exception):
    """A template that does more than is followed."""


class Writer:
    """Collects output and where it comes from; a nested one, what an `include` gives."""

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
        self.pieces.append(
            Piece(self.length, end, self.source, at, until, exact, value)
        )
        self.parts.append(text)
        self.length = end

    def splice(self, text: str, tag: Tag, pieces: Iterable[Piece]) -> None:
        """Write the text of a named template that an action takes in, with its places."""
        if self.length + len(text) > MAX_OUTPUT:
            raise BoundError("a template that writes too much")
        call = Span(self.source, tag.start, tag.end)
        self.pieces += [
            piece._replace(
                start=piece.start + self.length,
                end=piece.end + self.length,
                calls=(call, *piece.calls),
            )
            for piece in pieces
        ]
        self.parts.append(text)
        self.length += len(text)

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
