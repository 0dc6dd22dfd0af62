"""Which cluster a provider configuration leads to, as far as config tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.terraform_index import symbol_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Symbol, Value

#: Resources and data sources that are clusters.
CLUSTERS = (
    "aws_eks_cluster", "google_container_cluster", "azurerm_kubernetes_cluster",
    "data.aws_eks_cluster", "data.google_container_cluster",
    "data.azurerm_kubernetes_cluster", "data.aws_eks_cluster_auth",
)  # fmt: skip
_ARGUMENTS = (
    "host", "cluster_ca_certificate", "config_context", "config_path", "token", "exec"
)  # fmt: skip
_MAX_VALUES = 500


def cluster_of(here: RootIndex, resource: Resource) -> str:
    """A name for the cluster that a resource's provider configuration leads to.

    The address of the cluster's resource where the configuration refers to one; else
    the text of its host or context, else the alias of the configuration; "" where
    nothing is said. Two objects of one root with different names here may still live
    in one cluster only where neither is the address of a resource.
    """
    use = resource.provider
    values = use.values
    if values is None:
        return f"{here.prefix}{use.name}.{use.alias}" if use.alias else ""
    nested = values.at("kubernetes")  # helm
    block = nested if nested is not None and not nested.is_null else values
    for name in _ARGUMENTS:
        for symbol in _symbols(block.at(name)):
            found = here.resolve(symbol)
            if found is not None and _is_cluster(found):
                return here.address(found)
    for name in ("host", "config_context"):
        value = block.at(name)
        text = here.text_of(value) if value is not None else None
        if isinstance(text, str) and text:
            return text
    return f"{here.prefix}{use.name}.{use.alias}" if use.alias else ""


def _is_cluster(resource: Resource) -> bool:
    name = f"data.{resource.type}" if resource.mode == "data" else resource.type
    return name in CLUSTERS


def _symbols(value: Value | None) -> Iterator[Symbol]:
    """Every reference in a value, in its parts and in what it was encoded from."""
    waiting = [value] if value is not None else []
    count = 0
    while waiting and count < _MAX_VALUES:
        here = waiting.pop(0)
        count += 1
        symbol = symbol_of(here)
        if symbol is not None:
            yield symbol
        unknown = here.unknown
        if unknown is not None:
            for part in unknown.parts:
                if not isinstance(part, str) and part.symbol is not None:
                    yield part.symbol
        if here.origin is not None:
            waiting.append(here.origin[1])
        waiting.extend(here.elements())
        waiting.extend(child for _, child in here.items())
