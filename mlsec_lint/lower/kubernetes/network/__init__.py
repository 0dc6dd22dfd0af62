"""Network policies of clusters: which apply to which pod, in words of the estate.

`lower_network` fills `Estate.pod_network`. Policies are looked up by namespace and by
a label that they ask for, so that many pods and many policies do not multiply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.policy import Applied
from mlsec_lint.estate.selectors import both, holds, wanted
from mlsec_lint.lower.kubernetes.network.calico import GROUPS, calico_policy
from mlsec_lint.lower.kubernetes.network.cilium import cilium_policies
from mlsec_lint.lower.kubernetes.network.held import Held
from mlsec_lint.lower.kubernetes.network.istio import Istio
from mlsec_lint.lower.kubernetes.network.native import (
    admin_policy,
    fqdn_policy,
    network_policy,
)
from mlsec_lint.lower.kubernetes.network.pods import (
    Namespaces,
    place_of,
    runs_elsewhere,
)
from mlsec_lint.lower.kubernetes.network.rates import state_rate
from mlsec_lint.lower.kubernetes.network.scope import (
    Clusters,
    Scope,
    is_open,
    scope_of,
)
from mlsec_lint.source import Note
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.estate.policy import PodPlace
    from mlsec_lint.estate.selectors import Truth
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.kubernetes.index import Objects
    from mlsec_lint.lower.kubernetes.network.rules import Read

#: How many policies and rules are looked at for one pod, and in one scan.
MAX_POLICIES = 500
MAX_RULES = 4000
MAX_PAIRS = 300_000

_ADMIN = ("AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy")
_CILIUM = ("CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy")


def lower_network(inputs: Inputs, estate: Estate) -> None:
    """Place every pod and say which policies apply to it, surely or perhaps."""
    objects = inputs.objects
    if objects is None or not objects.pods:
        return
    clusters = Clusters(inputs.manifests)
    namespaces = Namespaces(inputs.manifests, clusters)
    policies = Policies(read_policies(objects), clusters)
    istio = Istio(objects, clusters)
    held = Held(inputs, policies, namespaces)
    network = estate.pod_network
    for pod in objects.pods:
        if runs_elsewhere(pod.manifest):
            continue
        address = pod.workload.address
        state_rate(pod)
        place = network.places[address] = place_of(pod, namespaces)
        found = policies.applied(place, scope_of(pod.manifest))
        if isinstance(found, Unknown):
            network.too_many[address] = found
            continue
        network.applied[address] = found
        network.held[address] = held.of(pod)
        mesh = istio.mesh_of(pod, place)
        if mesh is not None:
            network.meshes[address] = mesh
    if network.too_many:
        estate.note([_bound(objects, len(network.too_many))])


def _bound(objects: Objects, count: int) -> Note:
    span = objects.pods[0].workload.span
    text = f"too many network policies: not looked at for {count} pods"
    return Note("bound", text, span.path, span, incomplete=True)


def read_policies(objects: Objects) -> Iterator[Read]:
    """Every policy of the scan that is about connections which pods open."""
    for manifest in objects.of("NetworkPolicy"):
        if manifest.api_version.startswith(GROUPS):
            yield from _some(calico_policy(manifest, objects))
        else:
            yield from _some(network_policy(manifest))
    for manifest in objects.of("GlobalNetworkPolicy"):
        yield from _some(calico_policy(manifest, objects))
    for kind in _ADMIN:
        for manifest in objects.of(kind):
            yield from _some(admin_policy(manifest))
    for kind in _CILIUM:
        for manifest in objects.of(kind):
            yield from cilium_policies(manifest, objects)
    for manifest in objects.of("FQDNNetworkPolicy"):
        yield from _some(fqdn_policy(manifest))


def _some(read: Read | None) -> Iterator[Read]:
    if read is not None:
        yield read


class Policies:
    """Policies by where they count and by a label that they ask for."""

    def __init__(self, reads: Iterable[Read], clusters: Clusters) -> None:
        self.clusters = clusters
        self.pairs = 0
        self._places: dict[Scope | None, _Place] = {}
        for number, read in enumerate(reads):
            scope = None if read.cluster else scope_of(read.manifest)
            if scope is not None:
                scope = Scope("", "", scope.namespace)
            self._places.setdefault(scope, _Place()).add(number, read)
        keys = (key for key in self._places if key is not None)
        self._open = [key for key in keys if is_open(key.namespace)]

    def applied(self, place: PodPlace, scope: Scope) -> tuple[Applied, ...] | Unknown:
        """The policies that apply to a pod, in the order of the scan.

        Unknown where there are too many of them to look at.
        """
        candidates = self._candidates(place, scope)
        self.pairs += len(candidates)
        if self.pairs > MAX_PAIRS:
            why = "the scan has too many network policies for too many pods"
            return Unknown("bound", why)
        found: list[Applied] = []
        rules = 0
        for number in sorted(candidates):
            truth = self._applies(candidates[number], place, scope)
            if truth is not False:
                found.append(Applied(candidates[number].policy, truth))
                rules += len(candidates[number].policy.rules)
            if len(found) > MAX_POLICIES or rules > MAX_RULES:
                why = f"more than {MAX_POLICIES} policies or {MAX_RULES} rules for it"
                return Unknown("bound", why)
        return tuple(found)

    def _candidates(self, place: PodPlace, scope: Scope) -> dict[int, Read]:
        """Policies of its namespace, of whole clusters, and where one is not named."""
        names = dict.fromkeys(("", scope.namespace, "default"))
        keys: list[Scope | None] = [Scope("", "", name) for name in names]
        keys.extend(self._open)
        if not scope.namespace or is_open(scope.namespace):
            keys.extend(key for key in self._places if key not in keys)
        else:
            keys.append(None)
        found: dict[int, Read] = {}
        for key in keys:
            if key in self._places:
                found.update(self._places[key].candidates(place))
        return found

    def near(self, scope: Scope) -> bool:
        """Whether some policy surely counts where the scope is."""
        return any(
            self.clusters.meet(one, scope, cluster=key is None) is True
            for key in (Scope("", "", scope.namespace), None)
            if key in self._places
            for one in self._places[key].scopes
        )

    def _applies(self, read: Read, place: PodPlace, scope: Scope) -> Truth:
        truth = self.clusters.meet(scope_of(read.manifest), scope, cluster=read.cluster)
        if truth is not False:
            truth = both(truth, holds(read.pods, place.labels))
        if truth is not False:
            truth = both(truth, holds(read.namespaces, place.namespace))
        if truth is True and read.unsure is not None:
            return read.unsure
        return truth


class _Place:
    """The policies of one namespace, or those of whole clusters."""

    def __init__(self) -> None:
        self.reads: dict[int, Read] = {}
        self.scopes: dict[Scope, None] = {}
        self._always: list[int] = []
        self._by_label: dict[str, dict[str, list[int]]] = {}

    def add(self, number: int, read: Read) -> None:
        self.reads[number] = read
        self.scopes.setdefault(scope_of(read.manifest))
        label = wanted(read.pods)
        if label is None:
            self._always.append(number)
            return
        key, values = label
        for value in values:
            self._by_label.setdefault(key, {}).setdefault(value, []).append(number)

    def candidates(self, place: PodPlace) -> dict[int, Read]:
        """Those that may select a pod with these labels."""
        numbers = list(self._always)
        for key, by_value in self._by_label.items():
            value = place.labels.get(key)
            if isinstance(value, str):
                numbers.extend(by_value.get(value, ()))
            elif value is not None:
                numbers.extend(n for listed in by_value.values() for n in listed)
        return {number: self.reads[number] for number in numbers}


__all__ = ["Policies", "lower_network", "read_policies"]
