"""Azure resources that hold no weights and name a key: logs, databases, secrets."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from mlsec_lint.lower.azure.keys import KEYS
from mlsec_lint.lower.other_uses import put_other_uses

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

OTHER_USES = (
    ("azurerm_cosmosdb_account", "key_vault_key_id"),
    ("azurerm_kubernetes_cluster", "key_management_service.key_vault_key_id"),
    ("azurerm_log_analytics_cluster_customer_managed_key", "key_vault_key_id"),
    ("azurerm_mssql_server_transparent_data_encryption", "key_vault_key_id"),
    ("azurerm_postgresql_flexible_server", "customer_managed_key.key_vault_key_id"),
    ("azurerm_servicebus_namespace", "customer_managed_key.key_vault_key_id"),
)


def lower_key_uses(index: TerraformIndex, estate: Estate) -> None:
    """State which declared keys also seal other data."""
    for here in index.roots:
        put_other_uses(here, estate, OTHER_USES, partial(_keys, here))


def _keys(here: RootIndex, value: Value) -> list[Resource]:
    return here.parents(value, KEYS)
