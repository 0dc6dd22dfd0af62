"""Releases of Helm charts that Terraform declares: their values, set by set.

`values` documents come first, then `set`, `set_list` and `set_sensitive`, as the
provider hands them to Helm (hashicorp/helm 2.17 with blocks, 3.1 with lists of objects,
read 2026-11). Later ones win. Charts in the scanned tree are rendered.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.kubernetes.goscalars import scalar, typed
from mlsec_lint.kubernetes.govalues import merged
from mlsec_lint.kubernetes.helm import Release
from mlsec_lint.lower.in_terraform.set_paths import path_of, placed
from mlsec_lint.lower.in_terraform.texts import documents_in
from mlsec_lint.lower.reading import given
from mlsec_lint.lower.terraform_index import index_of
from mlsec_lint.source import Note
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.discovery import Tree
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.terraform.resource import Resource

#: A release, and the data source that renders a chart for others to apply.
USES = ("helm_release", "data.helm_template")
_SETS = ("set", "set_list", "set_sensitive", "set_wo")


class Stated(NamedTuple):
    """A `helm_release`: its chart as named and where from, its values as one mapping."""

    here: RootIndex
    resource: Resource
    chart: str
    repository: str
    folder: str
    values: Value


def releases_of(inputs: Inputs) -> list[Release]:
    """The releases whose charts lie in the scanned tree, for the renderer."""
    found: list[Release] = []
    for stated in stated_releases(inputs):
        if not stated.folder:
            continue
        resource = stated.resource
        found.append(
            Release(
                stated.folder,
                _text(stated.here, resource, "name") or resource.name,
                _text(stated.here, resource, "namespace") or "default",
                (stated.values,),
                resource.span,
                f"released by {stated.here.address(resource)}",
            )
        )
    return found


def stated_releases(inputs: Inputs) -> Iterator[Stated]:
    """Every use of a chart in the scan, in order; notes are kept in the inputs."""
    for here in index_of(inputs).roots:
        for resource in here.of(*USES):
            chart = _text(here, resource, "chart")
            repository = _text(here, resource, "repository")
            values = _values(resource, inputs)
            folder = _folder(inputs.tree, here, chart) if not repository else ""
            yield Stated(here, resource, chart, repository, folder, values)


def _text(here: RootIndex, resource: Resource, name: str) -> str:
    text = here.text_of(given(resource.values, name))
    return text.strip() if isinstance(text, str) else ""


def _folder(tree: Tree, here: RootIndex, chart: str) -> str:
    """The folder of a chart in the scanned tree; "" where it is none."""
    if not chart or "://" in chart or chart.startswith(("/", "~")):
        return ""
    path = posixpath.normpath(posixpath.join(here.root.path, chart))
    real = tree.realpath(path) if not path.startswith("..") else None
    if real is None or not tree.exists(posixpath.join(real, "Chart.yaml")):
        return ""
    return real


def _values(resource: Resource, inputs: Inputs) -> Value:
    made = Value({}, resource.span)
    listed = given(resource.values, "values")
    if listed is not None and listed.unknown is not None:
        inputs.notes.append(_unread(resource, listed, "the values"))
    for element in listed.elements() if listed is not None else ():
        documents = None if element.is_null else documents_in(element)
        if documents is None:
            if not element.is_null:
                inputs.notes.append(_unread(resource, element, "the values"))
            continue
        inputs.notes.extend(documents.notes)
        for value in documents.values[:1]:
            if isinstance(value.data, dict):
                made = merged(typed(value), made)
    for name in _SETS:
        for one in _entries(resource, name):
            made = _with(made, one, resource, inputs, name)
    return made


def _entries(resource: Resource, name: str) -> tuple[Value, ...]:
    found = given(resource.values, name)
    if found is None:
        return ()
    return (found,) if isinstance(found.data, dict | Unknown) else found.elements()


def _with(
    values: Value, entry: Value, resource: Resource, inputs: Inputs, name: str
) -> Value:
    """The values with one `set` put in its place."""
    label = entry.get("name")
    value = given(entry, "value")
    steps = (
        path_of(label.data)
        if label is not None and isinstance(label.data, str)
        else None
    )
    if not steps:
        inputs.notes.append(_unread(resource, entry, f"a {name}"))
        return values
    if value is None:
        return values
    if name == "set_sensitive":
        value = value.replace(sensitive=True)
    return placed(values, steps, _typed(value, given(entry, "type")))


def _typed(value: Value, sort: Value | None) -> Value:
    """As `helm --set` reads it: text, number, true, false, null or `{a,b}`."""
    data = value.data
    if not isinstance(data, str):
        return value
    if sort is not None and sort.data in ("string", "literal"):
        return value
    if data.startswith("{") and data.endswith("}"):
        parts = data[1:-1].split(",") if data != "{}" else []
        return value.replace(
            data=tuple(value.replace(data=scalar(part.strip())) for part in parts)
        )
    if data == "null":
        return value.replace(data=None)
    found = scalar(data) if data in ("true", "false") or data.isdigit() else data
    return value.replace(data=found)


def _unread(resource: Resource, value: Value, what: str) -> Note:
    unknown = value.unknown
    why = f" ({unknown.why})" if unknown is not None else ""
    text = f"{what} of {resource.address} cannot be told{why}"
    span = value.entry() or value.span or resource.span
    return Note("template-not-read", text, span.path, span, strict_only=True)
