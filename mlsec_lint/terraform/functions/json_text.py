"""jsonencode and jsondecode.

Encoding follows Go's encoding/json (names sorted, <, > and & escaped) with Terraform's
numbers; a value with an unknown inside gives an unknown string that remembers the value
(`Value.origin`). Decoding gives values whose spans point into the text.
Facts from zclconf/go-cty 1.16 (cty/json) and Go 1.23 (encoding/json).
"""

from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING

from mlsec_lint.patterns import regex
from mlsec_lint.terraform import number as numbers
from mlsec_lint.terraform import values
from mlsec_lint.terraform.convert import ConversionError, convert
from mlsec_lint.terraform.errors import BoundExceededError
from mlsec_lint.terraform.functions.positions import HOLE, Written
from mlsec_lint.terraform.functions.signature import (
    Args,
    Call,
    CallError,
    Function,
    Parameter,
    unknown_of,
)
from mlsec_lint.terraform.graphemes import safe_prefix
from mlsec_lint.terraform.types import DYNAMIC, MAX_DEPTH, STRING, type_of
from mlsec_lint.terraform.unnamed import entries_origin
from mlsec_lint.value import Bounds, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlsec_lint.source import Span

_ESCAPED = regex("[<>&\u2028\u2029]")
_SPACE = regex(r"[ \t\r\n]*")
_NUMBER = regex(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_STRING = regex(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*"')
_WORDS = (("true", values.TRUE), ("false", values.FALSE), ("null", values.null()))
_OPENINGS = {"object": "{", "map": "{", "string": '"'}


def encode_string(text: str) -> str:
    """A JSON string as Go's encoder writes it."""
    made = json.dumps(text, ensure_ascii=False)
    if _ESCAPED.search(made):
        made = _ESCAPED.sub(lambda m: f"\\u{ord(m[0]):04x}", made)
    return made


def encode(value: Value) -> str:
    """The JSON text of a wholly known value; CallError for an infinity."""
    out: list[str] = []
    _encode(value, out)
    return "".join(out)


def _encode(value: Value, out: list[str]) -> None:
    data = value.data
    if data is None:
        out.append("null")
    elif isinstance(data, bool):
        out.append("true" if data else "false")
    elif isinstance(data, str):
        out.append(encode_string(data))
    elif isinstance(data, dict):
        separator = "{"
        for name in sorted(data):
            out.append(f"{separator}{encode_string(name)}:")
            _encode(data[name], out)
            separator = ","
        out.append("}" if data else "{}")
    elif isinstance(data, tuple):
        separator = "["
        for element in data:
            out.append(separator)
            _encode(element, out)
            separator = ","
        out.append("]" if data else "[]")
    elif numbers.is_infinite(data):
        raise CallError("cannot serialize infinity as JSON")
    else:
        out.append(
            str(data)
            if isinstance(data, numbers.Number)
            else numbers.decimal_text(data)
        )


def _json_encode(args: Args, call: Call) -> Value:
    value = args[0]
    if values.wholly_known(value):
        return values.string(encode(value)).replace(origin=("json", value))
    made = unknown_of(args, call.returns)
    if values.definitely_not_null(value):
        kind = type_of(value).kind
        opening = _OPENINGS.get(kind, "[" if kind in ("tuple", "list", "set") else "")
        made = values.refine(made, Bounds(not_null=True, prefix=opening))
    return made.replace(origin=("json", value))


def _json_decode(args: Args, call: Call) -> Value:
    value = args[0]
    if value.origin is not None and value.origin[0] == "json":
        return values.decoded(value.origin[1])
    if isinstance(value.data, Unknown):
        return _decode_unknown(args, value.data, call)
    return _Reader(Written(value), value.data).document()


def _decode_unknown(args: Args, reason: Unknown, call: Call) -> Value:
    """Unknown, unless what is known of its beginning cannot begin a document."""
    prefix = safe_prefix(reason.bounds.prefix if reason.bounds else "").strip()
    if prefix and prefix[0] not in '{["tfn-.0123456789':
        shown = f"'{prefix[0]}'"
        raise CallError(f"a JSON document cannot begin with the character {shown}", 0)
    return unknown_of(args, call.returns)


def read_json(value: Value) -> Value | None:
    """The value that a JSON string stands for, or None where it is no JSON.

    For readers of documents (a policy, a job definition), not what Terraform's
    jsondecode gives: an unknown part inside a string leaves the rest of the document
    readable, on the assumption that it brings no quotes of its own. Such a string is
    an Unknown with parts. Everything stands at its own place in the source. A comma
    after the last element is forgiven: what it means is plain.
    """
    if value.origin is not None and value.origin[0] in ("json", "yaml"):
        return value.origin[1]
    written = Written(value)
    if written.text is None:
        return None
    try:
        made = _Reader(written, written.text, lenient=True).document()
    except (CallError, ConversionError, BoundExceededError):
        return None
    return values.mark(made, sensitive=value.sensitive)


class _Reader:
    """A recursive-descent reader of one JSON text.

    With `lenient` a comma may stand behind the last element, and what was encoded into
    the text keeps its structure.
    """

    __slots__ = ("lenient", "text", "written")

    def __init__(self, written: Written, text: str, *, lenient: bool = False) -> None:
        self.written = written
        self.text = text
        self.lenient = lenient

    def document(self) -> Value:
        value, at = self.value(self.skip(0), 0)
        at = self.skip(at)
        if at < len(self.text) and self.text[at] not in "]}":
            raise CallError("extraneous data after JSON object")
        return value

    def skip(self, at: int) -> int:
        found = _SPACE.match(self.text, at)
        assert found is not None, "white space may be empty"
        return found.end()

    def refuse(self, at: int, context: str) -> CallError:
        if at >= len(self.text):
            return CallError("EOF" if not self.text.strip() else "unexpected EOF")
        return CallError(f"invalid character '{self.text[at]}' {context}")

    def span(self, start: int, end: int) -> Span | None:
        return self.written.span(start, end)

    def value(self, at: int, depth: int) -> tuple[Value, int]:
        """The value at an offset that is no white space, and where it ends."""
        if depth > MAX_DEPTH:
            raise BoundExceededError("a JSON document nested too deep")
        first = self.text[at : at + 1]
        if first == "{":
            return self.object(at, depth)
        if first == "[":
            return self.array(at, depth)
        if first == '"':
            return self.string(at)
        if first == HOLE and at in self.written.holes:
            return self.hole(at), at + 1
        for word, made in _WORDS:
            if self.text.startswith(word, at):
                end = at + len(word)
                return made.replace(span=self.span(at, end)), end
        found = _NUMBER.match(self.text, at)
        if found is None:
            raise self.refuse(at, "looking for beginning of value")
        parsed = numbers.parse(found[0])
        assert parsed is not None, "a JSON number is a number"
        return values.number(parsed, self.span(at, found.end())), found.end()

    def hole(self, at: int) -> Value:
        """The unknown part at an offset; of an encoded one what was encoded."""
        value = self.written.holes[at]
        origin = value.origin if self.lenient else None
        return origin[1] if origin is not None and origin[0] == "json" else value

    def string(self, at: int) -> tuple[Value, int]:
        found = _STRING.match(self.text, at)
        if found is None:
            raise self.refuse(len(self.text), "in string literal")
        end = found.end()
        holes = self.written.holes_in(at, end)
        if not holes:
            return values.string(_unescape(found[0]), self.span(at, end)), end
        parts: list[str | Unknown] = []
        here = at + 1
        for position, hole in holes:
            parts += [_unescape(f'"{self.text[here:position]}"'), hole.data]
            here = position + 1
        parts.append(_unescape(f'"{self.text[here : end - 1]}"'))
        return partly_known(parts, [hole for _, hole in holes], self.span(at, end)), end

    def object(self, start: int, depth: int) -> tuple[Value, int]:
        members: dict[str, Value] = {}
        unnamed: list[tuple[Value, Value]] = []
        at = self.skip(start + 1)
        while self.text[at : at + 1] != "}":
            if members or unnamed:
                at = self.comma(at, "after object key:value pair")
                if self.lenient and self.text[at : at + 1] == "}":
                    break
            if self.text[at : at + 1] != '"':
                raise self.refuse(at, "looking for beginning of object key string")
            name, end = self.string(at)
            if not self.text.isascii() or "\\u" in self.text[at:end]:
                _check_name(self.text[at:end])
            key = self.span(at, end)
            at = self.skip(end)
            if self.text[at : at + 1] != ":":
                raise self.refuse(at, "after object key")
            member, end = self.value(self.skip(at + 1), depth + 1)
            if isinstance(name.data, Unknown):
                unnamed.append((name, member.replace(key=key)))
            else:
                _add(members, name.data, member.replace(key=key))
            at = self.skip(end)
        span = self.span(start, at + 1)
        if unnamed:
            made = values.derived(unnamed[-1][0].data)
            origin = entries_origin(members, unnamed)
            return Value(made, span, type=DYNAMIC, origin=origin), at + 1
        return values.object_value(members, span), at + 1

    def array(self, start: int, depth: int) -> tuple[Value, int]:
        elements: list[Value] = []
        at = self.skip(start + 1)
        while self.text[at : at + 1] != "]":
            if elements:
                at = self.comma(at, "after array element")
                if self.lenient and self.text[at : at + 1] == "]":
                    break
            element, end = self.value(at, depth + 1)
            elements.append(element)
            at = self.skip(end)
        made = values.tuple_value(elements, self.span(start, at + 1))
        return made, at + 1

    def comma(self, at: int, context: str) -> int:
        if self.text[at : at + 1] != ",":
            raise self.refuse(at, context)
        return self.skip(at + 1)


def _check_name(quoted: str) -> None:
    """A name that is not in normal form is not found again by go-cty."""
    name = _unescape(quoted)
    if not unicodedata.is_normalized("NFC", name):
        raise CallError(f"unsupported attribute {values.quote(name)}")


def _add(members: dict[str, Value], name: str, member: Value) -> None:
    """Take a member in; one given twice must fit the type of the last.

    So it is in go-cty before 1.16.2, which later refuses differing types.
    """
    earlier = members.pop(name, None)
    wanted = type_of(member)
    if earlier is not None and type_of(earlier) != wanted:
        if not wanted.is_primitive:
            quoted = values.quote(name)
            raise CallError(f"duplicate {quoted} property in JSON object")
        convert(earlier, wanted)
    members[name] = member


def _unescape(quoted: str) -> str:
    text: str = json.loads(quoted)
    if "\\u" in quoted:
        # A lone half of a surrogate pair becomes the replacement character.
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def partly_known(
    parts: Sequence[str | Unknown], holes: Sequence[Value], span: Span | None
) -> Value:
    """A string of known and unknown parts, at least one of them unknown.

    One unknown part alone is that unknown itself, with what it refers to.
    """
    kept = tuple(part for part in parts if part != "")
    sensitive = any(hole.sensitive for hole in holes)
    first = holes[0]
    if len(kept) == 1:
        return first.replace(span=span, sensitive=sensitive)
    reason: Unknown = values.derived(first.data)._replace(parts=kept)
    return Value(reason, span, type=STRING, trail=first.trail, sensitive=sensitive)


FUNCTIONS = (
    Function(
        "jsonencode",
        (Parameter("val", DYNAMIC, null=True, unknown=True, dynamic=True),),
        STRING,
        _json_encode,
    ),
    Function(
        "jsondecode",
        (Parameter("str", STRING, unknown=True),),
        DYNAMIC,
        _json_decode,
        bounds=None,
    ),
)
