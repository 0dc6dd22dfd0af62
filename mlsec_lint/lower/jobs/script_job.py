"""Parts that job files with scripts share: environment, mounts, image, scene."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.lower.jobs.paths import Mounted
from mlsec_lint.lower.jobs.scene import Scene
from mlsec_lint.lower.secrets import secret_under, state_secret
from mlsec_lint.lower.stores import Named, referred_store
from mlsec_lint.parse.embedded import embedded
from mlsec_lint.parse.placeholder import placeholder
from mlsec_lint.source import Source, Span
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.jobs.configs import Configs

_MOST_COMMANDS = 1_000


def variables(
    estate: Estate, workload: Thing, job: Value, fields: Iterable[str]
) -> dict[str, Value]:
    """The environment that a job file sets: mappings, or lists of `NAME=value`.

    Credentials among them are stated as secrets of the workload.
    """
    found: dict[str, Value] = {}
    for field in fields:
        listed = job.get(field)
        if listed is None:
            continue
        for name, value in listed.items():
            found[name] = _settled(value)
        for element in listed.elements():
            pair = _pair(element)
            if pair is not None:
                found[pair[0]] = pair[1]
    for name, value in found.items():
        secret = secret_under(name, value)
        if secret is not None and not (value.is_null or value.data == ""):
            state_secret(estate, workload, secret, workload.address, name)
    return {n: _unset(n, v) for n, v in found.items()}


def _unset(name: str, value: Value) -> Value:
    """A variable without a value is taken from whoever starts the job."""
    if not value.is_null:
        return value
    why = f"{name} is given by whoever starts the job"
    return value.replace(data=Unknown("environment", why, name, span=value.span))


def _settled(value: Value) -> Value:
    unknown = placeholder(value)
    return value if unknown is None else value.replace(data=unknown)


def _pair(element: Value) -> tuple[str, Value] | None:
    """`NAME=value` as an element of a list; `NAME` alone comes from outside."""
    text = element.data
    if not isinstance(text, str) or element.span is None:
        return None
    name, equals, rest = text.partition("=")
    name = name.strip()
    if not name:
        return None
    if not equals:
        why = f"{name} is given by whoever starts the job"
        unknown = Unknown("environment", why, name, span=element.span)
        return name, Value(unknown, element.span, key=element.span)
    at = element.span.source.text.find(rest, element.span.start, element.span.end)
    span = element.span
    if rest and at >= 0:
        span = Span(span.source, at, at + len(rest))
    return name, _settled(Value(rest, span, key=element.span))


def state_accelerator(workload: Thing, value: Value | None) -> bool:
    """Whether a job asks for accelerators: a field that is there, and not zero."""
    text = value.text() if value is not None else None
    asks = value is not None and text not in ("0", "", "None", "none", "cpu")
    span = value.entry() if value is not None else None
    workload.state("accelerator", asks, span or workload.span)
    return asks


def job_container(
    estate: Estate, workload: Thing, name: str, span: Span | None
) -> Thing:
    """The container of a job that names an image."""
    address = estate.free("container", f"{workload.address}/containers/{name}")
    where = span or workload.span
    thing = Thing(
        "container",
        address,
        f"container {name} of {workload.name}",
        where,
        provider=workload.provider,
        root=workload.root,
    )
    estate.add(thing)
    accelerator = workload.fact("accelerator")
    if accelerator is not None:
        thing.state("accelerator", accelerator.value, accelerator.span)
    estate.link(workload, "has", thing, where)
    return thing


def job_mount(
    estate: Estate, workload: Thing, path: str, uri: Value, entry: Value
) -> Mounted | None:
    """A bucket mounted at a path of a job, as a mount thing backed by its store."""
    span = entry.entry() or workload.span
    named = referred_store(estate, uri)
    if named is None:
        return None
    mount = mount_thing(estate, workload, path, "object", span, named)
    return Mounted(path, mount, (named,))


def mount_thing(
    estate: Estate,
    workload: Thing,
    path: str,
    kind: str,
    span: Span,
    named: Named | None,
) -> Thing:
    """A mount of a job at a path, backed by the stores that are meant."""
    address = estate.free("mount", f"{workload.address}/mounts{path}")
    thing = Thing(
        "mount",
        address,
        f"{path} of {workload.name}",
        span,
        provider=workload.provider,
        root=workload.root,
    )
    mount = estate.add(thing)
    mount.state("type", kind, span)
    mount.state("path", path, span)
    accelerator = workload.fact("accelerator")
    if accelerator is not None:
        mount.state("accelerator", accelerator.value, accelerator.span)
    estate.link(workload, "mounts", mount, span)
    for store in named.stores if named is not None else ():
        assert named is not None
        estate.link(
            mount, "is backed by", store, span, certain=named.certain, why=named.why
        )
    return mount


def job_scene(
    estate: Estate,
    workload: Thing,
    environment: dict[str, Value],
    mounted: list[Mounted],
    accelerator: bool,
    configs: Configs,
    holder: Thing | None = None,
) -> Scene:
    """The scene of a job file: config files are looked for beside it first."""
    near = workload.span.path
    return Scene(
        estate,
        workload,
        holder or workload,
        environment,
        mounted=mounted,
        accelerator=accelerator,
        config=lambda path: configs.find(path, near),
        listed=lambda word: configs.texts.find(word, near),
    )


def one_script(commands: Iterable[Value]) -> Source | None:
    """Commands that run one after another in one shell, as a script with its positions.

    What one sets (`cd`, `export`) counts for the next. None where there is no text.
    """
    texts: list[str] = []
    marks: list[tuple[int, int]] = []
    host: Source | None = None
    length = 0
    for command in list(commands)[:_MOST_COMMANDS]:
        part = embedded(command)
        if part is None or part.host is None or (host or part.host) is not part.host:
            continue
        host = part.host
        marks.extend((length + inner, outer) for inner, outer in part.pieces)
        texts.append(part.text)
        length += len(part.text) + 1
    if host is None:
        return None
    return Source(host.path, "\n".join(texts), host=host, pieces=tuple(marks))
