"""Which tool's names the settings of a command line are.

By the launcher where it tells, else by sections that only one tool has: a script of
NeMo's or verl's takes `section.name=value` whatever starts it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.axolotl import DIALECT as AXOLOTL
from mlsec_lint.lower.jobs.llama_factory import DIALECT as LLAMA_FACTORY
from mlsec_lint.lower.jobs.nemo_hydra import DIALECT as NEMO
from mlsec_lint.lower.jobs.torchtune import DIALECT as TORCHTUNE
from mlsec_lint.lower.jobs.verl import DIALECT as VERL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlsec_lint.lower.jobs.arguments import Setting
    from mlsec_lint.lower.jobs.settings import Dialect

_BY_FORM: dict[str, Dialect] = {
    "axolotl": AXOLOTL,
    "llamafactory-cli": LLAMA_FACTORY,
    "llamafactory": LLAMA_FACTORY,
    "tune": TORCHTUNE,
    "verl": VERL,
}
_BY_SECTION: dict[str, Dialect] = {"actor_rollout_ref": VERL, "exp_manager": NEMO}


def dialect_of(form: str, settings: Sequence[Setting], other: Dialect) -> Dialect:
    """The dialect of a program, with what `other` knows of any program's names."""
    found = _BY_FORM.get(form) or _by_section(settings)
    if found is None:
        return other
    if found.trainer:
        return found
    return other._replace(
        reads=other.reads | found.reads,
        writes=other.writes | found.writes,
        models=other.models | found.models,
        unset=found.unset or other.unset,
    )


def tells_training(settings: Sequence[Setting]) -> bool:
    """Whether the settings are those of one tool's training, whatever is started."""
    return _by_section(settings) is not None


def _by_section(settings: Sequence[Setting]) -> Dialect | None:
    sections = (setting.name.partition(".")[0] for setting in settings)
    return next((_BY_SECTION[s] for s in sections if s in _BY_SECTION), None)
