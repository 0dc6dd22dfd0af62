"""Label selectors of Kubernetes and Cilium as selectors of the estate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.selectors import All, Term, Unclear
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsec_lint.estate.selectors import Selector

#: The label that every namespace carries with its own name, since Kubernetes 1.22.
NAMESPACE_NAME = "kubernetes.io/metadata.name"
_OPERATORS = {
    "In": "in",
    "NotIn": "not in",
    "Exists": "exists",
    "DoesNotExist": "absent",
}


def _same(key: str) -> str:
    return key


def unclear(why: str, value: Value | None = None) -> Unclear:
    """A selector that was not understood."""
    span = value.span if value is not None else None
    return Unclear(Unknown("error", why, span=span))


def label_selector(
    value: Value | None, rename: Callable[[str], str] = _same
) -> Selector:
    """A LabelSelector; None and {} select everything, as the API has it.

    `rename` changes the name of each label (Cilium's sources before it).
    """
    if value is None:
        return All(())
    whole = settled(value).unknown
    if whole is not None:
        return Unclear(whole)
    if value.is_null:
        return All(())
    if not isinstance(value.data, dict):
        return unclear("this selector is no mapping", value)
    parts: list[Selector] = []
    for name, part in value.items():
        if name == "matchLabels":
            parts.extend(_match_labels(part, rename))
        elif name == "matchExpressions":
            parts.extend(_expressions(part, rename))
        else:
            parts.append(_other(name, part, value))
    return All(tuple(parts))


def _other(name: str, part: Value, value: Value) -> Selector:
    if isinstance(part.data, Unknown):
        return Unclear(part.data)
    return unclear(f"a selector has no field {name}", value)


def _match_labels(value: Value, rename: Callable[[str], str]) -> list[Selector]:
    if value.is_null:
        return []
    if isinstance(value.data, Unknown):
        return [Unclear(value.data)]
    if not isinstance(value.data, dict):
        return [unclear("matchLabels is no mapping", value)]
    found: list[Selector] = []
    for key, element in value.items():
        text = settled(element).text()
        if key.startswith("{{"):
            why = "a template adds labels here"
            unknown = element.unknown
            found.append(unclear(why) if unknown is None else Unclear(unknown))
        elif text is None:
            found.append(Term(rename(key), "in", ("",)))
        else:
            stripped = text.strip() if isinstance(text, str) else text
            found.append(Term(rename(key), "in", (stripped,)))
    return found


def _expressions(value: Value, rename: Callable[[str], str]) -> list[Selector]:
    if value.is_null:
        return []
    if isinstance(value.data, Unknown):
        return [Unclear(value.data)]
    found: list[Selector] = []
    for element in value.elements():
        key = text_of(given(element, "key"))
        operator = _OPERATORS.get(text_of(given(element, "operator")))
        if element.unknown is not None:
            found.append(Unclear(element.unknown))
        elif not key or operator is None:
            found.append(
                unclear("this expression has no known key or operator", element)
            )
        else:
            values = _values(given(element, "values"))
            if isinstance(values, Unknown):
                found.append(Unclear(values))
            elif operator in ("in", "not in") and not values:
                found.append(
                    unclear("an expression without values is invalid", element)
                )
            else:
                found.append(Term(rename(key), operator, values))
    return found


def _values(value: Value | None) -> tuple[str | Unknown, ...] | Unknown:
    if value is None:
        return ()
    if isinstance(value.data, Unknown):
        return value.data
    texts = (settled(one).text() for one in value.elements())
    return tuple(t.strip() if isinstance(t, str) else t for t in texts if t is not None)


def named(names: tuple[str, ...]) -> Selector:
    """Namespaces by their names."""
    return Term(NAMESPACE_NAME, "in", names)
