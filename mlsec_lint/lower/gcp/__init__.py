"""Google Cloud in estate words, one module per service.

`lower_gcp` is the only thing other floors call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.gcp.audit import lower_audit
from mlsec_lint.lower.gcp.backups import lower_backups
from mlsec_lint.lower.gcp.deletion import lower_deletion
from mlsec_lint.lower.gcp.identities import lower_identities
from mlsec_lint.lower.gcp.instances import lower_instances
from mlsec_lint.lower.gcp.key_custody import lower_key_custody
from mlsec_lint.lower.gcp.key_rights import lower_key_rights
from mlsec_lint.lower.gcp.key_uses import lower_key_uses
from mlsec_lint.lower.gcp.keys import lower_keys
from mlsec_lint.lower.gcp.lifecycle import lower_lifecycle
from mlsec_lint.lower.gcp.mounts import lower_mounts
from mlsec_lint.lower.gcp.orphans import lower_orphans
from mlsec_lint.lower.gcp.snapshots import lower_snapshots
from mlsec_lint.lower.gcp.storage import lower_storage
from mlsec_lint.lower.gcp.volumes import lower_volumes
from mlsec_lint.lower.terraform_index import index_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.terraform_index import TerraformIndex

#: In order: keys before the stores they seal.
SERVICES: tuple[Callable[[TerraformIndex, Estate], None], ...] = (
    lower_keys,
    lower_identities,
    lower_key_custody,
    lower_key_rights,
    lower_key_uses,
    lower_storage,
    lower_volumes,
    lower_instances,
    lower_backups,
    lower_lifecycle,
    lower_audit,
    lower_snapshots,
    lower_mounts,
    lower_deletion,
    lower_orphans,
)


def lower_gcp(inputs: Inputs, estate: Estate) -> None:
    """Add every store, key and copy that Google Cloud resources declare."""
    index = index_of(inputs)
    for service in SERVICES:
        service(index, estate)
