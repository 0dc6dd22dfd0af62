"""Scripts that clouds fetch for a machine, models of SageMaker, endpoints of providers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.declared import thing_of
from mlsec_lint.lower.in_terraform.machines import workload_of
from mlsec_lint.lower.in_terraform.texts import documents_in
from mlsec_lint.lower.jobs.endpoint_things import state_endpoint
from mlsec_lint.lower.jobs.fetch_things import state_fetch
from mlsec_lint.lower.jobs.fetches import Fetch, commit_in, shown
from mlsec_lint.lower.jobs.hosts import host_of
from mlsec_lint.lower.jobs.revisions import state_named_model
from mlsec_lint.lower.reading import given, span_of
from mlsec_lint.lower.terraform_index import index_of, values_at
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

#: Metadata whose value is the URL of a script (Workbench instances, google 7.x, 2026-11).
_POST_STARTUP = (
    ("google_workbench_instance", "gce_setup.metadata"),
    ("google_notebooks_instance", "metadata"),
)
_MACHINES = (
    "azurerm_linux_virtual_machine",
    "azurerm_virtual_machine",
    "azurerm_windows_virtual_machine",
)
_SETS = (
    "azurerm_linux_virtual_machine_scale_set",
    "azurerm_orchestrated_virtual_machine_scale_set",
)
_EXTENSIONS = {
    "azurerm_virtual_machine_extension": ("virtual_machine_id", _MACHINES),
    "azurerm_virtual_machine_scale_set_extension": (
        "virtual_machine_scale_set_id",
        _SETS,
    ),
}
_MODEL = "aws_sagemaker_model"


def lower_machine_downloads(inputs: Inputs, estate: Estate) -> None:
    """State the scripts, models and endpoints that Terraform resources name by URL."""
    for here in index_of(inputs).roots:
        for kind, (argument, types) in _EXTENSIONS.items():
            for extension in here.of(kind):
                _extension(here, estate, extension, argument, types)
        for kind, path in _POST_STARTUP:
            for notebook in here.of(kind):
                for metadata in values_at(notebook.values, path):
                    _post_startup(here, estate, notebook, metadata)
        for model in here.of(_MODEL):
            _model(here, estate, model)
        _provider_endpoints(here, estate)


def _script(url: Value, span: Span) -> Fetch:
    found = shown(url)
    host: str | Unknown = host_of(found)
    pinned: bool | Unknown = commit_in(found)
    if isinstance(url.data, Unknown):
        host = url.data._replace(possible=None, parts=())
        pinned = host if pinned is False else True
    return Fetch("script", found, span, host, pinned, executed=True)


def _extension(
    here: RootIndex,
    estate: Estate,
    extension: Resource,
    argument: str,
    types: tuple[str, ...],
) -> None:
    """`fileUris` of a custom script extension: files that its command starts."""
    machines = here.parents(given(extension.values, argument), types)
    owner = machines[0] if len(machines) == 1 else extension
    for name in ("settings", "protected_settings"):
        value = given(extension.values, name)
        documents = documents_in(value) if value is not None else None
        for document in documents.values if documents is not None else ():
            for url in values_at(document, "fileUris"):
                span = url.span or span_of(url, extension)
                if _own_store(estate, url):
                    continue
                workload = workload_of(here, estate, owner, "vm")
                state_fetch(estate, workload, _script(url, span))


def _own_store(estate: Estate, url: Value) -> bool:
    """Whether a URL lies in a store that the scan declares."""
    from mlsec_lint.lower.stores import referred_store

    if url.span is None:
        return False
    named = referred_store(estate, url)
    if named is None or len(named.stores) != 1:
        return False
    declared = named.stores[0].fact("declared")
    return declared is not None and declared.value is True


def _post_startup(
    here: RootIndex, estate: Estate, notebook: Resource, metadata: Value
) -> None:
    url = given(metadata, "post-startup-script")
    if url is None or _own_store(estate, url):
        return
    span = url.entry() or notebook.span
    workload = workload_of(here, estate, notebook, "managed")
    state_fetch(estate, workload, _script(url, span))


def _model(here: RootIndex, estate: Estate, model: Resource) -> None:
    """`HF_MODEL_ID` in the environment of a SageMaker model's containers."""
    for block in ("primary_container", "container"):
        for environment in values_at(model.values, f"{block}.environment"):
            names = dict(environment.items())
            if not any(name in names for name in ("HF_MODEL_ID", "MODEL_ID")):
                continue
            workload = estate.add(thing_of(here, model, "workload", "aws"))
            workload.state("type", "managed")
            state_named_model(estate, workload, names)


def _provider_endpoints(here: RootIndex, estate: Estate) -> None:
    """`endpoints { s3 = ... }` of the provider of a store, as its own endpoint."""
    for bucket in here.of("aws_s3_bucket"):
        endpoint = given(bucket.provider.values, "endpoints", "s3")
        store = estate.find("store", here.address(bucket))
        if endpoint is None or store is None:
            continue
        span = endpoint.entry() or bucket.span
        state_endpoint(estate, store, "s3", "endpoints.s3", endpoint, span)
