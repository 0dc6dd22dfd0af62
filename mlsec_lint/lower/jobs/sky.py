"""SkyPilot tasks. Fields from docs.skypilot.co/reference/yaml-spec, read 2026-11."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.jobs.configs import Configs
from mlsec_lint.lower.jobs.images import state_image
from mlsec_lint.lower.jobs.job_file import job_workload, unclaimed
from mlsec_lint.lower.jobs.run import Runner, script_source
from mlsec_lint.lower.jobs.script_job import (
    job_container,
    job_mount,
    job_scene,
    state_accelerator,
    variables,
)
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.jobs.paths import Mounted
    from mlsec_lint.source import Span

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
_SCHEMES = {
    "s3": "s3",
    "gcs": "gs",
    "r2": "r2",
    "oci": "oci",
    "azure": "az",
    "nebius": "nebius",
}


def is_sky(value: Value) -> bool:
    """`run` or `setup`, and two of SkyPilot's own keys or its `resources`."""
    keys = value.data.keys() if isinstance(value.data, dict) else set()
    if not keys & {"run", "setup"} or keys & _OTHERS:
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
        mounted = _mounts(estate, workload, task)
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


class _Place(NamedTuple):
    provider: str
    region: str | Unknown
    span: Span


def _options(resources: Value | None) -> tuple[Value, ...]:
    """The alternatives of `any_of` and `ordered`, else the resources themselves."""
    if resources is None:
        return ()
    for name in ("any_of", "ordered"):
        listed = resources.get(name)
        if listed is not None and listed.elements():
            return listed.elements()
    return (resources,)


def state_places(workload: Thing, resources: Value | None) -> None:
    """Each place that the scheduler may choose, as a place of the task.

    Without a region the scheduler takes any region of any enabled cloud.
    """
    header = (resources.key if resources is not None else None) or workload.span
    options = _options(resources)
    places = [_place(option, resources) for option in options]
    named = [place for place in places if place is not None]
    workload.state("place.pinned", _pinned(options, places, resources), header)
    _strangers(workload, options, resources)
    for place in named:
        workload.also("place.provider", place.provider, place.span)
        workload.also("place.region", place.region, place.span)


#: Clusters of the lab's own: a context, pool or partition of theirs is a place.
_OWN = ("k8s", "kubernetes", "ssh", "slurm")


def _pinned(
    options: tuple[Value, ...], places: list[_Place | None], resources: Value | None
) -> bool | Unknown:
    """Whether every alternative names its place; unknown for one that is not known."""
    doubt: Unknown | None = None
    for option, place in zip(options, places, strict=True):
        known = _own_cluster(option, resources) if place is None else place.region
        if known is None:
            return False
        if doubt is None and isinstance(known, Unknown):
            doubt = known
    if not options:
        return False
    return True if doubt is None else doubt._replace(possible=None, parts=())


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


def _place(option: Value, resources: Value | None) -> _Place | None:
    """The cloud and region an alternative names; None where it names no region."""
    infra = option.get("infra") or (resources.get("infra") if resources else None)
    if infra is not None and (span := infra.entry() or infra.span) is not None:
        text = infra.text()
        if isinstance(text, Unknown):
            return _Place("", text, span)
        parts = [p for p in str(text or "").strip().split("/") if p]
        if len(parts) < 2 or parts[1] == "*":
            return None
        provider = parts[0].lower()
        if provider in _OWN:
            return None
        return _Place(provider, parts[1], span)
    cloud = option.get("cloud") or (resources.get("cloud") if resources else None)
    region = option.get("region") or (resources.get("region") if resources else None)
    region = region or option.get("zone")
    if region is None or (span := region.entry() or region.span) is None:
        return None
    text = region.text()
    provider = str(cloud.text() or "").lower() if cloud is not None else ""
    if text is None:
        return None
    return _Place(provider, text, span)


# -- mounts ---------------------------------------------------------------------


def _mounts(estate: Estate, workload: Thing, task: Value) -> list[Mounted]:
    found: list[Mounted] = []
    for field in ("file_mounts", "storage_mounts"):
        listed = task.get(field)
        for path, source in listed.items() if listed is not None else ():
            uri = _source(source)
            mounted = job_mount(estate, workload, path, uri, source) if uri else None
            if mounted is not None:
                found.append(mounted)
    return found


def _source(source: Value) -> Value | None:
    """The URI of a bucket behind a mount; None for a local file that is copied in."""
    if not isinstance(source.data, dict):
        return source if "://" in _written(source) else None
    uri = source.get("source")
    if uri is not None and "://" in _written(uri):
        return uri
    name = source.get("name")
    if name is None:
        return None
    store = source.get("store")
    kind = str(store.text() or "").lower() if store is not None else "s3"
    scheme = _SCHEMES.get(kind)
    text = name.text()
    if scheme is None or not isinstance(text, str):
        return None
    return name.replace(data=f"{scheme}://{text}")


def _written(value: Value) -> str:
    if isinstance(value.data, Unknown):
        return "".join(p for p in value.data.parts if isinstance(p, str))
    return value.data if isinstance(value.data, str) else ""
