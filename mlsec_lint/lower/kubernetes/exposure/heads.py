"""Services that operators make: heads of Ray clusters, Knative's, NVIDIA NIM's.

KubeRay 1.4 makes `NAME-head-svc` with the ports 8265, 10001 and 6379, of the type that
`headGroupSpec.serviceType` names, and an Ingress where `enableIngress` is true.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.kubernetes.exposure.reach import (
    CLUSTER,
    NODE,
    Reach,
    balancer_reach,
    either_way,
)
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.kubernetes.exposure.doors import Door, Doors
    from mlsec_lint.lower.kubernetes.index import Objects

_RAY = {
    "RayCluster": ("spec",),
    "RayJob": ("spec", "rayClusterSpec"),
    "RayService": ("spec", "rayClusterConfig"),
}
_PORTS = (8265, 8000)
_LOCAL = (
    "networking.knative.dev/visibility",
    "serving.knative.dev/visibility",
    "networking.kserve.io/visibility",
)


class Head(NamedTuple):
    """A service that an operator makes for an object; `ports` of the pod behind it."""

    manifest: Manifest
    suffix: str
    reach: Reach
    ports: tuple[int, ...]


def heads(objects: Objects) -> Iterator[Head]:
    """Every service that an operator of a known kind makes."""
    for kind, path in _RAY.items():
        for manifest in objects.of(kind):
            group = given(manifest.value, *path, "headGroupSpec")
            if group is not None:
                yield from _ray(manifest, group)
    for manifest in objects.of("Service"):
        if manifest.api_version.startswith("serving.knative.dev/"):
            yield Head(manifest, "", _knative(manifest), ())


def _ray(manifest: Manifest, group: Value) -> Iterator[Head]:
    value = given(group, "headService", "spec", "type") or given(group, "serviceType")
    reach = Reach(CLUSTER, manifest.span, "KubeRay: ClusterIP unless set")
    if value is not None:
        span = value.entry() or manifest.span
        text = settled(value).text()
        if isinstance(text, Unknown):
            reach = Reach(text, span)
        elif text == "LoadBalancer":
            made = _as_service(manifest, given(group, "headService"))
            reach = balancer_reach(made, span, aws_controller=False)
        else:
            reach = Reach(NODE if text == "NodePort" else CLUSTER, span)
    yield Head(manifest, "#head-svc", reach, _PORTS)
    ingress = given(group, "enableIngress")
    if ingress is not None and settled(ingress).boolean() is not False:
        span = ingress.entry() or manifest.span
        switch = settled(ingress).boolean()
        why = "where the ingress of the cluster answers, its controller's service says"
        where = switch if isinstance(switch, Unknown) else either_way(why, span)
        yield Head(manifest, "#head-ingress", Reach(where, span), (8265,))


def _as_service(manifest: Manifest, service: Value | None) -> Manifest:
    """The manifest of the service that KubeRay makes: annotations of its template."""
    return manifest if service is None else replace(manifest, value=service)


def _knative(manifest: Manifest) -> Reach:
    labels = given(manifest.value, "metadata", "labels")
    for key in _LOCAL:
        value = given(labels, key)
        if text_of(value) == "cluster-local":
            return Reach(CLUSTER, manifest.span)
    why = "where Knative's services answer, its network layer says"
    return Reach(Unknown("unsupported", why, span=manifest.span), manifest.span)


def link_workers(head: Head, objects: Objects, estate: Estate) -> None:
    """The head of a Ray cluster runs the jobs that it takes on any of its workers."""
    pods = [pod for pod in objects.pods_of(head.manifest) if head.ports]
    for taker in pods:
        for pod in pods:
            if taker.template.label == "head" and pod is not taker:
                span = pod.workload.span
                words = "runs the jobs that the head of its cluster takes"
                estate.link(taker.workload, "hands jobs to", pod.workload, span, words)


def head_doors(head: Head, objects: Objects, doors: Doors) -> Iterator[Door]:
    """The head pod's ports; of other kinds, the pods of the object itself."""
    for pod in objects.pods_of(head.manifest):
        if head.ports and pod.template.label != "head":
            continue
        for port in head.ports:
            yield from doors.at(pod, Value(str(port)), truth=True)
        if not head.ports:
            yield from doors.at(pod, None, truth=True)
