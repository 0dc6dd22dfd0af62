"""Functions of Helm's templates on values with places: they keep where values come from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mlsec_lint.kubernetes.goscalars import (
    MAX_DEPTH,
    UnansweredError,
    dump_yaml,
    python,
    text_of,
    truth,
    typed,
)
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable

_NIL = Value(None)
#: Stands in a mapping for entries of which nobody knows the names; what looks like an
#: action of a template is one (`parse/yaml`).
_MORE = "{{ }}"


def entry(data: dict[str, Value], name: str, absent: Value) -> Value:
    """An entry of a mapping; unknown where it has entries whose names are not known."""
    found = data.get(name)
    if found is not None:
        return found
    for key, value in data.items():
        if key.startswith("{{"):
            unknown = value.unknown
            why = unknown.why if unknown is not None else f"{key} is not rendered"
            return Value(Unknown("template", why))
    return absent


def merged(first: Value, second: Value, depth: int = 0) -> Value:
    """Two mappings as one, recursively; the first wins. Null in it removes the entry."""
    if depth > MAX_DEPTH:
        raise UnansweredError("a structure past the bound")
    data = dict(second.data)
    for name, child in first.data.items():
        other = data.get(name)
        if child.data is None:
            data.pop(name, None)
        elif (
            other is not None
            and isinstance(child.data, dict)
            and isinstance(other.data, dict)
        ):
            data[name] = merged(child, other, depth + 1)
        else:
            data[name] = child
    return first.replace(data=data)


def _known(value: Value) -> bool:
    found = truth(value)
    if found is None:
        assert isinstance(value.data, Unknown)
        raise UnansweredError(value.data.why)
    return found


def _default(args: list[Value]) -> Value:
    fallback, given = (*args, _NIL)[:2]
    return given if _known(given) else fallback


def _coalesce(args: list[Value]) -> Value:
    return next((one for one in args if _known(one)), _NIL)


def _ternary(args: list[Value]) -> Value:
    yes, no, test = args
    return yes if _known(test) else no


def _required(args: list[Value]) -> Value:
    words, given = args
    if given.data is None or given.data == "":
        why = str(words.data) if isinstance(words.data, str) else "a value is required"
        return Value(Unknown("variable", why))
    return given


def _dict(args: list[Value]) -> Value:
    found: dict[str, Value] = {}
    for name, child in zip(args[::2], args[1::2], strict=False):
        if not isinstance(name.data, str):
            raise UnansweredError("a name that is not known")
        found[name.data] = child
    return Value(found)


def _elements(value: Value) -> tuple[Value, ...]:
    if isinstance(value.data, Unknown):
        raise UnansweredError(value.data.why)
    return value.elements()


def _mapping(value: Value) -> dict[str, Value]:
    if isinstance(value.data, Unknown):
        raise UnansweredError(value.data.why)
    if not isinstance(value.data, dict):
        return {}
    found: dict[str, Value] = value.data
    return found


def _index(args: list[Value]) -> Value:
    here, *steps = args
    for step in steps:
        if isinstance(here.data, Unknown):
            return Value(here.data._replace(parts=(), possible=None, symbol=None))
        if isinstance(here.data, dict):
            here = entry(here.data, str(step.data), _NIL)
        elif isinstance(step.data, int) and 0 <= step.data < len(here.elements()):
            here = here.elements()[step.data]
        else:
            return _NIL
    return here


def _get(args: list[Value]) -> Value:
    mapping, name = args
    return entry(_mapping(mapping), str(name.data), Value(""))


def _has_key(args: list[Value]) -> Value:
    mapping, name = args
    if isinstance(name.data, Unknown):
        raise UnansweredError(name.data.why)
    data = _mapping(mapping)
    if str(name.data) in data:
        return Value(data=True)
    found = entry(data, str(name.data), _NIL)
    return found if isinstance(found.data, Unknown) else Value(data=False)


def _dig(args: list[Value]) -> Value:
    *names, fallback, here = args
    for name in names:
        here = entry(_mapping(here), str(name.data), _NIL)
        if here is _NIL:
            return fallback
    return here


def _merge(args: list[Value]) -> Value:
    result = Value(_mapping(args[0]))
    for other in args[1:]:
        result = merged(result, Value(_mapping(other)))
    return result


def _merge_over(args: list[Value]) -> Value:
    result = Value(_mapping(args[0]))
    for other in args[1:]:
        result = merged(Value(_mapping(other)), result)
    return result


def change(name: str, args: list[Value], *, sure: bool) -> Value:
    """`set`, `unset` and the merges: in Go they change the mapping that they are given.

    So does this: whoever holds the same mapping sees it. `sure` is False where nobody
    can tell whether the template gets there; what would change is unknown then.
    UnansweredError where the mapping or what to do with it is not known.
    """
    data = args[0].data
    if not isinstance(data, dict):
        raise UnansweredError("no mapping that is known")
    try:
        after = _changed(name, args)
    except UnansweredError:
        data.update({key: _unsure(name) for key in data})
        data[_MORE] = _unsure(name)
        raise
    before = dict(data)
    data.clear()
    data.update(after if sure else {})
    if not sure:
        for key in (*before, *(k for k in after if k not in before)):
            same = before.get(key) is after.get(key)
            data[key] = before[key] if same else _unsure(name)
    return args[0]


def _changed(name: str, args: list[Value]) -> dict[str, Value]:
    if name in ("set", "unset"):
        key = args[1].data
        if not isinstance(key, str):
            raise UnansweredError("a name that is not known")
        after = dict(_mapping(args[0]))
        after.pop(key, None)
        if name == "set":
            after[key] = args[2]
        return after
    result = _merge(args) if name in ("merge", "mustMerge") else _merge_over(args)
    return _mapping(result)


def _unsure(name: str) -> Value:
    return Value(Unknown("template", f"{name} may or may not have changed it"))


def _copied(value: Value) -> Value:
    """A value that shares no mapping with the given one."""
    data = value.data
    if isinstance(data, dict):
        return value.replace(data={k: _copied(one) for k, one in data.items()})
    if isinstance(data, tuple):
        return value.replace(data=tuple(_copied(one) for one in data))
    return value


def _pick(args: list[Value]) -> Value:
    wanted = {str(one.data) for one in args[1:]}
    data = _mapping(args[0])
    return Value({name: child for name, child in data.items() if name in wanted})


def _omit(args: list[Value]) -> Value:
    unwanted = {str(one.data) for one in args[1:]}
    data = _mapping(args[0])
    return Value({name: child for name, child in data.items() if name not in unwanted})


def _slice(args: list[Value]) -> Value:
    value, *bounds = args
    numbers = [one.data for one in bounds]
    if not all(isinstance(one, int) for one in numbers):
        raise UnansweredError("bounds that are not known")
    start = numbers[0] if numbers else 0
    stop = numbers[1] if len(numbers) > 1 else None
    return Value(_elements(value)[start:stop])


def _to_yaml(args: list[Value]) -> Value:
    (value,) = args
    if isinstance(value.data, Unknown):
        raise UnansweredError(value.data.why)
    return Value(dump_yaml(value), origin=("yaml", value))


#: Go writes these so in JSON, whatever they stand in.
_ESCAPED = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


def _to_raw_json(args: list[Value]) -> Value:
    (value,) = args
    text = json.dumps(
        python(value), ensure_ascii=False, separators=(",", ":"), sort_keys=True
    )
    return Value(text, origin=("yaml", value))


def _to_json(args: list[Value]) -> Value:
    return _escaped(_to_raw_json(args))


def _to_pretty_json(args: list[Value]) -> Value:
    (value,) = args
    text = json.dumps(python(value), ensure_ascii=False, indent=2, sort_keys=True)
    return _escaped(Value(text, origin=("yaml", value)))


def _escaped(value: Value) -> Value:
    text = value.data
    assert isinstance(text, str)
    for mark, written in _ESCAPED.items():
        text = text.replace(mark, written)
    return value.replace(data=text)


def _from_yaml(args: list[Value]) -> Value:
    from mlsec_lint.parse.yaml import yaml_documents
    from mlsec_lint.source import Source

    (value,) = args
    if not isinstance(value.data, str) or value.type == "template":
        raise UnansweredError("a text that is not all known")
    found, notes = yaml_documents(Source("", value.data))
    if len(found) != 1 or notes:
        raise UnansweredError("a text that is no YAML")
    return typed(found[0].value).replace(span=None)


def _fail(args: list[Value]) -> Value:
    words = text_of(args[0].data) if args else ""
    return Value(Unknown("error", f"the chart stops here: {words}"))


#: Functions that change their first argument.
CHANGING = frozenset(
    {"set", "unset", "merge", "mergeOverwrite", "mustMerge", "mustMergeOverwrite"}
)
#: Functions that hand values through, with their places.
VALUE_FUNCTIONS: dict[str, Callable[[list[Value]], Value]] = {
    "append": lambda a: Value((*_elements(a[0]), *a[1:])),
    "coalesce": _coalesce,
    "concat": lambda a: Value(tuple(one for listed in a for one in _elements(listed))),
    "deepCopy": lambda a: _copied(a[0]),
    "default": _default,
    "dict": _dict,
    "dig": _dig,
    "empty": lambda a: Value(data=not _known(a[0])),
    "fail": _fail,
    "first": lambda a: (*_elements(a[0]), _NIL)[0],
    "fromJson": _from_yaml,
    "fromYaml": _from_yaml,
    "get": _get,
    "hasKey": _has_key,
    "index": _index,
    "initial": lambda a: Value(_elements(a[0])[:-1]),
    "last": lambda a: (_NIL, *_elements(a[0]))[-1],
    "list": lambda a: Value(tuple(a)),
    "mustToJson": _to_json,
    "mustToYaml": _to_yaml,
    "not": lambda a: Value(data=not _known(a[0])),
    "omit": _omit,
    "pick": _pick,
    "prepend": lambda a: Value((*a[1:], *_elements(a[0]))),
    "required": _required,
    "rest": lambda a: Value(_elements(a[0])[1:]),
    "reverse": lambda a: Value(_elements(a[0])[::-1]),
    "slice": _slice,
    "ternary": _ternary,
    "toJson": _to_json,
    "toPrettyJson": _to_pretty_json,
    "toRawJson": _to_raw_json,
    "toYaml": _to_yaml,
    "toYamlPretty": _to_yaml,
    "tuple": lambda a: Value(tuple(a)),
    "values": lambda a: Value(tuple(_mapping(a[0]).values())),
}
