"""What pipelines of Azure Data Factory copy from one storage account to another.

A Copy activity names datasets, a dataset the linked service that it lies at, and that an
account (hashicorp/azurerm 4.x; learn.microsoft.com, "Copy activity", 2026-11). Does not
model: data flows, pipelines that start others with parameters, accounts behind secrets.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.azure.storage import ACCOUNT
from mlsec_lint.lower.declared import add_copy, bucket_named, place_like, store_of
from mlsec_lint.lower.reading import given, span_of
from mlsec_lint.terraform.functions.json_text import read_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_PIPELINE = "azurerm_data_factory_pipeline"
_DATASETS = tuple(
    f"azurerm_data_factory_dataset_{kind}"
    for kind in ("azure_blob", "binary", "delimited_text", "json", "parquet")
)
_LINKED = "azurerm_data_factory_linked_service_"
#: Linked services at storage accounts, with the arguments that name the account.
_ACCOUNTS = {
    f"{_LINKED}azure_blob_storage": (
        "connection_string",
        "connection_string_insecure",
        "service_endpoint",
        "sas_uri",
    ),
    f"{_LINKED}data_lake_storage_gen2": ("url",),
}
#: Where a dataset says which container it lies in.
_CONTAINERS = (
    ("azure_blob_storage_location", "container"),
    ("azure_blob_fs_location", "file_system"),
)
_NAMED = re.compile(
    r"(?:AccountName=|https://)([a-z0-9]{3,24})(?:;|\.(?:blob|dfs)\.)", re.IGNORECASE
)
#: How deep activities may lie in others, and how many of a pipeline are read.
_DEPTH, _MOST = 8, 500


class _End(NamedTuple):
    """One end of a copy: the store, and the value that names the dataset."""

    store: Thing
    value: Value


def lower_factories(index: TerraformIndex, estate: Estate) -> None:
    """Every Copy activity whose source is a store of the scan, as a copy."""
    for here in index.roots:
        for pipeline in here.of(_PIPELINE):
            text = given(pipeline.values, "activities_json")
            if text is None:
                continue
            origin = text.origin
            encoded = origin is not None and origin[0] == "json"
            tree = origin[1] if origin is not None and encoded else read_json(text)
            for number, activity in enumerate(_copies(tree, 0)):
                if number >= _MOST:
                    break
                _copied(index, here, estate, pipeline, activity, number)


def _copies(tree: Value | None, depth: int) -> Iterator[Value]:
    """Copy activities of a list, those in loops and branches included."""
    if tree is None or depth > _DEPTH or not isinstance(tree.data, tuple | list):
        return
    for activity in tree.elements():
        kind = given(activity, "type")
        if kind is not None and kind.text() == "Copy":
            yield activity
        inner = given(activity, "typeProperties")
        for name in ("activities", "ifTrueActivities", "ifFalseActivities"):
            yield from _copies(given(inner, name), depth + 1)


def _copied(
    index: TerraformIndex,
    here: RootIndex,
    estate: Estate,
    pipeline: Resource,
    activity: Value,
    number: int,
) -> None:
    sources = list(_ends(index, here, estate, given(activity, "inputs")))
    for place, sink in enumerate(
        _ends(index, here, estate, given(activity, "outputs"))
    ):
        for turn, source in enumerate(sources):
            if source.store is sink.store:
                continue
            span = span_of(sink.value, pipeline)
            address = f"{here.address(pipeline)}.copy[{number}].{place}.{turn}"
            copy = add_copy(
                estate, source.store, address, "data-factory", span, sink.store
            )
            place_like(copy, sink.store, span)


def _ends(
    index: TerraformIndex, here: RootIndex, estate: Estate, listed: Value | None
) -> Iterator[_End]:
    for one in listed.elements() if listed is not None else ():
        named = given(one, "referenceName")
        dataset = _resource(here, named, _DATASETS)
        if named is None or dataset is None:
            continue
        linked = _resource(
            here, given(dataset.values, "linked_service_name"), tuple(_ACCOUNTS)
        )
        if linked is not None:
            store = _store(index, here, estate, dataset, linked)
            if store is not None:
                yield _End(store, named)


def _resource(
    here: RootIndex, value: Value | None, types: tuple[str, ...]
) -> Resource | None:
    """The resource that a value refers to, or names; None where that is not one."""
    found = here.parents(value, types)
    if not found:
        text = here.text_of(value)
        found = [one for one in here.of(*types) if here.attribute(one, "name") == text]
    return found[0] if len(found) == 1 else None


def _store(
    index: TerraformIndex,
    here: RootIndex,
    estate: Estate,
    dataset: Resource,
    linked: Resource,
) -> Thing | None:
    """The container of a dataset, the account where its container is not known."""
    container: object = None
    for block, name in _CONTAINERS:
        value = given(dataset.values, block, name)
        container = here.text_of(value) if value is not None else container
    for name in _ACCOUNTS[linked.type]:
        value = given(linked.values, name)
        if value is None:
            continue
        owners = here.parents(value, (ACCOUNT,))
        account = here.attribute(owners[0], "name") if len(owners) == 1 else None
        if not owners:
            match = _NAMED.search(str(here.text_of(value)))
            account = match[1].lower() if match is not None else None
        if isinstance(account, str) and isinstance(container, str):
            uri = f"https://{account}.blob.core.windows.net/{container}"
            found = bucket_named(estate, uri, span_of(value, linked))
            if found is not None:
                return found
        if len(owners) == 1:
            return store_of(index, estate, owners[0])
    return None
