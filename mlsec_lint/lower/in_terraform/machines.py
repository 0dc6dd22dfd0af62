"""Machines, tasks and functions of Terraform as workloads that scripts run on.

Instances have their own lowerings by cloud; what stands here is for the types that
nobody else lowers: templates, groups, tasks, functions.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsec_lint.lower.machines import machine
from mlsec_lint.lower.reading import given
from mlsec_lint.lower.terraform_index import values_at
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, FactValue, Thing
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

#: Machine types with accelerators, by cloud, as documented on 2026-11-24: EC2 instance
#: types (P, G, Trn, Inf, DL families; `ml.` in front on SageMaker), Compute Engine
#: machine types (A, G families, TPU), Azure sizes (NC, ND, NV, NG, NP families).
ACCELERATED: dict[str, re.Pattern[str]] = {
    "aws": re.compile(r"(?:ml\.)?(?:p\d|g\d|gr\d|trn\d|inf\d|dl\d)", re.IGNORECASE),
    "gcp": re.compile(r"(?:a2|a3|a4|a4x|g2|g4)-|ct\d|tpu|v\d[a-z]*-\d", re.IGNORECASE),
    "azure": re.compile(r"(?:Standard_)?N[CDGPV]\d?", re.IGNORECASE),
}
_SIZES = (
    "instance_type", "machine_type", "size", "vm_size", "sku", "accelerator_type",
    "compute_type", "gce_setup.machine_type", "instance_requirements",
)  # fmt: skip
_DEVICES = (
    "guest_accelerator", "accelerator_config", "gce_setup.accelerator_configs",
    "elastic_gpu_specifications", "elastic_inference_accelerator",
    "template.containers.resources.limits.nvidia.com/gpu",
)  # fmt: skip


def provider_of(resource: Resource) -> str:
    """The cloud that a resource type belongs to."""
    prefix = resource.type.partition("_")[0]
    return {"aws": "aws", "google": "gcp", "azurerm": "azure"}.get(prefix, prefix)


def workload_of(
    here: RootIndex, estate: Estate, resource: Resource, sort: str
) -> Thing:
    """The workload of a resource: the one that is there, else a new one of that sort."""
    found = estate.find("workload", here.address(resource))
    workload = (
        machine(here, estate, resource, provider_of(resource), sort)
        if found is None
        else found
    )
    if workload.fact("accelerator") is None:
        asks, span = _accelerator(here, resource)
        workload.state("accelerator", asks, span or resource.span)
    return workload


def has_accelerator(workload: Thing) -> bool:
    """Whether a workload certainly asks for accelerators."""
    fact = workload.fact("accelerator")
    return fact is not None and fact.value is True


def _accelerator(here: RootIndex, resource: Resource) -> tuple[FactValue, Span | None]:
    for path in _DEVICES:
        for value in values_at(resource.values, path):
            if value.unknown is None:
                return True, value.entry()
    pattern = ACCELERATED.get(provider_of(resource))
    unknown: tuple[Unknown, Value] | None = None
    for name in _SIZES:
        size = given(resource.values, *name.split("."))
        if size is None or pattern is None:
            continue
        text = here.text_of(size)
        if isinstance(text, Unknown):
            unknown = unknown or (text, size)
        elif text is not None and pattern.match(text):
            return True, size.entry()
    if unknown is not None:
        return unknown[0]._replace(possible=None, parts=()), unknown[1].entry()
    return False, None
