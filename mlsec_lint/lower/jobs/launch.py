"""Which program a command line starts, behind launchers and wrappers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Programs that run another one; what they run begins at the first known program.
WRAPPERS = frozenset(
    {
        "sudo", "nohup", "exec", "time", "command", "setsid", "stdbuf", "nice", "ionice",
        "chrt", "taskset", "numactl", "timeout", "env", "xvfb-run", "strace", "nsys", "ncu",
        "srun", "mpirun", "mpiexec", "mpiexec.hydra", "horovodrun", "ibrun", "jsrun",
        "orterun", "docker", "podman", "nerdctl", "apptainer", "singularity", "enroot",
        "uv", "poetry", "pdm", "pipenv", "rye", "hatch", "conda", "mamba", "micromamba",
        "ray", "dumb-init", "tini", "gosu", "su-exec", "xargs", "parallel", "watch",
        "pixi", "mise", "doppler", "infisical", "vault", "op", "kubectl", "ssh", "eval",
        "neuron_parallel_compile", "runuser", "chroot", "nsenter", "systemd-run", "flock",
        "screen", "sg", "catchsegv", "pdsh", "unbuffer",
    }
)  # fmt: skip
#: Wrappers that run a program only under one of these verbs.
_VERBS = {
    **dict.fromkeys(("docker", "podman", "nerdctl"), frozenset({"run", "exec"})),
    **dict.fromkeys(
        ("uv", "poetry", "pdm", "pipenv", "rye", "hatch"), frozenset({"run"})
    ),
    **dict.fromkeys(("conda", "mamba", "micromamba", "pixi"), frozenset({"run"})),
    **dict.fromkeys(("apptainer", "singularity"), frozenset({"run", "exec"})),
    "kubectl": frozenset({"exec", "run"}),
    "ray": frozenset({"job", "submit", "exec"}),
}
#: Tools that are worth a look behind a wrapper, by the verbs that make them so.
_TOOL_VERBS = {
    "aws": frozenset({"s3", "s3api"}), "gsutil": frozenset({"cp", "rsync", "mv", "-m"}),
    "gcloud": frozenset({"storage"}), "az": frozenset({"storage"}),
    **dict.fromkeys(("azcopy",), frozenset({"copy", "cp", "sync"})),
    **dict.fromkeys(("rclone", "s5cmd", "mc"), frozenset({"copy", "sync", "cp", "mirror", "mv"})),
    **dict.fromkeys(("hf", "huggingface-cli"), frozenset({"download", "upload"})),
    **dict.fromkeys(("pip", "pip3", "conda", "mamba"), frozenset({"install"})),
    "git": frozenset({"clone", "push"}), "dvc": frozenset({"push"}),
    "wandb": frozenset({"artifact"}),
}  # fmt: skip
_WEB_TOOLS = frozenset({"curl", "wget", "aria2c"})
SHELLS = frozenset({"bash", "sh", "zsh", "dash", "ksh", "ash"})
_PYTHON = regex(r"(?:python|pypy)[0-9.]*(?:\.exe)?")
#: Launchers of training scripts.
LAUNCHERS = frozenset(
    {
        "torchrun", "accelerate", "deepspeed", "composer", "colossalai", "torch_xla",
        "axolotl", "llamafactory-cli", "lmf", "tune", "trl", "oumi", "litgpt", "nemo",
        "nemorun", "xtuner", "swift", "autotrain", "lightning", "fabric", "unsloth",
        "megatron", "olmo", "hyperpodrun", "torchx", "modal",
    }
)  # fmt: skip
_TRAINING_MODULES = regex(
    r"(?:torch\.distributed\.(?:run|launch)|accelerate\.commands\.launch|deepspeed"
    r"|axolotl\.cli\.(?:train|merge_lora)|verl\.trainer\.[\w.]+|trl\.[\w.]+"
    r"|llamafactory\.[\w.]+|nemo\.[\w.]+|megatron\.[\w.]+|torchtitan\.train"
    r"|mlx_lm\.lora|maxtext\.train|MaxText\.train|openrlhf\.cli\.[\w.]+|oumi\b.*)"
)
#: Programs that serve a model: name -> flags that name it.
_SERVERS = {
    "vllm": "vllm", "text-generation-launcher": "tgi", "text-embeddings-router": "tei",
    "sglang": "sglang", "tritonserver": "triton", "trtllm-serve": "trt-llm",
    "lmdeploy": "lmdeploy", "llama-server": "llama.cpp", "ollama": "ollama",
    "tensorflow_model_server": "tf-serving", "torchserve": "torchserve",
    "mlserver": "mlserver", "infinity_emb": "infinity",
}  # fmt: skip
_SERVER_MODULES = regex(
    r"(vllm|sglang|lmdeploy|huggingfaceserver|tensorrt_llm|infinity_emb|mlserver"
    r"|dynamo\.vllm|dynamo\.sglang|dynamo\.trtllm|text_generation_server|aibrix)\b"
)
#: Images whose entrypoint serves a model: a container without `command` starts it.
_SERVER_IMAGES = (
    (re.compile(r"(?:^|/)vllm-openai$|(?:^|/)rocm/vllm$|pytorch-vllm-serve"), "vllm"),
    (re.compile(r"text-generation-inference"), "tgi"),
    (re.compile(r"text-embeddings-inference"), "tei"),
    (re.compile(r"(?:^|/)lmsysorg/sglang$"), "sglang"),
    (re.compile(r"(?:^|/)huggingfaceserver$"), "huggingfaceserver"),
    (re.compile(r"(?:^|/)tensorflow/serving$"), "tf-serving"),
    (re.compile(r"nvcr\.io/nim/"), "nim"),
    (re.compile(r"(?:^|/)ollama/ollama$"), "ollama"),
)
#: Images whose entrypoint is a tool that moves bytes: their Dockerfiles, 2026-11.
_TOOL_IMAGES = {
    "rclone/rclone": "rclone", "amazon/aws-cli": "aws", "aws-cli/aws-cli": "aws",
    "peak/s5cmd": "s5cmd", "peakcom/s5cmd": "s5cmd", "minio/mc": "mc",
    "cloudflare/cloudflared": "cloudflared", "ngrok/ngrok": "ngrok",
    "curlimages/curl": "curl", "curl/curl": "curl", "jpillora/chisel": "chisel",
}  # fmt: skip
_EVALUATION = regex(
    r"(?:^|[/_.-])(?:eval|evaluate|evaluation|score|infer|inference|predict|generate"
    r"|benchmark|bench|tokenize|tokenise|preprocess|prepare|download|convert_data)"
)
#: Scripts that make weights of weights: another format, merged adapters, fewer bits.
_CONVERSION = regex(
    r"(?:^|[/_.-])(?:(?:convert|merge|consolidate|export|reshard|fuse)[a-z0-9_-]{0,40}"
    r"(?:weights|checkpoints?|ckpt|model|lora|adapters?|peft|safetensors|gguf"
    r"|(?:^|[_-])hf)|quantize|torch_?ckpt_?to|trtllm-build)"
)
_EVALUATORS = frozenset({"lm_eval", "lm-eval", "lighteval", "opencompass", "guidellm"})
_NAMES_PROGRAM = regex(r".+\.(?:py|sh|bash|pyz)$")


class Launch(NamedTuple):
    """A program and the words behind its name.

    * `form`: tool or launcher, for the `format` fact;
    * `role`: `train`, `serve`, `evaluate`, `convert` (weights into other weights), or
      `run` where nobody can tell;
    * `script`: what is run (`train.py`, `-m` module), or "";
    * `words`: its arguments; `launcher_words`: those of the launcher before it.
    """

    form: str
    role: str
    script: str
    words: Sequence[Value]
    launcher_words: Sequence[Value] = ()


def text(word: Value) -> str:
    """The known text of a word, else ""."""
    return word.data if isinstance(word.data, str) else ""


def _known(word: Value) -> str:
    """The text of a word, or the last part of it that is known."""
    parts = word.data.parts if isinstance(word.data, Unknown) else (word.data,)
    last = parts[-1] if parts else ""
    return last if isinstance(last, str) else ""


def program_name(word: Value) -> str:
    """The base name of a word that may name a program."""
    return text(word).rpartition("/")[2]


def is_program(word: Value) -> bool:
    """Whether a word names a program that this module knows, or a script."""
    name = program_name(word)
    return bool(
        name in LAUNCHERS
        or name in SHELLS
        or name in _SERVERS
        or name in _EVALUATORS
        or name in WRAPPERS
        or _PYTHON.fullmatch(name)
        or _NAMES_PROGRAM.fullmatch(name)
    )


def is_tool(words: Sequence[Value], at: int) -> bool:
    """Whether a tool that moves or installs stands at a place among words."""
    name = program_name(words[at])
    if name in _WEB_TOOLS:
        return any("://" in _known(w) for w in words[at + 1 : at + 16])
    verbs = _TOOL_VERBS.get(name)
    return verbs is not None and any(text(w) in verbs for w in words[at + 1 : at + 4])


def unwrap(words: Sequence[Value]) -> Sequence[Value]:
    """The command without the wrappers in front of it; () where none is left.

    A word that nobody can tell before a program is one (`$MAYBE_TRACE torchrun`).
    """
    for _ in range(8):
        if _is_open(words) and is_program(words[1]):
            words = words[1:]
        if not words or program_name(words[0]) not in WRAPPERS:
            return words
        verbs = _VERBS.get(program_name(words[0]))
        if verbs is not None and not any(text(w) in verbs for w in words[1:6]):
            return _uploader(words)
        places = range(1, len(words))
        inner = next(
            (at for at in places if is_program(words[at]) or is_tool(words, at)), None
        )
        if inner is None:
            return _uploader(words)
        words = words[inner:]
    return words


def _is_open(words: Sequence[Value]) -> bool:
    """Whether the first of several words is a variable that nobody knows."""
    data = words[0].data if len(words) > 1 else ""
    return isinstance(data, Unknown) and not any(isinstance(p, str) for p in data.parts)


def _uploader(words: Sequence[Value]) -> Sequence[Value]:
    """`sudo aws s3 cp`: the word behind the wrapper's own flags."""
    name = program_name(words[0])
    if name in ("sudo", "nohup", "exec", "time", "command", "env", "timeout", "nice"):
        at = 1
        while at < len(words) and (
            text(words[at]).startswith("-")
            or "=" in text(words[at])
            or re.fullmatch(r"\d+[smhd]?", text(words[at]))
        ):
            at += 1
        return words[at:]
    return words if name in ("kubectl", "docker", "ray") else ()


def launched(words: Sequence[Value]) -> Launch | None:
    """What an unwrapped command starts; None where it is no program we know."""
    if not words:
        return None
    name = program_name(words[0])
    if name in _SERVERS:
        return Launch(_SERVERS[name], "serve", name, words[1:])
    if name in _EVALUATORS:
        return Launch(name, "evaluate", name, words[1:])
    if name in LAUNCHERS:
        return _by_launcher(name, words)
    if _PYTHON.fullmatch(name):
        return _by_python(words)
    if name.endswith(".py"):
        return Launch("python", _role(text(words[0])), text(words[0]), words[1:])
    return None


def _by_launcher(name: str, words: Sequence[Value]) -> Launch:
    form = {"accelerate": "accelerate", "lmf": "llamafactory-cli"}.get(name, name)
    for at in range(1, len(words)):
        word = text(words[at])
        if word == "-m" and at + 1 < len(words):
            module = text(words[at + 1])
            return Launch(form, "train", module, words[at + 2 :], words[1:at])
        if word.endswith(".py"):
            role = _role(word)
            role = "train" if role == "run" else role
            return Launch(form, role, word, words[at + 1 :], words[1:at])
    role = "train"
    if any(
        text(w) in ("serve", "eval", "evaluate", "generate", "chat", "api", "infer")
        for w in words[1:3]
    ):
        role = "evaluate"
    return Launch(form, role, "", words[1:])


def _by_python(words: Sequence[Value]) -> Launch | None:
    at = 1
    while at < len(words):
        word = text(words[at])
        if word == "-m" and at + 1 < len(words):
            return _module(text(words[at + 1]), words[at + 2 :])
        if word == "-c":
            return Launch("python", "run", "", ())
        if not word.startswith("-") or not word:
            if not word and len(words) == at + 1:
                return None
            return Launch("python", _role(_known(words[at])), word, words[at + 1 :])
        at += 2 if word in ("-W", "-X") else 1
    return None


def _module(module: str, words: Sequence[Value]) -> Launch:
    server = _SERVER_MODULES.match(module)
    if server is not None:
        return Launch(server[1], "serve", module, words)
    if module in ("torch.distributed.run", "torch.distributed.launch"):
        padded = [words[0], *words] if words else []
        return _by_launcher("torchrun", padded)
    if module in _EVALUATORS or module.startswith("lm_eval"):
        return Launch("lm_eval", "evaluate", module, words)
    if _TRAINING_MODULES.fullmatch(module):
        form = module.partition(".")[0]
        return Launch(form, "train", module, words)
    return Launch("python", _role(module), module, words)


def _role(script: str) -> str:
    if _CONVERSION.search(script.lower().rpartition("/")[2]):
        return "convert"
    if _EVALUATION.search(script.lower()):
        return "evaluate"
    return "run"


def entrypoint_command(image: str, words: Sequence[Value]) -> list[Value]:
    """The arguments of an image behind the tool that it starts; [] for other images."""
    tool = _TOOL_IMAGES.get("/".join(_repository(image).split("/")[-2:]), "")
    if not tool or not words or program_name(words[0]) == tool:
        return []
    return [Value(tool, words[0].span), *words]


def _repository(image: str) -> str:
    name = image.partition("@")[0]
    return name.rpartition(":")[0] if ":" in name.rpartition("/")[2] else name


def image_program(image: str) -> str:
    """The model server that an image starts by itself, or ""."""
    repository = _repository(image)
    for part, form in _SERVER_IMAGES:
        if part.search(repository):
            return form
    return ""
