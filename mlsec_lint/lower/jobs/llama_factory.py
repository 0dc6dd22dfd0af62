"""LLaMA-Factory configs. Names from `hparams/{model,finetuning}_args.py`, read 2026-08."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.hugging_face import PUSH, READS, SAFE, UNSAFE, WRITES
from mlsec_lint.lower.jobs.job_file import lower_settings_files
from mlsec_lint.lower.jobs.settings import Dialect

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.value import Value

DIALECT = Dialect(
    form="llama-factory",
    reads=READS,
    writes=WRITES,
    push=PUSH,
    repository=frozenset({"export_hub_model_id", "hub_model_id"}),
    private=frozenset({"hub_private_repo"}),
    safe=SAFE,
    unsafe=UNSAFE,
    trainer=True,
)

#: An export with a repository pushes without any switch (`train/tuner.py`, read 2026-08).
EXPORT = DIALECT._replace(naming_pushes=True)

_BESIDE = frozenset(
    {
        "template", "finetuning_type", "dataset", "cutoff_len", "dataset_dir", "lora_target",
        "infer_backend", "trust_remote_code", "adapter_name_or_path", "export_dir",
    }
)  # fmt: skip


def is_llama_factory(value: Value) -> bool:
    """`stage` and `finetuning_type`, or a model with two of the tool's own keys."""
    keys = value.data.keys() if isinstance(value.data, dict) else set()
    if {"stage", "finetuning_type"} <= keys:
        return True
    return (
        "model_name_or_path" in keys
        and "template" in keys
        and bool(keys & (_BESIDE - {"template"}))
    )


def _is_export(value: Value) -> bool:
    return (
        is_llama_factory(value)
        and isinstance(value.data, dict)
        and "export_hub_model_id" in value.data
    )


def lower_llama_factory(inputs: Inputs, estate: Estate) -> None:
    """Lower LLaMA-Factory configs; those that export to a hub push."""
    lower_settings_files(inputs, estate, EXPORT, _is_export)
    lower_settings_files(inputs, estate, DIALECT, is_llama_factory)
