"""Uses of charts that the repository's own objects state: Argo CD and Flux.

An Argo CD Application may name a folder of the repository that it deploys from, and a
Flux HelmRelease a chart in it. Whose repository they mean cannot be told; a folder of
that name with a Chart.yaml is taken to be it. An ApplicationSet is every Application
that its generators make.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.kubernetes.application_sets import ApplicationSets
from mlsec_lint.kubernetes.goscalars import literal
from mlsec_lint.kubernetes.helm import Release
from mlsec_lint.kubernetes.objects import words
from mlsec_lint.parse.embedded import embedded
from mlsec_lint.parse.yaml import yaml_documents
from mlsec_lint.patterns import regex
from mlsec_lint.value import Value

#: Names of values files beside a chart's own `values`, and how many are followed.
_VALUES = regex(r"values[-_.].+|.+[-_.]values")
_MAX_VARIANTS = 20

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mlsec_lint.discovery import Tree
    from mlsec_lint.parse.document import Document
    from mlsec_lint.source import Note

    Read = Callable[[str], list[Document]]


def stated_releases(
    tree: Tree,
    documents: Sequence[tuple[str, Document]],
    read: Read,
    notes: list[Note] | None = None,
) -> list[Release]:
    """Releases of charts of the tree, in the order of the documents.

    `notes` gets what generators of applications could not be followed.
    """
    sets = ApplicationSets(tree)
    found: list[Release] = []
    for path, document in documents:
        value = document.value
        kind, version = words(value.get("kind")), words(value.get("apiVersion"))
        if kind == "Application" and version.startswith("argoproj.io/"):
            found.extend(_argo(tree, path, value, read))
        elif kind == "ApplicationSet" and version.startswith("argoproj.io/"):
            for application in sets.applications(path, value):
                found.extend(_argo(tree, path, application, read))
        elif kind == "HelmRelease" and version.startswith("helm.toolkit.fluxcd.io/"):
            found.extend(_flux(tree, path, value))
    if notes is not None:
        notes.extend(sets.notes)
    return found


def variants(tree: Tree, chart: str, read: Read) -> list[Release]:
    """A release for each values file beside a chart's own: one is kept to be used.

    A file is one where its name says so and most of its names are names of the chart's
    own values; what stands in `ci/` is for the chart's tests.
    """
    own = _names(tree, _below(chart, "values.yaml"), read)
    found: list[Release] = []
    for name in tree.listing(chart):
        stem, _, ending = name.rpartition(".")
        if ending not in ("yaml", "yml") or not _VALUES.fullmatch(stem):
            continue
        path = _below(chart, name)
        names = _names(tree, path, read)
        if 2 * len(names & own) <= len(names):
            continue
        for document in read(path):
            values = (literal(document.value),)
            words = f"with the values of {path}"
            span = document.value.span
            found.append(
                Release(chart, values=values, span=span, words=words, label=stem)
            )
            break
    return found[:_MAX_VARIANTS]


def _names(tree: Tree, path: str, read: Read) -> set[str]:
    if not tree.exists(path):
        return set()
    return {
        name
        for document in read(path)
        if isinstance(document.value.data, dict)
        for name in document.value.data
        if name != "global"
    }


def _below(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _chart(tree: Tree, named: Value | None) -> str | None:
    """The folder of a chart that a text names, or None."""
    text = words(named)
    folder = tree.realpath(text) if text and not text.startswith("/") else None
    if folder is None or not tree.exists(
        f"{folder}/Chart.yaml" if folder else "Chart.yaml"
    ):
        return None
    return folder


def _argo(tree: Tree, path: str, value: Value, read: Read) -> Iterator[Release]:
    several = value.at("spec", "sources")
    one = value.at("spec", "source")
    sources = several.elements() if several is not None else ()
    for source in sources or ((one,) if one is not None else ()):
        named = source.get("path")
        folder = _chart(tree, named)
        if folder is None or named is None:
            continue
        helm = source.get("helm") or Value({})
        yield Release(
            folder,
            words(helm.get("releaseName")) or words(value.at("metadata", "name")),
            words(value.at("spec", "destination", "namespace")) or "default",
            tuple(_argo_values(tree, folder, helm, read)),
            named.entry(),
            f"released by {path}",
            destination=words(value.at("spec", "destination", "name"))
            or words(value.at("spec", "destination", "server")),
        )


def _argo_values(tree: Tree, folder: str, helm: Value, read: Read) -> Iterator[Value]:
    """Value files, then inline values, then parameters: the later wins."""
    files = helm.get("valueFiles")
    for named in files.elements() if files is not None else ():
        text = words(named)
        if text.startswith("$"):  # a file of another source: a path from its root
            text = text.partition("/")[2]
        else:
            text = f"{folder}/{text}" if folder else text
        real = tree.realpath(text)
        if real is not None and tree.exists(real):
            yield from (literal(document.value) for document in read(real))
    inline = helm.get("values")
    source = embedded(inline) if inline is not None else None
    if source is not None:
        yield from (document.value for document in yaml_documents(source)[0])
    given = helm.get("valuesObject")
    if given is not None:
        yield given
    parameters = helm.get("parameters")
    for parameter in parameters.elements() if parameters is not None else ():
        content = parameter.get("value")
        if content is not None:
            yield _nested(words(parameter.get("name")), content)


def _nested(path: str, value: Value) -> Value:
    """`a.b` and a value as `{a: {b: value}}`."""
    for name in reversed(path.replace("\\.", "\0").split(".")[:50]):
        value = Value({name.replace("\0", "."): value}, value.span, key=value.key)
    return value


def _flux(tree: Tree, path: str, value: Value) -> Iterator[Release]:
    named = value.at("spec", "chart", "spec", "chart")
    folder = _chart(tree, named)
    if folder is None or named is None:
        return
    values = value.at("spec", "values")
    namespace = words(value.at("spec", "targetNamespace"))
    yield Release(
        folder,
        words(value.at("spec", "releaseName")) or words(value.at("metadata", "name")),
        namespace or words(value.at("metadata", "namespace")) or "default",
        () if values is None else (values,),
        named.entry(),
        f"released by {path}",
    )
