"""Findings that are new or gone: by rule, fact and subject, never by line.

One finding may stand for several subjects, which its related places name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.change import FindingChange
from mlsec_lint.compare.paths import became
from mlsec_lint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlsec_lint.compare.sides import Seen
    from mlsec_lint.finding import Finding

    _Key = tuple[str, str, str]

#: How rules/judge.py words the other subjects of one finding.
_SAME = "the same holds for "
_MORE = regex(r"and (\d+) more")


class _Pool:
    """The findings before, by rule, fact and subject as the state after calls it."""

    def __init__(self, findings: list[Finding], address: Callable[[str], str]) -> None:
        self._found: dict[_Key, list[Finding]] = {}
        self._more: dict[tuple[str, str], int] = {}
        self._total: dict[tuple[str, str], int] = {}
        for finding in findings:
            about = finding.rule, finding.fact
            for subject in subjects(finding):
                key = (*about, address(subject))
                self._found.setdefault(key, []).append(finding)
            more = untold(finding)
            self._more[about] = self._more.get(about, 0) + more
            total = more + sum(1 for _ in subjects(finding))
            self._total[about] = self._total.get(about, 0) + total

    def take(self, finding: Finding, subject: str) -> Finding | None:
        """The finding that was about the same, the most alike; each once."""
        among = self._found.get((finding.rule, finding.fact, subject))
        if not among:
            return None
        best = max(among, key=lambda old: _alike(old, finding))
        among.remove(best)
        return best

    def left(self) -> dict[int, tuple[Finding, list[str]]]:
        """What nothing after is about, by finding, with the subjects."""
        found: dict[int, tuple[Finding, list[str]]] = {}
        for (_, _, subject), among in self._found.items():
            for finding in among:
                found.setdefault(id(finding), (finding, []))[1].append(subject)
        return found

    def total(self, about: tuple[str, str]) -> int:
        """For how many subjects a rule and fact stand, those that are only counted too."""
        return self._total.get(about, 0)

    def has_untold(self, about: tuple[str, str]) -> bool:
        """Whether some of its subjects are only counted."""
        return bool(self._more.get(about))


def _alike(old: Finding, new: Finding) -> tuple[bool, bool, bool]:
    return (
        old.verdict is new.verdict and bool(old.suppression) == bool(new.suppression),
        old.message == new.message,
        old.span.text == new.span.text,
    )


def subjects(finding: Finding) -> Iterator[str]:
    """All that a finding stands for and names."""
    yield finding.subject
    for other in finding.related:
        if other.address and other.words == f"{_SAME}{other.address}":
            yield other.address


def untold(finding: Finding) -> int:
    """How many more it stands for, without a name."""
    for other in finding.related:
        more = _MORE.fullmatch(other.words)
        if more is not None and not other.address:
            return int(more[1])
    return 0


def findings(
    before: Seen, after: Seen, address: Callable[[str], str]
) -> list[FindingChange]:
    """What became of single findings, in report order; what is gone last."""
    old = [f for f in before.result.findings if f.path is None]
    new = [f for f in after.result.findings if f.path is None]
    pool = _Pool(old, address)
    counts = _Pool(new, lambda name: name)
    found = [change for f in new if (change := _of(f, pool, counts)) is not None]
    return found + list(_gone(pool, counts, address))


def _of(finding: Finding, pool: _Pool, counts: _Pool) -> FindingChange | None:
    about = finding.rule, finding.fact
    own, *more = [(name, pool.take(finding, name)) for name in subjects(finding)]
    state, was = became(own[1], finding)
    if pool.has_untold(about) or counts.has_untold(about):
        return _counted(finding, pool, counts)
    others = tuple(
        name
        for name, known in more
        if became(known, finding)[0] in ("new", "certain", "accepted")
    )
    if state:
        return FindingChange(state, finding, others, was=was)
    if others:
        word = "accepted" if finding.suppression else "new"
        return FindingChange(word, finding, others, own=False)
    return None


def _counted(finding: Finding, pool: _Pool, counts: _Pool) -> FindingChange | None:
    """Of subjects that are only counted, whether they became more."""
    about = finding.rule, finding.fact
    more = counts.total(about) - pool.total(about)
    if more <= 0 or (not untold(finding) and counts.has_untold(about)):
        return None
    others = (f"{more} more of the same",)
    return FindingChange("new", finding, others, own=not pool.total(about))


def _gone(
    pool: _Pool, counts: _Pool, address: Callable[[str], str]
) -> Iterator[FindingChange]:
    for finding, names in pool.left().values():
        about = finding.rule, finding.fact
        if finding.suppression or pool.has_untold(about) or counts.has_untold(about):
            continue
        own = address(finding.subject)
        others = tuple(name for name in names if name != own)
        yield FindingChange("closed", finding, others, own=own in names)
