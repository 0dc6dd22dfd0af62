"""As which role an EC2 instance acts: by its instance profile, its own or its template's.

An instance takes the role of its profile from the metadata service (EC2 user guide,
"IAM roles for Amazon EC2", 2026-11). What is written at the instance beats the template.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.reading import given, span_of
from mlsec_lint.lower.terraform_index import index_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_INSTANCES = ("aws_instance", "aws_spot_instance_request")
_PROFILE, _ROLE = "aws_iam_instance_profile", "aws_iam_role"
_WORDS = "its instance profile carries the role"


def lower_aws_acting(inputs: Inputs, estate: Estate) -> None:
    """Edges `runs as` from instances to the roles of their profiles."""
    for here in index_of(inputs).roots:
        for kind in _INSTANCES:
            for instance in here.of(kind):
                workload = estate.find("workload", here.address(instance))
                if workload is None or estate.edges_from(workload, "runs as"):
                    continue
                for role, span in _roles(here, instance):
                    identity = estate.find("identity", here.address(role))
                    if identity is not None:
                        estate.link(workload, "runs as", identity, span, _WORDS)


def _roles(here: RootIndex, instance: Resource) -> Iterator[tuple[Resource, Span]]:
    """The roles of an instance's profile, with the line that names the profile."""
    for value, span in _profiles(here, instance):
        for profile in here.parents(value, (_PROFILE,)):
            role = given(profile.values, "role")
            for found in here.parents(role, (_ROLE,)) if role is not None else ():
                yield found, span


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
