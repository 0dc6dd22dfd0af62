"""Whose pods load a model that another object names: adapters, trained models, caches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.kubernetes.index import namespace_of, same_cluster
from mlsec_lint.lower.kubernetes.model_kinds import first
from mlsec_lint.lower.kubernetes.templates import PodTemplate
from mlsec_lint.lower.kubernetes.workload import Pod
from mlsec_lint.lower.scalars import given, name_of, text_of
from mlsec_lint.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Thing
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.kubernetes.index import Objects
    from mlsec_lint.lower.kubernetes.model_kinds import Row

#: An adapter that more pods than these load is followed into so many of them.
_MOST = 20
_CANDIDATES = 200
_MOST_LABELS = 20


def loaders(manifest: Manifest, row: Row, objects: Objects) -> list[Pod]:
    """The pods of the scan that load the model of an object, as its fields choose them.

    By labels (`selector`) or by the name of the object whose pods they are (`owner`);
    none where the scan does not hold them or the kind does not say.
    """
    if "owner" in row:
        kind, field = row["owner"]
        named = first(manifest.value, f"spec.{field}")
        owner = objects.find(kind, name_of(named), manifest) if named else None
        return objects.pods_of(owner)[:1] if owner is not None else []
    if "selector" in row:
        labels = first(manifest.value, f"spec.{row['selector']}")
        wanted = {k: text_of(v) for k, v in labels.items()} if labels else {}
        if wanted and all(wanted.values()) and len(wanted) <= _MOST_LABELS:
            return [*_labelled(manifest, wanted, objects)][:_MOST]
    return []


def _labelled(
    manifest: Manifest, wanted: dict[str, str], objects: Objects
) -> Iterator[Pod]:
    """Pods with all labels, of the object's own root; few have the rarest of them."""
    space = namespace_of(manifest)
    lists = [objects.labelled(space, key, text) for key, text in wanted.items()]
    for pod in min(lists, key=len)[:_CANDIDATES]:
        other = pod.manifest
        labels = given(pod.template.metadata, "labels")
        if (
            other.root == manifest.root
            and same_cluster(other.cluster, manifest.cluster)
            and labels is not None
            and all(text_of(labels.get(key)) == wanted[key] for key in wanted)
        ):
            yield pod


def bare_pod(workload: Thing, manifest: Manifest) -> Pod:
    """The pod that stands for whoever loads a model, where the scan does not tell."""
    spec = Value({}, manifest.span)
    template = PodTemplate(spec, None, "", [], manifest.span, partial=True)
    return Pod(workload, template, manifest, accelerator=False, infrastructure=False)
