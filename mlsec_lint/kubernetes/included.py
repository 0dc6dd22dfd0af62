"""Texts of named templates that keep their places: `include`, indented or trimmed.

A text that a named template gave has the origin `("written", pieces)`. It is spliced
into the output where it holds whole lines, so that a finding about a container that a
library chart writes leads to the line in the library. A word in a line (a name, a tag)
leads to the action in that line instead: there the attribute stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.patterns import regex
from mlsec_lint.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.kubernetes.gowriter import Piece, Writer

_WRITTEN = "written"
#: An entry or an item of its own: `key: ...`, `- ...`.
_ENTRY = regex(r"- \S|[\w./-]{1,200}:(?:\s|$)|\"[^\"\n]{1,200}\":(?:\s|$)")
#: Functions whose result is a part of the text, and whether it is the last such part.
_PARTS = {
    "print": False, "toString": False, "trim": False, "trimAll": False,
    "trimPrefix": True, "trimSuffix": False, "trunc": False,
}  # fmt: skip


def written(writer: Writer, type_: str | None) -> Value:
    """What a nested writer wrote, with its places where they lie in files."""
    text = writer.text()
    if not writer.source.path:  # `tpl` of a text that a value gave
        return Value(text, type=type_)
    return Value(text, type=type_, origin=(_WRITTEN, Value(tuple(writer.pieces))))


def whole_lines(value: Value) -> tuple[Piece, ...]:
    """The pieces of a text of whole lines; () for a word and for any other value."""
    origin, text = value.origin, value.data
    if origin is None or origin[0] != _WRITTEN or not isinstance(text, str):
        return ()
    inner = text.strip()
    if "\n" not in inner and _ENTRY.match(inner) is None:
        return ()
    pieces: tuple[Piece, ...] = origin[1].data
    return pieces


def unwritten(value: Value) -> tuple[str, Value] | None:
    """The origin of a value for a text made from it in another way."""
    origin = value.origin
    return None if origin is not None and origin[0] == _WRITTEN else origin


def reshaped(name: str, args: list[Value], result: Value) -> Value:
    """The result of a function, with the pieces of its last argument where it keeps them."""
    last = args[-1]
    origin, before, after = last.origin, last.data, result.data
    if origin is None or origin[0] != _WRITTEN:
        return result
    assert isinstance(before, str)
    pieces: tuple[Piece, ...] = origin[1].data
    if not isinstance(after, str):
        return result
    if name in ("indent", "nindent"):
        lead = 1 if name == "nindent" else 0
        pad = (len(after) - lead - len(before)) // (before.count("\n") + 1)
        moved = tuple(_indented(pieces, before, pad, lead))
    elif name in _PARTS and (len(args) == 1 or name not in ("print", "toString")):
        at = after and (before.rfind(after) if _PARTS[name] else before.find(after))
        if not isinstance(at, int) or at < 0:
            return result
        moved = tuple(_cut(pieces, at, at + len(after)))
    else:
        return result
    return result.replace(origin=(_WRITTEN, Value(moved)))


def _indented(
    pieces: tuple[Piece, ...], text: str, pad: int, lead: int
) -> Iterator[Piece]:
    """Pieces after each line got `pad` spaces; those of several lines are cut at lines."""
    counted, lines = 0, 1
    for piece in pieces:
        start = piece.start
        while start < piece.end:
            stop = text.find("\n", start, piece.end) + 1 if piece.exact else 0
            stop = stop or piece.end
            lines += text.count("\n", counted, start)
            counted = start
            moved = _part(piece, start, stop, lead + pad * lines)
            inside = 0 if piece.exact else text.count("\n", start, stop - 1)
            yield moved._replace(end=moved.end + pad * inside)
            start = stop


def _cut(pieces: tuple[Piece, ...], start: int, end: int) -> Iterator[Piece]:
    """Pieces of a part of the text."""
    for piece in pieces:
        first, last = max(piece.start, start), min(piece.end, end)
        if first < last:
            yield _part(piece, first, last, -start)


def _part(piece: Piece, start: int, end: int, moved: int) -> Piece:
    if not piece.exact:
        return piece._replace(start=start + moved, end=end + moved)
    at = piece.at + start - piece.start
    return piece._replace(
        start=start + moved, end=end + moved, at=at, until=at + end - start
    )
