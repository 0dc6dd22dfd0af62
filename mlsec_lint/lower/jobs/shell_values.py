"""Words of a shell script as Values: joined, split, merged over branches.

Knows no command. A word of several parts keeps them as `origin`, so that a script
inside a word still has the positions of the file.
"""

from __future__ import annotations

import re

from mlsec_lint.patterns import regex
from mlsec_lint.source import Source, Span
from mlsec_lint.value import Unknown, Value

MAX_WORD = 32_768
MAX_WORDS = 2_048
MAX_OPTIONS = 32

_NAME = regex(r"[A-Za-z_][A-Za-z0-9_]*")


def is_text(value: Value) -> bool:
    """Whether the value is a known text."""
    return isinstance(value.data, str)


def as_word(value: Value) -> Value:
    """A value of a config as a shell variable holds it: text, or unknown."""
    if is_list(value):
        return value.replace(data=tuple(as_word(e) for e in value.elements()))
    text = value.text()
    if isinstance(text, str | Unknown):
        return value if text is value.data else value.replace(data=text)
    if value.is_null:
        return value.replace(data="")
    unknown = Unknown("unsupported", "this is no text", span=value.span)
    return value.replace(data=unknown)


def is_list(value: Value) -> bool:
    """Whether the value is an array."""
    return isinstance(value.data, tuple)


def default_of(name: str, default: Value, span: Span) -> Value:
    """`${NAME:-default}` of a variable that the text does not set: likely, not sure."""
    if not is_text(default):
        return default
    why = f"${name} may be set where the script is started; else {default.data!r}"
    unknown = Unknown("environment", why, name, possible=(default,), span=span)
    return Value(unknown, span)


def cut(text: str, operator: str, pattern: str) -> str | None:
    """`${NAME%/}`, `${NAME##*/}`, `${NAME,,}` of a known text; None for other patterns.

    Patterns are plain, with one `*` at the end that is cut away at most.
    """
    if operator[0] in ",^":
        if pattern:
            return None
        changed = text.lower() if operator[0] == "," else text.upper()
        return changed if len(operator) == 2 else changed[:1] + text[1:]
    head = operator[0] == "#"
    glob = pattern.startswith("*") if head else pattern.endswith("*")
    plain = pattern[1:] if glob and head else pattern[:-1] if glob else pattern
    if set(plain) & set("*?[\\"):
        return None
    if not glob:
        return text.removeprefix(plain) if head else text.removesuffix(plain)
    first = (len(operator) == 1) is head
    at = text.find(plain) if first else text.rfind(plain)
    if at < 0:
        return text
    return text[at + len(plain) :] if head else text[:at]


def merged(name: str, options: list[Value], *, unset: bool = False) -> Value:
    """The value of a variable that branches of a script set differently."""
    texts = {v.data for v in options if isinstance(v.data, str)}
    known = all(is_text(v) for v in options)
    if known and len(texts) == 1 and not unset:
        return options[-1]
    why = f"${name} depends on a branch of the script"
    few = len(options) <= MAX_OPTIONS
    possible = tuple(options) if known and few and not unset else None
    span = options[-1].span if options else None
    return Value(Unknown("environment", why, name, possible=possible, span=span), span)


def too_long(span: Span | None) -> Value:
    """What stands for a word past the bounds."""
    return Value(Unknown("bound", "the word is too long", span=span), span)


def spaced(values: list[Value], span: Span) -> Value:
    """An array in a string: its elements with a blank between them."""
    parts: list[Value] = []
    for value in values[:MAX_WORDS]:
        if parts:
            parts.append(Value(" ", span))
        parts.append(value)
    return joined(parts, span)


def joined(parts: list[Value], span: Span | None) -> Value:
    """One word of several parts: text where all are, else an Unknown that keeps them.

    The parts stay reachable as `origin`, so that a script in the word has positions.
    """
    if not parts:
        return Value("", span)
    if len(parts) == 1:
        only = parts[0]
        if only.origin is not None or only.span in (None, span):
            return only.replace(span=span)
        return only.replace(span=span, origin=("pieces", Value((only,))))
    trail = tuple(step for part in parts for step in part.trail)[:8]
    flat = [piece for part in parts for piece in pieces(part)]
    if sum(len(p.data) for p in flat if isinstance(p.data, str)) > MAX_WORD:
        return too_long(span)
    if all(is_text(part) for part in parts):
        text = "".join(part.data for part in parts)
        origin = ("pieces", Value(tuple(flat[:256])))
        return Value(text, span, trail=trail, origin=origin if len(flat) > 1 else None)
    first = next(p.data for p in parts if isinstance(p.data, Unknown))
    data = tuple(p.data for p in flat[:256])
    unknown = Unknown(first.kind, first.why, first.name, parts=data, span=first.span)
    return Value(
        unknown, span, trail=trail, origin=("pieces", Value(tuple(flat[:256])))
    )


def pieces(value: Value) -> list[Value]:
    """The parts a word was joined from; the word itself when it is of one piece."""
    if value.origin is None or value.origin[0] != "pieces":
        return [value]
    found = list(value.origin[1].elements())
    if isinstance(value.data, Unknown) and all(is_text(piece) for piece in found):
        return [value]  # somebody replaced what was joined
    return found


def split_words(value: Value) -> list[Value]:
    """Split an unquoted variable at its blanks; parts keep their own positions."""
    if isinstance(value.data, Unknown) and value.data.parts:
        return _split_unknown(value)
    if not isinstance(value.data, str):
        return [value]
    words = []
    offset = 0
    place = value.trail[0].span if value.trail else value.span
    for match in re.finditer(r"\S+", value.data):
        span = place
        if place is not None:
            at = place.source.text.find(match[0], place.start + offset, place.end)
            if at >= 0:
                span = Span(place.source, at, at + len(match[0]))
                offset = at + len(match[0]) - place.start
        words.append(Value(match[0], span, trail=value.trail))
        if len(words) >= MAX_WORDS:
            break
    return words


def _split_unknown(value: Value) -> list[Value]:
    """Split at the blanks of the known parts; what is unknown counts as one word."""
    found: list[list[Value]] = [[]]
    for piece in pieces(value):
        data = piece.data
        if not isinstance(data, str):
            found[-1].append(piece)
            continue
        if data[:1].isspace() and found[-1]:
            found.append([])
        for number, word in enumerate(split_words(piece)):
            if number:
                found.append([])
            found[-1].append(word)
        if data[-1:].isspace() and found[-1]:
            found.append([])
        if len(found) >= MAX_WORDS:
            break
    words = [joined(parts, _around(parts, value.span)) for parts in found if parts]
    return [word.replace(trail=word.trail or value.trail) for word in words[:MAX_WORDS]]


def _around(parts: list[Value], otherwise: Span | None) -> Span | None:
    """The span of a word's first part: where somebody wrote it."""
    return next((p.span for p in parts if p.span is not None), otherwise)


def alternatives(value: Value) -> list[tuple[Value, bool]]:
    """The values that an unknown word can have, and whether each is taken for certain.

    A default counts, and what branches assign; a loop takes each of its words. None
    where a part of the word is not known, or there are many.
    """
    if not isinstance(value.data, Unknown):
        return []
    found: list[tuple[list[Value], bool]] = [([], True)]
    for part in (value.data.parts or (value.data,))[:64]:
        options, sure = [Value(part, value.span)], True
        if isinstance(part, Unknown):
            options, sure = list(part.possible or ()), part.kind == "each"
        found = [
            ([*parts, option], known and sure)
            for parts, known in found
            for option in options
        ]
        if not 0 < len(found) <= MAX_OPTIONS:
            return []
    return [
        (joined(parts, value.span).replace(trail=value.trail), sure)
        for parts, sure in found
        if all(is_text(part) for part in parts)
    ]


def embedded_script(value: Value) -> Source | None:
    """The text of a word as a Source of its own, positions kept; None if unknown.

    An Unknown part becomes a reference to its name, so that it stays unknown inside.
    """
    parts = pieces(value)
    span = value.span
    if span is None:
        return None
    if len(parts) == 1 and isinstance(value.data, Unknown) and value.data.parts:
        parts = [Value(part, span) for part in value.data.parts]
    host = span.source
    text: list[str] = []
    marks: list[tuple[int, int]] = []
    length = 0
    for part in parts:
        piece = part.data if isinstance(part.data, str) else _reference(part)
        if piece is None:
            return None
        at = part.span if part.span and part.span.source is host else span
        start = at.source.text.find(piece, at.start, at.end)
        marks.append((length, start if start >= 0 else at.start))
        text.append(piece)
        length += len(piece)
    return Source(host.path, "".join(text), host=host, pieces=tuple(marks))


def body_script(body: Span, *, quoted: bool) -> Source:
    """A here-document as the script that it becomes, positions kept.

    Where the shell expands it, an escaped `$` is for the script that it becomes.
    """
    text = body.text
    if quoted or "\\$" not in text:
        return Source(body.path, text, host=body.source, pieces=((0, body.start),))
    found: list[str] = []
    marks: list[tuple[int, int]] = []
    length = at = 0
    for match in re.finditer(r"\\(?=[$`])", text):
        found.append(text[at : match.start()])
        marks.append((length, body.start + at))
        length += match.start() - at
        at = match.end()
    marks.append((length, body.start + at))
    found.append(text[at:])
    return Source(body.path, "".join(found), host=body.source, pieces=tuple(marks))


def _reference(part: Value) -> str | None:
    if not isinstance(part.data, Unknown):
        return None
    name = part.data.name if _NAME.fullmatch(part.data.name) else "_unknown"
    return "${" + name + "}"
