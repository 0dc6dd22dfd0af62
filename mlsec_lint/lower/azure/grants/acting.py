"""As whom Azure workloads act: machines, computes, functions, containers.

Node pools are tied by the lowering of clusters. Function apps and container groups are workloads of sort
`managed`; their things are made here where nothing else has made them. Also who belongs
to which group.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.azure.grants.launching import COMPUTES
from mlsec_lint.lower.azure.grants.principals import (
    acts_as,
    declared,
    principals,
)
from mlsec_lint.lower.azure.machines import MACHINES
from mlsec_lint.lower.azure.place import put_place
from mlsec_lint.lower.machines import machine
from mlsec_lint.lower.reading import blocks, given, span_of
from mlsec_lint.lower.terraform_index import values_at

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

#: Managed services that run code with an identity of their own.
SERVICES = (
    *COMPUTES,
    "azurerm_linux_function_app",
    "azurerm_windows_function_app",
    "azurerm_linux_web_app",
    "azurerm_windows_web_app",
    "azurerm_container_group",
    "azurerm_container_app",
    "azurerm_container_app_job",
    "azurerm_data_factory",
    "azurerm_databricks_access_connector",
)
_GROUPS = ("azuread_group", "data.azuread_group", "azuread_group_without_members")


def link_acting(index: TerraformIndex, estate: Estate) -> None:
    """`runs as` edges of every workload that a resource of Azure declares."""
    for here in index.roots:
        for resource in here.of(*MACHINES):
            workload = estate.find("workload", here.address(resource))
            if workload is not None:
                _runs_as(here, estate, workload, resource)
        for resource in here.of(*SERVICES):
            if blocks(resource.values, "identity"):
                workload = machine(here, estate, resource, "azure", "managed")
                if "place.region" not in workload.facts:
                    put_place(here, workload, resource)
                _runs_as(here, estate, workload, resource)


def _runs_as(
    here: RootIndex, estate: Estate, workload: Thing, resource: Resource
) -> None:
    for identity, value, unknown in acts_as(here, estate, resource):
        estate.link(
            workload,
            "runs as",
            identity,
            span_of(value, resource),
            "may take tokens of the identity it is given",
            certain=unknown is None,
            why=unknown.why if unknown is not None else "",
        )


def link_jobs(estate: Estate) -> None:
    """Jobs act as the computes that they ask for."""
    for compute in estate.of("workload"):
        acting = estate.edges_from(compute, "runs as")
        for edge in estate.edges_to(compute, "is run by") if acting else ():
            for one in acting:
                certain = edge.certain and one.certain
                estate.link(
                    edge.source,
                    "runs as",
                    one.target,
                    edge.span,
                    f"runs on {compute.name}, which acts as it",
                    certain=certain,
                    why="" if certain else edge.why or one.why,
                )


def link_members(index: TerraformIndex, estate: Estate) -> None:
    """`counts as` edges from members, and owners, to their groups."""
    for here in index.roots:
        for group in here.of("azuread_group"):
            for value in values_at(group.values, "members"):
                _member(here, estate, group, value, group, "is a member of it")
            for value in values_at(group.values, "owners"):
                _member(here, estate, group, value, group, "owns it")
        for link in here.of("azuread_group_member"):
            named = given(link.values, "group_object_id")
            member = given(link.values, "member_object_id")
            for group in here.parents(named, _GROUPS):
                if member is not None:
                    _member(here, estate, group, member, link, "is a member of it")


def _member(
    here: RootIndex,
    estate: Estate,
    group: Resource,
    value: Value,
    owner: Resource,
    words: str,
) -> None:
    for who, unknown in principals(here, estate, value, owner):
        estate.link(
            who,
            "counts as",
            declared(here, estate, group),
            span_of(value, owner),
            words,
            certain=unknown is None,
            why=unknown.why if unknown is not None else "",
        )
