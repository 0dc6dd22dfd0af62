"""Words and orders that the reports about a change share. Knows no format."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.change import STATES, WORSE
from mlsec_lint.finding import Verdict
from mlsec_lint.report.wording import count, rank

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mlsec_lint.change import (
        Change,
        CopyChange,
        FindingChange,
        PlaceChange,
        ReaderChange,
        Side,
        StoreChange,
    )

#: Who stands behind readers, as the headline counts them.
_BEHIND = {
    "everyone": "everyone",
    "account": "outside account",
    "person": "human",
    "ci": "CI system",
    "service": "outside service",
    "unknown": "unknown",
}


class Parts(NamedTuple):
    """A change sorted by what a reader of a report asks first."""

    opened: list[FindingChange]
    failed: list[FindingChange]
    undecided: list[FindingChange]
    accepted: list[FindingChange]
    eased: list[FindingChange]
    closed: list[FindingChange]


def parts(change: Change) -> Parts:
    """The findings of a change by what became of them, paths and the most severe first.

    A finding that lies on a path that is told as opened, or closed, is told with it.
    """
    told = {one.finding.fingerprint() for one in change.paths if one.state in WORSE}
    gone = {one.finding.fingerprint() for one in change.paths if one.state == "closed"}
    single = [
        one
        for one in change.findings
        if not (gone if one.state == "closed" else told) & {*one.finding.part_of}
    ]
    worse = _sorted(one for one in single if one.state in WORSE)
    every = [*change.paths, *single]
    return Parts(
        opened=_sorted(one for one in change.paths if one.state in WORSE),
        failed=[one for one in worse if one.finding.verdict is Verdict.FAIL],
        undecided=[one for one in worse if one.finding.verdict is Verdict.UNKNOWN],
        accepted=_sorted(one for one in every if one.state == "accepted"),
        eased=_sorted(one for one in every if one.state == "lowered"),
        closed=_sorted(one for one in every if one.state == "closed"),
    )


def _sorted(changes: Iterable[FindingChange]) -> list[FindingChange]:
    def key(one: FindingChange) -> tuple[object, ...]:
        finding = one.finding
        undecided = finding.verdict is not Verdict.FAIL
        single, place = finding.path is None, finding.span.sort_key()
        return single, undecided, -rank(finding.severity), place, finding.rule

    return sorted(changes, key=key)


def size(change: FindingChange) -> int:
    """For how many subjects or entry points it stands."""
    return int(change.own) + len(change.others)


def sides(change: Change) -> str:
    """`main (1a2b3c4d5e6f) -> the work tree`."""
    return f"{_side(change.before)} -> {_side(change.after)}"


def _side(side: Side) -> str:
    if not side.commit:
        return side.name
    short = side.commit[:12]
    return short if side.name == side.commit else f"{side.name} ({short})"


def headline(change: Change) -> str:
    """All of a change in one sentence of counts."""
    if change.is_empty:
        return "Nothing is new and nothing is gone: no path, reader, copy, store or finding."
    gains = _joined("adds", _added(change))
    losses = _joined("removes", _removed(change))
    sentences = [*_opened(change), gains, *_eased(change), _closes(change), losses]
    text = "; ".join(filter(None, sentences))
    return text[:1].upper() + text[1:] + "."


def _joined(verb: str, items: Iterator[str]) -> str:
    listed = ", ".join(items)
    return f"{verb} {listed}" if listed else ""


def _opened(change: Change) -> Iterator[str]:
    sorted_ = parts(change)
    new = [one for one in sorted_.opened if one.state == "new"]
    certain = sum(size(o) for o in new if o.finding.verdict is Verdict.FAIL)
    possible = sum(size(o) for o in new) - certain
    words = [count(certain, "path")] if certain else []
    if possible:
        words.append(count(possible, "possible path"))
    yield "opens " + (" and ".join(words) or "no path")
    settled = sum(one.state == "certain" for one in sorted_.opened)
    if settled:
        yield f"makes {count(settled, 'possible path')} certain"
    raised = sum(one.state == "raised" for one in sorted_.opened)
    if raised:
        yield f"makes {count(raised, 'path')} more severe"


def _added(change: Change) -> Iterator[str]:
    new = [one for one in change.readers if one.state != "closed"]
    if new:
        yield count(len(new), "reader") + _behind(new)
    stores = sum(one.state == "new" for one in change.stores)
    if stores:
        yield count(stores, "store") + " with weights"
    copies = sum(one.state == "new" for one in change.copies)
    if copies:
        yield "1 copy" if copies == 1 else f"{copies:,} copies"
    if change.places:
        yield count(len(change.places), "place")
    sorted_ = parts(change)
    failed = sum(map(size, sorted_.failed))
    if failed:
        yield count(failed, "finding")
    undecided = sum(map(size, sorted_.undecided))
    if undecided:
        yield count(undecided, "undecided check")


def _behind(readers: list[ReaderChange]) -> str:
    """Of readers, how many of each sort that a reviewer asks about."""
    counts: dict[str, int] = {}
    for one in readers:
        word = _BEHIND.get(one.behind, "")
        if one.behind == "person" and one.sort in ("group", "user"):
            word = f"human {one.sort}"
        if word:
            counts[word] = counts.get(word, 0) + 1
    listed = [
        word
        if word == "everyone"
        else f"{n} unknown"
        if word == "unknown"
        else count(n, word)
        for word, n in counts.items()
    ]
    return f" ({', '.join(listed)})" if listed else ""


def _eased(change: Change) -> Iterator[str]:
    accepted = sum(map(size, parts(change).accepted))
    if accepted:
        yield f"accepts {count(accepted, 'finding')}"


def _closes(change: Change) -> str:
    paths = sum(size(one) for one in change.paths if one.state == "closed")
    words = [count(paths, "path") if paths else "no path"]
    single = [one for one in parts(change).closed if one.finding.path is None]
    findings = sum(map(size, single))
    if findings:
        words.append(count(findings, "finding"))
    return "closes " + ", ".join(words)


def _removed(change: Change) -> Iterator[str]:
    gone = sum(one.state == "closed" for one in change.readers)
    if gone:
        yield count(gone, "reader")
    stores = sum(one.state == "closed" for one in change.stores)
    if stores:
        yield count(stores, "store") + " with weights"
    copies = sum(one.state == "closed" for one in change.copies)
    if copies:
        yield "1 copy" if copies == 1 else f"{copies:,} copies"


def became(change: FindingChange) -> str:
    """What became of a finding, in a clause; "" for one that is simply new or gone."""
    words = []
    is_path = change.finding.path is not None
    if change.state == "accepted" and change.was:
        words.append("was there, and is accepted now")
    elif change.state == "raised":
        words.append(f"was {change.was}")
    elif STATES[change.state]:
        words.append(STATES[change.state])
    if change.others:
        listed = ", ".join(change.others[:5])
        more = len(change.others) - 5
        listed += f" and {more:,} more" if more > 0 else ""
        lead = "also " if change.own else "" if change.state == "closed" else "newly "
        words.append(f"{lead}{'by way of' if is_path else 'for'} {listed}")
    return "; ".join(words)


def store(change: StoreChange) -> str:
    """A store in words: why it holds weights, whether it was there before."""
    if change.state == "closed":
        tail = " holds weights no more" if change.known else " is gone"
        return change.store + tail
    lead = " was there, and holds weights now" if change.known else " holds weights"
    why = f": {change.because[0].words}" if change.because else ""
    return f"{change.store}{lead}{why}"


def copy(change: CopyChange) -> str:
    """A copy in words: of what, where to, by what."""
    by = f" by {change.service}" if change.service else ""
    to = f" to {change.to}" if change.to else ""
    doubt = "" if change.certain else " (perhaps)"
    return f"{change.store} is copied{to}{by}{doubt}: {change.copy}"


def place(change: PlaceChange) -> str:
    """A place in words."""
    if change.was:
        return f"{change.thing} is in {change.place}, and was in {change.was}"
    return f"{change.thing} is in {change.place}, where no weights were"


def reader(change: ReaderChange) -> tuple[str, str, str, str]:
    """A reader as columns: identity, sort, what stands behind it, how surely."""
    reads = "certain" if change.certain else "possible"
    if change.was:
        reads += f" (was {change.was})"
    return change.identity, change.sort, change.behind, reads


def verdict(change: Change, fail_on: str) -> str:
    """What the exit code says, in a sentence."""
    if change.worse(fail_on):
        return f"The change opens a path or a finding of severity {fail_on} or above."
    if change.incomplete:
        return (
            "The analysis is incomplete where the change may matter: nothing is proven."
        )
    return f"The change opens no path and no finding of severity {fail_on} or above."
