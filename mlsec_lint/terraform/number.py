"""Terraform's numbers: binary floating point of up to 512 bits, printed as Go does.

A number is a plain `int` when it is whole and has the full precision of a literal, a
`Whole` when it came from a function that counts with fewer bits (`length`: 64 bits,
`pow`: 53), and a `Number` otherwise. All three compare, hash and print alike.

Facts from Go 1.22 math/big (float.go, ftoa.go, floatconv.go) and zclconf/go-cty 1.16.
"""

from __future__ import annotations

import decimal
from typing import TYPE_CHECKING

from mlsec_lint.patterns import regex
from mlsec_lint.terraform.errors import BoundExceededError

if TYPE_CHECKING:
    from typing import TypeAlias

PRECISION = 512
SHORT = 64
FLOAT = 53
# No real configuration has a number of more than 9,800 digits; printing one of a
# million would take seconds.
MAX_EXPONENT = 1 << 15
_PARTS = regex(r"([+-]?)([0-9]*)(?:\.([0-9]*))?(?:([eEpP])([+-]?[0-9]+))?\Z")


class Whole(int):
    """A whole number with fewer bits of precision than a literal has."""

    precision: int


class Number:
    """mantissa * 2 ** exponent, the mantissa odd; never a whole number that fits int.

    `exponent` None is an infinity with the mantissa's sign; mantissa 0 is Go's
    negative zero.
    """

    __slots__ = ("_text", "exponent", "mantissa", "precision")

    def __init__(
        self, mantissa: int, exponent: int | None, precision: int = PRECISION
    ) -> None:
        self.mantissa = mantissa
        self.exponent = exponent
        self.precision = precision
        self._text = ""

    def __repr__(self) -> str:
        return f"Number({self})"

    def __str__(self) -> str:
        if not self._text:
            self._text = _print(self)
        return self._text

    def __hash__(self) -> int:
        whole = to_integer(self)
        return hash(str(self) if whole is None else whole)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, int | Number):
            return equal(self, other)
        return NotImplemented

    def __lt__(self, other: Numeric) -> bool:
        return compare(self, other) < 0

    def __gt__(self, other: Numeric) -> bool:
        return compare(self, other) > 0

    def __bool__(self) -> bool:
        return self.mantissa != 0


if TYPE_CHECKING:
    Numeric: TypeAlias = int | Number

INFINITY = Number(1, None)
NEGATIVE_INFINITY = Number(-1, None)


def whole(value: int, precision: int = SHORT) -> int:
    """A whole number with that many bits of precision, as Go's functions make it."""
    made = Whole(value)
    made.precision = precision
    return made


def precision_of(value: Numeric) -> int:
    """The bits of precision that a number carries into arithmetic."""
    if isinstance(value, Number | Whole):
        return value.precision
    return PRECISION


def is_infinite(value: Numeric) -> bool:
    """Whether this is one of the two infinities."""
    return isinstance(value, Number) and value.exponent is None


def sign(value: Numeric) -> int:
    """-1, 0 or 1; negative zero has the sign 0."""
    mantissa = value.mantissa if isinstance(value, Number) else int(value)
    return (mantissa > 0) - (mantissa < 0)


def is_negative(value: Numeric) -> bool:
    """Whether the sign bit is set: of negative numbers and of negative zero."""
    if isinstance(value, Number):
        return value.mantissa < 0 or (value.mantissa == 0 and value.exponent == 0)
    return value < 0


def _zero(precision: int, *, negative: bool) -> Numeric:
    if negative:
        return Number(0, 0, precision)
    return 0 if precision == PRECISION else whole(0, precision)


def _finite(value: Numeric) -> tuple[int, int]:
    if isinstance(value, Number):
        assert value.exponent is not None, "an infinity has no digits"
        return value.mantissa, value.exponent
    return int(value), 0


def make(mantissa: int, exponent: int, precision: int = PRECISION) -> Numeric:
    """The number nearest to mantissa * 2 ** exponent that the precision can hold.

    Ties go to even. Raises BoundExceededError past MAX_EXPONENT.
    """
    mantissa, exponent = _round(mantissa, exponent, precision)
    if mantissa == 0:
        return 0
    bits = abs(mantissa).bit_length() + exponent
    if bits > MAX_EXPONENT or exponent < -MAX_EXPONENT - precision:
        raise BoundExceededError("a number with too large an exponent")
    if exponent >= 0 and bits <= precision:
        value = mantissa << exponent
        return value if precision == PRECISION else whole(value, precision)
    zeros = (mantissa & -mantissa).bit_length() - 1
    return Number(mantissa >> zeros, exponent + zeros, precision)


def _round(mantissa: int, exponent: int, precision: int) -> tuple[int, int]:
    excess = abs(mantissa).bit_length() - precision
    if excess <= 0:
        return _trim(mantissa, exponent)
    magnitude = abs(mantissa)
    kept = magnitude >> excess
    rest = magnitude & ((1 << excess) - 1)
    half = 1 << (excess - 1)
    if rest > half or (rest == half and kept & 1):
        kept += 1
    return _trim(-kept if mantissa < 0 else kept, exponent + excess)


def _trim(mantissa: int, exponent: int) -> tuple[int, int]:
    """Move trailing zero bits into a negative exponent, so that whole numbers show."""
    if exponent < 0 and mantissa:
        zeros = min((mantissa & -mantissa).bit_length() - 1, -exponent)
        return mantissa >> zeros, exponent + zeros
    return mantissa, exponent


def parse(text: str) -> Numeric | None:
    """The number that a decimal text stands for, or None where it is none.

    As Go's big.ParseFloat in base 10 with 512 bits: `1e3`, `.5`, `5.`, `1p3` (times
    2**3) and `inf` are numbers, `0x1`, `1_000` and the empty text are not.
    """
    found = _PARTS.match(text)
    if found is None:
        if text.lstrip("+-") in ("Inf", "inf") and len(text) <= 4:
            return NEGATIVE_INFINITY if text[0] == "-" else INFINITY
        return None
    minus, before, after, letter, power = found.groups()
    after = after or ""
    if not before and not after:
        return None
    if len(before) + len(after) > 4000:
        raise BoundExceededError("a number of more than 4000 digits")
    mantissa = int(before + after)
    if mantissa == 0:
        return Number(0, 0) if minus == "-" else 0
    shift = 0
    if power:
        shift = int(power) if len(power) < 10 else 10**9
        shift = -abs(shift) if power[0] == "-" else shift
    if abs(shift) > 4 * MAX_EXPONENT:
        raise BoundExceededError("a number with too large an exponent")
    tens = -len(after)
    twos = 0
    if letter in ("p", "P"):
        twos = shift
    else:
        tens += shift
    if minus == "-":
        mantissa = -mantissa
    return _scale(mantissa, tens, twos)


def _scale(mantissa: int, tens: int, twos: int) -> Numeric:
    """Mantissa * 10 ** tens * 2 ** twos, with the roundings of Go's Float.scan."""
    if tens == 0:
        return make(mantissa, twos)
    power, exponent = _power_of_five(abs(tens), PRECISION + 64)
    if tens > 0:
        return make(mantissa * power, exponent + tens + twos)
    extra = max(0, PRECISION + 2 + power.bit_length() - abs(mantissa).bit_length())
    return make(
        _divide(abs(mantissa) << extra, power) * (-1 if mantissa < 0 else 1),
        tens + twos - exponent - extra - 1,
    )


def _divide(numerator: int, denominator: int) -> int:
    """The quotient with one more bit that is set when anything was left over."""
    quotient, rest = divmod(numerator, denominator)
    return quotient << 1 | bool(rest)


def _power_of_five(n: int, precision: int) -> tuple[int, int]:
    """5 ** n rounded as Go's pow5 does, as mantissa and exponent."""
    if n <= 27:
        return 5**n, 0
    mantissa, exponent = 5**27, 0
    factor, scale = 5, 0
    n -= 27
    while n:
        if n & 1:
            mantissa, exponent = _round(mantissa * factor, exponent + scale, precision)
        factor, scale = _round(factor * factor, scale + scale, precision + 64)
        n >>= 1
    return mantissa, exponent


def add(left: Numeric, right: Numeric) -> Numeric:
    """The sum; ArithmeticError for opposing infinities."""
    if is_infinite(left) or is_infinite(right):
        if is_infinite(left) and is_infinite(right) and sign(left) != sign(right):
            raise ArithmeticError("can't compute sum of opposing infinities")
        return left if is_infinite(left) else right
    precision = max(precision_of(left), precision_of(right))
    a, i = _finite(left)
    b, j = _finite(right)
    if a == b == 0:
        both = is_negative(left) and is_negative(right)
        return _zero(precision, negative=both)
    low = min(i, j)
    return make((a << (i - low)) + (b << (j - low)), low, precision)


def negate(value: Numeric) -> Numeric:
    """The number with the other sign; of zero, Go's negative zero."""
    if isinstance(value, Number):
        if value.mantissa == 0:
            return 0
        return Number(-value.mantissa, value.exponent, value.precision)
    if value == 0:
        return Number(0, 0, precision_of(value))
    return whole(-value, value.precision) if isinstance(value, Whole) else -value


def multiply(left: Numeric, right: Numeric) -> Numeric:
    """The product; ArithmeticError for zero times infinity."""
    if is_infinite(left) or is_infinite(right):
        if sign(left) * sign(right) == 0:
            raise ArithmeticError("can't multiply zero by infinity")
        return INFINITY if sign(left) * sign(right) > 0 else NEGATIVE_INFINITY
    a, i = _finite(left)
    b, j = _finite(right)
    wanted = max(precision_of(left), precision_of(right))
    if a == 0 or b == 0:
        return _zero(wanted, negative=is_negative(left) != is_negative(right))
    mantissa, exponent = _round(a * b, i + j, PRECISION)
    odd = abs(mantissa) // (mantissa & -mantissa)
    return make(mantissa, exponent, max(wanted, odd.bit_length()))


def divide(left: Numeric, right: Numeric) -> Numeric:
    """The quotient, infinite for a zero divisor; ArithmeticError for 0/0."""
    if (is_infinite(left) and is_infinite(right)) or (
        sign(left) == 0 and sign(right) == 0
    ):
        raise ArithmeticError("can't divide zero by zero or infinity by infinity")
    precision = max(precision_of(left), precision_of(right))
    negative = is_negative(left) != is_negative(right)
    if is_infinite(right) or sign(left) == 0:
        return _zero(precision, negative=negative)
    if is_infinite(left) or sign(right) == 0:
        return NEGATIVE_INFINITY if negative else INFINITY
    a, i = _finite(left)
    b, j = _finite(right)
    extra = max(0, precision + 2 + abs(b).bit_length() - abs(a).bit_length())
    quotient = _divide(abs(a) << extra, abs(b))
    if negative:
        quotient = -quotient
    return make(quotient, i - j - extra - 1, precision)


def modulo(left: Numeric, right: Numeric) -> Numeric:
    """The remainder of the truncated division; the left number for a zero divisor."""
    if is_infinite(left) or is_infinite(right):
        return multiply(left, right)
    if sign(right) == 0 or sign(left) == 0:
        return left
    precision = precision_of(left)
    times = truncate(divide(left, right))
    a, i = _finite(make(times, 0, precision))
    b, j = _finite(right)
    product = make(a * b, i + j, precision)
    a, i = _finite(left)
    b, j = _finite(product)
    low = min(i, j)
    return make((a << (i - low)) - (b << (j - low)), low, precision)


def truncate(value: Numeric) -> int:
    """The whole part, towards zero."""
    mantissa, exponent = _finite(value)
    if exponent >= 0:
        return mantissa << exponent
    magnitude = abs(mantissa) >> -exponent
    return -magnitude if mantissa < 0 else magnitude


def to_integer(value: Numeric) -> int | None:
    """The exact whole number, or None where the number is fractional or infinite."""
    if not isinstance(value, Number):
        return int(value)
    if value.exponent is None or value.exponent < 0:
        return None
    return value.mantissa << value.exponent


def compare(left: Numeric, right: Numeric) -> int:
    """-1, 0 or 1 by exact value."""
    if is_infinite(left) or is_infinite(right):
        a = sign(left) if is_infinite(left) else 0
        b = sign(right) if is_infinite(right) else 0
        return (a > b) - (a < b)
    x, i = _finite(left)
    y, j = _finite(right)
    low = min(i, j)
    x, y = x << (i - low), y << (j - low)
    return (x > y) - (x < y)


def equal(left: Numeric, right: Numeric) -> bool:
    """Terraform's `==`: whole numbers exactly, fractions by their printed text."""
    a, b = to_integer(left), to_integer(right)
    if a is not None or b is not None:
        return a == b
    return str(left) == str(right)


def from_float(value: float) -> Numeric:
    """A Python float with its 53 bits of precision; ArithmeticError for NaN."""
    if value != value:
        raise ArithmeticError("not a number")
    if value in (float("inf"), float("-inf")):
        return INFINITY if value > 0 else NEGATIVE_INFINITY
    numerator, denominator = value.as_integer_ratio()
    if numerator == 0:
        return Number(0, 0, FLOAT) if str(value)[0] == "-" else whole(0, FLOAT)
    return make(numerator, 1 - denominator.bit_length(), FLOAT)


def to_float(value: Numeric) -> float:
    """The nearest float, infinite past its range."""
    if is_infinite(value):
        return float("inf") * sign(value)
    mantissa, exponent = _finite(value)
    try:
        if exponent >= 0:
            return float(mantissa << exponent)
        return mantissa / (1 << -exponent)
    except OverflowError:
        return float("inf") * sign(value)


def digits(value: Numeric) -> tuple[str, int]:
    """All decimal digits of the absolute value, and where its point stands.

    `("125", -1)` is 0.0125, `("125", 2)` is 12.5; zero is `("", 0)`.
    """
    mantissa, exponent = _finite(value)
    mantissa = abs(mantissa)
    if mantissa == 0:
        return "", 0
    if exponent >= 0:
        text = decimal_text(mantissa << exponent)
        point = len(text)
    else:
        text = decimal_text(mantissa * 5**-exponent)
        point = len(text) + exponent
    return text.rstrip("0"), point


def decimal_text(value: int) -> str:
    """The decimal digits of a whole number of any size."""
    return format(decimal.Decimal(value), "f")


def shortest_digits(value: Numeric) -> tuple[str, int]:
    """The fewest digits that read back as the same number at its own precision."""
    exact, point = digits(value)
    mantissa, exponent = _finite(value)
    mantissa = abs(mantissa)
    if not exact:
        return exact, point
    shift = precision_of(value) + 1 - mantissa.bit_length()
    if shift < 0:
        return exact, point
    mantissa, exponent = mantissa << shift, exponent - shift
    lower, _ = digits(_raw(mantissa - 1, exponent))
    upper, _ = digits(_raw(mantissa + 1, exponent))
    inclusive = mantissa & 2 == 0
    for i, digit in enumerate(exact):
        low = lower[i] if i < len(lower) else "0"
        high = upper[i] if i < len(upper) else "0"
        down = low != digit or (inclusive and i + 1 == len(lower))
        up = digit != high and (
            inclusive or int(digit) + 1 < int(high) or i + 1 < len(upper)
        )
        if down and up:
            return round_digits(exact, point, i + 1)
        if down:
            return exact[: i + 1].rstrip("0"), point
        if up:
            return _round_up(exact[: i + 1], point)
    return exact, point


def _raw(mantissa: int, exponent: int) -> Number:
    return Number(mantissa, exponent)


def round_digits(text: str, point: int, keep: int) -> tuple[str, int]:
    """Round digits to the first `keep`, an exact half to even."""
    if keep < 0:
        return "", point
    if keep >= len(text):
        return text, point
    if text[keep] == "5" and keep + 1 == len(text):
        up = keep > 0 and int(text[keep - 1]) & 1 == 1
    else:
        up = text[keep] >= "5"
    return _round_up(text[:keep], point) if up else (text[:keep].rstrip("0"), point)


def _round_up(text: str, point: int) -> tuple[str, int]:
    kept = text.rstrip("9")
    if not kept:
        return "1", point + 1
    return kept[:-1] + chr(ord(kept[-1]) + 1), point


def plain(text: str, point: int) -> str:
    """Digits and the place of the point as a plain decimal without exponent."""
    if not text:
        return "0"
    if point <= 0:
        return "0." + "0" * -point + text
    if point >= len(text):
        return text + "0" * (point - len(text))
    return f"{text[:point]}.{text[point:]}"


def _print(value: Number) -> str:
    if value.exponent is None:
        return "+Inf" if value.mantissa > 0 else "-Inf"
    if value.mantissa == 0:
        return "-0"
    text = plain(*shortest_digits(value))
    return "-" + text if value.mantissa < 0 else text
