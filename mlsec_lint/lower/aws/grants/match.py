"""Names and patterns of AWS policies as plain text with holes, and whether one covers another.

A *text* is a str in which every part that nobody can tell is a hole: its name between
two NULs (no config can hold one). The same hole in two texts is the same unknown value;
`OWN` is the account that the scan's own provider works in. Three-valued: a pattern
covers a text, does not, or might (`MAYBE`), for all values that the holes can have.
"""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING

from mlsec_lint.estate.wildcards import wildcard
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable

NUL = "\0"
#: Where a text holds it, a part of the text is not known.
HOLE_KEY = NUL
#: The account of the scan itself, wherever a text names it.
OWN = f"{NUL}own{NUL}"
#: Longer names than AWS takes; what is longer is not compared.
_LIMIT = 2048
#: How much two names with holes or `?` may make to compare: the lengths' product.
_PRODUCT = 40_000
#: An account, bucket or organisation that no policy names: only wildcards mean it.
FOREIGN = "\3"
#: How the names of holes begin that stand for what a resource gets when it is made.
_FRESH = "!"
_HOLE = regex(f"{NUL}[^{NUL}]*{NUL}")
_VARIABLE = regex(r"\$\{([^{}]{0,200})\}")
_LITERAL = {"*": "\1", "?": "\2", "$": "$"}
#: No name of AWS holds them, and some of them mean something here.
_CONTROL = regex("[\0-\x1f]")
_PARTITION = regex(r"arn:[^:]{1,80}:")


class Tri(Enum):
    """Yes, no, or might be. An answer that needs an unknown is MAYBE, never a guess."""

    NO = 0
    MAYBE = 1
    YES = 2

    def __bool__(self) -> bool:
        raise TypeError("compare with Tri.YES, Tri.MAYBE or Tri.NO")


NO, MAYBE, YES = Tri.NO, Tri.MAYBE, Tri.YES


def both(*answers: Tri) -> Tri:
    """The weakest of some answers; YES for none."""
    return min(answers, key=lambda a: a.value, default=YES)


def either(*answers: Tri) -> Tri:
    """The strongest of some answers; NO for none."""
    return max(answers, key=lambda a: a.value, default=NO)


def opposite(answer: Tri) -> Tri:
    """YES for NO and the other way round."""
    return Tri(2 - answer.value)


def hole(name: str) -> str:
    """A text that is not known, by a name that is the same wherever it is meant."""
    return f"{NUL}{name.replace(NUL, '')}{NUL}"


def has_hole(text: str) -> bool:
    """Whether a part of a text is not known."""
    return NUL in text


def text_with_holes(text: str | Unknown | None, own: Iterable[str] = ()) -> str:
    """A text, its unknown parts as holes; the account numbers `own` as OWN.

    The partition of an ARN is left out of account: all of a scan lie in one.
    """
    if isinstance(text, str) and text in own:
        return OWN
    if text is None:
        return ""
    if isinstance(text, Unknown):
        parts = text.parts or (text,)
        text = "".join(
            _CONTROL.sub("", p) if isinstance(p, str) else _named(p) for p in parts
        )
    else:
        text = _CONTROL.sub("", text)
    if text.startswith("arn:"):
        text = _PARTITION.sub("arn:aws:", text, count=1)
        for account in own:
            text = text.replace(f":{account}:", f":{OWN}:")
    return text


def _named(part: Unknown) -> str:
    symbol = part.symbol
    if part.name == "account" and part.kind == "environment":
        return OWN
    if symbol is None:
        name = f"{part.why} ({part.name})" if part.kind == "resource" else part.name
        return hole(f"{_FRESH if part.kind == 'resource' else ''}{name or part.why}")
    path = ".".join(map(str, symbol.path))
    account = symbol.path[-1:] == ("account_id",)
    if account and ".aws_caller_identity." in f".{symbol.address}.":
        return OWN
    fresh = _FRESH if part.kind == "resource" else ""
    return hole(f"{fresh}{symbol.address}.{path}")


def _apart(one: str, other: str) -> bool:
    """Whether two texts hold parts that two resources get only when they are made.

    What one bucket will be called is never what another one will be.
    """
    if _FRESH not in one or _FRESH not in other:
        return False
    mine = {h for h in _HOLE.findall(one) if h[1:2] == _FRESH}
    yours = {h for h in _HOLE.findall(other) if h[1:2] == _FRESH}
    return bool(mine) and bool(yours) and not mine & yours


def with_variables(pattern: str) -> str:
    """A pattern with its policy variables (`${aws:username}`) as holes.

    `${*}`, `${?}` and `${$}` stand for the characters themselves.
    """
    if "${" not in pattern:
        return pattern

    def replaced(match: re.Match[str]) -> str:
        name = match[1].partition(",")[0].strip()
        return _LITERAL[name] if name in _LITERAL else hole(f"${name.lower()}")

    return _VARIABLE.sub(replaced, pattern)


@lru_cache(maxsize=8192)
def covers(pattern: str, text: str) -> Tri:
    """Whether a pattern (`*`, `?`, policy variables, holes) covers a text with holes."""
    if pattern == "*":
        return YES
    if len(pattern) > _LIMIT or len(text) > _LIMIT:
        return MAYBE
    pattern = with_variables(pattern)
    if NUL not in text and not any(sign in pattern for sign in ("?", NUL, "\1", "\2")):
        return YES if wildcard(pattern, text) else NO
    if len(pattern) * len(text) > _PRODUCT:
        return MAYBE
    tokens, known = _tokens(pattern, wild=True), _tokens(text, wild=False)
    if _glob(tokens, known):
        return YES
    if FOREIGN in text or (NUL not in pattern and NUL not in text):
        return NO
    if _apart(pattern, text):
        return NO
    loose = [_ANY if _is_hole(t) else t for t in tokens]
    open_text = [_ANY if _is_hole(t) else t for t in known]
    return MAYBE if _may_meet(loose, open_text) else NO


def equals(one: str, other: str) -> Tri:
    """Whether two texts with holes are the same."""
    one, other = (text.replace("\1", "*").replace("\2", "?") for text in (one, other))
    if one == other:
        return YES
    if FOREIGN in one or FOREIGN in other or _apart(one, other):
        return NO
    if NUL not in one and NUL not in other:
        return NO
    first = [_ANY if _is_hole(t) else t for t in _tokens(one, wild=False)]
    second = [_ANY if _is_hole(t) else t for t in _tokens(other, wild=False)]
    return MAYBE if _may_meet(first, second) else NO


_ANY, _ONE = "**", "??"


def _is_hole(token: str) -> bool:
    return token[0] == NUL


def _tokens(text: str, *, wild: bool) -> list[str]:
    """Single characters, holes, and for a pattern `_ANY` and `_ONE`."""
    found: list[str] = []
    at = 0
    for match in _HOLE.finditer(text):
        found.extend(text[at : match.start()])
        found.append(match[0])
        at = match.end()
    found.extend(text[at:])
    if wild:
        found = [{"*": _ANY, "?": _ONE, "\1": "*", "\2": "?"}.get(t, t) for t in found]
    return found


def _glob(pattern: list[str], text: list[str]) -> bool:
    """Whether the pattern covers the text for any value of equal holes. Greedy, bounded."""
    p = t = 0
    star, mark = -1, 0
    while t < len(text):
        if (
            p < len(pattern)
            and (
                pattern[p] == text[t] or (pattern[p] == _ONE and not _is_hole(text[t]))
            )
            and pattern[p] != _ANY
        ):
            p, t = p + 1, t + 1
        elif p < len(pattern) and pattern[p] == _ANY:
            star, mark = p, t
            p += 1
        elif star >= 0:
            mark += 1
            p, t = star + 1, mark
        else:
            return False
    return all(token == _ANY for token in pattern[p:])


def _may_meet(one: list[str], other: list[str]) -> bool:
    """Whether some text fits two patterns: their product, by sets of reached places."""
    one, other = _squeezed(one), _squeezed(other)
    if len(one) * len(other) > _PRODUCT:
        return True
    reached = {0}
    reached = _closed(other, reached)
    for token in one:
        following: set[int] = set()
        if token == _ANY:
            following = set(range(min(reached), len(other) + 1)) if reached else set()
        else:
            for at in reached:
                if at >= len(other):
                    continue
                there = other[at]
                if there == _ANY:
                    following.add(at)
                elif there == token or _ONE in (there, token):
                    following.add(at + 1)
        reached = _closed(other, following)
        if not reached:
            return False
    return len(other) in reached


def _closed(other: list[str], reached: set[int]) -> set[int]:
    """With the places behind a `*` that stands for nothing."""
    found = set(reached)
    for at in reached:
        if at < len(other) and other[at] == _ANY:
            found.add(at + 1)
    return found


def _squeezed(tokens: list[str]) -> list[str]:
    found: list[str] = []
    for token in tokens:
        if token != _ANY or not found or found[-1] != _ANY:
            found.append(token)
    return found


@lru_cache(maxsize=16384)
def action_covers(pattern: str, action: str) -> Tri:
    """Whether an action pattern (`s3:Get*`) means an action, without regard to case."""
    return covers(pattern.lower(), action.lower())
