"""Hugging Face Trainer, TRL and Accelerate: arguments in YAML and as flags.

Semantics read from transformers 4.57.1 and 5.23.0 `training_args.py`, as of 2026-11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.arguments import flatten
from mlsec_lint.lower.jobs.job_file import lower_settings_files
from mlsec_lint.lower.jobs.settings import Dialect

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.value import Value

READS = frozenset(
    {
        "model_name_or_path", "pretrained_model_name_or_path", "resume_from_checkpoint",
        "adapter_name_or_path", "peft_model_id", "reward_model_path", "sft_model_path",
        "ref_model_path", "ref_model", "reward_model", "teacher_model_name_or_path",
        "lora_path", "lora_model_dir", "base_model", "base_model_name_or_path",
        "model_path", "model_id", "checkpoint_path", "ckpt_path", "load_checkpoint",
        "resume_checkpoint", "init_checkpoint", "pretrained_model_path", "vae_path",
        "tokenizer_model_path", "pretrained_checkpoint", "composer_path",
    }
)  # fmt: skip
WRITES = frozenset(
    {
        "output_dir", "export_dir", "final_checkpoint_dir", "checkpoint_output_dir",
        "merged_model_dir", "save_path", "save_dir", "output_model_dir", "checkpoint_dir",
        "ckpt_dir", "out_dir", "save_folder",
    }
)  # fmt: skip
#: `hub_always_push` is none: it says what happens while another push goes on, and
#: switches nothing on (or off) by itself.
PUSH = frozenset({"push_to_hub", "push_to_hub_merged", "push_to_hub_revision"})
REPOSITORY = frozenset(
    {
        "hub_model_id", "hub_repo_id", "push_to_hub_model_id", "output_peft_repo_id",
        "hub_repo", "repo_id",
    }
)  # fmt: skip
SAFE = frozenset({"save_safetensors", "use_safetensors", "safe_serialization"})
UNSAFE = frozenset({"export_legacy_format", "save_pickle"})

DIALECT = Dialect(
    form="hugging-face",
    reads=READS,
    writes=WRITES,
    push=PUSH,
    repository=REPOSITORY,
    private=frozenset({"hub_private_repo"}),
    safe=SAFE,
    unsafe=UNSAFE,
    trainer=True,
)

#: The same names inside another tool's config: no Trainer for certain.
NESTED = DIALECT._replace(form="training-config", trainer=False)
_TELLING = frozenset({*PUSH, "trust_remote_code", "hub_model_id"})
_TRAINING = frozenset(
    {
        "per_device_train_batch_size", "gradient_accumulation_steps", "num_train_epochs",
        "learning_rate", "max_steps", "save_strategy", "gradient_checkpointing",
        "lr_scheduler_type", "logging_steps", "max_seq_length", "max_length",
        "model_name_or_path",
    }
)  # fmt: skip


_BESIDE = _TRAINING | REPOSITORY | frozenset(
    {
        "base_model", "model_name", "output_dir", "hub_token", "hub_private_repo",
        "train_batch_size", "micro_batch_size", "lora_r", "lora_alpha", "epochs",
        "resume_from_checkpoint", "mixed_precision", "report_to", "dataset_name",
        "instance_prompt", "hub_strategy", "seed", "warmup_steps", "weight_decay",
    }
)  # fmt: skip


def is_hugging_face(value: Value) -> bool:
    """An output folder and the Trainer's batch size, or two training arguments."""
    keys = value.data.keys() if isinstance(value.data, dict) else set()
    known = len(keys & _TRAINING)
    if "output_dir" in keys:
        return known >= 2 or "per_device_train_batch_size" in keys
    return known >= 3 and "model_name_or_path" in keys


def is_nested(value: Value) -> bool:
    """A pipeline's config that carries such arguments somewhere inside.

    A switch that publishes or trusts, and two more of the Trainer's own names.
    """
    if value.span is None or not any(w in value.span.text for w in _TELLING):
        return False
    names = {setting.last for setting in flatten(value)}
    return bool(names & _TELLING) and len(names & _BESIDE) >= 2


def lower_hugging_face(inputs: Inputs, estate: Estate) -> None:
    """Lower YAML and JSON files of Trainer and TRL arguments, nested ones last."""
    lower_settings_files(inputs, estate, DIALECT, is_hugging_face)
    lower_settings_files(inputs, estate, NESTED, is_nested)
