"""Where model registries and pipelines that Terraform sets up keep their artifacts.

The artifact root of MLflow's chart (rows of policies/data/charts.json say by which of
its values), and the artifact store of a ZenML stack, in a stack file that Terraform
writes or as a `zenml_stack_component` (provider zenml-io/zenml 3, read 2026-11). What a
registry keeps there are models.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.in_terraform.texts import documents_in
from mlsec_lint.lower.kubernetes.storage import as_uri
from mlsec_lint.lower.reading import given
from mlsec_lint.lower.stores import referred_store
from mlsec_lint.lower.terraform_index import index_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.in_terraform.releases import Stated
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_FILES = ("local_file", "local_sensitive_file")
_MAX_WALKED = 2_000


def chart_artifacts(
    stated: Stated, roots: list[dict[str, str]], estate: Estate
) -> None:
    """The buckets that a chart's values name for artifacts, unless they are off."""
    for row in roots:
        switch = (
            stated.values.at(*row["enabled"].split(".")) if "enabled" in row else None
        )
        if switch is not None and switch.boolean() is False:
            continue
        bucket = stated.values.at(*row["bucket"].split("."))
        if bucket is None or bucket.is_null or bucket.data == "":
            continue
        words = f"{stated.resource.address} keeps artifacts of MLflow in it"
        _holds(estate, stated.here, as_uri(row["scheme"] + "://", bucket), words)


def lower_artifact_stores(inputs: Inputs, estate: Estate) -> None:
    """Artifact stores of ZenML stacks, in files that Terraform writes and components."""
    for here in index_of(inputs).roots:
        for resource in here.of("zenml_stack_component"):
            if here.text_of(given(resource.values, "type")) == "artifact_store":
                path = given(resource.values, "configuration", "path")
                if path is not None:
                    _zenml(estate, here, resource, path)
        for resource in here.of(*_FILES):
            for path in _paths(given(resource.values, "content")):
                _zenml(estate, here, resource, path)


def _zenml(estate: Estate, here: RootIndex, resource: Resource, path: Value) -> None:
    words = f"{here.address(resource)} makes it the artifact store of a ZenML stack"
    _holds(estate, here, path, words)


def _paths(content: Value | None) -> Iterator[Value]:
    """Paths of the artifact stores in the text of a stack file."""
    documents = documents_in(content) if content is not None else None
    waiting = list(documents.values) if documents is not None else []
    for _ in range(_MAX_WALKED):
        if not waiting:
            return
        value = waiting.pop()
        found = value.get("artifact_store") if isinstance(value.data, dict) else None
        path = found.at("configuration", "path") if found is not None else None
        if path is not None and found is not None and found.get("flavor") is not None:
            yield path
        waiting.extend(child for _, child in value.items())
        waiting.extend(value.elements())


def _holds(estate: Estate, here: RootIndex, uri: Value, words: str) -> None:
    """The store of a URI, that of the same root before others of its name."""
    span = uri.entry() or uri.span
    named = referred_store(estate, uri)
    if named is None or span is None:
        return
    own = [store for store in named.stores if store.root == here.root.path]
    stores = own or named.stores
    if len(stores) == 1:
        stores[0].holds_weights("referenced", words, span)
