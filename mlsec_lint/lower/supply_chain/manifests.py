"""Kubernetes objects: KServe's stores and revisions, Ray's runtime environments, Ingress.

Annotations of KServe: `serving.kserve.io/s3-endpoint`, `s3-usehttps`, `s3-verifyssl` on a
Secret or ServiceAccount (KServe 0.15 documentation of S3 storage, 2026-11).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.configs import inner_document
from mlsec_lint.lower.jobs.endpoint_things import state_endpoint
from mlsec_lint.lower.jobs.fetch_things import state_fetch
from mlsec_lint.lower.jobs.fetches import (
    Fetch,
    commit_in,
    hub_fetch,
    package_list,
    shown,
)
from mlsec_lint.lower.jobs.hosts import host_of
from mlsec_lint.lower.jobs.transports import Channel, state_channel
from mlsec_lint.lower.scalars import given, name_of, settled, text_of
from mlsec_lint.lower.stores import store_uri
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.kubernetes.index import Objects
    from mlsec_lint.value import Value

_KSERVE = "serving.kserve.io/"
_SERVING = frozenset({"InferenceService", "LLMInferenceService", "TrainJob", "Model"})
#: Kinds whose URIs are all models.
_SERVED = frozenset({"InferenceService", "LLMInferenceService"})
_URIS = ("storageUri", "uri", "url")
#: A hub in China that KServe's and Kubeflow's initializers fetch from.
_MODELSCOPE = "modelscope://"
_MOST = 2_000
#: Annotations by which a front has a certificate that `spec.tls` does not name: AWS load
#: balancer controller 2.13, GKE Ingress, Azure application gateway, ingress-nginx, 2026-11.
_CERTIFICATES = (
    "alb.ingress.kubernetes.io/certificate-arn",
    "networking.gke.io/managed-certificates",
    "networking.gke.io/certmap",
    "ingress.gcp.kubernetes.io/pre-shared-cert",
    "appgw.ingress.kubernetes.io/appgw-ssl-certificate",
    "nginx.ingress.kubernetes.io/ssl-passthrough",
    "traefik.ingress.kubernetes.io/router.tls",
    "tailscale.com/tailnet-fqdn",
)


def lower_manifests(inputs: Inputs, estate: Estate) -> None:
    """State what manifests say beside the commands of their containers."""
    objects = inputs.objects
    if objects is None:
        return
    owners = _workloads(estate)
    for manifest in inputs.manifests:
        if manifest.kind in _SERVING:
            for workload in owners.get(_key(manifest), ())[:1]:
                _sources(estate, workload, manifest)
                _credentials(estate, workload, manifest, objects)
        elif manifest.kind in ("RayJob", "RayService", "RayCluster"):
            for workload in owners.get(_key(manifest), ())[:1]:
                _runtime(estate, workload, manifest)
    _fronts(inputs, estate)


def _key(manifest: Manifest) -> tuple[str, int]:
    return manifest.span.path, manifest.span.start


def _workloads(estate: Estate) -> dict[tuple[str, int], list[Thing]]:
    """Workloads by where their object's header stands."""
    found: dict[tuple[str, int], list[Thing]] = {}
    for workload in estate.of("workload"):
        key = (workload.span.path, workload.span.start)
        found.setdefault(key, []).append(workload)
    return found


def _values(root: Value, names: tuple[str, ...]) -> Iterator[Value]:
    stack, count = [root], 0
    while stack and count < _MOST:
        value = stack.pop()
        count += 1
        for name, child in value.items():
            if name in names and child.text() is not None:
                yield child
            else:
                stack.append(child)
        stack.extend(value.elements())


def _sources(estate: Estate, workload: Thing, manifest: Manifest) -> None:
    """`storageUri: hf://org/model[:revision]`; `http://` instead of TLS."""
    spec = given(manifest.value, "spec")
    for value in _values(spec, _URIS) if spec is not None else ():
        text = text_of(value)
        span = value.entry() or manifest.span
        if text.startswith("hf://"):
            data = given(spec, "initializer", "dataset", "storageUri")
            same = data is not None and data.span == value.span
            fetch = hub_fetch("dataset" if same else "model", value, None)
            if fetch is not None:
                state_fetch(estate, workload, fetch)
        elif text.startswith(_MODELSCOPE):
            name = text.removeprefix(_MODELSCOPE)
            hub = Fetch("model", name, span, "www.modelscope.cn", pinned=False)
            state_fetch(estate, workload, hub)
        elif text.startswith(("http://", "https://")) and store_uri(text) is None:
            if manifest.kind in _SERVED:
                fixed = commit_in(text)
                web = Fetch("model", text, span, host_of(text), fixed)
                state_fetch(estate, workload, web)
            if text.startswith("http://"):
                channel = Channel(text, span, host_of(text), encrypted=False)
                state_channel(estate, workload, channel)


def _credentials(
    estate: Estate, workload: Thing, manifest: Manifest, objects: Objects
) -> None:
    """Annotations of the account of a service, and of the secrets it lists."""
    predictor = given(manifest.value, "spec", "predictor")
    name = name_of(given(predictor, "serviceAccountName"))
    account = objects.find("ServiceAccount", name, manifest) if name else None
    if account is None:
        return
    holders = [account]
    listed = given(account.value, "secrets")
    for entry in listed.elements()[:20] if listed is not None else ():
        secret = objects.find("Secret", name_of(given(entry, "name")), account)
        if secret is not None:
            holders.append(secret)
    for holder in holders:
        annotations = given(holder.value, "metadata", "annotations")
        if annotations is not None:
            _annotated(estate, workload, annotations)


def _annotated(estate: Estate, workload: Thing, annotations: Value) -> None:
    for label, value in annotations.items():
        span = value.entry() or value.span
        name = label.removeprefix(_KSERVE)
        if span is None or name == label:
            continue
        if name == "s3-endpoint":
            found = settled(value)
            state_endpoint(estate, workload, "s3", label, found, span)
        elif name in ("s3-usehttps", "s3-verifyssl"):
            text = settled(value).text()
            on = text if isinstance(text, Unknown) else text not in ("0", "false")
            if name == "s3-usehttps":
                channel = Channel(label, span, encrypted=on)
            else:
                channel = Channel(label, span, verified=on)
            state_channel(estate, workload, channel)


def _runtime(estate: Estate, workload: Thing, manifest: Manifest) -> None:
    """`runtimeEnvYAML`, and `runtime_env` of Serve applications."""
    legacy = given(manifest.value, "spec", "serveConfig", "runtimeEnv")
    for field in ("runtimeEnvYAML", "serveConfigV2", "serveConfig"):
        text = given(manifest.value, "spec", field)
        if field == "serveConfig":  # of v1alpha1 before KubeRay 1.0: YAML in a string
            text, field = legacy, "runtimeEnvYAML"
        inner = inner_document(text) if text is not None else None
        if inner is None:
            continue
        environments = [inner] if field == "runtimeEnvYAML" else []
        applications = given(inner, "applications")
        for one in applications.elements()[:100] if applications is not None else ():
            environment = given(one, "runtime_env")
            environments += [environment] if environment is not None else []
        for environment in environments:
            _environment(estate, workload, environment)


def _environment(estate: Estate, workload: Thing, environment: Value) -> None:
    for field in ("working_dir", "py_modules"):
        named = given(environment, field)
        for value in (named.elements() or (named,)) if named is not None else ():
            if text_of(value).startswith(("http://", "https://")):
                state_fetch(estate, workload, _archive(value))
    for field in ("pip", "uv"):
        listed = given(environment, field)
        packages = given(listed, "packages") or listed
        fetch = package_list(packages) if packages is not None else None
        if fetch is not None:
            state_fetch(estate, workload, fetch)


def _archive(value: Value) -> Fetch:
    found = shown(value)
    span = value.entry() or value.span
    assert span is not None
    return Fetch("code", found, span, host_of(found), commit_in(found), executed=True)


def _fronts(inputs: Inputs, estate: Estate) -> None:
    """An Ingress without TLS in front of a workload."""
    services = {(s.span.path, s.span.start): s for s in estate.of("service")}
    for manifest in inputs.manifests:
        service = services.get(_key(manifest)) if manifest.kind == "Ingress" else None
        if service is None:
            continue
        tls = given(manifest.value, "spec", "tls")
        annotations = given(manifest.value, "metadata", "annotations")
        has = any(given(annotations, name) is not None for name in _CERTIFICATES)
        listed = tls is not None and bool(tls.elements() or tls.unknown is not None)
        encrypted: bool | Unknown = has or listed
        if tls is not None and tls.unknown is not None and not has:
            encrypted = tls.unknown._replace(possible=None, parts=())
        for edge in estate.edges_from(service, "exposes"):
            channel = Channel(service.name, manifest.span, encrypted=encrypted)
            state_channel(estate, edge.target, channel)
