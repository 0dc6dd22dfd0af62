"""MosaicML (MCLI) runs. Fields from llm-foundry `mcli/`, read 2026-08."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.arguments import Setting, flatten
from mlsec_lint.lower.jobs.configs import Configs
from mlsec_lint.lower.jobs.fetch_things import state_fetch
from mlsec_lint.lower.jobs.fetches import (
    Fetch,
    package_list,
    pinned_revision,
    tagged,
)
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
from mlsec_lint.lower.jobs.trackers import state_trackers
from mlsec_lint.lower.scalars import given, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.jobs.scene import Scene
    from mlsec_lint.value import Unknown, Value


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
        _integrations(scene, given(run, "integrations"), environment)
        runner = Runner(scene)
        command = given(run, "command")
        source = script_source(command) if command is not None else None
        if source is not None:
            runner.script(source, environment)
        runner.finish()


def _integrations(
    scene: Scene, listed: Value | None, environment: Mapping[str, Value]
) -> None:
    """What the platform does around the command: code, packages, trackers."""
    for one in listed.elements() if listed is not None else ():
        kind = text_of(given(one, "integration_type"))
        if kind == "git_repo":
            _code(scene, one)
        elif kind == "pip_packages":
            packages = given(one, "packages")
            fetch = package_list(packages) if packages is not None else None
            if fetch is not None:
                state_fetch(scene.estate, scene.workload, fetch)
        else:
            kind_value = given(one, "integration_type")
            span = kind_value.entry() if kind_value is not None else None
            if kind_value is None or span is None:
                continue
            reports = [Setting("report_to", kind_value, span), *flatten(one)]
            program = scene.program("mosaicml", span)
            state_trackers(scene, program, reports, environment)


def _code(scene: Scene, one: Value) -> None:
    """The repository that is cloned and, where it says so, installed."""
    repository = given(one, "git_repo")
    text = text_of(repository)
    span = repository.entry() if repository is not None else None
    if span is None or not re.fullmatch(r"[\w.-]+/[\w.-]+", text):
        return
    commit = given(one, "git_commit")
    branch = text_of(given(one, "git_branch"))
    pinned: bool | Unknown = False
    if commit is not None:
        pinned = pinned_revision(commit)
    elif re.match(r"v?\d", branch):
        pinned = tagged(branch, span)
    what = f"https://github.com/{text}"
    fetch = Fetch("code", what, span, "github.com", pinned, executed=True)
    state_fetch(scene.estate, scene.workload, fetch)
