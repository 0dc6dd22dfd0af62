"""KServe's InferenceService joined to the runtime that holds the containers of its pod.

The runtime's main container is the one called `kserve-container`, else its first. What
the service says of it wins; arguments of both are put together, the runtime's first
(kserve 0.17, pkg/controller/v1beta1/inferenceservice/utils, `MergeRuntimeContainers`).
Only a runtime that a service names is joined: which one KServe would choose by the
format of a model depends on all that the cluster has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.kubernetes.templates import laid_over, pod_templates
from mlsec_lint.lower.scalars import given, text_of
from mlsec_lint.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.kubernetes.index import Objects
    from mlsec_lint.lower.kubernetes.templates import PodTemplate

SERVICE = "InferenceService"
_GROUP = "serving.kserve.io/"
_MAIN = "kserve-container"
#: Where models lie in the pod, and the volume of a claim (read-only unless an annotation
#: says otherwise): kserve 0.17, pkg/credentials and pkg/webhook/admission/pod.
_MODELS = "/mnt/models"
_VOLUME = "kserve-pvc-source"
#: Lists of which the pod has the entries of both.
_BOTH = ("volumes", "imagePullSecrets", "tolerations")
_OF_RUNTIME = frozenset(
    {
        "supportedModelFormats", "protocolVersions", "multiModel", "disabled",
        "containers", "replicas", "builtInAdapter", "workerSpec", "grpcEndpoint",
        "grpcDataEndpoint", "httpDataEndpoint", "storageHelper", "annotations", "labels",
    }
)  # fmt: skip


def inference_templates(manifest: Manifest, objects: Objects) -> list[PodTemplate]:
    """The pods of an InferenceService, the predictor's with what its runtime says."""
    templates = pod_templates(manifest)
    runtime = serving_runtime_of(manifest, objects)
    spec = given(runtime.value, "spec") if runtime is not None else None
    for template in templates:
        listed, model = template.containers[0] if template.containers else ("", None)
        if template.label == "predictor" and listed == "model" and model is not None:
            if spec is not None:
                _join(template, model, spec)
            _claim(template, given(model, "storageUri"))
            break
    return templates


def serving_runtime_of(manifest: Manifest, objects: Objects) -> Manifest | None:
    """The runtime that a service names, where the scan holds it."""
    if manifest.kind != SERVICE or not manifest.api_version.startswith(_GROUP):
        return None
    name = text_of(given(manifest.value, "spec", "predictor", "model", "runtime"))
    if not name:
        return None
    own = objects.find("ServingRuntime", name, manifest)
    if own is not None:
        return own
    return objects.find("ClusterServingRuntime", name, manifest, cluster=True)


def joined_runtimes(manifests: Iterable[Manifest], objects: Objects) -> set[int]:
    """By `id` the runtimes whose containers are told of with the services that use them."""
    found = (serving_runtime_of(manifest, objects) for manifest in manifests)
    return {id(runtime) for runtime in found if runtime is not None}


def _join(template: PodTemplate, model: Value, runtime: Value) -> None:
    listed = given(runtime, "containers")
    containers = list(listed.elements()) if listed is not None else []
    main = next((c for c in containers if text_of(c.get("name")) == _MAIN), None)
    main = main if main is not None or not containers else containers[0]
    if main is not None:
        merged = _merged(main, model)
        others = [("containers", c) for c in containers if c is not main]
        template.containers = [("model", merged), *others, *template.containers[1:]]
    fields = {n: v for n, v in runtime.items() if n not in _OF_RUNTIME}
    below = runtime.replace(data=fields)
    pod = laid_over([template.spec, below], template.span)
    data = dict(pod.items())
    for name in _BOTH:
        above, under = given(template.spec, name), given(below, name)
        if above is not None and under is not None:
            data[name] = above.replace(data=(*above.elements(), *under.elements()))
    template.spec = pod.replace(data=data)


def _claim(template: PodTemplate, source: Value | None) -> None:
    """`pvc://claim/path`: the claim itself is mounted where models of KServe lie."""
    text = text_of(source)
    name = text.removeprefix("pvc://").partition("/")[0]
    if source is None or not text.startswith("pvc://") or not name:
        return
    listed, container = template.containers[0]
    mounts = given(container, "volumeMounts")
    known = mounts.elements() if mounts is not None else ()
    if any(text_of(m.get("mountPath")).rstrip("/") == _MODELS for m in known):
        return
    span, key = source.span, source.key
    volume = {
        "name": _made(_VOLUME, source),
        "persistentVolumeClaim": Value(
            {"claimName": _made(name, source)}, span, key=key
        ),
    }
    mount = {
        "name": _made(_VOLUME, source),
        "mountPath": _made(_MODELS, source),
        "readOnly": _made("true", source),
    }
    added = (*known, Value(mount, span, key=key))
    fields = dict(container.items()) | {"volumeMounts": Value(added, span, key=key)}
    template.containers[0] = (listed, container.replace(data=fields))
    before = given(template.spec, "volumes")
    volumes = (
        *(before.elements() if before is not None else ()),
        Value(volume, span, key=key),
    )
    data = dict(template.spec.items()) | {"volumes": Value(volumes, span, key=key)}
    template.spec = template.spec.replace(data=data)


def _made(text: str, source: Value) -> Value:
    return Value(text, source.span, key=source.key)


def _merged(main: Value, model: Value) -> Value:
    """The service's model over the runtime's main container, without its name."""
    fields = {name: value for name, value in main.items() if name != "name"}
    for name, value in model.items():
        below = fields.get(name)
        if name in ("args", "env", "volumeMounts") and below is not None:
            value = value.replace(data=(*below.elements(), *value.elements()))
        fields[name] = value
    return model.replace(data=fields)
