"""Containers and network rules of storage accounts that the scan does not declare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.azure.storage import ACCOUNT, CONTAINER, admits, container_reading
from mlsec_lint.lower.orphans import Parent, orphans
from mlsec_lint.lower.reading import put, put_also

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.terraform_index import TerraformIndex

BY_ID = Parent("storage_account_id", (ACCOUNT,), "store", "object", "azure")
BY_NAME = Parent(
    "storage_account_name",
    (ACCOUNT,),
    "store",
    "object",
    "azure",
    "azure-storage-account:",
)


def lower_orphans(index: TerraformIndex, estate: Estate) -> None:
    """State what containers and network rules open of an undeclared account."""
    for parent in (BY_ID, BY_NAME):
        for orphan in orphans(index, estate, CONTAINER, parent):
            found = container_reading(orphan.owner)
            if found is not None and found.value is not False:
                put_also(orphan.make(), "public.acl", found)
    rules = "azurerm_storage_account_network_rules"
    for orphan in orphans(index, estate, rules, BY_ID):
        found = admits(orphan.owner, orphan.owner.values)
        if found.value is not False:
            put(orphan.make(), "public.network", found)
