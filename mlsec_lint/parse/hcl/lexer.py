"""From text to tokens: three parallel lists of kinds, start and end offsets.

Kinds are short strings. Punctuation is its own kind; the others are

    id num nl eof           identifier, number, one or more line ends with comments, end
    str                     a quoted string without escapes, sequences and line ends
    oq lit cq               any other quoted string: its quote, literal text, its quote
    hd raw ch               heredoc introducer with its line end, literal text, end marker
    ${ %{ end               template sequences; `end` closes them (`}` or `~}`)
    bad qnl                 a character that is none, a line end in a quoted string

Spaces and comments yield nothing. The rules are those of hashicorp/hcl's scanner
(hclsyntax/scan_tokens.rl, v2.24, read 2026-03), its oddities included: a block comment
that never ends is two operators, a heredoc ends only at a line of its own that itself
ends, a carriage return alone stops a heredoc. Identifiers are UAX 31 plus `-`.

The cost is linear in the text, whatever it holds: what was searched for in vain is not
searched for again.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import Literal, TypeAlias

from mlsec_lint.parse.hcl.problems import Problem
from mlsec_lint.patterns import regex

Mode: TypeAlias = Literal["main", "quoted", "heredoc", "bare"]
# What is being lexed, its open braces (main) or end marker (heredoc), and the index of
# the token that began it.
Frame: TypeAlias = "tuple[Mode, str | int, int]"

_LINE = r"(?:\r?\n|(?:\#|//)[^\n]*\n)"
_BYTE = "\udc80-\udcff"  # bytes that were no UTF-8, as surrogateescape leaves them
_MAIN = regex(
    rf"""[ \t]*(?:
      ([A-Za-z_][A-Za-z0-9_-]*)
    | ("[^"\\$%\r\n{_BYTE}]*")
    | ({_LINE}(?:[ \t]*{_LINE})*)
    | (==|=>|&&|\|\||!=|>=|\.\.\.|::|[=.,()\[\]:?*+!%>-])
    | (\{{)
    | (\}})
    | ([0-9](?:[0-9]|[eE][+-]?[0-9]|\.+(?:[0-9]|[eE][+-]?[0-9]))*)
    | (")
    | (<<-?((?:[^\W\d]|[^\x00-\x7f])(?:[\w-]|[^\x00-\x7f])*)\r?\n)
    | (<=|<)
    | (/\*)
    | ((?:\#|//)[^\n]*\Z)
    | (/)
    | (~\}})
    | (\Z)
    | (.)
    )""",
    re.VERBOSE | re.DOTALL,
)
_ID, _STR, _NL, _OP, _OPEN, _CLOSE, _NUM, _QUOTE, _HEREDOC, _ = range(1, 11)
_LESS, _COMMENT, _TAIL, _SLASH, _TRIM_CLOSE, _EOF, _ANY = range(11, 18)

_QUOTED = regex(
    rf"(?:[^\\\"$%\r\n{_BYTE}]+|\\[^\r\n{_BYTE}]|\$\$\{{|%%\{{|\$(?!\{{)|%(?!\{{))+"
)
_LINE_ENDS = regex(r"[\r\n]+")
_SPECIAL = regex(rf"\$\$\{{|%%\{{|[$%]\{{~?|\r(?!\n)|[{_BYTE}]")
_SPACE = "\t\v\f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_LONELY = regex(
    rf"^[{_SPACE}]*([^{_SPACE}\r\n$%{{}}()\[\],.\"]+)([{_SPACE}]*)\r?\n", re.MULTILINE
)
# ID_Start and ID_Continue that Python's XID_* properties leave out (Unicode 15).
_MORE_STARTS = regex(
    "[\u037a\u0e33\u0eb3\u309b\u309c\ufc5e-\ufc63\ufdfa\ufdfb\ufe70\ufe72\ufe74\ufe76"
    "\ufe78\ufe7a\ufe7c\ufe7e\uff9e\uff9f]"
)
_UNSUPPORTED = {
    "&": ("Unsupported operator", 'bitwise operators do not exist; perhaps "&&"'),
    "|": ("Unsupported operator", 'bitwise operators do not exist; perhaps "||"'),
    "~": ("Unsupported operator", 'bitwise operators do not exist; perhaps "!"'),
    "^": ("Unsupported operator", "bitwise operators do not exist"),
    ";": ("Invalid character", "arguments are separated by line ends, not by ;"),
    "`": ("Invalid character", "a text of many lines is a heredoc (<<EOT)"),
    "'": ("Invalid character", 'strings stand in double quotes (")'),
}
MAX_PROBLEMS = 100  # per text and stage: the first ones say it all


def is_identifier(text: str) -> bool:
    """Whether the text as a whole is one HCL identifier."""
    return bool(text) and identifier_end(text, 0) == len(text)


def identifier_end(text: str, at: int) -> int:
    """Offset after the identifier that starts at `at`; `at` itself when none does."""
    first = text[at : at + 1]
    if not (first.isidentifier() or _MORE_STARTS.match(first)):
        return at
    end, size = at + 1, len(text)
    while end < size and _continues(text[end]):
        end += 1
    return end


def _continues(char: str) -> bool:
    return (
        char == "-"
        or ("a" + char).isidentifier()
        or _MORE_STARTS.match(char) is not None
    )


class Lexer:
    """Tokens of one text. Made and filled by `scan`."""

    __slots__ = (
        "_closers",
        "_no_comment_end",
        "_unicode",
        "ends",
        "kinds",
        "problems",
        "stack",
        "starts",
        "text",
    )

    def __init__(self, text: str) -> None:
        self.text = text
        self.kinds: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.problems: list[Problem] = []
        self.stack: list[Frame] = []
        self._closers: dict[str, list[int]] | None = None
        self._no_comment_end = False
        self._unicode = not text.isascii()

    def run(self, mode: Mode) -> None:
        """Fill the lists, from offset 0 in the given mode, and end with `eof`."""
        stack = self.stack
        stack.append((mode, 0 if mode == "main" else "", -1))
        step = {
            "main": self._main,
            "quoted": self._quoted,
            "heredoc": self._heredoc,
            "bare": self._bare,
        }
        at, size = 0, len(self.text)
        while at < size:
            at = step[stack[-1][0]](at)
            if at >= size and len(stack) > 1:
                at = self.unterminated(size)
        self.emit("eof", size, size)

    def unterminated(self, size: int) -> int:
        """The text ended in a template: where to go on (here: nowhere)."""
        return size

    def emit(self, kind: str, start: int, end: int) -> None:
        """Append one token."""
        self.kinds.append(kind)
        self.starts.append(start)
        self.ends.append(end)

    def push(self, mode: Mode, data: str | int) -> None:
        """Begin what the last token opens."""
        self.stack.append((mode, data, len(self.kinds) - 1))

    def report(self, start: int, end: int, summary: str, detail: str) -> None:
        """Note what no parser can accept, up to a limit."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(start, end, summary, detail))

    def _main(self, at: int) -> int:
        """Lex expression and body syntax until a template begins or this one ends."""
        text, match = self.text, _MAIN.match
        kinds, starts, ends = self.kinds, self.starts, self.ends
        inner = len(self.stack) > 1
        depth = self.stack[-1][1]
        assert isinstance(depth, int)
        while True:
            found = match(text, at)
            assert found is not None
            group = found.lastindex
            assert group is not None
            start, at = found.span(group)
            if group == _ID:
                if self._unicode and text[at : at + 1] > "\x7f":
                    at = identifier_end(text, start)
                kind = "id"
            elif group == _OP:
                kind = found[_OP]
            elif group == _STR:
                kind = "str"
            elif group == _NL:
                if kinds and kinds[-1] == "nl":
                    continue
                kind = "nl"
            elif group == _OPEN:
                depth += 1
                kind = "{"
            elif group in (_CLOSE, _TRIM_CLOSE):
                trims = group == _TRIM_CLOSE
                if inner and depth == 0:
                    self.emit("end", start, at)
                    self.stack.pop()
                    return at
                depth -= 1
                kind = "end" if trims else "}"
            elif group == _NUM:
                kind = "num"
            elif group == _EOF:
                return at
            else:
                at = self._rare(group, start, at)
                if self.stack[-1][0] != "main":
                    self.stack[-2] = ("main", depth, self.stack[-2][2])
                    return at
                continue
            kinds.append(kind)
            starts.append(start)
            ends.append(at)

    def _rare(self, group: int, start: int, end: int) -> int:
        """Deal with what is seldom met in main mode; the offset to go on from."""
        text = self.text
        if group == _QUOTE:
            self.emit("oq", start, end)
            self.push("quoted", "")
            return end
        if group == _HEREDOC:
            return self._open_heredoc(start, end)
        if group == _COMMENT:
            close = -1 if self._no_comment_end else text.find("*/", end)
            if close >= 0:
                return close + 2
            self._no_comment_end = True
            self.emit("/", start, start + 1)
            return start + 1
        if group in (_LESS, _SLASH):
            self.emit(text[start:end], start, end)
        elif group == _ANY:
            return self._odd(start)
        return end

    def _open_heredoc(self, start: int, end: int) -> int:
        """Begin a heredoc, if its marker is an identifier."""
        marker = self.text[start + 2 : end].strip("\r\n").removeprefix("-")
        if not (marker.isascii() or is_identifier(marker)):
            self.emit("<", start, start + 1)
            return start + 1
        self.emit("hd", start, end)
        self.push("heredoc", marker)
        return end

    def _odd(self, at: int) -> int:
        """A character outside ASCII or outside the language."""
        text = self.text
        char = text[at]
        if char > "\x7f":
            end = identifier_end(text, at)
            if end > at:
                self.emit("id", at, end)
                return end
        if "\udc80" <= char <= "\udcff":
            self._bad_byte(at)
            return at + 1
        if char in _UNSUPPORTED:
            self.emit(char, at, at + 1)
            self.report(at, at + 1, *_UNSUPPORTED[char])
            return at + 1
        return self._bad(at, at + 1)

    def _bad(self, start: int, end: int) -> int:
        self.emit("bad", start, end)
        self.report(start, end, "Invalid character", "it has no meaning here")
        return end

    def _bad_byte(self, at: int) -> None:
        self.emit("bad", at, at + 1)
        self.report(at, at + 1, "Invalid character encoding", "the file is not UTF-8")

    def _quoted(self, at: int) -> int:
        """Lex a quoted template up to its quote or its next sequence."""
        text, size = self.text, len(self.text)
        while at < size:
            found = _QUOTED.match(text, at)
            if found:
                self.emit("lit", at, found.end())
                at = found.end()
                continue
            char = text[at]
            if char == '"':
                self.emit("cq", at, at + 1)
                self.stack.pop()
                return at + 1
            if char == "$" or char == "%":
                return self._open_sequence(at)
            if char == "\\":
                at = self._bad(at, at + 1)
            elif char == "\r" or char == "\n":
                return self.line_end_in_quotes(at)
            else:
                self._bad_byte(at)
                at += 1
        return at

    def line_end_in_quotes(self, at: int) -> int:
        """A line end that a quoted string may not hold: where to go on."""
        found = _LINE_ENDS.match(self.text, at)
        assert found is not None
        end = found.end()
        self.emit("qnl", at, end)
        detail = "a quoted string ends on its line: write \\n or a heredoc"
        self.report(at, end, "Invalid multi-line string", detail)
        return end

    def _open_sequence(self, at: int) -> int:
        end = at + 3 if self.text.startswith("~", at + 2) else at + 2
        self.emit(self.text[at : at + 2], at, end)
        self.push("main", 0)
        return end

    def _heredoc(self, at: int) -> int:
        """Lex a heredoc up to its end marker or its next sequence."""
        marker = self.stack[-1][1]
        assert isinstance(marker, str)
        limit = self._closing_line(marker, at)
        end = limit if limit >= 0 else len(self.text)
        after = self._raw(at, end)
        if after != end or limit < 0 or self.stack[-1][0] == "main":
            return after
        found = _LONELY.match(self.text, limit)
        assert found is not None
        close = found.end(2)
        self.emit("ch", limit, close)
        self.stack.pop()
        return close

    def _closing_line(self, marker: str, at: int) -> int:
        """Offset of the first line from `at` on that may close the heredoc, or -1."""
        if self._closers is None:
            self._closers = {}
            for found in _LONELY.finditer(self.text):
                self._closers.setdefault(found[1], []).append(found.start())
        lines = self._closers.get(marker, ())
        index = bisect_left(lines, at)
        return lines[index] if index < len(lines) else -1

    def _raw(self, at: int, end: int) -> int:
        """Lex literal text up to `end`, or to after the opening of a sequence."""
        text, start = self.text, at
        while True:
            found = _SPECIAL.search(text, at, end)
            if found is None:
                if start < end:
                    self.emit("raw", start, end)
                return end
            stop, at = found.span()
            if at - stop == 3 and text[stop] == text[stop + 1]:
                continue  # $${ and %%{ are text
            if start < stop:
                self.emit("raw", start, stop)
            char = text[stop]
            if char == "$" or char == "%":
                return self._open_sequence(stop)
            if char == "\r":
                return self._lone_return(stop)
            self._bad_byte(stop)
            start = at

    def _lone_return(self, at: int) -> int:
        """A carriage return without line feed: all that follows is one token."""
        end = len(self.text)
        if self.stack[-1][0] == "bare":
            self.emit("raw", at, end)
            return end
        return self._bad(at, end)

    def _bare(self, at: int) -> int:
        """Lex a whole text that is a template, up to its next sequence."""
        return self._raw(at, len(self.text))


def scan(text: str, mode: Mode = "main") -> Lexer:
    """The tokens of a text as a configuration or expression, or (`bare`) a template."""
    lexer = Lexer(text)
    lexer.run(mode)
    return lexer
