"""formatdate, timeadd and timecmp.

Facts from zclconf/go-cty 1.16 (function/stdlib/datetime.go, datetime_rfc3339.go),
Terraform 1.11 (lang/funcs/datetime.go) and Go 1.23's time package.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.patterns import regex
from mlsec_lint.terraform import number as numbers
from mlsec_lint.terraform import values
from mlsec_lint.terraform.functions.signature import (
    Args,
    Call,
    CallError,
    Function,
    Parameter,
)
from mlsec_lint.terraform.types import NUMBER, STRING

if TYPE_CHECKING:
    from mlsec_lint.value import Value

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_DAYS = (
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
)
_STAMP = regex(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})T(?P<hour>[0-9]{1,2})"
    r":(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})(?P<fraction>[.,][0-9]+)?"
    r"(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})\Z"
)
_TOKEN = regex(r"''|'(?:[^']|'')*(?:'|\Z)|([A-Za-z])\1*|[^'A-Za-z]+")
_DURATION = regex(r"([0-9]*)(?:\.([0-9]*))?(ns|us|µs|μs|ms|s|m|h)")
_UNITS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "μs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
_SECONDS_A_DAY = 86_400
_DAYS_A_CYCLE = 146_097  # in 400 years, after which the calendar repeats


class Moment(NamedTuple):
    """An instant as a timestamp gives it: local days and seconds, and the offset."""

    days: int
    seconds: int
    nanoseconds: int
    offset: int

    def date(self) -> tuple[int, int, int]:
        """The local year, month and day, of any year at all."""
        cycles, rest = divmod(self.days - 1, _DAYS_A_CYCLE)
        here = date.fromordinal(rest + 1)
        return here.year + 400 * cycles, here.month, here.day

    def instant(self) -> tuple[int, int]:
        """Seconds in UTC since day 0, and nanoseconds."""
        return self.days * _SECONDS_A_DAY + self.seconds - self.offset, self.nanoseconds

    def zone(self, separator: str) -> str:
        """The offset as +hh:mm with that separator."""
        minutes = abs(self.offset) // 60
        sign = "-" if self.offset < 0 else "+"
        return f"{sign}{minutes // 60:02d}{separator}{minutes % 60:02d}"

    def rfc3339(self) -> str:
        """The timestamp without fractions of a second."""
        year, month, day = self.date()
        zone = self.zone(":") if self.offset else "Z"
        return (
            f"{year:04d}-{month:02d}-{day:02d}T{self.seconds // 3600:02d}:"
            f"{self.seconds // 60 % 60:02d}:{self.seconds % 60:02d}{zone}"
        )


def parse_timestamp(text: str, argument: int | None, *, strict: bool) -> Moment:
    """The moment of an RFC 3339 timestamp; CallError in Terraform's words.

    `timecmp` is not strict: it takes an hour of one digit, a comma before the fraction
    and any offset, as Go's time.Parse does.
    """
    found = _STAMP.match(text)
    if found is None:
        raise CallError(f"not a valid RFC3339 timestamp: {_problem(text)}", argument)
    numbers_ = {
        name: int(found[name])
        for name in ("year", "month", "day", "hour", "minute", "second")
    }
    limits = {"month": (1, 12), "hour": (0, 23), "minute": (0, 59), "second": (0, 59)}
    for name, (low, high) in limits.items():
        if not low <= numbers_[name] <= high:
            raise _out_of_range(text, name, argument)
    try:
        # Python has no year 0.
        shift = 400 if numbers_["year"] == 0 else 0
        day = date(numbers_["year"] + shift, numbers_["month"], numbers_["day"])
    except ValueError:
        raise CallError(
            "not a valid RFC3339 timestamp: day out of range", argument
        ) from None
    if strict and len(found["hour"]) == 1:
        message = "not a valid RFC3339 timestamp: hour must have exactly two digits"
        raise CallError(message, argument)
    if strict and (found["fraction"] or ".")[0] == ",":
        message = "not a valid RFC3339 timestamp: sub-second separator must be a period"
        raise CallError(message, argument)
    return Moment(
        day.toordinal() - (_DAYS_A_CYCLE if shift else 0),
        numbers_["hour"] * 3600 + numbers_["minute"] * 60 + numbers_["second"],
        int((found["fraction"] or ".0")[1:10].ljust(9, "0")),
        _offset(found["zone"], argument, strict=strict),
    )


def _out_of_range(text: str, name: str, argument: int | None) -> CallError:
    if name == "hour":
        why = "hour must be between 0 and 23 inclusive"
    elif name == "month":
        why = f"cannot use {values.quote(text[5:])} as month"
    else:
        why = f"{name} out of range"
    return CallError(f"not a valid RFC3339 timestamp: {why}", argument)


def _offset(zone: str, argument: int | None, *, strict: bool) -> int:
    if zone == "Z":
        return 0
    hours, minutes = int(zone[1:3]), int(zone[4:6])
    if (strict and hours >= 24) or minutes >= 60 or hours > 24:
        which = "hour" if minutes < 60 else "minute"
        message = f"not a valid RFC3339 timestamp: timezone {which} out of range"
        raise CallError(message, argument)
    offset = (hours * 60 + minutes) * 60
    return -offset if zone[0] == "-" else offset


_LAYOUT = (
    ("year", r"[0-9]{4}"),
    ("-", "-"),
    ("month", r"[0-9]{2}"),
    ("-", "-"),
    ("day of month", r"[0-9]{2}"),
    ("T", "T"),
    ("hour", r"[0-9]{1,2}"),
    (":", ":"),
    ("minute", r"[0-9]{2}"),
    (":", ":"),
    ("second", r"[0-9]{2}(?:[.,][0-9]+)?"),
    ("UTC offset", r"Z|[+-][0-9]{2}:[0-9]{2}"),
)


def _problem(text: str) -> str:
    """Where the text stops being a timestamp, in the words of go-cty."""
    at = 0
    for what, pattern in _LAYOUT:
        found = re.compile(pattern).match(text, at)
        if found is not None:
            at = found.end()
            continue
        rest = text[at:]
        if what == "T":
            return "missing required time introducer 'T'"
        if what in "-:":
            if not rest:
                return f"end of string where {values.quote(what)} is expected"
            return f"found {values.quote(rest)} where {values.quote(what)} is expected"
        if not rest:
            return f"end of string before {what}"
        return f"cannot use {values.quote(rest)} as {what}"
    return f"extra text: {values.quote(text[at:])}"


def _format_date(args: Args, _call: Call) -> Value:
    pattern: str = args[0].data
    moment = parse_timestamp(args[1].data, 1, strict=True)
    out: list[str] = []
    for found in _TOKEN.finditer(pattern):
        piece = found[0]
        if piece[0] == "'":
            if len(piece) == 1 or piece[-1] != "'" or _unclosed(piece):
                raise CallError("unterminated literal '", 0)
            out.append("'" if piece == "''" else piece[1:-1].replace("''", "'"))
        elif found[1]:
            out.append(_date_verb(piece, moment))
        else:
            out.append(piece)
    return values.string("".join(out))


def _unclosed(literal: str) -> bool:
    """Whether the last quote of a literal is half of an escaped one."""
    body = literal[1:]
    trailing = len(body) - len(body.rstrip("'"))
    return trailing % 2 == 0 and len(literal) > 2


_VERBS = {
    "Y": ((2, 4), 'year must either be "YY" or "YYYY"'),
    "M": ((1, 2, 3, 4), 'month must be "M", "MM", "MMM", or "MMMM"'),
    "D": ((1, 2), 'day of month must either be "D" or "DD"'),
    "E": ((3, 4), 'day of week must either be "EEE" or "EEEE"'),
    "h": ((1, 2), '24-hour must either be "h" or "hh"'),
    "H": ((1, 2), '12-hour must either be "H" or "HH"'),
    "A": ((2,), 'must be "AA"'),
    "a": ((2,), 'must be "aa"'),
    "m": ((1, 2), 'minute must either be "m" or "mm"'),
    "s": ((1, 2), 'second must either be "s" or "ss"'),
    "Z": ((1, 3, 4, 5), "timezone must be Z, ZZZZ, or ZZZZZ"),
}


def _date_verb(verb: str, moment: Moment) -> str:
    quoted = values.quote(verb)
    if verb[0] not in _VERBS:
        raise CallError(f"invalid date format verb {quoted}", 0)
    lengths, rule = _VERBS[verb[0]]
    if len(verb) not in lengths:
        raise CallError(f"invalid date format verb {quoted}: {rule}", 0)
    (year, month, day), hour = moment.date(), moment.seconds // 3600
    short = len(verb) == 3
    match verb[0]:
        case "Y":
            return f"{year % 100:02d}" if len(verb) == 2 else f"{year:04d}"
        case "M" if len(verb) > 2:
            return _MONTHS[month - 1][: 3 if short else None]
        case "E":
            return _DAYS[(moment.days + 6) % 7][: 3 if short else None]
        case "A":
            return "PM" if hour >= 12 else "AM"
        case "a":
            return "pm" if hour >= 12 else "am"
        case "Z":
            return _zone(verb, moment)
    number = {
        "M": month,
        "D": day,
        "h": hour,
        "H": hour % 12 or 12,
        "m": moment.seconds // 60 % 60,
        "s": moment.seconds % 60,
    }[verb[0]]
    return str(number).rjust(len(verb), "0")


def _zone(verb: str, moment: Moment) -> str:
    if len(verb) == 1:
        return moment.zone(":") if moment.offset else "Z"
    if len(verb) == 3 and not moment.offset:
        return "UTC"
    return moment.zone(":" if len(verb) == 5 else "")


def parse_duration(text: str) -> int:
    """The nanoseconds of a Go duration such as `1h15m` or `-1.5h`; CallError else."""
    quoted = values.quote(text)
    sign, rest = (-1, text[1:]) if text[:1] == "-" else (1, text.removeprefix("+"))
    if rest == "0":
        return 0
    total, at = 0, 0
    while at < len(rest):
        found = _DURATION.match(rest, at)
        if found is None or not (found[1] or found[2]):
            raise CallError(_duration_problem(rest, at, quoted))
        if len(found[1].lstrip("0")) > 19:
            raise CallError(f"time: invalid duration {quoted}")
        unit = _UNITS[found[3]]
        fraction = (found[2] or "")[:18]
        total += int(found[1] or "0") * unit
        total += int(fraction or "0") * unit // 10 ** len(fraction)
        at = found.end()
        if total > 1 << 63 or (total == 1 << 63 and sign > 0):
            raise CallError(f"time: invalid duration {quoted}")
    if not rest:
        raise CallError(f"time: invalid duration {quoted}")
    return sign * total


def _duration_problem(rest: str, at: int, quoted: str) -> str:
    number = re.compile(r"[0-9]*(?:\.[0-9]*)?").match(rest, at)
    assert number is not None, "the pattern matches nothing too"
    if number[0] in ("", "."):
        return f"time: invalid duration {quoted}"
    unit = re.compile(r"[^.0-9]*").match(rest, number.end())
    assert unit is not None, "the pattern matches nothing too"
    if not unit[0]:
        return f"time: missing unit in duration {quoted}"
    return f"time: unknown unit {values.quote(unit[0])} in duration {quoted}"


def _time_add(args: Args, _call: Call) -> Value:
    moment = parse_timestamp(args[0].data, None, strict=True)
    total = moment.nanoseconds + parse_duration(args[1].data)
    seconds = moment.days * _SECONDS_A_DAY + moment.seconds + total // 1_000_000_000
    days, clock = divmod(seconds, _SECONDS_A_DAY)
    made = Moment(days, clock, total % 1_000_000_000, moment.offset)
    return values.string(made.rfc3339())


def _time_compare(args: Args, _call: Call) -> Value:
    first, second = (
        parse_timestamp(arg.data, position, strict=False).instant()
        for position, arg in enumerate(args)
    )
    return values.number(numbers.whole((first > second) - (first < second)))


FUNCTIONS = (
    Function(
        "formatdate",
        (Parameter("format", STRING), Parameter("time", STRING)),
        STRING,
        _format_date,
    ),
    Function(
        "timeadd",
        (Parameter("timestamp", STRING), Parameter("duration", STRING)),
        STRING,
        _time_add,
        bounds=None,
    ),
    Function(
        "timecmp",
        (Parameter("timestamp_a", STRING), Parameter("timestamp_b", STRING)),
        NUMBER,
        _time_compare,
    ),
)
