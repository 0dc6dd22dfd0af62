"""Variables in Compose files: `${NAME}`, `${NAME:-default}`, `.env` and `env_file`.

Compose fills them in before anything else, from its own environment and the file `.env`
of the folder. A default is likely: whoever starts it may set another value. Compose
specification, read 2026-11.
"""

from __future__ import annotations

import posixpath
import re
from itertools import islice
from typing import TYPE_CHECKING

from mlsec_lint.lower.scalars import given, text_of
from mlsec_lint.lower.stores import written
from mlsec_lint.patterns import regex
from mlsec_lint.source import Span
from mlsec_lint.value import Step, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlsec_lint.source import Source

_VARIABLE = regex(
    r"\$(?:(?P<dollar>\$)|(?P<plain>[A-Za-z_]\w*)"
    r"|\{(?P<name>[A-Za-z_]\w*)(?:(?P<operator>:?[-?+])(?P<rest>[^{}]*))?\})"
)
_LINE = regex(
    r"^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.]*)[ \t]*=[ \t]*(.*)$", re.MULTILINE
)
_MOST = 20_000
_DEEPEST = 40
_VARIABLES = 500  # of one text; what stands behind them stays as it is
_LONGEST = 100_000
_LONG = 4_000


def settings_of(source: Source) -> dict[str, Value]:
    """The variables of a file of settings, one a line."""
    found: dict[str, Value] = {}
    for match in _LINE.finditer(source.text[:_LONGEST]):
        raw = match[2].rstrip()
        bare = raw.partition(" #")[0].rstrip() if raw[:1] not in "\"'" else raw
        value = bare.strip("\"'")
        span = Span(source, match.start(2), match.start(2) + max(len(raw), 1))
        key = Span(source, match.start(1), match.end(1))
        if len(found) < _MOST:
            found[match[1]] = Value(value, span, key=key)
    return found


def filled(value: Value, known: Mapping[str, Value]) -> Value:
    """A value of a Compose file with its variables put in, as far as they are known."""
    return _Filler(known).value(value, 0)


class _Filler:
    """Goes through a document once; bounded in values and depth."""

    def __init__(self, known: Mapping[str, Value]) -> None:
        self.known = known
        self.left = _MOST

    def value(self, value: Value, depth: int) -> Value:
        self.left -= 1
        if self.left < 0 or depth > _DEEPEST:
            return value
        data = value.data
        if isinstance(data, dict):
            inner = {k: self.value(v, depth + 1) for k, v in value.items()}
            return value.replace(data=inner)
        if isinstance(data, tuple):
            inside = tuple(self.value(e, depth + 1) for e in value.elements())
            return value.replace(data=inside)
        if isinstance(data, str) and "$" in data:
            return self.text(value, data)
        return value

    def text(self, value: Value, text: str) -> Value:
        parts: list[str | Unknown] = []
        trail = value.trail
        at = 0
        for match in islice(_VARIABLE.finditer(text), _VARIABLES):
            parts.append(text[at : match.start()])
            at = match.end()
            part, step = self.variable(match)
            parts.append(part)
            trail = (*trail, *step) if len(trail) < 8 else trail
        parts.append(text[at:])
        kept = tuple(_joined(parts))
        if not any(isinstance(part, Unknown) for part in kept):
            return value.replace(data="".join(map(str, kept)), trail=trail, type=None)
        first = next(part for part in kept if isinstance(part, Unknown))
        whole = (
            first
            if len(kept) == 1
            else Unknown(first.kind, first.why, first.name, parts=kept)
        )
        return value.replace(data=whole, trail=trail, type=None)

    def variable(self, match: re.Match[str]) -> tuple[str | Unknown, tuple[Step, ...]]:
        if match["dollar"]:
            return "$", ()
        name = match["plain"] or match["name"]
        operator, rest = match["operator"] or "", match["rest"] or ""
        value = self.known.get(name)
        if value is not None and isinstance(value.data, str) and value.data:
            step = (Step(value.span, f"${name} is set here"),) if value.span else ()
            return (rest if operator.endswith("+") else value.data[:_LONG]), step
        why = f"${name} is given by whoever starts it"
        possible = None
        if operator.endswith("-"):
            why = f"${name} may be set where it is started; else {rest!r}"
            possible = (Value(rest),)
        return Unknown("environment", why, name, possible=possible), ()


def _joined(parts: Sequence[str | Unknown]) -> list[str | Unknown]:
    """The parts, neighbouring texts as one, empty ones left out."""
    found: list[str | Unknown] = []
    run: list[str] = []
    for part in (*parts, None):
        if isinstance(part, str):
            run.append(part)
            continue
        if text := "".join(run):
            found.append(text)
        run = []
        if part is not None:
            found.append(part)
    return found


def likely(value: Value) -> str:
    """A text as it is unless somebody sets a variable; else with `${NAME}` in it."""
    data = value.data
    if not isinstance(data, Unknown):
        return text_of(value)
    parts = data.parts or (data,)
    return "".join(_likely(part) for part in parts)


def _likely(part: str | Unknown) -> str:
    if isinstance(part, str):
        return part
    options = part.possible or ()
    first = options[0].data if options else None
    return first if isinstance(first, str) else written(part)


def listed_files(service: Value) -> list[str]:
    """The paths of `env_file`: one, a list, or mappings with a path."""
    field = given(service, "env_file")
    if field is None:
        return []
    entries = field.elements() or (field,)
    return [text_of(e.get("path") if isinstance(e.data, dict) else e) for e in entries][
        :50
    ]


def beside(texts: Mapping[str, Source], near: str, path: str) -> dict[str, Value]:
    """The variables of a file named in a Compose file; none where the scan has no such."""
    if not path or path.startswith(("/", "~")):
        return {}
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(near), path))
    source = texts.get(joined)
    return settings_of(source) if source is not None else {}
