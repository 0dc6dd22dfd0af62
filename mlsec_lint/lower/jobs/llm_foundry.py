"""llm-foundry, Composer and OLMo configs. Names from their repositories, read 2026-08.

llm-foundry: `scripts/train/yamls/`, `mcli/`; OLMo: `configs/`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.job_file import lower_settings_files
from mlsec_lint.lower.jobs.settings import Dialect

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.value import Value

DIALECT = Dialect(
    form="llm-foundry",
    reads=frozenset(
        {
            "load_path", "pretrained_model_name_or_path", "initial_load_path",
            "model.pretrained", "restore_from",
        }
    ),
    writes=frozenset({"save_folder", "remote_save_folder", "hf_checkpointer.save_folder"}),
)  # fmt: skip

OLMO = DIALECT._replace(form="olmo")

_FOUNDRY = frozenset(
    {"train_loader", "max_duration", "save_folder", "callbacks", "fsdp_config"}
)
_OLMO = frozenset(
    {"optimizer", "scheduler", "tokenizer", "global_train_batch_size", "data"}
)


#: OLMo's own: what it saves, how often and in which form.
_SAVES = frozenset(
    {
        "save_overwrite", "save_interval_ephemeral", "save_interval_unsharded",
        "sharded_checkpointer", "save_num_unsharded_checkpoints_to_keep",
    }
)  # fmt: skip


def is_llm_foundry(value: Value) -> bool:
    """A training loader with a duration, a save folder or another part of Composer's."""
    keys = value.data.keys() if isinstance(value.data, dict) else set()
    return "train_loader" in keys and len(keys & _FOUNDRY) >= 2


def is_olmo(value: Value) -> bool:
    """OLMo's save folder or two of its save settings, with its parts."""
    keys = value.data.keys() if isinstance(value.data, dict) else set()
    saves = bool(keys & {"save_folder", "remote_save_folder"})
    return (saves or len(keys & _SAVES) >= 2) and len(keys & _OLMO) >= 3


def lower_llm_foundry(inputs: Inputs, estate: Estate) -> None:
    """Lower llm-foundry and OLMo configs."""
    lower_settings_files(inputs, estate, DIALECT, is_llm_foundry)
    lower_settings_files(inputs, estate, OLMO, is_olmo)
