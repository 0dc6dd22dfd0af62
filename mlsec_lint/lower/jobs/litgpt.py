"""LitGPT configs. Names from `config_hub/`, read 2026-08."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.job_file import lower_settings_files
from mlsec_lint.lower.jobs.settings import Dialect

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.value import Value

DIALECT = Dialect(
    form="litgpt",
    reads=frozenset({"checkpoint_dir", "initial_checkpoint_dir"}),
    writes=frozenset({"out_dir"}),
    models=frozenset({"checkpoint_dir", "initial_checkpoint_dir"}),
)

_BESIDE = frozenset(
    {"checkpoint_dir", "data", "train", "eval", "logger_name", "precision"}
)


def is_litgpt(value: Value) -> bool:
    """`out_dir` and three of LitGPT's own keys."""
    keys = value.data.keys() if isinstance(value.data, dict) else set()
    return "out_dir" in keys and len(keys & _BESIDE) >= 3


def lower_litgpt(inputs: Inputs, estate: Estate) -> None:
    """Lower LitGPT configs."""
    lower_settings_files(inputs, estate, DIALECT, is_litgpt)
