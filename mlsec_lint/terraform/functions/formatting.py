"""format and formatlist.

Facts from zclconf/go-cty 1.16 (function/stdlib/format.go, format_fsm.rl). Widths and
precisions are bounded: past the bound the result is unknown.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsec_lint.patterns import regex
from mlsec_lint.terraform import number as numbers
from mlsec_lint.terraform import numerals, types, values
from mlsec_lint.terraform.convert import ConversionError, convert
from mlsec_lint.terraform.errors import BoundExceededError
from mlsec_lint.terraform.functions.json_text import encode, encode_string
from mlsec_lint.terraform.functions.signature import (
    Args,
    Call,
    CallError,
    Function,
    Parameter,
    unknown_of,
)
from mlsec_lint.terraform.graphemes import clusters, count_clusters
from mlsec_lint.terraform.numerals import Flags
from mlsec_lint.terraform.types import BOOL, DYNAMIC, NUMBER, STRING, type_of
from mlsec_lint.value import Bounds, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MAX_WIDTH = 100_000
_VERB = regex(
    r"%(?P<flags>[0#\-+ ]*)(?P<width>[1-9][0-9]*)?(?P<precision>\.[0-9]*)?"
    r"(?P<index>\[[1-9][0-9]*\])?(?P<mode>[A-Za-z])"
)


class _Verb:
    """One verb of a format string, where it stands and which argument it takes."""

    __slots__ = ("argument", "flags", "mode", "offset", "raw")

    def __init__(self, found: re.Match[str], following: int) -> None:
        flags, width, precision = found["flags"], found["width"], found["precision"]
        self.raw = found[0]
        self.offset = len(found.string[: found.start()].encode())
        self.mode = found["mode"]
        self.argument = _bounded(found["index"][1:-1]) if found["index"] else following
        self.flags = Flags(
            plus="+" in flags,
            minus="-" in flags,
            space=" " in flags,
            sharp="#" in flags,
            zero="0" in flags,
            width=_bounded(width) if width else None,
            precision=_bounded(precision[1:] or "0") if precision else None,
        )

    def refuse(self, why: str) -> CallError:
        quoted = values.quote(self.raw)
        return CallError(f"unsupported value for {quoted} at {self.offset}: {why}")


def _bounded(text: str) -> int:
    if len(text) > 9 or int(text) > MAX_WIDTH:
        raise BoundExceededError(f"a format width of more than {MAX_WIDTH}")
    return int(text)


def format_text(template: str, args: Sequence[Value]) -> str:
    """The format string with its verbs replaced by the wholly known arguments.

    Raises CallError in Terraform's words, BoundExceededError for absurd widths.
    """
    out: list[str] = []
    position, following, highest, size = 0, 1, 0, 0
    while True:
        at = template.find("%", position)
        if at < 0:
            out.append(template[position:])
            break
        out.append(template[position:at])
        if template.startswith("%%", at):
            out.append("%")
            position = at + 2
            continue
        found = _VERB.match(template, at)
        if found is None:
            raise _bad_format(template, at)
        verb = _Verb(found, following)
        highest = max(highest, verb.argument)
        out.append(_apply(verb, args))
        size += len(out[-1])
        if size > values.MAX_TEXT:
            raise BoundExceededError(f"a string of more than {values.MAX_TEXT}")
        following = verb.argument + 1
        position = found.end()
    if highest < len(args):
        used = "no verbs in format string"
        if highest:
            used = f"only {highest} used by format string"
        raise CallError(f"too many arguments; {used}", highest + 1)
    return "".join(out)


def _bad_format(template: str, at: int) -> CallError:
    """Where the scanner of format strings stops."""
    partial = re.compile(r"%[0#\-+ ]*(?:[1-9][0-9]*)?(?:\.[0-9]*)?(?:\[[0-9]*\]?)?")
    found = partial.match(template, at)
    end = found.end() if found else at + 1
    offset = len(template[:end].encode())
    if end >= len(template):
        return CallError(f"invalid format string starting at offset {offset}")
    shown = "'" + template[end] + "'"
    return CallError(f"unrecognized format character {shown} at offset {offset}")


def _apply(verb: _Verb, args: Sequence[Value]) -> str:
    if verb.argument > len(args):
        raise CallError(
            f"not enough arguments for {values.quote(verb.raw)} at {verb.offset}: "
            f"need index {verb.argument} but have {len(args)} total"
        )
    value = args[verb.argument - 1]
    if verb.mode != "v" and value.data is None:
        raise verb.refuse("null value cannot be formatted")
    match verb.mode:
        case "v":
            return _pad(verb, _as_is(verb, value))
        case "t":
            return "true" if _converted(verb, value, BOOL).data else "false"
        case "b" | "d" | "o" | "x" | "X":
            whole = numbers.to_integer(_converted(verb, value, NUMBER).data)
            if whole is None:
                raise verb.refuse("an integer is required")
            return numerals.format_integer(whole, verb.mode, verb.flags)
        case "e" | "E" | "f" | "g" | "G":
            number = _converted(verb, value, NUMBER).data
            return numerals.format_float(number, verb.mode, verb.flags)
        case "s" | "q":
            return _pad(verb, _string(verb, value))
    raise CallError(
        f"unsupported format verb '{verb.mode}' in {values.quote(verb.raw)} at offset "
        f"{verb.offset}"
    )


def _converted(verb: _Verb, value: Value, wanted: types.Type) -> Value:
    try:
        return convert(value, wanted)
    except ConversionError as error:
        raise verb.refuse(error.message) from None


def _as_is(verb: _Verb, value: Value) -> str:
    kind = type_of(value).kind
    if not verb.flags.sharp and value.data is not None:
        if kind == "string":
            return str(value.data)
        if kind == "number":
            return numerals.general(value.data, -1)
    try:
        return encode(value)
    except CallError as error:
        raise verb.refuse(error.message) from None


def _string(verb: _Verb, value: Value) -> str:
    text: str = _converted(verb, value, STRING).data
    if verb.flags.precision:
        text = "".join(clusters(text)[: verb.flags.precision])
    return encode_string(text) if verb.mode == "q" else text


def _pad(verb: _Verb, text: str) -> str:
    width = verb.flags.width
    if width is None:
        return text
    gap = width - count_clusters(text)
    if gap <= 0:
        return text
    pads = ("0" if verb.flags.zero else " ") * gap
    return text + pads if verb.flags.minus else pads + text


def _returns(kind: types.Type) -> Callable[[Args], types.Type]:
    """Any argument without a type, a bare null too, leaves Terraform without one."""
    return lambda args: (
        DYNAMIC if any(type_of(arg).kind == "dynamic" for arg in args) else kind
    )


def _format(args: Args, call: Call) -> Value:
    template: str = args[0].data
    if all(map(values.wholly_known, args[1:])):
        if call.returns.kind == "dynamic":
            return _untyped_null(call)
        return values.string(format_text(template, args[1:]))
    prefix = template[: max(0, template.find("%"))]
    made = values.refine(
        unknown_of(args[1:], call.returns), Bounds(not_null=True, prefix=prefix)
    )
    parts = _parts(template, args[1:])
    if parts and isinstance(made.data, Unknown):
        made = made.replace(data=made.data._replace(parts=parts))
    return made


def _untyped_null(call: Call) -> Value:
    """Terraform 1.11 gives an unknown here, which a later version calls an error."""
    why = f"{call.name}() is given a null without a type"
    return values.unknown(DYNAMIC, Unknown("function", why, span=call.span))


def _parts(template: str, args: Sequence[Value]) -> tuple[str | Unknown, ...]:
    """The text with the unknowns in their places, when all verbs are plain %s and %v."""
    out: list[str | Unknown] = []
    position, following = 0, 1
    for found in re.finditer(r"%%|" + _VERB.pattern, template):
        out.append(template[position : found.start()])
        position = found.end()
        if found[0] == "%%":
            out.append("%")
            continue
        verb = _Verb(found, following)
        following = verb.argument + 1
        if verb.argument > len(args):
            return ()
        value = args[verb.argument - 1]
        if isinstance(value.data, Unknown):
            if verb.mode not in ("s", "v", "d") or verb.flags != Flags():
                return ()
            out.append(value.data)
            continue
        try:
            out.append(_apply(verb, args))
        except CallError:
            return ()
    out.append(template[position:])
    joined: list[str | Unknown] = []
    for part in out:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        elif part != "":
            joined.append(part)
    return tuple(joined)


def _format_list(args: Args, call: Call) -> Value:
    template: str = args[0].data
    rest = args[1:]
    length, chooser, open_length = None, 0, False
    for position, arg in enumerate(rest):
        kind = type_of(arg).kind
        if kind == "dynamic" and arg.data is not None:
            open_length = True
        if arg.data is None or kind not in ("list", "set", "tuple"):
            continue
        low, high = values.length_bounds(arg)
        if low != high:
            open_length = True
            continue
        if length is None:
            length, chooser = low, position
        elif low != length:
            message = (
                f"argument {position + 1} has length {low}, which is inconsistent "
                f"with argument {chooser + 1} of length {length}"
            )
            raise CallError(message, position + 1)
        open_length = open_length or isinstance(arg.data, Unknown)
    if all(map(values.wholly_known, rest)) and call.returns.kind == "dynamic":
        return _untyped_null(call)
    if open_length or call.returns.kind == "dynamic":
        return unknown_of(rest, call.returns)
    return values.list_value(
        [_row(template, rest, i) for i in range(1 if length is None else length)],
        STRING,
    )


def _row(template: str, args: Sequence[Value], row: int) -> Value:
    chosen = [
        arg.data[row]
        if arg.data is not None and type_of(arg).kind in ("list", "set", "tuple")
        else arg
        for arg in args
    ]
    if not all(map(values.wholly_known, chosen)):
        made = values.not_null(unknown_of(chosen, STRING))
        parts = _parts(template, chosen)
        return made.replace(data=made.data._replace(parts=parts))
    try:
        return values.string(format_text(template, chosen))
    except CallError as error:
        raise CallError(f"error on format iteration {row}: {error.message}") from None


_ARGS = Parameter("args", DYNAMIC, null=True, unknown=True, dynamic=True)

FUNCTIONS = (
    Function(
        "format", (Parameter("format", STRING),), _returns(STRING), _format, _ARGS
    ),
    Function(
        "formatlist",
        (Parameter("format", STRING),),
        _returns(types.LIST_OF_STRING),
        _format_list,
        _ARGS,
    ),
)
