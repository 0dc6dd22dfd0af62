"""What stands before services: Ingress, Gateway API, Route, VirtualService.

networking.k8s.io/v1 and extensions/v1beta1 Ingress; gateway.networking.k8s.io routes;
route.openshift.io/v1 Route; networking.istio.io VirtualService. As documented 2026-11.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate.addresses import is_internet
from mlsec_lint.estate.selectors import either
from mlsec_lint.lower.kubernetes.exposure.login import annotated
from mlsec_lint.lower.kubernetes.exposure.reach import (
    CLUSTER,
    INTERNET,
    NETWORK,
    Reach,
    either_way,
    gateway_reach,
    ingress_reach,
)
from mlsec_lint.lower.kubernetes.network.rules import addresses_of, elements
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate.selectors import Truth
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.kubernetes.exposure.login import Logins
    from mlsec_lint.lower.kubernetes.index import Objects

ROUTES = ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute")


class Backend(NamedTuple):
    """A service that a front leads to, by name, and its port (number or name)."""

    name: str
    port: int | str | None


class Front(NamedTuple):
    """Something that lets callers in, and where it leads."""

    manifest: Manifest
    reach: Reach
    login: Truth
    backends: tuple[Backend, ...]


def fronts(objects: Objects, logins: Logins) -> Iterator[Front]:
    """Every front of a scan."""
    for manifest in objects.of("Ingress"):
        login = annotated(given(manifest.value, "metadata"))
        backends = tuple(dict.fromkeys(_ingress(manifest)))
        yield Front(manifest, ingress_reach(manifest), login, backends)
    for kind in ROUTES:
        for manifest in objects.of(kind):
            yield _gateway_route(manifest, objects, logins)
    for manifest in objects.of("Route"):
        if manifest.api_version.startswith("route.openshift.io/"):
            yield _openshift(manifest)
    for manifest in objects.of("VirtualService"):
        if manifest.api_version.startswith("networking.istio.io/"):
            yield _virtual_service(manifest, logins)


def _ingress(manifest: Manifest) -> Iterator[Backend]:
    spec = given(manifest.value, "spec")
    found = [given(spec, "defaultBackend"), given(spec, "backend")]
    for rule in elements(given(spec, "rules")):
        paths = elements(given(rule, "http", "paths"))
        found.extend(given(path, "backend") for path in paths)
    for backend in found:
        name = text_of(
            given(backend, "service", "name") or given(backend, "serviceName")
        )
        if name:
            port = given(backend, "service", "port", "number")
            port = port or given(backend, "service", "port", "name")
            yield Backend(name, _port(port or given(backend, "servicePort")))


def _port(value: Value | None) -> int | str | None:
    if value is None:
        return None
    number = settled(value).integer()
    return number if isinstance(number, int) else (text_of(value) or None)


def _gateway_route(manifest: Manifest, objects: Objects, logins: Logins) -> Front:
    """A route takes the widest of its gateways."""
    reach: Reach | None = None
    names: list[str] = []
    for parent in elements(given(manifest.value, "spec", "parentRefs")):
        name = text_of(given(parent, "name"))
        if text_of(given(parent, "kind")) in ("Service", "ServiceImport"):
            continue
        names.append(name)
        gateway = objects.find("Gateway", name, _in(manifest, parent))
        found = gateway_reach(gateway, name, manifest.span)
        if reach is None or found.where == INTERNET:
            reach = found
    if reach is None:
        reach = Reach(CLUSTER, manifest.span)
    backends = [
        Backend(text_of(given(one, "name")), _port(given(one, "port")))
        for rule in elements(given(manifest.value, "spec", "rules"))
        for one in elements(given(rule, "backendRefs"))
    ]
    login = logins.before_route(manifest, names)
    return Front(manifest, reach, login, tuple(dict.fromkeys(backends)))


def _in(manifest: Manifest, parent: Value) -> Manifest:
    """A stand-in for the route in the namespace that a reference names."""
    namespace = text_of(given(parent, "namespace"))
    return replace(manifest, namespace=namespace) if namespace else manifest


def _openshift(manifest: Manifest) -> Front:
    spec = given(manifest.value, "spec")
    backends = [Backend(text_of(given(spec, "to", "name")), None)]
    others = elements(given(spec, "alternateBackends"))
    backends.extend(Backend(text_of(given(one, "name")), None) for one in others)
    key = "haproxy.router.openshift.io/ip_whitelist"
    listed = given(manifest.value, "metadata", "annotations", key)
    listed = listed or given(
        manifest.value,
        "metadata",
        "annotations",
        "haproxy.router.openshift.io/ip_allowlist",
    )
    where: str | Unknown = either_way("the router's service says", manifest.span)
    text = settled(listed).text() if listed is not None else None
    if isinstance(text, str) and listed is not None:
        parts = [listed.replace(data=part) for part in text.split()[:1000]]
        addresses, unknown = addresses_of(parts)
        if unknown is None and not is_internet(addresses):
            where = NETWORK
    reach = Reach(where, manifest.span)
    return Front(manifest, reach, login=False, backends=tuple(backends))


def _virtual_service(manifest: Manifest, logins: Logins) -> Front:
    spec = given(manifest.value, "spec")
    gateways = [text_of(one) for one in elements(given(spec, "gateways"))]
    reach = Reach(CLUSTER, manifest.span)
    if any(name and name != "mesh" for name in gateways):
        why = "where the mesh's ingress gateway answers, its service says"
        reach = Reach(Unknown("unsupported", why, span=manifest.span), manifest.span)
    backends = [
        Backend(
            text_of(given(one, "destination", "host")).partition(".")[0],
            _port(given(one, "destination", "port", "number")),
        )
        for kind in ("http", "tls", "tcp")
        for rule in elements(given(spec, kind))
        for one in elements(given(rule, "route"))
    ]
    login = either(
        annotated(given(manifest.value, "metadata")), logins.before_gateway(manifest)
    )
    return Front(manifest, reach, login, tuple(dict.fromkeys(backends)))
