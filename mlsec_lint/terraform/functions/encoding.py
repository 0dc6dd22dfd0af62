"""base64, text encodings, URL escaping and CSV.

Facts from Terraform 1.11 (lang/funcs/encoding.go), zclconf/go-cty 1.16
(function/stdlib/csv.go) and Go 1.23 (encoding/base64, encoding/csv, net/url).
"""

from __future__ import annotations

import base64
import codecs
import zlib
from typing import NamedTuple
from urllib.parse import quote_plus

from mlsec_lint.patterns import regex
from mlsec_lint.terraform import types, values
from mlsec_lint.terraform.errors import BoundExceededError
from mlsec_lint.terraform.functions.charsets import find_charset
from mlsec_lint.terraform.functions.positions import Written
from mlsec_lint.terraform.functions.signature import (
    Args,
    Call,
    CallError,
    Function,
    Parameter,
    unknown_of,
)
from mlsec_lint.terraform.types import DYNAMIC, STRING
from mlsec_lint.value import Unknown, Value

_STRING = Parameter("str", STRING)
_ALPHABET = regex(r"[A-Za-z0-9+/]*")
MAX_ROWS = 10_000


class _Corrupt(NamedTuple):
    offset: int


def _decode(text: str) -> bytes | _Corrupt:
    """Standard base64 with padding; line ends are ignored, as Go does."""
    plain = text.replace("\r", "").replace("\n", "")
    body = plain.rstrip("=")
    found = _ALPHABET.match(body)
    assert found is not None, "the pattern matches nothing too"
    padding = len(plain) - len(body)
    if found.end() < len(body) or padding > 2 or len(plain) % 4:
        return _Corrupt(_offset(text, min(found.end(), len(plain))))
    try:
        return base64.b64decode(plain, validate=True)
    except ValueError:
        return _Corrupt(_offset(text, len(body)))


def _offset(text: str, kept: int) -> int:
    """The offset of the character with that index when line ends are not counted."""
    for offset, character in enumerate(text):
        if character not in "\r\n":
            if kept == 0:
                return offset
            kept -= 1
    return len(text)


def _base64_encode(args: Args, call: Call) -> Value:
    value = args[0]
    if isinstance(value.data, Unknown):
        made = values.not_null(unknown_of(args, call.returns))
    else:
        made = values.string(base64.b64encode(value.data.encode()).decode())
    return made.replace(origin=("base64", value))


def _base64_decode(args: Args, call: Call) -> Value:
    value = args[0]
    if value.origin is not None and value.origin[0] == "base64":
        return values.mark(value.origin[1], sensitive=value.sensitive)
    if isinstance(value.data, Unknown):
        return values.mark(unknown_of(args, call.returns), sensitive=value.sensitive)
    decoded = _decode(value.data)
    if isinstance(decoded, _Corrupt):
        shown = "(sensitive value)" if value.sensitive else values.quote(value.data)
        raise CallError(f"failed to decode base64 data {shown}")
    try:
        text = decoded.decode()
    except UnicodeDecodeError:
        raise CallError(
            "the result of decoding the provided string is not valid UTF-8"
        ) from None
    return values.mark(values.string(text), sensitive=value.sensitive)


def _base64_gzip(args: Args, _call: Call) -> Value:
    """Gzip by zlib: the same when inflated, though Go's bytes differ."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    content = packer.compress(args[0].data.encode()) + packer.flush()
    made = values.string(base64.b64encode(content).decode())
    return made.replace(origin=("base64gzip", args[0]))


def _charset(value: Value) -> tuple[str, str]:
    found = find_charset(value.data)
    if found is None:
        shown = values.quote(value.data)
        raise CallError(
            f"{shown} is not a supported IANA encoding name or alias in this Terraform version",
            1,
        )
    return found


def _text_encode(args: Args, _call: Call) -> Value:
    name, codec = _charset(args[1])
    text: str = args[0].data
    try:
        encoded = text.encode(codec)
    except UnicodeEncodeError:
        raise CallError(
            f"the given string contains characters that cannot be represented in {name}",
            0,
        ) from None
    if codec == "utf-16":
        encoded = codecs.BOM_UTF16_BE + text.encode("utf-16-be")
    made = values.string(base64.b64encode(encoded).decode())
    return made.replace(origin=(f"text {codec}", args[0]))


def _text_decode(args: Args, _call: Call) -> Value:
    name, codec = _charset(args[1])
    if args[0].origin is not None and args[0].origin[0] == f"text {codec}":
        return args[0].origin[1]
    content = _decode(args[0].data)
    if isinstance(content, _Corrupt):
        raise CallError(
            f"the given value has an invalid base64 symbol at offset {content.offset}",
            0,
        )
    if codec == "utf-16" and content[:2] not in (
        codecs.BOM_UTF16_BE,
        codecs.BOM_UTF16_LE,
    ):
        codec = "utf-16-be"
    try:
        text = content.decode(codec)
    except UnicodeDecodeError:
        text = "\ufffd"
    if "\ufffd" in text:
        raise CallError(
            f"the given string contains symbols that are not defined for {name}", 0
        )
    return values.string(text)


def _url_encode(args: Args, _call: Call) -> Value:
    return values.string(quote_plus(args[0].data, safe=""))


def _csv_decode(args: Args, _call: Call) -> Value:
    value = args[0]
    rows = _rows(value.data)
    if not rows:
        raise CallError("missing header line")
    headers = [text for text, _, _ in rows[0][1]]
    for i, name in enumerate(headers):
        if name in headers[:i]:
            raise CallError(f"duplicate column name {values.quote(name)}")
    written = Written(value)
    made: list[Value] = []
    for line, row in rows[1:]:
        if len(row) != len(headers):
            raise CallError(f"CSV parse error on line {line}: wrong number of fields")
        cells = {
            name: values.string(text, written.span(start, end))
            for name, (text, start, end) in zip(headers, row, strict=True)
        }
        made.append(values.object_value(cells))
    kind = types.object_of(dict.fromkeys(headers, STRING))
    return values.list_value(made, kind)


_Cell = tuple[str, int, int]
_BARE = regex(r"[^,\n\"]*")


def _rows(text: str) -> list[tuple[int, list[_Cell]]]:
    """Rows with the line they start on; empty lines are skipped, CRLF is LF."""
    rows: list[tuple[int, list[_Cell]]] = []
    at, line = 0, 1
    while at < len(text):
        if text.startswith(("\n", "\r\n"), at):
            at = text.index("\n", at) + 1
            line += 1
            continue
        row, end = _row(text, at, line)
        rows.append((line, row))
        line += text.count("\n", at, end)
        at = end
        if len(rows) > MAX_ROWS:
            raise BoundExceededError(f"a CSV text of more than {MAX_ROWS} rows")
    return rows


def _row(text: str, at: int, line: int) -> tuple[list[_Cell], int]:
    """The cells of the row at an offset, and the offset behind its line end."""
    cells: list[_Cell] = []
    while True:
        start = at
        if text[at : at + 1] == '"':
            cell, at = _quoted(text, at, line)
        else:
            found = _BARE.match(text, at)
            assert found is not None, "the pattern matches nothing too"
            cell, at = found[0], found.end()
            if text[at : at + 1] == '"':
                raise CallError(
                    f'CSV parse error on line {line}: bare " in non-quoted field'
                )
            if cell.endswith("\r") and text[at : at + 1] in ("\n", ""):
                cell = cell[:-1]
        cells.append((cell, start, at))
        if text[at : at + 1] != ",":
            return cells, at + 1
        at += 1


def _quoted(text: str, start: int, line: int) -> tuple[str, int]:
    out: list[str] = []
    at = start + 1
    while True:
        end = text.find('"', at)
        if end < 0:
            here = line + text.count("\n", start)
            raise CallError(
                f'CSV parse error on line {here}: extraneous or missing " in quoted-field'
            )
        out.append(text[at:end].replace("\r\n", "\n"))
        at = end + 1
        if text[at : at + 1] == '"':
            out.append('"')
            at += 1
            continue
        if text.startswith("\r\n", at):
            at += 1
        if at >= len(text) or text[at] in ",\n":
            return "".join(out), at
        here = line + text.count("\n", start, at)
        raise CallError(
            f'CSV parse error on line {here}: extraneous or missing " in quoted-field'
        )


FUNCTIONS = (
    Function(
        "base64encode",
        (Parameter("str", STRING, unknown=True),),
        STRING,
        _base64_encode,
    ),
    Function(
        "base64decode",
        (Parameter("str", STRING, unknown=True, marked=True),),
        STRING,
        _base64_decode,
    ),
    Function("base64gzip", (_STRING,), STRING, _base64_gzip),
    Function(
        "textencodebase64",
        (Parameter("string", STRING), Parameter("encoding", STRING)),
        STRING,
        _text_encode,
    ),
    Function(
        "textdecodebase64",
        (Parameter("source", STRING), Parameter("encoding", STRING)),
        STRING,
        _text_decode,
    ),
    Function("urlencode", (_STRING,), STRING, _url_encode),
    Function("csvdecode", (_STRING,), DYNAMIC, _csv_decode),
)
