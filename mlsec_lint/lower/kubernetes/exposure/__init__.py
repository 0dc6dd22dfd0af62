"""Services and what stands before them: from where they answer whom.

Each service, ingress, route and head of a Ray cluster is a `service` thing; one that
serves several surfaces (a dashboard and a model) is one thing for each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.estate.selectors import both, either
from mlsec_lint.lower.kubernetes.exposure.doors import MAX_PAIRS, Door, Doors
from mlsec_lint.lower.kubernetes.exposure.fronts import fronts
from mlsec_lint.lower.kubernetes.exposure.heads import (
    head_behind,
    head_doors,
    heads,
    link_workers,
)
from mlsec_lint.lower.kubernetes.exposure.login import Logins, annotated
from mlsec_lint.lower.kubernetes.exposure.reach import (
    CLUSTER,
    NETWORK,
    Reach,
    service_reach,
)
from mlsec_lint.lower.kubernetes.exposure.served import pool_service, served
from mlsec_lint.lower.kubernetes.exposure.tunnels import tunnels
from mlsec_lint.lower.kubernetes.network.scope import Clusters
from mlsec_lint.lower.scalars import given
from mlsec_lint.source import Note
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsec_lint.estate import Estate
    from mlsec_lint.estate.selectors import Truth
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.kubernetes.exposure.fronts import Front
    from mlsec_lint.lower.kubernetes.exposure.heads import Head
    from mlsec_lint.lower.kubernetes.exposure.operated import Served
    from mlsec_lint.lower.kubernetes.index import Objects

_AWS_CONTROLLER = "aws-load-balancer-controller"


def lower_exposure(inputs: Inputs, estate: Estate) -> None:
    """Services, fronts and heads as things, with edges to the pods behind them."""
    objects = inputs.objects
    if objects is None:
        return
    clusters = Clusters(inputs.manifests)
    logins = Logins(objects, clusters)
    doors = Doors(objects, estate.pod_network, clusters, logins)
    aws = _aws_controller(inputs)
    for service in objects.of("Service"):
        if not service.api_version.startswith("serving.knative.dev/"):
            reach = service_reach(service, aws_controller=aws)
            login = annotated(given(service.value, "metadata"))
            _things(estate, service, reach, login, list(doors.behind(service, None)))
    made = list(heads(objects, aws_controller=aws))
    for front in fronts(objects, logins):
        _front(estate, front, doors, objects, logins, made)
    for head in made:
        found = list(head_doors(head, objects, doors))
        never: Truth = False
        _things(estate, head.manifest, head.reach, never, found, head.suffix)
        if not head.serves:
            link_workers(head, objects, estate)
    for way in served(objects):
        _served(estate, way, objects, doors)
    for tunnel in tunnels(objects, doors):
        manifest = tunnel.pod.manifest
        _things(estate, manifest, tunnel.reach, tunnel.login, tunnel.doors, "/tunnel")
    if doors.pairs > MAX_PAIRS:
        span = next(iter(objects.of("Service"))).span
        text = "too many services for too many pods: not all were joined"
        estate.note([Note("bound", text, span.path, span, incomplete=True)])


def _aws_controller(inputs: Inputs) -> bool:
    """Whether Terraform or a manifest installs the AWS Load Balancer Controller."""
    for root in inputs.roots:
        for resource in root.resources:
            if resource.type == "helm_release":
                chart = resource.values.get("chart")
                text = chart.text() if chart is not None else None
                if isinstance(text, str) and _AWS_CONTROLLER in text:
                    return True
    return any(
        m.kind == "Deployment" and m.name == _AWS_CONTROLLER for m in inputs.manifests
    )


def _front(
    estate: Estate,
    front: Front,
    doors: Doors,
    objects: Objects,
    logins: Logins,
    made: list[Head],
) -> None:
    found: list[Door] = []
    for backend in front.backends:
        service = objects.find("Service", backend.name, front.manifest)
        service = service or pool_service(objects, backend.name, front.manifest)
        if service is None:
            head = head_behind(
                made, backend.name, backend.port, front.manifest, objects
            )
            found.extend(head_doors(head, objects, doors) if head is not None else ())
        if service is None or not backend.name:
            continue
        iap = logins.before_service(service)
        found.extend(
            door._replace(login=either(door.login, iap))
            for door in doors.behind(service, backend.port)
        )
    _things(estate, front.manifest, front.reach, front.login, found)


def _served(estate: Estate, way: Served, objects: Objects, doors: Doors) -> None:
    """A way to a model; behind it are the pods of its object, or the object itself."""
    thing = _thing(estate, way.manifest, way.suffix)
    if thing is None:
        return
    asked = way.login
    pods = [p for m in (way.manifest, *way.behind) for p in objects.pods_of(m)]
    pods = [p for p in pods if way.label in ("", p.template.label)]
    for pod in pods:
        for door in doors.at(pod, None, truth=True):
            asked = either(asked, door.login)
    span = way.reach.span
    thing.state("exposure", way.reach.where, span, default=way.reach.default)
    thing.state("authenticated", asked, span)
    thing.state("surface", "model", span)
    thing.state("surface.name", way.program, span)
    answers = _anonymous(way.reach.where, asked, sure=True)
    thing.state("anonymous.from", answers, span)
    address = way.manifest.address or thing.name.partition("#")[0]
    itself = estate.find("workload", address)
    behind = {id(pod.workload): pod.workload for pod in pods}
    for workload in behind.values() or ([itself] if itself else []):
        estate.link(thing, "exposes", workload, span)


def _things(
    estate: Estate,
    manifest: Manifest,
    reach: Reach,
    login: Truth,
    found: Iterable[Door],
    suffix: str = "",
) -> None:
    """One thing for each surface behind a service or front; one where there is none."""
    groups: dict[str, list[Door]] = {}
    for door in found:
        groups.setdefault(door.surface.name if door.surface else "", []).append(door)
    named = [name for name in groups if name] or [""]
    for number, name in enumerate(named):
        ending = suffix if number == 0 else f"{suffix}#{name}"
        thing = _thing(estate, manifest, ending)
        if thing is None:
            continue
        _state(thing, reach, login, groups.get(name, []))
        for door in groups.get(name, ()):
            doubt = door.truth if isinstance(door.truth, Unknown) else None
            estate.link(
                thing,
                "exposes",
                door.pod.workload,
                reach.span,
                certain=doubt is None,
                why=doubt.why if doubt is not None else "",
            )


def _thing(estate: Estate, manifest: Manifest, suffix: str) -> Thing | None:
    name = f"{manifest.kind}/{manifest.namespace or 'default'}/{manifest.name}{suffix}"
    address = (manifest.address or name.removesuffix(suffix)) + suffix
    if estate.find("service", address) is not None:
        address = f"{manifest.root or manifest.span.path}:{address}"
    made = Thing(
        "service",
        address,
        name,
        manifest.span,
        provider="kubernetes",
        root=manifest.root,
        library=manifest.library,
    )
    return made if estate.add(made) is made else None


def _state(thing: Thing, reach: Reach, login: Truth, doors: list[Door]) -> None:
    thing.state("exposure", reach.where, reach.span, default=reach.default)
    if not doors:
        return
    asked: Truth = True
    sure: Truth = False
    for door in doors:
        asked = both(asked, door.login)
        sure = either(sure, door.truth)
    asked = either(login, asked)
    thing.state("authenticated", asked, reach.span)
    surface = doors[0].surface
    if surface is None:
        return
    thing.state("surface", surface.kind, reach.span)
    thing.state("surface.name", surface.name, reach.span)
    thing.state("anonymous.from", _anonymous(reach.where, asked, sure), reach.span)


def _anonymous(where: str | Unknown, asked: Truth, sure: Truth) -> str | Unknown:
    """From where somebody without a login gets an answer."""
    if asked is True:
        return "nobody"
    if where in (CLUSTER, NETWORK):
        return where
    if isinstance(asked, Unknown):
        return asked
    if isinstance(sure, Unknown):
        return sure
    return where
