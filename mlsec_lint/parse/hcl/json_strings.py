"""Strings of JSON configuration: escapes, and the templates and expressions in them."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from mlsec_lint.parse.hcl import tree
from mlsec_lint.parse.hcl.height import children
from mlsec_lint.parse.hcl.literal import Draft, text_node
from mlsec_lint.parse.hcl.parser import parse_expression, parse_template
from mlsec_lint.patterns import regex
from mlsec_lint.source import Note, Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.parse.hcl.literal import Pieces

_ESCAPE = regex(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|u[0-9a-fA-F]{4}|[^u])",
    re.DOTALL,
)
_SIMPLE = {
    '"': '"',
    "\\": "\\",
    "/": "/",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
}
_BAD_ESCAPE = regex(r"\\(?![\"\\/bfnrt]|u[0-9a-fA-F]{4})")


def bad_escape(text: str, start: int, end: int) -> int | None:
    """Offset of an escape that JSON does not have, between two offsets of a string."""
    at = start
    while (at := text.find("\\", at, end)) >= 0:
        if _BAD_ESCAPE.match(text, at, end):
            return at
        at += 2
    return None


def decoded(text: str, start: int, end: int) -> str:
    """The string that the JSON literal between two offsets (quotes included) writes."""
    return _decode(text, start, end)[0]


def _decode(text: str, start: int, end: int) -> tuple[str, Pieces]:
    raw = text[start + 1 : end - 1]
    pieces: Pieces = [(0, start + 1)]
    if "\\" not in raw:
        return raw, pieces
    parts: list[str] = []
    length = at = 0
    for found in _ESCAPE.finditer(raw):
        here = found.start()
        parts.append(raw[at:here])
        length += here - at
        if here > at:
            pieces.append((length, start + 1 + here))
        char = _character(found.group())
        parts.append(char)
        length += len(char)
        at = found.end()
        pieces.append((length, start + 1 + at))
    parts.append(raw[at:])
    return "".join(parts), pieces


def _character(escape: str) -> str:
    if escape[1] != "u":
        return _SIMPLE[escape[1]]
    if len(escape) == 12:
        high, low = int(escape[2:6], 16), int(escape[8:], 16)
        return chr(0x10000 + ((high & 0x3FF) << 10) + (low & 0x3FF))
    code = int(escape[2:6], 16)
    return "\ufffd" if 0xD800 <= code < 0xE000 else chr(code)  # as Go's encoding/json


def template(text: str, start: int, end: int) -> tuple[tree.Template, list[Note]]:
    """The template in the JSON string between two offsets, and the notes on it."""
    value, pieces = _decode(text, start, end)
    if "${" not in value and "%{" not in value:
        return _plain(value, pieces, start, end), []
    node, notes = parse_template(Source("", value))
    _move(node, pieces)
    node.start, node.end = start, end
    return node, notes


def plain(text: str, start: int, end: int) -> tree.Template:
    """The JSON string between two offsets as a template without sequences."""
    return _plain(*_decode(text, start, end), start, end)


def _plain(value: str, pieces: Pieces, start: int, end: int) -> tree.Template:
    if not value:
        return tree.Template(start, end, (), heredoc=False)
    part = text_node(Draft(start + 1, end - 1, value, pieces))
    return tree.Template(start, end, (part,), heredoc=False)


def expression_in(
    source: Source, node: tree.Expression
) -> tuple[tree.Expression, list[Note]]:
    """The expression that a string of a JSON configuration holds as text.

    A node that is no string is given back as it is. Spans are those in the JSON text.
    """
    if not isinstance(node, tree.Template):
        return node, []
    value, pieces = _decode(source.text, node.start, node.end)
    found, notes = parse_expression(Source(source.path, value))
    _move(found, pieces)
    span = Span(source, node.start, node.end)
    return found, [note._replace(span=span) for note in notes]


def _move(root: tree.Node, pieces: Pieces) -> None:
    """Turn offsets in the decoded string into offsets in the JSON text."""
    starts = [here for here, _ in pieces]

    def outer(offset: int) -> int:
        here, there = pieces[bisect_right(starts, offset) - 1]
        return there + offset - here

    todo: list[tree.Node] = [root]
    while todo:
        node = todo.pop()
        todo.extend(children(node))
        node.start, node.end = outer(node.start), outer(node.end)
        if isinstance(node, tree.Text):
            node.pieces = tuple(_composed(node, pieces))


def _composed(node: tree.Text, pieces: Pieces) -> Iterator[tuple[int, int]]:
    """The pieces of a text, whose offsets in the string are mapped further on."""
    starts = [here for here, _ in pieces]
    ends = [here for here, _ in node.pieces[1:]] + [len(node.value)]
    for (here, inner), end in zip(node.pieces, ends, strict=True):
        index = bisect_right(starts, inner) - 1
        yield here, pieces[index][1] + inner - pieces[index][0]
        last = bisect_right(starts, inner + end - here - 1)
        for start, there in pieces[index + 1 : last]:
            yield here + start - inner, there
