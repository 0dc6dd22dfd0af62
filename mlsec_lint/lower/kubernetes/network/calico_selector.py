"""Calico's selector language: `role == 'db' && env not in {'dev'} || has(x)`.

A recursive descent parser with a bound on nesting; what does not parse is Unclear.
"""

from __future__ import annotations

from typing import NamedTuple

from mlsec_lint.estate.selectors import (
    EVERYTHING,
    NOTHING,
    All,
    AnyOf,
    Not,
    Selector,
    Term,
    Unclear,
)
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown

MAX_LENGTH = 8192
MAX_DEPTH = 50
_TOKEN = regex(
    r"\s*(?:(?P<text>'[^']*'|\"[^\"]*\")|(?P<sign>&&|\|\||==|!=|[!(){},])"
    r"|(?P<word>[A-Za-z0-9_][A-Za-z0-9_./-]*))"
)


class _Token(NamedTuple):
    kind: str
    text: str


class _SyntaxError(Exception):
    pass


def parse_selector(text: str) -> Selector:
    """A selector; the empty text selects everything."""
    if not text.strip():
        return EVERYTHING
    try:
        parser = _Parser(_tokens(text))
        found = parser.either(0)
        parser.end()
    except _SyntaxError as error:
        return Unclear(Unknown("error", f"the selector {text[:80]!r}: {error}"))
    return found


def _tokens(text: str) -> list[_Token]:
    if len(text) > MAX_LENGTH:
        raise _SyntaxError("too long")
    found: list[_Token] = []
    at, text = 0, text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _SyntaxError(f"unexpected {text[at : at + 10]!r}")
        kind = match.lastgroup or ""
        piece = match.group(kind)
        found.append(_Token(kind, piece[1:-1] if kind == "text" else piece))
        at = match.end()
    return found


class _Parser:
    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.at = 0

    def peek(self) -> _Token:
        return self.tokens[self.at] if self.at < len(self.tokens) else _Token("end", "")

    def next(self) -> _Token:
        token = self.peek()
        self.at += 1
        return token

    def sign(self, text: str) -> bool:
        if self.peek() == _Token("sign", text):
            self.at += 1
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.sign(text):
            raise _SyntaxError(f"{text!r} is missing")

    def end(self) -> None:
        if self.peek().kind != "end":
            raise _SyntaxError(f"unexpected {self.peek().text!r}")

    def either(self, depth: int) -> Selector:
        parts = [self.both(depth)]
        while self.sign("||"):
            parts.append(self.both(depth))
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def both(self, depth: int) -> Selector:
        parts = [self.single(depth)]
        while self.sign("&&"):
            parts.append(self.single(depth))
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def single(self, depth: int) -> Selector:
        if depth > MAX_DEPTH:
            raise _SyntaxError("nested too deeply")
        if self.sign("!"):
            return Not(self.single(depth + 1))
        if self.sign("("):
            found = self.either(depth + 1)
            self.expect(")")
            return found
        token = self.next()
        if token.kind != "word":
            raise _SyntaxError(f"unexpected {token.text!r}")
        if self.sign("("):
            return self.call(token.text)
        return self.test(token.text)

    def call(self, name: str) -> Selector:
        if name == "has":
            key = self.next()
            self.expect(")")
            return Term(key.text, "exists")
        self.expect(")")
        if name == "all":
            return EVERYTHING
        if name == "global":
            return NOTHING
        raise _SyntaxError(f"no function {name!r}")

    def test(self, key: str) -> Selector:
        if self.sign("=="):
            return Term(key, "in", (self.value(),))
        if self.sign("!="):
            return Term(key, "not in", (self.value(),))
        word = self.next()
        if word.kind != "word":
            raise _SyntaxError(f"unexpected {word.text!r}")
        if word.text == "in":
            return Term(key, "in", self.values())
        if word.text == "not":
            if self.next() != _Token("word", "in"):
                raise _SyntaxError("'in' is missing")
            return Term(key, "not in", self.values())
        if word.text == "contains":
            return Term(key, "contains", (self.value(),))
        if word.text in ("starts", "ends"):
            if self.next() != _Token("word", "with"):
                raise _SyntaxError("'with' is missing")
            return Term(key, word.text, (self.value(),))
        raise _SyntaxError(f"no operator {word.text!r}")

    def value(self) -> str:
        token = self.next()
        if token.kind != "text":
            raise _SyntaxError(f"{token.text!r} is no quoted text")
        return token.text

    def values(self) -> tuple[str, ...]:
        self.expect("{")
        found: list[str] = []
        while not self.sign("}"):
            found.append(self.value())
            if not self.sign(","):
                self.expect("}")
                break
        return tuple(found)
