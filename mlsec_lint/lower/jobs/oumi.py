"""Oumi configs. Names from `src/oumi/core/configs/params/`, read 2026-08."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.job_file import lower_settings_files
from mlsec_lint.lower.jobs.settings import Dialect

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.value import Value

DIALECT = Dialect(
    form="oumi",
    reads=frozenset({"model_name", "adapter_model", "resume_from_checkpoint"}),
    writes=frozenset({"training.output_dir"}),
    trust=frozenset({"trust_remote_code"}),
)

_BESIDE = frozenset(
    {"training", "data", "generation", "engine", "peft", "fsdp", "tasks"}
)


def is_oumi(value: Value) -> bool:
    """`model.model_name`, and one of the config's other parts."""
    keys = value.data.keys() if isinstance(value.data, dict) else set()
    model = value.get("model")
    named = model is not None and model.get("model_name") is not None
    return named and bool(keys & _BESIDE)


def lower_oumi(inputs: Inputs, estate: Estate) -> None:
    """Lower Oumi configs."""
    lower_settings_files(inputs, estate, DIALECT, is_oumi)
