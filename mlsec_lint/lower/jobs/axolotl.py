"""Axolotl configs.

Names from axolotl `utils/schemas/{model,integrations,config}.py`; `hub_model_id` alone
pushes, privately, and no tracker is told anything that the config does not name
(`core/builders/base.py`, read 2026-08).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.hugging_face import READS, REPOSITORY, SAFE, WRITES
from mlsec_lint.lower.jobs.job_file import lower_settings_files
from mlsec_lint.lower.jobs.settings import Dialect

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.value import Value

DIALECT = Dialect(
    form="axolotl",
    reads=READS | {"base_model", "lora_model_dir", "base_model_config"},
    writes=WRITES,
    push=frozenset({"push_to_hub"}),
    repository=REPOSITORY,
    naming_pushes=True,
    private=frozenset({"hub_private_repo"}),
    private_default=True,
    private_words="axolotl: hub_private_repo=True where hub_model_id is set (2026-08)",
    safe=SAFE,
    models=frozenset({"lora_model_dir"}),
    trainer=True,
    silent=True,
)

_BESIDE = frozenset(
    {
        "datasets", "adapter", "micro_batch_size", "sequence_len", "val_set_size",
        "sample_packing", "flash_attention", "lora_r", "num_epochs",
    }
)  # fmt: skip


def is_axolotl(value: Value) -> bool:
    """`base_model` and two of Axolotl's own keys."""
    keys = value.data.keys() if isinstance(value.data, dict) else set()
    return "base_model" in keys and len(keys & _BESIDE) >= 2


def lower_axolotl(inputs: Inputs, estate: Estate) -> None:
    """Lower Axolotl configs."""
    lower_settings_files(inputs, estate, DIALECT, is_axolotl)
