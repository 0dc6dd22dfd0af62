"""Computes of Azure ML workspaces as workloads: clusters for jobs, instances for people.

A compute reads and writes the default store of its workspace: its jobs, or whoever sits
at it, get and put models there (Azure ML documentation, 2026-11).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.azure.machines import state_accelerator
from mlsec_lint.lower.azure.place import put_place
from mlsec_lint.lower.azure.volumes import WORKSPACE
from mlsec_lint.lower.declared import store_of
from mlsec_lint.lower.machines import machine
from mlsec_lint.lower.reading import given, span_of

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource

__all__ = (
    "COMPUTES",
    "COMPUTE_NAME",
    "INSTANCE",
    "WORKSPACE",
    "lower_computes",
    "workspace_of",
)

INSTANCE = "azurerm_machine_learning_compute_instance"
COMPUTES = ("azurerm_machine_learning_compute_cluster", INSTANCE)
#: Before the name by which jobs call a compute.
COMPUTE_NAME = "azureml-compute:"
_WORKSPACE_ID = "machine_learning_workspace_id"


def lower_computes(index: TerraformIndex, estate: Estate) -> None:
    """Every compute as a managed workload that uses its workspace."""
    for here in index.roots:
        for compute in here.of(*COMPUTES):
            workload = machine(here, estate, compute, "azure", "managed")
            name = here.attribute(compute, "name")
            if isinstance(name, str):
                estate.call(workload, f"{COMPUTE_NAME}{name.lower()}")
            workspace = workspace_of(here, compute)
            put_place(here, workload, workspace if workspace is not None else compute)
            size = given(compute.values, "vm_size")
            size = size or given(compute.values, "virtual_machine_size")
            state_accelerator(workload, compute, size)
            named = given(compute.values, _WORKSPACE_ID)
            store = store_of(index, estate, workspace) if workspace else None
            if store is not None and named is not None:
                span = span_of(named, compute)
                estate.link(workload, "reads", store, span, "is a compute of it")


def workspace_of(here: RootIndex, compute: Resource) -> Resource | None:
    """The workspace of a compute, where the scan has it."""
    found = here.parents(given(compute.values, _WORKSPACE_ID), (WORKSPACE,))
    return found[0] if len(found) == 1 else None
