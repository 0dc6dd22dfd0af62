"""Which objects a patch or replacement of a kustomization is aimed at."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsec_lint.kubernetes.objects import words
from mlsec_lint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsec_lint.kubernetes.objects import Id, Item
    from mlsec_lint.value import Value

_PLAIN = regex(r"[\w./-]*")


def select(items: Iterable[Item], target: Value) -> list[Item]:
    """The objects that a patch's `target` selects, by first or present names."""
    return [item for item in items if _selected(item, target)]


def _selected(item: Item, target: Value) -> bool:
    kind = words(target.get("kind"))
    if kind and not matches(kind, words(item.value.get("kind"))):
        return False
    now, first = item.id(), item.original()
    for name in ("group", "version"):
        if not matches(words(target.get(name)), getattr(now, name)):
            return False
    wanted = words(target.get("namespace"))
    if wanted and not any(
        matches(wanted, one.namespace or "default") for one in (first, now)
    ):
        return False
    wanted = words(target.get("name"))
    if wanted and not any(matches(wanted, one.name) for one in (first, now)):
        return False
    return labelled(item, target)


def labelled(item: Item, target: Value) -> bool:
    """Whether the label and annotation selectors of a target hold."""
    for selector, field in (
        ("labelSelector", "labels"),
        ("annotationSelector", "annotations"),
    ):
        expression = words(target.get(selector))
        pairs = item.value.at("metadata", field)
        present = (
            {name: words(one) for name, one in pairs.items()}
            if pairs is not None
            else {}
        )
        if expression and not _holds(expression, present):
            return False
    return True


def matches(pattern: str, text: str) -> bool:
    """Whether an anchored RE2 pattern (as kustomize has it) matches; "" matches all."""
    if not pattern or pattern == text:
        return True
    if _PLAIN.fullmatch(pattern) and "." not in pattern:
        return False
    import re2

    try:
        return re2.fullmatch(pattern, text) is not None
    except re2.error:
        return False


def _holds(expression: str, present: dict[str, str]) -> bool:
    """Kubernetes' label selector syntax: `a=b,c!=d,e,!f,g in (h,i),j notin (k)`."""
    for term in re.split(r",(?![^(]*\))", expression):
        term = term.strip()
        sets = re.fullmatch(r"(\S+)\s+(in|notin)\s*\(([^)]*)\)", term)
        if sets is not None:
            name, verb, listed = sets.groups()
            values = {one.strip() for one in listed.split(",")}
            inside = name in present and present[name] in values
            if inside != (verb == "in"):
                return False
        elif "!=" in term:
            name, _, value = term.partition("!=")
            if present.get(name.strip()) == value.strip():
                return False
        elif "=" in term:
            name, _, value = term.partition("=")
            if present.get(name.strip()) != value.lstrip("=").strip():
                return False
        elif term.startswith("!"):
            if term[1:].strip() in present:
                return False
        elif term and term not in present:
            return False
    return True


def same(one: Id, other: Id) -> bool:
    """Whether two identities are the same to kustomize (no namespace is `default`)."""
    return (
        one.kind == other.kind
        and one.api_version == other.api_version
        and one.name == other.name
        and (one.namespace or "default") == (other.namespace or "default")
    )
