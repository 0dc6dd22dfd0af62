"""Names of settings and paths that speak of weights, where no tool's table knows them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlsec_lint.value import Value

_SPLIT = re.compile(r"[^a-z0-9]+")
_WRITES = frozenset(
    {
        "save",
        "saves",
        "output",
        "outputs",
        "out",
        "export",
        "outdir",
        "savedir",
        "final",
        "merged",
        "dest",
        "destination",
    }
)
_WRITE_NAMES = frozenset(
    {
        "storage_path", "default_local_dir", "default_hdfs_dir", "exp_dir", "results_dir",
        "run_dir", "explicit_log_dir", "checkpoint_dir", "ckpt_dir", "checkpoints_dir",
        "checkpoint_path", "ckpt_path_out", "base_output_directory", "checkpoint_folder",
        "remote_save_folder", "dirpath", "base_results_dir", "checkpoint_storage",
    }
)  # fmt: skip
_READS = frozenset(
    {
        "model", "load", "init", "ckpt", "ckpts", "checkpoint", "checkpoints", "weights",
        "pretrained", "resume", "restore", "adapter", "lora", "peft", "warmstart",
    }
)  # fmt: skip
_OTHER = frozenset(
    {
        "data", "dataset", "datasets", "corpus", "token", "tokens", "tokenizer", "vocab",
        "merges", "merge", "log", "logs", "logging", "logger", "tensorboard", "profile",
        "profiler", "trace", "interval", "steps", "step", "freq", "every", "strategy",
        "limit", "total", "format", "type", "config", "configs", "yaml", "prompt",
        "prompts", "metrics", "eval", "image", "images", "video", "parallel", "size",
        "dim", "max", "num", "len", "length", "optimizer", "optim", "template", "class",
        "predictions", "answers", "report", "json", "csv", "html", "plot", "plots",
        "figure", "samples", "embeddings", "stats", "schema", "port", "host", "url",
    }
)  # fmt: skip
_MODELS = frozenset(
    {"model", "models", "ckpt", "ckpts", "weights", "adapter", "lora", "safetensors"}
)
_PATH_WORDS = frozenset(
    {
        "checkpoint", "checkpoints", "ckpt", "ckpts", "weights", "model", "models", "llm",
        "llms", "safetensors", "lora", "loras", "adapter", "adapters", "huggingface",
        "modelstore", "pretrained",
    }
)  # fmt: skip
_FILE = re.compile(
    r"\.(?:safetensors|ckpt|pt|pth|gguf|ggml|bin|distcp|nemo|onnx|engine|h5|msgpack)$"
    r"|(?:^|/)pytorch_model[^/]*$|(?:^|/)consolidated[^/]*$"
)


def weight_role(name: str) -> str:
    """The verb of a setting whose name speaks of weights (`writes`, `reads`), or ""."""
    plain = name.lower().replace("-", "_")
    last = plain.rpartition(".")[2]
    if last in _WRITE_NAMES:
        return "writes"
    words = set(_SPLIT.split(plain.replace("_", " ")))
    if words & _OTHER:
        return ""
    if words & _WRITES:
        return "writes"
    return "reads" if words & _READS else ""


def speaks_of_others(name: str) -> bool:
    """Whether a setting's name speaks of data, logs, results: of anything but weights."""
    return bool(set(_SPLIT.split(name.lower().replace("_", " "))) & _OTHER)


def names_weights_written(name: str) -> bool:
    """Whether a flag says by itself that a model is written there (`model_output_dir`).

    Not of checkpoints: those of streams and databases are called so too.
    """
    words = set(_SPLIT.split(name.lower().replace("_", " ")))
    return weight_role(name) == "writes" and bool(words & _MODELS)


def speaks_of_weights(path: str) -> bool:
    """Whether a path or URI has a folder or file that is called after weights."""
    plain = path.lower().rstrip("/")
    if _FILE.search(plain):
        return True
    segments = plain.partition("://")[2] or plain
    return any(
        set(_SPLIT.split(segment)) & _PATH_WORDS for segment in segments.split("/")[-3:]
    )


#: Files and folders that are weights for sure: what CI systems keep is mostly logs.
_KEPT = re.compile(
    r"\.(?:safetensors|ckpt|pt|pth|gguf|ggml|nemo|onnx|keras)$"
    r"|(?:^|/)(?:weights|checkpoints?|ckpts?)/?(?:\*\*?)?$"
)


def kept_weights(path: Value) -> bool:
    """Whether a path to keep, or one of several lines of them, is one of weights."""
    text = path.text()
    lines = text.splitlines() if isinstance(text, str) else []
    return any(_KEPT.search(line.strip().lower()) for line in lines[:100])


#: Words that say of an artifact called after a model that it is no model.
_ABOUT = frozenset(
    {"card", "cards", "test", "tests", "coverage", "doc", "docs", "size", "sizes", "list",
     "eval", "evals", "evaluation", "benchmark", "benchmarks", "summary", "results",
     "failures", "tested", "jobs", "matrix"}
)  # fmt: skip


#: Words that say of something called `model` that it is one.
_MADE = frozenset(
    {"trained", "final", "best", "finetuned", "tuned", "merged", "exported", "quantized",
     "saved", "llm", "ml", "base"}
)  # fmt: skip


def names_model(name: str) -> bool:
    """Whether an artifact is called after a model (`trained-model`), not what is said of one."""
    words = set(_SPLIT.split(name.lower()[:200]))
    if words & (_OTHER | _ABOUT):
        return False
    if words & {"weights", "checkpoint", "checkpoints", "ckpt", "safetensors"}:
        return True
    model = words & {"model", "models"}
    return bool(model) and (words == model or bool(words & _MADE))
