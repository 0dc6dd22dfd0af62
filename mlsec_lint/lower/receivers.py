"""Stores that receive logs or Terraform state: what their names say is not weights.

A bucket called `model-logs` that access logs are delivered to is a log bucket. This is
evidence against evidence by name only; a job that writes checkpoints there outranks it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.declared import store_of
from mlsec_lint.lower.reading import given, maybe_absent, put, reading
from mlsec_lint.lower.terraform_index import index_of, values_at

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Fact, Thing
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_STORES = ("aws_s3_bucket", "google_storage_bucket", "azurerm_storage_account")

#: Resource type and dotted attribute that names the receiving store.
RECEIVERS = (
    ("aws_s3_bucket_logging", "target_bucket"),
    ("aws_s3_bucket", "logging.target_bucket"),
    ("aws_cloudtrail", "s3_bucket_name"),
    ("aws_flow_log", "log_destination"),
    ("aws_lb", "access_logs.bucket"),
    ("aws_alb", "access_logs.bucket"),
    ("aws_elb", "access_logs.bucket"),
    ("aws_config_delivery_channel", "s3_bucket_name"),
    ("aws_cloudfront_distribution", "logging_config.bucket"),
    ("google_storage_bucket", "logging.log_bucket"),
    ("google_logging_project_sink", "destination"),
    ("google_logging_folder_sink", "destination"),
    ("google_logging_organization_sink", "destination"),
    ("azurerm_monitor_diagnostic_setting", "storage_account_id"),
    ("azurerm_network_watcher_flow_log", "storage_account_id"),
)
_BACKENDS = (("bucket", ("s3://", "gs://")), ("storage_account_name", ("azure://",)))


def lower_receivers(inputs: Inputs, estate: Estate) -> None:
    """State `receives.logs` of every declared store that logs or state go to."""
    index = index_of(inputs)
    for here in index.roots:
        for kind, attribute in RECEIVERS:
            for resource in here.of(kind):
                for value in values_at(resource.values, attribute):
                    _receives(index, here, estate, value, resource)
        _state(here, estate)


def _receives(
    index: TerraformIndex,
    here: RootIndex,
    estate: Estate,
    value: Value,
    resource: Resource,
) -> None:
    fact = maybe_absent(resource, reading(value, resource, data=True))
    for parent in here.parents(value, _STORES):
        store = store_of(index, estate, parent)
        if store is not None:
            _put(store, fact)
    text = here.text_of(value)
    if isinstance(text, str) and text.startswith("storage.googleapis.com/"):
        name = text.removeprefix("storage.googleapis.com/")
        for store in estate.named(f"gs://{name}", "store"):
            _put(store, fact)


def _put(store: Thing, fact: Fact) -> None:
    """State it, unless something certain was stated before."""
    known = store.fact("receives.logs")
    if known is None or known.value is not True:
        put(store, "receives.logs", fact)


def _state(here: RootIndex, estate: Estate) -> None:
    for argument, schemes in _BACKENDS:
        value = given(here.root.backend, argument)
        text = here.text_of(value)
        if value is None or not isinstance(text, str) or value.entry() is None:
            continue
        for scheme in schemes:
            for store in estate.named(f"{scheme}{text}", "store"):
                store.state("receives.logs", value=True, span=value.entry())
