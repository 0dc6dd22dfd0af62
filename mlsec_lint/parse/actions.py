"""Template actions (Go `{{ }}`, Jinja `{% %}` and `{# #}`) found in a text, and masked.

Nothing is executed. `mask` gives a text of equal length that a YAML reader accepts, so
that offsets keep their meaning: an action inside a line becomes a token, a line that
holds only control actions becomes blank, a line that holds only an action that inserts
text becomes an entry or an item of the collection around it. Knows no YAML beyond that.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

from mlsec_lint.patterns import regex

#: Actions longer than this are read as text: no template of a person has one.
_LONGEST = 20_000

_QUOTED = regex(r'"(?:[^"\\\n]|\\.)*"|`[^`]*`')
_STOP = regex(r'\}\}|["`]')
_BRACE = regex(r'[{}]|"(?:[^"\\\n]|\\.){0,2000}"')
_COMMENT = regex(r"\{\{-?\s*/\*")
_CONTROL = regex(
    r"(?:if|else|end|range|with|define|block|break|continue|/\*)\b|/\*|\$\w+\s*:?="
    r"|(?:set|unset)\s+\$"
)
_INDENT = regex(r"\b(n?indent)\s+(\d{1,3})\b")
#: How an anchor begins that stands for an action.
ANCHOR = "Zz"
_PRIVATE = range(0xE000, 0xF8FF)
#: How many lines the neighbourhood of an inserting action is looked at.
_NEAR = 20


class Action(NamedTuple):
    """One action: where it is, the text between its delimiters, and what it does.

    `kind` is "output", "control" or "comment".
    """

    start: int
    end: int
    body: str
    kind: str


class Masked(NamedTuple):
    """A text of the same length with tokens for actions, and the actions in order.

    A token is `mark`, then `fill` characters; a whole-line token starts with `line`. An
    action that puts a block under a name is an anchor that starts with ANCHOR.
    """

    text: str
    actions: list[Action]
    mark: str
    line: str
    fill: str

    def tokens(self) -> re.Pattern[str]:
        """Matches one token in a text that was read from the masked one."""
        return re.compile(f"{self.mark}{self.fill}*|{self.line}{self.fill}*:?")

    def first_from(self, offset: int) -> int:
        """Index of the first action that ends after an offset."""
        return bisect_right(self.actions, offset, key=lambda action: action.end)


def has_actions(text: str, start: int = 0, end: int | None = None) -> bool:
    """Whether a text may hold template actions at all."""
    stop = len(text) if end is None else end
    return text.find("{{", start, stop) >= 0 or text.find("{%", start, stop) >= 0


def find_actions(text: str, *, terraform: bool = False) -> list[Action]:
    """All actions of a text in order; an unclosed one is text. Linear in the text.

    With `terraform` also the `${ }` and `%{ }` of `templatefile`.
    """
    found: list[Action] = []
    at = 0
    openings = [r"\{\{", r"\{%"]
    if "{%" in text:
        openings.append(r"\{#")
    if terraform:
        openings.append(r"[$%]\{(?!\{)")
    opening = re.compile("|".join(openings))
    while True:
        match = opening.search(text, at)
        if match is None:
            return found
        start = match.start()
        end = _end(text, start)
        if end is None:
            at = min(start + _LONGEST, len(text))
            continue
        found.append(_action(text, start, end))
        at = end


def _action(text: str, start: int, end: int) -> Action:
    opening = text[start : start + 2]
    close = 1 if opening in ("${", "%{") else 2
    body = text[start + 2 : end - close]
    if body[:1] in ("-", "~", "+") and body[1:2] in (
        " ",
        "\t",
        "\r",
        "\n",
        "/",
        "i",
        "e",
        "f",
    ):
        body = body[1:]
    if body[-1:] in ("-", "~", "+"):
        body = body[:-1]
    body = body.strip()
    if opening == "{{":
        if body.startswith("/*"):
            kind = "comment"
        else:
            kind = "control" if _CONTROL.match(body) else "output"
        if start and text[start - 1] == "$" and kind == "output":
            start -= 1  # a GitHub expression, ${{ }}, is one action
    elif opening == "${":
        kind = "output"
    else:
        kind = "comment" if opening == "{#" else "control"
    return Action(start, end, body, kind)


def _end(text: str, start: int) -> int | None:
    """The offset after the action that starts here, or None when it does not close."""
    limit = min(start + _LONGEST, len(text))
    opening = text[start : start + 2]
    if opening in ("${", "%{"):
        return _braces_end(text, start + 1, limit)
    if opening != "{{":
        closing = "%}" if opening == "{%" else "#}"
        at = text.find(closing, start + 2, limit)
        return at + 2 if at >= 0 else None
    at = start + 2
    comment = _COMMENT.match(text, start, limit)
    if comment is not None:
        close = text.find("*/", comment.end(), limit)
        if close < 0:
            return None
        at = close + 2
    quotes = True
    while True:
        stop = _STOP.search(text, at, limit)
        if stop is None:
            return None
        if stop.group() == "}}":
            return stop.end()
        quoted = _QUOTED.match(text, stop.start(), limit) if quotes else None
        quotes = quotes and quoted is not None
        at = stop.end() if quoted is None else quoted.end()


def _braces_end(text: str, start: int, limit: int) -> int | None:
    """The offset after the brace that closes the one here, strings left aside."""
    depth = 0
    at = start
    while True:
        stop = _BRACE.search(text, at, limit)
        if stop is None:
            return None
        at = stop.end()
        if stop.group() == "{":
            depth += 1
        elif stop.group() == "}":
            depth -= 1
            if depth == 0:
                return at


def mask(text: str, *, insertions: bool = True, terraform: bool = False) -> Masked:
    """Mask every action. Without `insertions`, lines that insert text become blank."""
    actions = find_actions(text, terraform=terraform)
    mark, line, fill = _marks(text)
    kept: list[Action] = []
    out: list[str] = []
    at = 0
    index = 0
    while index < len(actions):
        group, start, end = _alone(text, actions, index)
        if group:
            out.append(text[at:start])
            output = [a for a in group if a.kind == "output"]
            if output and insertions:
                kept.append(output[0])
                out.append(_insertion(text, start, end, output[0], line, fill))
            else:
                out.append(" " * (end - start))
            at = end
            index += len(group)
            continue
        action = actions[index]
        out.append(text[at : action.start])
        if action.kind == "comment":
            out.append(" " * (action.end - action.start))
        elif insertions and _opens_block(text, action):
            kept.append(action)
            out.append("&" + ANCHOR + "z" * (action.end - action.start - 3))
        else:
            kept.append(action)
            out.append(mark + fill * (action.end - action.start - 1))
        at = action.end
        index += 1
    out.append(text[at:])
    return Masked("".join(out), kept, mark, line, fill)


def _opens_block(text: str, action: Action) -> bool:
    """Whether the action puts a block under the name or dash before it (`nindent`).

    It becomes an anchor, which fits before whatever the lines below hold.
    """
    wanted = _INDENT.search(action.body)
    if wanted is None or wanted.group(1) != "nindent" or action.end - action.start < 3:
        return False
    start = text.rfind("\n", 0, action.start) + 1
    end = text.find("\n", action.end)
    after = text[action.end : len(text) if end < 0 else end].strip()
    before = text[max(start, action.start - 500) : action.start].rstrip(" ")
    return before.endswith((":", "-")) and (not after or after.startswith("#"))


def _marks(text: str) -> tuple[str, str, str]:
    """Three private-use characters that the text does not hold."""
    free: list[str] = []
    for code in _PRIVATE:
        if chr(code) not in text:
            free.append(chr(code))
            if len(free) == 3:
                break
    while len(free) < 3:  # a text with all 6,400 of them is not one that we mask well
        free.append(chr(0xE000 + len(free)))
    return free[0], free[1], free[2]


def _alone(
    text: str, actions: list[Action], index: int
) -> tuple[list[Action], int, int]:
    """The actions that fill a whole line from this one on, and the line's bounds."""
    first = actions[index]
    start = text.rfind("\n", 0, first.start) + 1
    if index and actions[index - 1].end > start:
        return [], 0, 0
    if text[start : first.start].strip(" \t"):
        return [], 0, 0
    group = [first]
    while True:
        last = group[-1]
        end = text.find("\n", last.end)
        end = len(text) if end < 0 else end
        following = index + len(group)
        if following < len(actions) and actions[following].start < end:
            if text[last.end : actions[following].start].strip(" \t"):
                return [], 0, 0
            group.append(actions[following])
            continue
        rest = text[last.end : end].strip(" \t\r")
        if rest and not rest.startswith("#"):
            return [], 0, 0
        return group, start, last.end


def _insertion(
    text: str, start: int, end: int, action: Action, line: str, fill: str
) -> str:
    """A whole-line token at the indent that the action itself asks for."""
    wanted = _INDENT.search(action.body)
    indent = int(wanted.group(2)) if wanted else action.start - start
    room = end - start
    if indent + 2 > room:
        indent = min(action.start - start, room - 2)
    if _in_sequence(text, start, end, indent) and indent + 3 <= room:
        return " " * indent + "- " + line + fill * (room - indent - 3)
    return " " * indent + line + fill * (room - indent - 2) + ":"


def _in_sequence(text: str, start: int, end: int, indent: int) -> bool:
    """Whether the lines around are items of a list at that indent."""
    at = start
    for _ in range(_NEAR):
        if at <= 0:
            break
        before = text.rfind("\n", 0, at - 1) + 1
        content = text[before : at - 1].strip()
        if content and not content.startswith(("#", "{{", "{%")):
            depth = _depth(text, before)
            if depth <= indent:
                if depth == indent:
                    return content.startswith("- ") or content == "-"
                break
        at = before
    at = text.find("\n", end) + 1
    for _ in range(_NEAR):
        if at <= 0:
            break
        after = text.find("\n", at)
        content = text[at : after if after >= 0 else len(text)].strip()
        if content and not content.startswith(("#", "{{", "{%")):
            return _depth(text, at) == indent and content.startswith("- ")
        at = after + 1
    return False


def _depth(text: str, start: int) -> int:
    at = start
    while text.startswith(" ", at):
        at += 1
    return at - start
