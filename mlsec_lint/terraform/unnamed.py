"""Objects with keys that nobody can tell: unknown to Terraform, their entries kept."""

from __future__ import annotations

from mlsec_lint.value import Value


def entries_origin(
    named: dict[str, Value], unnamed: list[tuple[Value, Value]]
) -> tuple[str, Value]:
    """The origin of such an object: every entry, as `key` and `value`."""
    listed = [
        Value({"key": Value(name, value.key), "value": value}, value.span)
        for name, value in named.items()
    ]
    listed += [
        Value({"key": name, "value": value}, value.span) for name, value in unnamed
    ]
    return ("entries", Value(tuple(listed)))
