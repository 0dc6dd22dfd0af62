"""Oumi configs: training, evaluation, inference, judges, synthesis, quantization, deployment.

Names from `src/oumi/core/configs/` and `src/oumi/deploy/`, engines and their addresses
from `src/oumi/inference/`, read 2026-08.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.arguments import Setting, truth
from mlsec_lint.lower.jobs.job_file import lower_settings_files
from mlsec_lint.lower.jobs.paths import is_path
from mlsec_lint.lower.jobs.settings import Dialect, weights_setting
from mlsec_lint.lower.jobs.transports import Channel, state_channel
from mlsec_lint.lower.jobs.uploads import Upload, state_upload

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.jobs.scene import Scene
    from mlsec_lint.value import Value

DIALECT = Dialect(
    form="oumi",
    reads=frozenset({"model_name", "adapter_model", "resume_from_checkpoint"}),
    writes=frozenset({"training.output_dir"}),
    trust=frozenset({"trust_remote_code"}),
)

_BESIDE = frozenset(
    {"training", "data", "generation", "engine", "peft", "fsdp", "tasks"}
)
#: Engines that ask somebody else's API, and its host: the model is not fetched.
_HOSTED = {
    "ANTHROPIC": "api.anthropic.com",
    "BEDROCK": "bedrock-runtime.amazonaws.com",
    "CEREBRAS": "api.cerebras.ai",
    "DEEPSEEK": "api.deepseek.com",
    "FIREWORKS": "api.fireworks.ai",
    "GEMINI": "generativelanguage.googleapis.com",
    "GOOGLE_GEMINI": "generativelanguage.googleapis.com",
    "GOOGLE_VERTEX": "aiplatform.googleapis.com",
    "HUGGING_FACE_ROUTER": "router.huggingface.co",
    "OPENAI": "api.openai.com",
    "OPENROUTER": "openrouter.ai",
    "PARASAIL": "api.parasail.io",
    "SAMBANOVA": "api.sambanova.ai",
    "TOGETHER": "api.together.xyz",
}
#: Engines that ask a server by its address: it has the model already.
_REMOTE = frozenset({"REMOTE", "REMOTE_VLLM", "SGLANG"})
#: What counts of a model that a server has: its tokenizer is loaded here.
_TOKENIZED = frozenset({"trust_remote_code", "tokenizer_name"})
_ENGINES = ("engine", "inference_engine")
#: `oumi deploy`: providers that a model is uploaded to.
_PROVIDERS = {"fireworks": "api.fireworks.ai", "parasail": "api.parasail.io"}


def is_oumi(value: Value) -> bool:
    """`model.model_name`, and one of the config's other parts, itself or inside another."""
    keys = value.data.keys() if isinstance(value.data, dict) else set()
    if _names_model(value):
        return bool(keys & _BESIDE) or {"method", "output_path"} <= keys
    inner = value.get("inference_config")
    around = keys & {"judge_params", "strategy_params"}
    return inner is not None and bool(around) and _names_model(inner)


def _names_model(value: Value) -> bool:
    model = value.get("model")
    return model is not None and model.get("model_name") is not None


def is_deployment(value: Value) -> bool:
    """A model's source, the provider that it goes to, and hardware or scaling."""
    keys = value.data.keys() if isinstance(value.data, dict) else set()
    return {"model_source", "provider"} <= keys and bool(
        keys & {"hardware", "autoscaling", "model_type"}
    )


def lower_oumi(inputs: Inputs, estate: Estate) -> None:
    """Lower Oumi configs; hosted engines are talked to and nothing is fetched."""
    lower_settings_files(inputs, estate, DIALECT, is_oumi, _extras, _counted)
    lower_settings_files(
        inputs, estate, DIALECT._replace(form="oumi-deploy"), is_deployment, _deployed
    )


def _engines(settings: list[Setting]) -> Iterator[tuple[str, str, Setting]]:
    """Each engine that asks others: the part of the config that it is of, and its name."""
    for setting in settings:
        text = setting.value.text()
        if setting.last in _ENGINES and isinstance(text, str):
            name = text.strip().upper()
            if name in _HOSTED or name in _REMOTE:
                yield setting.name.rpartition(".")[0], name, setting


def _counted(settings: list[Setting]) -> list[Setting]:
    """The settings without models that others serve, and without a folder never filled."""
    elsewhere = {
        part: _TOKENIZED if name in _REMOTE else frozenset()
        for part, name, _ in _engines(settings)
    }
    kept = [s for s in settings if _is_ours(s, elsewhere)]
    if _saves_nothing(settings):
        kept = [s for s in kept if s.name != "training.output_dir"]
    return kept


def _is_ours(setting: Setting, elsewhere: Mapping[str, frozenset[str]]) -> bool:
    """Whether a setting is not of a model that others serve."""
    part, found, _ = f".{setting.name}".rpartition(".model.")
    own = elsewhere.get(part.removeprefix(".")) if found else None
    return own is None or setting.last in own


def _saves_nothing(settings: list[Setting]) -> bool:
    """Whether training keeps no weights for certain: no final model and no steps."""
    known = {setting.name: setting.value for setting in settings}
    final, epoch = (
        known.get("training.save_final_model"),
        known.get("training.save_epoch"),
    )
    steps = known.get("training.save_steps")
    return (
        final is not None
        and truth(final) is False
        and steps is not None
        and steps.text() in ("0", "-1")
        and (epoch is None or truth(epoch) is False)
    )


def _extras(scene: Scene, program: Thing, settings: list[Setting]) -> None:
    for _, name, setting in _engines(settings):
        if name in _HOSTED:
            what = f"inference engine {name}"
            channel = Channel(what, setting.span, _HOSTED[name], True, True)  # noqa: FBT003
            state_channel(scene.estate, scene.workload, channel)
    known = {setting.name: setting for setting in settings}
    output = known.get("output_path")
    if "method" in known and "model.model_name" in known and output is not None:
        words = "writes quantized weights to"
        weights_setting(scene, program, output, "writes", words)


def _deployed(scene: Scene, program: Thing, settings: list[Setting]) -> None:
    """`oumi deploy up`: weights of the lab go to the provider, which serves them."""
    known = {setting.name: setting for setting in settings}
    provider, source = known["provider"], known.get("model_source")
    name = provider.value.text()
    if source is None or not is_path(source.value):
        return
    weights_setting(scene, program, source, "reads", "uploads weights from")
    model = known.get("model_name")
    text = model.value.text() if model is not None else None
    upload = Upload(
        channel="command",
        service=str(name).strip().lower(),
        carries="weights",
        span=provider.span,
        host=_PROVIDERS.get(str(name).strip().lower(), ""),
        repository=text if text is not None else "",
    )
    state_upload(scene, program, upload)
