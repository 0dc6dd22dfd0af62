"""NeMo, NeMo launcher and HyperPod recipes (Hydra configs).

Names from NeMo `utils/exp_manager.py` and sagemaker-hyperpod-recipes, read 2026-08.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.arguments import flag_truth
from mlsec_lint.lower.jobs.job_file import lower_settings_files
from mlsec_lint.lower.jobs.launchers import before_settings
from mlsec_lint.lower.jobs.settings import (
    Dialect,
    matches,
    pick,
    weights_setting,
)
from mlsec_lint.lower.jobs.verl import DIALECT as VERL
from mlsec_lint.lower.scalars import given

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.jobs.arguments import Setting
    from mlsec_lint.lower.jobs.scene import Scene
    from mlsec_lint.value import Value

DIALECT = Dialect(
    form="nemo",
    reads=frozenset(
        {
            "restore_from_path", "resume_from_checkpoint", "hf_model_name_or_path",
            "model.pretrained_checkpoint", "restore_path", "checkpoint_dir",
            "model.nemo_path", "from_pretrained",
        }
    ),
    models=frozenset({"from_pretrained"}),
    writes=frozenset(
        {
            "exp_dir", "explicit_log_dir", "checkpoint_callback_params.dirpath",
            "run.results_dir", "base_results_dir", "results_dir", "output_path",
            "exp_manager.checkpoint_dir", "log.ckpt.dirpath", "log.log_dir",
        }
    ),
)  # fmt: skip
#: Recipes of SageMaker HyperPod and of Nova: NeMo's and verl's configs inside.
RECIPE = DIALECT._replace(
    form="hyperpod",
    reads=DIALECT.reads | VERL.reads
    | {"model_name_or_path", "resume_from_directory", "lora_adapter_path"},
    writes=DIALECT.writes - {"output_path"} | VERL.writes | {"run.output_s3_path"},
    models=DIALECT.models | VERL.models,
)  # fmt: skip

#: Stages of NeMo's launcher that read weights and, where they convert, write others.
STAGE = DIALECT._replace(
    reads=DIALECT.reads
    | {
        "model.checkpoint_folder", "checkpoint_folder", "gpt_model_file",
        "base_model_file", "adapter_model_file", "language_model_path",
        "virtual_prompt_model_file", "model.nemo_path", "model.model_dir",
    },
    writes=frozenset(),
)  # fmt: skip
CONVERSION = STAGE._replace(writes=frozenset({"run.results_dir", "output_path"}))
#: Where `exp_manager` keeps and finds checkpoints.
_KEPT = frozenset(
    {
        "exp_manager.exp_dir", "exp_manager.explicit_log_dir",
        "exp_manager.checkpoint_callback_params.dirpath",
    }
)  # fmt: skip
#: What stands beside `run.model_type` in a recipe.
_RECIPES = frozenset(
    {
        "training_config", "instance_types", "recipe_version", "evaluation",
        "ppo_actor_train", "llm_as_judge", "use_smp_model",
    }
)  # fmt: skip
_HYPERPOD = frozenset(
    {
        "cluster_type",
        "instance_type",
        "base_results_dir",
        "container",
        "training_config",
        "training_cfg",
        "env_vars",
        "recipes",
    }
)


def is_nemo(value: Value) -> bool:
    """`exp_manager` with a trainer or model, or two of HyperPod's own keys."""
    keys = value.data.keys() if isinstance(value.data, dict) else set()
    if "exp_manager" in keys and keys & {"trainer", "model", "run"}:
        return True
    return len(keys & _HYPERPOD) >= 3


def is_recipe(value: Value) -> bool:
    """`run.model_type` and a part that recipes have, or two of these parts with `run`."""
    keys = value.data.keys() if isinstance(value.data, dict) else set()
    if given(value, "run", "model_type") is not None and keys & _RECIPES:
        return True
    return {"run", "training_config", "instance_types"} <= keys


def is_stage(value: Value) -> bool:
    """A stage of NeMo's launcher: its `run`, and weights that it reads."""
    run = given(value, "run")
    keys = run.data.keys() if run is not None and isinstance(run.data, dict) else set()
    if not (
        keys & {"results_dir", "train_dir"} and keys & {"time_limit", "dependency"}
    ):
        return False
    model = given(value, "model")
    inner = model.data if model is not None and isinstance(model.data, dict) else {}
    own = value.data.keys() if isinstance(value.data, dict) else set()
    return any(name.rpartition(".")[2] in {*inner, *own} for name in STAGE.reads)


def is_conversion(value: Value) -> bool:
    """A stage that makes weights of weights."""
    names = ("convert_name", "nemo_file_name", "conversion_type")
    return is_stage(value) and any(given(value, "run", name) for name in names)


def lower_nemo(inputs: Inputs, estate: Estate) -> None:
    """Lower NeMo configs, HyperPod recipes and the configs that launch them."""
    for dialect, recognise in ((RECIPE, is_recipe), (DIALECT, is_nemo)):
        lower_settings_files(
            inputs,
            estate,
            dialect,
            recognise,
            extras=_resumed,
            counted=_counted,
            around=before_settings,
        )
    lower_settings_files(inputs, estate, CONVERSION, is_conversion)
    lower_settings_files(inputs, estate, STAGE, is_stage)


def _resumed(scene: Scene, program: Thing, settings: list[Setting]) -> None:
    """`resume_if_exists`: the job starts from what lies in the folders it writes to."""
    resume = pick(settings, frozenset({"exp_manager.resume_if_exists"}))
    if resume is None or flag_truth(resume) is not True:
        return
    for setting in settings:
        if matches(setting, _KEPT):
            words = "goes on from what lies in"
            weights_setting(scene, program, setting, "reads", words)


def _counted(settings: list[Setting]) -> list[Setting]:
    """The settings without outputs that are no weights: metering, charts, evaluation."""
    judges = any(s.name.startswith(("evaluation.", "llm_as_judge.")) for s in settings)
    kept = [s for s in settings if not _is_log(s.name)]
    if judges:
        kept = [s for s in kept if s.last not in ("output_s3_path", "results_dir")]
    return kept


def _is_log(name: str) -> bool:
    """`trainer_callbacks.output_path`, `tensorboard_config.output_path`: no weights."""
    steps = name.split(".")
    return steps[-1] == "output_path" and any(
        word in step for step in steps[:-1] for word in ("callbacks", "tensorboard")
    )
