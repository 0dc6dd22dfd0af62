"""Documents in, objects as they would be applied out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlsec_lint.kubernetes.objects import Item, is_object, manifest, unrolled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlsec_lint.discovery import Tree
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.parse.document import Document
    from mlsec_lint.source import Note


@dataclass(slots=True)
class Rendered:
    """The Kubernetes objects of a scan.

    * `manifests`: every object of every root, and the plain ones;
    * `consumed`: (path, id(document)) of each document that is Kubernetes or was used
      to render it, so that nobody reads it as something else;
    * `roots`: the rendered roots by kind: {"kustomize": ["overlays/prod"], "helm": ...}.
    """

    manifests: list[Manifest] = field(default_factory=list)
    consumed: set[tuple[str, int]] = field(default_factory=set)
    notes: list[Note] = field(default_factory=list)
    roots: dict[str, list[str]] = field(default_factory=dict)


def render(tree: Tree, documents: Sequence[tuple[str, Document]]) -> Rendered:
    """All Kubernetes objects of the tree as they would be applied.

    Documents that are no Kubernetes are left to others (not in `consumed`).
    """
    rendered = Rendered()
    used: set[str] = set()
    for path, document in documents:
        if path in used or document.skipped:
            rendered.consumed.add((path, id(document)))
        elif is_object(document.value):
            rendered.consumed.add((path, id(document)))
            for value in unrolled(document.value):
                rendered.manifests.append(manifest(Item(value, path)))
    _tell_apart(rendered.manifests)
    return rendered


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
