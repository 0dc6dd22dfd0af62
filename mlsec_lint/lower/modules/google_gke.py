"""terraform-google-modules kubernetes-engine and network by their inputs.

Read: kubernetes-engine 25.0 to 44.2, network 5.0 to 18.1, 2026-11. Of a cluster its
place, its key and its node pools; of a network its subnets. Does not model: Windows
pools, firewall rules, routes, fleets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.modules.building import (
    Builder,
    Expansion,
    Module,
    entries_of,
    quoted,
    switched_off,
)

if TYPE_CHECKING:
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_SOURCES = (
    "terraform-google-modules/kubernetes-engine/google",
    "terraform-google-modules/terraform-google-kubernetes-engine",
)
_STANDARD = (
    "",
    "//modules/private-cluster",
    "//modules/private-cluster-update-variant",
    "//modules/beta-private-cluster",
    "//modules/beta-private-cluster-update-variant",
    "//modules/beta-public-cluster",
    "//modules/beta-public-cluster-update-variant",
)
_AUTOPILOT = (
    "//modules/beta-autopilot-private-cluster",
    "//modules/beta-autopilot-public-cluster",
)


def _standard(make: Builder) -> Expansion:
    cluster = _cluster(make)
    pools = make.input("node_pools")
    if pools is None:
        default = make.default("node_pools", {})
        entries: tuple[Value, ...] = (default,)
    else:
        entries = entries_of(pools)
    account = _account(make)
    made = [_pool(make, cluster, n, e, account) for n, e in enumerate(entries)]
    own = () if account is None else (account,)
    return Expansion((cluster, *own, *made), _outputs(cluster))


def _autopilot(make: Builder) -> Expansion:
    cluster = _cluster(make, autopilot=True)
    return Expansion((cluster,), _outputs(cluster))


def _outputs(cluster: Resource) -> dict[str, tuple[Resource, str]]:
    return {
        "cluster_id": (cluster, "id"),
        "name": (cluster, "name"),
        "location": (cluster, "location"),
    }


def _cluster(make: Builder, *, autopilot: bool = False) -> Resource:
    confidential = make.input("enable_confidential_nodes")
    return make.resource(
        "google_container_cluster.primary",
        "google",
        name=make.input("name"),
        project=make.input("project_id"),
        location=_location(make),
        resource_labels=make.input("cluster_resource_labels"),
        network=make.input("network"),
        subnetwork=make.input("subnetwork"),
        database_encryption=make.input("database_encryption"),
        enable_autopilot=make.fixed(autopilot),
        datapath_provider=make.input("datapath_provider"),
        network_policy=make.blocks(enabled=make.input("network_policy")),
        private_cluster_config=make.blocks(
            enable_private_endpoint=make.input("enable_private_endpoint")
        ),
        master_authorized_networks_config=_authorized(make),
        workload_identity_config=_identity(make),
        binary_authorization=make.blocks(
            enabled=make.input("enable_binary_authorization")
        ),
        authenticator_groups_config=make.input("authenticator_security_group"),
        remove_default_node_pool=make.or_default(
            "remove_default_node_pool", data=False
        ),
        confidential_nodes=None
        if confidential is None
        else make.blocks(enabled=confidential),
    )


def _authorized(make: Builder) -> Value | None:
    """Authorized networks; the module makes no block for an empty list."""
    given = make.input("master_authorized_networks")
    if given is None or (given.unknown is None and not given.elements()):
        return None
    return given if given.unknown is not None else make.blocks(cidr_blocks=given)


def _identity(make: Builder) -> Value | None:
    """The workload identity pool: that of the project unless another one is named."""
    given = make.input("identity_namespace")
    if given is not None and given.data in ("", None):
        return None
    if given is not None and given.data != "enabled":
        return make.blocks(workload_pool=given)
    project = make.input("project_id")
    if project is None or not isinstance(project.data, str):
        why = "the pool is that of the project, which is not known"
        return make.blocks(workload_pool=make.unknown(why))
    return make.blocks(
        workload_pool=project.replace(data=f"{project.data}.svc.id.goog")
    )


def _account(make: Builder) -> Resource | None:
    """The service account that the module makes for nodes, where it makes one."""
    given = make.input("service_account")
    if (given is not None and given.data != "") or switched_off(
        make.input("create_service_account")
    ):
        return None
    return make.resource(
        "google_service_account.cluster_service_account[0]",
        "google",
        project=make.input("project_id"),
        account_id=make.unknown("the module makes up its name"),
    )


def _node_account(
    make: Builder, entry: Value, account: Resource | None
) -> Value | None:
    """As whom nodes act: an account that is named, else the module's own."""
    own = entry.get("service_account")
    given = own if own is not None else make.input("service_account")
    if given is not None and given.data != "":
        return given
    return None if account is None else make.reference(account, "email")


def _location(make: Builder) -> Value | None:
    """The region; of a cluster that is not regional its first zone."""
    regional, zones = make.input("regional"), make.input("zones")
    if regional is not None and regional.unknown is not None:
        return regional
    if not switched_off(regional):
        return make.input("region")
    first = zones.elements()[:1] if zones is not None else ()
    return first[0] if first else zones


def _pool(
    make: Builder,
    cluster: Resource,
    number: int,
    entry: Value,
    account: Resource | None,
) -> Resource:
    name = entry.get("name")
    known = name is not None and isinstance(name.data, str)
    key = quoted(str(name.data)) if known and name is not None else "*"
    if name is None and entry.unknown is None:
        key = quoted("default-node-pool") if not number else "*"
    return make.resource(
        f"google_container_node_pool.pools[{key}]",
        "google",
        entry if entry.unknown is not None else None,
        name=name,
        location=_location(make),
        cluster=make.reference(cluster, "name"),
        node_config=make.blocks(
            machine_type=_or(make, entry, "machine_type", "e2-medium"),
            guest_accelerator=_accelerators(make, entry),
            boot_disk_kms_key=entry.get("boot_disk_kms_key"),
            service_account=_node_account(make, entry, account),
            taint=make.input("node_pools_taints", _name_of(name)),
            workload_metadata_config=make.blocks(
                mode=entry.get("node_metadata")
                or make.or_default("node_metadata", "GKE_METADATA")
            ),
        ),
    )


def _name_of(name: Value | None) -> str:
    return name.data if name is not None and isinstance(name.data, str) else ""


def _or(make: Builder, entry: Value, name: str, absent: str) -> Value:
    given = entry.get(name)
    return make.default("node_pools", absent) if given is None else given


def _accelerators(make: Builder, entry: Value) -> Value | None:
    count, kind = entry.get("accelerator_count"), entry.get("accelerator_type")
    if count is None or count.is_null or count.integer() == 0:
        return None
    return make.blocks(count=count, type=kind)


def _network(make: Builder) -> Expansion:
    network = make.resource(
        "module.vpc.google_compute_network.network",
        "google",
        name=make.input("network_name"),
        project=make.input("project_id"),
        auto_create_subnetworks=make.or_default("auto_create_subnetworks", data=False),
    )
    made = [network]
    for entry in entries_of(make.input("subnets")):
        name, region = entry.get("subnet_name"), make.input("subnets_region")
        region = entry.get("subnet_region") if region is None else region
        known = [
            v.data for v in (region, name) if v is not None and isinstance(v.data, str)
        ]
        key = quoted("/".join(known)) if len(known) == 2 else "*"
        made.append(
            make.resource(
                f"module.subnets.google_compute_subnetwork.subnetwork[{key}]",
                "google",
                entry if entry.unknown is not None else None,
                name=name,
                region=region,
                ip_cidr_range=entry.get("subnet_ip"),
                network=make.reference(network, "name"),
            )
        )
    outputs = {
        "network_name": (network, "name"),
        "network_id": (network, "id"),
        "network_self_link": (network, "self_link"),
    }
    return Expansion(tuple(made), outputs)


GOOGLE_GKE = Module(
    tuple(source + folder for source in _SOURCES for folder in _STANDARD),
    "25.0 to 44.2",
    44,
    _standard,
)
GOOGLE_GKE_AUTOPILOT = Module(
    tuple(source + folder for source in _SOURCES for folder in _AUTOPILOT),
    "25.0 to 44.2",
    44,
    _autopilot,
)
GOOGLE_NETWORK = Module(
    (
        "terraform-google-modules/network/google",
        "terraform-google-modules/terraform-google-network",
    ),
    "5.0 to 18.1",
    18,
    _network,
)
