"""From the text that a template gives back to the template, and to the values behind it."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from mlsec_lint.kubernetes.included import unwritten
from mlsec_lint.source import Note, Source, Span
from mlsec_lint.value import Step, Unknown, Value

if TYPE_CHECKING:
    from mlsec_lint.kubernetes.gowriter import Piece
    from mlsec_lint.value import Symbol

_SET = "set by this value"
_TAKEN_IN = "taken in here"
#: Stretches that are looked through for the end of a span.
_LOOK_BACK = 64


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
        """A span of the output as a span of the template that wrote its start.

        What other templates wrote at its end ends where this one called them.
        """
        if not self.pieces:
            return Span(self.source, 0, 0)
        index = self._index(span.start)
        first = self.pieces[index]
        start = end = _moved(first, span.start, first.at)
        last = self._index(max(span.start, span.end - 1))
        for piece in reversed(self.pieces[max(index, last - _LOOK_BACK) : last + 1]):
            if piece.source is first.source:
                end = _moved(piece, min(span.end, piece.end), piece.until)
                break
            calls = [call for call in piece.calls if call.source is first.source]
            if calls:
                end = calls[-1].end
                break
        return Span(first.source, start, max(start, end))

    def home(self, value: Value) -> Span | None:
        """The action of the rendered file that wrote an object; None for its own text."""
        kind = value.get("kind")
        where = kind.key if kind is not None and kind.key is not None else value.span
        calls = self._taken_in(where)
        return calls[0] if calls else None

    def _index(self, offset: int) -> int:
        return max(bisect_right(self.starts, offset) - 1, 0)

    def note(self, note: Note) -> Note:
        """A note about the output as one about the template."""
        span = None if note.span is None else self.span(note.span)
        path = self.source.path if span is None else span.path
        return note._replace(path=path, span=span)

    def value(self, value: Value) -> Value:
        """A value read from the output, with its places in the template."""
        trail = value.trail
        if value.type is not None or isinstance(value.data, Unknown):
            trail = (*self._steps(value.span), *self._calls(value), *trail)
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

    def _calls(self, value: Value) -> tuple[Step, ...]:
        """The actions that took in the template that wrote an entry."""
        where = value.key or value.span
        calls = reversed(self._taken_in(where))
        return tuple(Step(call, _TAKEN_IN) for call in calls)

    def _taken_in(self, where: Span | None) -> tuple[Span, ...]:
        if where is None or not self.pieces:
            return ()
        return self.pieces[self._index(where.start)].calls

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
    origin = unwritten(value)
    return None if origin is None else origin[1]


def _moved(piece: Piece, offset: int, otherwise: int) -> int:
    """An offset of the output in the piece's template."""
    if not piece.exact:
        return otherwise
    return min(piece.at + offset - piece.start, len(piece.source.text))


def _settled(data: Unknown, origin: Value) -> Unknown:
    """An unknown that was unknown before it was written keeps what it was."""
    return origin.data if isinstance(origin.data, Unknown) else data
