"""Kubeflow Trainer v2: a TrainJob joined to the runtime that holds its pod template."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.kubernetes.templates import (
    PodTemplate,
    laid_over,
    pod_templates,
)
from mlsec_lint.lower.scalars import given, text_of
from mlsec_lint.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.kubernetes.index import Objects

_OVER = ("image", "command", "args")
_NODE = ("node", "trainer", "trainer-node", "launcher")


def train_job_templates(manifest: Manifest, objects: Objects) -> list[PodTemplate]:
    """The templates of a TrainJob's runtime, with what the job itself sets on top.

    Where the scan does not hold the runtime, one template of what the job says.
    """
    trainer = given(manifest.value, "spec", "trainer")
    runtime = runtime_of(manifest, objects)
    templates = pod_templates(runtime) if runtime is not None else []
    if not templates:
        return [_alone(manifest, trainer)]
    chosen = next((t for t in templates if t.label in _NODE), templates[0])
    if trainer is not None:
        chosen.containers = [
            (
                listed,
                _overlaid(container, trainer) if listed == "containers" else container,
            )
            for listed, container in chosen.containers
        ]
    for template in templates:
        template.spec = _overridden(manifest, template)
        template.span = manifest.span
    return [chosen, *(t for t in templates if t is not chosen)]


def runtime_of(manifest: Manifest, objects: Objects) -> Manifest | None:
    """The runtime that a TrainJob names, where the scan holds it."""
    reference = given(manifest.value, "spec", "runtimeRef")
    name = text_of(given(reference, "name"))
    kind = text_of(given(reference, "kind")) or "ClusterTrainingRuntime"
    if not name:
        return None
    cluster = kind == "ClusterTrainingRuntime"
    return objects.find(kind, name, manifest, cluster=cluster)


def _overlaid(container: Value, trainer: Value) -> Value:
    data = dict(container.items())
    for name in _OVER:
        value = given(trainer, name)
        if value is not None:
            data[name] = value
    env = given(trainer, "env")
    if env is not None:
        before = data.get("env")
        elements = (before.elements() if before is not None else ()) + env.elements()
        data["env"] = env.replace(data=elements)
    resources = given(trainer, "resourcesPerNode")
    if resources is not None:
        data["resources"] = resources
    return container.replace(data=data)


def _overridden(manifest: Manifest, template: PodTemplate) -> Value:
    """`podTemplateOverrides` whose target jobs name this template (or none)."""
    listed = given(manifest.value, "spec", "podTemplateOverrides")
    data = dict(template.spec.items())
    for override in listed.elements() if listed is not None else ():
        targets = given(override, "targetJobs")
        names = [text_of(t.get("name")) for t in targets.elements()] if targets else []
        spec = given(override, "spec")
        if spec is None or (names and template.label not in names):
            continue
        data.update((k, v) for k, v in spec.items() if k != "containers")
    pod = template.spec.replace(data=data)
    patches = list(_patches(manifest, template.label))
    if not patches:
        return pod
    bare = dict(pod.items())
    inner = [one for listed, one in template.containers if listed == "containers"]
    bare["containers"] = Value(tuple(inner), template.span)
    whole = laid_over([*reversed(patches), pod.replace(data=bare)], template.span)
    boxes = whole.get("containers")
    others = [pair for pair in template.containers if pair[0] != "containers"]
    template.containers = [
        *(("containers", one) for one in (boxes.elements() if boxes else ())),
        *others,
    ]
    return whole


def _patches(manifest: Manifest, label: str) -> Iterator[Value]:
    """Pod specs of `runtimePatches` for a job of the runtime (Trainer 2.2, 2026-11)."""
    path = ("trainingRuntimeSpec", "template", "spec", "replicatedJobs")
    for patch in _listed(given(manifest.value, "spec", "runtimePatches")):
        for job in _listed(given(patch, *path)):
            spec = given(job, "template", "spec", "template", "spec")
            if spec is not None and text_of(given(job, "name")) in (label, ""):
                yield spec


def _listed(value: Value | None) -> tuple[Value, ...]:
    return () if value is None else value.elements()


def _alone(manifest: Manifest, trainer: Value | None) -> PodTemplate:
    """A template from the job alone: a container `node` and the overrides' pod fields."""
    name = Value("node", manifest.span)
    data: dict[str, Value] = {"name": name}
    if trainer is not None:
        for field in (*_OVER, "env"):
            value = given(trainer, field)
            if value is not None:
                data[field] = value
        resources = given(trainer, "resourcesPerNode")
        if resources is not None:
            data["resources"] = resources
    span = (trainer.key if trainer is not None else None) or manifest.span
    container = Value(data, span)
    template = PodTemplate(
        Value({}, span), None, "node", [("containers", container)], manifest.span
    )
    template.spec = _overridden(manifest, template)
    return template
