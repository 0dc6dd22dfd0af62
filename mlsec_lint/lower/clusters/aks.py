"""What an AKS cluster says of itself: its endpoint, local accounts, network policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Fact
from mlsec_lint.lower.clusters.eks import open_to_all
from mlsec_lint.lower.reading import (
    all_of,
    any_of,
    by_default,
    equal_to,
    given,
    negated,
    put,
    read_bool,
    read_text,
)
from mlsec_lint.lower.terraform_index import values_at

if TYPE_CHECKING:
    from mlsec_lint.estate import Thing
    from mlsec_lint.lower.clusters.engines import Engines
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource

#: Where authorized ranges stand: azurerm 3.x and later, and before.
_RANGES = (
    "api_server_access_profile.authorized_ip_ranges",
    "api_server_authorized_ip_ranges",
)
_DIAGNOSTICS = "azurerm_monitor_diagnostic_setting"
_AUDIT = ("kube-audit", "kube-audit-admin", "allLogs", "audit")
_ASSIGNMENTS = (
    "azurerm_resource_policy_assignment",
    "azurerm_resource_group_policy_assignment",
    "azurerm_subscription_policy_assignment",
)
_SIGNED = ("ratify", "notation", "signed", "image integrity", "imageintegrity")


def state_aks(
    index: TerraformIndex,
    here: RootIndex,
    cluster: Resource,
    thing: Thing,
    engines: Engines,
) -> None:
    """State the facts of one azurerm_kubernetes_cluster."""
    put(thing, "api.public", _public(here, cluster))
    local = by_default(cluster, "local_account_disabled")
    switch = given(cluster.values, "local_account_disabled")
    found = local if switch is None else negated(read_bool(cluster, switch, local))
    put(thing, "accounts.local", found)
    put(thing, "audit.logged", _audit(index, here, cluster))
    put(thing, "policy.enforced", _enforced(cluster, engines.policy(thing.address)))
    signed = engines.signing(thing.address)
    if signed is None:
        signed = _assigned(index)
    put(
        thing,
        "images.signed_only",
        signed or by_default(cluster, "images.signed_only"),
    )


def _public(here: RootIndex, cluster: Resource) -> Fact:
    default = by_default(cluster, "private_cluster_enabled")
    private = given(cluster.values, "private_cluster_enabled")
    readings = [default]
    if private is not None:
        readings.append(negated(read_bool(cluster, private, default)))
    ranges = [value for path in _RANGES for value in values_at(cluster.values, path)]
    found = readings[-1] if private is not None else default
    readings.append(open_to_all(here, cluster, ranges, found))
    return all_of(readings[::-1])


def _enforced(cluster: Resource, engine: Fact | None) -> Fact:
    default = by_default(cluster, "network_policy")
    readings = []
    for name, words in (
        ("network_policy", ("calico", "cilium", "azure")),
        ("network_data_plane", ("cilium",)),
        ("ebpf_data_plane", ("cilium",)),
    ):
        value = given(cluster.values, "network_profile", name)
        if value is not None:
            text = read_text(cluster, value, default)
            readings.append(equal_to(text, *words, fold=True))
    readings += [engine] if engine is not None else []
    return any_of(readings) if readings else default


def _audit(index: TerraformIndex, here: RootIndex, cluster: Resource) -> Fact:
    found = index.satellites(here, cluster, _DIAGNOSTICS, "target_resource_id").found
    for setting in found:
        for path in (
            "enabled_log.category",
            "enabled_log.category_group",
            "log.category",
        ):
            for value in values_at(setting.values, path):
                if value.text() in _AUDIT:
                    return Fact(True, value.entry() or setting.span)  # noqa: FBT003
    return by_default(cluster, "oms_agent")


def _assigned(index: TerraformIndex) -> Fact | None:
    """An Azure Policy assignment whose name says that images have to be signed."""
    for here in index.roots:
        for kind in _ASSIGNMENTS:
            for one in here.of(kind):
                for name in ("name", "display_name", "policy_definition_id"):
                    text = here.text_of(given(one.values, name))
                    if isinstance(text, str) and any(
                        w in text.lower() for w in _SIGNED
                    ):
                        return Fact(True, one.span)  # noqa: FBT003
    return None
