"""Logins before a workload: side-cars, annotations, IAP, Istio's policies."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate.selectors import EVERYTHING, both, either, holds
from mlsec_lint.estate.tables import document
from mlsec_lint.lower.kubernetes.network.rules import elements
from mlsec_lint.lower.kubernetes.network.scope import is_open, scope_of
from mlsec_lint.lower.kubernetes.network.selectors import label_selector
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.parse.yaml import embedded, yaml_documents
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate.policy import PodPlace
    from mlsec_lint.estate.selectors import Selector, Truth
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.kubernetes.index import Objects
    from mlsec_lint.lower.kubernetes.network.scope import Clusters
    from mlsec_lint.lower.kubernetes.workload import Pod
    from mlsec_lint.value import Value

#: How many of Istio's authorization policies are looked at.
MAX_POLICIES = 500

_ROOT = "istio-system"
_ASKING = ("requestPrincipals", "principals", "serviceAccounts")


@cache
def _annotations() -> dict[str, tuple[str, ...]]:
    rows = document("exposure.json")["auth_annotations"]
    return {row["key"]: tuple(row["values"]) for row in rows}


def is_proxy(image: str) -> bool:
    """Whether an image is that of a proxy whose work is to ask for a login."""
    return any(word in image for word in document("exposure.json")["auth_images"])


def annotated(*metadata: Value | None) -> Truth:
    """Whether annotations put a login before what carries them."""
    found: Truth = False
    for one in metadata:
        listed = given(one, "annotations")
        if listed is None:
            continue
        for key, value in listed.items():
            wanted = _annotations().get(key)
            if wanted is not None:
                found = either(found, _wanted(value, wanted, key))
    return found


def _wanted(value: Value, wanted: tuple[str, ...], key: str) -> Truth:
    text = settled(value).text()
    if isinstance(text, Unknown):
        return text
    if "?" in wanted:
        why = f"whether {key} asks for a login is not read"
        return Unknown("unsupported", why, span=value.span)
    return "*" in wanted or (text or "").strip().lower() in wanted


class _Asking(NamedTuple):
    """An AuthorizationPolicy that may ask who is there, and the pods it is for."""

    policy: Manifest
    asks: Truth
    pods: Selector


class Logins:
    """Logins that other objects put before a service or a pod."""

    def __init__(self, objects: Objects, clusters: Clusters) -> None:
        self.objects = objects
        self.clusters = clusters
        self.policies = [
            m
            for m in objects.of("AuthorizationPolicy")
            if m.api_version.startswith("security.istio.io/")
        ]
        self.too_many: Truth = False
        if len(self.policies) > MAX_POLICIES:
            why = f"only {MAX_POLICIES} authorization policies are looked at"
            self.too_many = Unknown("bound", why)
            del self.policies[MAX_POLICIES:]
        self._asking = [
            _Asking(policy, asks, _pods_of(policy))
            for policy in self.policies
            if (asks := _asks(policy)) is not False
        ]
        self._by_space: dict[str, list[int]] = {}
        for number, one in enumerate(self._asking):
            self._by_space.setdefault(one.policy.namespace, []).append(number)
        self._open = [name for name in self._by_space if is_open(name)]
        self._before: dict[int, Truth] = {}

    def before_service(self, service: Manifest) -> Truth:
        """IAP of Google's load balancers, by a BackendConfig or a GCPBackendPolicy."""
        found: Truth = False
        for name in _backend_configs(service):
            config = self.objects.find("BackendConfig", name, service)
            if config is None:
                why = f"the scan holds no BackendConfig {name}"
                found = either(found, Unknown("unsupported", why))
                continue
            found = either(
                found, _boolean(given(config.value, "spec", "iap", "enabled"))
            )
        for policy in self._aimed_at(service):
            iap = given(policy.value, "spec", "default", "iap", "enabled")
            found = either(found, _boolean(iap))
        return found

    def _aimed_at(self, target: Manifest) -> Iterator[Manifest]:
        """Policies of gateways whose `targetRef` is an object."""
        for kind in ("GCPBackendPolicy",):
            for policy in self.objects.of(kind):
                reference = given(policy.value, "spec", "targetRef")
                if text_of(given(reference, "name")) != target.name:
                    continue
                meant = self.objects.find(target.kind, target.name, policy)
                together = self.clusters.meet(scope_of(policy), scope_of(target))
                if meant is target or together is True:
                    yield policy

    def before_route(self, route: Manifest, gateways: list[str]) -> Truth:
        """Envoy Gateway's SecurityPolicy on a route or on one of its gateways."""
        found: Truth = False
        for policy in self.objects.of("SecurityPolicy"):
            spec = given(policy.value, "spec")
            targets = [*elements(given(spec, "targetRefs"))]
            single = given(spec, "targetRef")
            targets += [single] if single is not None else []
            names = {text_of(given(one, "name")) for one in targets}
            if not names & {route.name, *gateways}:
                continue
            if policy.root == route.root and any(
                given(spec, name) is not None
                for name in ("oidc", "jwt", "extAuth", "basicAuth", "apiKeyAuth")
            ):
                found = True
        return found

    def before_pod(self, pod: Pod, place: PodPlace) -> Truth:
        """An AuthorizationPolicy that asks who is there, and selects the pod."""
        known = self._before.get(id(pod))
        if known is None:
            known = self._before[id(pod)] = self._policies_before(pod, place)
        return known

    def _policies_before(self, pod: Pod, place: PodPlace) -> Truth:
        found = self.too_many
        for policy, asks, pods in self._near(pod.manifest.namespace):
            near = self.clusters.meet(scope_of(policy), scope_of(pod.manifest))
            if policy.namespace == _ROOT:
                met = self.clusters.meet(
                    scope_of(policy), scope_of(pod.manifest), cluster=True
                )
                near = either(near, met)
            if near is False:
                continue
            selects = holds(pods, place.labels)
            found = either(found, both(asks, both(near, selects)))
        return found

    def _near(self, namespace: str) -> Iterator[_Asking]:
        """Policies that may count in a namespace, in the order of the scan."""
        if not namespace or is_open(namespace):  # whoever applies it says which
            yield from self._asking
            return
        spaces = {namespace, "", _ROOT, *self._open}
        numbers = (n for space in spaces for n in self._by_space.get(space, ()))
        for number in sorted(numbers):
            yield self._asking[number]

    def before_gateway(self, route: Manifest) -> Truth:
        """An AuthorizationPolicy on the ingress gateways of the mesh of a route."""
        found = self.too_many
        for policy in self.policies:
            if policy.namespace == _ROOT or "gateway" in policy.name:
                near = self.clusters.meet(
                    scope_of(policy), scope_of(route), cluster=True
                )
                found = either(found, both(_asks(policy), near))
        return found


def _backend_configs(service: Manifest) -> Iterator[str]:
    for key in (
        "cloud.google.com/backend-config",
        "beta.cloud.google.com/backend-config",
    ):
        value = given(service.value, "metadata", "annotations", key)
        source = embedded(value) if value is not None else None
        if source is None:
            continue
        for document_ in yaml_documents(source)[0][:1]:
            default = text_of(given(document_.value, "default"))
            if default:
                yield default
            ports = given(document_.value, "ports")
            for _, name in ports.items() if ports is not None else ():
                if text_of(name):
                    yield text_of(name)


def _boolean(value: Value | None) -> Truth:
    if value is None:
        return False
    found = settled(value).boolean()
    return False if found is None else found


def _asks(policy: Manifest) -> Truth:
    """Whether a policy lets only callers through that said who they are."""
    spec = given(policy.value, "spec")
    action = text_of(given(spec, "action")) or "ALLOW"
    rules = elements(given(spec, "rules"))
    if action == "CUSTOM":
        return True
    if not rules or action not in ("ALLOW", "DENY"):
        return False
    asking = [
        source
        for rule in rules
        for one in elements(given(rule, "from"))
        if (source := given(one, "source")) is not None
    ]
    if action == "DENY":
        return any(given(one, "notRequestPrincipals") is not None for one in asking)
    named = [any(given(one, name) is not None for name in _ASKING) for one in asking]
    return bool(named) and all(named) and all(given(r, "from") for r in rules)


def _pods_of(policy: Manifest) -> Selector:
    labels = given(policy.value, "spec", "selector")
    return EVERYTHING if labels is None else label_selector(labels)
