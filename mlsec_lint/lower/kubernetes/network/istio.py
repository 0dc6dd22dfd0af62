"""Istio's side-cars: which pods have one, and whether it lets only registered hosts out.

As documented for Istio 1.27, 2026-11. The documentation itself says that a side-car is
no security boundary for egress; what follows is read, and never closes anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.policy import Mesh
from mlsec_lint.estate.selectors import holds
from mlsec_lint.lower.kubernetes.network.rules import elements
from mlsec_lint.lower.kubernetes.network.scope import scope_of
from mlsec_lint.lower.kubernetes.network.selectors import label_selector
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.parse.yaml import embedded, yaml_documents
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate.policy import PodPlace
    from mlsec_lint.estate.selectors import Truth
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.kubernetes.index import Objects
    from mlsec_lint.lower.kubernetes.network.scope import Clusters
    from mlsec_lint.lower.kubernetes.workload import Pod
    from mlsec_lint.source import Span
    from mlsec_lint.value import Value

_ROOT = "istio-system"
_INJECT = "sidecar.istio.io/inject"


class Istio:
    """The mesh objects of a scan, and what they make of a pod."""

    def __init__(self, objects: Objects, clusters: Clusters) -> None:
        self.clusters = clusters
        self.sidecars = [m for m in objects.of("Sidecar") if _is_istio(m)]
        self.entries = [m for m in objects.of("ServiceEntry") if _is_istio(m)]
        self.modes = list(_mesh_modes(objects))

    def mesh_of(self, pod: Pod, place: PodPlace) -> Mesh | None:
        """What the side-car of a pod lets out; None where no object speaks of it."""
        if not self.sidecars and not self.modes:
            return None
        found = self._mode(pod, place)
        if found is None:
            return None
        only, span = found
        hosts = tuple(self._hosts(pod)) if only is not False else ()
        if "*" in hosts:
            only = False
        return Mesh(_injected(pod, place), only, hosts, span)

    def _mode(self, pod: Pod, place: PodPlace) -> tuple[Truth, Span] | None:
        """The nearest outboundTrafficPolicy: by workload, namespace, root, mesh."""
        best: tuple[int, Value] | None = None
        for sidecar in self.sidecars:
            mode = given(sidecar.value, "spec", "outboundTrafficPolicy", "mode")
            rank = self._rank(sidecar, pod, place)
            if mode is not None and rank and (best is None or rank < best[0]):
                best = (rank, mode)
        if best is not None:
            return _registered_only(best[1]), best[1].entry() or pod.workload.span
        for manifest, mode in self.modes:
            near = self.clusters.meet(
                scope_of(manifest), scope_of(pod.manifest), cluster=True
            )
            if near is not False:
                only = _registered_only(mode)
                if isinstance(near, Unknown) and only is not False:
                    only = near
                return only, mode.entry() or manifest.span
        return None

    def _rank(self, sidecar: Manifest, pod: Pod, place: PodPlace) -> int:
        """How near a Sidecar is to a pod, 1 the nearest; 0 for none of its business."""
        scope, own = scope_of(sidecar), scope_of(pod.manifest)
        if self.clusters.meet(scope, own) is True:
            selector = given(sidecar.value, "spec", "workloadSelector", "labels")
            if selector is None:
                return 2
            wanted = selector.replace(data={"matchLabels": selector})
            return 1 if holds(label_selector(wanted), place.labels) is True else 0
        if sidecar.namespace == _ROOT:
            met = self.clusters.meet(scope, own, cluster=True)
            return 3 if met is True else 0
        return 0

    def _hosts(self, pod: Pod) -> list[str]:
        """Hosts outside the mesh that some ServiceEntry registers for the pod."""
        found: list[str] = []
        own = scope_of(pod.manifest)
        for entry in self.entries:
            if self.clusters.meet(scope_of(entry), own, cluster=True) is False:
                continue
            spread = [
                text_of(v) for v in elements(given(entry.value, "spec", "exportTo"))
            ]
            if spread == ["."] and entry.namespace != pod.manifest.namespace:
                continue
            found.extend(
                text_of(host).lower()
                for host in elements(given(entry.value, "spec", "hosts"))
            )
        return list(dict.fromkeys(host for host in found if host))


def _is_istio(manifest: Manifest) -> bool:
    return manifest.api_version.startswith("networking.istio.io/")


def _mesh_modes(objects: Objects) -> list[tuple[Manifest, Value]]:
    """`outboundTrafficPolicy.mode` of mesh configs: IstioOperator, Istio, ConfigMap."""
    found: list[tuple[Manifest, Value]] = []
    for kind, path in (
        ("IstioOperator", ("spec", "meshConfig")),
        ("Istio", ("spec", "values", "meshConfig")),
    ):
        for manifest in objects.of(kind):
            mode = given(manifest.value, *path, "outboundTrafficPolicy", "mode")
            if mode is not None:
                found.append((manifest, mode))
    for manifest in objects.of("ConfigMap"):
        mesh = given(manifest.value, "data", "mesh")
        if manifest.name.startswith("istio") and mesh is not None:
            source = embedded(mesh)
            inner = yaml_documents(source)[0] if source is not None else []
            for document in inner[:1]:
                mode = given(document.value, "outboundTrafficPolicy", "mode")
                if mode is not None:
                    found.append((manifest, mode))
    return found


def _registered_only(mode: Value) -> Truth:
    text = settled(mode).text()
    if isinstance(text, Unknown):
        return text
    return (text or "").strip() == "REGISTRY_ONLY"


def _injected(pod: Pod, place: PodPlace) -> Truth:
    """Whether the pod gets a side-car: its own word, then that of its namespace."""
    if place.host_network is True:
        return False
    own = place.labels.known.get(_INJECT)
    if own is None:
        metadata = pod.template.metadata
        annotation = given(metadata, "annotations", _INJECT)
        own = settled(annotation).text() if annotation is not None else None
    if isinstance(own, Unknown):
        return own
    if own is not None:
        return own.strip().lower() in ("true", "yes", "on", "y")
    space = place.namespace
    for key in ("istio-injection", "istio.io/rev"):
        value = space.get(key)
        if isinstance(value, Unknown):
            return value
        if value is not None:
            return value not in ("disabled", "")
    return False
