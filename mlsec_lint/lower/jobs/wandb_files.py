"""Weights & Biases: sweeps, and the config of a launch agent.

Fields from docs.wandb.ai/guides/sweeps/sweep-config-keys and /guides/launch, read 2026-11.
A sweep's runs are logged to its server, and a launch agent takes jobs from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.arguments import Setting, arguments, flatten
from mlsec_lint.lower.jobs.hugging_face import NESTED
from mlsec_lint.lower.jobs.job_file import job_workload, settings_secrets, unclaimed
from mlsec_lint.lower.jobs.scene import Scene
from mlsec_lint.lower.jobs.settings import apply_settings
from mlsec_lint.lower.scalars import given, put_text, settled, text_of
from mlsec_lint.lower.stores import referred_store
from mlsec_lint.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.inputs import Inputs

_METHODS = frozenset({"grid", "random", "bayes"})
_VALUES = frozenset(
    {"value", "values", "distribution", "min", "max", "mu", "parameters"}
)
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


def lower_wandb_files(inputs: Inputs, estate: Estate) -> None:
    """Lower sweeps and launch agents."""
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
