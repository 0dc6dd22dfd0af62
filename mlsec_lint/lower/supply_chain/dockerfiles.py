"""What the RUN lines of a Dockerfile fetch into an image that weights meet.

An image counts where it holds weights or its base brings libraries of accelerators
(CUDA, ROCm, PyTorch, a model server): what such an image runs runs next to weights.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.docker_stages import (
    kept,
    outside_bases,
    run_script,
    stages,
)
from mlsec_lint.lower.jobs.dockerfile import dockerfiles
from mlsec_lint.lower.jobs.downloads import file_fetches
from mlsec_lint.lower.jobs.fetch_things import state_fetch
from mlsec_lint.lower.jobs.fetches import fetched, text
from mlsec_lint.lower.jobs.images import pinned_by_digest
from mlsec_lint.lower.jobs.launch import unwrap
from mlsec_lint.lower.jobs.remote_scripts import remote_scripts
from mlsec_lint.lower.jobs.shell import read_script
from mlsec_lint.lower.jobs.shell_commands import Command
from mlsec_lint.lower.jobs.sourced import Scripts
from mlsec_lint.lower.jobs.transports import (
    Channel,
    of_command,
    of_environment,
    state_channel,
)
from mlsec_lint.patterns import regex
from mlsec_lint.source import Source
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.jobs.docker_stages import Instruction, Stage

#: Names of base images with libraries of accelerators, as registries list them, 2026-11.
_BASES = regex(
    r"cuda|cudnn|rocm|pytorch|nvcr\.io/nvidia|tritonserver|vllm|sglang|deepspeed|axolotl"
    r"|ray-ml|ray-llm|tensorrt|text-generation-inference|huggingface-pytorch|neuron|nemo"
    r"|llama-factory|openrlhf|verl",
    re.IGNORECASE,
)
_MOST = 500


def lower_docker_builds(inputs: Inputs, estate: Estate) -> None:
    """State what the kept stages of each Dockerfile fetch while it is built."""
    texts = Scripts(inputs.texts)
    for source in dockerfiles(inputs):
        image = estate.find("image", source.path)
        found = stages(source)
        if image is None or not found:
            continue
        _bases(image, found)
        given = _arguments(source, found[0].head.start)
        for stage in reversed(kept(found)):
            _stage(estate, image, stage, given, texts)


def _bases(image: Thing, found: list[Stage]) -> None:
    """The images of registries that it is built on; whether they bring accelerators."""
    outside = outside_bases(found)
    heavy = next((s for s in found if _BASES.search(s.image[:1_000])), None)
    where = (heavy or found[-1]).head.span
    image.state("accelerator", heavy is not None, where)
    if outside:
        names = tuple(stage.image for stage in outside)
        image.state("base.references", names, outside[0].head.span)
        loose = next((s for s in outside if not pinned_by_digest(s.image)), None)
        pinned: bool | Unknown = loose is None
        if loose is not None and "$" in loose.image:
            why = f"which image {loose.image} is, the build decides"
            pinned = Unknown("variable", why, span=loose.head.span)
        image.state("base.pinned", pinned, (loose or outside[0]).head.span)


def _arguments(source: Source, end: int) -> dict[str, Value]:
    """The defaults of the ARGs before the first FROM."""
    script = read_script(source, start=0, end=end)
    found: dict[str, Value] = {}
    for command in script.commands[:_MOST]:
        if command.name().upper() == "ARG" and len(command.words) > 1:
            found.update(_assigned(command.words[1:]))
    return found


def _assigned(words: Sequence[Value]) -> dict[str, Value]:
    """`A=b C=d`, and `A b` of an old ENV."""
    found: dict[str, Value] = {}
    for word in words:
        name, equals, rest = text(word).partition("=")
        if equals:
            found[name] = word.replace(data=rest, origin=None)
    if not found and len(words) == 2 and text(words[0]):
        found[text(words[0])] = words[1]
    return found


def _stage(
    estate: Estate, image: Thing, stage: Stage, given: dict[str, Value], texts: Scripts
) -> None:
    """The instructions of a stage in order; a default of an ARG counts as its value."""
    known = dict(given)
    for instruction in stage.instructions[:_MOST]:
        if instruction.keyword in ("ENV", "ARG"):
            start, _, end = _behind(instruction)
            script = read_script(instruction.source, known, start=start, end=end)
            known.update(script.variables)
            for command in script.commands[:1]:
                known.update(_assigned(command.words))
        elif instruction.keyword == "RUN":
            _run(estate, image, instruction, known, texts)
        elif instruction.keyword == "ADD":
            _added(estate, image, instruction)
    for channel in of_environment(known):
        state_channel(estate, image, channel)


def _behind(instruction: Instruction) -> tuple[int, int, int]:
    """Where the words behind a keyword start, and where the instruction ends."""
    raw = instruction.source.text[instruction.start : instruction.end]
    head = len(raw) - len(raw.lstrip()) + len(instruction.keyword)
    return instruction.start + head, head, instruction.end


def _run(
    estate: Estate,
    image: Thing,
    instruction: Instruction,
    known: dict[str, Value],
    texts: Scripts,
) -> None:
    """One RUN as a script; the list form names one command, or a shell and its script."""
    inner = run_script(instruction)
    if inner is None:
        commands = [Command(words=_listed(instruction), span=instruction.span)]
        script = text(commands[0].words[-1]) if len(commands[0].words) == 3 else ""
        if script and text(commands[0].words[1]).endswith("c"):
            listed = Source(
                instruction.source.path, script, host=instruction.source,
                pieces=((0, instruction.start),),
            )  # fmt: skip
            commands = read_script(listed, known).commands
    else:
        commands = read_script(inner, known).commands
    for command in commands:
        words = unwrap(command.words) or command.words
        for fetch in fetched(words):
            state_fetch(
                estate, image, fetch, files=lambda word: texts.find(word, image.address)
            )
        for channel in of_command(command.words):
            state_channel(estate, image, channel)
    for fetch in remote_scripts(commands):
        state_fetch(estate, image, fetch)


def _listed(instruction: Instruction) -> list[Value]:
    return [Value(word, instruction.span) for word in instruction.arguments()[:_MOST]]


def _added(estate: Estate, image: Thing, instruction: Instruction) -> None:
    """`ADD URL`: a model or data set that the builder downloads."""
    checked = "checksum" in instruction.flags
    urls = [Value(w, instruction.span) for w in instruction.arguments()[:-1][:_MOST]]
    taken = [(url, instruction.span, checked) for url in urls if "://" in text(url)]
    for fetch in file_fetches(taken):
        state_fetch(estate, image, fetch)
        url = next(text(u) for u, _, _ in taken)
        if url.startswith("http://") and not checked:
            channel = Channel(fetch.what, instruction.span, fetch.host, encrypted=False)
            state_channel(estate, image, channel)
