"""What policies see of a pod: its labels, those of its namespace, whose address it has."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from mlsec_lint.estate.policy import PodPlace
from mlsec_lint.estate.selectors import Labels, first
from mlsec_lint.estate.tables import document
from mlsec_lint.lower.kubernetes.network.scope import scope_of
from mlsec_lint.lower.kubernetes.network.selectors import NAMESPACE_NAME
from mlsec_lint.lower.scalars import given, settled
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.kubernetes.network.scope import Clusters, Scope
    from mlsec_lint.lower.kubernetes.workload import Pod
    from mlsec_lint.value import Value


class Namespaces:
    """The labels of namespaces, as far as the scan holds them."""

    def __init__(self, manifests: Iterable[Manifest], clusters: Clusters) -> None:
        self.clusters = clusters
        self._declared: dict[str, list[tuple[Scope, Manifest]]] = {}
        self._labels: dict[Scope, Labels] = {}
        for manifest in manifests:
            if manifest.kind in ("Namespace", "Profile"):
                pair = (scope_of(manifest), manifest)
                self._declared.setdefault(manifest.name, []).append(pair)

    def declared(self, scope: Scope) -> Manifest | None:
        """The Namespace object of a scope, where the scan surely holds it."""
        for where, manifest in self._declared.get(scope.namespace, ()):
            home = where._replace(namespace=scope.namespace)
            if self.clusters.meet(home, scope) is True and manifest.kind == "Namespace":
                return manifest
        return None

    def labels(self, scope: Scope) -> Labels:
        """The labels of a scope's namespace; unknown ones where nothing declares it."""
        found = self._labels.get(scope)
        if found is None:
            found = self._labels[scope] = self._read(scope)
        return found

    def _read(self, scope: Scope) -> Labels:
        name = scope.namespace or "default"
        known: str | Unknown = name
        if not scope.namespace:
            known = Unknown("unsupported", "the manifest names no namespace")
        declared = self.declared(scope)
        if declared is None:
            why = f"the scan holds no Namespace {name}: its labels are not known"
            return Labels({NAMESPACE_NAME: known}, Unknown("unsupported", why))
        labels = read_labels(given(declared.value, "metadata", "labels"))
        labels.known[NAMESPACE_NAME] = known
        return labels


def read_labels(value: Value | None) -> Labels:
    """A labels mapping; entries that a template adds make the rest unknown."""
    labels = Labels()
    if value is None:
        return labels
    whole = settled(value).unknown
    if whole is not None:
        labels.others = whole
    for key, element in value.items():
        if key.startswith("{{"):
            why = "a template adds labels here"
            reason = Unknown("template", why, span=value.span)
            labels.others = first(element.unknown, reason)
            continue
        text = settled(element).text()
        stripped = text.strip() if isinstance(text, str) else text
        labels.known[key] = "" if stripped is None else stripped
    return labels


@cache
def _added() -> dict[str, tuple[str, dict[str, str]]]:
    """API group ("" for any) and labels that a controller puts on pods, by kind."""
    rows = document("pod_labels.json")["kinds"]
    return {row["kind"]: (row.get("group", ""), row["labels"]) for row in rows}


@cache
def _templates() -> frozenset[str]:
    return frozenset(document("pod_labels.json")["templates"])


def runs_elsewhere(manifest: Manifest) -> bool:
    """Whether a kind only holds templates, for pods in namespaces of other objects."""
    return manifest.kind in _templates()


def place_of(pod: Pod, namespaces: Namespaces) -> PodPlace:
    """What policies see of a pod."""
    manifest = pod.manifest
    metadata = pod.template.metadata
    labels = read_labels(given(metadata, "labels"))
    if metadata is not None and isinstance(metadata.data, Unknown):
        labels.others = metadata.data
    _controllers(labels, manifest, pod.template.label)
    space = namespaces.labels(scope_of(manifest))
    _seen_by_plugins(labels, space, pod)
    host = given(pod.template.spec, "hostNetwork")
    uses = settled(host).boolean() if host is not None else False
    return PodPlace(labels, space, False if uses is None else uses)


def _seen_by_plugins(labels: Labels, space: Labels, pod: Pod) -> None:
    """What Cilium and Calico show as labels: namespace, account, namespace labels."""
    account = given(pod.template.spec, "serviceAccountName")
    name = settled(account).text() if account is not None else "default"
    for key, value in (
        ("io.kubernetes.pod.namespace", space.known.get(NAMESPACE_NAME)),
        ("projectcalico.org/namespace", space.known.get(NAMESPACE_NAME)),
        ("io.cilium.k8s.policy.serviceaccount", name),
        ("projectcalico.org/serviceaccount", name),
        ("projectcalico.org/orchestrator", "k8s"),
    ):
        if value is not None:
            labels.known[key] = value
    labels.under = (("io.cilium.k8s.namespace.labels.", space), ("pcns.", space))


def _controllers(labels: Labels, manifest: Manifest, group: str) -> None:
    """Labels that the controller of a kind adds, with its name filled in."""
    api, added = _added().get(manifest.kind, ("", None))
    if added is None or (api and not manifest.api_version.startswith(f"{api}/")):
        why = f"the controller of {manifest.kind} may add labels to its pods"
        labels.others = first(labels.others, Unknown("unsupported", why))
        return
    name = _fixed_name(manifest)
    for key, value in added.items():
        if key in labels.known:
            continue
        if value == "*":
            why = f"{manifest.kind}'s controller sets the label {key}"
            labels.known[key] = Unknown("unsupported", why)
        elif value == "{ray}":
            labels.known[key] = "head" if group == "head" else "worker"
        elif "{name}" in value and isinstance(name, Unknown):
            labels.known[key] = name
        else:
            labels.known[key] = value.replace("{name}", manifest.name).replace(
                "{group}", group
            )


def _fixed_name(manifest: Manifest) -> str | Unknown:
    value = given(manifest.value, "metadata", "name")
    text = settled(value).text() if value is not None else None
    if text is None:
        return Unknown(
            "unsupported", "the object has no fixed name", span=manifest.span
        )
    return text
