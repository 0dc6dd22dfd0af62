"""Notes about tables of facts that findings rest on and that are too old to be trusted."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from mlsec_lint.estate import tables
from mlsec_lint.source import Note

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsec_lint.finding import Finding

STALE = "data-stale"


def stale_notes(findings: Iterable[Finding], today: date) -> list[Note]:
    """One note per table that a finding rests on and that is past its age, by name.

    A table is past its age when more days lie between its date and `today` than its
    index allows. The findings stand: an old table is likely right, and says so.
    """
    counts: dict[str, int] = {}
    for finding in findings:
        for name in finding.tables:
            counts[name] = counts.get(name, 0) + 1
    return [
        Note(STALE, _words(name, counts[name]), "")
        for name in sorted(counts)
        if _age(name, today) > tables.edition(name).max_age_days
    ]


def _age(name: str, today: date) -> int:
    return (today - date.fromisoformat(tables.edition(name).as_of)).days


def _words(name: str, count: int) -> str:
    edition = tables.edition(name)
    rest = "1 finding rests" if count == 1 else f"{count} findings rest"
    return (
        f"The table {name} ({edition.what}) is of {edition.as_of} and was to be checked "
        f"again after {edition.max_age_days} days; {rest} on it."
    )
