"""Inputs and outputs of Azure ML jobs: what they read, and where they put models.

An output without a path lies in the default datastore, which every workspace calls
`workspaceblobstore` (learn.microsoft.com/azure/machine-learning/how-to-read-write-data-v2,
read 2026-11). Bindings (`${{parent.inputs.x}}`) are followed to what the pipeline gives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.jobs.azure_ml_assets import MODEL_TYPES, asset, uses_model
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.lower.stores import referred_store
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.lower.jobs.scene import Scene
    from mlsec_lint.source import Span

_PARENT = regex(r"\$\{\{\s*parent\.(inputs|outputs)\.([\w-]{1,200})\s*\}\}")
_SPLIT = regex(r"[^a-z0-9]+")
#: Words in the name of a port that is no model by its type.
_MODEL_WORDS = frozenset({"model", "models", "checkpoint", "checkpoints", "weights"})
_OTHER_WORDS = frozenset(
    {"data", "dataset", "info", "name", "type", "id", "report", "metrics", "config",
     "score", "scores", "path", "test", "eval", "card", "version"}
)  # fmt: skip
_DEFAULT = "azureml://datastores/workspaceblobstore"
_MAX_PORTS = 500


class Port(NamedTuple):
    """One input or output: what is bound to it (None for nothing), its type, its line."""

    name: str
    path: Value | None
    type: str
    span: Span | None


def ports(job: Value, side: str, component: Value | None, around: Value) -> list[Port]:
    """The ports of a step: as it binds them, else as its component declares them."""
    own, declared = given(job, side), given(component, side)
    names: dict[str, None] = {}
    for block in (own, declared):
        for name, _ in list(block.items())[:_MAX_PORTS] if block is not None else ():
            names[name] = None
    return [_port(n, own, declared, side, around) for n in names]


def _port(
    name: str, own: Value | None, declared: Value | None, side: str, around: Value
) -> Port:
    bound = own.get(name) if own is not None else None
    model = given(declared, name)
    inner = _outer(bound, around)
    path = _path(inner)
    if path is None and side == "inputs":
        path = given(model, "default")
    kind = _type(bound) or _type(inner) or _type(model)
    where = bound if bound is not None else model
    return Port(name, path, kind, where.entry() if where is not None else None)


def _outer(bound: Value | None, around: Value) -> Value | None:
    """What a binding to a port of the pipeline means; the value itself for others."""
    value = _path(bound)
    data = value.data if value is not None else None
    if not isinstance(data, Unknown):
        return bound
    match = _PARENT.fullmatch((data.name or "").strip())
    found = given(around, match[1], match[2]) if match is not None else None
    return bound if found is None else found


def _path(value: Value | None) -> Value | None:
    """The path of a port that is a mapping, a scalar itself; None for nothing."""
    if value is None or value.is_null:
        return None
    found = given(value, "path") if isinstance(value.data, dict) else value
    return None if found is None or isinstance(found.data, dict) else found


def _type(value: Value | None) -> str:
    return (
        text_of(given(value, "type"))
        if value is not None and isinstance(value.data, dict)
        else ""
    )


def state_ports(
    scene: Scene,
    job: Value,
    component: Value | None,
    around: Value,
    default: Value | None,
) -> None:
    """State what a job reads and writes; its ports become variables of the command."""
    for port in ports(job, "inputs", component, around):
        if port.path is not None and port.path.span is not None:
            scene.environment[f"inputs.{port.name}"] = port.path
            _reads(scene, port, port.path)
    for port in ports(job, "outputs", component, around):
        path = _default(port, default) if port.path is None else port.path
        if path is not None and path.span is not None:
            scene.environment[f"outputs.{port.name}"] = path
            _writes(scene, port, path)


def _default(port: Port, default: Value | None) -> Value | None:
    """The place of an output that names none; of models only, which are worth a store."""
    if port.span is None or not _is_model(port):
        return None
    text = text_of(default).removeprefix("azureml:") if default is not None else ""
    named = f"azureml://datastores/{text}" if text and ":" not in text else ""
    return Value(named or _DEFAULT, port.span)


def _is_model(port: Port) -> bool:
    if port.type in MODEL_TYPES:
        return True
    if port.type not in ("", "uri_folder", "uri_file", "path"):
        return False
    words = set(_SPLIT.split(port.name.lower()))
    return bool(words & _MODEL_WORDS) and not words & _OTHER_WORDS


def _reads(scene: Scene, port: Port, path: Value) -> None:
    if _is_model(port) and _is_place(path):
        uses_model(scene, path, f"reads the model {port.name}")
        return
    place = settled(path, loose=True)
    named = referred_store(scene.estate, place, "azure")
    for store in named.stores if named is not None else ():
        assert named is not None
        span = path.entry() or path.span
        assert span is not None
        scene.estate.link(
            scene.workload, "takes data from", store, span, certain=named.certain
        )


def _is_place(path: Value) -> bool:
    """Whether a value can be a model, not a number or the name of one."""
    if isinstance(path.data, Unknown) or asset(path, "models") is not None:
        return True
    text = text_of(path)
    return "/" in text or text.startswith("runs:")


def _writes(scene: Scene, port: Port, path: Value) -> None:
    if not _is_model(port):
        return
    span = path.entry() or path.span
    assert span is not None
    words = f"writes the model {port.name}"
    scene.weights_at(settled(path, loose=True), "writes", words, span, None)


def steps(root: Value) -> Iterator[tuple[str, Value]]:
    """The steps of a pipeline that are mappings."""
    jobs = given(root, "jobs")
    for name, step in jobs.items() if jobs is not None else ():
        if isinstance(step.data, dict):
            yield name, step
