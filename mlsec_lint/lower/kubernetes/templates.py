"""Pod templates wherever they stand: one structural walk over any kind, known or not.

A mapping with a list of `containers` is a pod spec, be it in a Job, a RayCluster or a
kind that nobody has met yet. Kinds that only quote pod specs (admission policies) are
left out by their API group.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.configs import inner_documents
from mlsec_lint.lower.kubernetes.workflow_spec import inherit
from mlsec_lint.lower.scalars import given, text_of
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.source import Span

LISTS = ("containers", "initContainers", "ephemeralContainers")

#: API groups whose objects hold patterns of pods, and no pods.
_PATTERNS = (
    "kyverno.io",
    "policies.kyverno.io",
    "gatekeeper.sh",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "autoscaling.k8s.io",
    "metrics.k8s.io",
)
_NO_ENTRY = frozenset({"status", "managedFields", "annotations", "labels", "schema"})
#: Steps of a path that do not tell one template from another.
_GENERIC = frozenset(
    {
        "spec", "template", "jobTemplate", "podTemplate", "podTemplateSpec", "templates",
        "tasks", "replicatedJobs", "rayClusterSpec", "rayClusterConfig", "workerGroupSpecs",
        "pytorchReplicaSpecs", "tfReplicaSpecs", "mpiReplicaSpecs", "xgbReplicaSpecs",
        "jaxReplicaSpecs", "paddleReplicaSpecs", "replicaSpecs", "leaderWorkerTemplate",
        "trialTemplate", "trialSpec", "components", "items", "generictemplate", "pod",
    }
)  # fmt: skip
_MODEL_SERVERS = frozenset(
    {
        "model", "sklearn", "xgboost", "lightgbm", "pytorch", "tensorflow", "triton",
        "onnx", "huggingface", "pmml", "paddle",
    }
)  # fmt: skip


@dataclass(slots=True)
class PodTemplate:
    """A pod spec found in an object.

    * `spec`: the pod spec's mapping; `metadata`: its template's, or None;
    * `label`: what tells it from the object's other templates ("Worker", "head");
    * `containers`: (list name, container) pairs, those of KServe's `model` too;
    * `span`: the entry that introduces it, for defaults;
    * `partial`: an operator makes the pod, and decides what its fields leave open;
    * `server`: the model server that the operator starts in its first container, or "".
    """

    spec: Value
    metadata: Value | None
    label: str
    containers: list[tuple[str, Value]]
    span: Span
    partial: bool = False
    server: str = ""


def pod_templates(manifest: Manifest) -> list[PodTemplate]:
    """Every pod template of an object, in the order of the file."""
    group = manifest.api_version.rpartition("/")[0]
    if any(group == name or group.endswith("." + name) for name in _PATTERNS):
        return []
    found = list(_walk(manifest.value, manifest.span))
    if group == "argoproj.io":
        inherit(manifest, found)
    found.extend(_spark(manifest))
    found.extend(_made_by_steps(manifest, group))
    _distinguish(found)
    return found


def _made_by_steps(manifest: Manifest, group: str) -> Iterator[PodTemplate]:
    """The pods of objects that steps of Argo make: YAML in `resource.manifest`."""
    if group != "argoproj.io":
        return
    spec = given(manifest.value, "spec")
    for at in (spec, given(spec, "workflowSpec")):
        listed = given(at, "templates")
        for step in listed.elements() if listed is not None else ():
            text = given(step, "resource", "manifest")
            if text is None or text.span is None:
                continue
            label = text_of(step.get("name"))
            for document in inner_documents(text):
                for template in _walk(document, text.entry() or text.span):
                    template.label = label or template.label
                    yield template


#: Fields of a SparkApplication's driver and executor that a pod or container has too.
#: sparkoperator.k8s.io v1beta2, docs/api-docs.md of kubeflow/spark-operator, 2026-11.
_SPARK_POD = (
    "hostNetwork", "nodeSelector", "tolerations", "affinity", "initContainers",
    "hostAliases", "dnsConfig", "shareProcessNamespace",
)  # fmt: skip
_SPARK_CONTAINER = ("env", "envFrom", "securityContext", "volumeMounts", "lifecycle")


def _spark(manifest: Manifest) -> Iterator[PodTemplate]:
    """The driver and the executors of a SparkApplication, whose pods Spark makes."""
    if not manifest.api_version.startswith("sparkoperator.k8s.io/"):
        return
    scheduled = given(manifest.value, "spec", "template")
    spec = scheduled if scheduled is not None else given(manifest.value, "spec")
    for name in ("driver", "executor"):
        role = given(spec, name)
        if spec is None or role is None or role.key is None:
            continue
        if given(role, "template", "spec", "containers") is not None:
            continue  # a pod template of its own: the walk has found it
        pod: dict[str, Value] = {}
        for field in _SPARK_POD:
            _copy(role, field, pod, field)
        for source in (spec, role):
            _copy(source, "volumes", pod, "volumes")
        _copy(role, "serviceAccount", pod, "serviceAccountName")
        _copy(role, "podSecurityContext", pod, "securityContext")
        inner = {"name": Value(f"spark-{name}", role.key)}
        for source in (spec, role):
            _copy(source, "image", inner, "image")
        for field in _SPARK_CONTAINER:
            _copy(role, field, inner, field)
        gpu = given(role, "gpu")
        kind, count = given(gpu, "name"), given(gpu, "quantity")
        if gpu is not None and kind is not None and count is not None:
            limits = Value({text_of(kind): count}, gpu.span, key=gpu.key)
            inner["resources"] = Value({"limits": limits}, gpu.span, key=gpu.key)
        container = Value(inner, role.span, key=role.key)
        yield PodTemplate(
            Value(pod, role.span, key=role.key),
            role,
            name,
            [("containers", container)],
            role.key,
        )


def _copy(source: Value, field: str, into: dict[str, Value], name: str) -> None:
    value = given(source, field)
    if value is not None:
        into[name] = value


def _walk(root: Value, span: Span) -> Iterator[PodTemplate]:
    """Depth first, in order; iterative, so that no nesting can exhaust the stack."""
    stack: list[tuple[Value, Value | None, str, Span]] = [(root, None, "", span)]
    while stack:
        value, parent, label, where = stack.pop()
        template = _template(value, parent, label, where)
        if template is not None:
            yield template
            hosts = given(value, "workerSpec")  # KServe: the other hosts of a model
            if hosts is not None:
                stack.append((hosts, value, "worker", hosts.key or where))
            continue
        children: list[tuple[Value, Value | None, str, Span]] = []
        for name, child in value.items():
            if name not in _NO_ENTRY and _is_collection(child):
                step = "" if name in _GENERIC else _short(name)
                children.append((child, value, step or label, child.key or where))
        for child in value.elements():
            if _is_collection(child):
                name = text_of(child.get("name") or child.get("groupName"))
                children.append((child, parent, name or label, where))
        stack.extend(reversed(children))


def _is_collection(value: Value) -> bool:
    return isinstance(value.data, dict) or bool(value.elements())


def _short(name: str) -> str:
    for ending in ("GroupSpec", "PodTemplate", "Template", "Spec"):
        if name.endswith(ending) and len(name) > len(ending):
            return name[: -len(ending)]
    return name


def _template(
    value: Value, parent: Value | None, label: str, span: Span
) -> PodTemplate | None:
    containers = list(_containers(value))
    if not containers:
        return None
    metadata = value.get("metadata") or (parent.get("metadata") if parent else None)
    return PodTemplate(value, metadata, label, containers, span)


def _containers(value: Value) -> Iterator[tuple[str, Value]]:
    if not isinstance(value.data, dict):
        return
    for name in LISTS:
        listed = value.data.get(name)  # asked of every mapping
        if listed is None or listed.is_null:
            continue
        if isinstance(listed.data, Unknown):
            if name == "containers" and value.key is not None:
                yield name, listed
            continue
        for element in listed.elements():
            if _is_container(element):
                yield name, element
    for name in ("container", "script"):  # Argo, KServe's storage container
        one = value.data.get(name)
        if one is not None and isinstance(one.data, dict) and "image" in one.data:
            yield name, one
            yield from _sidecars(value)
    if _is_predictor(value):
        for name, one in value.items():
            if name in _MODEL_SERVERS and isinstance(one.data, dict):
                yield "model", one


def _sidecars(value: Value) -> Iterator[tuple[str, Value]]:
    """Argo: containers that run beside the one of a step."""
    listed = given(value, "sidecars")
    for element in listed.elements() if listed is not None else ():
        if _is_container(element):
            yield "sidecars", element


def _is_container(value: Value) -> bool:
    if isinstance(value.data, Unknown):
        return True
    data = value.data
    return isinstance(data, dict) and bool(
        data.keys() & {"image", "name", "command", "args"}
    )


def _is_predictor(value: Value) -> bool:
    """Whether a mapping is a KServe component with its model server."""
    if value.key is None or not isinstance(value.data, dict):
        return False
    name = value.key.text.strip("\"'")
    return name in ("predictor", "transformer", "explainer")


def _distinguish(templates: list[PodTemplate]) -> None:
    """Give each template of an object a label of its own; the first needs none."""
    seen: set[str] = set()
    for number, template in enumerate(templates):
        label = template.label or str(number)
        while label in seen:
            label = f"{template.label}{number}"
            number += 1
        seen.add(label)
        template.label = label


def laid_over(layers: list[Value], span: Span) -> Value:
    """Pod specs laid over each other, the first on top; containers go by their names."""
    if not layers:
        return Value({}, span)
    fields: dict[str, Value] = {}
    for layer in reversed(layers):
        for name, value in layer.items():
            below = fields.get(name)
            if below is not None and name in ("containers", "initContainers"):
                value = _by_name(value, below)
            fields[name] = value
    return layers[0].replace(data=fields)


def _by_name(above: Value, below: Value) -> Value:
    named = {text_of(one.get("name")): one for one in below.elements()}
    made: list[Value] = []
    for one in above.elements():
        under = named.pop(text_of(one.get("name")), None)
        fields = {**dict(under.items()), **dict(one.items())} if under else None
        made.append(one if fields is None else one.replace(data=fields))
    return above.replace(data=(*made, *named.values()))
