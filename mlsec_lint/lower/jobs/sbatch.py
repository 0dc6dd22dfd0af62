"""Slurm batch scripts, also inside here-documents, and shell scripts that start training.

Directives from the sbatch manual (Slurm 25.05), container flags from pyxis, read 2026-11.
"""

from __future__ import annotations

import posixpath
import re
from functools import partial
from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.lower.jobs.arguments import arguments
from mlsec_lint.lower.jobs.configs import Configs
from mlsec_lint.lower.jobs.images import state_image
from mlsec_lint.lower.jobs.paths import Mounted
from mlsec_lint.lower.jobs.run import Runner
from mlsec_lint.lower.jobs.script_job import job_container, job_scene, mount_thing
from mlsec_lint.lower.jobs.shell import read_script
from mlsec_lint.lower.jobs.shell_values import alternatives, body_script
from mlsec_lint.lower.jobs.sourced import Scripts
from mlsec_lint.lower.stores import Named, written
from mlsec_lint.source import Note, Source, Span
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.jobs.shell_commands import Script

_DIRECTIVE = re.compile(r"^#SBATCH[ \t]+(\S[^\n]*)", re.MULTILINE)
_GPU = re.compile(r"(?:--gres[= ]\S*gpu|--gpus|-G[ \d]|--gpus-per|--tres\S*gpu)")
#: Options of launchers that start one process for each accelerator.
_PER_DEVICE = re.compile(r"--(?:nproc[_-]per[_-]node|num_gpus|gpus_per_node|nv$)")
_STARTERS = frozenset({"srun", "salloc", "docker", "podman", "nerdctl", "mpirun"})
#: Variables that scripts count accelerators by, or tell their libraries with.
_DEVICES = re.compile(
    r"(?:N_?GPUS?|NUM_GPUS?|GPUS|(?:NUM_)?GPUS?_PER_NODE|NPROC_PER_NODE|SLURM_GPUS\w*"
    r"|(?:CUDA|HIP|ROCR)_VISIBLE_DEVICES|(?:NCCL|RCCL|NVSHMEM|NEURON)_\w+)"
)
_MOST_WORDS = 300
_MOST_MOUNTS = 100
#: In how many lines behind `<<` a here-document has its first directive.
_FAR = 10
#: A line that is neither empty nor a comment.
_COMMAND = re.compile(r"^[ \t]*[^\s#]", re.MULTILINE)
_NAME = re.compile(r"(?:--job-name[= ]|-J[ ]?)[\"']?([A-Za-z0-9_.-]+)")
_SHEBANG = re.compile(r"#![^\n]*\b(?:bash|sh|zsh)\b")
#: What makes a plain shell script a job: a launcher with a training or hub flag.
_TRAINS = re.compile(
    r"\b(?:torchrun|accelerate\s+launch|deepspeed|axolotl|llamafactory-cli|composer"
    r"|tune\s+run|vllm\s+serve|vllm\.entrypoints|huggingface-cli\s+upload|hf\s+upload"
    r"|verl\.trainer)\b|--push_to_hub|--output_dir"
)
#: What makes one a job without accelerators: it copies what is called a model, fetches
#: weights, or names them to a program.
_COPIES = re.compile(
    r"\b(?:aws[ \t]+s3|gsutil|gcloud[ \t]+(?:alpha[ \t]+)?storage|azcopy|rclone|s5cmd|scp|rsync"
    r"|az[ \t]+storage|(?:hf|huggingface-cli)[ \t]+download)\b"
)
_TAKES = re.compile(r"\b(?:wget|curl|aria2c|python3?|uv[ \t]+run)\b")
_WEIGHTS = re.compile(
    r"(?:^|[^a-z0-9])(?:checkpoints?|ckpts?|weights|safetensors|gguf|loras?|adapters?)"
    r"(?![a-z0-9])|\.(?:pt|pth|nemo|ckpt)\b|/resolve/|(?:hf|huggingface-cli)[ \t]+download",
    re.IGNORECASE,
)
_MODELS = re.compile(r"(?:^|[^a-z0-9])models?(?![a-z0-9])", re.IGNORECASE)
_SCRIPTS = (".sh", ".bash", ".slurm", ".sbatch", ".srun", ".submit", ".job")
_MAX_TEXT = 512_000


def lower_sbatch(inputs: Inputs, estate: Estate) -> None:
    """Lower batch scripts and training scripts among the texts of a scan."""
    configs, scripts = Configs(inputs), Scripts(inputs.texts)
    for source in inputs.texts:
        if len(source.text) > _MAX_TEXT:
            estate.note(_unread(source))
            continue
        batch = "#SBATCH" in source.text and _DIRECTIVE.search(source.text)
        shell = source.path.endswith(_SCRIPTS) or _SHEBANG.match(source.text)
        if batch and (shell or len(_DIRECTIVE.findall(source.text)) >= 2):
            form = "shell" if _written_out(source) else "sbatch"
        elif shell and (_TRAINS.search(source.text) or _handles_weights(source.text)):
            form = "shell"
        else:
            continue
        inputs.recognised[form] = inputs.recognised.get(form, 0) + 1
        here = partial(scripts.find, near=source.path)
        likely = scripts.likely(source.path)
        _lower(estate, source, configs, here, form, likely)


def _unread(source: Source) -> Iterator[Note]:
    """A script that is too long is said, whatever it would have been."""
    head = source.text[:_MAX_TEXT]
    shell = source.path.endswith(_SCRIPTS) or _SHEBANG.match(head)
    if shell or _DIRECTIVE.search(head):
        words = f"the script has more than {_MAX_TEXT:,} characters: it was not read"
        yield Note("script-bound", words, source.path, incomplete=True)


def _handles_weights(text: str) -> bool:
    """Whether a line of a script moves, fetches or passes on what is called a model."""
    for line in map(str.strip, text.replace("\\\n", " ").splitlines()):
        if not line or line[0] == "#":
            continue
        copies = _COPIES.search(line) is not None
        if (copies or _TAKES.search(line)) and _WEIGHTS.search(line):
            return True
        if copies and _MODELS.search(line):
            return True
    return False


def _written_out(source: Source) -> bool:
    """Whether the directives stand in here-documents: the script submits them itself.

    sbatch reads directives up to the first command.
    """
    first = _DIRECTIVE.search(source.text)
    start = first.start() if first is not None else 0
    if first is None or _COMMAND.search(source.text, 0, start) is None:
        return False
    before = source.text.rfind("<<", 0, start)
    between = source.text[before:start].splitlines() if before >= 0 else []
    return 0 < len(between) < _FAR


def _lower(
    estate: Estate,
    source: Source,
    configs: Configs,
    files: Callable[[Value], Source | None],
    form: str,
    given: Mapping[str, Value],
) -> None:
    directives = list(_directives(source)) if form == "sbatch" else []
    workload = _workload(estate, source, form, directives)
    script = read_script(source, given, files=files)
    asks = next((d for d in directives if _GPU.search(d.text)), None)
    asks = asks or _accelerators(script)
    trains = form == "shell" and _TRAINS.search(source.text) is not None
    accelerator = asks is not None or trains
    workload.state("accelerator", accelerator, asks or workload.span)
    mounted = list(_containers(estate, workload, script))
    scene = job_scene(estate, workload, {}, mounted, accelerator, configs)
    scene.sourced = files
    runner = Runner(scene)
    runner.read(script)
    runner.finish()
    for command in script.commands:
        body = command.heredoc
        if body is not None and _DIRECTIVE.search(body.text):
            inner = body_script(body, quoted=command.quoted)
            _lower(estate, inner, configs, files, "sbatch", command.variables)


def _directives(source: Source) -> Iterator[Span]:
    """The directives before the first command, as sbatch reads them; all, if none is."""
    command = _COMMAND.search(source.text)
    stop = command.start() if command is not None else len(source.text)
    if _DIRECTIVE.search(source.text, 0, stop) is None:
        stop = len(source.text)
    for match in _DIRECTIVE.finditer(source.text, 0, stop):
        yield Span(source, match.start(1), match.end(1))


def _accelerators(script: Script) -> Span | None:
    """Where the body asks for accelerators, or starts a process for each of them."""
    for command in script.commands:
        for word in command.words[:_MOST_WORDS]:
            if word.span is not None and _PER_DEVICE.match(_head(word)):
                return word.span
        if command.name() in _STARTERS and command.span is not None:
            found = _GPU.search(" ".join(_head(w) for w in command.words[:_MOST_WORDS]))
            if found is not None:
                return command.words[0].span
    assigned = [pair for command in script.commands for pair in command.assignments]
    for name, value in (*script.variables.items(), *assigned):
        told = _DEVICES.fullmatch(name) and name not in script.base
        if told and value.data not in ("0", "") and value.span is not None:
            return value.span
    return None


def _head(word: Value) -> str:
    data = word.data
    if isinstance(data, Unknown):
        data = data.parts[0] if data.parts else ""
    return data if isinstance(data, str) else ""


def _workload(
    estate: Estate, source: Source, form: str, directives: list[Span]
) -> Thing:
    named = [m for d in directives if (m := _NAME.search(d.text))]
    stem = posixpath.basename(source.path).split(".")[0]
    label = named[-1][1] if named else stem
    address = estate.free("workload", f"{source.path}#{label}")
    first = directives[0] if directives else _first_line(source)
    thing = Thing("workload", address, address, first, provider=form)
    estate.add(thing)
    thing.state("type", "job-file", first)
    return thing


def _first_line(source: Source) -> Span:
    stop = source.text.find("\n")
    return Span(source, 0, stop if stop >= 0 else len(source.text))


def _containers(estate: Estate, workload: Thing, script: Script) -> Iterator[Mounted]:
    """`srun --container-image`, `--container-mounts`: pyxis containers."""
    for command in script.commands:
        if command.name() not in ("srun", "salloc", "enroot"):
            continue
        for setting in arguments(command.words[1:]).settings:
            if setting.name == "container_image":
                _container(estate, workload, setting.value, setting.span)
            elif setting.name == "container_mounts":
                yield from _mounts(estate, workload, setting.value)


def _container(
    estate: Estate, workload: Thing, value: Value, span: Span | None
) -> None:
    """The container of an image of a registry; a squashed image on disk has none."""
    data = value.data
    shown = written(data) if isinstance(data, Unknown) else str(data)
    if shown.startswith(("/", ".")) or shown.endswith((".sqsh", ".sif", ".sqfs")):
        return
    known = [e.target.span for e in estate.edges_from(workload, "has")]
    if span is None or span not in known:
        holder = job_container(estate, workload, "srun", span)
        state_image(holder, _image(value), span)


def _image(value: Value) -> Value:
    """Enroot writes `registry#repository`; a path is a squashed image on disk."""
    if isinstance(value.data, str):
        return value.replace(data=value.data.replace("#", "/", 1))
    return value


def _mounts(estate: Estate, workload: Thing, value: Value) -> Iterator[Mounted]:
    span = value.span
    if span is None:
        return
    options = alternatives(value)
    sure = isinstance(value.data, str) or any(known for _, known in options)
    meant = options[0][0].data if options else value.data
    shown = written(meant) if isinstance(meant, Unknown) else str(meant)
    for pair in shown.split(",")[:_MOST_MOUNTS]:
        host, _, inner = pair.partition(":")
        path = (inner or host).partition(":")[0]
        if not host.startswith(("/", "$")) or not path.startswith("/"):
            continue
        address = f"{span.path}#{host}"
        store = estate.find("store", address)
        if store is None:
            store = estate.add(Thing("store", address, address, span))
            store.state("type", "file", span)
            store.state("declared", value=False, span=span)
            store.state("path", host, span)
        why = (
            "" if sure else f"{host} may be another folder where the script is started"
        )
        named = Named([store], certain=sure and host[0] == "/", why=why)
        mount = mount_thing(estate, workload, path, "file", span, named)
        yield Mounted(path.rstrip("/") or "/", mount, (named,))
