"""From the text that a template gives back to the template, and to the values behind it."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from mlsec_lint.source import Note, Source, Span
from mlsec_lint.value import Step, Unknown, Value

if TYPE_CHECKING:
    from mlsec_lint.kubernetes.gowriter import Piece
    from mlsec_lint.value import Symbol

_SET = "set by this value"


class Provenance:
    """Puts spans of rendered text where the template has them, and adds the way there.

    A scalar that a value of the chart gave has the place of the template's action, and
    a step to the value.
    """

    def __init__(self, source: Source, pieces: list[Piece]) -> None:
        self.source = source
        self.pieces = pieces
        self.starts = [piece.start for piece in pieces]

    def span(self, span: Span) -> Span:
        """A span of the output as a span of the template."""
        start = self._offset(span.start, end=False)
        end = self._offset(span.end, end=True)
        return Span(self.source, start, max(start, end))

    def _offset(self, offset: int, *, end: bool) -> int:
        index = bisect_right(self.starts, offset - 1 if end else offset) - 1
        if index < 0:
            return 0
        piece = self.pieces[index]
        if piece.exact:
            return min(piece.at + offset - piece.start, len(self.source.text))
        return piece.until if end else piece.at

    def note(self, note: Note) -> Note:
        """A note about the output as one about the template."""
        span = None if note.span is None else self.span(note.span)
        return note._replace(path=self.source.path, span=span)

    def value(self, value: Value) -> Value:
        """A value read from the output, with its places in the template."""
        trail = value.trail
        if value.type is not None or isinstance(value.data, Unknown):
            trail = (*self._steps(value.span), *trail)
        return self._placed(value, trail, None)

    def _placed(
        self, value: Value, trail: tuple[Step, ...], origin: Value | None
    ) -> Value:
        span = None if value.span is None else self.span(value.span)
        key = None if value.key is None else self.span(value.key)
        data = value.data
        if isinstance(data, dict):
            data = {
                name: self._child(name, child, origin) for name, child in data.items()
            }
        elif isinstance(data, Unknown):
            data = self._unknown(data) if origin is None else _settled(data, origin)
        elif isinstance(data, tuple):
            data = self._elements(data, origin)
        trail = tuple(
            step._replace(span=self.span(step.span)) if self._is_ours(step) else step
            for step in trail
        )
        return Value(data, span, key=key, type=value.type, trail=trail)

    def _is_ours(self, step: Step) -> bool:
        """Whether a step lies in the output (an anchor), not in a file already."""
        return step.span.source is not self.source and step.span.source.path == ""

    def _child(self, name: str, child: Value, origin: Value | None) -> Value:
        """An entry: what wrote its key wrote the whole entry."""
        if origin is None and child.key is not None:
            piece = self._piece(child.key.start)
            if piece is not None and piece.value is not None:
                origin = _origin(piece.value)
        inner = origin.get(name) if origin is not None else None
        return self._followed(child, inner)

    def _elements(
        self, elements: tuple[Value, ...], origin: Value | None
    ) -> tuple[Value, ...]:
        """Items of a list: what wrote an item's dash wrote the item."""
        placed: list[Value] = []
        counts: dict[int, int] = {}
        for index, one in enumerate(elements):
            inner: Value | None = None
            listed = origin
            number = index
            if listed is None and one.span is not None:
                piece = self._piece(one.span.start)
                if piece is not None and piece.value is not None:
                    listed = _origin(piece.value)
                    number = counts.get(piece.start, 0)
                    counts[piece.start] = number + 1
            if listed is not None and number < len(listed.elements()):
                inner = listed.elements()[number]
            placed.append(self._followed(one, inner))
        return tuple(placed)

    def _followed(self, value: Value, origin: Value | None) -> Value:
        if origin is None:
            return self.value(value)
        at = origin.entry()
        steps = () if at is None else (Step(at, _SET), *origin.trail)
        return self._placed(value, (*value.trail, *steps), origin)

    def _piece(self, offset: int) -> Piece | None:
        index = bisect_right(self.starts, offset) - 1
        if index < 0 or self.pieces[index].end <= offset:
            return None
        return self.pieces[index]

    def _steps(self, span: Span | None) -> tuple[Step, ...]:
        """The values that were written into a scalar."""
        if span is None:
            return ()
        steps: list[Step] = []
        index = max(0, bisect_right(self.starts, span.start) - 1)
        while index < len(self.pieces) and self.pieces[index].start < span.end:
            piece = self.pieces[index]
            index += 1
            if piece.value is None or piece.end <= span.start:
                continue
            at = piece.value.entry()
            if at is not None:
                steps += [Step(at, _SET), *piece.value.trail]
            if len(steps) > 20:
                break
        return tuple(dict.fromkeys(steps))

    def _unknown(self, data: Unknown) -> Unknown:
        span = None if data.span is None else self.span(data.span)
        parts = tuple(
            part if isinstance(part, str) else self._unknown(part)
            for part in data.parts
        )
        possible = data.possible
        if possible is not None:
            possible = tuple(self.value(one) for one in possible)
        symbol = data.symbol or self._symbol(data.span)
        return data._replace(span=span, parts=parts, possible=possible, symbol=symbol)

    def _symbol(self, span: Span | None) -> Symbol | None:
        """What the value refers to that an action would have written."""
        piece = None if span is None else self._piece(span.start)
        if piece is None or piece.value is None:
            return None
        data = piece.value.data
        return piece.value.symbol or (
            data.symbol if isinstance(data, Unknown) else None
        )


def _origin(value: Value) -> Value | None:
    """The structure that a text was written from."""
    return value.origin[1] if value.origin is not None else None


def _settled(data: Unknown, origin: Value) -> Unknown:
    """An unknown that was unknown before it was written keeps what it was."""
    return origin.data if isinstance(origin.data, Unknown) else data
