"""dstack run configurations. Fields from dstack.ai/docs/reference, read 2026-11."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.estate.places import place_of
from mlsec_lint.lower.jobs.configs import Configs
from mlsec_lint.lower.jobs.determined import host_mount
from mlsec_lint.lower.jobs.images import state_image
from mlsec_lint.lower.jobs.job_file import job_workload, unclaimed
from mlsec_lint.lower.jobs.open_ports import Opened, state_opened
from mlsec_lint.lower.jobs.paths import Mounted
from mlsec_lint.lower.jobs.run import Runner
from mlsec_lint.lower.jobs.script_job import (
    job_container,
    job_scene,
    mount_thing,
    one_script,
    state_accelerator,
    variables,
)
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.lower.secrets import state_field
from mlsec_lint.lower.stores import Named
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.source import Span
    from mlsec_lint.value import Value

_OWN = frozenset({"kubernetes", "ssh", "local"})
_TYPES = frozenset({"task", "service", "dev-environment"})
_BESIDE = frozenset(
    {
        "commands", "resources", "image", "python", "ide", "nodes", "backends", "ports",
        "port", "regions", "fleets", "spot_policy", "volumes", "repos", "registry_auth",
    }
)  # fmt: skip
#: How its files are called.
_FILES = (".dstack.yml", ".dstack.yaml")


def is_dstack(value: Value) -> bool:
    """One of dstack's types, and two of its own keys; or one in a file of its name."""
    keys = value.data.keys() if isinstance(value.data, dict) else set()
    if text_of(value.get("type")) not in _TYPES:
        return False
    named = value.span is not None and value.span.path.endswith(_FILES)
    return len(keys & _BESIDE) >= (1 if named else 2)


def lower_dstack(inputs: Inputs, estate: Estate) -> None:
    """Lower dstack runs: where they may go, their image, commands and volumes."""
    configs = Configs(inputs)
    _declared_volumes(inputs, estate)
    for path, document in unclaimed(inputs, is_dstack, "dstack"):
        run = document.value
        name = text_of(given(run, "name"))
        workload = job_workload(estate, path, document, "dstack", name)
        accelerators = state_accelerator(workload, given(run, "resources", "gpu"))
        _places(workload, run)
        ide = given(run, "ide")
        if text_of(run.get("type")) == "dev-environment":
            span = (ide.entry() if ide is not None else None) or workload.span
            workload.state("session.notebook", value=True, span=span)
        environment = variables(estate, workload, run, ("env",))
        image = given(run, "image")
        if image is not None:
            state_image(job_container(estate, workload, "run", image.entry()), image)
        login = given(run, "registry_auth", "password")
        state_field(estate, workload, login, "password", "registry_auth.password")
        mounted = _volumes(estate, workload, run)
        scene = job_scene(estate, workload, environment, mounted, accelerators, configs)
        runner = Runner(scene)
        for field in ("init", "setup", "commands"):
            listed = given(run, field)
            source = one_script(listed.elements()) if listed is not None else None
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
    commands, image = run.get("commands"), text_of(given(run, "image"))
    image = image if commands is None else ""  # else they run what they please
    state_opened(estate, workload, opened, [commands], environment, image)


def _places(workload: Thing, run: Value) -> None:
    """Backends and regions: every pair is a place that dstack may choose.

    Without regions it is any region of the backends, without these any backend of the
    project. A fleet or cluster of the lab's own has no region.
    """
    backends = given(run, "backends")
    regions = given(run, "regions")
    listed = regions.elements() if regions is not None else ()
    header = regions.entry() if regions is not None else None
    names = [text_of(b).lower() for b in backends.elements()] if backends else []
    own = bool(names) and set(names) <= _OWN
    workload.state("place.pinned", bool(listed) or own, header or workload.span)
    for region in listed:
        text = region.text()
        if text is not None and region.span is not None:
            workload.also("place.provider", _provider(names, text), region.span)
            workload.also("place.region", text, region.span)
    if listed or own:
        return
    span = (backends.entry() if backends is not None else None) or workload.span
    for name in [n for n in names if n not in _OWN] or [""]:
        cloud = name or "any backend of the project"
        why = f"no region is named: dstack takes any region of {cloud}"
        workload.also("place.provider", name, span)
        unknown = Unknown("environment", why, "regions", span=span)
        workload.also("place.region", unknown, span)


def _provider(names: list[str], region: str | Unknown) -> str:
    """The backend that has a region, where several are named."""
    if len(names) == 1:
        return names[0]
    fitting = [n for n in names if isinstance(region, str) and place_of(n, region)]
    return fitting[0] if len(fitting) == 1 else ""


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
        name = text_of(volume.get("name")) if isinstance(volume.data, dict) else host
        span = volume.span or workload.span
        if host.startswith("/") and inner.startswith("/"):
            found.append(host_mount(estate, workload, host, inner, span))
        elif name and inner.startswith("/"):
            found.append(_network_volume(estate, workload, name, inner, span))
    return found


def _network_volume(
    estate: Estate, workload: Thing, name: str, path: str, span: Span
) -> Mounted:
    """A volume of a cloud that dstack knows by its name; a file may declare it."""
    address = f"dstack-volume:{name}"
    store = estate.find("store", address)
    if store is None:
        store = estate.add(Thing("store", address, address, span))
        store.state("type", "block", span)
        store.state("declared", value=False, span=span)
    named = Named([store], certain=True, why="")
    mount = mount_thing(estate, workload, path, "block", span, named)
    return Mounted(path.rstrip("/") or "/", mount, (named,))


def is_dstack_volume(value: Value) -> bool:
    """A volume with its backend and region, or with an id."""
    keys = value.data.keys() if isinstance(value.data, dict) else set()
    own = keys & {"backend", "region", "volume_id", "size", "availability_zone"}
    return text_of(value.get("type")) == "volume" and "name" in keys and len(own) >= 2


def _declared_volumes(inputs: Inputs, estate: Estate) -> None:
    """`type: volume`: a disk of a cloud, with its place."""
    for _, document in unclaimed(inputs, is_dstack_volume, "dstack"):
        name = given(document.value, "name")
        span = name.entry() if name is not None else None
        if name is None or span is None or not text_of(name):
            continue
        address = f"dstack-volume:{text_of(name)}"
        backend = text_of(given(document.value, "backend")).lower()
        store = estate.add(Thing("store", address, address, span, backend))
        store.state("type", "block", span)
        store.state("declared", value=True, span=span)
        region = given(document.value, "region")
        text = settled(region).text() if region is not None else None
        if region is not None and text is not None:
            where = region.entry() or span
            store.state("place.provider", backend, where)
            store.state("place.region", text, where)
