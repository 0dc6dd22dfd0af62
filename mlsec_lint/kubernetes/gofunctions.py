"""Functions of Helm's templates that have one answer: text, lists, logic, numbers.

What depends on a cluster, on chance or on the clock is not here, and neither is what no
chart we met needs: the engine gives Unknown for them. Semantics from Go's text/template,
Masterminds/sprig v3 and Helm v3 (documentation read 2026-11).
"""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any

from mlsec_lint.kubernetes.goscalars import UnansweredError, scalar, text_of

if TYPE_CHECKING:
    from collections.abc import Callable

#: Longest text that a function may give.
MAX_TEXT = 1_000_000
#: Longest list that `until` and its like may give.
MAX_LIST = 10_000


def _string(data: Any) -> str:
    text = text_of(data)
    if text is None:
        raise UnansweredError("a list or mapping where text is expected")
    return text


def _number(data: Any) -> int | float:
    if isinstance(data, bool):
        return int(data)
    if isinstance(data, int | float):
        return data
    if isinstance(data, str) and len(data) < 30:
        found = scalar(data.strip())
        if isinstance(found, int | float):
            return found
    return 0


def _int(data: Any) -> int:
    number = _number(data)
    if number != number or number in (float("inf"), float("-inf")):
        raise UnansweredError("no number")
    return int(number)


def _bounded(count: int) -> int:
    if count > MAX_TEXT:
        raise UnansweredError("a text past the bound")
    return count


def _indent(count: Any, text: Any) -> str:
    pad = " " * min(_int(count), 200)
    lines = _string(text).split("\n")
    _bounded(len(lines) * (len(pad) + 1))
    return "\n".join(pad + line for line in lines)


def _trunc(count: Any, text: Any) -> str:
    number, whole = _int(count), _string(text)
    return whole[number:] if number < 0 else whole[:number]


def _replace(old: Any, new: Any, text: Any) -> str:
    whole, part, by = _string(text), _string(old), _string(new)
    _bounded(len(whole) + whole.count(part) * len(by))
    return whole.replace(part, by)


def _repeat(count: Any, text: Any) -> str:
    _bounded(_int(count) * len(_string(text)))
    return _string(text) * _int(count)


def _join(separator: Any, items: Any) -> str:
    listed = items if isinstance(items, list) else [items]
    return _string(separator).join(_string(one) for one in listed)


def _printf(pattern: Any, *args: Any) -> str:
    """Go's verbs for text and whole numbers; anything else has no answer."""
    out: list[str] = []
    rest = list(args)
    at = 0
    pattern = _string(pattern)
    for match in re.finditer(
        r"%([-+0 #]*)(\d{0,3})(?:\.(\d{1,3}))?([a-zA-Z%])", pattern
    ):
        out.append(pattern[at : match.start()])
        at = match.end()
        flags, width, precision, verb = match.groups()
        if verb == "%":
            out.append("%")
            continue
        if not rest:
            raise UnansweredError("printf with too few arguments")
        piece = _verb(verb, precision, rest.pop(0))
        fill = "0" if "0" in flags and verb == "d" else " "
        size = int(width or 0)
        out.append(piece.ljust(size) if "-" in flags else piece.rjust(size, fill))
    out.append(pattern[at:])
    text = "".join(out)
    _bounded(len(text))
    return text


def _verb(verb: str, precision: str | None, data: Any) -> str:
    if verb in "sv":
        text = _string(data)
        return text[: int(precision)] if precision is not None else text
    if verb == "d":
        return str(_int(data))
    if verb == "q":
        return json.dumps(_string(data), ensure_ascii=False)
    if verb == "t" and isinstance(data, bool):
        return _string(data)
    if verb == "f":
        return f"{float(_number(data)):.{int(precision or 6)}f}"
    raise UnansweredError(f"printf %{verb}")


def _compare(test: Callable[[Any, Any], bool]) -> Callable[..., Any]:
    def compared(one: Any, other: Any) -> bool:
        both = all(isinstance(x, int | float) for x in (one, other))
        if not both and not (isinstance(one, str) and isinstance(other, str)):
            one, other = _number(one), _number(other)
        return test(one, other)

    return compared


def _eq(one: Any, *others: Any) -> bool:
    return any(type(one) is type(o) and one == o for o in others) or any(
        one == o
        for o in others
        if isinstance(one, int | float) and isinstance(o, int | float)
    )


def _has(item: Any, listed: Any) -> bool:
    return isinstance(listed, list) and item in listed


def _has_key(mapping: Any, name: Any) -> bool:
    return isinstance(mapping, dict) and _string(name) in mapping


def _until(*bounds: Any) -> list[int]:
    numbers = [_int(one) for one in bounds]
    start, stop, step = (0, numbers[0], 1) if len(numbers) == 1 else (*numbers, 1)[:3]
    if step == 0:
        return []
    found = range(start, stop, step)
    if len(found) > MAX_LIST:
        raise UnansweredError("a list past the bound")
    return list(found)


def _kind(data: Any) -> str:
    if data is None:
        return "invalid"
    for types, name in (
        (bool, "bool"),
        (str, "string"),
        (int, "int"),
        (float, "float64"),
    ):
        if isinstance(data, types):
            return name
    return "map" if isinstance(data, dict) else "slice"


def _kind_is(name: Any, data: Any) -> bool:
    kind = _kind(data)
    return name == kind or (kind == "int" and name in ("int64", "float64"))


def _decoded(text: Any) -> str:
    try:
        return base64.b64decode(_string(text), validate=True).decode("utf-8")
    except ValueError:
        raise UnansweredError("no base64 text") from None


def _regex(pattern: Any) -> Any:
    import re2

    try:
        return re2.compile(_string(pattern))
    except re2.error:
        raise UnansweredError("a pattern that RE2 does not know") from None


def _regex_replace(pattern: Any, text: Any, new: Any) -> str:
    found = re.sub(r"\$\{?(\d)\}?", r"\\\1", _string(new))
    replaced: str = _regex(pattern).sub(found, _string(text))
    _bounded(len(replaced))
    return replaced


def _semver(constraint: Any, version: Any) -> bool:
    """Constraints of one or more comparisons; anything else has no answer."""
    have = _version(_string(version))
    for part in _string(constraint).replace(",", " ").split():
        match = re.fullmatch(r"(>=|<=|>|<|=|!=|\^|~)?v?(\d[\w.-]*)", part)
        if match is None:
            raise UnansweredError("a version constraint")
        sign, wanted = match.group(1) or "=", _version(match.group(2))
        holds = {
            ">=": have >= wanted,
            "<=": have <= wanted,
            ">": have > wanted,
            "<": have < wanted,
            "=": have == wanted,
            "!=": have != wanted,
            "^": have >= wanted and have[0] == wanted[0],
            "~": have >= wanted and have[:2] == wanted[:2],
        }[sign]
        if not holds:
            return False
    return True


def _version(text: str) -> tuple[int, int, int]:
    found = re.match(r"v?(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?", text)
    if found is None:
        raise UnansweredError("a version")
    major, minor, patch = (int(one or 0) for one in found.groups())
    return major, minor, patch


def _sorted(items: Any) -> list[str]:
    return sorted(_string(one) for one in items)


def _unique(items: Any) -> list[Any]:
    found: list[Any] = []
    for one in items[:MAX_LIST]:
        if one not in found[-1000:]:
            found.append(one)
    return found


#: Functions of plain data. An argument that is not known makes the result Unknown.
PLAIN: dict[str, Callable[..., Any]] = {
    "add": lambda *a: sum(map(_int, a)),
    "add1": lambda a: _int(a) + 1,
    "atoi": _int,
    "b64dec": _decoded,
    "b64enc": lambda a: base64.b64encode(
        _string(a).encode("utf-8", "replace")
    ).decode(),
    "base": lambda a: _string(a).rstrip("/").rpartition("/")[2],
    "camelcase": lambda a: "".join(
        p[:1].upper() + p[1:] for p in _string(a).split("_")
    ),
    "cat": lambda *a: " ".join(_string(one) for one in a),
    "contains": lambda part, text: _string(part) in _string(text),
    "div": lambda a, b: int(_int(a) / _int(b)) if _int(b) else 0,
    "eq": _eq,
    "float64": lambda a: float(_number(a)),
    "ge": _compare(lambda a, b: bool(a >= b)),
    "gt": _compare(lambda a, b: bool(a > b)),
    "has": _has,
    "hasPrefix": lambda part, text: _string(text).startswith(_string(part)),
    "hasSuffix": lambda part, text: _string(text).endswith(_string(part)),
    "indent": _indent,
    "int": _int,
    "int64": _int,
    "join": _join,
    "kebabcase": lambda a: re.sub(
        r"(?<=[a-z0-9])(?=[A-Z])|[_ ]", "-", _string(a)
    ).lower(),
    "keys": lambda *a: [name for mapping in a for name in mapping],
    "kindIs": _kind_is,
    "kindOf": _kind,
    "le": _compare(lambda a, b: bool(a <= b)),
    "len": len,
    "lower": lambda a: _string(a).lower(),
    "lt": _compare(lambda a, b: bool(a < b)),
    "max": lambda *a: max(map(_int, a)),
    "min": lambda *a: min(map(_int, a)),
    "mod": lambda a, b: _int(a) % _int(b) if _int(b) else 0,
    "mul": lambda *a: _product(a),
    "ne": lambda a, b: not _eq(a, b),
    "nindent": lambda count, text: "\n" + _indent(count, text),
    "nospace": lambda a: re.sub(r"\s", "", _string(a)),
    "print": lambda *a: "".join(_string(one) for one in a),
    "printf": _printf,
    "println": lambda *a: " ".join(_string(one) for one in a) + "\n",
    "quote": lambda *a: " ".join(
        json.dumps(_string(one), ensure_ascii=False) for one in a
    ),
    "regexMatch": lambda p, text: _regex(p).search(_string(text)) is not None,
    "regexReplaceAll": _regex_replace,
    "repeat": _repeat,
    "replace": _replace,
    "seq": lambda *a: " ".join(map(str, _until(*a))),
    "semverCompare": _semver,
    "snakecase": lambda a: re.sub(
        r"(?<=[a-z0-9])(?=[A-Z])|[- ]", "_", _string(a)
    ).lower(),
    "sortAlpha": _sorted,
    "split": lambda sep, text: {
        f"_{i}": part
        for i, part in enumerate(_string(text).split(_string(sep) or None))
    },
    "splitList": lambda sep, text: _string(text).split(_string(sep) or None),
    "squote": lambda *a: " ".join(f"'{_string(one)}'" for one in a),
    "sub": lambda a, b: _int(a) - _int(b),
    "title": lambda a: _string(a).title(),
    "toDecimal": _int,
    "toString": _string,
    "toStrings": lambda a: [_string(one) for one in a],
    "trim": lambda a: _string(a).strip(),
    "trimAll": lambda marks, text: _string(text).strip(_string(marks)),
    "trimPrefix": lambda part, text: _string(text).removeprefix(_string(part)),
    "trimSuffix": lambda part, text: _string(text).removesuffix(_string(part)),
    "trunc": _trunc,
    "typeIs": _kind_is,
    "typeOf": _kind,
    "uniq": _unique,
    "until": _until,
    "untilStep": _until,
    "upper": lambda a: _string(a).upper(),
}


def _product(numbers: tuple[Any, ...]) -> int:
    result = 1
    for one in numbers[:100]:
        result *= _int(one)
        if abs(result) > 1 << 80:
            raise UnansweredError("a number past the bound")
    return result
