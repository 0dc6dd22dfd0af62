"""Accelerate configs that hand the training to SageMaker: role, region, image, machine.

`accelerate launch` with `compute_environment: AMAZON_SAGEMAKER` starts a training job;
every other config of Accelerate only says how processes are spread. Fields and their
defaults from accelerate 1.11 `commands/config/config_args.py`, read 2026-11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.places import state_place
from mlsec_lint.lower.jobs.images import state_image
from mlsec_lint.lower.jobs.job_file import job_workload, unclaimed
from mlsec_lint.lower.jobs.job_networks import sagemaker_network
from mlsec_lint.lower.jobs.sagemaker import runs_as
from mlsec_lint.lower.jobs.script_job import job_container
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.value import Value

_SAGEMAKER = "AMAZON_SAGEMAKER"
_REGION = "us-east-1"
_DEFAULT = "Accelerate: us-east-1 where an AMAZON_SAGEMAKER config names no region"
_GPU = regex(r"ml\.(?:p\d|g\d|trn|inf|dl)")


def is_accelerate_sagemaker(value: Value) -> bool:
    """Accelerate's two keys, for SageMaker."""
    keys = value.data.keys() if isinstance(value.data, dict) else set()
    if not {"compute_environment", "distributed_type"} <= keys:
        return False
    return text_of(value.get("compute_environment")) == _SAGEMAKER


def lower_accelerate(inputs: Inputs, estate: Estate) -> None:
    """Lower the SageMaker configs of Accelerate, each as the training job it starts."""
    for path, document in unclaimed(inputs, is_accelerate_sagemaker, "accelerate"):
        config = document.value
        name = text_of(given(config, "base_job_name"))
        workload = job_workload(
            estate, path, document, "accelerate", name, kind="managed"
        )
        machine = given(config, "ec2_instance_type")
        asks = _GPU.match(text_of(machine)) is not None
        where = machine.entry() if machine is not None else None
        workload.state("accelerator", asks, where or workload.span)
        _place(workload, given(config, "region"))
        runs_as(estate, workload, given(config, "iam_role_name"), "role/")
        image = given(config, "image_uri")
        if image is not None:
            container = job_container(estate, workload, "training", image.entry())
            state_image(container, image)
        if given(config, "additional_args") is None:  # which may name subnets
            sagemaker_network(workload, config)


def _place(workload: Thing, region: Value | None) -> None:
    if region is None:
        state_place(workload, "aws", _REGION, workload.span, default=_DEFAULT)
        return
    text = settled(region).text()
    span = region.entry() or workload.span
    if isinstance(text, Unknown):
        text = text._replace(possible=None, parts=())
    if text is not None:
        state_place(workload, "aws", text, span, trail=region.trail)
