"""One side of a comparison: a folder as read, traced and judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsec_lint.estate import Estate
    from mlsec_lint.finding import Result
    from mlsec_lint.rules.baseline import Baseline
    from mlsec_lint.rules.config import Config
    from mlsec_lint.rules.grammar import Policies
    from mlsec_lint.rules.ignore import History
    from mlsec_lint.scan import Reading
    from mlsec_lint.source import Note


class Seen(NamedTuple):
    """A state of the repository: its files, its estate and what is judged of it."""

    reading: Reading
    estate: Estate
    result: Result


def see(
    root: str,
    *,
    policies: Policies,
    baseline: Baseline,
    config: Config,
    assume: str = "inferred",
    strict: bool = False,
    past: History | None = None,
    notes: tuple[Note, ...] = (),
    progress: Callable[[str], None] = lambda _: None,
) -> Seen:
    """Read, trace and judge one folder by the terms that both sides share.

    `notes` are what could not be had of the folder's files.
    """
    from mlsec_lint.scan import read, survey, verdict_of

    reading = read(root, (), config, progress)
    reading.notes.extend(notes)
    estate = survey(reading, config, assume, progress)
    progress("judging")
    result = verdict_of(
        reading,
        estate,
        config=config,
        baseline=baseline,
        policies=policies,
        strict=strict,
        past=past,
    )
    return Seen(reading, estate, result)
