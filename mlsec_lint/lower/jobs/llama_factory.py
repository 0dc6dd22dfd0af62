"""LLaMA-Factory configs.

Names from `hparams/{model,finetuning}_args.py` and, of its second engine, which has no
Trainer underneath, `v1/config/`, read 2026-08.
"""

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

#: The second engine: no Trainer, no tracker, no hub to push to.
SECOND = Dialect(
    form="llama-factory",
    reads=frozenset({"model", "adapter_name_or_path", "resume_from_checkpoint"}),
    writes=frozenset({"output_dir"}),
    models=frozenset({"model"}),
)
_SECOND = frozenset(
    {
        "model_class", "init_config", "peft_config", "kernel_config", "dist_config",
        "quant_config", "train_dataset", "sample_backend", "optim_config",
    }
)  # fmt: skip

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


def is_second(value: Value) -> bool:
    """A model by name, and two plugins or sources of the second engine."""
    model = value.get("model") if isinstance(value.data, dict) else None
    if model is None or not isinstance(model.data, str):
        return False
    return len(value.data.keys() & _SECOND) >= 2


def lower_llama_factory(inputs: Inputs, estate: Estate) -> None:
    """Lower LLaMA-Factory configs; those that export to a hub push."""
    lower_settings_files(inputs, estate, EXPORT, _is_export)
    lower_settings_files(inputs, estate, DIALECT, is_llama_factory)
    lower_settings_files(inputs, estate, SECOND, is_second)
