"""Documents in, objects as they would be applied out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlsec_lint.kubernetes.helm import Charts, Release, chart_folders
from mlsec_lint.kubernetes.helm_check import Built
from mlsec_lint.kubernetes.kustomize import NAMES, Kustomizer
from mlsec_lint.kubernetes.objects import (
    CLUSTER_SCOPED,
    UNKNOWN_KIND,
    Item,
    address,
    has_unknown_kind,
    header,
    is_object,
    manifest,
    unrolled,
    words,
)
from mlsec_lint.kubernetes.releases import stated_releases, variants
from mlsec_lint.parse.yaml import documents as parse
from mlsec_lint.source import Note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlsec_lint.discovery import Tree
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.parse.document import Document
    from mlsec_lint.value import Value


@dataclass(slots=True)
class Rendered:
    """The Kubernetes objects of a scan.

    * `manifests`: every object of every root, and the plain ones;
    * `consumed`: (path, id(document)) of each document that is Kubernetes or was used
      to render it, so that nobody reads it as something else;
    * `roots`: the rendered roots by kind: {"kustomize": ["overlays/prod"], "helm": ...};
    * `templates`: files that were rendered, so that what was said of reading them
      unrendered (`template-not-read`) does not count any more;
    * `built`: the releases of charts, each with its objects.
    """

    manifests: list[Manifest] = field(default_factory=list)
    consumed: set[tuple[str, int]] = field(default_factory=set)
    notes: list[Note] = field(default_factory=list)
    roots: dict[str, list[str]] = field(default_factory=dict)
    templates: set[str] = field(default_factory=set)
    built: list[Built] = field(default_factory=list)


def render(
    tree: Tree,
    documents: Sequence[tuple[str, Document]],
    releases: Sequence[Release] = (),
    written: Sequence[Release] = (),
) -> Rendered:
    """All Kubernetes objects of the tree as they would be applied.

    Documents that are no Kubernetes are left to others (not in `consumed`). `releases`
    are uses of charts that somebody else states (Terraform); those that Argo CD and
    Flux objects state are found here. `written` are uses that a README or a script
    writes out: they count for charts that nothing else deploys. A chart without any is
    rendered with its own default values and is a library.
    """
    rendered = Rendered()
    reader = _Reader(tree, documents)
    kustomizer = Kustomizer(tree, reader.read)
    _render_overlays(kustomizer, documents, rendered)
    charts = Charts(tree, reader.read)
    releases = (
        *releases,
        *stated_releases(tree, documents, reader.read, rendered.notes),
    )
    deployed = {release.chart for release in releases}
    releases = (*releases, *(one for one in written if one.chart not in deployed))
    _render_charts(charts, documents, releases, rendered)
    for notes in (kustomizer.notes, charts.notes, reader.notes):
        rendered.notes.extend(notes)
    rendered.templates = charts.rendered
    used = kustomizer.used | charts.used
    for path, document in documents:
        if document.skipped or path in used:
            rendered.consumed.add((path, id(document)))
        elif is_object(document.value):
            rendered.consumed.add((path, id(document)))
            for value in unrolled(document.value):
                rendered.manifests.append(manifest(Item(value, path)))
        elif has_unknown_kind(document.value):
            rendered.consumed.add((path, id(document)))
            rendered.notes.append(_unknown_kind(document.value))
    _tell_apart(rendered.manifests)
    return rendered


class _Reader:
    """Documents by path: those of the scan, and files that only a rendering names."""

    def __init__(self, tree: Tree, documents: Sequence[tuple[str, Document]]) -> None:
        self.tree = tree
        self.notes: list[Note] = []
        self.known: dict[str, list[Document]] = {}
        for path, document in documents:
            self.known.setdefault(path, []).append(document)

    def read(self, path: str) -> list[Document]:
        """The documents of a file under whatever name; [] where it cannot be read."""
        real = self.tree.realpath(path)
        if real is None:
            return []
        if real not in self.known:
            source = self.tree.source(real)
            found, notes = ([], []) if source is None else parse(source)
            self.notes.extend(notes)
            self.known[real] = found
        return self.known[real]


def _render_overlays(
    kustomizer: Kustomizer,
    documents: Sequence[tuple[str, Document]],
    rendered: Rendered,
) -> None:
    """Build each kustomization that no other one includes."""
    folders = [
        path.rpartition("/")[0]
        for path in dict.fromkeys(path for path, _ in documents)
        if path.rpartition("/")[2] in NAMES
    ]
    folders = [one for one in folders if kustomizer.kustomization(one) is not None]
    included = {
        inner for one in folders for inner in kustomizer.included(one) if inner != one
    }
    roots = [one for one in folders if one not in included]
    # what only a circle includes has no root of its own: its first folder stands in
    for folder in (*roots, *(one for one in folders if one in included)):
        if folder in included and folder in kustomizer.entered:
            continue
        found = kustomizer.kustomization(folder)
        assert found is not None
        library = words(found[1].get("kind")) == "Component"
        rendered.roots.setdefault("kustomize", []).append(folder)
        for item in kustomizer.build(folder):
            rendered.manifests.append(manifest(item, folder, library=library))


def _render_charts(
    charts: Charts,
    documents: Sequence[tuple[str, Document]],
    releases: Sequence[Release],
    rendered: Rendered,
) -> None:
    """Each release; of a chart that has none each values file beside its own.

    A chart without either is rendered with its default values and is a library.
    """
    folders = chart_folders(list(dict.fromkeys(path for path, _ in documents)))
    stated = {release.chart for release in releases}
    beside = [
        variant
        for folder in folders
        if folder not in stated
        for variant in variants(charts.tree, folder, charts.read)
    ]
    releases = (*releases, *beside)
    uses = Counter(release.chart for release in releases)
    defaults = [Release(folder) for folder in folders if folder not in uses]
    for release in (*releases, *defaults):
        items = charts.build(release)
        if not items and release.chart not in folders:
            continue
        several = uses[release.chart] > 1
        rendered.built.append(Built(release, tuple(items)))
        label = release.label or release.name
        root = f"{release.chart}@{label}" if several or release.label else release.chart
        rendered.roots.setdefault("helm", []).append(root)
        library = release.chart not in uses
        made = [manifest(one, root, library=library) for one in items]
        _put_in(release.namespace, made)
        for one in made:
            one.destination = release.destination
        rendered.manifests.extend(made)


def _put_in(namespace: str, manifests: Sequence[Manifest]) -> None:
    """What a release renders goes to its namespace, if it does not say another."""
    for one in manifests:
        if not one.namespace and one.kind not in CLUSTER_SCOPED:
            one.namespace = "" if namespace == "default" else namespace
            one.address = address(one.kind, namespace, one.name)


def _unknown_kind(value: Value) -> Note:
    """A note about an object that no lowering can take."""
    span = header(value)
    return Note("template-not-read", UNKNOWN_KIND, span.path, span, strict_only=True)


def _tell_apart(manifests: list[Manifest]) -> None:
    """Objects of the same address in different roots or files carry those in front."""
    places: dict[str, set[str]] = {}
    for one in manifests:
        places.setdefault(one.address, set()).add(_place(one))
    for one in manifests:
        if len(places[one.address]) > 1:
            one.address = f"{_place(one)}:{one.address}"


def _place(one: Manifest) -> str:
    return one.root or one.span.path
