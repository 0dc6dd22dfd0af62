"""Which cluster a provider configuration leads to, as far as config tells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsec_lint.lower.reading import given
from mlsec_lint.lower.terraform_index import symbol_of, type_of
from mlsec_lint.patterns import regex
from mlsec_lint.value import Symbol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

CLUSTERS = (
    "aws_eks_cluster",
    "google_container_cluster",
    "azurerm_kubernetes_cluster",
)
_DATA = (*(f"data.{name}" for name in CLUSTERS), "data.aws_eks_cluster_auth")
#: Arguments of the provider block (hashicorp/kubernetes 3.2, hashicorp/helm 3.1 and
#: kubectl) that refer to a cluster.
_ARGUMENTS = ("host", "cluster_ca_certificate", "token", "exec", "config_context")
#: Contexts as the clouds' own commands write them into a kubeconfig (gcloud 548,
#: aws-cli 2.31; `az aks get-credentials` writes the cluster's name; read 2026-11).
_CONTEXTS = (
    re.compile(r"gke_[a-z0-9.:-]{1,100}_[a-z0-9-]{1,40}_([a-z0-9-]{1,100})"),
    re.compile(r"arn:aws[\w-]{0,20}:eks:[\w-]{0,40}:\d{0,20}:cluster/([\w.-]{1,120})"),
)
_MAX_VALUES = 500
_ADDRESS = regex(
    r"(?:module\.[\w-]+(?:\[[^\[\]]{1,200}\])?\.){0,20}(?:data\.)?[\w-]+\.[\w-]+"
    r"(?:\[[^\[\]]{1,200}\])?"
)


def cluster_of(here: RootIndex, resource: Resource) -> str:
    """The cluster that a resource's provider configuration leads to.

    The address of the cluster where the root declares it, else `name:` and the name
    where a data source looks it up; "" where neither is known. An alias alone says
    nothing: two configurations may lead to one cluster.
    """
    values = resource.provider.values
    if values is None:
        return ""
    nested = given(values, "kubernetes")  # of the helm provider
    block = values if nested is None else nested
    for name in _ARGUMENTS:
        for symbol in symbols_in(block.at(name)):
            found = here.resolve(symbol)
            if found is None:
                continue
            if type_of(found) in CLUSTERS:
                return here.address(found)
            if type_of(found) in _DATA:
                return _looked_up(here, found)
    context = here.text_of(block.at("config_context"))
    named = named_by(context) if isinstance(context, str) else ""
    return f"name:{named}" if named else ""


def named_by(context: str) -> str:
    """The cluster's name in a context that a cloud's command wrote; "" for any other."""
    for pattern in _CONTEXTS:
        match = pattern.fullmatch(context)
        if match is not None:
            return match[1]
    return ""


def _looked_up(here: RootIndex, data: Resource) -> str:
    """The declared cluster that a data source looks up by name, else its name."""
    name = given(data.values, "name")
    parents = here.parents(name, CLUSTERS)
    if len(parents) == 1:
        return here.address(parents[0])
    text = here.text_of(name)
    return f"name:{text}" if isinstance(text, str) and text else ""


def symbols_in(value: Value | None) -> Iterator[Symbol]:
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
            for part in (unknown, *unknown.parts):
                if isinstance(part, str):
                    continue
                if part.symbol is not None:
                    yield part.symbol
                elif match := _ADDRESS.match(part.name):
                    yield Symbol(match[0])  # what a function was given
        if here.origin is not None and here.origin[0] != "text":
            waiting.append(here.origin[1])
        waiting.extend(here.elements())
        waiting.extend(child for _, child in here.items())
