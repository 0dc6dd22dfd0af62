"""Model servers: vLLM, TGI, SGLang, Triton and others, by their arguments.

Flags read from vLLM 0.11 and TGI 3.3 documentation, as of 2026-11.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.arguments import Arguments, Setting, arguments, truth
from mlsec_lint.lower.jobs.paths import is_path
from mlsec_lint.lower.jobs.settings import Dialect
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mlsec_lint.estate import Thing
    from mlsec_lint.lower.jobs.launch import Launch
    from mlsec_lint.lower.jobs.scene import Scene

SERVING = Dialect(
    form="serving",
    reads=frozenset(
        {
            "model", "model_id", "model_path", "model_dir", "download_dir", "lora_modules",
            "adapter", "lora_adapters", "model_repository", "model_base_path",
            "model_store", "m", "speculative_model", "huggingface_hub_cache",
            "model_name_or_path", "weights_cache_override", "tensorizer_uri",
            "tensorizer_dir", "speculative_config.model",
        }
    ),
)  # fmt: skip
#: Load formats that read pickles; those that cannot hold code.
_PICKLE = frozenset({"pt", "npcache"})
_SAFE = frozenset(
    {"safetensors", "gguf", "tensorizer", "runai_streamer", "fastsafetensors"}
)
#: Sorts of mounts that outlive the pod.
_LASTING = frozenset({"claim", "object", "file", "block", "host", "local-volume"})
_TRUST = frozenset(
    {
        "TRUST_REMOTE_CODE",
        "VLLM_TRUST_REMOTE_CODE",
        "HF_TRUST_REMOTE_CODE",
        "OPTION_TRUST_REMOTE_CODE",
        "NIM_FORCE_TRUST_REMOTE_CODE",
    }
)
#: Where a server's image keeps models, if no variable says otherwise: vLLM 0.11, TGI and
#: TEI of Hugging Face (its images for clouds: /tmp), NIM, Ollama; read 2026-11.
_FOLDERS = {
    "vllm": ("/root/.cache", "/root/.cache/huggingface", "/root/.cache/vllm"),
    "sglang": ("/root/.cache", "/root/.cache/huggingface"),
    "tgi": ("/data", "/tmp"),  # noqa: S108 - a folder of the image, not of ours
    "tei": ("/data",),
    "nim": ("/opt/nim/.cache",),
    "ollama": ("/root/.ollama", "/root/.ollama/models"),
}
#: Flags of MLflow's server that name where models are kept.
_ARTIFACTS = frozenset({"default_artifact_root", "artifacts_destination"})
#: A JSON that is longer is not looked into.
_LONGEST = 20_000
_MODELS = frozenset({"MODEL_ID", "MODEL_PATH", "MODEL_DIR", "HF_MODEL_ID", "MODEL_URI"})


def unfolded(settings: Sequence[Setting]) -> list[Setting]:
    """Settings, with those that stand in the JSON of another one, or behind a name.

    `--speculative-config '{"model": "s3://b/draft"}'`, `--lora-modules sql=s3://b/sql`.
    """
    found: list[Setting] = []
    adapters = False
    for setting in settings:
        flag = setting.span.text.lstrip("\"'").startswith("-")
        adapters = setting.last == "lora_modules" if flag else adapters
        text = setting.value.data
        if adapters and not flag:  # `NAME=PATH` behind the flag
            found.append(setting._replace(name="lora_modules"))
            continue
        found.append(setting)
        if isinstance(text, str) and text.startswith("{") and len(text) <= _LONGEST:
            found.extend(_inside(setting, text))
    return found


def _inside(setting: Setting, text: str) -> Iterator[Setting]:
    """The texts of a JSON object, one level of objects below it included."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return
    stack = [(setting.name, data)]
    for name, value in stack:  # grows by the objects of the first level
        for key, inner in value.items() if isinstance(value, dict) else ():
            dotted = f"{name}.{key}".replace("-", "_")
            if isinstance(inner, dict) and name == setting.name:
                stack.append((dotted, inner))
            elif isinstance(inner, str):
                yield setting._replace(
                    name=dotted, value=setting.value.replace(data=inner)
                )


def state_serving(
    scene: Scene,
    program: Thing,
    launch: Launch,
    found: Arguments,
    environment: Mapping[str, Value],
) -> None:
    """What a model server's positional model, load format and environment say."""
    serve = launch.form in ("vllm", "sglang", "trt-llm", "lmdeploy")
    for value in found.operands if serve else ():
        if value.span is not None and is_path(value):
            scene.weights_at(
                value,
                "reads",
                f"serves weights from {value.span.text}",
                value.span,
                program,
            )
    for setting in found.settings:
        if setting.last == "load_format":
            text = setting.value.text()
            if isinstance(text, Unknown):
                program.also("weights.format.safe", text, setting.span)
            elif text in _PICKLE | _SAFE:
                program.also("weights.format.safe", text in _SAFE, setting.span)
    state_environment(scene, program, environment)
    _own_folders(scene, program, launch.form)


def _own_folders(scene: Scene, program: Thing, form: str) -> None:
    """A volume at the folder where the server's image keeps what it downloads."""
    for entry in scene.mounted:
        if entry.mount is None or entry.path not in _FOLDERS.get(form, ()):
            continue
        fact, sort = entry.mount.fact("path"), entry.mount.fact("type")
        lasts = sort is not None and sort.value in _LASTING
        if lasts and fact is not None:
            words = f"keeps the models that it serves in {entry.path}"
            path = Value(entry.path, fact.span)
            scene.weights_at(path, "reads", words, fact.span, program)


def state_registry(scene: Scene, words: Sequence[Value]) -> None:
    """`mlflow server --default-artifact-root URI`: a registry keeps models there."""
    if len(words) < 2 or words[0].data != "mlflow" or words[1].data != "server":
        return
    for setting in arguments(words[2:]).settings:
        if setting.name in _ARTIFACTS and is_path(setting.value):
            said = f"keeps models of MLflow by --{setting.name.replace('_', '-')}"
            scene.weights_at(setting.value, "writes", said, setting.span, None)


def state_environment(
    scene: Scene, program: Thing, environment: Mapping[str, Value]
) -> None:
    """What the environment tells a model server: the model, and code of strangers."""
    for name, value in environment.items():
        span = value.entry() or value.span
        if span is None:
            continue
        if name in _TRUST:
            trusted = truth(value)
            if trusted is not None:
                program.also("remote_code.trusted", trusted, span, trail=value.trail)
        elif name in _MODELS and is_path(value):
            scene.weights_at(
                value, "reads", f"serves weights from {name}", span, program
            )
