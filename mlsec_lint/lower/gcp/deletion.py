"""Google Cloud stores: whether a plan or one call can wipe them.

Does not model: organisation policies, liens on the project, bucket object holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.declared import store_of
from mlsec_lint.lower.gcp.storage import BUCKET
from mlsec_lint.lower.lasting import RECOVERABLE, flag, put_guarded
from mlsec_lint.lower.reading import any_of, by_default, changed, given, put, reading
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Fact, Thing
    from mlsec_lint.lower.terraform_index import TerraformIndex
    from mlsec_lint.terraform.resource import Resource

_DISKS = ("google_compute_disk", "google_compute_region_disk")
#: Types with one flag: the argument, and whether it is the dangerous one.
FLAGS = (
    *((kind, "create_snapshot_before_destroy", False) for kind in _DISKS),
    ("google_filestore_instance", "deletion_protection_enabled", False),
)
_SOFT = "soft_delete_policy"


def lower_deletion(index: TerraformIndex, estate: Estate) -> None:
    """State `deletion.guarded` and `deletion.recoverable` of buckets, disks, shares."""
    for here in index.roots:
        for bucket in here.of(BUCKET):
            store = store_of(index, estate, bucket)
            if store is not None:
                _bucket(store, bucket)
        for kind, argument, off in FLAGS:
            for resource in here.of(kind):
                store = store_of(index, estate, resource)
                if store is not None:
                    table = _DISKS[0] if kind in _DISKS else ""
                    guard = flag(resource, argument, off=off, of=table)
                    put_guarded(store, resource, [guard])


def _bucket(store: Thing, bucket: Resource) -> None:
    """A bucket with objects in it refuses to go, unless it is forced to."""
    readings = [flag(bucket, "force_destroy", off=True)]
    locked = store.fact("retention.locked")
    if locked is not None and locked.value is not False:
        readings.append(locked)
    put_guarded(store, bucket, readings)
    kept = [_soft_delete(bucket)]
    for name in ("retention.locked", "versioning.enabled"):
        fact = store.fact(name)
        if fact is not None and fact.value is not False:
            kept.append(fact)
    put(store, RECOVERABLE, any_of(kept))


def _soft_delete(bucket: Resource) -> Fact:
    """Deleted objects are kept for 7 days unless the policy says otherwise."""
    value = given(bucket.values, _SOFT, "retention_duration_seconds")
    if value is None:
        policy = given(bucket.values, _SOFT)
        if policy is not None and policy.unknown is not None:
            return reading(policy, bucket, policy.unknown._replace(possible=None))
        return by_default(bucket, _SOFT)
    seconds = value.integer()
    if seconds is None:
        seconds = Unknown("error", "this is not a number of seconds", span=value.span)
    found = reading(value, bucket, seconds)
    return changed(found, lambda number: str(number) != "0")
