"""KServe's LLMInferenceService: the pods that its controller makes of it.

`spec.template` runs the model (or its leader), `spec.worker` the other hosts of a group,
`spec.prefill` the same two for the prefill half; each gets the model, and the pods are
there whatever little the object says of them. What a role does not say is taken from the
configs that `baseRefs` names, then from KServe's own presets, which no scan reads.
KServe 0.17, pkg/controller/v1alpha2/llmisvc, 2026-11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.kubernetes.templates import (
    PodTemplate,
    laid_over,
    pod_templates,
)
from mlsec_lint.lower.scalars import given, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.kubernetes.index import Objects
    from mlsec_lint.source import Span
    from mlsec_lint.value import Value

#: Label of a role, and where its pod spec stands. Each has the model.
_ROLES = (
    ("main", ("template",)),
    ("worker", ("worker",)),
    ("prefill", ("prefill", "template")),
    ("prefill-worker", ("prefill", "worker")),
)
ROLES = frozenset(label for label, _ in _ROLES)
_MOST_BASES = 20


def is_llm_service(manifest: Manifest) -> bool:
    """Whether an object is an LLMInferenceService of KServe."""
    return manifest.kind == "LLMInferenceService" and manifest.api_version.startswith(
        "serving.kserve.io/"
    )


def llm_templates(manifest: Manifest, objects: Objects) -> list[PodTemplate]:
    """The pods of an LLMInferenceService, the one that runs the model first."""
    specs = [given(manifest.value, "spec"), *_bases(manifest, objects)]
    found: list[PodTemplate] = []
    spans: set[Span] = set()
    for label, path in _ROLES:
        layers = [value for spec in specs if (value := given(spec, *path)) is not None]
        asked = label == "main" or bool(layers)
        if label == "prefill":
            asked = any(given(spec, "prefill") is not None for spec in specs)
        if not asked:
            continue
        pod = laid_over(layers, manifest.span)
        span = next((one.key for one in layers[:1] if one.key), None) or manifest.span
        spans.update(one.key for one in layers if one.key is not None)
        containers = [
            (listed, one)
            for listed in ("containers", "initContainers")
            for one in _elements(pod, listed)
        ]
        found.append(PodTemplate(pod, None, label, containers, span))
    # the scheduler's and the tokenizer's pods stand elsewhere in the object
    found.extend(t for t in pod_templates(manifest) if t.spec.key not in spans)
    return found


def _bases(manifest: Manifest, objects: Objects) -> Iterator[Value | None]:
    """The specs of the configs that an object names, the last one first: it wins."""
    references = _elements(given(manifest.value, "spec"), "baseRefs")[:_MOST_BASES]
    for reference in reversed(references):
        name = text_of(given(reference, "name"))
        config = objects.find("LLMInferenceServiceConfig", name, manifest)
        if name and config is not None:
            yield given(config.value, "spec")


def _elements(value: Value | None, name: str) -> tuple[Value, ...]:
    listed = given(value, name)
    return () if listed is None else listed.elements()
