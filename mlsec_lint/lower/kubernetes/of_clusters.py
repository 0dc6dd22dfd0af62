"""What the Terraform of a cluster says about what is in it: outposts, backups of claims.

Only for objects of which a provider configuration says that they go to that cluster:
which cluster a manifest in a file goes to, nothing tells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.azure.backups import VAULT, keep_in_vault
from mlsec_lint.lower.declared import add_copy
from mlsec_lint.lower.gcp.place import put_place
from mlsec_lint.lower.reading import blocks, given, span_of
from mlsec_lint.lower.terraform_index import index_of, values_at
from mlsec_lint.value import Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.kubernetes.index import Objects
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.terraform.resource import Resource

PLAN = "google_gke_backup_backup_plan"
INSTANCE = "azurerm_data_protection_backup_instance_kubernetes_cluster"
_CLAIM = "PersistentVolumeClaim"


def lower_of_clusters(inputs: Inputs, estate: Estate) -> None:
    """Pods of clusters on outposts, and the backups that are made of claims."""
    objects = inputs.objects
    if objects is None:
        return
    for here in index_of(inputs).roots:
        for cluster in here.of("aws_eks_cluster"):
            _outpost(here, cluster, objects)
        for plan in here.of(PLAN):
            _plan(here, plan, objects, estate)
        for instance in here.of(INSTANCE):
            _instance(here, instance, objects, estate)


def _outpost(here: RootIndex, cluster: Resource, objects: Objects) -> None:
    site = given(cluster.values, "outpost_config")
    if site is None or site.data == ():
        return
    step = Step(span_of(site, cluster), f"{cluster.address} is on an outpost")
    for pod in objects.pods:
        if pod.manifest.cluster == here.address(cluster):
            span = pod.workload.span
            pod.workload.state("place.edge", value=True, span=span, trail=(step,))


def _claims(
    here: RootIndex, cluster: Resource, objects: Objects, estate: Estate
) -> Iterator[tuple[Manifest, Thing]]:
    for claim in objects.of(_CLAIM):
        store = estate.find("store", claim.address)
        if claim.cluster == here.address(cluster) and store is not None:
            yield claim, store


def _plan(here: RootIndex, plan: Resource, objects: Objects, estate: Estate) -> None:
    """Backup for GKE: claims of the chosen namespaces, where volumes are included."""
    config = given(plan.values, "backup_config")
    volumes = given(config, "include_volume_data")
    if volumes is None or volumes.boolean() is not True:
        return
    names = values_at(plan.values, "backup_config.selected_namespaces.namespaces")
    chosen = {text for name in names if isinstance(text := here.text_of(name), str)}
    for cluster in here.parents(
        given(plan.values, "cluster"), ("google_container_cluster",)
    ):
        for claim, store in _claims(here, cluster, objects, estate):
            if names and (claim.namespace or "default") not in chosen:
                continue
            span = span_of(volumes, plan)
            address = f"{here.address(plan)}:{store.address}"
            copy = add_copy(estate, store, address, "gke-backup", span, None, "backup")
            put_place(here, copy, plan)


def _instance(
    here: RootIndex, instance: Resource, objects: Objects, estate: Estate
) -> None:
    """Azure Backup of an AKS cluster: its claims in the vault, and in the vault's pair."""
    vaults = here.parents(given(instance.values, "vault_id"), (VAULT,))
    named = given(instance.values, "kubernetes_cluster_id")
    wanted = [
        here.text_of(name)
        for block in blocks(instance.values, "backup_datasource_parameters")
        for name in values_at(block, "included_namespaces")
    ]
    for cluster in here.parents(named, ("azurerm_kubernetes_cluster",)):
        for claim, store in _claims(here, cluster, objects, estate):
            if not wanted or (claim.namespace or "default") in wanted:
                for vault in vaults:
                    keep_in_vault(here, instance, vault, store, estate)
