"""Conditions of Azure role assignments: whether they leave an operation untouched.

A condition reads `(!(ActionMatches{'...'})) OR (attribute test)`: what no
`ActionMatches` names is not restricted (learn.microsoft.com, "Azure role assignment
condition format and syntax", read 2026-11). Tests of attributes are not evaluated: they
depend on a request, and are not known here.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from mlsec_lint.estate.wildcards import wildcard
from mlsec_lint.lower.azure.grants.answers import Answer, both, either, opposite
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown

_MAX_LENGTH = 20_000
_MAX_DEPTH = 60
_TOKEN = regex(
    r"\s*(?:(?P<action>ActionMatches\s*\{\s*'(?P<name>[^']*)'\s*\})"
    r"|(?P<other>'[^']*'|\{[^{}]*\}|\[[^\[\]]*\])"
    r"|(?P<mark>\(|\)|!(?!=)|&&|\|\|)"
    r"|(?P<word>[^\s()!'{}\[\]&|]+|.))",
    re.IGNORECASE,
)
_WORDS = {"and": "&&", "or": "||", "not": "!"}
_ATTRIBUTE = Unknown("unsupported", "the condition of the grant asks for more")


class _Token(NamedTuple):
    kind: str  # a mark, "action" or "other"
    text: str = ""


def holds(condition: str | Unknown, operation: str) -> Answer:
    """Whether a condition lets an operation pass, whatever the request is."""
    if isinstance(condition, Unknown):
        return condition
    if not condition.strip():
        return True
    if len(condition) > _MAX_LENGTH:
        return _ATTRIBUTE
    reader = _Reader(_tokens(condition), operation.lower())
    answer = reader.any_of(0)
    return answer if reader.finished() else _ATTRIBUTE


def _tokens(text: str) -> list[_Token]:
    found = []
    for match in _TOKEN.finditer(text):
        if match["action"] is not None:
            found.append(_Token("action", match["name"].lower()))
        elif match["mark"] is not None:
            found.append(_Token(match["mark"]))
        elif match["other"] is not None or match["word"].strip():
            word = (match["word"] or "").lower()
            found.append(_Token(_WORDS.get(word, "other")))
    return found


class _Reader:
    """Reads tokens from left to right; `!` binds closest, then AND, then OR."""

    def __init__(self, tokens: list[_Token], operation: str) -> None:
        self._tokens = tokens
        self._operation = operation
        self._at = 0

    def finished(self) -> bool:
        return self._at >= len(self._tokens)

    def _peek(self) -> str:
        return "" if self.finished() else self._tokens[self._at].kind

    def any_of(self, depth: int) -> Answer:
        answers = [self._all_of(depth)]
        while self._peek() == "||":
            self._at += 1
            answers.append(self._all_of(depth))
        return either(answers)

    def _all_of(self, depth: int) -> Answer:
        answers = [self._one(depth)]
        while self._peek() == "&&":
            self._at += 1
            answers.append(self._one(depth))
        return both(answers)

    def _one(self, depth: int) -> Answer:
        kind = self._peek()
        if depth > _MAX_DEPTH:
            self._at = len(self._tokens)
            return _ATTRIBUTE
        if kind == "!":
            self._at += 1
            return opposite(self._one(depth + 1))
        if kind == "(":
            self._at += 1
            answer = self.any_of(depth + 1)
            if self._peek() == ")":
                self._at += 1
            return answer
        if kind == "action":
            self._at += 1
            pattern = self._tokens[self._at - 1].text
            return wildcard(pattern, self._operation)
        while self._peek() == "other":  # a test: attribute, operator, value
            self._at += 1
        return _ATTRIBUTE
