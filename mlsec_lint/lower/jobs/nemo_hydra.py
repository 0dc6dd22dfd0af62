"""NeMo, NeMo launcher and HyperPod recipes (Hydra configs).

Names from NeMo `utils/exp_manager.py` and sagemaker-hyperpod-recipes, read 2026-08.
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
    form="nemo",
    reads=frozenset(
        {
            "restore_from_path", "resume_from_checkpoint", "hf_model_name_or_path",
            "model.pretrained_checkpoint", "restore_path", "checkpoint_dir",
            "model.nemo_path",
        }
    ),
    writes=frozenset(
        {
            "exp_dir", "explicit_log_dir", "checkpoint_callback_params.dirpath",
            "run.results_dir", "base_results_dir", "results_dir", "output_path",
        }
    ),
)  # fmt: skip

_HYPERPOD = frozenset(
    {
        "cluster_type",
        "instance_type",
        "base_results_dir",
        "container",
        "training_config",
        "recipes",
    }
)


def is_nemo(value: Value) -> bool:
    """`exp_manager` with a trainer or model, or two of HyperPod's own keys."""
    keys = value.data.keys() if isinstance(value.data, dict) else set()
    if "exp_manager" in keys and keys & {"trainer", "model", "run"}:
        return True
    return len(keys & _HYPERPOD) >= 3


def lower_nemo(inputs: Inputs, estate: Estate) -> None:
    """Lower NeMo and HyperPod configs."""
    lower_settings_files(inputs, estate, DIALECT, is_nemo)
