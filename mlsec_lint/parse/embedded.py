"""Texts inside scalars: a script in a block scalar, YAML in a ConfigMap, as Sources.

The inner text is the scalar's content, and its `pieces` lead every offset back to the
characters of the file. Literal blocks and plain or quoted scalars on one line are
exact; in folded and many-line quoted scalars each line is found again where it stands.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from mlsec_lint.patterns import regex
from mlsec_lint.source import Source
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.value import Value

_HEADER = regex(r"[|>][0-9+-]*[^\n]*\n?")
_ESCAPE = regex(
    r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|\r?\n[ \t]*|.)|[ \t]*\r?\n\s*"
)
_FOLD = regex(r"[ \t]*\r?\n\s*")

#: An action of a template that decides what is written, and writes nothing itself.
_CONTROL = regex(r"\{\{-?\s*(?:if|else|end|range|with|define|/\*|\$\w+\s*:?=)")
#: So many lines of a template are looked through for the one that wrote a line.
_AHEAD = 60
#: Most pieces of a text, and of one line of it, that are longer than their action.
_MOST_PIECES, _MOST_OVER = 50_000, 2_000
#: Longer texts are not remembered.
_MOST_KNOWN = 20_000

Pieces = tuple[tuple[int, int], ...]


def embedded(value: Value) -> Source | None:
    """The text of a scalar as a Source hosted by its file; None where it is no text.

    A scalar with template actions gives its text with the actions as written, so that
    a reader of the inner text meets them as unknowns of its own.
    """
    span = value.span
    if span is None:
        return None
    text = _written(value)
    if text is None:
        return None
    host = span.source
    raw = host.text[span.start : span.end]
    if raw == text:
        pieces: Pieces = ((0, span.start),)
    elif value.type == "block" and "{{" in raw and isinstance(value.data, str):
        known = len(text) <= _MOST_KNOWN and len(raw) <= _MOST_KNOWN
        pieces = (_rendered_once if known else _rendered)(text, raw, span.start)
    elif value.type == "block":
        pieces = _block(text, raw, span.start)
    elif raw[:1] == '"' and raw[-1:] == '"':
        pieces = _double(raw, span.start)
    else:
        quoted = raw[:1] == "'" and raw[-1:] == "'" and len(raw) > 1
        pieces = _flow(text, raw, span.start, skip=1 if quoted else 0)
    return Source(span.path, text, host=host, pieces=pieces)


def _written(value: Value) -> str | None:
    """The known text, or a template's parts with its actions as written."""
    data = value.data
    if isinstance(data, str):
        return data
    if not isinstance(data, Unknown) or data.kind != "template":
        return None
    parts = data.parts or ((data,) if data.span is not None else ())
    texts: list[str] = []
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
        elif isinstance(part, Unknown) and part.span is not None:
            texts.append(part.span.text)
        else:
            return None
    return "".join(texts) if texts else None


def _block(text: str, raw: str, start: int) -> Pieces:
    """Line by line: content lines of `|` and `>` stand in order below the header."""
    header = _HEADER.match(raw)
    assert header is not None
    folded = raw.startswith(">")
    given = re.search(r"[1-9]", header.group().split("#")[0])
    pieces: list[tuple[int, int]] = []
    at, here = header.end(), 0
    indent: int | None = None
    while at < len(raw) and here <= len(text):
        stop = raw.find("\n", at)
        stop = len(raw) if stop < 0 else stop
        line = raw[at:stop].rstrip("\r")
        depth = len(line) - len(line.lstrip(" "))
        if indent is None and depth < len(line) and given is None:
            indent = depth
        begin = _aligned(text, here, line, depth if indent is None else indent)
        content = line[begin:]
        if folded:
            if content:
                here = _found(text, here, content)
                pieces.append((here, start + at + begin))
                here += len(content)
        else:
            pieces.append((here, start + at + begin))
            here = _after(text, here, content)
        at = stop + 1
    return tuple(pieces)


def _rendered(text: str, raw: str, start: int) -> Pieces:
    """Line by line, where the file has a template that wrote the text.

    A line that stands in the file leads there; one that an action wrote leads to the
    line of the action. Lines that a condition left out are passed over. Where an action
    wrote the scalar itself (`{{ include "command" . }}`), no header stands in the file.
    """
    header = _HEADER.match(raw)
    lines: list[tuple[str, int]] = []
    at = 0 if header is None else header.end()
    for line in raw[at:].splitlines(keepends=True):
        lines.append((line.strip(), start + at + len(line) - len(line.lstrip())))
        at += len(line)
    pieces: list[tuple[int, int]] = []
    here = following = 0
    for line in text.splitlines(keepends=True):
        words = line.strip()
        if words:
            found = _writer(lines, following, words)
            if found is not None:
                source, host = lines[found]
                first = here + len(line) - len(line.lstrip())
                pieces.append((first, host))
                if source != words and len(pieces) < _MOST_PIECES:
                    pieces += _held_back(first, len(words), host, source)
                inserted = source.startswith("{{") and source != words
                following = found if inserted else found + 1
        here += len(line)
    return tuple(pieces) or ((0, start),)


#: A chart that is installed many times writes the same scripts from the same templates.
_rendered_once = lru_cache(maxsize=128)(_rendered)


def _held_back(
    first: int, written: int, host: int, source: str
) -> list[tuple[int, int]]:
    """Keep what an action wrote at the action, however long it is."""
    room = 1 if source.startswith("{{") else len(source)
    over = range(first + room, first + min(written + 1, room + _MOST_OVER))
    held = host + room - 1
    return [(here, held) for here in over]


def _writer(lines: list[tuple[str, int]], following: int, words: str) -> int | None:
    """The line of a template that wrote a line: the same, else an action's."""
    near = range(following, min(following + _AHEAD, len(lines)))
    passed = following == 0
    for at in near:
        line = lines[at][0]
        if line == words and (at == following or passed):
            return at
        passed = passed or "{{" in line or not line
    for at in near:
        before, action, _ = lines[at][0].partition("{{")
        control = _CONTROL.match(lines[at][0]) is not None
        if action and not control and words.startswith(before.strip()):
            return at
    return None


def _aligned(text: str, here: int, line: str, begin: int) -> int:
    """Where in the line the content starts that the text has at an offset."""
    stop = text.find("\n", here)
    content = text[here : len(text) if stop < 0 else stop]
    if content and not line.startswith(content, begin) and line.endswith(content):
        return len(line) - len(content)
    return min(begin, len(line))


def _after(text: str, here: int, content: str) -> int:
    """The offset in a literal text after one line of content and its line end."""
    if text.startswith(content, here):
        return here + len(content) + 1
    stop = text.find("\n", here)  # template actions were laid out differently
    return (len(text) if stop < 0 else stop) + 1


def _found(text: str, here: int, content: str) -> int:
    """Where a line of a folded text goes on: behind the spaces and breaks of the fold."""
    at = here
    while at < len(text) and text[at] in " \n" and not text.startswith(content, at):
        at += 1
    return at if text.startswith(content, at) else here


def _double(raw: str, start: int) -> Pieces:
    """Escapes and folds give one character (or none) each."""
    pieces = [(0, start + 1)]
    here = 0
    at = 1
    for match in _ESCAPE.finditer(raw, 1, len(raw) - 1):
        here += match.start() - at
        lexeme = match.group()
        if lexeme.startswith("\\"):
            here += 0 if lexeme[1:2] in "\r\n" else 1
        else:
            here += max(1, lexeme.count("\n") - 1)
        at = match.end()
        pieces.append((here, start + at))
    return tuple(pieces)


def _flow(text: str, raw: str, start: int, *, skip: int) -> Pieces:
    """Plain and single-quoted: folds give one character, '' gives one quote."""
    pieces = [(0, start + skip)]
    here = 0
    at = skip
    pattern = re.compile(r"''|[ \t]*\r?\n\s*") if skip else _FOLD
    for match in pattern.finditer(raw, skip, len(raw) - skip):
        here += match.start() - at
        here += 1 if match.group() == "''" else max(1, match.group().count("\n") - 1)
        at = match.end()
        pieces.append((min(here, len(text)), start + at))
    return tuple(pieces)
