"""DeepSpeed's config: the two folders outside of the job's own that weights go to.

Parameters offloaded to NVMe lie on the machine's disk while the job runs; Nebula keeps
checkpoints in a folder of its own. Names from deepspeed.ai/docs/config-json and
deepspeed `nebula/constants.py`, read 2026-11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mlsec_lint.estate import Thing
    from mlsec_lint.lower.jobs.arguments import Setting
    from mlsec_lint.lower.jobs.scene import Scene

#: Settings that name DeepSpeed's config, or hold it.
_NAMES = frozenset({"deepspeed", "deepspeed_config", "deepspeed_config_file"})
_MOST = 10


def state_deepspeed(scene: Scene, program: Thing, settings: Sequence[Setting]) -> None:
    """State the folders that the DeepSpeed config of a program's settings names."""
    for config in _configs(scene, settings):
        offloaded = given(config, "zero_optimization", "offload_param")
        if text_of(given(offloaded, "device")).lower() == "nvme":
            path = given(offloaded, "nvme_path")
            _put(scene, program, path, "puts parameters that it offloads to")
        nebula = given(config, "nebula")
        if nebula is not None and _on(given(nebula, "enabled")):
            path = given(nebula, "persistent_storage_path")
            _put(scene, program, path, "keeps checkpoints of Nebula in")


def _configs(scene: Scene, settings: Iterable[Setting]) -> Iterator[Value]:
    """The configs that are named; one that stands among the settings themselves."""
    inline: dict[str, Value] = {}
    named: list[str] = []
    for setting in settings:
        steps = setting.name.split(".")
        at = next((i for i, step in enumerate(steps) if step in _NAMES), -1)
        if at >= 0 and at < len(steps) - 1:
            inline[".".join(steps[at + 1 :])] = setting.value
        elif at >= 0 and isinstance(setting.value.data, str):
            named.append(setting.value.data.strip())
    if inline:
        yield _nested(inline)
    for name in dict.fromkeys(named[:_MOST]):
        found = scene.config(name) if name.endswith(".json") else None
        if found is not None:
            yield found


def _nested(dotted: dict[str, Value]) -> Value:
    """The mapping that dotted names come from, as far as its two folders go."""
    tree: dict[str, Value] = {}
    for first, names in (
        ("zero_optimization", ("offload_param.device", "offload_param.nvme_path")),
        ("nebula", ("enabled", "persistent_storage_path")),
    ):
        inner: dict[str, Value] = {}
        for name in names:
            value = dotted.get(f"{first}.{name}")
            if value is not None:
                inner[name.rpartition(".")[2]] = value
        found = Value(inner)
        if first == "zero_optimization":
            found = Value({"offload_param": found})
        tree[first] = found
    return Value(tree)


def _on(value: Value | None) -> bool:
    return value is not None and settled(value).boolean() is not False


def _put(scene: Scene, program: Thing, path: Value | None, words: str) -> None:
    span = path.entry() or path.span if path is not None else None
    if path is None or span is None or not text_of(path):
        return
    scene.weights_at(path, "writes", f"{words} {text_of(path)}", span, program)
