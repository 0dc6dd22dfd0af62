"""The clusters that a scan declares, as things with their facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.aws.place import put_place as put_aws_place
from mlsec_lint.lower.azure.place import put_place as put_azure_place
from mlsec_lint.lower.clusters.aks import state_aks
from mlsec_lint.lower.clusters.eks import state_eks
from mlsec_lint.lower.clusters.engines import Engines
from mlsec_lint.lower.clusters.gke import state_gke
from mlsec_lint.lower.declared import thing_of
from mlsec_lint.lower.gcp.place import put_place as put_gcp_place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource

    _Place = Callable[[RootIndex, Thing, Resource], None]
    _State = Callable[[TerraformIndex, RootIndex, Resource, Thing, Engines], None]

EKS, GKE, AKS = (
    "aws_eks_cluster",
    "google_container_cluster",
    "azurerm_kubernetes_cluster",
)


class Cluster(NamedTuple):
    """A cluster that a resource declares."""

    thing: Thing
    here: RootIndex
    resource: Resource

    @property
    def declaration(self) -> tuple[str, str, int]:
        """The same for a cluster of which a root's variants give one each."""
        span = self.resource.span
        return (self.resource.address, span.source.path, span.start)


class Clusters:
    """All clusters of a scan, in order. `apart` counts those that are not variants."""

    def __init__(self, clusters: list[Cluster]) -> None:
        self.all = tuple(clusters)
        self._by_address = {one.thing.address: one for one in clusters}
        kept = [one for one in clusters if not one.thing.library] or clusters
        self.apart: dict[tuple[str, str, int], list[Cluster]] = {}
        for one in kept:
            self.apart.setdefault(one.declaration, []).append(one)

    def __iter__(self) -> Iterator[Cluster]:
        return iter(self.all)

    def at(self, address: str) -> Cluster | None:
        """The cluster of that address in the estate."""
        return self._by_address.get(address)

    def only(self) -> list[Cluster]:
        """The one cluster of the scan (one for each variant of its root), or none."""
        groups = list(self.apart.values())
        return groups[0] if len(groups) == 1 else []


def add_clusters(inputs: Inputs, index: TerraformIndex, estate: Estate) -> Clusters:
    """Add every declared cluster as a thing and state its facts."""
    kinds: tuple[tuple[str, str, _Place, _State], ...] = (
        (EKS, "aws", put_aws_place, state_eks),
        (GKE, "gcp", put_gcp_place, state_gke),
        (AKS, "azure", put_azure_place, state_aks),
    )
    found: list[Cluster] = []
    states: list[_State] = []
    for kind, provider, place, state in kinds:
        for here in index.roots:
            for resource in here.of(kind):
                thing = estate.add(thing_of(here, resource, "cluster", provider))
                place(here, thing, resource)
                found.append(Cluster(thing, here, resource))
                states.append(state)
    clusters = Clusters(found)
    engines = Engines(inputs, index, {one.thing.address for one in clusters})
    for one, state in zip(found, states, strict=True):
        state(index, one.here, one.resource, one.thing, engines)
    return clusters
