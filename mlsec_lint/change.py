"""What a change to a repository does, as plain data: two results and what is between.

Everything new is told in the words and positions of the state after the change,
everything gone in those of the state before it. Knows no format and no estate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.finding import SEVERITIES, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsec_lint.finding import Finding, Related, Result
    from mlsec_lint.source import Note, Span

#: What can have become of a finding, and words for people.
STATES: dict[str, str] = {
    "new": "",
    "certain": "was possible only",
    "raised": "is more severe than before",
    "accepted": "new, and accepted",
    "lowered": "is less severe, or less certain, than before",
    "closed": "",
}
#: States of findings that a change is to blame for.
WORSE = ("new", "certain", "raised")


class FindingChange(NamedTuple):
    """One finding that is not as before; a path where the finding has one.

    * `state`: a key of STATES; `finding` of the state after, before where it is closed;
    * `others`: of several subjects that one finding stands for, those that are new (or
      gone); of a path the entry points that lead there without a walk of their own;
    * `own`: whether the finding's own subject, or the walk itself, is new (or gone);
    * `was`: the severity before, "" where there was none.
    """

    state: str
    finding: Finding
    others: tuple[str, ...] = ()
    own: bool = True
    was: str = ""

    def weighs(self, fail_on: str) -> bool:
        """Whether it makes the exit code 1 at a threshold of severity."""
        finding, least = self.finding, SEVERITIES.index(fail_on)
        if self.state not in WORSE or finding.verdict is not Verdict.FAIL:
            return False
        before = self.was if self.state == "raised" else ""
        known = before in SEVERITIES and SEVERITIES.index(before) >= least
        return SEVERITIES.index(finding.severity) >= least and not known


class ReaderChange(NamedTuple):
    """One identity that reads a store of weights and did not, or the other way round.

    `sort` and `behind` as in `trace.hops.Reader`; `steps` lead from the store to the
    identity; `was` says what it was before ("possible", "nobody behind it"), "" for one
    that is wholly new. `why` is what is not known where it is not `certain`.
    """

    state: str  # "new" | "certain" | "behind" | "closed"
    store: str
    identity: str
    sort: str
    behind: str
    certain: bool
    steps: tuple[Related, ...]
    span: Span
    was: str = ""
    why: str = ""

    @property
    def is_person(self) -> bool:
        """Whether people stand behind it."""
        return self.behind == "person"


class PlaceChange(NamedTuple):
    """Weights in another place: a thing that lies there, and where it lay before."""

    thing: str
    kind: str
    place: str
    was: str
    span: Span


class CopyChange(NamedTuple):
    """An automatic copy or a managed transfer of a store of weights."""

    state: str  # "new" | "closed"
    copy: str
    store: str
    service: str
    to: str
    span: Span
    certain: bool = True


class StoreChange(NamedTuple):
    """A store that holds weights and did not, and why it is thought to."""

    state: str  # "new" | "closed"
    store: str
    because: tuple[Related, ...]
    span: Span
    known: bool = False  # it was there before, without weights


class Side(NamedTuple):
    """One side: what the caller called it, and the commit ("" for the work tree)."""

    name: str
    commit: str
    result: Result


@dataclass(slots=True)
class Change:
    """What happened between two sides.

    `paths` and `findings` in report order, `readers` people and outsiders first, what is
    gone last in each. `states` is the SARIF baselineState of every finding of the state
    after, by id. `warnings` are sentences about how it was judged; `lost` the notes that
    make it incomplete.
    """

    before: Side
    after: Side
    paths: tuple[FindingChange, ...] = ()
    findings: tuple[FindingChange, ...] = ()
    readers: tuple[ReaderChange, ...] = ()
    stores: tuple[StoreChange, ...] = ()
    places: tuple[PlaceChange, ...] = ()
    copies: tuple[CopyChange, ...] = ()
    warnings: tuple[str, ...] = ()
    lost: tuple[Note, ...] = ()
    moved: tuple[tuple[str, str], ...] = ()

    @property
    def incomplete(self) -> bool:
        """Whether something was not analysed that may be a matter of the change."""
        return bool(self.lost)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is new, gone or otherwise."""
        return not (
            self.paths
            or self.findings
            or self.readers
            or self.stores
            or self.places
            or self.copies
        )

    def worse(self, fail_on: str) -> bool:
        """Whether the change opens a path or a finding at or above the threshold."""
        changes: Iterable[FindingChange] = (*self.paths, *self.findings)
        return any(change.weighs(fail_on) for change in changes)
