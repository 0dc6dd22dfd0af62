"""From which stores a job takes its data sets, and how many checkpoints it keeps.

Both by the names of its settings. Data is no weights: the edge says so, and passes no
evidence on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlsec_lint.estate import Thing
    from mlsec_lint.lower.jobs.arguments import Setting
    from mlsec_lint.lower.jobs.scene import Scene

_SPLIT = regex(r"[^a-z0-9]+")
_DATA = frozenset({"data", "dataset", "datasets", "corpus"})
_NAMES = frozenset(
    {
        "train_file", "train_files", "validation_file", "val_file", "val_files",
        "test_file", "eval_file", "input_dir", "training_dir",
    }
)  # fmt: skip
#: Names under `data` and the like that say where it lies (OLMo, llm-foundry, verl).
_PLACES = frozenset(
    {
        "path",
        "paths",
        "remote",
        "uri",
        "url",
        "source",
        "root",
        "files",
        "data_files",
        "json_path",
        "data_prefix",
    }
)
#: Words beside them that make it something else than where the data lies.
_OTHER = frozenset({"output", "out", "save", "cache", "parallel", "type", "seed"})


def state_datasets(scene: Scene, settings: Sequence[Setting]) -> None:
    """An edge from the workload to each store that a data setting names."""
    for setting in settings:
        if not (_is_data(setting.last) or _in_data(setting.name)):
            continue
        for value in setting.value.elements() or (setting.value,):
            if value.elements() or isinstance(value.data, dict | bool):
                continue
            found = scene.behind(value, setting.span) if _is_place(value.data) else None
            for named in found[1] if found is not None else ():
                for store in named.stores:
                    scene.estate.link(
                        scene.workload,
                        "takes data from",
                        store,
                        setting.span,
                        certain=named.certain,
                        why=named.why,
                    )


#: Settings that limit how many checkpoints are kept (Trainer, Lightning, NeMo, MaxText,
#: torchtitan, llm-foundry; their documentation, 2026-11).
_LIMITS = frozenset(
    {
        "save_total_limit", "save_num_checkpoints_to_keep", "max_ckpt_to_keep",
        "max_checkpoints_to_keep", "keep_latest_k", "num_checkpoints_to_keep",
        "max_to_keep", "max_num_checkpoints_to_keep", "save_top_k",
    }
)  # fmt: skip
_UNLIMITED = ("", "-1", "0", "null", "none", "false")


def state_limit(program: Thing, settings: Sequence[Setting]) -> None:
    """State that a program deletes older checkpoints, where a setting says so."""
    for setting in settings:
        if setting.last.replace("-", "_") not in _LIMITS or setting.value.is_null:
            continue
        text = setting.value.text()
        if isinstance(text, str):
            limited = text.strip().lower() not in _UNLIMITED
            program.state("checkpoints.limited", limited, setting.span)
        elif text is not None:
            unknown = text._replace(possible=None, parts=())
            program.state("checkpoints.limited", unknown, setting.span)


def _is_place(data: object) -> bool:
    """A URI: a hub's data set is no store of ours, and a node's disks are shared anyway."""
    if isinstance(data, str):
        return "://" in data
    parts = getattr(data, "parts", ())
    return any(isinstance(part, str) and "://" in part for part in parts)


def _in_data(name: str) -> bool:
    """`data.paths`, `train_loader.dataset.remote`: a place under data."""
    steps = name.lower().split(".")
    return steps[-1] in _PLACES and any(step in _DATA for step in steps[:-1])


def _is_data(name: str) -> bool:
    plain = name.lower().replace("-", "_")
    words = set(_SPLIT.split(plain.replace("_", " ")))
    return plain in _NAMES or bool(words & _DATA and not words & _OTHER)
