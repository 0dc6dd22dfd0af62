"""What SkyPilot puts on its machines: files of the user, buckets, volumes.

Fields from docs.skypilot.co/reference/{yaml-spec,storage,volumes}, read 2026-11: a bucket
with `name` is made where it is not there yet, in `store`, else in the store of the task's
cloud, else in the first store that the user has set up; `mode` is MOUNT unless set; a URI
alone is copied; variables of `envs` are put into all of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate import Thing
from mlsec_lint.lower.jobs.carried_files import state_carried
from mlsec_lint.lower.jobs.paths import Mounted
from mlsec_lint.lower.jobs.script_job import mount_thing
from mlsec_lint.lower.scalars import given, settled
from mlsec_lint.lower.stores import Named, referred_store
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from mlsec_lint.estate import Estate
    from mlsec_lint.source import Span

#: `store` -> the scheme of its URIs, where a name alone makes one; and whose cloud it is.
_SCHEMES = {"s3": "s3", "gcs": "gs", "r2": "r2", "nebius": "nebius"}
_CLOUDS = {"azure": "azure", "oci": "oci"}
_OF_CLOUD = {
    "aws": "s3",
    "gcp": "gcs",
    "azure": "azure",
    "oci": "oci",
    "nebius": "nebius",
}
_VARIABLE = regex(r"\$(?:\{(\w{1,100})\}|(\w{1,100}))")
_BOUND = 4_096


class _Task(NamedTuple):
    estate: Estate
    workload: Thing
    environment: Mapping[str, Value]
    clouds: Collection[str]


def sky_mounts(
    estate: Estate,
    workload: Thing,
    task: Value,
    environment: Mapping[str, Value],
    clouds: Collection[str],
) -> list[Mounted]:
    """The mounts of a task; credential files that travel with it are stated beside.

    `clouds`: those that its resources name, `""` among them for any.
    """
    here = _Task(estate, workload, environment, clouds)
    found = [*_files(here, task), *_volumes(here, given(task, "volumes"))]
    return [one for one in found if one is not None]


def _files(here: _Task, task: Value) -> Iterator[Mounted | None]:
    for field in ("file_mounts", "storage_mounts"):
        listed = given(task, field)
        for path, source in listed.items() if listed is not None else ():
            path = _text(filled(Value(path), here.environment)) or path
            if isinstance(source.data, dict):
                yield _storage(here, path, source)
                continue
            uri = filled(source, here.environment)
            if "://" in _written(uri):
                yield _mounted(
                    here, path, referred_store(here.estate, uri), source, copied=True
                )
            else:
                _carried(here, path, uri, source)


def _storage(here: _Task, path: str, entry: Value) -> Mounted | None:
    """A bucket by URI or name. With a name, a local `source` is copied into it."""
    mode = given(entry, "mode")
    copied = mode is not None and _text(mode).upper() == "COPY"
    source = given(entry, "source")
    uri = filled(source, here.environment) if source is not None else None
    if uri is not None and "://" in _written(uri):
        named = referred_store(here.estate, uri)
        return _mounted(here, path, named, entry, copied=copied)
    if uri is not None:
        _carried(here, "", uri, entry)
    name = given(entry, "name")
    if name is None:
        return None
    named = _by_name(here, entry, filled(name, here.environment))
    return _mounted(here, path, named, entry, copied=copied)


def _carried(here: _Task, path: str, source: Value, entry: Value) -> None:
    text = source.data if isinstance(source.data, str) else ""
    span = entry.entry() or here.workload.span
    state_carried(here.estate, here.workload, text, path, span)


def _mounted(
    here: _Task, path: str, named: Named | None, entry: Value, *, copied: bool
) -> Mounted | None:
    if named is None:
        return None
    span = entry.entry() or here.workload.span
    mount = mount_thing(here.estate, here.workload, path, "object", span, named)
    return Mounted(path.rstrip("/") or "/", mount, (named,), copied=copied)


# -- buckets by name --------------------------------------------------------------


def _by_name(here: _Task, entry: Value, name: Value) -> Named:
    """The bucket of a name, in the store that the entry or the task's cloud means."""
    span = name.entry() or entry.entry() or here.workload.span
    kind = _store(here, entry)
    if isinstance(kind, str) and kind in _SCHEMES:
        uri = _prefixed(_SCHEMES[kind], name)
        found = referred_store(here.estate, uri.replace(span=name.span or span))
        if found is not None:
            return found
    text = name.data
    shown = text if isinstance(text, str) else f"bucket of {here.workload.name}"
    if isinstance(kind, Unknown) and isinstance(text, str):
        declared = [
            store
            for scheme in _SCHEMES.values()
            for store in here.estate.named(f"{scheme}://{text}", "store")
        ]
        if declared:
            return Named(declared, certain=False, why=kind.why)
    provider = _CLOUDS.get(kind, "") if isinstance(kind, str) else ""
    stem = kind if isinstance(kind, str) else "any"
    address = f"skypilot:{stem}/{shown}"
    if not isinstance(text, str):
        address = f"{span.path}:{address}"
    why = kind.why if isinstance(kind, Unknown) else ""
    if isinstance(text, Unknown):
        why = why or text.why
    store = _own(here, address, "object", span, provider)
    return Named([store], certain=not why, why=why)


def _store(here: _Task, entry: Value) -> str | Unknown:
    """`store`, else the one of the only cloud that the task may run in."""
    value = given(entry, "store")
    if value is not None:
        text = filled(value, here.environment).text()
        return text.strip().lower() if isinstance(text, str) else _unsaid(value.span)
    clouds = set(here.clouds)
    only = clouds.pop() if len(clouds) == 1 else ""
    return _OF_CLOUD.get(only) or _unsaid(entry.span)


def _unsaid(span: Span | None) -> Unknown:
    why = (
        "no store is named: SkyPilot takes that of the task's cloud, else the first that"
        " the user has set up"
    )
    return Unknown("environment", why, "store", span=span)


def _prefixed(scheme: str, name: Value) -> Value:
    if isinstance(name.data, Unknown):
        parts = (f"{scheme}://", *(name.data.parts or (name.data,)))
        return name.replace(data=name.data._replace(parts=parts, possible=None))
    return name.replace(data=f"{scheme}://{_text(name)}")


def _own(here: _Task, address: str, kind: str, span: Span, provider: str = "") -> Thing:
    store = here.estate.find("store", address)
    if store is None:
        store = here.estate.add(Thing("store", address, address, span, provider))
        store.state("type", kind, span)
        store.state("declared", value=False, span=span)
    return store


# -- volumes ----------------------------------------------------------------------


def _volumes(here: _Task, listed: Value | None) -> Iterator[Mounted | None]:
    """`volumes: {/path: name}`: volumes of Kubernetes or RunPod, made beforehand."""
    for path, volume in listed.items() if listed is not None else ():
        name = given(volume, "name") if isinstance(volume.data, dict) else volume
        if name is None or not path.startswith("/"):
            continue
        text = _text(filled(name, here.environment))
        span = volume.entry() or here.workload.span
        if text:
            store = _own(here, f"skypilot-volume:{text}", "block", span)
            named = Named([store], certain=True, why="")
            mount = mount_thing(here.estate, here.workload, path, "block", span, named)
            yield Mounted(path.rstrip("/") or "/", mount, (named,))


# -- variables --------------------------------------------------------------------


def filled(value: Value, environment: Mapping[str, Value]) -> Value:
    """The value with the variables of the task put in; unknown where one is."""
    text = value.data
    if not isinstance(text, str) or "$" not in text or len(text) > _BOUND:
        return settled(value)
    parts: list[str | Unknown] = []
    at = 0
    for match in _VARIABLE.finditer(text):
        name = match[1] or match[2]
        parts.append(text[at : match.start()])
        at = match.end()
        known = environment.get(name)
        found = known.text() if known is not None else None
        if not isinstance(found, str):
            why = f"{name} is given by whoever starts the job"
            found = (
                found
                if isinstance(found, Unknown)
                else Unknown("environment", why, name, span=value.span)
            )
        parts.append(found)
    parts.append(text[at:])
    if all(isinstance(part, str) for part in parts):
        whole = "".join(str(part) for part in parts)
        return settled(value.replace(data=whole)) if len(whole) <= _BOUND else value
    first = next(part for part in parts if isinstance(part, Unknown))
    kept = tuple(part for part in parts if part != "")
    return value.replace(data=first._replace(parts=kept, possible=None))


def _text(value: Value) -> str:
    return value.data.strip() if isinstance(value.data, str) else ""


def _written(value: Value) -> str:
    if isinstance(value.data, Unknown):
        return "".join(p for p in value.data.parts if isinstance(p, str))
    return value.data if isinstance(value.data, str) else ""
