"""JSON values as nodes. Without recursion: `open` brackets are a list."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsec_lint.parse.hcl import tree
from mlsec_lint.parse.hcl.cursor import MAX_DEPTH
from mlsec_lint.parse.hcl.json_strings import bad_escape, plain, template
from mlsec_lint.parse.hcl.lexer import MAX_PROBLEMS
from mlsec_lint.parse.hcl.problems import Problem
from mlsec_lint.patterns import regex

if TYPE_CHECKING:
    from typing import TypeAlias

_TOKEN = regex(
    r"""[ \t\r\n]*(?:
      ("[^"\\\x00-\x1f]*(?:\\[^\x00-\x1f][^"\\\x00-\x1f]*)*")
    | ([{}\[\],:=])
    | ([-+.0-9][-+.eE0-9]*)
    | ([A-Za-z][A-Za-z_]*)
    | (\Z)
    | (")
    | (.)
    )""",
    re.VERBOSE | re.DOTALL,
)
_STRING, _PUNCTUATION, _NUMBER, _WORD, _END, _QUOTE, _ODD = range(1, 8)
_NUMBER_FORM = regex(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?\Z")
_WORDS = {"true": True, "false": False, "null": None}
_COMMA = "Missing attribute seperator comma"  # hcl's own spelling


class _Stop(Exception):  # noqa: N818 - it ends the reading, the problem is noted
    """Reading cannot go on."""


class _Open:
    """An object (`keys` is a list) or array whose closing bracket is still to come."""

    __slots__ = ("key", "keys", "start", "values")

    def __init__(self, start: int, keys: list[tree.Template] | None) -> None:
        self.start = start
        self.keys = keys
        self.values: list[tree.Expression] = []
        self.key: tree.Template | None = None

    def node(self, end: int) -> tree.Expression:
        """The finished node, up to `end`."""
        if self.keys is None:
            return tree.Tuple(self.start, end, tuple(self.values))
        items = tuple(zip(self.keys, self.values, strict=False))
        return tree.Object(self.start, end, items)


Lexeme: TypeAlias = "tuple[int, int, int]"


def read(text: str, *, templates: bool) -> tuple[tree.Expression, list[Problem]]:
    """The value that a text holds and what is wrong with it.

    With `templates`, strings are HCL templates. What was read before an error is
    given, in brackets that end where the error is.
    """
    reader = _Reader(text, templates=templates)
    try:
        value = reader.value()
        group, start, end = reader.token()
        if group != _END:
            reader.problem(start, end, "Extraneous data after value", "nothing more")
    except _Stop:
        value = reader.rest()
    return value, reader.problems


class _Reader:
    """The state of reading one text."""

    __slots__ = ("at", "opened", "problems", "templates", "text")

    def __init__(self, text: str, *, templates: bool) -> None:
        self.text = text
        self.templates = templates
        self.at = 0
        self.opened: list[_Open] = []
        self.problems: list[Problem] = []

    def problem(self, start: int, end: int, summary: str, detail: str) -> None:
        """Note an error after which reading goes on, unless there are too many."""
        self.problems.append(Problem(start, end, summary, detail))
        if len(self.problems) >= MAX_PROBLEMS:
            raise _Stop

    def stop(self, start: int, end: int, summary: str, detail: str) -> _Stop:
        """Note an error that ends the reading; to be raised."""
        self.problems.append(Problem(start, end, summary, detail))
        return _Stop()

    def token(self) -> Lexeme:
        """Group, start and end of the next token, which is consumed."""
        found = _TOKEN.match(self.text, self.at)
        assert found is not None
        group = found.lastindex
        assert group is not None
        start, self.at = found.span(group)
        return group, start, self.at

    def rest(self) -> tree.Expression:
        """What was read before reading stopped, all brackets closed there."""
        end = min(self.at, len(self.text))
        value: tree.Expression = tree.Bad(end, end, "syntax error")
        while self.opened:
            inner = self.opened.pop()
            inner.values.append(value)
            value = inner.node(max(end, inner.start))
        return value

    def value(self) -> tree.Expression:
        """One value with all that is in it."""
        while True:
            node = self._begin()
            while node is not None:
                if not self.opened:
                    return node
                inner = self.opened[-1]
                inner.values.append(node)
                node = self._after(inner)

    def _begin(self) -> tree.Expression | None:
        """The scalar or empty brackets at hand; None when brackets were opened."""
        group, start, end = self.token()
        char = self.text[start:end] if group == _PUNCTUATION else ""
        if group == _STRING:
            return self._string(start, end)
        if group == _NUMBER:
            return self._number(start, end)
        if group == _WORD:
            return self._word(start, end)
        if char == "{" or char == "[":
            if len(self.opened) >= MAX_DEPTH:
                detail = f"more than {MAX_DEPTH} brackets in one another"
                kind = "nesting-too-deep"
                problem = Problem(start, end, "Nesting too deep", detail, kind)
                self.problems.append(problem)
                raise _Stop
            self.opened.append(_Open(start, [] if char == "{" else None))
            return self._first(self.opened[-1])
        if group == _END:
            raise self.stop(start, end, "Missing value", "the text ends here")
        if group == _QUOTE:
            raise self.stop(start, end, "Invalid JSON string", "it does not end")
        summary = {"}": "Missing JSON value", "]": "Missing array element value"}.get(
            char, "Invalid start of value"
        )
        raise self.stop(start, end, summary, "a value is expected here")

    def _first(self, inner: _Open) -> tree.Expression | None:
        """After an opening bracket: the whole when it is empty, else up to a value."""
        closer = "]" if inner.keys is None else "}"
        before = self.at
        group, start, end = self.token()
        if group == _PUNCTUATION and self.text[start:end] == closer:
            return self.opened.pop().node(end)
        self.at = before
        if inner.keys is not None:
            self._key(inner.keys)
        return None

    def _key(self, keys: list[tree.Template]) -> None:
        """A property's name and colon."""
        group, start, end = self.token()
        if group != _STRING:
            if group == _END:
                raise self.stop(start, end, "Missing value", "the text ends here")
            summary = "Invalid object property name"
            raise self.stop(start, end, summary, "a string is expected here")
        node = self._string(start, end)
        if not isinstance(node, tree.Template):
            raise _Stop
        keys.append(node)
        group, start, end = self.token()
        char = self.text[start:end] if group == _PUNCTUATION else ""
        if char in ("}", ","):
            raise self.stop(start, end, "Missing object value", "a colon is expected")
        if char != ":":
            summary = "Missing property value colon"
            raise self.stop(start, end, summary, "a colon is expected")

    def _after(self, inner: _Open) -> tree.Expression | None:
        """After a value in brackets: the whole when they close, else up to a value."""
        closer = "]" if inner.keys is None else "}"
        before = self.at
        group, start, end = self.token()
        char = self.text[start:end] if group == _PUNCTUATION else ""
        if char == closer:
            return self.opened.pop().node(end)
        if char == ",":
            return self._after_comma(inner, closer, start)
        if group == _END:
            opening = inner.start
            detail = f"its {closer} is missing"
            raise self.stop(opening, opening + 1, "Unclosed object", detail)
        if char in ("]", "}"):
            summary = "Mismatched braces" if closer == "}" else "Mismatched brackets"
            raise self.stop(start, end, summary, f"{closer} is expected")
        if char == ":" and inner.keys is None:
            raise self.stop(start, end, "Invalid array value", "no colon in an array")
        self.problem(start, end, _COMMA, "a comma is expected")
        self.at = before
        if group != _STRING and (inner.keys is not None or char or group > _WORD):
            raise _Stop
        if inner.keys is not None:
            self._key(inner.keys)
        return None

    def _after_comma(
        self, inner: _Open, closer: str, comma: int
    ) -> tree.Expression | None:
        before = self.at
        group, start, end = self.token()
        if group == _PUNCTUATION and self.text[start:end] == closer:
            what = "array" if inner.keys is None else "object"
            summary = f"Trailing comma in {what}"
            self.problem(comma, comma + 1, summary, "JSON takes none here")
            return self.opened.pop().node(end)
        self.at = before
        if inner.keys is not None:
            self._key(inner.keys)
        return None

    def _string(self, start: int, end: int) -> tree.Expression:
        bad = bad_escape(self.text, start, end)
        if bad is not None:
            detail = "an escape that JSON does not have"
            self.problem(bad, min(bad + 2, end), "Invalid JSON string", detail)
            return tree.Bad(start, end, "Invalid JSON string")
        if not self.templates:
            return plain(self.text, start, end)
        node, notes = template(self.text, start, end)
        for note in notes:
            summary, _, detail = note.text.partition(": ")
            self.problems.append(Problem(start, end, summary, detail, note.kind))
        if len(self.problems) >= MAX_PROBLEMS:
            raise _Stop
        return node

    def _number(self, start: int, end: int) -> tree.Expression:
        text = self.text[start:end]
        if not _NUMBER_FORM.match(text):
            summary = "Invalid JSON number"
            self.problem(start, end, summary, "this is no number")
            return tree.Bad(start, end, summary)
        return tree.Literal(start, end, tree.Number(text))

    def _word(self, start: int, end: int) -> tree.Expression:
        word = self.text[start:end]
        if word in _WORDS:
            return tree.Literal(start, end, _WORDS[word])
        summary = "Invalid JSON keyword"
        self.problem(start, end, summary, "JSON has true, false and null")
        return tree.Bad(start, end, summary)
