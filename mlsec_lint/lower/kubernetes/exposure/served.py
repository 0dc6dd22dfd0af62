"""Services that operators make for objects that serve a model: KServe's and NVIDIA's.

KServe gives each InferenceService a route at its ingress gateway, unless a label keeps it
in the cluster or the operator's config makes no ingresses; an LLMInferenceService has one
where `router` asks for it. The NIM operator makes a Service of the type that
`expose.service` names, and an Ingress or routes where `expose` asks for them. KServe 0.16
and NIM operator 3.1 documentation, read 2026-11.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mlsec_lint.estate.selectors import either
from mlsec_lint.lower.kubernetes.exposure.login import annotated
from mlsec_lint.lower.kubernetes.exposure.operated import Served, operated
from mlsec_lint.lower.kubernetes.exposure.reach import (
    CLUSTER,
    NODE,
    Reach,
    balancer_reach,
    either_way,
    gateway_reach,
    ingress_reach,
)
from mlsec_lint.lower.kubernetes.made_pods import parts_of
from mlsec_lint.lower.kubernetes.model_kinds import model_row, select
from mlsec_lint.lower.kubernetes.network.rules import elements
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.parse.embedded import embedded
from mlsec_lint.parse.yaml import yaml_documents
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate.selectors import Truth
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.kubernetes.index import Objects
    from mlsec_lint.source import Span

_VISIBILITY = (
    "networking.kserve.io/visibility",
    "networking.knative.dev/visibility",
    "serving.knative.dev/visibility",
)
_CONFIG = "inferenceservice-config"
_MOST_STEPS = 100
#: The operators of Open Data Hub put a login before a service by this (2026-11).
_AUTH = "security.opendatahub.io/enable-auth"
_GATEWAY = "the service of KServe's ingress gateway"
_ROUTED = "where KServe's ingress gateway answers, its service says"


def served(objects: Objects) -> Iterator[Served]:
    """Every way to a model that an operator opens."""
    local = _no_ingresses(objects)
    for manifest in objects.of("InferenceService"):
        if manifest.api_version.startswith(
            ("serving.kserve.io/", "serving.kubeflow.org/")
        ):
            reach = _inference_service(manifest, ingresses=not local)
            yield Served(manifest, "", reach, _login(manifest), "KServe")
    for manifest in objects.of("LLMInferenceService"):
        reach = _llm(manifest, objects)
        yield Served(manifest, "", reach, _login(manifest), "KServe")
    for manifest in objects.of("InferenceGraph"):
        if manifest.api_version.startswith("serving.kserve.io/"):
            reach = _inference_service(manifest, ingresses=not local)
            called = tuple(_called(manifest, objects))
            yield Served(manifest, "", reach, _login(manifest), "KServe", called)
    for manifest in objects.of("NIMService"):
        if manifest.api_version.startswith("apps.nvidia.com/"):
            yield from _nim(manifest, given(manifest.value, "spec"))
    for manifest in objects.of("NIMPipeline"):
        row = model_row(manifest)
        for number, part in enumerate(parts_of(manifest, row) if row else ()):
            for way in _nim(manifest, part.value):
                name = part.label or str(number)
                suffix = f"#{name}{way.suffix}"
                yield way._replace(suffix=suffix, label=part.label)
    yield from operated(objects)


def _routed(span: Span) -> Unknown:
    """Where the gateway answers: nothing here speaks for the internet, or against it."""
    return Unknown("unsupported", _ROUTED, _GATEWAY, span=span)


def pool_service(objects: Objects, name: str, near: Manifest) -> Manifest | None:
    """An InferencePool as the service that a route takes it for; None for no pool."""
    pool = objects.find("InferencePool", name, near)
    if pool is None:
        return None
    spec = given(pool.value, "spec")
    labels = given(spec, "selector", "matchLabels") or given(spec, "selector")
    numbers = [given(one, "number") for one in elements(given(spec, "targetPorts"))]
    numbers.append(given(spec, "targetPortNumber"))
    ports = [Value({"port": n, "targetPort": n}) for n in numbers if n is not None]
    made: dict[str, Value] = {"ports": Value(tuple(ports))}
    if labels is not None:
        made["selector"] = labels
    return replace(pool, value=Value({"spec": Value(made)}))


def _no_ingresses(objects: Objects) -> bool:
    """Whether the operator's config of the scan makes no ingresses at all."""
    for config in objects.of("ConfigMap"):
        value = given(config.value, "data", "ingress")
        source = embedded(value) if config.name == _CONFIG and value else None
        if source is None:
            continue
        for document in yaml_documents(source)[0][:1]:
            if text_of(given(document.value, "disableIngressCreation")) == "true":
                return True
    return False


def _label(manifest: Manifest) -> Reach | None:
    """What the visibility label says; None where there is none."""
    labels = given(manifest.value, "metadata", "labels")
    for key in _VISIBILITY:
        value = given(labels, key)
        if value is None:
            continue
        text = settled(value).text()
        span = value.entry() or manifest.span
        if isinstance(text, Unknown):
            return Reach(text, span)
        if (text or "").strip() == "cluster-local":
            return Reach(CLUSTER, span)
    return None


def _inference_service(manifest: Manifest, *, ingresses: bool) -> Reach:
    labelled = _label(manifest)
    if labelled is not None:
        return labelled
    span = manifest.span
    if not ingresses:
        return Reach(CLUSTER, span, f"{_CONFIG} of the scan creates no ingresses")
    return Reach(_routed(span), span)


def _called(manifest: Manifest, objects: Objects) -> Iterator[Manifest]:
    """The services of the scan that an InferenceGraph sends queries on to."""
    for name in select(manifest.value, "spec.nodes.*.steps.*.serviceName")[
        :_MOST_STEPS
    ]:
        found = objects.find("InferenceService", text_of(name), manifest)
        if found is not None:
            yield found


def _login(manifest: Manifest) -> Truth:
    metadata = given(manifest.value, "metadata")
    found = annotated(metadata)
    for block in ("annotations", "labels"):
        value = given(metadata, block, _AUTH)
        if value is not None:
            asked = settled(value).boolean()
            found = either(found, False if asked is None else asked)
    return found


def _llm(manifest: Manifest, objects: Objects) -> Reach:
    """An LLMInferenceService: routed only where `router` has a route or a gateway."""
    router = given(manifest.value, "spec", "router")
    labelled = _label(manifest)
    opened = [router.get(n) for n in ("route", "gateway", "ingress")] if router else []
    if labelled is not None:
        return labelled
    if not any(opened):
        words = "KServe: a service of the cluster, unless spec.router asks for a route"
        return Reach(CLUSTER, manifest.span, words)
    span = next(o.entry() for o in opened if o is not None) or manifest.span
    for one in elements(given(router, "gateway", "refs")):
        name = text_of(given(one, "name"))
        namespace = text_of(given(one, "namespace"))
        near = replace(manifest, namespace=namespace) if namespace else manifest
        return gateway_reach(objects.find("Gateway", name, near), name, span)
    return Reach(_routed(span), span)


def _nim(manifest: Manifest, spec: Value | None) -> Iterator[Served]:
    expose = given(spec, "expose")
    service = given(expose, "service")
    yield Served(manifest, "", _nim_service(manifest, service), _no(), "NVIDIA NIM")
    router = given(expose, "router") or given(spec, "router")
    ingresses = (
        (given(expose, "ingress"), given(expose, "ingress", "spec")),
        (given(router, "ingress"), given(router, "ingress")),
    )
    for block, inner in ingresses:
        switch = given(block, "enabled")
        on = True if switch is None else settled(switch).boolean()
        if block is None or on is False or (switch is None and block is not inner):
            continue
        made = _object(manifest, given(block, "annotations"), _ingress_spec(inner))
        span = block.entry() or manifest.span
        reach = Reach(on, span) if isinstance(on, Unknown) else ingress_reach(made)
        login = annotated(given(made.value, "metadata"))
        yield Served(
            manifest, "#ingress", reach._replace(span=span), login, "NVIDIA NIM"
        )
    for gateway in elements(given(router, "gateway")) or (given(router, "gateway"),):
        if gateway is not None:
            span = gateway.entry() or manifest.span
            why = "where the gateway of the service answers, its class says"
            reach = Reach(either_way(why, span), span)
            yield Served(manifest, "#route", reach, _no(), "NVIDIA NIM")


def _no() -> Truth:
    """No login: NIM's API asks for none by itself."""
    return False


def _ingress_spec(block: Value | None) -> Value | None:
    """The spec of an Ingress; `router.ingress` names only the class."""
    named = given(block, "ingressClass")
    return block if named is None else Value({"ingressClassName": named})


def _nim_service(manifest: Manifest, service: Value | None) -> Reach:
    value = given(service, "type")
    if value is None:
        return Reach(CLUSTER, manifest.span, "NIM operator: ClusterIP unless set")
    span = value.entry() or manifest.span
    text = settled(value).text()
    if isinstance(text, Unknown):
        return Reach(text, span)
    if (text or "").strip() == "LoadBalancer":
        made = _object(manifest, given(service, "annotations"), None)
        return balancer_reach(made, span, aws_controller=False)
    return Reach(NODE if text == "NodePort" else CLUSTER, span)


def _object(
    manifest: Manifest, annotations: Value | None, spec: Value | None
) -> Manifest:
    """The object that an operator makes, as far as its reach depends on it."""
    metadata = {} if annotations is None else {"annotations": annotations}
    value = Value({"metadata": Value(metadata), "spec": spec or Value({})})
    return replace(manifest, value=value)
