"""Resources of the azapi provider as the azurerm resources that they are.

`azapi_resource` takes a type of the Azure Resource Manager and a body as the API has it.
What `TYPES` lists is handed to the lowerings under azurerm's names, with the address,
spans and trails of what was written; every other type stays as it is. Where the API's
own default differs from azurerm's, `_API_DEFAULTS` says it, else none of the two.

Sources: Azure template reference (Microsoft.Storage 2024-01-01, MachineLearningServices
2025-06-01, ContainerRegistry 2023-07-01, KeyVault 2023-07-01, ContainerService
2025-02-01), azapi provider documentation; all read 2026-11.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.value import Symbol, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from mlsec_lint.terraform.resource import Resource

_SOURCE = "azapi_resource"
_ML = "microsoft.machinelearningservices/workspaces"
_HUB = "azurerm_ai_foundry"
_RULE = "azurerm_machine_learning_workspace_network_outbound_rule_"
_OFF = ("disabled", "securedbyperimeter", "notspecified")


class Row(NamedTuple):
    """An attribute of azurerm (dots lead into blocks) and where the API has it."""

    attribute: str
    path: str
    convert: Callable[[Value], Value | None] | None = None


class Kind(NamedTuple):
    """The azurerm type of an API type: its rows, and the argument for `parent_id`."""

    type: str
    rows: tuple[Row, ...]
    parent: str = ""


def _map(value: Value, change: Callable[[str], object]) -> Value:
    return value.replace(data=change(value.data)) if _is_text(value) else value


def _is_text(value: Value) -> bool:
    return isinstance(value.data, str)


def _on(value: Value) -> Value:
    """`Enabled` and `Disabled` as true and false."""
    return _map(value, lambda text: text.lower() not in _OFF)


def _not(value: Value) -> Value:
    return value.replace(data=not value.data) if isinstance(value.data, bool) else value


def _replication(value: Value) -> Value:
    """`Standard_GRS` as `GRS`."""
    return _map(value, lambda text: text.partition("_")[2] or text)


def _access(value: Value) -> Value:
    """Public access of a container: `None` is `private`."""
    return _map(
        value, lambda text: "private" if text.lower() == "none" else text.lower()
    )


def _listed(value: Value) -> Value:
    """A list of `{value: ...}` as a list of the values."""
    if not isinstance(value.data, tuple):
        return value
    inner = (one.get("value") or one for one in value.elements())
    return value.replace(data=tuple(inner))


_STORAGE = (
    Row("account_replication_type", "sku.name", _replication),
    Row("account_kind", "kind"),
    Row("allow_nested_items_to_be_public", "properties.allowBlobPublicAccess"),
    Row("shared_access_key_enabled", "properties.allowSharedKeyAccess"),
    Row("public_network_access_enabled", "properties.publicNetworkAccess", _on),
    Row("https_traffic_only_enabled", "properties.supportsHttpsTrafficOnly"),
    Row("min_tls_version", "properties.minimumTlsVersion"),
    Row("sftp_enabled", "properties.isSftpEnabled"),
    Row("local_user_enabled", "properties.isLocalUserEnabled"),
    Row("is_hns_enabled", "properties.isHnsEnabled"),
    Row("cross_tenant_replication_enabled", "properties.allowCrossTenantReplication"),
    Row("allowed_copy_scope", "properties.allowedCopyScope"),
    Row("network_rules.default_action", "properties.networkAcls.defaultAction"),
    Row("network_rules.bypass", "properties.networkAcls.bypass"),
    Row("network_rules.ip_rules", "properties.networkAcls.ipRules", _listed),
    Row(
        "customer_managed_key.key_name",
        "properties.encryption.keyvaultproperties.keyname",
    ),
)
_CONTAINER = (
    Row("container_access_type", "properties.publicAccess", _access),
    Row("metadata", "properties.metadata"),
)
_WORKSPACE = (
    Row("storage_account_id", "properties.storageAccount"),
    Row("key_vault_id", "properties.keyVault"),
    Row("container_registry_id", "properties.containerRegistry"),
    Row("application_insights_id", "properties.applicationInsights"),
    Row("public_network_access_enabled", "properties.publicNetworkAccess", _on),
    Row("high_business_impact", "properties.hbiWorkspace"),
    Row("managed_network.isolation_mode", "properties.managedNetwork.isolationMode"),
    Row(
        "encryption.key_id",
        "properties.encryption.keyVaultProperties.keyIdentifier",
    ),
    Row("image_build_compute_name", "properties.imageBuildCompute"),
)
_CLUSTER_OF_ML = (
    Row("vm_size", "properties.properties.vmSize"),
    Row("subnet_resource_id", "properties.properties.subnet.id"),
    Row("node_public_ip_enabled", "properties.properties.enableNodePublicIp"),
    Row(
        "ssh_public_access_enabled",
        "properties.properties.remoteLoginPortPublicAccess",
        _on,
    ),
    Row("local_auth_enabled", "properties.disableLocalAuth", _not),
)
_INSTANCE_OF_ML = (
    Row("virtual_machine_size", "properties.properties.vmSize"),
    Row("subnet_resource_id", "properties.properties.subnet.id"),
    Row("node_public_ip_enabled", "properties.properties.enableNodePublicIp"),
    Row(
        "ssh_public_access_enabled",
        "properties.properties.sshSettings.sshPublicAccess",
        _on,
    ),
    Row(
        "assign_to_user.object_id",
        "properties.properties.personalComputeInstanceSettings.assignedUser.objectId",
    ),
    Row("local_auth_enabled", "properties.disableLocalAuth", _not),
)
_REGISTRY = (
    Row("sku", "sku.name"),
    Row("admin_enabled", "properties.adminUserEnabled"),
    Row("anonymous_pull_enabled", "properties.anonymousPullEnabled"),
    Row("public_network_access_enabled", "properties.publicNetworkAccess", _on),
    Row("network_rule_set.default_action", "properties.networkRuleSet.defaultAction"),
    Row(
        "encryption.key_vault_key_id",
        "properties.encryption.keyVaultProperties.keyIdentifier",
    ),
    Row("trust_policy_enabled", "properties.policies.trustPolicy.status", _on),
    Row("export_policy_enabled", "properties.policies.exportPolicy.status", _on),
)
_VAULT = (
    Row("tenant_id", "properties.tenantId"),
    Row("sku_name", "properties.sku.name"),
    Row("rbac_authorization_enabled", "properties.enableRbacAuthorization"),
    Row("purge_protection_enabled", "properties.enablePurgeProtection"),
    Row("soft_delete_retention_days", "properties.softDeleteRetentionInDays"),
    Row("public_network_access_enabled", "properties.publicNetworkAccess", _on),
    Row("network_acls.default_action", "properties.networkAcls.defaultAction"),
    Row("network_acls.bypass", "properties.networkAcls.bypass"),
)
_POOL = (
    Row("vm_size", "properties.vmSize"),
    Row("vnet_subnet_id", "properties.vnetSubnetID"),
    Row("node_public_ip_enabled", "properties.enableNodePublicIP"),
    Row("host_encryption_enabled", "properties.enableEncryptionAtHost"),
    Row("node_labels", "properties.nodeLabels"),
    Row("node_taints", "properties.nodeTaints"),
    Row("mode", "properties.mode"),
)
_AKS = (
    Row(
        "private_cluster_enabled",
        "properties.apiServerAccessProfile.enablePrivateCluster",
    ),
    Row(
        "api_server_access_profile.authorized_ip_ranges",
        "properties.apiServerAccessProfile.authorizedIPRanges",
    ),
    Row("local_account_disabled", "properties.disableLocalAccounts"),
    Row("oidc_issuer_enabled", "properties.oidcIssuerProfile.enabled"),
    Row(
        "workload_identity_enabled",
        "properties.securityProfile.workloadIdentity.enabled",
    ),
    Row("network_profile.network_policy", "properties.networkProfile.networkPolicy"),
    Row("network_profile.network_plugin", "properties.networkProfile.networkPlugin"),
    Row(
        "network_profile.network_data_plane",
        "properties.networkProfile.networkDataplane",
    ),
    Row("network_profile.outbound_type", "properties.networkProfile.outboundType"),
    Row(
        "azure_active_directory_role_based_access_control.azure_rbac_enabled",
        "properties.aadProfile.enableAzureRBAC",
    ),
    Row("disk_encryption_set_id", "properties.diskEncryptionSetID"),
    Row("node_resource_group", "properties.nodeResourceGroup"),
)
_FQDN = (Row("destination_fqdn", "properties.destination"),)
_TAG = (Row("service_tag", "properties.destination.serviceTag"),)
_ENDPOINT = (
    Row("service_resource_id", "properties.destination.serviceResourceId"),
    Row("sub_resource_target", "properties.destination.subresourceTarget"),
)

#: API type, in lower case -> what it is, where one type is all that it can be.
TYPES: dict[str, Kind] = {
    "microsoft.storage/storageaccounts": Kind("azurerm_storage_account", _STORAGE),
    "microsoft.storage/storageaccounts/blobservices/containers": Kind(
        "azurerm_storage_container", _CONTAINER, "storage_account_id"
    ),
    _ML: Kind("azurerm_machine_learning_workspace", _WORKSPACE),
    "microsoft.containerregistry/registries": Kind(
        "azurerm_container_registry", _REGISTRY
    ),
    "microsoft.keyvault/vaults": Kind("azurerm_key_vault", _VAULT),
    "microsoft.containerservice/managedclusters": Kind(
        "azurerm_kubernetes_cluster", _AKS
    ),
    "microsoft.containerservice/managedclusters/agentpools": Kind(
        "azurerm_kubernetes_cluster_node_pool", _POOL, "kubernetes_cluster_id"
    ),
}
#: API type -> the property that tells which of several kinds it is, and those kinds.
_CHOICES: dict[str, tuple[str, dict[str, Kind]]] = {
    f"{_ML}/computes": (
        "properties.computeType",
        {
            "amlcompute": Kind(
                "azurerm_machine_learning_compute_cluster",
                _CLUSTER_OF_ML,
                "machine_learning_workspace_id",
            ),
            "computeinstance": Kind(
                "azurerm_machine_learning_compute_instance",
                _INSTANCE_OF_ML,
                "machine_learning_workspace_id",
            ),
        },
    ),
    f"{_ML}/outboundrules": (
        "properties.type",
        {
            "fqdn": Kind(f"{_RULE}fqdn", _FQDN, "workspace_id"),
            "servicetag": Kind(f"{_RULE}service_tag", _TAG, "workspace_id"),
            "privateendpoint": Kind(
                f"{_RULE}private_endpoint", _ENDPOINT, "workspace_id"
            ),
        },
    ),
}
#: What the API takes where a body says nothing, where azurerm says something else.
_API_DEFAULTS: dict[str, dict[str, object]] = {
    "azurerm_storage_account": {
        "allow_nested_items_to_be_public": False,
        "min_tls_version": "TLS1_0",
        "cross_tenant_replication_enabled": False,
    },
    "azurerm_machine_learning_workspace": {
        "public_network_access_enabled": Unknown(
            "resource", "the API's version decides whether the workspace is public"
        )
    },
    "azurerm_key_vault": {"rbac_authorization_enabled": False},
}
_SAME = ("name", "location", "tags", "identity")
_BLOBS = "microsoft.storage/storageaccounts/blobservices"
_BLOB_ROWS = (
    Row("versioning_enabled", "properties.isVersioningEnabled"),
    Row("delete_retention_policy.days", "properties.deleteRetentionPolicy.days"),
)


def without_azapi(resources: Iterable[Resource]) -> Iterator[Resource]:
    """The resources of a root, those of azapi that are known as azurerm's.

    Rules in a workspace's body and pools in a cluster's follow as resources of their
    own; a blob service becomes a block of its account.
    """
    listed = tuple(resources)
    services = [r for r in listed if r.type == _SOURCE and _api_type(r) == _BLOBS]
    for resource in listed:
        kind = _kind(resource) if resource.type == _SOURCE else None
        if kind is None:
            yield _hub(resource) if resource.type == _HUB else resource
            continue
        made = _made(resource, kind)
        body = _body(resource)
        if kind.type == "azurerm_storage_account":
            made = _with_blobs(made, services)
        if kind.type == "azurerm_kubernetes_cluster":
            made = _with_pool(made, body)
        yield made
        if kind.type == "azurerm_machine_learning_workspace":
            yield from _rules(resource, body)


def _hub(resource: Resource) -> Resource:
    """A hub of AI Foundry is a workspace of Azure ML of another kind."""
    data = dict(resource.values.items())
    switch = data.pop("public_network_access", None)
    if switch is not None:
        data["public_network_access_enabled"] = _on(switch)
    values = resource.values.replace(data=data)
    return replace(resource, type=TYPES[_ML].type, values=values)


def _api_type(resource: Resource) -> str:
    value = resource.values.get("type")
    text = value.data if value is not None else None
    return text.partition("@")[0].lower() if isinstance(text, str) else ""


def _body(resource: Resource) -> Value | None:
    body = resource.values.get("body")
    if body is not None and body.origin is not None and body.origin[0] == "json":
        return body.origin[1]  # azapi 1.x: jsonencode
    return body


def _kind(resource: Resource) -> Kind | None:
    name = _api_type(resource)
    if name in TYPES:
        told = _at(_body(resource), "kind")
        project = told is not None and told.data == "Project"
        return None if name == _ML and project else TYPES[name]
    if name not in _CHOICES:
        return None
    path, kinds = _CHOICES[name]
    told = _at(_body(resource), path)
    text = told.data if told is not None else None
    return kinds.get(text.lower()) if isinstance(text, str) else None


def _made(resource: Resource, kind: Kind, body: Value | None = None) -> Resource:
    body = _body(resource) if body is None else body
    data: dict[str, Value] = {
        name: value
        for name in _SAME
        if (value := resource.values.get(name)) is not None
    }
    parent = resource.values.get("parent_id")
    if kind.parent and parent is not None:
        data[kind.parent] = _account(parent)
    for row in kind.rows:
        value = _at(body, row.path)
        if value is None or value.is_null:
            continue
        _put(data, row.attribute, row.convert(value) if row.convert else value)
    for name, default in _API_DEFAULTS.get(kind.type, {}).items():
        data.setdefault(name, Value(default))
    values = resource.values.replace(data=data, origin=None)
    return replace(resource, type=kind.type, values=values)


def _put(data: dict[str, Value], attribute: str, value: Value | None) -> None:
    """Set an attribute, in the block that its dots lead to."""
    if value is None:
        return
    block, _, name = attribute.rpartition(".")
    if not block:
        data[name] = value
        return
    there = data.get(block)
    inner = dict(there.elements()[0].items()) if there is not None else {}
    inner[name] = value
    entry = Value(inner, value.span, key=value.key, trail=value.trail)
    data[block] = Value((entry,), value.span, key=value.key, trail=value.trail)


def _at(body: Value | None, path: str) -> Value | None:
    """What a body says at a dotted path; an unknown body says something unknown."""
    here = body
    for name in path.split("."):
        if here is None or here.is_null:
            return None
        if here.unknown is not None:
            return here
        here = _entry(here, name)
    return here


def _entry(value: Value, name: str) -> Value | None:
    """An entry of a mapping; the API takes names in any case."""
    found = value.get(name)
    if found is not None or not isinstance(value.data, dict):
        return found
    wanted = name.lower()
    return next((one for key, one in value.items() if key.lower() == wanted), None)


def _account(parent: Value) -> Value:
    """What a parent's id begins with: `"${azapi_resource.a.id}/blobServices/default"`."""
    data = parent.data
    if isinstance(data, str):
        return parent.replace(data=data.partition("/blobServices/")[0])
    if not isinstance(data, Unknown) or len(data.parts) != 2:
        return parent
    first, last = data.parts
    if isinstance(first, Unknown) and isinstance(last, str) and last.startswith("/"):
        return parent.replace(data=first)
    return parent


def _with_blobs(account: Resource, services: list[Resource]) -> Resource:
    """The account with what its blob service says; unknown where it may be another's."""
    for service in services:
        parent = service.values.get("parent_id")
        symbol = None if parent is None else parent.symbol
        if symbol is not None and symbol.address != account.address:
            continue
        block: dict[str, Value] = {}
        for row in _BLOB_ROWS:
            value = _at(_body(service), row.path)
            if symbol is None:
                why = f"whether {service.address} is of this account is not known"
                value = Value(Unknown("resource", why, span=service.span))
            if value is not None and not value.is_null:
                _put(block, row.attribute, value)
        entry = Value(block, service.span)
        blobs = {"blob_properties": Value((entry,), service.span)}
        data = dict(account.values.items()) | blobs
        return replace(account, values=account.values.replace(data=data))
    return account


def _with_pool(cluster: Resource, body: Value | None) -> Resource:
    """The cluster with its first pool; the API has the pools' settings side by side."""
    pools = _at(body, "properties.agentPoolProfiles")
    if pools is None or not pools.elements():
        return cluster
    first = pools.elements()[0]
    block: dict[str, Value] = {}
    for row in _POOL:
        value = _at(first, row.path.removeprefix("properties."))
        if value is not None and not value.is_null:
            _put(block, row.attribute, value)
    pool = {"default_node_pool": Value((first.replace(data=block),), first.span)}
    data = dict(cluster.values.items()) | pool
    return replace(cluster, values=cluster.values.replace(data=data))


def _rules(workspace: Resource, body: Value | None) -> Iterator[Resource]:
    """The outbound rules that stand in the body of a workspace."""
    rules = _at(body, "properties.managedNetwork.outboundRules")
    _, kinds = _CHOICES[f"{_ML}/outboundrules"]
    for name, rule in rules.items() if rules is not None else ():
        told = _at(rule, "type")
        text = told.data if told is not None else None
        kind = kinds.get(text.lower()) if isinstance(text, str) else None
        if kind is None:
            continue
        made = _made(workspace, kind, Value({"properties": rule}, rule.span))
        own = Unknown(
            "resource", "is the workspace", symbol=Symbol(workspace.address, ("id",))
        )
        data = dict(made.values.items()) | {kind.parent: Value(own, rule.span)}
        yield replace(
            made,
            address=f'{workspace.address}.outboundRules["{name}"]',
            values=made.values.replace(data=data),
            span=rule.entry() or workspace.span,
        )
