"""JSON as Values with spans, through the same face as YAML.

Comments and trailing commas are tolerated and noted (tsconfig, launch.json, Azure
samples). Numbers, true and false stay text with style "plain", strings are "quoted",
null is `data` None. A file of many values (JSON lines) is data, not config: no
document. Knows no format beyond the grammar.
"""

from __future__ import annotations

import json
import re
from sys import intern
from typing import TYPE_CHECKING, Any

from mlsec_lint.parse.document import Document
from mlsec_lint.patterns import regex
from mlsec_lint.source import Note, Span
from mlsec_lint.value import Step, Unknown, Value

if TYPE_CHECKING:
    from mlsec_lint.source import Source

MAX_DEPTH = 100

_TOKEN = regex(
    r"""[ \t\r\n]*(?:
      (?P<string>"(?:[^"\\\n]|\\[^\n])*")
    | (?P<word>[-+.\w]+)
    | (?P<mark>[{}\[\],:])
    | (?P<comment>//[^\n]*|/\*|\#[^\n]*)
    | (?P<end>\Z)
    )""",
    re.VERBOSE,
)
_LITERAL = regex(r"(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?)\Z")
_ACTION = regex(r"\{\{[^{}\n]{1,2000}\}\}|\$\{\{[^{}\n]{1,2000}\}\}")


def json_documents(source: Source) -> tuple[list[Document], list[Note]]:
    """The one document of a JSON text, and what was not understood."""
    reader = _Reader(source)
    try:
        value = reader.read()
    except _SyntaxError as error:
        return [], [*reader.notes, error.note(source)]
    if value is None:
        return [], reader.notes
    span = Span(source, 0, len(source.text))
    return [Document(value, span, "", reader.template)], reader.notes


class _SyntaxError(Exception):
    """Where and why the text is no JSON."""

    def __init__(self, words: str, start: int, end: int) -> None:
        super().__init__(words)
        self.words = words
        self.start = start
        self.end = end

    def note(self, source: Source) -> Note:
        """A note that gates where the text looks like a manifest.

        Most broken JSON is data, JSON with a twist or a template.
        """
        span = Span(source, self.start, max(self.start, self.end))
        if "{{" in source.text or "{%" in source.text:
            words = f"a template that is no JSON before it is rendered ({self.words})"
            return Note("template-not-read", words, span.path, span, strict_only=True)
        gates = '"apiVersion"' in source.text and '"kind"' in source.text
        return Note(
            "syntax-error",
            self.words,
            span.path,
            span,
            incomplete=gates,
            strict_only=not gates,
        )


class _Reader:
    """A parser with its own stack: depth costs nothing but memory and is bounded."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.at = 0
        self.start = 0
        self.notes: list[Note] = []
        self.tolerated: set[str] = set()
        self.template = False

    def read(self) -> Value | None:
        """The value of the text; None for an empty one and for JSON lines."""
        kind, lexeme = self._next()
        if kind == "end":
            return None
        value = self._value(kind, lexeme)
        kind, lexeme = self._next()
        if kind != "end":
            if kind in ("string", "word") or lexeme in ("{", "["):
                words = "several JSON values in one file: data, not config"
                self._note("json-lines", words, self.start, self.at)
                return None
            raise self._error(f"{lexeme!r} after the end of the value")
        return value

    def _next(self) -> tuple[str, str]:
        while True:
            match = _TOKEN.match(self.text, self.at)
            if match is None:
                while self.text[self.at : self.at + 1] in (" ", "\t", "\r", "\n"):
                    self.at += 1
                self.start = self.at
                self.at = min(self.at + 1, len(self.text))
                raise self._error("a character that JSON does not know here")
            kind = match.lastgroup
            assert kind is not None
            self.start, self.at = match.span(kind)
            if kind != "comment":
                return kind, match.group(kind)
            if match.group(kind) == "/*":
                close = self.text.find("*/", self.at)
                if close < 0:
                    raise self._error("a comment that does not end")
                self.at = close + 2
            self._tolerate("json-comment", "JSON with comments: tolerated")

    def _value(self, kind: str, lexeme: str) -> Value:
        """Read one value iteratively. A frame is (start, container, key or None)."""
        stack: list[tuple[int, Any, tuple[str, Span] | None]] = []
        while True:
            if lexeme in ("{", "[") and kind == "mark":
                if len(stack) >= MAX_DEPTH:
                    raise self._error(f"nested deeper than {MAX_DEPTH}")
                container: Any = {} if lexeme == "{" else []
                start = self.start
                kind, lexeme = self._next()
                closes = "}" if isinstance(container, dict) else "]"
                if lexeme != closes or kind != "mark":
                    key = None
                    if isinstance(container, dict):
                        key, kind, lexeme = self._key(kind, lexeme)
                    stack.append((start, container, key))
                    continue
                value = self._close(start, container)
            else:
                value = self._scalar(kind, lexeme)
            while True:
                if not stack:
                    return value
                start, container, key = stack[-1]
                self._add(container, key, value)
                kind, lexeme = self._next()
                closes = "}" if isinstance(container, dict) else "]"
                if lexeme == "," and kind == "mark":
                    comma = self.start
                    kind, lexeme = self._next()
                    if lexeme != closes or kind != "mark":
                        break
                    self._tolerate(
                        "json-comment", "JSON with a trailing comma: tolerated", comma
                    )
                if lexeme != closes or kind != "mark":
                    raise self._error(f"a comma or {closes} is missing")
                stack.pop()
                value = self._close(start, container)
            if isinstance(container, dict):
                key, kind, lexeme = self._key(kind, lexeme)
                stack[-1] = (start, container, key)

    def _key(self, kind: str, lexeme: str) -> tuple[tuple[str, Span], str, str]:
        if kind != "string":
            raise self._error("a name in double quotes is missing")
        span = Span(self.source, self.start, self.at)
        name = self._unquote(lexeme)
        kind, lexeme = self._next()
        if lexeme != ":" or kind != "mark":
            raise self._error("a colon is missing")
        kind, lexeme = self._next()
        return (intern(name), span), kind, lexeme

    def _add(self, container: Any, key: tuple[str, Span] | None, value: Value) -> None:
        if key is None:
            container.append(value)
            return
        name, span = key
        value.key = span  # still ours: nobody has seen it
        before = container.get(name)
        if before is not None:
            words = f"the key {name} is set twice; line {before.key.line} is overridden"
            self._note("duplicate-key", words, span.start, span.end)
            step = Step(before.key, "overridden: set before")
            value = value.replace(trail=(step,))
        container[name] = value

    def _close(self, start: int, container: Any) -> Value:
        data = container if isinstance(container, dict) else tuple(container)
        return Value(data, Span(self.source, start, self.at))

    def _scalar(self, kind: str, lexeme: str) -> Value:
        span = Span(self.source, self.start, self.at)
        if kind == "string":
            text = self._unquote(lexeme)
            if "{{" in text and _ACTION.search(text):
                self.template = True
                return Value(_parts(text, span), span, type="quoted")
            return Value(text, span, type="quoted")
        if kind == "word":
            if _LITERAL.match(lexeme) is None:
                raise self._error(f"{lexeme[:40]} is no JSON value")
            data = None if lexeme == "null" else lexeme
            return Value(data, span, type="plain")
        raise self._error("a value is missing")

    def _unquote(self, lexeme: str) -> str:
        if "\\" not in lexeme:
            return lexeme[1:-1]
        try:
            text: str = json.loads(lexeme, strict=False)
        except ValueError:
            raise self._error("an escape that JSON does not know") from None
        # a lone surrogate is no text that can be written again
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def _error(self, words: str) -> _SyntaxError:
        return _SyntaxError(words, self.start, self.at)

    def _note(self, kind: str, words: str, start: int, end: int) -> None:
        span = Span(self.source, start, end)
        self.notes.append(Note(kind, words, span.path, span))

    def _tolerate(self, kind: str, words: str, start: int | None = None) -> None:
        if kind not in self.tolerated:
            self.tolerated.add(kind)
            begin = self.start if start is None else start
            self._note(kind, words, begin, self.at if start is None else begin + 1)


def _parts(text: str, span: Span) -> Unknown:
    """A string with template actions as its known and unknown parts."""
    parts: list[str | Unknown] = []
    at = 0
    for match in _ACTION.finditer(text):
        if match.start() > at:
            parts.append(text[at : match.start()])
        name = match.group()
        parts.append(
            Unknown("template", f"{name} is not rendered", name=name, span=span)
        )
        at = match.end()
    if at < len(text):
        parts.append(text[at:])
    if len(parts) == 1 and isinstance(parts[0], Unknown):
        return parts[0]
    return Unknown(
        "template", f"{text[:200]} is not rendered", parts=tuple(parts), span=span
    )
