"""Conditions of bindings (CEL): for how much of what they guard they can hold.

Read: `&&`, `||`, `!`, parentheses, `resource.name` (startsWith, ==, !=), `resource.type`
and `resource.service` (==, !=, startsWith), `true`, `false`. Time is never looked at:
`request.time` may hold. All else may hold, too. (Google Cloud, IAM, "Overview of IAM
Conditions" and "Attribute reference for IAM Conditions", 2026-11.)
"""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple

from mlsec_lint.lower.gcp.grants.texts import begins, same
from mlsec_lint.patterns import regex


class Extent(Enum):
    """For what a condition holds: all that is asked about, some of it, none, unknown."""

    ALL = "all"
    SOME = "some"
    NONE = "none"
    UNKNOWN = "unknown"


class Asked(NamedTuple):
    """What a permission is asked for, in the words of conditions.

    `name`: the resource's name, canonical; with `below` all resources whose names begin
    with it. `type` as `storage.googleapis.com/Object`.
    """

    type: str
    name: str
    below: bool = False

    @property
    def service(self) -> str:
        """The service of the type."""
        return self.type.partition("/")[0]


class Reading(NamedTuple):
    """A condition as read; `expires` where it names an end in time."""

    extent: Extent
    expires: bool = False


_TOKEN = regex(
    r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|&&|\|\||!=|[()!]|[^"'&|()!]+|.""", re.DOTALL
)
_STRING = r"""(?:"(?P<d>[^"\\]*)"|'(?P<s>[^'\\]*)')"""
_ATOM = regex(
    rf"resource\.(?P<what>name|type|service)\s*"
    rf"(?:\.(?P<call>startsWith)\s*\(\s*{_STRING}\s*\)|(?P<op>==|!=)\s*"
    rf"{_STRING.replace('<d>', '<e>').replace('<s>', '<t>')})"
)
_EXPIRES = regex(r"request\.time\s*<")
_LONGEST, _DEEPEST = 12_000, 40


def read_condition(expression: str, asked: Asked) -> Reading:
    """For how much of what is asked a condition can hold."""
    if len(expression) > _LONGEST:
        return Reading(Extent.UNKNOWN)
    tokens = [t for t in _TOKEN.findall(expression) if t.strip()]
    reader = _Reader(tokens, asked)
    extent = reader.any_of(0)
    if reader.at < len(tokens):
        extent = Extent.UNKNOWN
    return Reading(extent, _EXPIRES.search(expression) is not None)


class _Reader:
    """Recursive descent over the connectives; an atom is the text between them."""

    def __init__(self, tokens: list[str], asked: Asked) -> None:
        self.tokens = tokens
        self.asked = asked
        self.at = 0

    def here(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def any_of(self, depth: int) -> Extent:
        found = self.all_of(depth)
        while self.here() == "||":
            self.at += 1
            found = _either(found, self.all_of(depth))
        return found

    def all_of(self, depth: int) -> Extent:
        found = self.one(depth)
        while self.here() == "&&":
            self.at += 1
            found = _both(found, self.one(depth))
        return found

    def one(self, depth: int) -> Extent:
        if depth > _DEEPEST:
            self.at = len(self.tokens)
            return Extent.UNKNOWN
        if self.here() == "!":
            self.at += 1
            return _not(self.one(depth + 1))
        if self.here() == "(":
            self.at += 1
            found = self.any_of(depth + 1)
            closed = self.here() == ")"
            self.at += 1
            rest = self.atom()
            return found if closed and not rest else Extent.UNKNOWN
        return _atom(self.atom(), self.asked)

    def atom(self) -> str:
        """The text up to the next connective outside of parentheses."""
        start, level = self.at, 0
        while self.at < len(self.tokens):
            token = self.here()
            if not level and token in ("&&", "||", ")"):
                break
            level += {"(": 1, ")": -1}.get(token, 0)
            self.at += 1
        return "".join(self.tokens[start : self.at]).strip()


def _atom(text: str, asked: Asked) -> Extent:
    if text in ("true", "false"):
        return Extent.ALL if text == "true" else Extent.NONE
    match = _ATOM.fullmatch(text)
    if match is None:
        return Extent.UNKNOWN
    wanted = next((match[n] for n in "dset" if match[n] is not None), "")
    if match["what"] == "name":
        found = _by_name(match["call"] is not None, wanted, asked)
    else:
        has = asked.type if match["what"] == "type" else asked.service
        compare = begins if match["call"] is not None else same
        found = _extent(compare(has, wanted))
    return _not(found) if match["op"] == "!=" else found


def _by_name(start: bool, wanted: str, asked: Asked) -> Extent:
    if not asked.below:
        return _extent((begins if start else same)(asked.name, wanted))
    if start and begins(asked.name, wanted):
        return Extent.ALL
    inside = begins(wanted, asked.name)  # some of what lies below that name
    if inside:
        return Extent.SOME
    apart = inside is False and (not start or begins(asked.name, wanted) is False)
    return Extent.NONE if apart else Extent.UNKNOWN


def _extent(truth: bool | None) -> Extent:
    if truth is None:
        return Extent.UNKNOWN
    return Extent.ALL if truth else Extent.NONE


def _not(one: Extent) -> Extent:
    swapped = {Extent.ALL: Extent.NONE, Extent.NONE: Extent.ALL}
    return swapped.get(one, one)


def _both(one: Extent, other: Extent) -> Extent:
    if Extent.NONE in (one, other):
        return Extent.NONE
    if one is Extent.ALL:
        return other
    return one if other is Extent.ALL else Extent.UNKNOWN


def _either(one: Extent, other: Extent) -> Extent:
    if Extent.ALL in (one, other):
        return Extent.ALL
    if one is Extent.NONE:
        return other
    if other is Extent.NONE:
        return one
    return Extent.SOME if Extent.SOME in (one, other) else Extent.UNKNOWN
