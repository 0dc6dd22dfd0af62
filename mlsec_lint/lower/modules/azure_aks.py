"""Azure/avm-res-containerservice-managedcluster/azurerm by its inputs.

Read: 0.2 to 0.8, 2026-11; from 0.4 on the module goes through azapi and calls pools
agent pools: what it makes is given as azurerm would call it. Does not model: add-ons,
networks, identities, role assignments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.modules.building import (
    Builder,
    Expansion,
    Module,
    members_of,
    quoted,
)

if TYPE_CHECKING:
    from mlsec_lint.value import Value

_POOLS = ("agent_pools", "node_pools")
_FIRST = ("default_agent_pool", "default_node_pool")
_HOST = ("host_encryption_enabled", "enable_encryption_at_host")


def _expand(make: Builder) -> Expansion:
    first = _first(make, _FIRST)
    cluster = make.resource(
        "azurerm_kubernetes_cluster.this",
        "azurerm",
        name=make.input("name"),
        location=make.input("location"),
        tags=make.input("tags"),
        disk_encryption_set_id=make.input("disk_encryption_set_id"),
        private_cluster_enabled=make.input("private_cluster_enabled"),
        local_account_disabled=_local(make),
        api_server_access_profile=_block(make, "api_server_access_profile"),
        network_profile=_block(make, "network_profile"),
        default_node_pool=None if first is None else make.blocks(**_nodes(first)),
    )
    made = [cluster]
    listed = _first(make, _POOLS)
    for name, entry in members_of(listed):
        made.append(
            make.resource(
                f"azurerm_kubernetes_cluster_node_pool.this[{quoted(name)}]",
                "azurerm",
                name=entry.get("name"),
                kubernetes_cluster_id=make.reference(cluster, "id"),
                **_nodes(entry),
            )
        )
    outputs = {"resource_id": (cluster, "id"), "name": (cluster, "name")}
    return Expansion(tuple(made), outputs)


def _local(make: Builder) -> Value:
    """Whether local accounts are off: the default changed between versions."""
    given = _first(make, ("local_account_disabled", "disable_local_accounts"))
    if given is not None:
        return given
    return make.unknown("whether local accounts are off depends on the version")


def _block(make: Builder, name: str) -> Value | None:
    given = make.input(name)
    return None if given is None else given.replace(data=(given,))


def _first(make: Builder, names: tuple[str, ...]) -> Value | None:
    found = (make.input(name) for name in names)
    return next((value for value in found if value is not None), None)


def _nodes(entry: Value) -> dict[str, Value | None]:
    """What a pool says of its machines, by the newer or the older name."""
    host = next((v for n in _HOST if (v := entry.get(n)) is not None), None)
    return {"vm_size": entry.get("vm_size"), "host_encryption_enabled": host}


AZURE_AKS = Module(
    (
        "Azure/avm-res-containerservice-managedcluster/azurerm",
        "Azure/terraform-azurerm-avm-res-containerservice-managedcluster",
    ),
    "0.2 to 0.8",
    0,
    _expand,
)
