from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from values_strategy import NUMBERS

from mlsec_lint.terraform import number as numbers
from mlsec_lint.terraform import numerals
from mlsec_lint.terraform.errors import BoundExceededError
from mlsec_lint.terraform.numerals import Flags

FINITE = NUMBERS.filter(lambda n: not numbers.is_infinite(n))


def exact(value):
    if isinstance(value, numbers.Number):
        return Fraction(value.mantissa) * Fraction(2) ** value.exponent
    return Fraction(int(value))


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("1", "1"),
        ("010", "10"),
        ("-0", "-0"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1.50", "1.5"),
        ("1e3", "1000"),
        ("1E+3", "1000"),
        ("1p3", "8"),
        ("1e-7", "0.0000001"),
        ("123456789.123456789", "123456789.123456789"),
        (
            "3.14159265358979323846264338327950288",
            "3.14159265358979323846264338327950288",
        ),
        ("18446744073709551616", "18446744073709551616"),
        ("inf", "+Inf"),
        ("-Inf", "-Inf"),
    ],
)
def test_prints_what_was_parsed(text, printed):
    assert str(numbers.parse(text)) == printed


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "-",
        "e3",
        "1e",
        "0x1",
        "1_000",
        " 1",
        "1 ",
        "--1",
        "infinity",
        "1e5.",
        "٣",
    ],
)
def test_refuses_what_is_no_number(text):
    assert numbers.parse(text) is None


@pytest.mark.parametrize("text", ["1e999999999", "1e-999999999", "1p99999", "9" * 5000])
def test_bounds_absurd_numbers(text):
    with pytest.raises(BoundExceededError):
        numbers.parse(text)


def test_divides_with_512_bits():
    assert str(numbers.divide(1, 3)) == "0." + "3" * 154 + "5"
    assert numbers.multiply(numbers.divide(2, 3), 3) == 2
    assert str(numbers.add(numbers.parse("0.1"), numbers.parse("0.2"))) == "0.3"


def test_short_numbers_keep_their_precision():
    assert (
        str(numbers.divide(numbers.whole(1), numbers.whole(3)))
        == "0.33333333333333333334"
    )
    assert str(numbers.from_float(2.0**64)) == "18446744073709550000"
    assert str(numbers.from_float(0.1)) == "0.1"


@pytest.mark.parametrize(
    ("left", "right", "rest"),
    [
        ("7", "3", "1"),
        ("-7", "3", "-1"),
        ("7", "-3", "1"),
        ("7.5", "2", "1.5"),
        ("7", "0", "7"),
    ],
)
def test_remainder_is_truncated(left, right, rest):
    assert str(numbers.modulo(numbers.parse(left), numbers.parse(right))) == rest


def test_infinities():
    assert numbers.divide(1, 0) is numbers.INFINITY
    assert numbers.divide(-1, 0) is numbers.NEGATIVE_INFINITY
    for wrong in (
        lambda: numbers.divide(0, 0),
        lambda: numbers.divide(numbers.INFINITY, numbers.INFINITY),
        lambda: numbers.add(numbers.INFINITY, numbers.NEGATIVE_INFINITY),
        lambda: numbers.multiply(0, numbers.INFINITY),
    ):
        with pytest.raises(ArithmeticError):
            wrong()


@given(FINITE)
def test_text_reads_back_as_the_same_number(value):
    again = numbers.parse(str(value))
    precision = numbers.precision_of(value)
    if precision == numbers.PRECISION:
        assert numbers.equal(again, value)
        assert numbers.compare(again, value) == 0
    else:
        # The text has no more digits than the number's own precision needs.
        error = abs(exact(again) - exact(value))
        assert error <= abs(exact(value)) / 2 ** (precision - 1)


@given(FINITE, FINITE)
def test_comparison_and_hash_agree_with_equality(left, right):
    order = numbers.compare(left, right)
    assert order == (exact(left) > exact(right)) - (exact(left) < exact(right))
    assert numbers.compare(right, left) == -order
    if left == right:
        assert hash(left) == hash(right)


@given(st.integers(-(2**200), 2**200), st.integers(-(2**200), 2**200))
def test_whole_arithmetic_is_exact(left, right):
    assert numbers.add(left, right) == left + right
    assert numbers.multiply(left, right) == left * right
    assert numbers.truncate(left) == left


@given(FINITE, FINITE)
def test_sums_are_rounded_to_the_nearest(left, right):
    total = numbers.add(left, right)
    error = abs(exact(total) - (exact(left) + exact(right)))
    precision = max(numbers.precision_of(left), numbers.precision_of(right))
    assert error <= abs(exact(total)) / 2 ** (precision - 1)


@pytest.mark.parametrize(
    ("value", "verb", "flags", "text"),
    [
        ("1234.5678", "f", Flags(), "1234.567800"),
        ("1234.5678", "f", Flags(precision=2), "1234.57"),
        ("2.5", "f", Flags(precision=0), "2"),
        ("3.5", "f", Flags(precision=0), "4"),
        ("0.00012", "f", Flags(precision=3), "0.000"),
        ("1234.5678", "e", Flags(precision=2), "1.23e+03"),
        ("0", "e", Flags(), "0.000000e+00"),
        ("1234.5678", "g", Flags(), "1234.5678"),
        ("1000000", "g", Flags(), "1e+06"),
        ("123456", "g", Flags(), "123456"),
        ("0.0001", "g", Flags(), "0.0001"),
        ("0.00001", "g", Flags(), "1e-05"),
        ("1.5", "f", Flags(width=8, precision=1), "     1.5"),
        ("-1.5", "f", Flags(width=8, precision=1, zero=True), "-00001.5"),
        ("1.5", "f", Flags(width=8, precision=1, minus=True), "1.5     "),
        ("1.5", "f", Flags(plus=True, precision=1), "+1.5"),
        ("inf", "f", Flags(width=6, zero=True), "  +Inf"),
    ],
)
def test_formats_floats_as_go(value, verb, flags, text):
    assert numerals.format_float(numbers.parse(value), verb, flags) == text


@pytest.mark.parametrize(
    ("value", "verb", "flags", "text"),
    [
        (42, "d", Flags(), "42"),
        (42, "d", Flags(width=6, zero=True), "000042"),
        (-42, "d", Flags(width=6, zero=True), "-00042"),
        (42, "d", Flags(width=6, minus=True), "42    "),
        (42, "d", Flags(precision=4), "0042"),
        (0, "d", Flags(precision=0), ""),
        (42, "b", Flags(), "101010"),
        (255, "x", Flags(sharp=True), "0xff"),
        (255, "X", Flags(), "FF"),
        (8, "o", Flags(sharp=True), "010"),
        (5, "d", Flags(plus=True), "+5"),
        (5, "d", Flags(space=True), " 5"),
    ],
)
def test_formats_integers_as_go(value, verb, flags, text):
    assert numerals.format_integer(value, verb, flags) == text
