"""Calls in Python text, token by token: no parser, nothing is run, any text will do.

Strings and comments are told from code; a call is a dotted name with `(` behind it. Its
arguments are known where they are literals. Text that is no Python gives what it gives.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.patterns import regex
from mlsec_lint.source import Span
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from mlsec_lint.source import Source

MAX_TEXT = 200_000
_MAX_CALLS = 2_000
_MAX_ARGUMENTS = 400  # tokens of one call
_TOKEN = regex(
    r"(?P<skip>[ \t\r\n\f]+|\\\r?\n|\#[^\n]*)"
    r"|(?P<string>(?P<prefix>[rRbBuUfFtT]{0,2})"
    r"(?:(?P<long>\"\"\"|''').*?(?:(?P=long)|\Z)"
    r"|\"(?:\\.|[^\"\\\n])*(?:\"|(?=\n)|\Z)|'(?:\\.|[^'\\\n])*(?:'|(?=\n)|\Z)))"
    r"|(?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)*)"
    r"|(?P<other>.)",
    re.DOTALL,
)
_CONSTANTS = {"True": True, "False": False}


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


@dataclass(slots=True)
class Call:
    """One call: `name` is its dotted name, `.upload_file` behind another call's result.

    * `span`: from the name to its end (the `(` is not part of it);
    * `positional`: the first argument, where it is a literal or unknown;
    * `named`: keyword arguments; a value that is no literal is Unknown;
    * `entries`: the span of each keyword argument, `name=value`.
    """

    name: str
    span: Span
    positional: Value | None = None
    named: dict[str, Value] = field(default_factory=dict)
    entries: dict[str, Span] = field(default_factory=dict)

    @property
    def last(self) -> str:
        """The last part of the name."""
        return self.name.rpartition(".")[2]


def calls(source: Source) -> list[Call]:
    """The calls in a Python text, in order; those past the bounds are left out."""
    found: list[Call] = []
    tokens = _tokens(source.text[:MAX_TEXT])
    for at, token in enumerate(tokens):
        if token.kind != "name" or len(found) >= _MAX_CALLS:
            continue
        behind = tokens[at + 1] if at + 1 < len(tokens) else None
        before = tokens[at - 1].text if at else ""
        if behind is None or behind.text != "(" or before in ("def", "class"):
            continue
        name = f".{token.text}" if before == "." else token.text
        call = Call(name, Span(source, token.start, token.end))
        _arguments(source, call, tokens, at + 2)
        found.append(call)
    return found


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        if match["skip"] is not None:
            continue
        if match["string"] is not None:
            kind = "string"
        found.append(_Token(kind, match[0], match.start(), match.end()))
    return found


def _arguments(source: Source, call: Call, tokens: list[_Token], at: int) -> None:
    """Take the arguments of a call up to its closing parenthesis, bounded."""
    depth = 0
    piece: list[_Token] = []
    number = 0
    for token in tokens[at : at + _MAX_ARGUMENTS]:
        if depth == 0 and token.text in (",", ")"):
            _argument(source, call, piece, first=number == 0)
            number += 1
            piece = []
            if token.text == ")":
                return
            continue
        if token.text in ("(", "[", "{"):
            depth += 1
        elif token.text in (")", "]", "}"):
            depth -= 1
        piece.append(token)


def _argument(source: Source, call: Call, piece: list[_Token], *, first: bool) -> None:
    if not piece:
        return
    named = len(piece) > 2 and piece[0].kind == "name" and piece[1].text == "="
    if named and piece[2].text != "=":
        name = piece[0].text
        call.named[name] = _value(source, piece[2:])
        call.entries[name] = Span(source, piece[0].start, piece[-1].end)
    elif first:
        call.positional = _value(source, piece)


def _value(source: Source, piece: list[_Token]) -> Value:
    """A literal as a Value, else an Unknown; both with their place."""
    span = Span(source, piece[0].start, piece[-1].end)
    if len(piece) == 1:
        token = piece[0]
        if token.text in _CONSTANTS:
            return Value(_CONSTANTS[token.text], span)
        if token.text == "None":
            return Value(None, span)
        text = _literal(token) if token.kind == "string" else None
        if text is not None:
            return Value(text, span)
    shown = " ".join(span.text.split())[:80]
    why = f"{shown} is computed by the program"
    return Value(Unknown("environment", why, shown, span=span), span)


def _literal(token: _Token) -> str | None:
    """The text of a string without escapes and fields; None for any other string."""
    text = token.text
    prefix = len(text) - len(text.lstrip("rRbBuUfFtT"))
    marks = text[:prefix].lower()
    body = text[prefix:]
    quote = body[:3] if body[:3] in ('"""', "'''") else body[:1]
    if len(body) < 2 * len(quote) or not body.endswith(quote):
        return None
    inner = body[len(quote) : len(body) - len(quote)]
    if "\\" in inner or "$" in inner or "b" in marks:
        return None
    return None if {"f", "t"} & set(marks) and "{" in inner else inner
