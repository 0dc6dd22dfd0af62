"""Azure/avm-res-storage-storageaccount/azurerm by its inputs (read: 0.2 to 0.9, 2026-11).

Does not model: shares, queues, tables, private endpoints, management policies.
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
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_ACCESS = {"none": "private", "blob": "blob", "container": "container"}


def _expand(make: Builder) -> Expansion:
    account = make.resource(
        "azurerm_storage_account.this",
        "azurerm",
        name=make.input("name"),
        resource_group_name=make.input("resource_group_name"),
        location=make.input("location"),
        edge_zone=make.input("edge_zone"),
        tags=make.input("tags"),
        account_replication_type=make.or_default("account_replication_type", "ZRS"),
        allow_nested_items_to_be_public=make.or_default(
            "allow_nested_items_to_be_public", data=False
        ),
        public_network_access_enabled=make.or_default(
            "public_network_access_enabled", data=False
        ),
        shared_access_key_enabled=make.or_default(
            "shared_access_key_enabled", data=False
        ),
        local_user_enabled=make.or_default("local_user_enabled", data=False),
        sftp_enabled=make.or_default("sftp_enabled", data=False),
        network_rules=_rules(make),
        customer_managed_key=make.input("customer_managed_key"),
        blob_properties=make.input("blob_properties"),
        immutability_policy=make.input("immutability_policy"),
        static_website=make.input("static_website"),
    )
    outputs = {"resource_id": (account, "id"), "name": (account, "name")}
    return Expansion((account, *_containers(make, account)), outputs)


def _rules(make: Builder) -> Value | None:
    """Network rules deny by default; only an explicit null opens the firewall."""
    given = make.call.arguments.at("network_rules")
    deny = make.default("network_rules", "Deny")
    if given is None:
        return make.blocks(default_action=deny)
    if given.is_null or given.unknown is not None:
        return None if given.is_null else given
    action = given.get("default_action")
    if action is None or action.is_null:
        return given.replace(data={"default_action": deny})
    return given


def _containers(make: Builder, account: Resource) -> list[Resource]:
    listed = make.input("containers")
    found = []
    for key, entry in members_of(listed):
        access = entry.get("public_access")
        if access is not None and isinstance(access.data, str):
            access = access.replace(data=_ACCESS.get(access.data.lower(), access.data))
        found.append(
            make.resource(
                f"azurerm_storage_container.this[{quoted(key)}]",
                "azurerm",
                name=entry.get("name"),
                storage_account_id=make.reference(account, "id"),
                container_access_type=access,
            )
        )
    return found


AZURE_STORAGE = Module(
    (
        "Azure/avm-res-storage-storageaccount/azurerm",
        "Azure/terraform-azurerm-avm-res-storage-storageaccount",
    ),
    "0.2 to 0.9",
    0,
    _expand,
)
