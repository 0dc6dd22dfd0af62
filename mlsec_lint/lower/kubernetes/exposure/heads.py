"""Services that operators make: heads and applications of Ray clusters, Knative's.

KubeRay 1.5 makes `NAME-head-svc` of the type that `headGroupSpec` names, with the ports
of the head, and an Ingress where `enableIngress` is true. For a RayService (and a
RayCluster that `ray.io/enable-serve-service` marks) it makes `NAME-serve-svc` before the
pods of its applications, as `serveService` says, else of the type of the head's.
Sources: ray-operator's controllers/ray/common/service.go and utils/util.go, 2026-11.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.kubernetes.exposure.reach import (
    CLUSTER,
    Reach,
    either_way,
    service_reach,
)
from mlsec_lint.lower.kubernetes.exposure.surfaces import surfaces
from mlsec_lint.lower.kubernetes.network.rules import elements
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.estate.selectors import Truth
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.kubernetes.exposure.doors import Door, Doors
    from mlsec_lint.lower.kubernetes.index import Objects
    from mlsec_lint.lower.kubernetes.workload import Pod

_RAY = {
    "RayCluster": ("spec",),
    "RayJob": ("spec", "rayClusterSpec"),
    "RayService": ("spec", "rayClusterConfig"),
}
_DASHBOARD, _SERVE = 8265, 8000
#: Names that KubeRay gives the ports of a head that lists none.
_PORT_NAMES = {"dashboard": _DASHBOARD, "serve": _SERVE, "client": 10001}
_SERVING = "ray.io/enable-serve-service"
_STARTS = ("serve run ", "serve deploy ")
_LOCAL = (
    "networking.knative.dev/visibility",
    "serving.knative.dev/visibility",
    "networking.kserve.io/visibility",
)


class Head(NamedTuple):
    """A service that an operator makes for an object.

    `name`: of the Service, "" where it is no Service; `ports` of the pods behind it;
    `serves`: whether those are all pods of the cluster, which answer for a model.
    """

    manifest: Manifest
    suffix: str
    reach: Reach
    ports: tuple[int, ...]
    name: str = ""
    serves: bool = False


def heads(objects: Objects, *, aws_controller: bool = False) -> Iterator[Head]:
    """Every service that an operator of a known kind makes."""
    for kind, path in _RAY.items():
        for manifest in objects.of(kind):
            cluster = given(manifest.value, *path)
            group = given(cluster, "headGroupSpec")
            if cluster is not None and group is not None:
                yield from _ray(manifest, cluster, group, aws=aws_controller)
    for manifest in objects.of("Service"):
        if manifest.api_version.startswith("serving.knative.dev/"):
            yield Head(manifest, "", _knative(manifest), ())


def _ray(
    manifest: Manifest, cluster: Value, group: Value, *, aws: bool
) -> Iterator[Head]:
    serve = _serve_port(group)
    starts = _serves(manifest)
    service = given(group, "headService")
    usual = given(group, "serviceType")
    more = given(cluster, "headServiceAnnotations")
    made = _service(manifest, service, usual, more)
    ports = (_DASHBOARD, serve) if starts else (_DASHBOARD,)
    name = text_of(given(service, "metadata", "name")) or f"{manifest.name}-head-svc"
    reach = _reach(made, aws=aws)
    yield Head(manifest, "#head-svc", reach, ports, name)
    ingress = given(group, "enableIngress")
    if ingress is not None and settled(ingress).boolean() is not False:
        span = ingress.entry() or manifest.span
        switch = settled(ingress).boolean()
        why = "where the ingress of the cluster answers, its controller's service says"
        where = switch if isinstance(switch, Unknown) else either_way(why, span)
        yield Head(manifest, "#head-ingress", Reach(where, span), (_DASHBOARD,))
    marked = text_of(given(manifest.value, "metadata", "annotations", _SERVING))
    if manifest.kind == "RayService" or marked == "true":
        custom = given(manifest.value, "spec", "serveService")
        made = _service(manifest, custom, usual, None)
        name = text_of(given(custom, "metadata", "name"))
        name = name or f"{manifest.name}-serve-svc"
        reach = _reach(made, aws=aws)
        yield Head(manifest, "#serve-svc", reach, (serve,), name, serves=True)


def _reach(made: Manifest, *, aws: bool) -> Reach:
    """From where a service of KubeRay answers; its type has a default of its own."""
    reach = service_reach(made, aws_controller=aws)
    return (
        reach._replace(default="KubeRay: ClusterIP unless set")
        if (reach.default)
        else reach
    )


def _service(
    manifest: Manifest, template: Value | None, usual: Value | None, more: Value | None
) -> Manifest:
    """The Service that KubeRay makes of a template: its type has a default, `usual`."""
    spec = given(template, "spec")
    fields = dict(spec.items()) if spec is not None else {}
    if given(spec, "type") is None and usual is not None:
        fields["type"] = usual
    listed = given(template, "metadata", "annotations")
    if listed is None or (more is not None and more.unknown is not None):
        listed = more
    elif more is not None and isinstance(listed.data, dict):
        listed = listed.replace(data={**listed.data, **dict(more.items())})
    metadata = {} if listed is None else {"annotations": listed}
    value = Value({"metadata": Value(metadata), "spec": Value(fields)})
    return replace(manifest, value=value)


def _serve_port(group: Value) -> int:
    """The port of a head's first container that is named `serve`; 8000 where none is."""
    containers = elements(given(group, "template", "spec", "containers"))
    for port in elements(given(containers[0], "ports")) if containers else ():
        number = settled(given(port, "containerPort") or port).integer()
        if text_of(given(port, "name")) == "serve" and isinstance(number, int):
            return number
    return _SERVE


def _serves(manifest: Manifest) -> bool:
    """Whether something on the cluster answers for a model: Ray Serve runs only if asked."""
    marked = text_of(given(manifest.value, "metadata", "annotations", _SERVING))
    entrypoint = f"{text_of(given(manifest.value, 'spec', 'entrypoint'))} "
    return (
        manifest.kind == "RayService"
        or marked == "true"
        or any(_starts(entrypoint, words) for words in _STARTS)
    )


def _starts(line: str, words: str) -> bool:
    at = line.find(words)
    return at == 0 or (at > 0 and not (line[at - 1].isalnum() or line[at - 1] in "_-"))


def ray_token(pod: Pod) -> Truth:
    """Whether KubeRay makes a Ray cluster ask for a token (`authOptions`, since 1.5)."""
    path = _RAY.get(pod.manifest.kind)
    options = given(pod.manifest.value, *path, "authOptions") if path else None
    if options is None:
        return False
    mode = given(options, "mode")
    text = settled(mode).text() if mode is not None else None
    if isinstance(text, Unknown):
        return text
    if text is None:
        why = (
            "whether authOptions without a mode ask for a token, KubeRay's version says"
        )
        return Unknown("unsupported", why, span=options.span)
    return text.strip() == "token"


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
        is_head = pod.template.label == "head"
        if head.ports and not (is_head or head.serves):
            continue
        if head.serves and is_head and _left_out(head.manifest):
            continue
        if not head.ports:
            yield from doors.at(pod, None, truth=True)
        for port in head.ports:
            yield from _at(pod, port, doors)


def _left_out(manifest: Manifest) -> bool:
    """Whether a RayService keeps its head out of the service before the applications."""
    value = given(manifest.value, "spec", "excludeHeadPodFromServeSvc")
    return value is not None and settled(value).boolean() is True


def _at(pod: Pod, port: int, doors: Doors) -> Iterator[Door]:
    """One port of a pod; on the port of the applications Ray Serve answers."""
    found = doors.at(pod, Value(str(port)), truth=True)
    if port == _DASHBOARD:
        yield from found
        return
    row = next(row for row in surfaces() if row.name == "Ray Serve")
    for door in found:
        yield door if door.surface is row else door._replace(surface=row)


def head_behind(
    made: list[Head],
    name: str,
    port: int | str | None,
    near: Manifest,
    objects: Objects,
) -> Head | None:
    """The operator's service that a front means by a name, with the port it means."""
    for head in made:
        if not name or head.name != name:
            continue
        meant = objects.find(head.manifest.kind, head.manifest.name, near)
        if meant is not head.manifest:
            continue
        number = _PORT_NAMES.get(port) if isinstance(port, str) else port
        ports = tuple(one for one in head.ports if number in (None, one))
        return head._replace(ports=ports) if ports else None
    return None
