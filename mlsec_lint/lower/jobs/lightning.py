"""Lightning CLI configs. Names from lightning.ai/docs (2.5), read 2026-11."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.arguments import Setting, flatten, truth
from mlsec_lint.lower.jobs.hugging_face import READS
from mlsec_lint.lower.jobs.interpolation import interpolated
from mlsec_lint.lower.jobs.job_file import job_workload, settings_secrets, unclaimed
from mlsec_lint.lower.jobs.scene import Scene
from mlsec_lint.lower.jobs.settings import Dialect, apply_settings
from mlsec_lint.lower.scalars import given, text_of

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.value import Value

DIALECT = Dialect(
    form="lightning",
    reads=READS,
    writes=frozenset({"default_root_dir", "init_args.dirpath"}),
)
_TRAINER = frozenset(
    {
        "accelerator", "accumulate_grad_batches", "callbacks", "check_val_every_n_epoch",
        "default_root_dir", "devices", "enable_checkpointing", "fast_dev_run",
        "gradient_clip_val", "limit_train_batches", "log_every_n_steps", "logger",
        "max_epochs", "max_steps", "num_nodes", "num_sanity_val_steps", "precision",
        "strategy", "val_check_interval",
    }
)  # fmt: skip


def is_lightning(value: Value) -> bool:
    """A trainer with two of Lightning's settings, and a model or data by class path."""
    trainer = given(value, "trainer")
    if trainer is None or not isinstance(trainer.data, dict):
        return False
    if len(trainer.data.keys() & _TRAINER) < 2:
        return False
    parts = [given(value, name) for name in ("model", "data")]
    logger = given(trainer, "logger")
    parts += [logger, *(logger.elements() if logger is not None else ())]
    callbacks = given(trainer, "callbacks")
    parts += callbacks.elements() if callbacks is not None else ()
    return any(text_of(given(part, "class_path")) for part in parts)


def lower_lightning(inputs: Inputs, estate: Estate) -> None:
    """Lower Lightning CLI configs: root and checkpoint folders, loggers."""
    for path, document in unclaimed(inputs, is_lightning, DIALECT.form):
        workload = job_workload(estate, path, document, DIALECT.form)
        scene = Scene(estate, workload, workload, {})
        program = scene.program(DIALECT.form, workload.span)
        settings = interpolated(flatten(document.value))
        settings += _loggers(settings)
        apply_settings(scene, program, DIALECT, settings, {})
        settings_secrets(estate, workload, settings)


#: Loggers that keep checkpoints, by the end of their class: the argument that says so,
#: the name under which trackers know it, and whether they do unless told otherwise
#: (lightning 2.5, neptune 1.13).
_KEEPERS = {
    "WandbLogger": ("log_model", "wandb_log_model", False),
    "MLFlowLogger": ("log_model", "hf_mlflow_log_artifacts", False),
    "NeptuneLogger": ("log_model_checkpoints", "neptune_log_model", True),
}


def _loggers(settings: list[Setting]) -> list[Setting]:
    """What the loggers' classes and arguments say, under the names trackers know."""
    found: list[Setting] = []
    told: dict[str, Setting] = {}
    keeper = ("", "", False)
    for setting in settings:
        stem, _, last = setting.name.rpartition("logger.")
        if not stem.startswith("trainer."):
            continue
        if last == "class_path":
            found.append(setting._replace(name=f"{stem}logger._component_"))
            name = str(setting.value.data).rpartition(".")[2]
            keeper = _KEEPERS.get(name, ("", "", False))
            if keeper[2]:
                value = setting.value.replace(data="true")
                told[keeper[1]] = setting._replace(name=keeper[1], value=value)
        elif keeper[0] and last == f"init_args.{keeper[0]}":
            told[keeper[1]] = setting._replace(name=keeper[1], value=_kept(setting))
        elif last == "init_args.offline" and truth(setting.value) is True:
            off = setting.value.replace(data="offline")
            found.append(setting._replace(name="wandb_mode", value=off))
    return [*found, *told.values()]


def _kept(setting: Setting) -> Value:
    """`log_model: all` keeps every checkpoint, as `true` keeps the last."""
    text = setting.value.data
    every = isinstance(text, str) and text.strip().lower() == "all"
    return setting.value.replace(data="true") if every else setting.value
