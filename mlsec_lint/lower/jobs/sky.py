"""SkyPilot tasks. Fields from docs.skypilot.co/reference/yaml-spec, read 2026-11."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.jobs.configs import Configs
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
from mlsec_lint.lower.jobs.sky_mounts import sky_mounts
from mlsec_lint.lower.scalars import given, settled
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.source import Span
    from mlsec_lint.value import Value

_BESIDE = frozenset(
    {
        "resources",
        "file_mounts",
        "num_nodes",
        "envs",
        "service",
        "storage_mounts",
        "workdir",
    }
)
_OTHERS = frozenset({"on", "jobs", "steps", "stages", "services", "apiVersion", "type"})


def is_sky(value: Value) -> bool:
    """`run` or `setup` as a script, and two of SkyPilot's own keys or its `resources`."""
    keys = value.data.keys() if isinstance(value.data, dict) else set()
    if not keys & {"run", "setup"} or keys & _OTHERS:
        return False
    if any(isinstance(value.data[n].data, dict) for n in keys & {"run", "setup"}):
        return False
    resources = value.get("resources")
    known = resources is not None and isinstance(resources.data, dict)
    return known or len(keys & _BESIDE) >= 2


def lower_sky(inputs: Inputs, estate: Estate) -> None:
    """Lower SkyPilot tasks: where they may run, what they mount, run and send."""
    configs = Configs(inputs)
    for path, document in unclaimed(inputs, is_sky, "skypilot"):
        task = document.value
        name = task.get("name")
        label = name.text() if name is not None else None
        workload = job_workload(
            estate, path, document, "skypilot", label if isinstance(label, str) else ""
        )
        resources = task.get("resources")
        state_places(workload, resources)
        accelerators = state_accelerator(workload, _accelerators(resources))
        environment = variables(estate, workload, task, ("envs", "secrets"))
        clouds = {place.provider for place in places(resources)}
        mounted = sky_mounts(estate, workload, task, environment, clouds)
        if any(one.stores for one in mounted):
            _shell(workload, resources)
        scene = job_scene(estate, workload, environment, mounted, accelerators, configs)
        image = _image(resources)
        if image is not None:
            state_image(job_container(estate, workload, "task", image.entry()), image)
        runner = Runner(scene)
        for part in ("setup", "run"):
            script = task.get(part)
            source = script_source(script) if script is not None else None
            if source is not None:
                runner.script(source, environment)
        runner.finish()
        _ports(estate, workload, task, environment)


#: `ports` of a task and the endpoint of SkyServe (docs.skypilot.co, 2026-11).
_OPEN = "SkyPilot: opened to the internet, unless the user's own config says otherwise"


def _ports(
    estate: Estate, workload: Thing, task: Value, environment: dict[str, Value]
) -> None:
    """Ports that a task opens, and the endpoint of a service."""
    resources = task.get("resources")
    listed = given(resources, "ports")
    opens = listed if listed is not None else given(task, "service")
    span = opens.entry() if opens is not None else None
    if opens is None or span is None:
        return
    chosen = places(resources)
    reach: str | Unknown = "internet"
    if any(place.own for place in chosen):
        why = "how a cluster of the lab opens ports of a task, its own config decides"
        reach = Unknown("environment", why, "kubeconfig", span=span)
    default = _OPEN if reach == "internet" else ""
    numbers = _numbers(listed)
    opened = Opened(numbers, reach, login=False, span=span, default=default)
    scripts = [task.get("setup"), task.get("run")]
    state_opened(estate, workload, opened, scripts, environment)


def _numbers(listed: Value | None) -> list[int]:
    """Ports as SkyPilot writes them: one, a list, ranges `10052-10100`."""
    found: list[int] = []
    for one in (listed.elements() or (listed,)) if listed is not None else ():
        first, _, last = str(one.data).partition("-")
        if not first.strip().isdecimal():
            return []
        low = int(first)
        high = int(last) if last.strip().isdecimal() else low
        if not 0 < low <= high < 65_536:
            return []
        found.extend((low,) if low == high else range(low, min(high, low + 500) + 1))
    return found


def _shell(workload: Thing, resources: Value | None) -> None:
    """SkyPilot makes a key and opens SSH to every machine: to whom, no task file says.

    Stated of tasks that mount stores: there a shell shows more than the task's own disk.
    """
    header = (resources.key if resources is not None else None) or workload.span
    why = (
        "who holds the SSH key that SkyPilot makes for its machines is not in the file"
    )
    truth = Unknown("unsupported", why, span=header)
    workload.state("session.enabled", truth, header)


def _accelerators(resources: Value | None) -> Value | None:
    for option in _options(resources):
        for found in (option.get("accelerators"), resources):
            if found is resources and resources is not None:
                found = resources.get("accelerators")
            if found is not None and not found.is_null:
                return found
    return None


def _image(resources: Value | None) -> Value | None:
    image = resources.get("image_id") if resources is not None else None
    text = image.text() if image is not None else None
    if image is not None and isinstance(text, str) and text.startswith("docker:"):
        return image.replace(data=text.removeprefix("docker:"))
    return None


# -- places ---------------------------------------------------------------------


class Place(NamedTuple):
    """A cloud ("" for any) and region that an alternative leaves to the scheduler.

    `own` instead: a cluster of the lab's own, and whether it is known which.
    """

    provider: str
    region: str | Unknown
    span: Span | None
    pinned: bool | Unknown
    own: bool = False


def _options(resources: Value | None) -> tuple[Value, ...]:
    """The alternatives of `any_of` and `ordered`, else the resources themselves."""
    if resources is None:
        return ()
    for name in ("any_of", "ordered"):
        listed = resources.get(name)
        if listed is not None and listed.elements():
            return listed.elements()
    return (resources,)


def places(resources: Value | None) -> list[Place]:
    """The places among which the scheduler chooses, one for each alternative."""
    return [_place(option, resources) for option in _options(resources)]


def state_places(workload: Thing, resources: Value | None) -> None:
    """Each place that the scheduler may choose, as a place of the task.

    Without a region the scheduler takes any region of the cloud; without a cloud, any
    region of any cloud that the user has enabled: no place that config tells.
    """
    header = (resources.key if resources is not None else None) or workload.span
    options, chosen = _options(resources), places(resources)
    workload.state("place.pinned", _pinned(chosen), header)
    _strangers(workload, options, resources)
    for place in chosen:
        if not place.own:
            span = place.span or header
            workload.also("place.provider", place.provider, span)
            workload.also("place.region", place.region, span)


#: Clusters of the lab's own: a context, pool or partition of theirs is a place.
_OWN = ("k8s", "kubernetes", "ssh", "slurm")


def _pinned(chosen: list[Place]) -> bool | Unknown:
    """Whether every alternative names its place; unknown for one that is not known."""
    if not chosen or any(place.pinned is False for place in chosen):
        return False
    doubts = [p.pinned for p in chosen if isinstance(p.pinned, Unknown)]
    return doubts[0]._replace(possible=None, parts=()) if doubts else True


def _own_cluster(option: Value, resources: Value | None) -> bool | Unknown | None:
    """Whether an alternative names a cluster of the lab's own: a context is a place."""
    for name in ("infra", "cloud"):
        chosen = option.get(name) or (resources.get(name) if resources else None)
        text = chosen.text() if chosen is not None else None
        if chosen is None or not isinstance(text, str):
            continue
        cloud, slash, context = text.strip().lower().partition("/")
        if cloud in _OWN:
            if slash and context not in ("", "*"):
                return True
            why = f"which cluster {text} is, the user's own config decides"
            return Unknown("environment", why, "kubeconfig", span=chosen.span)
    return None


#: Clouds that rent out machines of whoever offers them (vast.ai documentation, 2026-11).
_MARKETPLACES = ("vast",)


def _strangers(
    workload: Thing, options: tuple[Value, ...], resources: Value | None
) -> None:
    """State that a task may run on hosts of a marketplace, where one is chosen."""
    for option in options:
        for name in ("infra", "cloud"):
            chosen = option.get(name) or (resources.get(name) if resources else None)
            text = chosen.text() if chosen is not None else None
            if chosen is None or not isinstance(text, str):
                continue
            if text.strip().lower().partition("/")[0] in _MARKETPLACES:
                span = chosen.entry() or workload.span
                workload.state("place.edge", value=True, span=span)


def _place(option: Value, resources: Value | None) -> Place:
    """What an alternative names, or takes from the resources around it."""
    own = _own_cluster(option, resources)
    if own is not None:
        return Place("", "", None, own, own=True)
    infra = _given(option, resources, "infra")
    if infra is not None:
        text = infra.text()
        span = infra.entry() or infra.span
        if isinstance(text, Unknown):
            return Place("", text, span, text)
        parts = [part.strip() for part in str(text or "").split("/")]
        provider = parts[0].lower() if parts[0] != "*" else ""
        named = parts[1] if len(parts) > 1 and parts[1] != "*" else ""
        return _placed(provider, named, span)
    cloud = _given(option, resources, "cloud")
    text = cloud.text() if cloud is not None else ""
    provider = text.strip().lower() if isinstance(text, str) else ""
    region = _given(option, resources, "region") or _given(option, resources, "zone")
    span = None
    for value in (region, cloud):
        span = span or (value.entry() or value.span if value is not None else None)
    if region is None:
        return _placed(provider, "", span)
    found = settled(region).text()
    if isinstance(found, Unknown):
        return Place(provider, found, span, found)
    return _placed(provider, found or "", span)


def _given(option: Value, resources: Value | None, name: str) -> Value | None:
    return given(option, name) or given(resources, name)


def _placed(provider: str, region: str, span: Span | None) -> Place:
    if region:
        return Place(provider, region, span, pinned=True)
    cloud = provider or "any cloud that is enabled"
    why = f"no region is named: the scheduler takes any region of {cloud}"
    unknown = Unknown("environment", why, "region", span=span)
    return Place(provider, unknown, span, pinned=False)
