"""Shell text cut into tokens. Knows quoting, and no command; expands and runs nothing.

What bash would compute (arithmetic, pattern removal, positional parameters) is kept as
an opaque segment with a reason. One pass, linear in the text; nesting is bounded.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from mlsec_lint.patterns import regex

MAX_DEPTH = 8

_PLAIN = regex(r"[^\s;&|<>()'\"\\$`]+")
_IN_DOUBLE = regex(r"[^\"\\$`]+")
_NAME = regex(r"[A-Za-z_][A-Za-z0-9_]*")
_REDIRECT = regex(r"(?:\d+|&)?(?:>>|>&|>\||<<<|<<-|<<|<&|<>|>|<)")
_OPERATOR = regex(r"&&|\|\||;;&|;;|;&|\|&|[;&|()]")
#: `${{ inputs.model }}` of Azure ML and GitHub: a variable of that dotted name.
_EXPRESSION = regex(r"\{\s*([A-Za-z_][\w-]*(?:\.[\w-]+)+)\s*\}")
_BRACED = regex(
    r"(?P<name>[A-Za-z_][A-Za-z0-9_]*|[0-9]{1,3})(?P<index>\[[@*]\])?"
    r"(?:(?P<operator>:?[-=?+]|%%?|##?|,,?|\^\^?)(?P<rest>.*))?",
    re.DOTALL,
)
_ARRAY_HEAD = regex(r"[A-Za-z_][A-Za-z0-9_]*\+?=")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"'}


class Segment(NamedTuple):
    """A piece of a word.

    * kind `text`: `text` as the shell sees it after quote removal;
    * kind `variable`: `text` is its name, `operator` one of `:-`, `-`, `:=`, `%`, `##`,
      `,,`, ... or "", `default` the segments behind the operator;
    * kind `array`: all elements of the array `text`;
    * kind `commands`: a command substitution; `start` and `end` bound its inner text;
    * kind `opaque`: `text` says what it is.
    """

    kind: str
    text: str
    start: int
    end: int
    quoted: bool = False
    operator: str = ""
    default: tuple[Segment, ...] = ()


class Token(NamedTuple):
    """A word, an operator, a redirection, an array assignment or a here-document.

    `text` is the operator, or the name and operator of an array assignment (`ARGS+=`).
    `elements` are the words of an array. A here-document's body lies from `start` to
    `end`; `text` is "quoted" where the shell would not expand it.
    """

    kind: str  # "word" | "operator" | "redirect" | "array" | "heredoc"
    text: str
    start: int
    end: int
    segments: tuple[Segment, ...] = ()
    elements: tuple[Token, ...] = ()

    def literal(self) -> str | None:
        """The word's text when it is written without quotes and variables."""
        if len(self.segments) == 1:
            only = self.segments[0]
            if only.kind == "text" and not only.quoted:
                return only.text
        return None


def tokens(text: str, start: int = 0, end: int | None = None) -> list[Token]:
    """Cut `text[start:end]` into tokens; unterminated quotes run to the end."""
    return _Lexer(text, start, len(text) if end is None else end).run()


class _Lexer:
    def __init__(self, text: str, start: int, end: int) -> None:
        self.text = text
        self.at = start
        self.end = end
        self.found: list[Token] = []
        self.pending: list[tuple[str, bool, bool]] = []

    def run(self) -> list[Token]:
        while self.at < self.end:
            self.step()
        return self.found

    def step(self) -> None:
        char = self.text[self.at]
        if char == "\n":
            self.add("operator", "\n", self.at, self.at + 1)
            self.bodies()
        elif char.isspace():
            self.at += 1
        elif self.text.startswith(("\\\n", "\\\r\n"), self.at):
            self.at = self.text.index("\n", self.at) + 1
        elif char == "#":
            stop = self.text.find("\n", self.at, self.end)
            self.at = self.end if stop < 0 else stop
        elif self.text.startswith(("<(", ">("), self.at):
            self.word()
        elif match := _REDIRECT.match(self.text, self.at, self.end):
            self.redirect(match)
        elif match := _OPERATOR.match(self.text, self.at, self.end):
            self.add("operator", match[0], match.start(), match.end())
        else:
            self.word()

    def add(self, kind: str, text: str, start: int, end: int) -> None:
        self.found.append(Token(kind, text, start, end))
        self.at = end

    def redirect(self, match: re.Match[str]) -> None:
        operator = match[0].lstrip("0123456789&")
        self.add("redirect", operator, match.start(), match.end())
        if operator not in ("<<", "<<-"):
            return
        while self.at < self.end and self.text[self.at] in " \t":
            self.at += 1
        before = len(self.found)
        if self.at < self.end and not self.text[self.at].isspace():
            self.word()
        if len(self.found) > before:
            word = self.found.pop()
            name = "".join(s.text for s in word.segments)
            quoted = any(s.quoted for s in word.segments)
            self.pending.append((name, operator == "<<-", quoted))

    def bodies(self) -> None:
        """Take the here-documents whose operators stood on the line that just ended."""
        for name, tabs, quoted in self.pending:
            body, at = self.at, self.at
            stop = self.end
            while at < self.end:
                line_end = self.text.find("\n", at, self.end)
                line_end = self.end if line_end < 0 else line_end
                line = self.text[at:line_end].rstrip("\r")
                if (line.lstrip("\t") if tabs else line) == name:
                    stop, self.at = at, min(line_end + 1, self.end)
                    break
                at = line_end + 1
            else:
                self.at = self.end
            kind = "quoted" if quoted else ""
            self.found.append(Token("heredoc", kind, body, max(body, stop)))
        self.pending = []

    def word(self) -> None:
        start = self.at
        segments: list[Segment] = []
        self.at = read_word(self.text, self.at, self.end, segments)
        self.at = max(self.at, start + 1)
        if (
            self.at < self.end
            and self.text[self.at] == "("
            and _ARRAY_HEAD.fullmatch(self.text, start, self.at)
        ):
            self.array(start)
            return
        self.found.append(Token("word", "", start, self.at, tuple(segments)))

    def array(self, start: int) -> None:
        head = self.text[start : self.at]
        stop = close_parenthesis(self.text, self.at + 1, self.end)
        inner = _Lexer(self.text, self.at + 1, stop).run_flat()
        self.at = min(stop + 1, self.end)
        self.found.append(
            Token("array", head, start, self.at, elements=tuple(inner)),
        )

    def run_flat(self) -> list[Token]:
        """Only the words, for an array's elements (no array in an array)."""
        while self.at < self.end:
            char = self.text[self.at]
            if char.isspace():
                self.at += 1
            elif char == "#":
                stop = self.text.find("\n", self.at, self.end)
                self.at = self.end if stop < 0 else stop
            else:
                start = self.at
                segments: list[Segment] = []
                self.at = read_word(self.text, self.at, self.end, segments)
                self.at = max(self.at, start + 1)
                self.found.append(Token("word", "", start, self.at, tuple(segments)))
        return self.found


def read_word(text: str, at: int, end: int, into: list[Segment], depth: int = 0) -> int:
    """Append the segments of the word at `at`; the offset behind it."""
    first = at
    while at < end:
        char = text[at]
        if char == "\\":
            at = _escape(text, at, end, into)
        elif char == "'":
            stop = text.find("'", at + 1, end)
            stop = end if stop < 0 else stop
            into.append(Segment("text", text[at + 1 : stop], at, stop, quoted=True))
            at = min(stop + 1, end)
        elif char == '"':
            at = _double(text, at, end, into, depth)
        elif char == "`":
            at = _backtick(text, at, end, into, quoted=False)
        elif char == "$":
            at = _dollar(text, at, end, into, depth, quoted=False)
        elif at == first and char in "<>" and text.startswith("(", at + 1):
            stop = close_parenthesis(text, at + 2, end)
            into.append(Segment("commands", "", at + 2, stop, quoted=True))
            at = min(stop + 1, end)
        elif match := _PLAIN.match(text, at, end):
            into.append(Segment("text", match[0], at, match.end()))
            at = match.end()
        else:
            break
    return at


def _escape(text: str, at: int, end: int, into: list[Segment]) -> int:
    if text.startswith("\\\r\n", at):
        return min(at + 3, end)
    if text.startswith("\\\n", at):
        return min(at + 2, end)
    into.append(Segment("text", text[at + 1 : at + 2], at + 1, at + 2, quoted=True))
    return min(at + 2, end)


def _double(text: str, at: int, end: int, into: list[Segment], depth: int) -> int:
    opened = at
    at += 1
    before = len(into)
    while at < end and text[at] != '"':
        char = text[at]
        if char == "\\":
            at = _escape_in_double(text, at, end, into)
        elif char == "$":
            at = _dollar(text, at, end, into, depth, quoted=True)
        elif char == "`":
            at = _backtick(text, at, end, into, quoted=True)
        elif match := _IN_DOUBLE.match(text, at, end):
            into.append(Segment("text", match[0], at, match.end(), quoted=True))
            at = match.end()
    if len(into) == before:
        into.append(Segment("text", "", opened, opened, quoted=True))
    return min(at + 1, end)


def _escape_in_double(text: str, at: int, end: int, into: list[Segment]) -> int:
    follows = text[at + 1 : at + 2]
    if follows == "\n":
        return min(at + 2, end)
    if follows and follows in '$"\\`':
        into.append(Segment("text", follows, at + 1, at + 2, quoted=True))
        return min(at + 2, end)
    into.append(Segment("text", "\\", at, at + 1, quoted=True))
    return at + 1


def _backtick(
    text: str, at: int, end: int, into: list[Segment], *, quoted: bool
) -> int:
    stop = text.find("`", at + 1, end)
    stop = end if stop < 0 else stop
    into.append(Segment("commands", "", at + 1, stop, quoted=quoted))
    return min(stop + 1, end)


def _dollar(
    text: str, at: int, end: int, into: list[Segment], depth: int, *, quoted: bool
) -> int:
    if text.startswith("$((", at):
        stop = min(close_parenthesis(text, at + 2, end) + 1, end)
        into.append(Segment("opaque", "arithmetic", at, stop, quoted=quoted))
        return stop
    if text.startswith("$(", at):
        stop = close_parenthesis(text, at + 2, end)
        into.append(Segment("commands", "", at + 2, stop, quoted=quoted))
        return min(stop + 1, end)
    if text.startswith("${", at):
        return _braced(text, at, end, into, depth, quoted=quoted)
    if text.startswith("$'", at) and not quoted:
        return _ansi(text, at, end, into)
    if match := _NAME.match(text, at + 1, end):
        into.append(
            Segment("variable", match[0], at, match.end(), quoted=quoted),
        )
        return match.end()
    follows = text[at + 1 : at + 2]
    if at + 1 < end and follows and follows in "@*#?$!-0123456789":
        into.append(
            Segment("opaque", "a script argument", at, at + 2, quoted=quoted),
        )
        return at + 2
    into.append(Segment("text", "$", at, at + 1, quoted=quoted))
    return at + 1


def _braced(
    text: str, at: int, end: int, into: list[Segment], depth: int, *, quoted: bool
) -> int:
    stop = close_brace(text, at + 2, end)
    after = min(stop + 1, end)
    expression = _EXPRESSION.fullmatch(text, at + 2, stop)
    if expression is not None:
        into.append(Segment("variable", expression[1], at, after, quoted=quoted))
        return after
    match = _BRACED.fullmatch(text, at + 2, stop)
    if match is None or depth >= MAX_DEPTH:
        name = _NAME.match(text, at + 2, stop)
        why = f"an expansion of {name[0]}" if name else "an expansion"
        into.append(Segment("opaque", why, at, after, quoted=quoted))
        return after
    if match["name"].isdigit() and (match["operator"] or "%")[0] in "%#,^":
        into.append(Segment("opaque", "a script argument", at, after, quoted=quoted))
        return after
    if match["index"]:
        into.append(Segment("array", match["name"], at, after, quoted=quoted))
        return after
    default: list[Segment] = []
    operator = match["operator"] or ""
    if operator:
        _default(text, match.start("rest"), stop, default, depth + 1)
    into.append(
        Segment("variable", match["name"], at, after, quoted, operator, tuple(default)),
    )
    return after


def _default(text: str, at: int, end: int, into: list[Segment], depth: int) -> None:
    """Segments of the word behind `:-`; blanks and operators in it are text."""
    while at < end:
        stop = read_word(text, at, end, into, depth)
        if stop == at:
            into.append(Segment("text", text[at], at, at + 1))
            stop = at + 1
        at = stop


def _ansi(text: str, at: int, end: int, into: list[Segment]) -> int:
    out: list[str] = []
    start = at
    at += 2
    while at < end and text[at] != "'":
        if text[at] == "\\" and at + 1 < end:
            out.append(_ESCAPES.get(text[at + 1], text[at : at + 2]))
            at += 2
        else:
            out.append(text[at])
            at += 1
    into.append(Segment("text", "".join(out), start + 1, at, quoted=True))
    return min(at + 1, end)


def close_brace(text: str, at: int, end: int) -> int:
    """The offset of the `}` that closes a `${`; `end` where none does."""
    return _close(text, at, end, "{", "}")


def close_parenthesis(text: str, at: int, end: int) -> int:
    """The offset of the `)` that closes a `(` before `at`; `end` where none does."""
    return _close(text, at, end, "(", ")")


def _close(text: str, at: int, end: int, opening: str, closing: str) -> int:
    """Balance brackets, skipping quoted text. `$(` inside double quotes nests."""
    depth = 1
    while at < end:
        char = text[at]
        if char == "\\":
            at += 2
            continue
        if char == "'":
            stop = text.find("'", at + 1, end)
            at = end if stop < 0 else stop + 1
            continue
        if char == '"':
            at = _skip_double(text, at + 1, end)
            continue
        if char == opening:
            depth += 1
        elif char == closing:
            depth -= 1
            if depth == 0:
                return at
        at += 1
    return end


def _skip_double(text: str, at: int, end: int) -> int:
    """Behind the closing quote. A substitution inside may hold quotes of its own."""
    inside = 0
    while at < end:
        char = text[at]
        if char == "\\":
            at += 2
            continue
        if text.startswith("$(", at):
            inside += 1
            at += 2
            continue
        if char == ")" and inside:
            inside -= 1
        elif char == '"' and not inside:
            return at + 1
        at += 1
    return end
