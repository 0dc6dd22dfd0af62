"""Weights & Biases: sweeps, what is launched, and the config of a launch agent.

Fields from docs.wandb.ai/guides/sweeps/sweep-config-keys and /guides/launch, read 2026-11.
A sweep's runs are logged to its server, and a launch agent takes jobs from it. A job is
code that the server keeps; its versions (`:v3`) stay, its aliases (`:latest`) move.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.arguments import Setting, arguments, flatten
from mlsec_lint.lower.jobs.fetch_things import state_fetch
from mlsec_lint.lower.jobs.fetches import Fetch
from mlsec_lint.lower.jobs.hugging_face import NESTED
from mlsec_lint.lower.jobs.images import state_image
from mlsec_lint.lower.jobs.job_file import job_workload, settings_secrets, unclaimed
from mlsec_lint.lower.jobs.sagemaker import runs_as, state_training
from mlsec_lint.lower.jobs.scene import Scene
from mlsec_lint.lower.jobs.script_job import job_container
from mlsec_lint.lower.jobs.settings import apply_settings
from mlsec_lint.lower.scalars import given, put_text, settled, text_of
from mlsec_lint.lower.stores import referred_store
from mlsec_lint.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.parse.document import Document

_METHODS = frozenset({"grid", "random", "bayes"})
_VALUES = frozenset(
    {"value", "values", "distribution", "min", "max", "mu", "parameters"}
)
_ARTIFACT = "wandb-artifact://"
_HOST = "api.wandb.ai"
_AGENT = frozenset({"entity", "max_jobs", "builder", "environment", "registry"})


def is_sweep(value: Value) -> bool:
    """One of the three methods, and parameters with values or distributions."""
    parameters = given(value, "parameters")
    if text_of(given(value, "method")) not in _METHODS or parameters is None:
        return False
    return any(
        isinstance(entry.data, dict) and entry.data.keys() & _VALUES
        for _, entry in parameters.items()
    )


def is_launch_agent(value: Value) -> bool:
    """Queues, and two more of the agent's own keys."""
    keys = value.data.keys() if isinstance(value.data, dict) else set()
    queues = given(value, "queues")
    return queues is not None and bool(queues.elements()) and len(keys & _AGENT) >= 2


def is_launched_sweep(value: Value) -> bool:
    """A scheduler with a job of its own, and parameters or the job that it starts."""
    scheduler = given(value, "scheduler")
    if given(scheduler, "job") is None and given(scheduler, "resource") is None:
        return False
    return given(value, "parameters") is not None or given(value, "job") is not None


def is_launch(value: Value) -> bool:
    """What `wandb launch` takes: resources with a job, image or overrides."""
    arguments = given(value, "resource_args")
    if arguments is not None and isinstance(arguments.data, dict):
        names = ("job", "docker", "overrides", "resource", "uri")
        return any(given(value, name) is not None for name in names)
    named = given(value, "run_name") is not None or given(value, "project") is not None
    config = given(value, "config")
    return named and any(True for _ in _artifacts(config))


def _artifacts(config: Value | None) -> Iterator[Value]:
    """Artifacts of the server that a config of a job names."""
    for _, value in config.items() if config is not None else ():
        if text_of(value).startswith(_ARTIFACT):
            yield value


def lower_wandb_files(inputs: Inputs, estate: Estate) -> None:
    """Lower sweeps, launches and launch agents."""
    for path, document in unclaimed(inputs, is_launched_sweep, "wandb-sweep"):
        root = document.value
        workload = job_workload(estate, path, document, "wandb-sweep")
        _started(estate, workload, given(root, "job"))
        _started(estate, workload, given(root, "scheduler", "job"))
        settings = [*_parameters(root), *_tracked(root, "scheduler")]
        _state(estate, workload, settings)
    for path, document in unclaimed(inputs, is_launch, "wandb-launch"):
        _launch(estate, path, document)
    for path, document in unclaimed(inputs, is_sweep, "wandb-sweep"):
        root = document.value
        workload = job_workload(
            estate, path, document, "wandb-sweep", text_of(given(root, "name"))
        )
        settings = [*_parameters(root), *_command(root), *_tracked(root, "method")]
        _state(estate, workload, settings)
    for path, document in unclaimed(inputs, is_launch_agent, "wandb-launch"):
        root = document.value
        workload = job_workload(estate, path, document, "wandb-launch")
        put_text(workload, "place.region", given(root, "environment", "region"))
        settings = [*_tracked(root, "queues"), *_server(root)]
        scene = _state(estate, workload, settings)
        context = given(root, "builder", "build-context-store")
        span = context.entry() if context is not None else None
        if context is not None and span is not None:
            named = referred_store(estate, settled(context, loose=True))
            if named is not None:
                scene.link(named, "writes", "keeps build contexts", span, None)


def _launch(estate: Estate, path: str, document: Document) -> None:
    """A job with the resources that it is given: a request of SageMaker's among them."""
    root = document.value
    name = text_of(given(root, "run_name")) or text_of(given(root, "name"))
    workload = job_workload(estate, path, document, "wandb-launch", name)
    _started(estate, workload, given(root, "job"))
    image = given(root, "docker", "docker_image")
    if image is not None:
        state_image(job_container(estate, workload, "job", image.entry()), image)
    request = given(root, "resource_args", "sagemaker")
    if request is not None:
        workload.state("type", "managed")
        state_training(estate, workload, request)
    config = given(root, "config")
    config = config if config is not None else given(root, "overrides", "run_config")
    for artifact in _artifacts(config):
        _model(estate, workload, artifact)
    runs_as(estate, workload, given(config, "sagemaker_role"))
    first = "config" if given(root, "config") is not None else "resource_args"
    settings = [
        *(flatten(config) if config is not None else ()),
        *_tracked(root, first),
    ]
    _state(estate, workload, settings)


def _started(estate: Estate, workload: Thing, job: Value | None) -> None:
    """The job of the server whose code is run."""
    text, span = text_of(job), job.entry() if job is not None else None
    if text and span is not None and "/" in text:
        fetch = Fetch("code", text, span, _HOST, pinned=_version(text), executed=True)
        state_fetch(estate, workload, fetch)


def _model(estate: Estate, workload: Thing, artifact: Value) -> None:
    """A model that is taken from the server."""
    text, span = text_of(artifact), artifact.entry() or artifact.span
    if span is not None:
        words = f"{workload.name} takes a model from W&B"
        workload.holds_weights("referenced", words, span)
        fetch = Fetch("model", text, span, _HOST, pinned=_version(text))
        state_fetch(estate, workload, fetch)


def _version(name: str) -> bool:
    return re.fullmatch(r"v\d+", name.rpartition(":")[2]) is not None


def _state(estate: Estate, workload: Thing, settings: list[Setting]) -> Scene:
    scene = Scene(estate, workload, workload, {})
    program = scene.program(workload.provider, workload.span)
    apply_settings(scene, program, NESTED, settings, {})
    settings_secrets(estate, workload, settings)
    return scene


def _parameters(root: Value) -> Iterator[Setting]:
    """Parameters that are fixed; of one that varies, all its values as a list."""
    block = given(root, "parameters")
    for setting in flatten(block) if block is not None else ():
        stem, _, last = setting.name.rpartition(".")
        if stem and last in ("value", "values"):
            yield setting._replace(name=stem.replace(".parameters.", "."))


def _command(root: Value) -> list[Setting]:
    words = given(root, "command")
    return arguments(words.elements()).settings if words is not None else []


def _tracked(root: Value, field: str) -> Iterator[Setting]:
    """That W&B is told, as a setting that names it."""
    value = given(root, field)
    span = value.entry() if value is not None else None
    span = span or (value.key if value is not None else None)
    if span is not None:
        yield Setting("report_to", Value("wandb", span), span)


def _server(root: Value) -> Iterator[Setting]:
    """The agent's own server, where it is not the service."""
    value = given(root, "base_url")
    span = value.entry() if value is not None else None
    if value is not None and span is not None:
        yield Setting("wandb_base_url", settled(value), span)
