"""Weights that a Dockerfile bakes into an image: files it copies, models it downloads.

Only what ends up in the image counts: the last stage, those that it is built from, and
what is copied from another one. A folder called `models` may be code; one called
`weights` or `checkpoints` is taken at its word.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate import Thing
from mlsec_lint.lower.jobs.docker_stages import kept, stage_named, stages
from mlsec_lint.lower.jobs.docker_variables import first_arguments, run_commands, walk
from mlsec_lint.lower.jobs.dockerfile import dockerfiles
from mlsec_lint.lower.jobs.downloads import FETCHERS, downloads
from mlsec_lint.lower.jobs.fetches import fetched, name_of, plain, text
from mlsec_lint.lower.jobs.remote_scripts import remote_scripts
from mlsec_lint.patterns import regex
from mlsec_lint.source import Span
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.jobs.docker_stages import Instruction, Stage
    from mlsec_lint.lower.jobs.docker_variables import At
    from mlsec_lint.source import Source
    from mlsec_lint.value import Value

_FILE = regex(
    r"\.(?:safetensors|ckpt|pt|pth|gguf|ggml|distcp|nemo)(?:\.index\.json)?$"
    r"|(?:pytorch_model|adapter_model|consolidated|diffusion_pytorch|tf_model|flax_model"
    r"|weights?)[^/]*\.(?:bin|h5|msgpack|\*)$",
    re.IGNORECASE,
)
_FOLDERS = frozenset(
    {"weights", "checkpoints", "checkpoint", "ckpt", "ckpts", "model_weights",
     "model-weights", "safetensors"}
)  # fmt: skip
_MAYBE = frozenset({"models", "model"})
#: Where serving images look for models: SageMaker, Triton, TF Serving, KServe.
_SERVED = ("/opt/ml/model", "/models", "/mnt/models", "/model")
#: Commands that fetch a model into the layer. Tools' documentation, 2026-11.
_FETCH = regex(
    r"\b(?:huggingface-cli|hf)[ \t]+download\b"
    r"(?![^\n;&|]{0,400}?--(?:repo-type|type)[= ]dataset)"
    r"|\bsnapshot_download\("
    r"|(?<!Tokenizer\.)(?<!TokenizerFast\.)(?<!Processor\.)(?<!Extractor\.)(?<!Config\.)"
    r"\bfrom_pretrained\("  # a tokenizer's or a config's files are no weights
    r"|\bollama[ \t]+pull\b"
    r"|\bgit[ \t]+(?:lfs[ \t]+)?clone[^\n;&|]{0,200}huggingface\.co/(?!datasets/)"
    r"|\b(?:wget|curl)\b[^\n;&|]{0,400}?\.(?:safetensors|gguf|ckpt|pth|nemo)\b"
    r"|\b(?:aws[ \t]+s3|gsutil|gcloud[ \t]+storage|azcopy|rclone)\b[^\n;&|]{0,400}?"
    r"(?:\.(?:safetensors|gguf|ckpt|pth|nemo)\b|/(?:weights|checkpoints|ckpt)\b)"
)


#: More instructions than this are not looked at, in a file that no person wrote.
_MOST = 500


class _Baked(NamedTuple):
    """An instruction that puts weights into a stage: where, and to which path.

    `told`: it is the first path of its instruction, and so the one to tell of.
    """

    span: Span
    path: str
    truth: bool | Unknown
    told: bool = True


def lower_image_weights(inputs: Inputs, estate: Estate) -> None:
    """An image for each Dockerfile, with `weights.baked` at each instruction that does."""
    for source in dockerfiles(inputs):
        found = stages(source)
        if not found:
            continue
        last = found[-1].head
        image = estate.add(
            Thing("image", source.path, f"the image of {source.path}", last.span)
        )
        by_stage = _by_stage(found, first_arguments(source, found[0].head.start))
        baked = [one for stage in kept(found) for one in by_stage[id(stage)]]
        for one in baked:
            if not one.told:
                continue
            image.also("weights.baked", one.truth, one.span)
            if one.truth is True:
                image.holds_weights("referenced", "it copies weights in", one.span)
        if not baked:
            words = "no instruction copies or fetches weights"
            image.state("weights.baked", value=False, default=words)


def _by_stage(found: list[Stage], given: dict[str, Value]) -> dict[int, list[_Baked]]:
    """What each stage bakes by itself; a stage copies from earlier ones only."""
    baked: dict[int, list[_Baked]] = {}
    for number, stage in enumerate(found):
        earlier = found[:number]
        here: list[_Baked] = []
        for at in walk(stage, given):
            instruction = at.instruction
            if instruction.keyword in ("COPY", "ADD"):
                origin = stage_named(earlier, instruction.flags.get("from", ""))
                there = baked[id(origin)] if origin is not None else []
                here += _copied(instruction, there)
            elif instruction.keyword == "RUN":
                here += _fetched(instruction) or _by_command(at)
                here += _placed(at, here)
        baked[id(stage)] = here[:_MOST]
    return baked


def _copied(instruction: Instruction, there: list[_Baked]) -> list[_Baked]:
    """A COPY of weights by name, or of what another stage (`there`) baked."""
    words = instruction.arguments()
    if len(words) < 2:
        return []
    *sources, target = words
    truths = [_names_weights(path, target) for path in sources]
    if there:
        paths = [b.path for b in there if b.truth is True]
        truths += [_overlap(path, paths) for path in sources[:_MOST]]
    if any(truth is True for truth in truths):
        return [_Baked(instruction.span, target, truth=True)]
    doubt = next((t for t in truths if isinstance(t, Unknown)), None)
    if doubt is None:
        return []
    return [_Baked(instruction.span, target, doubt._replace(span=instruction.span))]


def _names_weights(path: str, target: str) -> bool | Unknown:
    """Whether what a COPY names is weights, by its name; unknown where that can be both."""
    plain = path.rstrip("/*").rstrip("/")
    name = posixpath.basename(plain).lower()
    if _FILE.search(path) or name in _FOLDERS:
        return True
    served = target.rstrip("/") in _SERVED or target.startswith(
        tuple(f"{place}/" for place in _SERVED)
    )
    if served and name in _MAYBE:
        why = f"whether {path} holds weights or code is not known"
        return Unknown("environment", why, path)
    if "$" in path and (served or posixpath.basename(target.rstrip("/")) in _FOLDERS):
        why = f"what {path} is, the build decides"
        return Unknown("variable", why, path)
    return False


def _overlap(path: str, baked: list[str]) -> bool:
    """Whether what is copied from a stage holds, or lies in, what was baked there."""
    here = path.rstrip("/*").rstrip("/") or "/"
    for other in (entry.rstrip("/") for entry in baked if entry.startswith("/")):
        if (other + "/").startswith(here.rstrip("/") + "/") or here.startswith(
            other + "/"
        ):
            return True
    return False


_LOCAL = regex(r"--local-dir[= ](\S+)|\blocal_dir=[\"']([^\"']+)")


def _fetched(instruction: Instruction) -> list[_Baked]:
    """Models that a RUN fetches; what goes to a cache mount is not in the layer."""
    raw = instruction.source.text[instruction.start : instruction.end]
    local = _LOCAL.search(raw)
    if "type=cache" in instruction.flags.get("mount", "") and local is None:
        return []
    path = (local[1] or local[2]) if local else "/root/.cache/huggingface"
    return [
        _Baked(
            _line(instruction.source, instruction.start + match.start()),
            path,
            truth=True,
        )
        for match in _FETCH.finditer(raw)
        if not _commented(raw, match.start())
    ]


def _by_command(at: At) -> list[_Baked]:
    """A model of the hub that a RUN fetches by a name in a variable."""
    if "type=cache" in at.instruction.flags.get("mount", ""):
        return []
    commands = run_commands(at)
    models = [f for f in remote_scripts(commands) if f.type == "model"]
    models += [f for c in commands for f in fetched(c.words) if f.type == "model"]
    return [
        _Baked(f.span, "/root/.cache/huggingface", truth=True) for f in models[:_MOST]
    ]


def _placed(at: At, here: list[_Baked]) -> list[_Baked]:
    """The folders to which a RUN that bakes weights takes them, for later copies."""
    line = at.instruction.span.line
    if not any(b.span.line >= line and b.truth is True for b in here):
        return []
    found = []
    for command in run_commands(at):
        for target in _targets(command.words):
            path = posixpath.normpath(posixpath.join(at.working or "/", target))
            span = command.span or at.instruction.span
            same = next((b.span for b in here if b.span.line >= line), span)
            found.append(_Baked(same, path, truth=True, told=False))
    return found[:_MOST]


def _targets(words: Sequence[Value]) -> list[str]:
    """Where a command puts what it fetches: a clone's folder, a file, the last operand."""
    words = plain(words)
    name = name_of(words)
    if name in FETCHERS:
        return [text(d.target) for d in downloads(words) if text(d.target)]
    operands = [text(w) for w in words[1:] if not text(w).startswith("-")]
    if name == "git" and operands[:1] == ["clone"] and len(operands) > 1:
        stem = posixpath.basename(operands[1].rstrip("/")).removesuffix(".git")
        return [operands[2] if len(operands) > 2 else stem]
    copies = name in ("aws", "gsutil", "gcloud", "azcopy", "rclone", "s5cmd")
    if copies and len(operands) > 1 and "://" not in operands[-1]:
        return [operands[-1]]
    return []


def _commented(raw: str, at: int) -> bool:
    return raw[raw.rfind("\n", 0, at) + 1 : at].lstrip().startswith("#")


def _line(source: Source, at: int) -> Span:
    start = source.text.rfind("\n", 0, at) + 1
    stop = source.text.find("\n", at)
    end = stop if stop >= 0 else len(source.text)
    line = source.text[start:end]
    return Span(source, start + len(line) - len(line.lstrip()), end)
