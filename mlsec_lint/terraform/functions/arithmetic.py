"""Functions on numbers: abs, ceil, floor, log, max, min, parseint, pow, signum.

Facts from zclconf/go-cty 1.16 (function/stdlib/number.go) and Terraform 1.11.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mlsec_lint.patterns import regex
from mlsec_lint.terraform import floats, values
from mlsec_lint.terraform import number as numbers
from mlsec_lint.terraform.errors import BoundExceededError
from mlsec_lint.terraform.functions.signature import (
    Args,
    Call,
    CallError,
    Function,
    Parameter,
    unknown_of,
    whole_number,
)
from mlsec_lint.terraform.types import DYNAMIC, NUMBER, STRING, Type, type_of
from mlsec_lint.value import Bounds, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable

_NUM = Parameter("num", NUMBER, dynamic=True, marked=True)
_NUMBER = Parameter("num", NUMBER)
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_INTEGER = regex(r"[+-]?[0-9A-Za-z]+\Z")
MAX_DIGITS = 4000


def _abs(args: Args, _call: Call) -> Value:
    value = args[0].data
    if numbers.sign(value) < 0 or str(value) == "-0":
        value = numbers.negate(value)
    return values.mark(values.number(value), sensitive=args[0].sensitive)


def _rounded(way: int) -> Callable[[Args, Call], Value]:
    """Towards plus infinity for a way of 1, towards minus infinity for -1."""

    def run(args: Args, _call: Call) -> Value:
        value = args[0].data
        if numbers.is_infinite(value):
            return values.number(value)
        if numbers.to_integer(value) is not None:
            return values.number(value if numbers.sign(value) else 0)
        whole = numbers.truncate(value)
        if numbers.sign(value) == way:
            whole += way
        return values.number(numbers.make(whole, 0, numbers.precision_of(value)))

    return run


def _log(args: Args, _call: Call) -> Value:
    number, base = (floats.log(numbers.to_float(arg.data)) for arg in args)
    return _float(_quotient(number, base))


def _quotient(top: float, bottom: float) -> float:
    """IEEE division, which Python refuses for a divisor of zero."""
    if bottom:
        return top / bottom
    if not top or math.isnan(top):
        return math.nan
    return math.copysign(math.inf, top) * math.copysign(1, bottom)


def _pow(args: Args, _call: Call) -> Value:
    base, exponent = (numbers.to_float(arg.data) for arg in args)
    return _float(floats.power(base, exponent))


def _float(result: float) -> Value:
    if math.isnan(result):
        raise CallError("result is not a number")
    return values.number(numbers.from_float(result))


def _extreme(name: str, way: int) -> Function:
    def run(args: Args, call: Call) -> Value:
        if not args:
            raise CallError("must pass at least one number")
        known = [arg.data for arg in args if not isinstance(arg.data, Unknown)]
        best: numbers.Numeric | None = None
        for number in known:
            if best is None or numbers.compare(number, best) * way > 0:
                best = number
        if best is not None and len(known) == len(args):
            return values.number(best)
        low, high = (best, None) if way > 0 else (None, best)
        bounds = Bounds(not_null=True, low=low, high=high)
        return values.refine(unknown_of(args, call.returns), bounds)

    return Function(
        name,
        (),
        NUMBER,
        run,
        Parameter("numbers", NUMBER, unknown=True, dynamic=True),
    )


def _parse_type(args: Args) -> Type:
    given = type_of(args[0])
    if given is not STRING and given != STRING:
        message = f"first argument must be a string, not {given.friendly()}"
        raise CallError(message, 0)
    return NUMBER


def _parse(args: Args, _call: Call) -> Value:
    text: str = args[0].data
    base = whole_number(args[1], "", 1)
    if not 2 <= base <= 62:
        raise CallError("base must be a whole number between 2 and 62 inclusive", 1)
    if len(text) > MAX_DIGITS:
        raise BoundExceededError(f"a number of more than {MAX_DIGITS} digits")
    found = _parse_digits(text, base)
    if found is None:
        shown = values.quote(text)
        raise CallError(f"cannot parse {shown} as a base {base} integer", 0)
    precision = max(numbers.SHORT, found.bit_length())
    return values.number(numbers.make(found, 0, precision))


def _parse_digits(text: str, base: int) -> int | None:
    """As Go's big.Int.SetString: letters of either case up to base 36, then both."""
    if not _INTEGER.match(text):
        return None
    total = 0
    for character in text.lstrip("+-"):
        if base <= 36:
            character = character.lower()
        digit = _DIGITS.index(character)
        if digit >= base:
            return None
        total = total * base + digit
    return -total if text[0] == "-" else total


def _signum(args: Args, _call: Call) -> Value:
    whole = whole_number(args[0], "")
    return values.number(numbers.whole((whole > 0) - (whole < 0)))


FUNCTIONS = (
    Function("abs", (_NUM,), NUMBER, _abs),
    Function("ceil", (_NUMBER,), NUMBER, _rounded(1)),
    Function("floor", (_NUMBER,), NUMBER, _rounded(-1)),
    Function("log", (_NUMBER, Parameter("base", NUMBER)), NUMBER, _log),
    Function("pow", (_NUMBER, Parameter("power", NUMBER)), NUMBER, _pow),
    _extreme("max", 1),
    _extreme("min", -1),
    Function(
        "parseint",
        (Parameter("number", DYNAMIC), Parameter("base", NUMBER)),
        _parse_type,
        _parse,
    ),
    Function("signum", (_NUMBER,), NUMBER, _signum),
)
