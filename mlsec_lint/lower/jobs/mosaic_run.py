"""MosaicML (MCLI) runs. Fields from llm-foundry `mcli/`, read 2026-08."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.arguments import flatten
from mlsec_lint.lower.jobs.configs import Configs
from mlsec_lint.lower.jobs.images import state_image
from mlsec_lint.lower.jobs.job_file import job_workload, settings_secrets, unclaimed
from mlsec_lint.lower.jobs.llm_foundry import DIALECT
from mlsec_lint.lower.jobs.run import Runner, script_source
from mlsec_lint.lower.jobs.script_job import (
    job_container,
    job_scene,
    state_accelerator,
    variables,
)
from mlsec_lint.lower.jobs.settings import apply_settings
from mlsec_lint.lower.scalars import given, text_of

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.value import Value


def is_mosaic_run(value: Value) -> bool:
    """A compute block with a command and an image."""
    keys = value.data.keys() if isinstance(value.data, dict) else set()
    return {"compute", "command", "image"} <= keys and given(
        value, "compute"
    ) is not None


def lower_mosaic_run(inputs: Inputs, estate: Estate) -> None:
    """Lower MCLI runs: image, command, and the parameters they carry along."""
    configs = Configs(inputs)
    for path, document in unclaimed(inputs, is_mosaic_run, "mosaicml"):
        run = document.value
        name = text_of(given(run, "name"))
        workload = job_workload(estate, path, document, "mosaicml", name)
        gpus = given(run, "compute", "gpus") or given(run, "compute", "gpu_type")
        accelerators = state_accelerator(workload, gpus)
        image = given(run, "image")
        if image is not None:
            state_image(job_container(estate, workload, "run", image.entry()), image)
        environment = variables(estate, workload, run, ("env_variables",))
        scene = job_scene(estate, workload, environment, [], accelerators, configs)
        parameters = given(run, "parameters")
        if parameters is not None:
            settings = flatten(parameters)
            program = scene.program("llm-foundry", parameters.key or workload.span)
            apply_settings(scene, program, DIALECT, settings, environment)
            settings_secrets(estate, workload, settings)
        runner = Runner(scene)
        command = given(run, "command")
        source = script_source(command) if command is not None else None
        if source is not None:
            runner.script(source, environment)
        runner.finish()
