"""Objects that serve or cache a model and hold no pod template: NIM, KubeAI, Seldon, vLLM."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.lower.jobs.sagemaker import is_request, state_request
from mlsec_lint.lower.jobs.scene import Scene
from mlsec_lint.lower.kubernetes.accelerators import container_accelerator
from mlsec_lint.lower.kubernetes.storage import claim_store
from mlsec_lint.lower.kubernetes.workload import address_of
from mlsec_lint.lower.node_paths import normal_path, sensitive
from mlsec_lint.lower.scalars import given, settled, text_of

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.kubernetes.index import Objects
    from mlsec_lint.value import Value

#: Objects of SageMaker that the ACK controller makes.
_GROUP = "sagemaker.services.k8s.aws"
#: (kind, API group) -> paths of the model's source, and of the claim that keeps it.
#: apps.nvidia.com v1alpha1, kubeai.org v1, mlops.seldon.io v1alpha1,
#: production-stack.vllm.ai v1alpha1; their CRDs read 2026-08.
_MODELS: dict[tuple[str, str], tuple[tuple[str, ...], tuple[str, ...]]] = {
    ("NIMCache", "apps.nvidia.com"): (
        ("source", "hf", "endpoint"),
        ("storage", "pvc", "name"),
    ),
    ("NIMService", "apps.nvidia.com"): ((), ("storage", "pvc", "name")),
    ("Model", "kubeai.org"): (("url",), ()),
    ("Model", "mlops.seldon.io"): (("storageUri",), ()),
    ("VLLMRuntime", "production-stack.vllm.ai"): (
        ("model", "modelURL"),
        ("storageConfig", "pvcName"),
    ),
}


def is_model_object(manifest: Manifest) -> bool:
    """Whether an object is of a kind that serves or caches a model."""
    group = manifest.api_version.partition("/")[0]
    return (manifest.kind, group) in _MODELS or (
        group == _GROUP and is_request(manifest.kind)
    )


def lower_model_object(estate: Estate, manifest: Manifest, objects: Objects) -> None:
    """The object as a workload that reads weights from its source, claim or node path."""
    key = (manifest.kind, manifest.api_version.partition("/")[0])
    if key not in _MODELS:
        _managed(estate, manifest)
        return
    source_path, claim_path = _MODELS[key]
    thing = Thing(
        "workload",
        address_of(estate, manifest),
        f"{manifest.kind}/{manifest.namespace or 'default'}/{manifest.name}",
        manifest.span,
        provider="kubernetes",
        root=manifest.root,
        library=manifest.library,
    )
    workload = estate.add(thing)
    workload.state("type", "pod", manifest.span)
    spec = given(manifest.value, "spec")
    asks, where = container_accelerator(spec) if spec is not None else (False, None)
    workload.state("accelerator", asks, where or manifest.span)
    scene = Scene(estate, workload, workload, {}, accelerator=asks)
    source = given(spec, *source_path) if source_path else None
    if source is not None and source.span is not None:
        span = source.entry() or source.span
        words = f"serves weights from {text_of(source)}"
        scene.weights_at(settled(source), "reads", words, span, None)
    claim = given(spec, *claim_path) if claim_path else None
    if claim is not None:
        _claim(estate, workload, claim, manifest, objects)
    path = given(spec, "storage", "hostPath")
    if path is not None and path.span is not None and text_of(path):
        _host(estate, workload, path)


def _managed(estate: Estate, manifest: Manifest) -> None:
    """A job, model or notebook of SageMaker that the ACK controller makes."""
    name = f"{manifest.kind}/{manifest.namespace or 'default'}/{manifest.name}"
    thing = Thing(
        "workload",
        address_of(estate, manifest),
        name,
        manifest.span,
        provider="aws",
        root=manifest.root,
        library=manifest.library,
    )
    workload = estate.add(thing)
    workload.state("type", "managed", manifest.span)
    spec = given(manifest.value, "spec")
    if spec is not None:
        state_request(estate, workload, manifest.kind, spec)


def _claim(
    estate: Estate,
    workload: Thing,
    claim: Value,
    manifest: Manifest,
    objects: Objects,
) -> None:
    span = claim.entry() or manifest.span
    name = text_of(claim)
    found = objects.find("PersistentVolumeClaim", name, manifest) if name else None
    words = f"{workload.name} keeps its model in the claim {name}"
    if found is not None:
        _, store = claim_store(estate, found, objects)
    elif name:
        address = f"PersistentVolumeClaim/{manifest.namespace or 'default'}/{name}"
        store = estate.add(Thing("store", address, address, span, "kubernetes"))
        if not store.facts:
            store.state("type", "claim", span)
            store.state("declared", value=False, span=span)
    else:
        return
    store.holds_weights("referenced", words, span)
    workload.holds_weights("referenced", words, span)
    estate.link(workload, "reads", store, span, words)


def _host(estate: Estate, workload: Thing, path: Value) -> None:
    span = path.entry() or workload.span
    normal = normal_path(text_of(path))
    words = f"{workload.name} keeps its model in {normal} of the node"
    address = f"hostPath:{normal}"
    store = estate.add(Thing("store", address, address, span))
    if not store.facts:
        store.state("type", "node-disk", span)
        store.state("declared", value=False, span=span)
        store.state("path", normal, span)
    mount = Thing(
        "mount", f"{workload.address}/volumes/model", words, span, "kubernetes"
    )
    mount.name = f"model store of {workload.name}"
    estate.add(mount)
    mount.state("type", "host", span)
    mount.state("host.path", normal, span)
    mount.state("host.sensitive", sensitive(normal), span)
    estate.link(workload, "mounts", mount, span)
    estate.link(mount, "is backed by", store, span)
    estate.link(workload, "reads", store, span, words)
    for thing in (store, mount, workload):
        thing.holds_weights("referenced", words, span)
