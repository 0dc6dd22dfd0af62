"""MLflow projects: the file `MLproject`. Fields from mlflow.org/docs (3.x), read 2026-11."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.configs import Configs
from mlsec_lint.lower.jobs.docker_compose import volumes
from mlsec_lint.lower.jobs.images import state_image
from mlsec_lint.lower.jobs.job_file import job_workload
from mlsec_lint.lower.jobs.run import Runner, script_source
from mlsec_lint.lower.jobs.script_job import job_container, job_scene
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.lower.secrets import secret_under, state_secret
from mlsec_lint.parse.yaml import yaml_documents
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.parse.document import Document
    from mlsec_lint.value import Value

_NAME = "MLproject"
_BESIDE = ("name", "docker_env", "conda_env", "python_env")
_MAX_POINTS = 200


def is_mlproject(value: Value) -> bool:
    """Entry points with a command, and a name or an environment."""
    points = given(value, "entry_points")
    commands = points is not None and any(
        given(point, "command") is not None for _, point in points.items()
    )
    return commands and any(given(value, name) is not None for name in _BESIDE)


def lower_mlproject(inputs: Inputs, estate: Estate) -> None:
    """Lower MLflow projects: image, volumes, environment and each entry point."""
    configs = Configs(inputs)
    for source in inputs.texts:
        if source.path.rpartition("/")[2] != _NAME:
            continue
        documents, notes = yaml_documents(source)
        estate.note(notes)
        for document in documents:
            if is_mlproject(document.value):
                inputs.recognised["mlproject"] = (
                    inputs.recognised.get("mlproject", 0) + 1
                )
                _project(estate, source.path, document, configs)


def _project(estate: Estate, path: str, document: Document, configs: Configs) -> None:
    root = document.value
    points = given(root, "entry_points")
    listed = list(points.items()) if points is not None else []
    for name, point in listed[:_MAX_POINTS]:
        command = given(point, "command")
        source = script_source(command) if command is not None else None
        if source is None:
            continue
        workload = job_workload(estate, path, document, "mlproject", name)
        workload.span = point.key or workload.span
        docker = given(root, "docker_env")
        environment = _environment(estate, workload, docker)
        mounted = volumes(estate, workload, docker) if docker is not None else []
        image = given(docker, "image")
        if image is not None:
            state_image(job_container(estate, workload, "main", image.entry()), image)
        scene = job_scene(estate, workload, environment, mounted, False, configs)  # noqa: FBT003
        runner = Runner(scene)
        runner.script(source, environment)
        runner.ambient(environment, workload.span)
        runner.finish()


def _environment(
    estate: Estate, workload: Thing, docker: Value | None
) -> dict[str, Value]:
    """`[NAME, value]` pairs; a name alone is taken from whoever runs the project."""
    found: dict[str, Value] = {}
    listed = given(docker, "environment")
    for entry in listed.elements() if listed is not None else ():
        pair = entry.elements()
        name = text_of(pair[0] if pair else entry)
        if not name:
            continue
        if len(pair) == 2:
            found[name] = settled(pair[1]).replace(key=pair[0].span)
        else:
            why = f"{name} is given by whoever runs the project"
            found[name] = entry.replace(
                data=Unknown("environment", why, name, span=entry.span)
            )
        secret = secret_under(name, found[name])
        if secret is not None:
            state_secret(estate, workload, secret, workload.address, name)
    return found
