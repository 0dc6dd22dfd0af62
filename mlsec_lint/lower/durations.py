"""Numbers of days from attributes: `30`, `"30"`, `"2592000s"`; three-valued."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.reading import reading, wrong
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from mlsec_lint.estate import Fact
    from mlsec_lint.terraform.resource import Resource

_DAY = 86_400
_SECONDS = regex(r"\s*(\d{1,15})(?:\.\d{1,9})?s\s*")


def read_days(resource: Resource, value: Value | None, default: Fact) -> Fact:
    """A number of days; `default` (a text of digits) where the attribute is absent."""
    if value is None or value.is_null:
        return _number(default)
    return reading(value, resource, _days(value, seconds=False))


def read_seconds(resource: Resource, value: Value | None, default: Fact) -> Fact:
    """Seconds (a number or `"86400s"`) as whole days; `default` counts days."""
    if value is None or value.is_null:
        return _number(default)
    return reading(value, resource, _days(value, seconds=True))


def _number(default: Fact) -> Fact:
    if isinstance(default.value, Unknown):
        return default
    return default._replace(value=int(str(default.value)))


def _days(value: Value, *, seconds: bool) -> int | Unknown:
    unknown = value.unknown
    if unknown is not None:
        return _each(unknown, seconds=seconds)
    match = _SECONDS.fullmatch(value.data) if isinstance(value.data, str) else None
    if match is not None:
        return int(match[1]) // _DAY
    number = value.integer()
    if number is None or isinstance(number, Unknown):
        return wrong(value, "a number")
    return number // _DAY if seconds else number


def _each(unknown: Unknown, *, seconds: bool) -> Unknown:
    possible = None
    if unknown.possible is not None:
        possible = tuple(
            Value(_days(option, seconds=seconds), option.span, trail=option.trail)
            for option in unknown.possible
        )
    return unknown._replace(possible=possible, parts=(), symbol=None)
