"""Ways out that are new or closed: by store, sink, way and entry point, never by line."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.change import FindingChange
from mlsec_lint.finding import SEVERITIES, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlsec_lint.compare.same import Same
    from mlsec_lint.compare.sides import Seen
    from mlsec_lint.finding import Finding

    _Key = tuple[str, str, str]


class _Entry(NamedTuple):
    """One entry point of a route: the finding that tells it, by a walk or in a list."""

    finding: Finding
    walked: bool


class _Routes:
    """The entry points of all paths of a side that are findings.

    A possible path stands for every store that the same doubt is about: its entry
    points count whatever store it is told of.
    """

    def __init__(self, seen: Seen, address: Callable[[str], str]) -> None:
        self.findings = [f for f in seen.result.findings if f.path is not None]
        self._entries: dict[_Key, dict[str, _Entry]] = {}
        self._possible: dict[tuple[str, str], dict[str, _Entry]] = {}
        self._address = address
        self._ends = _entry_points(seen)
        for walked in (True, False):
            for finding in self.findings:
                for entry in self.entries(finding, walked=walked):
                    self._add(finding, entry, walked=walked)

    def _add(self, finding: Finding, entry: str, *, walked: bool) -> None:
        key, found = self.key(finding), _Entry(finding, walked)
        known = self._entries.setdefault(key, {}).get(entry)
        if known is None or (_is_open(finding) and not _is_open(known.finding)):
            self._entries[key][entry] = found
        if finding.verdict is Verdict.UNKNOWN:
            self._possible.setdefault(key[1:], {}).setdefault(entry, found)

    def key(self, finding: Finding) -> _Key:
        """Store, sink and way, in the addresses of the state after."""
        path = finding.path
        assert path is not None
        source, sink = str(path["source"]), str(path["sink"])
        return self._address(source), self._address(sink), str(path.get("by", ""))

    def entries(self, finding: Finding, *, walked: bool) -> Iterator[str]:
        """The entry point of the walk, or those that are only listed."""
        path = finding.path
        assert path is not None
        others = path.get("others", [])
        assert isinstance(others, list)
        own = self._ends.get(_walk(finding), finding.subject)
        for entry in [own] if walked else others:
            yield self._address(entry)

    def find(self, key: _Key, entry: str, *, possible: bool) -> _Entry | None:
        """What tells of an entry point; of a possible one, for whatever store."""
        found = self._entries.get(key, {}).get(entry)
        if found is None and possible:
            found = self._possible.get(key[1:], {}).get(entry)
        return found


_Walk = tuple[str, str, str, tuple[str, ...]]


def _entry_points(seen: Seen) -> dict[_Walk, str]:
    return {
        (p.source.address, p.end, p.by, tuple(h.address for h in p.hops)): p.entry
        for p in seen.estate.paths
    }


def _walk(finding: Finding) -> _Walk:
    path = finding.path
    assert path is not None
    hops = path["hops"]
    assert isinstance(hops, list)
    ends = str(path["source"]), str(path["sink"]), str(path.get("by", ""))
    return (*ends, tuple(hops))


def _is_open(finding: Finding) -> bool:
    return finding.suppression is None


def paths(before: Seen, after: Seen, same: Same) -> list[FindingChange]:
    """What became of ways out: new ones, what is more or less sure, closed ones."""
    old = _Routes(before, same.address)
    new = _Routes(after, lambda address: address)
    found = [change for f in new.findings for change in _of(f, old, new)]
    return found + [change for f in old.findings for change in _closed(f, old, new)]


def _of(finding: Finding, old: _Routes, new: _Routes) -> Iterator[FindingChange]:
    key = new.key(finding)
    possible = finding.verdict is Verdict.UNKNOWN
    (own,) = new.entries(finding, walked=True)
    known = old.find(key, own, possible=possible)
    state, was = became(known.finding if known else None, finding)
    others = tuple(
        entry
        for entry in new.entries(finding, walked=False)
        if _is_news(old.find(key, entry, possible=possible), finding)
    )
    if state:
        yield FindingChange(state, finding, others, was=was)
    elif others and _is_open(finding):
        yield FindingChange("new", finding, others, own=False)


def _is_news(known: _Entry | None, finding: Finding) -> bool:
    return became(known.finding if known else None, finding)[0] in ("new", "certain")


def became(old: Finding | None, new: Finding) -> tuple[str, str]:
    """State of a finding beside the one before, and the severity before.

    "" for one that is as it was.
    """
    if old is None:
        return ("new" if _is_open(new) else "accepted"), ""
    if not _is_open(new):
        return ("accepted" if _is_open(old) else ""), old.severity
    if not _is_open(old):
        return "new", ""
    if old.verdict is not new.verdict:
        certain = new.verdict is Verdict.FAIL
        return ("certain" if certain else "lowered"), old.severity
    step = SEVERITIES.index(new.severity) - SEVERITIES.index(old.severity)
    if step and new.verdict is Verdict.FAIL:
        return ("raised" if step > 0 else "lowered"), old.severity
    return "", old.severity


def _closed(finding: Finding, old: _Routes, new: _Routes) -> Iterator[FindingChange]:
    if not _is_open(finding):
        return
    key = old.key(finding)
    possible = finding.verdict is Verdict.UNKNOWN
    (own,) = old.entries(finding, walked=True)
    gone = [
        entry
        for entry in old.entries(finding, walked=False)
        if new.find(key, entry, possible=possible) is None
    ]
    is_gone = new.find(key, own, possible=possible) is None
    if is_gone or gone:
        yield FindingChange("closed", finding, tuple(gone), own=is_gone)
