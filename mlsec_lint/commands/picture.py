"""The picture of one scan: estate and findings put together as plain, safe data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.walks import SINKS, WAYS
from mlsec_lint.picture import (
    STATES,
    Change,
    Control,
    Edge,
    Loss,
    Node,
    Picture,
    Spot,
    Walk,
)
from mlsec_lint.report import safe, wording
from mlsec_lint.report.places import place, where
from mlsec_lint.report.snippet import Snippets, scrub

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mlsec_lint.estate.walks import Hop, Path
    from mlsec_lint.finding import Cut, Finding, Result
    from mlsec_lint.rules.grammar import Policies
    from mlsec_lint.source import Note, Span

#: So many walks are kept, the worst first; the others are counted.
MOST_WALKS = 300
_MOST_TEXT, _MOST_LINE, _MOST_WHY, _MOST_CHANGES = 400, 240, 3, 5


def picture(
    result: Result, paths: Iterable[Path], policies: Policies, *, judged_only: bool
) -> Picture:
    """The picture of a result and of the paths of its estate.

    `judged_only` leaves out paths that no finding speaks of: those that were not asked
    for, where a scan is of some files only.
    """
    return _Painter(result, policies).paint(paths, judged_only=judged_only)


class _Painter:
    """One picture in the making. Nodes and edges are found again by what they are."""

    def __init__(self, result: Result, policies: Policies) -> None:
        self._result = result
        self._rules = {rule.id: rule for rule in policies.rules}
        self._snippets = Snippets(result)
        self._spots: dict[Span, Spot] = {}
        self._nodes: dict[tuple[str, str, int], int] = {}
        self._edges: dict[object, int] = {}
        self._judged: dict[object, Finding] = {}
        self._failing: dict[tuple[str, str], Span] = {}
        for finding in result.findings:
            if finding.path is not None:
                self._judged[_key(finding.path)] = finding
            elif finding.verdict.value == "fail":
                at = where(finding.span)
                self._failing.setdefault((finding.rule, finding.subject), finding.span)
                self._failing.setdefault((finding.rule, at), finding.span)
        self._picture = Picture(result.summary.baseline)

    def paint(self, paths: Iterable[Path], *, judged_only: bool) -> Picture:
        found = self._picture
        ranked: list[tuple[tuple[object, ...], Path, Finding | None]] = []
        sources = set()
        for path in paths:
            finding = self._judged.get(_key(_described(path)))
            if finding is not None or not judged_only:
                ranked.append((_rank(path, finding), path, finding))
                sources.add(path.source.address)
        ranked.sort(key=lambda one: one[0])
        found.walks = [self._walk(p, f) for _, p, f in ranked[:MOST_WALKS]]
        found.left_out = len(ranked) - len(found.walks)
        result = self._result
        stores = result.summary.weight_stores
        found.quiet = tuple(_text(s) for s in stores if s not in sources)
        found.losses = tuple(_losses(result.notes))
        found.incomplete = result.incomplete
        found.cuts = wording.cuts(result.cuts, _MOST_CHANGES)
        changes = result.cuts.changes[:_MOST_CHANGES]
        found.changes = tuple(self._change(cut) for cut in changes)
        found.not_assessed = wording.NOT_ASSESSED
        return found

    def _walk(self, path: Path, finding: Finding | None) -> Walk:
        seen: dict[tuple[str, str], int] = {}
        edges: list[int] = []
        here = self._store(path, seen)
        hop = path.hops[-1]
        outside = _is_sink(hop, path)
        for hop in path.hops:
            last = hop is path.hops[-1] and outside
            there = self._node(hop, seen, "sink" if last else "hop")
            edges.append(self._step(here, there, hop, path))
            here = there
        if not outside:
            sink = self._numbered(path.end, "outside", 0, "sink")
            words = _text(WAYS.get(path.by, path.by))
            why = _left_open(path)
            edge = Edge(here, sink, words, self._spot(hop.span), why, exit=True)
            edges.append(self._edge(edge))
        walk = Walk(
            _state(path, finding),
            tuple(edges),
            _text(path.source.address),
            _text(path.end),
            path.by,
        )
        walk.others = tuple(_text(other) for other in path.others)
        if finding is not None:
            self._judge(walk, finding)
        return walk

    def _judge(self, walk: Walk, finding: Finding) -> None:
        """What the finding says of a walk."""
        walk.rule, walk.severity = finding.rule, finding.severity
        walk.message = _text(finding.message)
        walk.fingerprint = finding.fingerprint()
        walk.settle = tuple(_text(name) for name in finding.settle)
        if finding.suppression is not None:
            until = finding.suppression.until
            words = finding.suppression.reason + (f" (until {until})" if until else "")
            walk.accepted = _text(words)
        if finding.cut is not None:
            walk.cut = self._change(finding.cut)

    def _store(self, path: Path, seen: dict[tuple[str, str], int]) -> int:
        source = path.source
        seen[source.kind, source.address] = 1
        why = [f"{e.words} ({where(e.span)})" for e in source.evidence[:_MOST_WHY]]
        number = self._numbered(source.address, source.kind, 0, "store", source.span)
        node = self._picture.nodes[number]
        self._picture.nodes[number] = node._replace(
            role="store", why=tuple(_text(words) for words in why)
        )
        return number

    def _node(self, hop: Hop, seen: dict[tuple[str, str], int], role: str) -> int:
        kind = hop.thing.kind if hop.thing is not None else "line"
        visit = seen.get((kind, hop.address), 0)
        seen[kind, hop.address] = visit + 1
        span = hop.thing.span if hop.thing is not None else None
        return self._numbered(hop.address, kind, visit, role, span)

    def _numbered(
        self, address: str, kind: str, visit: int, role: str, span: Span | None = None
    ) -> int:
        nodes = self._picture.nodes
        number = self._nodes.setdefault((kind, address, visit), len(nodes))
        if number == len(nodes):
            spot = None if span is None else self._spot(span)
            nodes.append(Node(_text(address), kind, role, spot))
        elif role == "sink":
            nodes[number] = nodes[number]._replace(role="sink")
        return number

    def _step(self, here: int, there: int, hop: Hop, path: Path) -> int:
        why = ""
        if hop.unknown is not None:
            why = _text(hop.unknown.why)
        elif hop is path.hops[-1] and _is_sink(hop, path):
            why = _left_open(path)
        controls = tuple(self._controls(hop))
        spot = self._spot(hop.span)
        return self._edge(Edge(here, there, _text(hop.words), spot, why, controls))

    def _edge(self, edge: Edge) -> int:
        edges = self._picture.edges
        number = self._edges.setdefault(edge, len(edges))
        if number == len(edges):
            edges.append(edge)
        return number

    def _controls(self, hop: Hop) -> Iterator[Control]:
        """The rules that would close a hop; one that a finding is about has its line."""
        line = where(hop.span)
        for name in hop.controls:
            rule = self._rules.get(name)
            if rule is not None:
                span = self._failing.get((name, hop.address))
                span = span or self._failing.get((name, line))
                failing = None if span is None else self._spot(span)
                yield Control(name, _text(rule.title), _text(rule.fix), failing)

    def _change(self, cut: Cut) -> Change:
        fix = _text(wording.first_sentence(cut.fix))
        spot = self._spot(cut.span)
        return Change(cut.rule, fix, spot, len(cut.closes), cut.failing)

    def _spot(self, span: Span) -> Spot:
        found = self._spots.get(span)
        if found is None:
            at = place(span)
            line = self._snippets.line(at.source, at.line).strip()
            text = safe.clean(wording.clip(line, _MOST_LINE))
            found = Spot(safe.clean(at.path), at.line, at.column, text)
            self._spots[span] = found
        return found


def _text(words: str) -> str:
    return safe.clean(wording.clip(scrub(" ".join(words.split())), _MOST_TEXT))


def _described(path: Path) -> dict[str, object]:
    return {
        "source": path.source.address,
        "sink": path.end,
        "hops": [hop.address for hop in path.hops],
        "by": path.by,
    }


def _key(described: dict[str, object]) -> tuple[object, ...]:
    hops = described["hops"]
    assert isinstance(hops, list)
    return described["source"], described["sink"], described.get("by"), tuple(hops)


def _left_open(path: Path) -> str:
    """What is not known about a path and is said of none of its hops."""
    if path.unknown is None or any(hop.unknown is not None for hop in path.hops):
        return ""
    return _text(path.unknown.why)


def _state(path: Path, finding: Finding | None) -> str:
    if finding is not None and finding.suppression is not None:
        return "accepted"
    if path.unknown is not None:
        return "possible"
    if finding is None:
        return "allowed"
    return "open" if finding.verdict.value == "fail" else "possible"


def _rank(path: Path, finding: Finding | None) -> tuple[object, ...]:
    severity = wording.rank(finding.severity) if finding is not None else -1
    hops = tuple(hop.address for hop in path.hops)
    state = STATES.index(_state(path, finding))
    return (state, -severity, path.source.address, path.end, len(hops), hops)


def _is_sink(hop: Hop, path: Path) -> bool:
    """Whether the last hop is itself the outsider that the walk ends at."""
    if hop.thing is None or hop.thing.kind != "identity" or not path.name:
        return False
    return SINKS[path.sink].named and hop.address.partition(":")[2] == path.name


def _losses(notes: Iterable[Note]) -> Iterator[Loss]:
    for kind, group in wording.grouped_notes(notes).items():
        first = group[0]
        spot = where(first.span) if first.span is not None else first.path
        words = f"{spot}: {first.text}" if spot else first.text
        yield Loss(kind, len(group), _text(words), group[0].incomplete)
