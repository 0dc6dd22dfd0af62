"""Patterns of fileset: `*`, `**`, `?`, `[a-z]`, `{a,b}` and escapes.

As bmatcuk/doublestar 1.1.5 matches paths: `**` is a whole path element and matches any
number of them, everything else stays within one. A pattern becomes an RE2 expression,
so that no pattern can hang the scan.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_PATTERN = 1_000


class BadPatternError(ValueError):
    """The pattern has an open bracket or brace, or is absurdly long."""


def matching(pattern: str) -> Callable[[str], bool]:
    """A function that tells whether a path matches. Raises BadPatternError."""
    import re2

    if len(pattern) > MAX_PATTERN:
        raise BadPatternError(pattern)
    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(_expression(pattern), options)
    except re2.error:
        raise BadPatternError(pattern) from None
    return lambda path: compiled.fullmatch(path) is not None


def _expression(pattern: str) -> str:
    out: list[str] = []
    elements = pattern.split("/")
    for i, element in enumerate(elements):
        last = i == len(elements) - 1
        if element == "**":
            # Files are matched, never folders: a final ** needs at least a name.
            out.append("(?:[^/]+/)*[^/]+" if last else "(?:[^/]+/)*")
            continue
        out.append(_element(element))
        if not last:
            out.append("/")
    return "(?s)" + "".join(out)


def _element(element: str) -> str:
    out: list[str] = []
    at, braces = 0, 0
    while at < len(element):
        character = element[at]
        at += 1
        if character == "*":
            out.append("[^/]*")
        elif character == "?":
            out.append("[^/]")
        elif character == "\\":
            out.append(re.escape(element[at : at + 1]))
            at += 1
        elif character == "[":
            end = _class_end(element, at)
            out.append(_character_class(element[at:end]))
            at = end + 1
        elif character == "{":
            braces += 1
            out.append("(?:")
        elif character == "}" and braces:
            braces -= 1
            out.append(")")
        elif character == "," and braces:
            out.append("|")
        else:
            out.append(re.escape(character))
    if braces:
        raise BadPatternError(element)
    return "".join(out)


def _class_end(element: str, start: int) -> int:
    at = start
    while at < len(element) and (element[at] != "]" or at == start):
        at += 2 if element[at] == "\\" else 1
    if at >= len(element):
        raise BadPatternError(element)
    return at


def _character_class(body: str) -> str:
    negated = body[:1] in ("^", "!")
    inner = body[1:] if negated else body
    if not inner:
        raise BadPatternError(body)
    escaped = re.sub(r"\\(.)|([\[\]^&~|])", lambda m: re.escape(m[1] or m[2]), inner)
    return f"[^/{escaped}]" if negated else f"[{escaped}]"
