"""Storage Transfer Service: jobs that fill a bucket of Google Cloud from another store.

The source may be a bucket of this or of another cloud, so that they are read once the
stores of all clouds are known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.declared import add_copy, bucket_named, place_like, store_of
from mlsec_lint.lower.reading import given, put, span_of, unknown_because
from mlsec_lint.lower.stores import azure_container
from mlsec_lint.lower.terraform_index import index_of

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

BUCKET = "google_storage_bucket"


def lower_storage_transfers(inputs: Inputs, estate: Estate) -> None:
    """A copy of each store that a transfer or replication job reads."""
    index = index_of(inputs)
    for here in index.roots:
        for job in here.of("google_storage_transfer_job"):
            _transfer(index, here, job, estate)


def _transfer(
    index: TerraformIndex, here: RootIndex, job: Resource, estate: Estate
) -> None:
    spec = given(job.values, "transfer_spec")
    status = given(job.values, "status")
    if status is not None and status.text() in {"DISABLED", "DELETED"}:
        return
    if spec is None:
        spec = given(job.values, "replication_spec")
    sink = given(spec, "gcs_data_sink", "bucket_name")
    origin = _origin(index, here, spec, estate)
    if origin is None or sink is None:
        return
    span = span_of(sink, job)
    target = _named(index, here, sink, estate)
    address = here.address(job)
    copy = add_copy(estate, origin, address, "storage-transfer", span, target)
    if target is not None:
        place_like(copy, target, span)
    else:
        put(copy, "place.region", unknown_because(job, "its sink is not known"))
        copy.state("place.provider", "gcp", span)


def _origin(
    index: TerraformIndex, here: RootIndex, spec: Value | None, estate: Estate
) -> Thing | None:
    """The store that a job reads, also one of another cloud."""
    source = given(spec, "gcs_data_source", "bucket_name")
    if source is not None:
        return _named(index, here, source, estate)
    for name in ("aws_s3_data_source", "aws_s3_compatible_data_source"):
        text = here.text_of(given(spec, name, "bucket_name"))
        if isinstance(text, str):
            return next(iter(estate.named(f"s3://{text}", "store")), None)
    blobs = given(spec, "azure_blob_storage_data_source")
    account = here.text_of(given(blobs, "storage_account"))
    container = here.text_of(given(blobs, "container"))
    if isinstance(account, str) and isinstance(container, str):
        for name in azure_container(account, container).names:
            for store in estate.named(name, "store"):
                return store
    return None


def _named(
    index: TerraformIndex, here: RootIndex, value: Value, estate: Estate
) -> Thing | None:
    found = here.parents(value, (BUCKET,))
    if len(found) == 1:
        return store_of(index, estate, found[0])
    text = here.text_of(value)
    span = value.entry()
    if not isinstance(text, str) or span is None:
        return None
    return bucket_named(estate, f"gs://{text}", span)
