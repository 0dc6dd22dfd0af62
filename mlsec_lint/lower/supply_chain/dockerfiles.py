"""What the RUN lines of a Dockerfile fetch into an image that weights meet.

An image counts where it holds weights or its base brings libraries of accelerators
(CUDA, ROCm, PyTorch, a model server): what such an image runs runs next to weights.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.jobs.docker_copies import Copies
from mlsec_lint.lower.jobs.docker_stages import (
    kept,
    outside_bases,
    stages,
)
from mlsec_lint.lower.jobs.docker_variables import first_arguments, run_commands, walk
from mlsec_lint.lower.jobs.dockerfile import dockerfiles
from mlsec_lint.lower.jobs.downloads import file_fetches
from mlsec_lint.lower.jobs.fetch_things import state_fetch
from mlsec_lint.lower.jobs.fetches import fetched, text
from mlsec_lint.lower.jobs.images import pinned_by_digest
from mlsec_lint.lower.jobs.launch import unwrap
from mlsec_lint.lower.jobs.remote_scripts import remote_scripts
from mlsec_lint.lower.jobs.sourced import Scripts
from mlsec_lint.lower.jobs.transports import (
    Channel,
    of_command,
    of_environment,
    state_channel,
)
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.jobs.docker_stages import Instruction, Stage
    from mlsec_lint.lower.jobs.shell_commands import Command
    from mlsec_lint.source import Source

#: Names of base images with libraries of accelerators, as registries list them, 2026-11.
_BASES = regex(
    r"cuda|cudnn|rocm|pytorch|nvcr\.io/nvidia|tritonserver|vllm|sglang|deepspeed|axolotl"
    r"|ray-ml|ray-llm|tensorrt|text-generation-inference|huggingface-pytorch|neuron|nemo"
    r"|llama-factory|openrlhf|verl",
    re.IGNORECASE,
)
_MOST = 500
_MOST_COMMANDS = 5_000


def lower_docker_builds(inputs: Inputs, estate: Estate) -> None:
    """State what the kept stages of each Dockerfile fetch while it is built."""
    texts = Scripts(inputs.texts)
    for source in dockerfiles(inputs):
        image = estate.find("image", source.path)
        found = stages(source)
        if image is None or not found:
            continue
        _bases(image, found)
        given = first_arguments(source, found[0].head.start)
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


def _stage(
    estate: Estate, image: Thing, stage: Stage, given: dict[str, Value], texts: Scripts
) -> None:
    """What the instructions of a stage fetch; what one clones, another may run."""
    commands: list[Command] = []
    known = given
    copies = Copies()
    for at in walk(stage, given):
        known = at.known
        if at.instruction.keyword in ("COPY", "ADD"):
            copies.add(at.instruction, at.working)
        if at.instruction.keyword == "RUN":
            found = run_commands(at)[: _MOST_COMMANDS - len(commands)]
            commands += found
            _run(estate, image, found, _Files(texts, copies, image.address, at.working))
        elif at.instruction.keyword == "ADD":
            _added(estate, image, at.instruction)
    for fetch in remote_scripts(commands[:_MOST_COMMANDS]):
        state_fetch(estate, image, fetch)
    for channel in of_environment(known):
        state_channel(estate, image, channel)


def _run(estate: Estate, image: Thing, commands: list[Command], files: _Files) -> None:
    """What the commands of a RUN fetch, each for itself."""
    for command in commands:
        words = unwrap(command.words) or command.words
        for fetch in fetched(words):
            state_fetch(estate, image, fetch, files=files.find)
        for channel in of_command(command.words):
            state_channel(estate, image, channel)


class _Files(NamedTuple):
    """The files that a RUN can name: what was copied before it, else what lies near."""

    texts: Scripts
    copies: Copies
    near: str
    working: str

    def find(self, word: Value) -> Source | None:
        for path in self.copies.sources(text(word), self.working) if text(word) else ():
            found = self.texts.find(Value(path, word.span), self.near)
            if found is not None:
                return found
        return self.texts.find(word, self.near)


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
