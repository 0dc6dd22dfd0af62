"""torchtune recipes' configs. Names from `recipes/configs/`, read 2026-08."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.job_file import lower_settings_files
from mlsec_lint.lower.jobs.settings import Dialect

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.jobs.arguments import Setting
    from mlsec_lint.value import Value

DIALECT = Dialect(
    form="torchtune",
    reads=frozenset(
        {
            "checkpointer.checkpoint_dir", "checkpointer.recipe_checkpoint",
            "ref_checkpointer.checkpoint_dir", "policy_checkpointer.checkpoint_dir",
            "reward_checkpointer.checkpoint_dir",
        }
    ),
    writes=frozenset({"checkpointer.output_dir", "output_dir"}),
    safe=frozenset({"safe_serialization"}),
)  # fmt: skip

_BESIDE = frozenset({"checkpointer", "tokenizer", "model", "dataset", "optimizer"})


def is_torchtune(value: Value) -> bool:
    """A `_component_` under two of the recipe's parts."""
    parts = 0
    for name, child in value.items():
        if name in _BESIDE and child.get("_component_") is not None:
            parts += 1
    return parts >= 2


def lower_torchtune(inputs: Inputs, estate: Estate) -> None:
    """Lower torchtune configs."""
    lower_settings_files(inputs, estate, DIALECT, is_torchtune, counted=_counted)


def _counted(settings: list[Setting]) -> list[Setting]:
    """The settings without folders of traces: `profiler.output_dir` holds no weights."""
    return [s for s in settings if not s.name.startswith("profiler.")]
