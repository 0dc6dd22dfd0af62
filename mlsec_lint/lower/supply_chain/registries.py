"""Registries of the scan that images come from: whether a tag can be moved in them.

AWS: image_tag_mutability of aws_ecr_repository; Google Cloud: docker_config.immutable_tags
of google_artifact_registry_repository; Azure: trust_policy_enabled of
azurerm_container_registry (content trust: what a tag means is signed).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.declared import thing_of
from mlsec_lint.lower.jobs.images import state_image
from mlsec_lint.lower.jobs.script_job import job_container
from mlsec_lint.lower.reading import by_default, equal_to, given, read_bool, read_text
from mlsec_lint.lower.terraform_index import base_address, index_of, values_at
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Fact
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.terraform.resource import Resource

_ECR = "aws_ecr_repository"
_ARTIFACTS = "google_artifact_registry_repository"
_ACR = "azurerm_container_registry"
_MODEL = "aws_sagemaker_model"


def lower_image_registries(inputs: Inputs, estate: Estate) -> None:
    """State of each container whether the registry that it names keeps tags in place."""
    index = index_of(inputs)
    for here in index.roots:
        for model in here.of(_MODEL):
            _model_images(here, estate, model)
    registries = [
        (resource, _prefixes(here, resource))
        for here in index.roots
        for resource in here.of(_ECR, _ARTIFACTS, _ACR)
    ]
    for container in estate.of("container") if registries else ():
        reference = container.fact("image.reference")
        found = _registry(registries, reference) if reference is not None else None
        if found is not None:
            fixed = _fixed(found)
            container.state(
                "image.tags.fixed",
                fixed.value,
                fixed.span,
                trail=fixed.trail,
                default=fixed.default,
            )


def _model_images(here: RootIndex, estate: Estate, model: Resource) -> None:
    """The images of a SageMaker model, as containers of its workload."""
    for block in ("primary_container", "container"):
        for image in values_at(model.values, f"{block}.image"):
            workload = estate.add(thing_of(here, model, "workload", "aws"))
            workload.state("type", "managed")
            holder = job_container(estate, workload, block, image.entry())
            state_image(holder, image)


def _fixed(registry: Resource) -> Fact:
    if registry.type == _ECR:
        value = given(registry.values, "image_tag_mutability")
        found = read_text(registry, value, by_default(registry, "image_tag_mutability"))
        return equal_to(found, "IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION")
    if registry.type == _ARTIFACTS:
        value = given(registry.values, "docker_config", "immutable_tags")
        default = by_default(registry, "docker_config.immutable_tags")
        return read_bool(registry, value, default)
    value = given(registry.values, "trust_policy_enabled")
    default = by_default(registry, "trust_policy_enabled")
    return read_bool(registry, value, default)


def _registry(
    registries: list[tuple[Resource, tuple[str, ...]]], reference: Fact
) -> Resource | None:
    """By a reference to the registry's resource, else by the name in the image."""
    data = reference.value
    if isinstance(data, Unknown):
        symbols = [data.symbol]
        symbols += [p.symbol for p in data.parts if isinstance(p, Unknown)]
        bases = {base_address(s.address) for s in symbols if s is not None}
        if not bases:
            return None
        return next(
            (r for r, _ in registries if base_address(r.address) in bases), None
        )
    if not isinstance(data, str):
        return None
    return next((r for r, prefixes in registries if data.startswith(prefixes)), None)


def _prefixes(here: RootIndex, registry: Resource) -> tuple[str, ...]:
    """How images of a registry begin, where that is known; never an empty text."""
    found: list[str] = []
    if registry.type == _ECR:
        url = here.attribute(registry, "repository_url")
        found += [f"{url}:", f"{url}@"] if isinstance(url, str) else []
    elif registry.type == _ARTIFACTS:
        parts = [
            here.attribute(registry, n)
            for n in ("location", "project", "repository_id")
        ]
        if all(isinstance(part, str) and part for part in parts):
            found.append(f"{parts[0]}-docker.pkg.dev/{parts[1]}/{parts[2]}/")
    else:
        name = here.attribute(registry, "name")
        found += [f"{name.lower()}.azurecr.io/"] if isinstance(name, str) else []
    return tuple(found) or ("\0",)
