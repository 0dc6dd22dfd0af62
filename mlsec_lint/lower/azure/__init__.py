"""Microsoft Azure in estate words, one module per service.

`lower_azure` is the only thing other floors call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.azure.backups import lower_backups
from mlsec_lint.lower.azure.copies import lower_copies
from mlsec_lint.lower.azure.databricks import lower_databricks
from mlsec_lint.lower.azure.datastores import lower_datastores
from mlsec_lint.lower.azure.deletion import lower_deletion
from mlsec_lint.lower.azure.diagnostics import lower_diagnostics
from mlsec_lint.lower.azure.encryption_scopes import lower_encryption_scopes
from mlsec_lint.lower.azure.factories import lower_factories
from mlsec_lint.lower.azure.galleries import lower_galleries
from mlsec_lint.lower.azure.identities import lower_identities
from mlsec_lint.lower.azure.key_custody import lower_key_custody
from mlsec_lint.lower.azure.key_regions import lower_key_regions
from mlsec_lint.lower.azure.key_rights import lower_key_rights
from mlsec_lint.lower.azure.key_uses import lower_key_uses
from mlsec_lint.lower.azure.keys import lower_keys
from mlsec_lint.lower.azure.lifecycle import lower_lifecycle
from mlsec_lint.lower.azure.machines import lower_machines
from mlsec_lint.lower.azure.managed import lower_computes
from mlsec_lint.lower.azure.mounts import lower_mounts
from mlsec_lint.lower.azure.orphans import lower_orphans
from mlsec_lint.lower.azure.snapshots import lower_snapshots
from mlsec_lint.lower.azure.storage import lower_storage
from mlsec_lint.lower.azure.volumes import lower_volumes
from mlsec_lint.lower.terraform_index import index_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.terraform_index import TerraformIndex

#: In order: keys before the stores they seal, stores before what copies them.
SERVICES: tuple[Callable[[TerraformIndex, Estate], None], ...] = (
    lower_keys,
    lower_key_regions,
    lower_identities,
    lower_key_custody,
    lower_key_rights,
    lower_key_uses,
    lower_storage,
    lower_encryption_scopes,
    lower_copies,
    lower_volumes,
    lower_databricks,
    lower_machines,
    lower_computes,
    lower_datastores,
    lower_backups,
    lower_lifecycle,
    lower_diagnostics,
    lower_galleries,
    lower_snapshots,
    lower_mounts,
    lower_factories,
    lower_deletion,
    lower_orphans,
)


def lower_azure(inputs: Inputs, estate: Estate) -> None:
    """Add every store, key and copy that Azure resources declare."""
    index = index_of(inputs)
    for service in SERVICES:
        service(index, estate)
