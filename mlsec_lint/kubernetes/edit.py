"""Changed copies of Values, with the place that changed them. Knows no Kubernetes."""

from __future__ import annotations

from operator import is_
from typing import TYPE_CHECKING, Any

from mlsec_lint.value import Step, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable

Change = "Callable[[Value], Value | None]"


def split_path(path: str, separator: str = "/") -> tuple[str, ...]:
    r"""Segments of a field path; a separator after a backslash belongs to its segment."""
    if "\\" not in path:
        return tuple(part for part in path.split(separator) if part)
    mark = "\0"
    parts = path.replace("\\" + separator, mark).split(separator)
    return tuple(part.replace(mark, separator) for part in parts if part)


def change_at(
    value: Value,
    path: tuple[str, ...],
    change: Callable[[Value], Value | None],
    missing: Callable[[], Value] | None = None,
) -> Value:
    """Apply a change at a field path, to every element of the lists on the way.

    `missing` makes the leaf where the path ends early (mappings on the way are made
    too); without it nothing is changed there. The same Value comes back when nothing
    changed. A change that gives None removes the field.
    """
    if not path:
        return change(value) or value
    data = value.data
    if isinstance(data, dict):
        return _change_field(value, path, change, missing)
    elements = value.elements()
    if not elements:
        return value
    changed = tuple([change_at(one, path, change, missing) for one in elements])
    same = all(map(is_, changed, elements))
    return value if same else value.replace(data=changed)


def _change_field(
    value: Value,
    path: tuple[str, ...],
    change: Callable[[Value], Value | None],
    missing: Callable[[], Value] | None,
) -> Value:
    name = path[0].removesuffix("[]")
    child = value.data.get(name)
    if child is None or child.data is None:
        if missing is None or path[0].endswith("[]"):
            return value
        leaf = missing()
        child = leaf
        for _ in path[1:]:
            child = Value({}, leaf.span, key=leaf.key, trail=leaf.trail)
        if len(path) == 1:
            return with_field(value, name, change(child))
        return with_field(value, name, change_at(child, path[1:], change, missing))
    if len(path) == 1:
        return with_field(value, name, change(child))
    changed = change_at(child, path[1:], change, missing)
    return value if changed is child else with_field(value, name, changed)


def with_field(mapping: Value, name: str, child: Value | None) -> Value:
    """The mapping with a field set, or without it when `child` is None."""
    data: dict[str, Value] = mapping.data
    if child is None:
        if name not in data:
            return mapping
        return mapping.replace(data={k: v for k, v in data.items() if k != name})
    if data.get(name) is child:
        return mapping
    return mapping.replace(data={**data, name: child})


def stated(data: Any, by: Value, old: Value | None, words: str) -> Value:
    """A scalar or collection that `by` (a value of an overlay) states instead of `old`."""
    trail = by.trail
    before = old.entry() if old is not None else None
    if before is not None:
        trail = (Step(before, words), *trail)
    return Value(data, by.span, key=by.key, type=by.type, trail=trail)


def replaced_by(new: Value, old: Value | None, words: str) -> Value:
    """A value of an overlay in the place of another, which its trail names."""
    before = old.entry() if old is not None else None
    if before is None or new is old:
        return new
    return new.replace(trail=(Step(before, words), *new.trail))


def surrounded(old: Value, affix: Value, words: str, *, before: bool) -> Value:
    """The text of a scalar with another before or behind it.

    Its place stays, the trail says by whom. Where one of them is unknown, so is the
    whole, with both as its parts.
    """
    pair = (affix.data, old.data) if before else (old.data, affix.data)
    changed: Any
    if any(isinstance(part, Unknown) for part in pair):
        parts = tuple(piece for part in pair for piece in _pieces(part))
        first = next(part for part in pair if isinstance(part, Unknown))
        changed = first._replace(parts=parts, possible=None, symbol=None)
    else:
        changed = f"{pair[0]}{pair[1]}"
    at = affix.entry()
    trail = old.trail if at is None else (Step(at, words), *old.trail)
    return old.replace(data=changed, trail=trail)


def _pieces(part: Any) -> tuple[str | Unknown, ...]:
    if isinstance(part, Unknown):
        return part.parts or (part,)
    return (str(part),) if part != "" else ()


def plain(value: Value) -> Any:
    """The data without spans, scalars as text; for hashes and comparisons.

    An Unknown inside gives None where text would be: ask `is_known` first.
    """
    data = value.data
    if isinstance(data, dict):
        return {name: plain(child) for name, child in data.items()}
    if isinstance(data, Unknown):
        return None
    if isinstance(data, tuple):
        return [plain(child) for child in data]
    return data


def is_known(value: Value) -> bool:
    """Whether nothing inside is Unknown."""
    data = value.data
    if isinstance(data, Unknown):
        return False
    if isinstance(data, dict):
        return all(is_known(child) for child in data.values())
    if isinstance(data, tuple):
        return all(is_known(child) for child in data)
    return True
