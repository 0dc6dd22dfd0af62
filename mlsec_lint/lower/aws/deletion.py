"""AWS stores: whether a plan can destroy them with everything they hold.

Does not model: vault locks and backup plans, MFA delete, termination protection.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.aws.s3 import BUCKETS
from mlsec_lint.lower.aws.volumes import EBS, EFS, FSX, LUSTRE
from mlsec_lint.lower.declared import store_of
from mlsec_lint.lower.lasting import flag, if_exists, put_guarded
from mlsec_lint.lower.reading import by_default, equal_to, given, read_text, reading
from mlsec_lint.lower.unsure import unsure_of

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Fact
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource

_REPOSITORY = "aws_ecr_repository"
_FINAL = "skip_final_backup"


def lower_deletion(index: TerraformIndex, estate: Estate) -> None:
    """State `deletion.guarded` of buckets, registries, disks and file systems."""
    for here in index.roots:
        for kind in (*BUCKETS, _REPOSITORY, EBS, EFS, *FSX):
            for resource in here.of(kind):
                store = store_of(index, estate, resource)
                if store is None:
                    continue
                readings = _readings(index, here, resource)
                locked = store.fact("retention.locked")
                if locked is not None and locked.value is not False:
                    readings.append(locked)
                put_guarded(store, resource, readings)


def _readings(index: TerraformIndex, here: RootIndex, resource: Resource) -> list[Fact]:
    kind = resource.type
    if kind in BUCKETS:
        return [flag(resource, "force_destroy", off=True, of="aws_s3_bucket")]
    if kind == _REPOSITORY:
        return [flag(resource, "force_delete", off=True)]
    if kind == EBS:
        return [flag(resource, "final_snapshot")]
    if kind == EFS:
        return _backed_up(index, here, resource)
    if kind == LUSTRE:
        return [flag(resource, _FINAL, off=True)]
    return [flag(resource, _FINAL, off=True, of="aws_fsx_openzfs_file_system")]


def _backed_up(index: TerraformIndex, here: RootIndex, system: Resource) -> list[Fact]:
    """An EFS file system whose automatic backups are on can be restored from them."""
    kind = "aws_efs_backup_policy"
    satellites = index.satellites(here, system, kind, "file_system_id")
    readings = [
        by_default(system, "backup"),
        *unsure_of(here, satellites, "file_system_id"),
    ]
    for owner in satellites.found:
        status = given(owner.values, "backup_policy", "status")
        if status is not None:
            found = read_text(owner, status, reading(status, owner, ""))
            readings.append(if_exists(owner, equal_to(found, "ENABLED")))
    return readings
