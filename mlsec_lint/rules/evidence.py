"""How sure it is that a thing holds weights, and what that does to a severity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import STRENGTHS
from mlsec_lint.finding import SEVERITIES, Related

if TYPE_CHECKING:
    from mlsec_lint.estate import Thing

_MOST_EVIDENCE = 5


def lowered(severity: str, steps: int) -> str:
    """A severity some steps lower, never under `info`."""
    return SEVERITIES[max(0, SEVERITIES.index(severity) - steps)]


def only_named(thing: Thing) -> bool:
    """Whether nothing but names says that a thing holds weights."""
    return bool(thing.evidence) and all(e.strength == "named" for e in thing.evidence)


def because(thing: Thing) -> tuple[Related, ...]:
    """The pieces of evidence, strongest first."""
    ordered = sorted(thing.evidence, key=lambda e: STRENGTHS.index(e.strength))
    return tuple(Related(e.span, e.words) for e in ordered[:_MOST_EVIDENCE])
