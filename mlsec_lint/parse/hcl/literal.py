"""Literal text of templates: escapes, trimming, positions, Unicode normal form.

A `Draft` is a piece of literal text on its way to a `tree.Text`. Its `pieces` map
offsets in the value to offsets in the source, as `Text` documents.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, TypeAlias

from mlsec_lint.parse.hcl import tree
from mlsec_lint.patterns import regex

if TYPE_CHECKING:
    from mlsec_lint.parse.hcl.cursor import Cursor

Pieces: TypeAlias = list[tuple[int, int]]

# What Go's unicode.IsSpace says (Python's str.isspace counts U+001C to U+001F too).
SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008"
    "\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
_QUOTED_ESCAPES = regex(
    r"\\u[0-9a-fA-F]{0,4}|\\U[0-9a-fA-F]{0,8}|\\.|\$\$\{|%%\{", re.DOTALL
)
_RAW_ESCAPES = regex(r"\$\$\{|%%\{")
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "$": "${", "%": "%{"}
_CODE_LENGTH = {"u": 6, "U": 10}


class Draft:
    """Literal text between two sequences of a template, from `start` to `end`."""

    __slots__ = ("end", "pieces", "start", "value")

    def __init__(self, start: int, end: int, value: str, pieces: Pieces) -> None:
        self.start = start
        self.end = end
        self.value = value
        self.pieces = pieces

    def cut(self, count: int) -> None:
        """Take `count` characters away from the front."""
        if count == 0:
            return
        shifted: Pieces = []
        for here, there in self.pieces:
            if here <= count:
                shifted = [(0, there + count - here)]
            else:
                shifted.append((here - count, there))
        self.pieces = shifted
        self.value = self.value[count:]

    def keep(self, count: int) -> None:
        """Take everything after the first `count` characters away."""
        self.value = self.value[:count]
        self.pieces = [piece for piece in self.pieces if piece[0] <= count]

    def join(self, other: Draft) -> None:
        """Append the draft that follows."""
        offset = len(self.value)
        self.value += other.value
        self.pieces += [(here + offset, there) for here, there in other.pieces]
        self.end = other.end


def decode(c: Cursor, start: int, end: int, *, quoted: bool) -> Draft:
    """The text between two offsets with its escapes resolved; bad ones are reported."""
    raw = c.text[start:end]
    escapes = _QUOTED_ESCAPES if quoted else _RAW_ESCAPES
    parts: list[str] = []
    pieces: Pieces = [(0, start)]
    length = at = 0
    for found in escapes.finditer(raw):
        here = found.start()
        char = _escaped(c, start + here, found.group())
        parts.append(raw[at:here])
        parts.append(char)
        length += here - at
        if here > at or len(pieces) == 1:
            pieces.append((length, start + here))
        length += len(char)
        at = found.end()
        pieces.append((length, start + at))
    if not parts:
        return Draft(start, end, raw, pieces)
    parts.append(raw[at:])
    return Draft(start, end, "".join(parts), pieces)


def _escaped(c: Cursor, at: int, escape: str) -> str:
    selector = escape[1:2]
    length = _CODE_LENGTH.get(selector)
    if length is None:
        if selector in _SIMPLE and (escape[0] == "\\") == (len(escape) == 2):
            if escape[0] != "\\" or selector not in "$%":
                return _SIMPLE[selector]
        detail = f"\\{selector} is no escape sequence"
        c.report(at, at + len(escape), "Invalid escape sequence", detail)
        return escape[1:]
    if len(escape) == length:
        digits = escape[2:]
        code = int(digits, 16)
        if code < 0x110000 and not 0xD800 <= code < 0xE000:
            return chr(code)
        detail = f"U+{code:04X} is no character"
    else:
        detail = f"\\{selector} takes {length - 2} hexadecimal digits"
    c.report(at, at + len(escape), "Invalid escape sequence", detail)
    return escape


def text_node(draft: Draft) -> tree.Text:
    """The finished node, in normal form C as Terraform's strings are."""
    value, pieces = draft.value, draft.pieces
    if not value.isascii() and not unicodedata.is_normalized("NFC", value):
        value, pieces = _normalized(value, pieces)
    return tree.Text(draft.start, draft.end, value, tuple(pieces))


def _normalized(value: str, pieces: Pieces) -> tuple[str, Pieces]:
    """Normal form C line by line: exact at the start of each line and each piece.

    Nothing composes across a line feed, so the lines are independent.
    """
    result: list[str] = []
    moved: Pieces = []
    length = at = index = 0
    here, there = pieces[0]
    for line in value.split("\n"):
        line += "\n"
        moved.append((length, there + at - here))
        while index < len(pieces) and pieces[index][0] < at + len(line):
            here, there = pieces[index]
            index += 1
            offset = length + len(unicodedata.normalize("NFC", line[: here - at]))
            if offset > moved[-1][0]:
                moved.append((offset, there))
            else:
                moved[-1] = (offset, there)
        composed = unicodedata.normalize("NFC", line)
        result.append(composed)
        length += len(composed)
        at += len(line)
    return "".join(result)[:-1], moved


def plain_template(text: str, start: int, end: int) -> tree.Template:
    """A quoted string that has no escapes and no sequences."""
    if end - start == 2:
        return tree.Template(start, end, (), heredoc=False)
    value = text[start + 1 : end - 1]
    if value.isascii():
        part = tree.Text(start + 1, end - 1, value, ((0, start + 1),))
    else:
        part = text_node(Draft(start + 1, end - 1, value, [(0, start + 1)]))
    return tree.Template(start, end, (part,), heredoc=False)
