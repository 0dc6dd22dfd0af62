"""As which role an EC2 instance, a task, a batch job or a function acts.

An instance takes the role of its profile from the metadata service (EC2 user guide,
"IAM roles for Amazon EC2", 2026-11); what is written at the instance beats the template.
A task acts as its task role, not as the execution role that the agent pulls its image
with (ECS developer guide, "Amazon ECS task IAM role"; the same for `jobRoleArn` of AWS
Batch), a function as its execution role (Lambda developer guide, 2026-11).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.clusters.nodes import act_as
from mlsec_lint.lower.in_terraform.texts import documents_in
from mlsec_lint.lower.reading import given, span_of
from mlsec_lint.lower.terraform_index import index_of, values_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_INSTANCES = ("aws_instance", "aws_spot_instance_request")
_PROFILE, _ROLE = "aws_iam_instance_profile", "aws_iam_role"
_WORDS = "its instance profile carries the role"
#: Where a type names the role that what runs in it acts as.
_TASKS = (
    ("aws_ecs_task_definition", "task_role_arn", "its task role"),
    ("aws_lambda_function", "role", "its execution role"),
)
_BATCH = "aws_batch_job_definition"
#: Places of the role in the JSON documents of a Batch job.
_BATCH_ROLES = (
    ("container_properties", "jobRoleArn"),
    ("node_properties", "nodeRangeProperties.container.jobRoleArn"),
)


def lower_aws_acting(inputs: Inputs, estate: Estate) -> None:
    """Edges `runs as` from instances, tasks and functions to their roles."""
    index = index_of(inputs)
    for here in index.roots:
        _tasks(here, estate)
        for kind in _INSTANCES:
            for instance in here.of(kind):
                workload = estate.find("workload", here.address(instance))
                if workload is None or estate.edges_from(workload, "runs as"):
                    continue
                for home, role, span in _roles(index, here, instance):
                    identity = estate.find("identity", home.address(role))
                    if identity is not None:
                        estate.link(workload, "runs as", identity, span, _WORDS)


def _tasks(here: RootIndex, estate: Estate) -> None:
    for kind, argument, words in _TASKS:
        for resource in here.of(kind):
            role = given(resource.values, argument)
            if role is not None:
                _take(here, estate, resource, role, words)
    for resource in here.of(_BATCH):
        for argument, path in _BATCH_ROLES:
            for role in _in_document(given(resource.values, argument), path):
                _take(here, estate, resource, role, "its job role")


def _in_document(text: Value | None, path: str) -> Iterator[Value]:
    found = documents_in(text) if text is not None else None
    for document in found.values if found is not None else ():
        yield from values_at(document, path)


def _take(
    here: RootIndex, estate: Estate, resource: Resource, role: Value, words: str
) -> None:
    workload = estate.find("workload", here.address(resource))
    if workload is not None and not estate.edges_from(workload, "runs as"):
        act_as(estate, here, workload, role, resource, (_ROLE,), words)


def _roles(
    index: TerraformIndex, here: RootIndex, instance: Resource
) -> Iterator[tuple[RootIndex, Resource, Span]]:
    """The roles of an instance's profile, with the line that names the profile.

    A profile that the root does not declare is that of its name in another root, where
    one root alone has it.
    """
    for value, span in _profiles(here, instance):
        found = [(here, one) for one in here.parents(value, (_PROFILE,))]
        name = here.text_of(value)
        if not found and isinstance(name, str):
            found = [
                (home, one)
                for home in index.roots
                for one in home.named(name, (_PROFILE,))
            ]
            found = found if len(found) == 1 else []
        for home, profile in found:
            role = given(profile.values, "role")
            for one in home.parents(role, (_ROLE,)) if role is not None else ():
                yield home, one, span


def _profiles(here: RootIndex, instance: Resource) -> Iterator[tuple[Value, Span]]:
    own = given(instance.values, "iam_instance_profile")
    if own is not None:
        yield own, span_of(own, instance)
        return
    block = given(instance.values, "launch_template")
    named = given(block, "id") or given(block, "name")
    for template in here.parents(named, ("aws_launch_template",)):
        profile = given(template.values, "iam_instance_profile")
        value = given(profile, "name") or given(profile, "arn")
        if value is not None:
            yield value, span_of(value, template)
