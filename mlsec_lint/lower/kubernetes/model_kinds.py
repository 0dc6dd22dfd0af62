"""Kinds of operators that serve, cache or tune a model, and where they say what.

The table is policies/data/model_kinds.json, dated row by row; its comment explains the
columns. Here are its rows by kind and API group, and the walk along their paths.
"""

from __future__ import annotations

from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from mlsec_lint.estate.tables import document
from mlsec_lint.lower.scalars import settled, text_of
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.value import Value

Row = dict[str, Any]
#: So many values are followed from one path: `*` multiplies.
_MOST = 500


@cache
def _rows() -> dict[tuple[str, str], Row]:
    table = document("model_kinds.json")["kinds"]
    return {(row["kind"], row["group"]): row for row in table}


def model_row(manifest: Manifest) -> Row | None:
    """The row of an object's kind; None for kinds that are not in the table."""
    group = manifest.api_version.partition("/")[0]
    return _rows().get((manifest.kind, group))


def model_rows() -> tuple[Row, ...]:
    """All rows, in the order of the table."""
    return tuple(_rows().values())


def select(root: Value, path: str) -> list[Value]:
    """The values at a path, absent and null ones left out; the root itself for "".

    `*` is every entry of a mapping and every element of a list; a name in a list of
    variables is the `value` of the variable of that name. What lies below an unknown
    value is not there: nobody can tell whether it is.
    """
    found = [root]
    for step in path.split(".") if path else ():
        below = (one for value in found for one in _step(value, step))
        found = list(islice(below, _MOST))
    return found


def first(root: Value, *paths: str) -> Value | None:
    """The first value at any of some paths."""
    return next((value for path in paths for value in select(root, path)), None)


def _step(value: Value, step: str) -> list[Value]:
    if step == "*":
        below = [child for _, child in value.items()] or list(value.elements())
    elif isinstance(value.data, dict):
        child = value.data.get(step)
        below = [] if child is None else [child]
    else:
        below = [
            one.data["value"]
            for one in value.elements()
            if isinstance(one.data, dict)
            and "value" in one.data
            and text_of(one.data.get("name")) == step
        ]
    return [one for one in below if not one.is_null]


def named_so(part: Value, row: Row) -> bool | Unknown:
    """Whether a row of `only` or `unless` (a path and a text) applies to a part.

    A field that is absent is not `only`, and none of those that `unless` shuts out: the
    text of `unless` is the documented default.
    """
    for word in ("only", "unless"):
        if word not in row:
            continue
        path, text = row[word]
        value = first(part, path)
        if value is None:
            return word == "unless"
        data = settled(value).text()
        if isinstance(data, Unknown):
            return data
        return (data or "").strip().rstrip("/").lower() == str(text).lower()
    return True
