"""What stands behind a service: pods by its selector, the container that its port means."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate.selectors import both, either
from mlsec_lint.lower.kubernetes.exposure.heads import ray_token
from mlsec_lint.lower.kubernetes.exposure.login import annotated, is_proxy
from mlsec_lint.lower.kubernetes.exposure.surfaces import (
    Program,
    Surface,
    fits,
    found_in,
    own_login,
    program_of,
)
from mlsec_lint.lower.kubernetes.network.pods import read_labels
from mlsec_lint.lower.kubernetes.network.rules import elements
from mlsec_lint.lower.kubernetes.network.scope import scope_of
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate.policy import PodNetwork, PodPlace
    from mlsec_lint.estate.selectors import Labels, Truth
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.kubernetes.exposure.login import Logins
    from mlsec_lint.lower.kubernetes.index import Objects
    from mlsec_lint.lower.kubernetes.network.scope import Clusters, Scope
    from mlsec_lint.lower.kubernetes.workload import Pod

#: How many pods one service is joined with, and pairs that are looked at in a scan.
MAX_PODS = 50
MAX_PAIRS = 300_000


class Door(NamedTuple):
    """One port of one pod behind a service.

    `truth`: whether the pod is behind it; `surface`: what answers there, where it is
    known; `login`: whether somebody asks who comes.
    """

    pod: Pod
    truth: Truth
    surface: Surface | None
    login: Truth


class Doors:
    """Pods of a scan by namespace and label, for services."""

    def __init__(
        self, objects: Objects, network: PodNetwork, clusters: Clusters, logins: Logins
    ) -> None:
        self.clusters = clusters
        self.logins = logins
        self.network = network
        self.pairs = 0
        self._read: dict[tuple[str, int], list[tuple[Surface, Program]]] = {}
        self._logins: dict[str, Truth] = {}
        self._by_label: dict[tuple[str, str, str], list[Pod]] = {}
        self._unsure: dict[str, list[Pod]] = {}
        self._all: dict[str, list[Pod]] = {}
        self._scopes: dict[int, Scope] = {}
        for pod in objects.pods:
            place = network.places.get(pod.workload.address)
            if place is not None:
                self._add(pod, place)

    def _add(self, pod: Pod, place: PodPlace) -> None:
        space = pod.manifest.namespace
        self._scopes[id(pod)] = scope_of(pod.manifest)
        self._all.setdefault(space, []).append(pod)
        unsure = place.labels.others is not None
        for key, value in place.labels.known.items():
            if isinstance(value, str):
                self._by_label.setdefault((space, key, value), []).append(pod)
            else:
                unsure = True
        if unsure:
            self._unsure.setdefault(space, []).append(pod)

    def pods(self, service: Manifest) -> list[tuple[Pod, Truth]]:
        """The pods behind a service, certain or not."""
        selector = given(service.value, "spec", "selector")
        if selector is None or not isinstance(selector.data, dict) or not selector.data:
            return []
        wanted = read_labels(selector)
        found: dict[int, tuple[Pod, Truth]] = {}
        scope = scope_of(service)
        met: dict[Scope, Truth] = {}
        for pod in self._candidates(service, wanted):
            self.pairs += 1
            if len(found) >= MAX_PODS or self.pairs > MAX_PAIRS:
                break
            there = self._scopes[id(pod)]
            if there not in met:  # the pods of a root have few scopes
                met[there] = self.clusters.meet(scope, there)
            truth = met[there]
            if truth is not False:
                place = self.network.places[pod.workload.address]
                truth = both(truth, _selected(wanted, place.labels))
            if truth is not False:
                found[id(pod)] = (pod, truth)
        return _nearest(service, list(found.values()))

    def _candidates(self, service: Manifest, wanted: Labels) -> Iterator[Pod]:
        pair = next(
            ((k, v) for k, v in wanted.known.items() if isinstance(v, str)), None
        )
        spaces = dict.fromkeys((service.namespace, "", "default"))
        for space in spaces:
            if pair is None:  # nothing but values that are not known
                yield from self._all.get(space, ())
                continue
            yield from self._by_label.get((space, *pair), ())
            yield from self._unsure.get(space, ())

    def behind(self, service: Manifest, port: int | str | None) -> Iterator[Door]:
        """The doors behind a port (number or name) of a service; None for all ports."""
        pods = self.pods(service)
        for one in elements(given(service.value, "spec", "ports")):
            number, name = (
                settled(given(one, "port") or one).integer(),
                given(one, "name"),
            )
            if port is not None and port not in (number, text_of(name)):
                continue
            target = given(one, "targetPort") or given(one, "port")
            for pod, truth in pods:
                yield from self.at(pod, target, truth)

    def at(self, pod: Pod, target: Value | None, truth: Truth) -> Iterator[Door]:
        """What answers on a port of a pod."""
        containers = [c for n, c in pod.template.containers if n != "initContainers"]
        number, name = _target(target, containers)
        chosen = [c for c in containers if _declares(c, number, name)]
        login = self._before(pod)
        if any(is_proxy(text_of(c.get("image")).lower()) for c in chosen):
            yield Door(pod, truth, None, login=True)
            return
        declared = bool(chosen)
        proxied = any(is_proxy(text_of(c.get("image")).lower()) for c in containers)
        if not declared and proxied:
            why = "whether the port is that of the login's side-car is not known"
            login = either(login, Unknown("unsupported", why))
        found = False
        for container in chosen or containers:
            for row, program in self._rows(pod, container):
                if fits(row, program, number):
                    found = True
                    own = own_login(row, program, number)
                    by_operator = ray_token(pod) if row.kinds else False
                    asked = either(own, by_operator)
                    yield Door(pod, truth, row, either(login, asked))
        if not found:
            yield Door(pod, truth, None, login)

    def _rows(self, pod: Pod, container: Value) -> list[tuple[Surface, Program]]:
        """What a container serves; read once."""
        key = (pod.workload.address, id(container))
        known = self._read.get(key)
        if known is None:
            program = program_of(container)
            rows = found_in(pod, program)
            known = self._read[key] = [(row, program) for row in rows]
        return known

    def _before(self, pod: Pod) -> Truth:
        found = self._logins.get(pod.workload.address)
        if found is None:
            found = self._logins[pod.workload.address] = self._asked(pod)
        return found

    def _asked(self, pod: Pod) -> Truth:
        place = self.network.places[pod.workload.address]
        metadata = given(pod.manifest.value, "metadata")
        found = annotated(metadata, pod.template.metadata)
        return either(found, self.logins.before_pod(pod, place))


def _nearest(
    service: Manifest, found: list[tuple[Pod, Truth]]
) -> list[tuple[Pod, Truth]]:
    """Of plain files, the pods of the same file where there are some.

    Samples beside each other are variants of one thing more often than parts of it.
    """
    path = service.span.path
    own = [pair for pair in found if pair[0].manifest.span.path == path]
    return own if own and not service.root else found


def _selected(wanted: Labels, labels: Labels) -> Truth:
    """A service's selector; two placeholders that are the same are filled in alike."""
    found: Truth = wanted.others if wanted.others is not None else True
    for key, value in wanted.known.items():
        there = labels.get(key)
        if there is None:
            return False
        if isinstance(value, Unknown) and isinstance(there, Unknown):
            alike = value.name != "" and (value.name, _fixed(value)) == (
                there.name,
                _fixed(there),
            )
            found = both(found, True if alike else value)
        elif isinstance(value, Unknown):
            found = both(found, value)
        elif isinstance(there, Unknown):
            found = both(found, there)
        elif value != there:
            return False
    return found


def _fixed(value: Unknown) -> tuple[str, ...]:
    return tuple(part for part in value.parts if isinstance(part, str))


def _target(target: Value | None, containers: list[Value]) -> tuple[int | None, str]:
    """Number and name of a target port, one from the other where a container tells."""
    if target is None:
        return None, ""
    number = settled(target).integer()
    if isinstance(number, int):
        return number, ""
    name = text_of(target)
    for container in containers:
        for one in elements(given(container, "ports")):
            if name and text_of(given(one, "name")) == name:
                found = settled(given(one, "containerPort") or one).integer()
                return (found if isinstance(found, int) else None), name
    return None, name


def _declares(container: Value, number: int | None, name: str) -> bool:
    for one in elements(given(container, "ports")):
        port = given(one, "containerPort")
        if number is not None and port is not None and port.integer() == number:
            return True
        if name and text_of(given(one, "name")) == name:
            return True
    return False
