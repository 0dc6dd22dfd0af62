"""verl configs. Names from `verl/trainer/config/`, read 2026-08."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.job_file import lower_settings_files
from mlsec_lint.lower.jobs.settings import Dialect

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.value import Value

DIALECT = Dialect(
    form="verl",
    reads=frozenset(
        {
            "model.path", "trainer.resume_from_path", "model.lora_adapter_path",
            "model.partial_pretrain",
        }
    ),
    writes=frozenset({"default_local_dir", "default_hdfs_dir", "s3_base_path"}),
    models=frozenset({"model.path", "model.partial_pretrain"}),
    unset="trainer.logger is not set: the list of verl's own config has wandb in it",
)  # fmt: skip

_BESIDE = frozenset({"trainer", "critic", "data", "algorithm", "reward_model", "model"})


def is_verl(value: Value) -> bool:
    """Verl's actor section, or its trainer's own folder settings, with another part."""
    keys = value.data.keys() if isinstance(value.data, dict) else set()
    trainer = value.get("trainer")
    own = trainer is not None and (
        trainer.get("default_local_dir") is not None
        or trainer.get("default_hdfs_dir") is not None
    )
    return ("actor_rollout_ref" in keys or own) and len(keys & _BESIDE) >= 2


def lower_verl(inputs: Inputs, estate: Estate) -> None:
    """Lower verl configs."""
    lower_settings_files(inputs, estate, DIALECT, is_verl)
