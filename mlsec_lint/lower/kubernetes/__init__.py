"""Kubernetes objects in estate words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.configs import Configs
from mlsec_lint.lower.kubernetes.confidential import lower_confidential
from mlsec_lint.lower.kubernetes.containers import (
    container_scene,
    container_secrets,
    read_programs,
)
from mlsec_lint.lower.kubernetes.fluid import lower_datasets
from mlsec_lint.lower.kubernetes.index import Objects
from mlsec_lint.lower.kubernetes.keep import lower_keep
from mlsec_lint.lower.kubernetes.kinds import KINDS
from mlsec_lint.lower.kubernetes.kserve import (
    ROLES,
    is_llm_service,
    llm_templates,
)
from mlsec_lint.lower.kubernetes.made_pods import operator_templates
from mlsec_lint.lower.kubernetes.model_kinds import model_row
from mlsec_lint.lower.kubernetes.models import is_managed, lower_managed, state_models
from mlsec_lint.lower.kubernetes.reclaim import lower_reclaim
from mlsec_lint.lower.kubernetes.rights import lower_account, lower_binding, run_as
from mlsec_lint.lower.kubernetes.serving_runtime import (
    SERVICE,
    inference_templates,
    joined_runtimes,
)
from mlsec_lint.lower.kubernetes.sharing import lower_sharing
from mlsec_lint.lower.kubernetes.snapshots import lower_snapshots
from mlsec_lint.lower.kubernetes.storage import claim_store
from mlsec_lint.lower.kubernetes.templates import PodTemplate, pod_templates
from mlsec_lint.lower.kubernetes.together import Read, lend_to_launcher
from mlsec_lint.lower.kubernetes.train_job import runtime_of, train_job_templates
from mlsec_lint.lower.kubernetes.volumes import Volumes
from mlsec_lint.lower.kubernetes.workload import (
    address_of,
    lower_container,
    lower_workload,
)
from mlsec_lint.lower.scalars import given, text_of
from mlsec_lint.source import Note
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.jobs.run import Runner
    from mlsec_lint.lower.kubernetes.workload import Pod


#: Kinds that have a pod template, always.
_WITH_PODS = frozenset(
    {"Pod", "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "ReplicaSet"}
)


#: Kinds that workloads refer to by name, and that refer to no workload.
_REFERRED_TO = frozenset(
    {
        "ConfigMap",
        "PersistentVolumeClaim",
        "Secret",
        "ServiceAccount",
    }
)


def lower_kubernetes(inputs: Inputs, estate: Estate) -> None:
    """Lower every rendered manifest: workloads, storage, identities, bindings."""
    objects = inputs.objects = Objects(inputs.manifests)
    configs = Configs(inputs)
    runners: list[Runner] = []
    # What workloads refer to comes first: the order of documents tells nothing.
    ordered = sorted(inputs.manifests, key=_turn)
    joined = joined_runtimes(inputs.manifests, objects)
    for manifest in ordered:
        kind = manifest.kind
        inputs.recognised[kind] = inputs.recognised.get(kind, 0) + 1
        if id(manifest) in joined:
            continue
        runners.extend(_lower(estate, manifest, objects, configs))
    for runner in runners:  # copies, once all that holds weights is known
        runner.finish()
    lower_confidential(objects)
    lower_reclaim(estate, objects)
    lower_snapshots(estate, objects)
    lower_sharing(estate, objects)
    lower_datasets(estate, objects)


def _turn(manifest: Manifest) -> int:
    """What pods refer to first; last, what the pods of other objects load."""
    if manifest.kind in _REFERRED_TO:
        return 0
    row = model_row(manifest)
    return 2 if row is not None and row["made"] == "load" else 1


def _lower(
    estate: Estate, manifest: Manifest, objects: Objects, configs: Configs
) -> list[Runner]:
    if manifest.kind in ("Secret", "ConfigMap"):
        lower_keep(estate, manifest)
    elif manifest.kind == "ServiceAccount":
        lower_account(estate, manifest)
    elif manifest.kind in ("RoleBinding", "ClusterRoleBinding"):
        lower_binding(estate, manifest)
    elif manifest.kind == "PersistentVolumeClaim":
        claim_store(estate, manifest, objects)
    elif is_managed(manifest):
        lower_managed(estate, manifest)
    else:
        return _workloads(estate, manifest, objects, configs)
    return []


def _workloads(
    estate: Estate, manifest: Manifest, objects: Objects, configs: Configs
) -> list[Runner]:
    templates = _templates(manifest, objects)
    base = address_of(estate, manifest)
    pods: list[tuple[Pod, list[Runner]]] = []
    waiting: list[tuple[Pod, list[Read]]] = []
    for number, template in enumerate(templates):
        pod = lower_workload(estate, manifest, template, base, first=number == 0)
        objects.pods.append(pod)
        scenes = _scenes(estate, pod, template, objects, configs, base)
        if manifest.kind == "MPIJob":  # what one pod starts runs on the others
            waiting.append((pod, list(scenes)))
        else:
            pods.append((pod, [read_programs(*one) for one in scenes]))
    lend_to_launcher(waiting)
    for pod, ready in waiting:
        pods.append((pod, [read_programs(*one) for one in ready]))
    extra = KINDS.get(manifest.kind)
    if extra is not None:
        extra(estate, manifest, pods, objects)
    row = model_row(manifest)
    if row is not None:
        state_models(estate, manifest, row, pods, objects)
    if not pods and manifest.kind in _WITH_PODS:
        estate.note([_no_pod(manifest)])
    return [runner for _, runners in pods for runner in runners]


def _templates(manifest: Manifest, objects: Objects) -> list[PodTemplate]:
    """The pods of an object; of kinds that take some from elsewhere, those too."""
    if manifest.kind == "TrainJob":
        return train_job_templates(manifest, objects)
    if is_llm_service(manifest):
        return llm_templates(manifest, objects)
    if manifest.kind == SERVICE:
        return inference_templates(manifest, objects)
    row = model_row(manifest)
    if row is not None:
        return operator_templates(manifest, row, objects)
    return pod_templates(manifest)


def _no_pod(manifest: Manifest) -> Note:
    text = f"no pod template was found in {manifest.kind} {manifest.name}"
    span = manifest.span
    return Note("template-not-read", text, span.path, span, strict_only=True)


def _scenes(
    estate: Estate,
    pod: Pod,
    template: PodTemplate,
    objects: Objects,
    configs: Configs,
    base: str,
) -> Iterator[Read]:
    """The containers of a pod as scenes, each with the server it starts by itself."""
    if not template.partial or given(template.spec, "serviceAccountName") is not None:
        run_as(estate, pod, objects)
    volumes = Volumes(
        estate,
        pod.manifest,
        objects,
        pod.workload,
        template.spec,
        _claims(pod, objects),
        base,
    )
    for listed, container in template.containers:
        if isinstance(container.data, Unknown):
            estate.note([_unread(pod.manifest, container)])
            continue
        holder = lower_container(estate, pod, listed, container)
        scene = container_scene(
            estate, pod, holder, container, volumes, objects, configs
        )
        container_secrets(scene, container)
        yield scene, container, _usual(pod, listed, container)
    volumes.all()


def _usual(pod: Pod, listed: str, container: Value) -> str:
    """The server that an operator starts in a container without a command."""
    template = pod.template
    if template.server and container is template.containers[0][1]:
        return template.server
    main = listed == "containers" and text_of(container.get("name")) == "main"
    known = pod.template.label in ROLES and is_llm_service(pod.manifest)
    return "vllm" if main and known else ""


def _unread(manifest: Manifest, container: Value) -> Note:
    assert isinstance(container.data, Unknown)
    span = container.span or manifest.span
    text = f"containers of {manifest.kind} {manifest.name}: {container.data.why}"
    return Note("template-not-read", text, span.path, span, strict_only=True)


def _claims(pod: Pod, objects: Objects) -> dict[str, Value]:
    """Claims that an object makes for its pods, by the name under which they mount them.

    `volumeClaimTemplates` of a StatefulSet; `volumeClaimPolicies` of a JobSet (v0.10,
    read 2026-11), which a training runtime holds and its jobs take over.
    """
    root = pod.manifest
    if root.kind == "TrainJob":
        root = runtime_of(root, objects) or root
    templates = list(_elements(root.value, "spec", "volumeClaimTemplates"))
    for path in (("spec",), ("spec", "template", "spec")):
        for policy in _elements(root.value, *path, "volumeClaimPolicies"):
            templates.extend(_elements(policy, "templates"))
    found: dict[str, Value] = {}
    for element in templates:
        name = text_of(given(element, "metadata", "name"))
        if name:
            found[name] = element
    return found


def _elements(value: Value, *path: str) -> tuple[Value, ...]:
    listed = given(value, *path)
    return () if listed is None else listed.elements()
