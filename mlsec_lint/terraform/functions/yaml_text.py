"""yamlencode and yamldecode.

The rules for plain scalars are those of Terraform's own YAML package, between YAML 1.1
and 1.2 (`yes` is true, `0o17` is 15, `2024-01-01` becomes a timestamp). The text is
scanned and written by libyaml, which that package is a port of. Values that were
decoded stand where they are in the text; aliases are shared, never expanded.
Facts from zclconf/go-cty-yaml 1.1.0.
"""

from __future__ import annotations

import base64
import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from mlsec_lint.patterns import regex
from mlsec_lint.terraform import number as numbers
from mlsec_lint.terraform import values
from mlsec_lint.terraform.convert import ConversionError, convert
from mlsec_lint.terraform.errors import BoundExceededError
from mlsec_lint.terraform.functions.json_text import partly_known
from mlsec_lint.terraform.functions.positions import HOLE, Written
from mlsec_lint.terraform.functions.signature import (
    Args,
    Call,
    CallError,
    Function,
    Parameter,
    unknown_of,
)
from mlsec_lint.terraform.types import DYNAMIC, MAX_DEPTH, STRING, type_of
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.source import Span
    from mlsec_lint.terraform.number import Numeric

_PREFIX = "tag:yaml.org,2002:"
_TAGS = ("str", "bool", "int", "float", "null", "timestamp", "binary")
_BOOLS = {
    word: truth
    for truth, words in (
        (True, "y Y yes Yes YES true True TRUE on On ON"),
        (False, "n N no No NO false False FALSE off Off OFF"),
    )
    for word in words.split()
}
_NULLS = ("", "~", "null", "Null", "NULL")
_INFINITIES = {
    sign + word: value
    for sign, value in (
        ("", numbers.INFINITY),
        ("+", numbers.INFINITY),
        ("-", numbers.NEGATIVE_INFINITY),
    )
    for word in (".inf", ".Inf", ".INF")
}
_INTEGER = regex(r"(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\Z")
_FLOAT = regex(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_PREFIXED = regex(r"([+-]?)0(?:([xX])([0-9a-fA-F]+)|([bB])([01]+)|[oO]?([0-7]+))\Z")
_TIME = regex(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.\d+)?(Z|[+-]\d\d:\d\d)"
    r"| (\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.\d+)?))?\Z",
    re.ASCII,
)


def _yaml_encode(args: Args, call: Call) -> Value:
    value = args[0]
    if not values.wholly_known(value):
        return unknown_of(args, call.returns).replace(origin=("yaml", value))
    return values.string(encode(value)).replace(origin=("yaml", value))


def encode(value: Value) -> str:
    """The YAML text of a wholly known value, as Terraform writes it."""
    import yaml

    events = [
        yaml.StreamStartEvent(),
        yaml.DocumentStartEvent(explicit=False),
        *_events(value, yaml),
        yaml.DocumentEndEvent(explicit=False),
        yaml.StreamEndEvent(),
    ]
    dumper = getattr(yaml, "CDumper", yaml.Dumper)
    text: str = yaml.emit(events, Dumper=dumper, allow_unicode=True)
    # The older libyaml closes the document behind a plain scalar, and only there.
    if text.endswith("\n...\n"):
        text = text.removesuffix("...\n")
    if not isinstance(value.data, str | dict | tuple):
        text += "...\n"
    return text


def _events(value: Value, yaml: Any) -> Iterator[Any]:
    data = value.data
    if isinstance(data, dict):
        yield yaml.MappingStartEvent(None, None, implicit=True, flow_style=False)
        for name in sorted(data):
            yield from _events(values.string(name), yaml)
            yield from _events(data[name], yaml)
        yield yaml.MappingEndEvent()
    elif isinstance(data, tuple):
        yield yaml.SequenceStartEvent(None, None, implicit=True, flow_style=False)
        for element in data:
            yield from _events(element, yaml)
        yield yaml.SequenceEndEvent()
    else:
        text = "null" if data is None else str(data)
        style = None
        if isinstance(data, bool):
            text = "true" if data else "false"
        elif isinstance(data, str):
            style = "|" if "\n" in data else '"'
        yield yaml.ScalarEvent(None, None, (True, True), text, style=style)


def _yaml_decode(args: Args, call: Call) -> Value:
    value = args[0]
    if value.origin is not None and value.origin[0] in ("json", "yaml"):
        return values.decoded(value.origin[1])
    if isinstance(value.data, Unknown):
        return unknown_of(args, call.returns)
    return _Reader(Written(value), value.data).document()


def read_yaml(value: Value) -> Value | None:
    """The value that a YAML string stands for, or None where it is no YAML.

    For readers of documents (values of a chart, a manifest), as `json_text.read_json`:
    unknown parts leave the rest readable.
    """
    if value.origin is not None and value.origin[0] in ("json", "yaml"):
        return value.origin[1]
    written = Written(value)
    if written.text is None:
        return None
    try:
        made = _Reader(written, written.text).document()
    except (CallError, BoundExceededError):
        return None
    return values.mark(made, sensitive=value.sensitive)


class _Reader:
    """Builds a value from libyaml's events."""

    __slots__ = ("_anchors", "_parser", "_pending", "_text", "_written", "_yaml")

    def __init__(self, written: Written, text: str) -> None:
        import yaml

        self._yaml: Any = yaml
        loader = getattr(yaml, "CLoader", yaml.Loader)
        self._written = written
        self._text = text
        try:
            self._parser: Any = loader(text)
        except yaml.YAMLError as error:
            raise CallError(f"invalid YAML: {error}") from None
        self._anchors: dict[str, Value] = {}
        self._pending: list[str] = []

    def _next(self) -> Any:
        try:
            return self._parser.get_event()
        except self._yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            where = (
                f"on line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
            )
            raise CallError(f"{where}{error.problem or error.context}") from None
        except self._yaml.YAMLError as error:
            raise CallError(f"invalid YAML: {error}") from None

    def _refuse(self, event: Any, why: str) -> CallError:
        mark = event.start_mark
        return CallError(f"on line {mark.line + 1}, column {mark.column + 1}: {why}")

    def document(self) -> Value:
        yaml = self._yaml
        self._next()
        event = self._next()
        if not isinstance(event, yaml.DocumentStartEvent):
            raise self._refuse(event, "missing start of document")
        if event.version not in (None, (1, 1)):
            raise self._refuse(event, "found incompatible YAML document")
        made = self._value(self._next(), 0)
        self._next()
        event = self._next()
        if isinstance(event, yaml.DocumentStartEvent):
            raise self._refuse(event, "only a single document is allowed")
        return made

    def _value(self, event: Any, depth: int) -> Value:
        yaml = self._yaml
        if depth > MAX_DEPTH:
            raise BoundExceededError("a YAML document nested too deep")
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if event.anchor:
            self._pending.append(event.anchor)
        if isinstance(event, yaml.ScalarEvent):
            made = self._scalar(event)
        elif isinstance(event, yaml.MappingStartEvent):
            made = self._mapping(event, depth)
        elif isinstance(event, yaml.SequenceStartEvent):
            made = self._sequence(event, depth)
        else:
            raise self._refuse(event, "unexpected parser event")
        if event.anchor:
            self._pending.remove(event.anchor)
            self._anchors[event.anchor] = made
        return made

    def _alias(self, event: Any) -> Value:
        name = event.anchor
        if name in self._pending:
            why = f"cannot refer to anchor {values.quote(name)} from inside its own definition"
            raise self._refuse(event, why)
        if name not in self._anchors:
            why = f"reference to undefined anchor {values.quote(name)}"
            raise self._refuse(event, why)
        return self._anchors[name]

    def _scalar(self, event: Any) -> Value:
        tag = event.tag or ""
        start, end = event.start_mark.index, event.end_mark.index
        span = self._written.span(start, end)
        holes = [hole for _, hole in self._written.holes_in(start, end)]
        if holes:
            return _with_holes(event.value, holes, span)
        try:
            made = _resolve(tag, event.value, quoted=event.style in ("'", '"'))
        except CallError as error:
            raise self._refuse(event, error.message) from None
        return made.replace(span=span)

    def _mapping(self, start: Any, depth: int) -> Value:
        yaml = self._yaml
        if start.tag and start.tag != f"{_PREFIX}map":
            raise self._refuse(start, f"can't interpret mapping as {start.tag}")
        members: dict[str, Value] = {}
        unknown: Value | None = None
        while True:
            event = self._next()
            if isinstance(event, yaml.MappingEndEvent):
                break
            if _is_merge(event, yaml):
                self._merge(event, self._value(self._next(), depth + 1), members)
                continue
            name = self._key(event)
            first, last = event.start_mark.index, event.end_mark.index
            holes = self._written.holes_in(first, last)
            member = self._value(self._next(), depth + 1)
            members[name] = member.replace(key=self._written.span(first, last))
            unknown = holes[0][1] if holes else unknown
        if unknown is not None:
            reason = values.derived(unknown.data)
            return Value(reason, self._extent(start, event), type=DYNAMIC)
        return values.object_value(members, self._extent(start, event))

    def _key(self, event: Any) -> str:
        if not isinstance(event, self._yaml.ScalarEvent):
            raise self._refuse(event, "only strings are allowed as mapping keys")
        quoted = event.style in ("'", '"')
        try:
            name = convert(
                _resolve(event.tag or "", event.value, quoted=quoted), STRING
            )
        except ConversionError:
            raise self._refuse(
                event, "only strings are allowed as mapping keys"
            ) from None
        if name.data is None:
            raise self._refuse(event, "mapping key cannot be null")
        return str(name.data)

    def _merge(self, event: Any, value: Value, members: dict[str, Value]) -> None:
        kind = type_of(value)
        if isinstance(value.data, dict):
            members.update(value.data)
            return
        raise self._refuse(event, f"cannot merge {kind.friendly()} into mapping")

    def _sequence(self, start: Any, depth: int) -> Value:
        if start.tag and start.tag != f"{_PREFIX}seq":
            raise self._refuse(start, f"can't interpret sequence as {start.tag}")
        elements: list[Value] = []
        while True:
            event = self._next()
            if isinstance(event, self._yaml.SequenceEndEvent):
                break
            elements.append(self._value(event, depth + 1))
        return values.tuple_value(elements, self._extent(start, event))

    def _extent(self, start: Any, end: Any) -> Span | None:
        """The span of a collection, without the space before the next token."""
        first, last = start.start_mark.index, end.end_mark.index
        while last > first and self._text[last - 1 : last] in ("\n", " ", "\r", ""):
            last -= 1
        return self._written.span(first, last)


def _with_holes(text: str, holes: list[Value], span: Span | None) -> Value:
    """A scalar with unknown parts, in the order in which they were written."""
    parts: list[str | Unknown] = []
    waiting = list(holes)
    for position, piece in enumerate(text.split(HOLE)):
        if position:
            parts.append(waiting.pop(0).data if waiting else holes[-1].data)
        parts.append(piece)
    return partly_known(parts, holes, span)


def _is_merge(event: Any, yaml: Any) -> bool:
    if not isinstance(event, yaml.ScalarEvent):
        return False
    return bool(
        event.tag == f"{_PREFIX}merge" or (event.value == "<<" and not event.tag)
    )


def _resolve(tag: str, text: str, *, quoted: bool) -> Value:
    """The value of a scalar; CallError for a tag or text that does not fit."""
    short = tag.removeprefix(_PREFIX)
    if tag and (short == tag or short not in _TAGS):
        raise CallError(f"unsupported tag {values.quote(tag)}")
    if short not in ("str", "binary"):
        if quoted and (text == "" or text[0] in "+-0123456789yYnNtTfFoO~."):
            return values.string(text)
        found = _plain(short, text)
        if found is not None:
            return found
    return _tagged(short, tag, text)


def _plain(short: str, text: str) -> Value | None:
    """What a scalar means by its looks, or None where it has none."""
    if text in _BOOLS:
        return values.boolean(_BOOLS[text])
    if text in _NULLS:
        return values.null()
    if text in _INFINITIES:
        return values.number(_INFINITIES[text])
    if not short and text in (".nan", ".NaN", ".NAN"):
        raise CallError("floating point NaN is not supported")
    first = text[0]
    if first == ".":
        number = numbers.parse(text)
        return None if number is None else values.number(number)
    if first in "+-0123456789":
        if short in ("", "timestamp"):
            stamp = timestamp(text)
            if stamp is not None:
                return values.string(stamp)
        if _INTEGER.match(text):
            return values.number(_number(text, f"{_PREFIX}int"))
        if _FLOAT.match(text):
            return values.number(_number(text, f"{_PREFIX}float"))
    return None


def _tagged(short: str, tag: str, text: str) -> Value:
    refused = CallError(f"cannot parse {values.quote(text)} as {tag}")
    match short:
        case "binary":
            try:
                base64.b64decode("".join(text.splitlines()), validate=True)
            except ValueError:
                why = f"cannot parse {values.quote(text)} as {tag}: not valid base64"
                raise CallError(why) from None
            return values.string(text)
        case "bool" | "timestamp":
            # Those that fit were recognised by their looks.
            raise refused
        case "int" | "float":
            return values.number(_number(text, tag))
        case "null":
            return values.null()
        case _:
            return values.string(text)


def _number(text: str, tag: str) -> Numeric:
    plain = text.replace("_", "")
    number = numbers.parse(plain)
    if number is not None:
        return number
    found = _PREFIXED.match(plain)
    if found is None:
        raise CallError(f"cannot parse {values.quote(text)} as {tag}")
    digits, base = (
        found[3] or found[5] or found[6],
        16 if found[2] else 2 if found[4] else 8,
    )
    value = int(digits, base)
    if value >= 1 << 64:
        raise CallError(f"cannot parse {values.quote(text)} as {tag}")
    return numbers.whole(-value if found[1] == "-" else value)


def timestamp(text: str) -> str | None:
    """The RFC 3339 text of a YAML timestamp, or None where it is none."""
    found = _TIME.match(text)
    if found is None:
        return None
    year, month, day, *clock = found.groups()
    hour, minute, second = (
        int(c or 0) for c in (clock[0:3] if clock[0] else clock[4:7])
    )
    try:
        datetime(
            int(year), int(month), int(day), hour, minute, second, tzinfo=timezone.utc
        )
    except ValueError:
        return None
    zone = clock[3] or "Z"
    if zone[1:] == "00:00":
        zone = "Z"
    return (
        f"{year}-{int(month):02d}-{int(day):02d}"
        f"T{hour:02d}:{minute:02d}:{second:02d}{zone}"
    )


FUNCTIONS = (
    Function(
        "yamlencode",
        (Parameter("value", DYNAMIC, null=True, unknown=True, dynamic=True),),
        STRING,
        _yaml_encode,
        bounds=None,
    ),
    Function(
        "yamldecode",
        (Parameter("src", STRING, unknown=True),),
        DYNAMIC,
        _yaml_decode,
        bounds=None,
    ),
)
