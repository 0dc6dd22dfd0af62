"""Answers that may be yes, no or not known, and how several make one. Knows no cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

Answer = bool | Unknown


def both(answers: Iterable[Answer]) -> Answer:
    """Yes only if all are: the first no decides, then the first that is not known."""
    return _strongest(answers, decides=False)


def either(answers: Iterable[Answer]) -> Answer:
    """Yes if one is: the first yes decides, then the first that is not known."""
    return _strongest(answers, decides=True)


def opposite(answer: Answer) -> Answer:
    """No for yes and yes for no; what is not known stays so."""
    return answer if isinstance(answer, Unknown) else not answer


def _strongest(answers: Iterable[Answer], *, decides: bool) -> Answer:
    unknown: Unknown | None = None
    for answer in answers:
        if isinstance(answer, Unknown):
            unknown = answer if unknown is None else unknown
        elif answer is decides:
            return decides
    return (not decides) if unknown is None else unknown
