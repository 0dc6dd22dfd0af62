"""Functions on strings: case, trimming, splitting, joining, substrings.

Facts from zclconf/go-cty 1.16 (function/stdlib/string.go), Terraform 1.11
(lang/funcs/string.go) and Go 1.23's strings and unicode packages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.terraform import types, values
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
from mlsec_lint.terraform.graphemes import clusters, safe_prefix
from mlsec_lint.terraform.types import BOOL, NUMBER, STRING
from mlsec_lint.value import Bounds, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable

# Go's unicode.IsSpace; Python's str.isspace also takes the separators 0x1c to 0x1f.
SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
_STRING = Parameter("str", STRING)


def _simple(character: str, mapped: str) -> str:
    """Go maps one code point to one: a mapping to several leaves it alone."""
    return mapped if len(mapped) == 1 else character


def go_upper(text: str) -> str:
    """The text as strings.ToUpper gives it."""
    if text.isascii():
        return text.upper()
    return "".join(_simple(c, c.upper()) for c in text)


def go_lower(text: str) -> str:
    """The text as strings.ToLower gives it."""
    if text.isascii():
        return text.lower()
    # U+0130 is the one letter whose simple mapping str.lower does not show.
    return "".join("i" if c == "\u0130" else _simple(c, c.lower()) for c in text)


def go_title(text: str) -> str:
    """The text as strings.Title gives it."""
    out: list[str] = []
    separated = True
    for c in text:
        out.append(_simple(c, c.title()) if separated else c)
        separated = _separates(c)
    return "".join(out)


def _separates(c: str) -> bool:
    if c.isascii():
        return not (c.isalnum() or c == "_")
    # Any other character separates only when it is white space.
    return c in SPACES


def _each(name: str, function: Callable[[str], str]) -> Function:
    def run(args: Args, _call: Call) -> Value:
        return values.string(function(args[0].data))

    return Function(name, (Parameter("str", STRING, dynamic=False),), STRING, run)


def _reverse_text(text: str) -> str:
    return "".join(reversed(clusters(text)))


def _chomp(text: str) -> str:
    return text.rstrip("\r\n") if text.endswith(("\n", "\r")) else text


def _pair(
    name: str, second: str, returns: types.Type, function: Callable[[str, str], Value]
) -> Function:
    def run(args: Args, _call: Call) -> Value:
        return function(args[0].data, args[1].data)

    return Function(name, (_STRING, Parameter(second, STRING)), returns, run)


def _trim(text: str, cutset: str) -> Value:
    return values.string(text.strip(cutset) if cutset else text)


def _starts_with(args: Args, call: Call) -> Value:
    text, prefix = args[0].data, args[1].data
    if not isinstance(text, Unknown):
        return values.boolean(text.startswith(prefix))
    known = safe_prefix(text.bounds.prefix) if text.bounds else ""
    if known.startswith(prefix):
        return values.TRUE
    if known and not prefix.startswith(known):
        return values.FALSE
    return unknown_of(args, call.returns)


def _substring(args: Args, _call: Call) -> Value:
    text: str = args[0].data
    offset, length = whole_number(args[1], ""), whole_number(args[2], "")
    parts = clusters(text)
    if offset < 0:
        offset += len(parts)
    elif length == 0:
        return values.string("")
    # go-cty takes an offset before the start as the start, and a length of zero
    # behind a negative offset as everything.
    parts = parts[max(offset, 0) :]
    if length > 0:
        parts = parts[:length]
    return values.string("".join(parts))


def _join(args: Args, call: Call) -> Value:
    separator: str = args[0].data
    lists = args[1:]
    if not lists:
        raise CallError("at least one list is required")
    if not all(map(values.wholly_known, lists)):
        return unknown_of(args, call.returns)
    items: list[str] = []
    for position, whole in enumerate(lists, 1):
        for i, element in enumerate(whole.data):
            if element.data is None:
                where = (
                    f"element {i} of list {position}"
                    if len(lists) > 1
                    else f"element {i}"
                )
                message = f"{where} is null; cannot concatenate null values"
                raise CallError(message, position)
            items.append(element.data)
    size = sum(map(len, items)) + len(separator) * len(items)
    if size > values.MAX_TEXT:
        raise BoundExceededError(f"a string of {size} characters")
    return values.string(separator.join(items))


def _sort(args: Args, call: Call) -> Value:
    if not values.wholly_known(args[0]):
        low, high = values.length_bounds(args[0])
        bounds = Bounds(not_null=True, min_length=low, max_length=high)
        return values.refine(unknown_of(args, call.returns), bounds)
    for position, element in enumerate(args[0].data):
        if element.data is None:
            raise CallError(
                f"given list element {position} is null; a null string cannot be sorted"
            )
    return values.list_value(sorted(args[0].data, key=lambda e: e.data), STRING)


def _split(args: Args, _call: Call) -> Value:
    separator, text = args[0].data, args[1].data
    parts = text.split(separator) if separator else list(text)
    if len(parts) > values.MAX_PARTS:
        raise BoundExceededError(f"a list of more than {values.MAX_PARTS}")
    return values.list_value(
        [values.string(part, args[1].span) for part in parts], STRING
    )


def _indent(args: Args, _call: Call) -> Value:
    spaces = whole_number(args[0], "")
    if spaces < 0:
        raise CallError("panic in function implementation: negative Repeat count")
    text: str = args[1].data
    size = len(text) + spaces * text.count("\n")
    if size > values.MAX_TEXT:
        raise BoundExceededError(f"a string of {size} characters")
    return values.string(text.replace("\n", "\n" + " " * spaces))


FUNCTIONS = (
    _each("upper", go_upper),
    _each("lower", go_lower),
    _each("title", go_title),
    _each("strrev", _reverse_text),
    _each("chomp", _chomp),
    _each("trimspace", lambda text: text.strip(SPACES)),
    _pair("trim", "cutset", STRING, _trim),
    _pair(
        "trimprefix",
        "prefix",
        STRING,
        lambda text, prefix: values.string(text.removeprefix(prefix)),
    ),
    _pair(
        "trimsuffix",
        "suffix",
        STRING,
        lambda text, suffix: values.string(text.removesuffix(suffix)),
    ),
    _pair(
        "endswith",
        "suffix",
        BOOL,
        lambda text, suffix: values.boolean(text.endswith(suffix)),
    ),
    _pair(
        "strcontains",
        "substr",
        BOOL,
        lambda text, part: values.boolean(part in text),
    ),
    Function(
        "startswith",
        (Parameter("str", STRING, unknown=True), Parameter("prefix", STRING)),
        BOOL,
        _starts_with,
    ),
    Function(
        "substr",
        (_STRING, Parameter("offset", NUMBER), Parameter("length", NUMBER)),
        STRING,
        _substring,
    ),
    Function(
        "join",
        (Parameter("separator", STRING),),
        STRING,
        _join,
        Parameter("lists", types.LIST_OF_STRING),
    ),
    Function(
        "sort",
        (Parameter("list", types.LIST_OF_STRING, unknown=True),),
        types.LIST_OF_STRING,
        _sort,
    ),
    Function(
        "split",
        (Parameter("separator", STRING), _STRING),
        types.LIST_OF_STRING,
        _split,
    ),
    Function("indent", (Parameter("spaces", NUMBER), _STRING), STRING, _indent),
)
