"""regex, regexall and replace, with RE2 as Terraform has it.

Facts from zclconf/go-cty 1.16 (function/stdlib/regexp.go) and Go's regexp package,
whose syntax is RE2's: google-re2 gives the same matches and no pattern can hang it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from mlsec_lint.patterns import regex
from mlsec_lint.terraform import types, values
from mlsec_lint.terraform.errors import BoundExceededError
from mlsec_lint.terraform.functions.positions import Written
from mlsec_lint.terraform.functions.signature import (
    Args,
    Call,
    CallError,
    Function,
    Parameter,
    unknown_of,
)
from mlsec_lint.terraform.types import DYNAMIC, STRING, Type
from mlsec_lint.value import Unknown, Value

MAX_MATCHES = 20_000
MAX_PATTERN = 10_000
# Names of groups: RE2 in C++ tells only the last group of each name.
_NAMED = regex(r"\(\?P?<(\w+)>", re.ASCII)
# One byte, whatever it is: RE2 in C++ has it, Go does not.
_ANY_BYTE = regex(r"(?<!\\)(?:\\\\)*\\C")
_REFERENCE = regex(r"\$(?:\$|\{(\w+)\}|(\w+))", re.ASCII)


@lru_cache(maxsize=256)
def _compile(pattern: str) -> Any:
    """The compiled pattern, or the text of what is wrong with it."""
    import re2

    if len(pattern) > MAX_PATTERN:
        raise BoundExceededError(f"a pattern of more than {MAX_PATTERN} characters")
    options = re2.Options()
    options.log_errors = False
    if _ANY_BYTE.search(pattern):
        return "invalid escape sequence: \\C"
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        words = error.args[0] if error.args else "invalid pattern"
    message = (
        words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    )
    if "too large" in message:
        # Go has other limits: the pattern may well be fine for Terraform.
        raise BoundExceededError("a pattern too large to compile")
    return message


def _pattern(text: str) -> Any:
    compiled = _compile(text)
    if isinstance(compiled, str):
        raise CallError(f"invalid regexp pattern: {compiled}", 0)
    return compiled


def _names(compiled: Any) -> list[str]:
    """The names of the groups in order, "" for those without."""
    written: list[str] = _NAMED.findall(compiled.pattern)
    if len(written) == compiled.groups and len(set(written)) < len(written):
        return written
    by_number = {number: name for name, number in compiled.groupindex.items()}
    return [by_number.get(i + 1, "") for i in range(compiled.groups)]


def _result_type(pattern: Value) -> Type:
    if isinstance(pattern.data, Unknown):
        return DYNAMIC
    names = _names(_pattern(pattern.data))
    if not names:
        return STRING
    named = [name for name in names if name]
    if not named:
        return types.tuple_of([STRING] * len(names))
    if len(named) != len(names):
        raise CallError(
            "invalid regexp pattern: cannot mix both named and unnamed capture groups",
            0,
        )
    return types.object_of(dict.fromkeys(named, STRING))


def _result(found: Any, names: list[str], written: Written) -> Value:
    def group(number: int) -> Value:
        text = found.group(number)
        if text is None:
            return values.null(STRING)
        return values.string(text, written.span(found.start(number), found.end(number)))

    if not names:
        return group(0)
    groups = [group(i + 1) for i in range(len(names))]
    if names[0]:
        # Of several groups of one name the last one counts.
        return values.object_value(dict(zip(names, groups, strict=True)))
    return values.tuple_value(groups)


def _regex(args: Args, call: Call) -> Value:
    if call.returns.kind == "dynamic":
        return unknown_of(args, DYNAMIC)
    compiled = _pattern(args[0].data)
    found = compiled.search(args[1].data)
    if found is None:
        raise CallError("pattern did not match any part of the given string")
    return _result(found, _names(compiled), Written(args[1]))


def _regex_all(args: Args, call: Call) -> Value:
    compiled = _pattern(args[0].data)
    names = _names(compiled)
    written = Written(args[1])
    matches = _matches(compiled, args[1].data)
    made = [_result(found, names, written) for found in matches]
    return values.list_value(made, call.returns.element)


def _matches(compiled: Any, text: str) -> list[Any]:
    """All matches as Go finds them: no empty one directly behind another match."""
    kept: list[Any] = []
    end = -1
    for found in compiled.finditer(text):
        if found.start() == found.end() == end:
            continue
        kept.append(found)
        end = found.end()
        if len(kept) > MAX_MATCHES:
            raise BoundExceededError(f"more than {MAX_MATCHES} matches")
    return kept


def _replace(args: Args, _call: Call) -> Value:
    text, part, by = (arg.data for arg in args)
    if len(part.encode()) > 1 and part[0] == part[-1] == "/":
        compiled = _compile(part[1:-1])
        if isinstance(compiled, str):
            raise CallError(f"error parsing regexp: {compiled}")
        return values.string(_replace_matches(compiled, text, by))
    size = len(text) + (len(by) - len(part)) * text.count(part)
    if not part:
        size = len(text) + len(by) * (len(text) + 1)
    if size > values.MAX_TEXT:
        raise BoundExceededError(f"a string of {size} characters")
    return values.string(text.replace(part, by))


def _replace_matches(compiled: Any, text: str, by: str) -> str:
    template = _template(by, compiled)
    out: list[str] = []
    position, size = 0, 0
    for found in _matches(compiled, text):
        out.append(text[position : found.start()])
        for piece in template:
            out.append(piece if isinstance(piece, str) else found.group(piece) or "")
            size += len(out[-1])
        position = found.end()
        if size > values.MAX_TEXT:
            raise BoundExceededError(f"a string of more than {values.MAX_TEXT}")
    out.append(text[position:])
    return "".join(out)


def _template(by: str, compiled: Any) -> list[str | int]:
    """The replacement as literal pieces and group numbers, as regexp.Expand reads it."""
    names = compiled.groupindex
    out: list[str | int] = []
    position = 0
    for found in _REFERENCE.finditer(by):
        out.append(by[position : found.start()])
        position = found.end()
        name = found[1] or found[2]
        if name is None:
            out.append("$")
        elif name.isdigit():
            number = int(name) if len(name) < 9 else compiled.groups + 1
            if number <= compiled.groups:
                out.append(number)
        elif name in names:
            out.append(names[name])
    out.append(by[position:])
    return out


_PAIR = (Parameter("pattern", STRING), Parameter("string", STRING))

FUNCTIONS = (
    Function("regex", _PAIR, lambda args: _result_type(args[0]), _regex),
    Function(
        "regexall",
        _PAIR,
        lambda args: types.list_of(_result_type(args[0])),
        _regex_all,
    ),
    Function(
        "replace",
        (
            Parameter("str", STRING),
            Parameter("substr", STRING),
            Parameter("replace", STRING),
        ),
        STRING,
        _replace,
    ),
)
