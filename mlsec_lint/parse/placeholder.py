"""Placeholders that a person or `envsubst` fills in before a manifest is used.

Such a manifest is valid YAML with wrong values. A lowering asks here before it judges a
scalar: a placeholder is neither compliance nor violation. `$(VAR)` is Kubernetes' own
reference to an environment variable and is not one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.value import Value

_VARIABLE = regex(r"\$(?:\{([A-Za-z_]\w*)[^{}]{0,200}\}|([A-Za-z_]\w*))")
_BRACKETED = regex(r"<[A-Za-z][\w .:/-]{0,80}>")
_AT_SIGNS = regex(r"@[A-Z][A-Z0-9_]+@|%[A-Z][A-Z0-9_]+%|__[A-Z][A-Z0-9_]+__")
#: What is looked for, with the characters without which it is not there.
_PATTERNS = ((_VARIABLE, ("$",)), (_BRACKETED, ("<",)), (_AT_SIGNS, ("@", "%", "__")))
#: Words with which samples mark what a reader has to replace.
_MARKED = regex(
    r"(?i)\b(?:(?:your|my|insert|enter|put|add)[-_ ](?:own[-_ ])?[a-z][\w-]*[-_ ]here"
    r"|change[-_ ]?me|replace[-_ ]?(?:me|this|with)|to[-_ ]?be[-_ ]?replaced|fill[-_ ]?me"
    r"|todo|tbd|fixme|x{4,}|placeholder)\b|\[your[-_ ][\w -]{1,80}\]|\byour[-_][a-z][\w-]*"
)
_CAPITALS = regex(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Z]{6,}")


def placeholder(value: Value, *, loose: bool = False) -> Unknown | None:
    """The Unknown that a scalar with a placeholder stands for, or None.

    A value that is unknown already gives its own Unknown. `loose` also takes words of
    capitals alone (`GSBUCKET`, `PROJECT_ID`) and marked words (`your-bucket`): right for
    fields whose real values never look so (bucket names, regions, accounts, URIs), wrong
    for environment values and commands.
    """
    data = value.data
    if isinstance(data, Unknown):
        return data
    if not isinstance(data, str) or value.type == "block" or len(data) > 4096:
        return None
    name = placeholder_name(data, loose=loose)
    if name is None:
        return None
    why = f"{name} is a placeholder that is filled in before use"
    parts = _parts(data, name, value)
    return Unknown("placeholder", why, name=name, parts=parts, span=value.span)


def placeholder_name(text: str, *, loose: bool = False) -> str | None:
    """The first placeholder in a text as written, or None."""
    for pattern, marks in _PATTERNS:
        for mark in marks:
            if mark in text:  # few texts have one, and to look for it costs little
                match = pattern.search(text)
                if match is not None:
                    return match.group()
                break
    if loose:
        match = _MARKED.search(text)
        if match is not None:
            return match.group()
        for word in re.split(r"[^A-Za-z0-9_]+", text):
            if _CAPITALS.fullmatch(word):
                return word
    return None


def _parts(text: str, name: str, value: Value) -> tuple[str | Unknown, ...]:
    """Known and unknown parts, where the placeholder is not the whole."""
    if text == name:
        return ()
    before, _, after = text.partition(name)
    why = f"{name} is a placeholder that is filled in before use"
    unknown = Unknown("placeholder", why, name=name, span=value.span)
    rest: tuple[str | Unknown, ...] = (after,) if after else ()
    following = placeholder_name(after)
    if following is not None and following != after:
        rest = _parts(after, following, value)
    elif following is not None:
        again = f"{following} is a placeholder that is filled in before use"
        rest = (Unknown("placeholder", again, name=following, span=value.span),)
    return (*((before,) if before else ()), unknown, *rest)
