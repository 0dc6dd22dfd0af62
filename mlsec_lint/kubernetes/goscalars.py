"""Values as Helm's templates see them: typed scalars, truth, text, YAML text."""

from __future__ import annotations

import json
import re
import textwrap
from typing import Any

from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown, Value

#: Deepest structure that a function looks through.
MAX_DEPTH = 100

_BOOLEANS = {
    "true": True,
    "false": False,
    "yes": True,
    "no": False,
    "on": True,
    "off": False,
}
_INTEGER = regex(r"[-+]?(?:0o?[0-7]{1,20}|0x[0-9a-fA-F]{1,16}|\d{1,20})")
_FLOAT = regex(r"[-+]?(?:\d{1,30}\.\d{0,30}|\.\d{1,30}|\d{1,30})(?:[eE][-+]?\d{1,3})?")
_UNPRINTABLE = regex("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_SAFE = regex(r"[A-Za-z/_.][A-Za-z0-9/_.@:+=()\[\]*$-]*(?: [A-Za-z0-9/_.@+=()*$-]+)*")


def typed(value: Value) -> Value:
    """A value of a YAML document with its scalars typed as Helm reads them."""
    data = value.data
    if isinstance(data, dict):
        return value.replace(data={name: typed(child) for name, child in data.items()})
    if isinstance(data, Unknown):
        return value
    if isinstance(data, tuple):
        return value.replace(data=tuple(typed(child) for child in data))
    if isinstance(data, str) and value.type == "plain":
        return value.replace(data=scalar(data))
    return value


def literal(value: Value) -> Value:
    """A value of a values file: what looks like an action in a text is text there.

    Helm hands such texts to the templates as they stand, and many give them to `tpl`.
    """
    data = value.data
    if isinstance(data, dict):
        return value.replace(
            data={name: literal(child) for name, child in data.items()}
        )
    if isinstance(data, tuple):
        return value.replace(data=tuple(literal(child) for child in data))
    if not isinstance(data, Unknown) or data.kind != "template":
        return value
    if value.type == "block":
        text = _block_text(value)
        return value if text is None else value.replace(data=text)
    parts = data.parts or (data,)
    if value.type == "plain" and isinstance(parts[0], Unknown):
        return value  # no text to YAML either
    texts = [part if isinstance(part, str) else part.name for part in parts]
    whole = "".join(texts)
    if not data.parts:
        whole = whole.strip("\"'")
    return value.replace(data=whole)


def _block_text(value: Value) -> str | None:
    """The lines of a literal block (`|`) as they stand; None for a folded one."""
    head, _, body = (value.span.text if value.span is not None else "").partition("\n")
    if not head.startswith("|"):
        return None
    return textwrap.dedent(body)


def scalar(text: str) -> Any:
    """A plain scalar as bool, int or float, or the text itself."""
    lower = text.lower()
    if lower in _BOOLEANS and text in (lower, lower.upper(), lower.title()):
        return _BOOLEANS[lower]
    if _INTEGER.fullmatch(text):
        digits = text.lstrip("+-")
        sign = -1 if text.startswith("-") else 1
        if digits.startswith(("0x", "0X")):
            return sign * int(digits, 16)
        if len(digits) > 1 and digits.startswith("0"):
            octal = digits.lstrip("0oO") or "0"
            return sign * int(octal, 8) if re.fullmatch("[0-7]+", octal) else text
        return sign * int(digits)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


def truth(value: Value) -> bool | None:
    """Go's truth of a value; None where it is not known."""
    data = value.data
    if isinstance(data, Unknown):
        return None
    return bool(data)


def text_of(data: Any) -> str | None:
    """How Go prints a scalar; None for a collection."""
    if data is None:
        return ""
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, float):
        whole = data.is_integer() and abs(data) < 1e21
        return str(int(data)) if whole else f"{data:g}"
    if isinstance(data, str | int):
        return str(data)
    return None


def python(value: Value, depth: int = 0) -> Any:
    """Plain data; UnansweredError where something inside is not known."""
    data = value.data
    if depth > MAX_DEPTH:
        raise UnansweredError("a structure past the bound")
    if isinstance(data, Unknown):
        raise UnansweredError(data.why)
    if isinstance(data, dict):
        return {name: python(child, depth + 1) for name, child in data.items()}
    if isinstance(data, tuple):
        return [python(child, depth + 1) for child in data]
    return data


def wrapped(data: Any) -> Value:
    """A Value of plain data; lists and mappings of Values stay as they are."""
    if isinstance(data, Value):
        return data
    if isinstance(data, dict):
        return Value({str(name): wrapped(child) for name, child in data.items()})
    if isinstance(data, Unknown):
        return Value(data)
    if isinstance(data, list | tuple):
        return Value(tuple(wrapped(child) for child in data))
    return Value(data)


class UnansweredError(Exception):
    """A function that has no answer for its arguments: the result is Unknown."""


def dump_yaml(value: Value) -> str:
    """YAML text that reads back as the value (`toYaml`: keys sorted, no last line end)."""
    return "\n".join(_lines(value, 0))


def _lines(value: Value, depth: int) -> list[str]:
    data = value.data
    if depth > MAX_DEPTH:
        raise UnansweredError("a structure past the bound")
    found: list[str] = []
    if isinstance(data, dict) and data:
        for name in sorted(data):
            found.extend(_entry(f"{_quoted(name)}:", data[name], depth + 1))
        return found
    for child in value.elements():
        inner = _lines(child, depth + 1)
        found.append(f"- {inner[0]}")
        found.extend(f"  {line}" for line in inner[1:])
    return found or [_flow(value)]


def _entry(head: str, child: Value, depth: int) -> list[str]:
    if isinstance(child.data, dict) and child.data:
        return [head, *(f"  {line}" for line in _lines(child, depth))]
    if child.elements():
        return [head, *_lines(child, depth)]
    return [f"{head} {_flow(child)}"]


def _flow(value: Value) -> str:
    data = value.data
    if isinstance(data, Unknown):
        return (
            "{{ "
            + (re.sub(r"[{}\s]+", " ", data.name or data.why).strip() or "?")
            + " }}"
        )
    if data is None:
        return "null"
    if data == {}:
        return "{}"
    if data == ():
        return "[]"
    if isinstance(data, str):
        return _quoted(data)
    return text_of(data) or ""


def _quoted(text: str) -> str:
    if _SAFE.fullmatch(text) and not text.endswith(":") and ": " not in text:
        if isinstance(scalar(text), str) and text.lower() not in (
            "null",
            "~",
            "y",
            "n",
        ):
            return text
    quoted = json.dumps(text, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match.group()):04x}", quoted)
