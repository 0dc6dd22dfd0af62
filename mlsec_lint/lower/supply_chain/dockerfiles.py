"""What the RUN lines of a Dockerfile fetch into an image that weights meet.

An image counts where it holds weights or its base brings libraries of accelerators
(CUDA, ROCm, PyTorch, a model server): what such an image runs runs next to weights.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.docker_stages import kept, stages
from mlsec_lint.lower.jobs.dockerfile import dockerfiles
from mlsec_lint.lower.jobs.fetch_things import state_fetch
from mlsec_lint.lower.jobs.fetches import fetched
from mlsec_lint.lower.jobs.remote_scripts import remote_scripts
from mlsec_lint.lower.jobs.shell import read_script
from mlsec_lint.lower.jobs.sourced import Scripts
from mlsec_lint.lower.jobs.transports import of_command, state_channel

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.jobs.docker_stages import Instruction, Stage

#: Names of base images with libraries of accelerators, as registries list them, 2026-11.
_BASES = re.compile(
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
        staged = kept(found)
        _accelerator(image, found)
        for stage in staged:
            runs = [i for i in stage.instructions[:_MOST] if i.keyword == "RUN"]
            for instruction in runs:
                _run(estate, image, instruction, texts)


def _accelerator(image: Thing, found: list[Stage]) -> None:
    for stage in found:
        text = stage.head.source.text[stage.head.start : stage.head.end]
        if _BASES.search(text[:1_000]):
            image.state("accelerator", value=True, span=stage.head.span)
            return
    image.state("accelerator", value=False, span=found[-1].head.span)


def _run(
    estate: Estate, image: Thing, instruction: Instruction, texts: Scripts
) -> None:
    """One RUN line as a script; the list form names one command and no shell."""
    raw = instruction.source.text[instruction.start : instruction.end]
    match = re.match(r"\s*RUN\s+(?:--\S+\s+){0,16}", raw, re.IGNORECASE)
    if match is None or raw[match.end() : match.end() + 1] in ("[", "<"):
        return
    start = instruction.start + match.end()
    script = read_script(instruction.source, start=start, end=instruction.end)
    for command in script.commands:
        for fetch in fetched(command.words):
            state_fetch(
                estate, image, fetch, files=lambda word: texts.find(word, image.address)
            )
        for channel in of_command(command.words):
            state_channel(estate, image, channel)
    for fetch in remote_scripts(script.commands):
        state_fetch(estate, image, fetch)
