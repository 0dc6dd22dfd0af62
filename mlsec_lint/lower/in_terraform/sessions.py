"""Managed work that Terraform lets people enter: ECS exec, notebooks, Azure ML computes.

Arguments as documented for hashicorp/aws 6.x, google 7.x and azurerm 4.x, 2026-11. ECS
exec is off unless set. The public SSH port of an Azure ML cluster is, where nobody sets
it, closed in a subnet and open outside of one (REST API, AmlCompute,
remoteLoginPortPublicAccess); without an `ssh` block it takes no login at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate import Fact
from mlsec_lint.lower.in_terraform.machines import workload_of
from mlsec_lint.lower.in_terraform.tasks import ECS
from mlsec_lint.lower.reading import blocks, given, read_bool, span_of, wrong
from mlsec_lint.lower.terraform_index import index_of, values_at
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.terraform.resource import Resource

_SERVICE = "aws_ecs_service"
_CLUSTER = "azurerm_machine_learning_compute_cluster"
_INSTANCE = "azurerm_machine_learning_compute_instance"
_NAME = "session.enabled"


class Notebook(NamedTuple):
    """A type that people work in, and where it names whose rights it acts with."""

    type: str
    identity: str
    identities: tuple[str, ...]


NOTEBOOKS = (
    Notebook("aws_sagemaker_notebook_instance", "role_arn", ("aws_iam_role",)),
    Notebook(
        "aws_sagemaker_domain",
        "default_user_settings.execution_role",
        ("aws_iam_role",),
    ),
    Notebook(
        "aws_sagemaker_user_profile",
        "user_settings.execution_role",
        ("aws_iam_role",),
    ),
    Notebook(
        "google_workbench_instance",
        "gce_setup.service_accounts.email",
        ("google_service_account",),
    ),
    Notebook(
        "google_notebooks_instance", "service_account", ("google_service_account",)
    ),
    Notebook(
        "google_notebooks_runtime",
        "access_config.runtime_owner",
        ("google_service_account",),
    ),
    Notebook(_INSTANCE, "identity.identity_ids", ("azurerm_user_assigned_identity",)),
)


def lower_sessions(inputs: Inputs, estate: Estate) -> None:
    """State what lets people into managed work, and as what notebooks act."""
    for here in index_of(inputs).roots:
        for notebook in NOTEBOOKS:
            for resource in here.of(notebook.type):
                _notebook(here, estate, notebook, resource)
        for service in here.of(_SERVICE):
            _service(here, estate, service)
        for cluster in here.of(_CLUSTER):
            workload = workload_of(here, estate, cluster, "managed")
            _acts(here, estate, workload, cluster, "identity.identity_ids", ())
            _state(workload, _ssh(cluster))


def _notebook(
    here: RootIndex, estate: Estate, notebook: Notebook, resource: Resource
) -> None:
    workload = workload_of(here, estate, resource, "managed")
    workload.state("session.notebook", value=True, span=resource.span)
    _acts(here, estate, workload, resource, notebook.identity, notebook.identities)
    for block in blocks(resource.values, "ssh") if resource.type == _INSTANCE else ():
        span = block.entry() or resource.span
        workload.also(_NAME, value=True, span=span, trail=block.trail)


def _acts(
    here: RootIndex,
    estate: Estate,
    workload: Thing,
    resource: Resource,
    path: str,
    types: tuple[str, ...],
) -> None:
    """`runs as` edges to the identities that an argument names."""
    wanted = types or ("azurerm_user_assigned_identity",)
    for value in values_at(resource.values, path):
        found = here.parents(value, wanted)
        text = here.text_of(value)
        things = [estate.find("identity", here.address(one)) for one in found]
        if not found and isinstance(text, str):
            things = list(estate.named(text, "identity"))
        for thing in things:
            if thing is not None:
                sure = len(things) == 1
                why = "" if sure else "which of several identities it names"
                span = span_of(value, resource)
                estate.link(workload, "runs as", thing, span, certain=sure, why=why)


def _service(here: RootIndex, estate: Estate, service: Resource) -> None:
    switch = given(service.values, "enable_execute_command")
    tasks = here.parents(given(service.values, "task_definition"), (ECS,))
    off = Fact(value=False, span=service.span, default="Amazon ECS: off unless set")
    for task in tasks:
        workload = estate.find("workload", here.address(task))
        if workload is None:
            continue
        found = read_bool(service, switch, off)
        if len(tasks) > 1 and found.value is True:
            why = "which task definition the service runs is not known"
            found = found._replace(value=Unknown("resource", why, span=found.span))
        _state(workload, found)


def _ssh(cluster: Resource) -> Fact:
    """The public SSH port of an Azure ML cluster."""
    switch = given(cluster.values, "ssh_public_access_enabled")
    if switch is not None:
        on = switch.boolean()
        value = wrong(switch, "true or false") if on is None else on
        return Fact(value, span_of(switch, cluster), switch.trail)
    inside = given(cluster.values, "subnet_resource_id") is not None
    taken = bool(blocks(cluster.values, "ssh"))
    words = "Azure ML: closed in a subnet, else open to the keys of the ssh block"
    return Fact(taken and not inside, cluster.span, default=words)


def _state(workload: Thing, fact: Fact) -> None:
    if fact.value is False and fact.default and workload.fact(_NAME) is not None:
        return
    if fact.default:
        workload.state(_NAME, fact.value, fact.span, default=fact.default)
    else:
        workload.also(_NAME, fact.value, fact.span, trail=fact.trail)
