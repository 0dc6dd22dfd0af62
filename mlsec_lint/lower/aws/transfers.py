"""What copies S3 and file-system contents on purpose: DataSync tasks, object copies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.aws.s3 import BUCKETS
from mlsec_lint.lower.aws.volumes import EFS, FSX
from mlsec_lint.lower.declared import add_copy, bucket_named, place_like, store_of
from mlsec_lint.lower.reading import given, span_of

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

#: DataSync locations: type, argument that names the store, types of stores.
LOCATIONS = {
    "aws_datasync_location_s3": ("s3_bucket_arn", BUCKETS),
    "aws_datasync_location_efs": ("efs_file_system_arn", (EFS,)),
    "aws_datasync_location_fsx_lustre_file_system": ("fsx_filesystem_arn", FSX),
    "aws_datasync_location_fsx_openzfs_file_system": ("fsx_filesystem_arn", FSX),
    "aws_datasync_location_fsx_windows_file_system": ("fsx_filesystem_arn", FSX),
    "aws_datasync_location_fsx_ontap_file_system": ("fsx_filesystem_arn", FSX),
}


def lower_transfers(index: TerraformIndex, estate: Estate) -> None:
    """Every DataSync task and object copy whose source is a store of the scan."""
    for here in index.roots:
        for task in here.of("aws_datasync_task"):
            _task(index, here, task, estate)
        for copy in here.of("aws_s3_object_copy"):
            _object(index, here, copy, estate)


def _task(
    index: TerraformIndex, here: RootIndex, task: Resource, estate: Estate
) -> None:
    source = _location(index, here, given(task.values, "source_location_arn"), estate)
    value = given(task.values, "destination_location_arn")
    if source is None or value is None:
        return
    target = _location(index, here, value, estate)
    span = span_of(value, task)
    copy = add_copy(estate, source, here.address(task), "datasync", span, target)
    if target is not None:
        place_like(copy, target, span)


def _location(
    index: TerraformIndex, here: RootIndex, value: Value | None, estate: Estate
) -> Thing | None:
    """The store behind a DataSync location; None where it is not one of the scan."""
    for location in here.parents(value, tuple(LOCATIONS)):
        name, types = LOCATIONS[location.type]
        named = given(location.values, name)
        if named is not None:
            return _store(index, here, named, types, estate)
    return None


def _store(
    index: TerraformIndex,
    here: RootIndex,
    value: Value,
    types: tuple[str, ...],
    estate: Estate,
) -> Thing | None:
    found = here.parents(value, types)
    if len(found) == 1:
        return store_of(index, estate, found[0])
    text, span = here.text_of(value), value.entry()
    if found or not isinstance(text, str) or span is None or types is not BUCKETS:
        return None
    name = text.rpartition(":::")[2].partition("/")[0]
    return bucket_named(estate, f"s3://{name}", span)


def _object(
    index: TerraformIndex, here: RootIndex, copy: Resource, estate: Estate
) -> None:
    """`source = "bucket/key"`: an object that is copied to another bucket."""
    source, bucket = given(copy.values, "source"), given(copy.values, "bucket")
    if source is None or bucket is None:
        return
    text = here.text_of(source)
    name = text.partition("/")[0] if isinstance(text, str) else ""
    span = span_of(bucket, copy)
    origin = bucket_named(estate, f"s3://{name}", span) if name else None
    target = _store(index, here, bucket, BUCKETS, estate)
    if origin is None or target is None or origin is target:
        return
    made = add_copy(estate, origin, here.address(copy), "object-copy", span, target)
    place_like(made, target, span)
