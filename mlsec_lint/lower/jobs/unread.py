"""Formats that are recognised and not analysed: counted, so that nobody thinks they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.scalars import given, text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.value import Value


def _keys(value: Value) -> set[str]:
    return set(value.data) if isinstance(value.data, dict) else set()


def _cloud_formation(value: Value) -> bool:
    if "AWSTemplateFormatVersion" in _keys(value):
        return True
    resources = given(value, "Resources")
    return resources is not None and any(
        text_of(r.get("Type")).startswith("AWS::") for _, r in resources.items()
    )


def _blueprint(value: Value) -> bool:
    return {"blueprint_name", "deployment_groups"} <= _keys(value)


def _deepspeed(value: Value) -> bool:
    return bool(_keys(value) & {"zero_optimization", "train_micro_batch_size_per_gpu"})


def _accelerate(value: Value) -> bool:
    return {"compute_environment", "distributed_type"} <= _keys(value)


def _pulumi(value: Value) -> bool:
    runtime = given(value, "runtime")
    name = given(runtime, "name") or runtime
    return "name" in _keys(value) and text_of(name) in _RUNTIMES


def _azure_ml(value: Value) -> bool:
    return "azureml" in text_of(value.get("$schema"))


def _parallel_cluster(value: Value) -> bool:
    keys = _keys(value)
    return {"Image", "Build"} <= keys or {"HeadNode", "Scheduling"} <= keys


def _ansible(value: Value) -> bool:
    """A playbook or a list of tasks: mappings with a module of Ansible's, or hosts."""
    for item in value.elements()[:5]:
        keys = _keys(item)
        if "hosts" in keys and keys & {"tasks", "roles", "become", "vars"}:
            return True
        if "name" in keys and any(k.startswith("ansible.builtin.") for k in keys):
            return True
        if "name" in keys and keys & {"become", "when", "register", "apt", "shell"}:
            return True
    return False


def _conda(value: Value) -> bool:
    keys = _keys(value)
    return "dependencies" in keys and bool(keys & {"channels", "name", "prefix"})


def _iam_policy(value: Value) -> bool:
    return {"Version", "Statement"} <= _keys(value)


def _build_spec(value: Value) -> bool:
    phases = given(value, "phases")
    return phases is not None and "version" in _keys(value)


def _collector(value: Value) -> bool:
    return {"receivers", "exporters", "service"} <= _keys(value)


def _workflow(value: Value) -> bool:
    return {"jobs", "on"} <= _keys(value)


def _dashboard(value: Value) -> bool:
    return {"panels", "schemaVersion"} <= _keys(value)


def _oumi(value: Value) -> bool:
    keys = _keys(value)
    if "judge_params" in keys or {"strategy", "strategy_params"} <= keys:
        return True
    return {"method", "output_path", "model"} <= keys


_RUNTIMES = frozenset({"nodejs", "python", "go", "dotnet", "java", "yaml"})
_FORMATS: tuple[tuple[str, Callable[[Value], bool]], ...] = (
    ("CloudFormation", _cloud_formation),
    ("Cluster Toolkit blueprint", _blueprint),
    ("DeepSpeed", _deepspeed),
    ("Accelerate", _accelerate),
    ("Pulumi", _pulumi),
    ("Azure ML (other)", _azure_ml),
    ("AWS ParallelCluster", _parallel_cluster),
    ("Ansible", _ansible),
    ("conda environment", _conda),
    ("IAM policy document", _iam_policy),
    ("CodeBuild", _build_spec),
    ("OpenTelemetry collector", _collector),
    ("Grafana dashboard", _dashboard),
    ("workflow without models", _workflow),
    ("oumi (judging, synthesis, quantization)", _oumi),
)
_SUFFIXES = ((".bicep", "Bicep"),)


def recognised_as(value: Value) -> str:
    """The name of the format of a document that no lowering reads, "" for none known."""
    for name, recognise in _FORMATS:
        if recognise(value):
            return name
    return ""


def count_unread(inputs: Inputs, estate: Estate) -> None:
    """Count the documents and texts of formats that no lowering reads."""
    del estate
    for _, document in inputs.documents:
        if id(document) in inputs.claimed or document.skipped:
            continue
        name = recognised_as(document.value)
        if name:
            inputs.not_analysed[name] = inputs.not_analysed.get(name, 0) + 1
    for source in inputs.texts:
        for suffix, name in _SUFFIXES:
            if source.path.endswith(suffix):
                inputs.not_analysed[name] = inputs.not_analysed.get(name, 0) + 1
