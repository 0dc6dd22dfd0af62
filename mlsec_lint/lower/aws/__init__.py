"""Amazon Web Services in estate words, one module per service.

`lower_aws` is the only thing other floors call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.aws.backups import lower_backups
from mlsec_lint.lower.aws.bare_copies import add_bare_copies
from mlsec_lint.lower.aws.compatible import lower_compatible
from mlsec_lint.lower.aws.deletion import lower_deletion
from mlsec_lint.lower.aws.edge import lower_edge
from mlsec_lint.lower.aws.iam import lower_roles
from mlsec_lint.lower.aws.image_builder import lower_image_builder
from mlsec_lint.lower.aws.instances import lower_instances
from mlsec_lint.lower.aws.key_custody import lower_key_custody
from mlsec_lint.lower.aws.key_regions import lower_key_regions
from mlsec_lint.lower.aws.key_rights import lower_key_rights
from mlsec_lint.lower.aws.key_uses import lower_key_uses
from mlsec_lint.lower.aws.keys import lower_keys
from mlsec_lint.lower.aws.lifecycle import lower_lifecycle
from mlsec_lint.lower.aws.models import lower_models
from mlsec_lint.lower.aws.mounts import lower_mounts
from mlsec_lint.lower.aws.registries import lower_registries
from mlsec_lint.lower.aws.registry_caches import lower_registry_caches
from mlsec_lint.lower.aws.registry_sharing import lower_registry_sharing
from mlsec_lint.lower.aws.s3 import lower_s3
from mlsec_lint.lower.aws.s3_doors import lower_s3_doors
from mlsec_lint.lower.aws.s3_logs import lower_s3_logs
from mlsec_lint.lower.aws.s3_objects import lower_s3_objects
from mlsec_lint.lower.aws.s3_orphans import lower_s3_orphans
from mlsec_lint.lower.aws.snapshots import lower_snapshots
from mlsec_lint.lower.aws.trails import lower_trails
from mlsec_lint.lower.aws.transfers import lower_transfers
from mlsec_lint.lower.aws.volumes import lower_volumes
from mlsec_lint.lower.terraform_index import index_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.terraform_index import TerraformIndex

#: In order: keys before the stores they seal, stores before what points at them.
SERVICES: tuple[Callable[[TerraformIndex, Estate], None], ...] = (
    lower_keys,
    lower_key_regions,
    lower_key_custody,
    lower_key_rights,
    lower_key_uses,
    lower_s3,
    lower_s3_doors,
    lower_s3_objects,
    lower_roles,
    lower_volumes,
    lower_instances,
    lower_backups,
    add_bare_copies,
    lower_transfers,
    lower_lifecycle,
    lower_trails,
    lower_registries,
    lower_registry_caches,
    lower_models,
    lower_registry_sharing,
    lower_edge,
    lower_snapshots,
    lower_image_builder,
    lower_mounts,
    lower_deletion,
    lower_s3_orphans,
    lower_s3_logs,
    lower_compatible,
)


def lower_aws(inputs: Inputs, estate: Estate) -> None:
    """Add every store, key, identity and copy that AWS resources declare."""
    index = index_of(inputs)
    for service in SERVICES:
        service(index, estate)
