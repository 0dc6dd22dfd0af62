"""When two values are equal to Terraform, and when nobody can tell yet.

Facts from zclconf/go-cty 1.16 (value_ops.go, value_range.go).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.terraform import values
from mlsec_lint.terraform.graphemes import safe_prefix
from mlsec_lint.terraform.types import conforms, type_of
from mlsec_lint.value import Bounds, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsec_lint.terraform.types import Type


def equals(left: Value, right: Value) -> bool | None:
    """Whether the values are equal; None when that hangs on something unknown.

    Values of different types are not equal, two nulls always are. Marks are ignored.
    """
    if left.data is None and right.data is None:
        return True
    for one, other in ((left, right), (right, left)):
        if one.data is None:
            return False if values.definitely_not_null(other) else None
    a, b = isinstance(left.data, Unknown), isinstance(right.data, Unknown)
    if a or b:
        return _with_unknown(left, right) if a else _with_unknown(right, left)
    return _known(left, right)


def _with_unknown(unknown: Value, other: Value) -> bool | None:
    """False when the unknown can never become the other value, else None."""
    kind, wanted = type_of(unknown), type_of(other)
    if isinstance(other.data, Unknown):
        return None
    if not kind.has_dynamic and not wanted.has_dynamic and kind != wanted:
        return (
            None
            if not values.definitely_not_null(unknown) and other.data is None
            else False
        )
    if not conforms(wanted, kind):
        return False
    reason: Unknown = unknown.data
    if reason.bounds is not None and not _within(other, reason.bounds, kind):
        return False
    if reason.possible is not None:
        answers = {equals(each, other) for each in reason.possible}
        if len(answers) == 1:
            return answers.pop()
    return None


def _within(value: Value, bounds: Bounds, kind: Type) -> bool:
    """Whether a known value that is not null lies within the bounds of an unknown."""
    data = value.data
    if kind.kind == "string":
        return bool(data.startswith(safe_prefix(bounds.prefix)))
    if kind.kind == "number":
        low, high = bounds.low, bounds.high
        return not (
            (low is not None and data < low) or (high is not None and data > high)
        )
    if kind.is_collection:
        least, most = values.length_bounds(value)
        if most is not None and most < bounds.min_length:
            return False
        return bounds.max_length is None or least <= bounds.max_length
    return True


def _known(left: Value, right: Value) -> bool | None:
    kind, other = type_of(left), type_of(right)
    if kind != other:
        if conforms(kind, other) or conforms(other, kind):
            if _has_untyped_unknown(left) or _has_untyped_unknown(right):
                return None
        return False
    a, b = left.data, right.data
    if kind.is_primitive:
        return bool(a == b)
    if kind.kind == "set":
        return _sets(left, right)
    if isinstance(a, dict):
        if a.keys() != b.keys():
            return False
        return _all((a[name], b[name]) for name in a)
    if len(a) != len(b):
        return False
    return _all(zip(a, b, strict=True))


def _all(pairs: Iterable[tuple[Value, Value]]) -> bool | None:
    """False when any pair differs, else None when any is undecided, else True."""
    answer: bool | None = True
    for one, other in pairs:
        same = equals(one, other)
        if same is False:
            return False
        if same is None:
            answer = None
    return answer


def _sets(left: Value, right: Value) -> bool | None:
    if not (values.wholly_known(left) and values.wholly_known(right)):
        return None
    return {values.identity(e) for e in left.data} == {
        values.identity(e) for e in right.data
    }


def _has_untyped_unknown(value: Value) -> bool:
    return any(
        isinstance(part.data, Unknown) and type_of(part).has_dynamic
        for part in values.walk(value)
    )


def contains(elements: tuple[Value, ...], wanted: Value) -> bool | None:
    """Whether an element equals the wanted value; None when that is not known."""
    answer: bool | None = False
    for element in elements:
        same = equals(element, wanted)
        if same is True:
            return True
        if same is None:
            answer = None
    return answer
