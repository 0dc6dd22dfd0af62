"""From vendor words to estate words: the only floor that says `aws_` or `kind: Pod`.

`LOWERINGS` is the list. Each lowering reads `Inputs` and adds things, facts and edges
to the estate; none reads another's mind, all join by `Estate.named`. Order matters only
for job files: a document that one format has claimed is not offered to the next.
"""

from __future__ import annotations

from collections.abc import Callable

from mlsec_lint.estate import Estate
from mlsec_lint.lower.aws import lower_aws
from mlsec_lint.lower.azure import lower_azure
from mlsec_lint.lower.gcp import lower_gcp
from mlsec_lint.lower.inputs import Inputs
from mlsec_lint.lower.jobs.axolotl import lower_axolotl
from mlsec_lint.lower.jobs.hugging_face import lower_hugging_face
from mlsec_lint.lower.jobs.litgpt import lower_litgpt
from mlsec_lint.lower.jobs.llama_factory import lower_llama_factory
from mlsec_lint.lower.jobs.llm_foundry import lower_llm_foundry
from mlsec_lint.lower.jobs.nemo_hydra import lower_nemo
from mlsec_lint.lower.jobs.oumi import lower_oumi
from mlsec_lint.lower.jobs.sky import lower_sky
from mlsec_lint.lower.jobs.torchtune import lower_torchtune
from mlsec_lint.lower.jobs.verl import lower_verl
from mlsec_lint.lower.kubernetes import lower_kubernetes
from mlsec_lint.lower.receivers import lower_receivers

Lowering = Callable[[Inputs, Estate], None]

#: Declared stores first, so that what refers to them finds them by name.
LOWERINGS: tuple[Lowering, ...] = (
    lower_aws,
    lower_gcp,
    lower_azure,
    lower_receivers,
    lower_kubernetes,
    lower_sky,
    lower_axolotl,
    lower_llama_factory,
    lower_torchtune,
    lower_llm_foundry,
    lower_oumi,
    lower_nemo,
    lower_verl,
    lower_litgpt,
    lower_hugging_face,
)


def lower(inputs: Inputs) -> Estate:
    """The estate that the inputs declare: every lowering once, in order.

    Notes of lowerings are in `Estate.notes`; counts of formats in `inputs.recognised`
    and `inputs.not_analysed`.
    """
    estate = Estate()
    for lowering in LOWERINGS:
        lowering(inputs, estate)
    return estate
