"""Azure/avm-res-keyvault-vault/azurerm by its inputs (read: 0.5 to 0.11, 2026-11).

Does not model: secrets, private endpoints, diagnostic settings, legacy access policies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.modules.building import (
    Builder,
    Expansion,
    Module,
    members_of,
    quoted,
    switched_on,
)

if TYPE_CHECKING:
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value


def _expand(make: Builder) -> Expansion:
    vault = make.resource(
        "azurerm_key_vault.this",
        "azurerm",
        name=make.input("name"),
        resource_group_name=make.input("resource_group_name"),
        location=make.input("location"),
        tenant_id=make.input("tenant_id"),
        sku_name=make.or_default("sku_name", "premium"),
        purge_protection_enabled=make.or_default("purge_protection_enabled", data=True),
        soft_delete_retention_days=make.input("soft_delete_retention_days"),
        public_network_access_enabled=make.or_default(
            "public_network_access_enabled", data=True
        ),
        rbac_authorization_enabled=_rbac(make),
        network_acls=_rules(make),
        tags=make.input("tags"),
    )
    outputs = {"resource_id": (vault, "id"), "uri": (vault, "vault_uri")}
    made: list[Resource] = [vault, *_lock(make, vault), *_grants(make, vault)]
    listed = make.input("keys")
    for name, entry in members_of(listed):
        key = _key(make, vault, name, entry)
        made.append(key)
        for output in ("keys", "keys_resource_ids", "resource_keys"):
            outputs[f"{output}.{name}"] = (key, "")
    return Expansion(tuple(made), outputs)


def _rbac(make: Builder) -> Value | None:
    legacy = make.input("legacy_access_policies_enabled")
    if legacy is None:
        return make.default("legacy_access_policies_enabled", data=True)
    return legacy if legacy.unknown is not None else make.fixed(not switched_on(legacy))


def _rules(make: Builder) -> Value | None:
    """The firewall denies by default; only an explicit null opens it."""
    given = make.call.arguments.at("network_acls")
    deny = make.default("network_acls", "Deny")
    if given is None:
        return make.blocks(default_action=deny, bypass=make.fixed("None"))
    if given.is_null or given.unknown is not None:
        return None if given.is_null else given
    action = given.get("default_action")
    if action is None or action.is_null:
        return given.replace(data={**given.data, "default_action": deny})
    return given


def _lock(make: Builder, vault: Resource) -> list[Resource]:
    lock = make.input("lock")
    if lock is None:
        return []
    return [
        make.resource(
            "azurerm_management_lock.this[0]",
            "azurerm",
            lock,
            scope=make.reference(vault, "id"),
            lock_level=lock.get("kind"),
        )
    ]


def _grants(make: Builder, vault: Resource) -> list[Resource]:
    listed = make.input("role_assignments")
    found = []
    for name, entry in members_of(listed):
        role = entry.get("role_definition_id_or_name")
        by_id = role is not None and isinstance(role.data, str) and "/" in role.data
        found.append(
            make.resource(
                f"azurerm_role_assignment.this[{quoted(name)}]",
                "azurerm",
                scope=make.reference(vault, "id"),
                principal_id=entry.get("principal_id"),
                role_definition_id=role if by_id else None,
                role_definition_name=None if by_id else role,
            )
        )
    return found


def _key(make: Builder, vault: Resource, name: str, entry: Value) -> Resource:
    return make.resource(
        f"module.keys[{quoted(name)}].azurerm_key_vault_key.this",
        "azurerm",
        name=entry.get("name"),
        key_vault_id=make.reference(vault, "id"),
        key_type=entry.get("key_type"),
        key_size=entry.get("key_size"),
        key_opts=entry.get("key_opts"),
        tags=entry.get("tags"),
    )


AZURE_KEY_VAULT = Module(
    (
        "Azure/avm-res-keyvault-vault/azurerm",
        "Azure/terraform-azurerm-avm-res-keyvault-vault",
    ),
    "0.5 to 0.11",
    0,
    _expand,
)
