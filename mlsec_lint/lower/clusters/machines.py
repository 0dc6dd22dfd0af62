"""Machines and notebooks by themselves: their metadata service, and as whom they act."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.clusters.metadata import token_guard
from mlsec_lint.lower.gcp.instances import FROM_TEMPLATE
from mlsec_lint.lower.reading import (
    any_of,
    blocks,
    by_default,
    equal_to,
    given,
    put,
    read_text,
    reading,
    span_of,
)
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Fact, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource

_INSTANCE = "aws_instance"
_TEMPLATE = "aws_launch_template"
_NOTEBOOK = "aws_sagemaker_notebook_instance"
_GCE = "google_compute_instance"
_DEFAULT_ACCOUNT = "-compute@developer.gserviceaccount.com"


def state_machines(index: TerraformIndex, estate: Estate) -> None:
    """State `metadata.guarded` and `identity.own` of machines that stand alone."""
    for here in index.roots:
        for kind, state in (
            (_INSTANCE, _instance),
            (_NOTEBOOK, _notebook),
            (_GCE, _gce),
            (FROM_TEMPLATE, _gce),
        ):
            for resource in here.of(kind):
                workload = estate.find("workload", here.address(resource))
                if workload is not None:
                    state(here, resource, workload)


def _instance(here: RootIndex, instance: Resource, workload: Thing) -> None:
    """Of EC2: tokens are required (IMDSv2), or the service is off."""
    evidence = workload.fact("weights.evidence")
    assumed = evidence is not None and evidence.value == "assumed"
    named = given(instance.values, "iam_instance_profile")
    if named is None and not assumed and not _templates(here, instance):
        return  # there is no identity to take; who is assumed to read weights has one
    owner = instance
    if given(instance.values, "metadata_options") is None:
        for template in _templates(here, instance):
            if given(template.values, "metadata_options") is not None:
                owner = template
                break
    put(workload, "metadata.guarded", asks_for_tokens(owner))


def _templates(here: RootIndex, instance: Resource) -> list[Resource]:
    block = given(instance.values, "launch_template")
    return here.parents(given(block, "id") or given(block, "name"), (_TEMPLATE,))


def asks_for_tokens(owner: Resource) -> Fact:
    """Whether a machine or template requires tokens (IMDSv2) or has the service off."""
    if given(owner.values, "metadata_options") is None:
        return by_default(owner, "metadata_options", _INSTANCE)
    endpoint = given(owner.values, "metadata_options", "http_endpoint")
    tokens = token_guard(owner)
    if endpoint is None:
        return tokens
    off = equal_to(read_text(owner, endpoint, tokens), "disabled")
    return any_of([tokens, off])


def _notebook(here: RootIndex, notebook: Resource, workload: Thing) -> None:
    del here
    name = "minimum_instance_metadata_service_version"
    block = "instance_metadata_service_configuration"
    default = by_default(notebook, name)
    found = read_text(notebook, given(notebook.values, block, name), default)
    put(workload, "metadata.guarded", equal_to(found, "2"))


def _gce(here: RootIndex, instance: Resource, workload: Thing) -> None:
    """Of Compute Engine: a service account that is not the project's default one."""
    for block in blocks(instance.values, "service_account"):
        if block.unknown is not None:
            continue
        email = given(block, "email")
        text = here.text_of(email)
        if email is None or text == "default":
            default = by_default(
                instance, "service_account", "google_container_node_pool"
            )
            span = block.span if email is None else span_of(email, instance)
            put(workload, "identity.own", default._replace(span=span or instance.span))
        elif isinstance(text, Unknown) and text.symbol is None and not text.parts:
            unsure = text._replace(possible=None)
            put(workload, "identity.own", reading(email, instance, unsure))
        else:
            own = not (isinstance(text, str) and text.endswith(_DEFAULT_ACCOUNT))
            put(workload, "identity.own", reading(email, instance, own))
