"""dstack run configurations. Fields from dstack.ai/docs/reference, read 2026-11."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.configs import Configs
from mlsec_lint.lower.jobs.determined import host_mount
from mlsec_lint.lower.jobs.images import state_image
from mlsec_lint.lower.jobs.job_file import job_workload, unclaimed
from mlsec_lint.lower.jobs.open_ports import Opened, state_opened
from mlsec_lint.lower.jobs.run import Runner, script_source
from mlsec_lint.lower.jobs.script_job import (
    job_container,
    job_scene,
    state_accelerator,
    variables,
)
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.jobs.paths import Mounted
    from mlsec_lint.value import Value

_TYPES = frozenset({"task", "service", "dev-environment"})
_BESIDE = frozenset(
    {"commands", "resources", "image", "python", "ide", "nodes", "backends"}
)


def is_dstack(value: Value) -> bool:
    """One of dstack's types, and two of its own keys."""
    keys = value.data.keys() if isinstance(value.data, dict) else set()
    return text_of(value.get("type")) in _TYPES and len(keys & _BESIDE) >= 2


def lower_dstack(inputs: Inputs, estate: Estate) -> None:
    """Lower dstack runs: where they may go, their image, commands and volumes."""
    configs = Configs(inputs)
    for path, document in unclaimed(inputs, is_dstack, "dstack"):
        run = document.value
        name = text_of(given(run, "name"))
        workload = job_workload(estate, path, document, "dstack", name)
        accelerators = state_accelerator(workload, given(run, "resources", "gpu"))
        _places(workload, run)
        environment = variables(estate, workload, run, ("env",))
        image = given(run, "image")
        if image is not None:
            state_image(job_container(estate, workload, "run", image.entry()), image)
        mounted = _volumes(estate, workload, run)
        scene = job_scene(estate, workload, environment, mounted, accelerators, configs)
        runner = Runner(scene)
        for field in ("init", "setup", "commands"):
            listed = given(run, field)
            for command in listed.elements() if listed is not None else ():
                source = script_source(command)
                if source is not None:
                    runner.script(source, environment)
        runner.finish()
        _endpoint(estate, workload, run, environment)


def _endpoint(
    estate: Estate, workload: Thing, run: Value, environment: dict[str, Value]
) -> None:
    """A service's endpoint asks for a token of dstack's unless `auth: false`."""
    port = given(run, "port")
    span = port.entry() if port is not None else None
    if text_of(run.get("type")) != "service" or span is None or port is None:
        return
    auth = given(run, "auth")
    login = True if auth is None else settled(auth).boolean()
    login = True if login is None else login
    if auth is not None:
        span = auth.entry() or span
    why = "where the endpoint of a service answers, dstack's server or gateway decides"
    reach = Unknown("environment", why, "gateway", span=span)
    number = text_of(port).rpartition(":")[2]
    numbers = [int(number)] if number.isdecimal() else []
    opened = Opened(numbers, reach, login, span)
    state_opened(estate, workload, opened, [run.get("commands")], environment)


def _places(workload: Thing, run: Value) -> None:
    """Backends and regions: every pair is a place that dstack may choose."""
    backends = given(run, "backends")
    regions = given(run, "regions")
    pinned = regions is not None and bool(regions.elements())
    header = regions.entry() if regions is not None else None
    workload.state("place.pinned", pinned, header or workload.span)
    names = [text_of(b).lower() for b in backends.elements()] if backends else []
    provider = names[0] if len(names) == 1 else ""
    for region in regions.elements() if regions is not None else ():
        text = region.text()
        if text is not None and region.span is not None:
            workload.also("place.provider", provider, region.span)
            workload.also("place.region", text, region.span)


def _volumes(estate: Estate, workload: Thing, run: Value) -> list[Mounted]:
    """`/node/path:/path` and `instance_path`: folders of the machine."""
    found: list[Mounted] = []
    listed = given(run, "volumes")
    for volume in listed.elements() if listed is not None else ():
        if isinstance(volume.data, dict):
            host, inner = (
                text_of(volume.get("instance_path")),
                text_of(volume.get("path")),
            )
        else:
            host, _, inner = text_of(volume).partition(":")
        if host.startswith("/") and inner.startswith("/"):
            span = volume.span or workload.span
            found.append(host_mount(estate, workload, host, inner, span))
    return found
