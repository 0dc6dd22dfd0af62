"""Amazon resource names with parts that nobody can tell: their fields, and patterns.

`arn:partition:service:region:account:resource`. An unknown part costs the field that it
stands in, never the name.
"""

from __future__ import annotations

from mlsec_lint.estate.wildcards import wildcard
from mlsec_lint.value import Unknown

#: Stands for an unknown part in a flattened text; no config can hold it.
HOLE = "\0"
PARTITION, SERVICE, REGION, ACCOUNT, RESOURCE = 1, 2, 3, 4, 5


def flat(text: str | Unknown | None) -> str:
    """A text with `HOLE` for each unknown part; all hole where nothing is known."""
    if not isinstance(text, Unknown):
        return text or ""
    parts = text.parts or (text,)
    return "".join(part if isinstance(part, str) else HOLE for part in parts)


def field_of(text: str | Unknown | None, number: int) -> str | None:
    """A field of an ARN; None where this is no ARN or the field is not known."""
    fields = flat(text).split(":", RESOURCE)
    if fields[0] != "arn" or len(fields) <= number:
        return None
    found = fields[number]
    return None if HOLE in found else found


def arn_matches(pattern: str, arn: str | Unknown | None) -> bool | Unknown:
    """Whether a pattern with `*` covers a name; unknown where an unknown part decides."""
    if pattern == "*":
        return True
    wanted, has = pattern.split(":", RESOURCE), flat(arn).split(":", RESOURCE)
    if len(wanted) != len(has):
        return False if HOLE not in has else _undecided(arn)
    doubt: Unknown | None = None
    for one, other in zip(wanted, has, strict=True):
        if wildcard(one, other):
            continue
        if HOLE not in other or not _may_match(one, other):
            return False
        doubt = _undecided(arn)
    return True if doubt is None else doubt


def _undecided(arn: str | Unknown | None) -> Unknown:
    if isinstance(arn, Unknown):
        return arn._replace(possible=None)
    return Unknown("resource", "its name is not known")


def _may_match(pattern: str, text: str) -> bool:
    """Whether what is known before the first hole does not contradict the pattern."""
    start = text.partition(HOLE)[0]
    fixed = pattern.partition("*")[0]
    shorter = min(len(start), len(fixed))
    return start[:shorter] == fixed[:shorter]


def told(text: str | Unknown | None) -> str:
    """A text with its unknown parts named, to compare two of the same origin."""
    if not isinstance(text, Unknown):
        return text or ""
    parts = text.parts or (text,)
    return "".join(
        part if isinstance(part, str) else f"{HOLE}{part.symbol or part.name}{HOLE}"
        for part in parts
    )
