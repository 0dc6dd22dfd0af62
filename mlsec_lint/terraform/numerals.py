"""Numbers as Go's fmt and math/big print them: %e, %f, %g, %d, %x and the like.

Facts from Go 1.23 (math/big/ftoa.go, floatmarsh.go, intconv.go, fmt/print.go).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.terraform.number import (
    decimal_text,
    digits,
    is_infinite,
    is_negative,
    plain,
    round_digits,
    shortest_digits,
)

if TYPE_CHECKING:
    from mlsec_lint.terraform.number import Numeric

_BASES = {"b": 2, "o": 8, "d": 10, "x": 16, "X": 16}
_PREFIXES = {"b": "0b", "o": "0", "x": "0x", "X": "0X"}


class Flags(NamedTuple):
    """The flags, width and precision of a formatting verb."""

    plus: bool = False
    minus: bool = False
    space: bool = False
    sharp: bool = False
    zero: bool = False
    width: int | None = None
    precision: int | None = None


def float_text(value: Numeric, verb: str, places: int) -> str:
    """The absolute value under the verb e, f or g; `places` -1 is the shortest text.

    Upper-case verbs give an upper-case exponent.
    """
    if is_infinite(value):
        return "Inf"
    shortest = places < 0
    text, point = shortest_digits(value) if shortest else digits(value)
    kind = verb.lower()
    if kind == "e":
        if shortest:
            places = max(len(text) - 1, 0)
        else:
            text, point = round_digits(text, point, places + 1)
        return _exponential(text, point, places, verb)
    if kind == "f":
        if shortest:
            return plain(text, point)
        return _fixed(*round_digits(text, point, point + places), places)
    if not shortest:
        places = places or 1
        text, point = round_digits(text, point, places)
    else:
        places = len(text)
    limit = places
    if limit > len(text) >= point:
        limit = len(text)
    if shortest:
        limit = 6
    if not -4 <= point - 1 < limit and text:
        letter = "e" if verb == "g" else "E"
        return _exponential(text, point, min(places, len(text)) - 1, letter)
    return plain(text, point)


def _exponential(text: str, point: int, places: int, letter: str) -> str:
    power = point - 1 if text else 0
    padded = (text or "0").ljust(places + 1, "0")
    fraction = f".{padded[1 : places + 1]}" if places > 0 else ""
    return f"{padded[0]}{fraction}{letter}{'-' if power < 0 else '+'}{abs(power):02d}"


def _fixed(text: str, point: int, places: int) -> str:
    whole = text[:point].ljust(point, "0") if point > 0 else "0"
    if places <= 0:
        return whole
    fraction = "0" * -point + text if point < 0 else text[point:]
    return f"{whole}.{fraction[:places].ljust(places, '0')}"


def general(value: Numeric, places: int) -> str:
    """As Go's %.{places}g, with the sign; `places` -1 is the shortest text."""
    text = float_text(value, "g", places)
    if is_negative(value):
        return "-" + text
    return "+Inf" if is_infinite(value) else text


def format_float(value: Numeric, verb: str, flags: Flags) -> str:
    """A number under %e, %f or %g with flags, as big.Float.Format writes it."""
    places = flags.precision
    if places is None:
        places = -1 if verb in ("g", "G") else 6
    body = float_text(value, verb, places)
    infinite = is_infinite(value)
    if is_negative(value):
        prefix = "-"
    elif flags.space:
        prefix = " "
    else:
        prefix = "+" if flags.plus or infinite else ""
    gap = (flags.width or 0) - len(prefix) - len(body)
    if gap <= 0:
        return prefix + body
    # Zeros win over `-` for fractions, though not for whole numbers.
    if flags.zero and not infinite:
        return prefix + "0" * gap + body
    if flags.minus:
        return prefix + body + " " * gap
    return " " * gap + prefix + body


def format_integer(value: int, verb: str, flags: Flags) -> str:
    """A whole number under %b, %o, %d, %x or %X, as big.Int.Format writes it."""
    body = _digits_in(abs(value), _BASES[verb])
    if verb == "X":
        body = body.upper()
    prefix = "-" if value < 0 else "+" if flags.plus else " " if flags.space else ""
    if flags.sharp:
        prefix += _PREFIXES.get(verb, "")
    if flags.precision is not None:
        if body == "0" and flags.precision == 0:
            return ""
        body = body.rjust(flags.precision, "0")
    gap = (flags.width or 0) - len(prefix) - len(body)
    if gap <= 0:
        return prefix + body
    if flags.minus:
        return prefix + body + " " * gap
    if flags.zero and flags.precision is None:
        return prefix + "0" * gap + body
    return " " * gap + prefix + body


def _digits_in(value: int, base: int) -> str:
    if base == 10:
        return decimal_text(value)
    return format(value, {2: "b", 8: "o", 16: "x"}[base])
