"""Environments of managed services in Terraform: what they set, image and command.

Functions, container groups, serverless containers, hosted models, builds. Arguments as
documented for hashicorp/aws 6.x, google 7.x and azurerm 4.x, read 2026-11.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.in_terraform.machines import has_accelerator, workload_of
from mlsec_lint.lower.jobs.configs import Configs
from mlsec_lint.lower.jobs.images import state_image
from mlsec_lint.lower.jobs.launch import entrypoint_command, image_program, is_program
from mlsec_lint.lower.jobs.run import Runner
from mlsec_lint.lower.jobs.script_job import job_container, job_scene
from mlsec_lint.lower.reading import given
from mlsec_lint.lower.secrets import secret_under, state_secret, text_secrets
from mlsec_lint.lower.terraform_index import index_of, values_at
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.terraform.resource import Resource


class Shape(NamedTuple):
    """Where a type keeps its containers, and their variables, images and commands.

    * `containers`: the dotted path of the blocks; "" for the resource itself;
    * `maps`: arguments that are maps of variables; `pairs`: blocks with `name`, `value`;
    * `image`, `command`: the arguments, "" for none;
    * `secure`: maps that the service keeps to itself: what is written in them stands in
      config, what is referred to does not.
    """

    containers: str = ""
    maps: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()
    image: str = ""
    command: tuple[str, ...] = ()
    secure: tuple[str, ...] = ()


_RUN = Shape("template.containers", (), ("env",), "image", ("command", "args"))
SHAPES: dict[str, Shape] = {
    "aws_lambda_function": Shape("", ("environment.variables",), (), "image_uri"),
    "aws_sagemaker_model": Shape("container", ("environment",), (), "image"),
    "aws_codebuild_project": Shape("", (), ("environment.environment_variable",)),
    "aws_apprunner_service": Shape(
        "source_configuration.image_repository",
        ("image_configuration.runtime_environment_variables",),
    ),
    "aws_glue_job": Shape("", ("default_arguments",)),
    "google_compute_instance": Shape("", ("metadata",)),
    "google_compute_instance_template": Shape("", ("metadata",)),
    "google_compute_project_metadata": Shape("", ("metadata",)),
    "google_notebooks_instance": Shape("", ("metadata",)),
    "google_workbench_instance": Shape("", ("gce_setup.metadata",)),
    "google_cloud_run_v2_service": _RUN,
    "google_cloud_run_v2_job": _RUN._replace(containers="template.template.containers"),
    "google_cloud_run_service": _RUN._replace(containers="template.spec.containers"),
    "google_cloudfunctions_function": Shape(
        "", ("environment_variables", "build_environment_variables")
    ),
    "google_cloudfunctions2_function": Shape(
        "",
        (
            "service_config.environment_variables",
            "build_config.environment_variables",
        ),
    ),
    "google_composer_environment": Shape("", ("config.software_config.env_variables",)),
    "azurerm_container_group": Shape(
        "container",
        ("environment_variables",),
        (),
        "image",
        ("commands",),
        ("secure_environment_variables",),
    ),
    "azurerm_container_app": Shape(
        "template.container", (), ("env",), "image", ("command", "args")
    ),
    "azurerm_container_app_job": Shape(
        "template.container", (), ("env",), "image", ("command", "args")
    ),
    "azurerm_linux_function_app": Shape("", ("app_settings",)),
    "azurerm_linux_web_app": Shape("", ("app_settings",)),
}
#: Keys of Google metadata that are read as scripts, or are no credentials.
_NOT_VARIABLES = frozenset(
    {"startup-script", "shutdown-script", "user-data", "ssh-keys", "enable-oslogin"}
)
_PRIMARY = "primary_container"
_PROVISIONER = re.compile(
    r'^[ \t]*provisioner[ \t]+"?([\w-]{1,40})"?[ \t]*\{', re.MULTILINE
)
_MAX_BLOCK = 200_000


#: What acts with rights even where nothing else is said of what it runs.
_ALWAYS = ("aws_lambda_function",)


def lower_environments(inputs: Inputs, estate: Estate) -> None:
    """Secrets, trackers and programs of managed services; provisioners are counted."""
    configs = Configs(inputs)
    runners: list[Runner] = []
    blocks_seen: set[tuple[str, int]] = set()
    for here in index_of(inputs).roots:
        for resource in here.root.resources:
            if resource.mode != "managed":
                continue
            _count_provisioners(inputs, resource, blocks_seen)
            shape = SHAPES.get(resource.type)
            if shape is not None:
                runners.extend(_service(here, resource, shape, estate, configs))
    for runner in runners:
        runner.finish()


def _count_provisioners(
    inputs: Inputs, resource: Resource, seen: set[tuple[str, int]]
) -> None:
    """Provisioners run where Terraform runs; nothing of them is analysed."""
    block = resource.block
    key = (block.source.path, block.start)
    if key in seen or block.end - block.start > _MAX_BLOCK:
        return
    seen.add(key)
    for match in _PROVISIONER.finditer(block.source.text, block.start, block.end):
        words = f"provisioner {match[1]}"
        inputs.not_analysed[words] = inputs.not_analysed.get(words, 0) + 1


def _service(
    here: RootIndex,
    resource: Resource,
    shape: Shape,
    estate: Estate,
    configs: Configs,
) -> Iterator[Runner]:
    paths = [shape.containers] if shape.containers else [""]
    if resource.type == "aws_sagemaker_model":
        paths.append(_PRIMARY)
    for path in paths:
        found = values_at(resource.values, path) if path else [resource.values]
        for container in found:
            runner = _container(here, resource, shape, container, estate, configs)
            if runner is not None:
                yield runner


def _container(
    here: RootIndex,
    resource: Resource,
    shape: Shape,
    container: Value,
    estate: Estate,
    configs: Configs,
) -> Runner | None:
    variables = dict(_variables(shape, container))
    image = given(container, *shape.image.split(".")) if shape.image else None
    words = [
        word
        for name in shape.command
        if (listed := given(container, name)) is not None
        for word in listed.elements()
    ]
    if not variables and image is None and not words:
        if resource.type in _ALWAYS:
            workload_of(here, estate, resource, _sort(resource))
        return None
    workload = workload_of(here, estate, resource, _sort(resource))
    holder = _holder(here, estate, workload, container, image)
    environment = _environment(estate, holder, variables)
    asks = has_accelerator(workload)
    scene = job_scene(estate, workload, environment, [], asks, configs, holder=holder)
    runner = Runner(scene)
    text = here.text_of(image) if image is not None else None
    name = text if isinstance(text, str) else ""
    form = image_program(name)
    tool = entrypoint_command(name, words)
    if tool or (words and is_program(words[0])):
        runner.command(tool or words, environment)
    elif words:
        runner.bare_arguments(words, environment, form)
    elif form and image is not None:
        runner.bare_arguments([image], environment, form)
    span = (image.entry() if image is not None else None) or resource.span
    runner.ambient(environment, span)
    return runner


def _sort(resource: Resource) -> str:
    return "vm" if resource.type.startswith("google_compute") else "managed"


def _holder(
    here: RootIndex,
    estate: Estate,
    workload: Thing,
    container: Value,
    image: Value | None,
) -> Thing:
    """The container that an image makes; the workload itself where there is none."""
    if image is None:
        return workload
    name = given(container, "name")
    label = name.data if name is not None and isinstance(name.data, str) else "main"
    span = (image if name is None else name).entry()
    holder = job_container(estate, workload, label, span)
    text = here.text_of(image)
    known = text is None or text is image.data
    state_image(holder, image if known else image.replace(data=text))
    return holder


def _variables(shape: Shape, container: Value) -> Iterator[tuple[str, Value]]:
    for path in (*shape.maps, *shape.secure):
        for value in _mappings(container, path):
            for name, child in value.items():
                hidden = path in shape.secure and child.unknown is not None
                if name not in _NOT_VARIABLES and not child.is_null and not hidden:
                    yield name, child
    for path in shape.pairs:
        for entry in values_at(container, path):
            label, given_value = given(entry, "name"), given(entry, "value")
            text = label.text() if label is not None else None
            stored = given(entry, "type")
            if stored is not None and stored.data not in ("PLAINTEXT", None):
                continue  # CodeBuild: a name in a parameter or secret store
            if label is None or given_value is None or not isinstance(text, str):
                continue
            yield text, given_value.replace(key=given_value.key or label.span)


def _mappings(container: Value, path: str) -> list[Value]:
    found = given(container, *path.split("."))
    return [] if found is None or isinstance(found.data, Unknown) else [found]


def _environment(
    estate: Estate, holder: Thing, variables: dict[str, Value]
) -> dict[str, Value]:
    for name, value in variables.items():
        found = secret_under(name, value)
        if found is not None and value.data != "":
            state_secret(estate, holder, found, holder.address, name)
        elif isinstance(value.data, str):
            text_secrets(estate, holder, value)
    return variables
