"""The result for people at a terminal, in the style of rustc and zizmor."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from mlsec_lint.report import safe, wording
from mlsec_lint.report.crowds import thinned
from mlsec_lint.report.layout import excerpt, hang, painter
from mlsec_lint.report.places import place, where
from mlsec_lint.report.snippet import Snippets, scrub

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from mlsec_lint.finding import Cuts, Finding, Related, Result
    from mlsec_lint.report.crowds import Crowd
    from mlsec_lint.source import Note

MIN_WIDTH = 40
#: How many are shown of what can be many, before the rest is counted.
_SHOWN, _SHOWN_NOTES, _SHOWN_UNDECIDED = 3, 3, 20
_COLORS = {
    "critical": "bold red",
    "high": "red",
    "medium": "yellow",
    "low": "cyan",
    "info": "blue",
}


def render(
    result: Result,
    *,
    width: int = 100,
    color: bool = False,
    prefix: str = "",
    every: bool = False,
) -> str:
    """The result as lines of at most `width` cells (40 at least), ended by a line feed.

    `prefix` is the scanned folder as seen from where the user stands: put before the
    place of each finding, so that a terminal can open it; other paths are told relative
    to the scanned folder. Colour is the caller's choice; nothing of the environment is looked at, so that the
    same result gives the same bytes. `every` tells each finding of a rule that has many.
    """
    page = _Page(Snippets(result), max(width, MIN_WIDTH), prefix, color=color)
    lines = [
        *page.findings(wording.failed(result), every=every),
        *page.undecided(wording.undecided(result), every=every),
        *page.summary(result),
    ]
    return safe.clean_log("\n".join(lines)) + "\n"


def details(
    finding: Finding,
    snippets: Snippets,
    *,
    width: int = 100,
    color: bool = False,
    prefix: str = "",
) -> Iterator[str]:
    """The lines of one finding, as `render` has them."""
    page = _Page(snippets, max(width, MIN_WIDTH), prefix, color=color)
    yield from page.finding(finding)


class _Page:
    def __init__(
        self, snippets: Snippets, width: int, prefix: str, *, color: bool
    ) -> None:
        self._snippets = snippets
        self._width = width
        self._prefix = prefix
        self._paint = painter(color=color)

    def findings(self, findings: list[Finding], *, every: bool) -> Iterator[str]:
        """Files by their worst finding; in each the most severe first."""
        told, crowds = thinned(findings, every=every)
        counted = Counter(f.span.path for crowd in crowds for f in crowd.findings)
        files: dict[str, list[Finding]] = {}
        for finding in told:
            files.setdefault(finding.span.path, []).append(finding)
        for path, found in files.items():
            head = f"{self._shown(path)}: {wording.count(len(found), 'finding')}"
            if counted[path]:
                head += f", {counted[path]:,} more counted below"
            for line in hang("", head, self._width):
                yield self._paint(line, "bold underline")
            yield ""
            for finding in found:
                yield from self.finding(finding)
                yield ""
        if crowds:
            yield from self._crowds(crowds)
            yield ""

    def _crowds(self, crowds: list[Crowd]) -> Iterator[str]:
        """What is only counted, one entry for each rule."""
        number = sum(len(crowd.findings) for crowd in crowds)
        head = f"more of the same: {wording.count(number, 'finding')}"
        head += " (--all tells each of them here, --format json lists them)"
        for line in hang("", head, self._width):
            yield self._paint(line, "bold")
        yield from self._counted(crowds)

    def _counted(self, crowds: list[Crowd]) -> Iterator[str]:
        for crowd in crowds:
            text = f"and {len(crowd.findings):,} more of {crowd.rule}"
            text += f" ({crowd.worst}) in {crowd.place}"
            yield from hang("  + ", safe.clean(text), self._width)

    def _shown(self, path: str) -> str:
        return safe.clean(f"{self._prefix}/{path}" if self._prefix else path)

    def finding(self, finding: Finding) -> Iterator[str]:
        """Message, source line, path and facts."""
        style = _COLORS.get(finding.severity, "blue")
        head = f"{finding.severity}[{safe.clean(finding.rule)}]:"
        message = safe.clean(scrub(finding.message))
        first, *others = hang("", f"{head} {message}", self._width)
        painted = self._paint(first[: len(head)], style)
        yield painted + self._paint(first[len(head) :], "bold")
        yield from (self._paint(line, "bold") for line in others)
        gutter = yield from self._source(finding, style)
        yield from self._walk(finding, gutter)
        for label, text in _facts(finding):
            lead = f"{' ' * gutter} = {label}: "
            for at, line in enumerate(hang(lead, safe.clean(text), self._width)):
                yield self._labelled(line, lead) if at == 0 else line

    def _labelled(self, line: str, lead: str) -> str:
        label = lead.rstrip()
        return self._paint(label, "bold blue") + line[len(label) :]

    def _source(self, finding: Finding, style: str) -> Generator[str, None, int]:
        """The arrow, the source line and the caret; returns the gutter's width."""
        at = place(finding.span)
        number = str(at.line)
        gutter = len(number)
        blue = "bold blue"
        arrow = self._paint(f"{' ' * gutter}-->", blue)
        spot = f"{self._shown(at.path)}:{at.line}:{at.column}"
        for line in hang(" " * (gutter + 4), spot, self._width):
            yield arrow + line[gutter + 3 :]
            arrow = " " * (gutter + 3)
        bar = self._paint(f"{' ' * gutter} |", blue)
        text, start, size = excerpt(
            self._snippets.line(at.source, at.line),
            at.column - 1,
            at.end_column - 1,
            self._width - gutter - 3,
        )
        yield bar
        yield f"{self._paint(f'{number} |', blue)} {text}".rstrip()
        yield f"{bar} {' ' * start}{self._paint('^' * size, style)}"
        return gutter

    def _walk(self, finding: Finding, gutter: int) -> Iterator[str]:
        """The path as numbered steps, each with the line of source that states it."""
        if finding.path is None:
            return
        lead = f"{' ' * gutter} = path: "
        ends = f"{finding.path['source']} -> {finding.path['sink']}"
        for at, line in enumerate(hang(lead, safe.clean(ends), self._width)):
            yield self._labelled(line, lead) if at == 0 else line
        for number, step in enumerate(finding.steps, 1):
            start = f"{' ' * gutter}   {number:>2} "
            yield from hang(start, safe.clean(scrub(step.words)), self._width)
            at_ = place(step.span)
            spot = f"{' ' * len(start)}{safe.clean(where(step.span))} | "
            text = self._snippets.line(at_.source, at_.line)
            room = max(self._width - len(spot), MIN_WIDTH // 2)
            shown, *_ = excerpt(text, at_.column - 1, at_.end_column - 1, room)
            yield self._paint(f"{spot}{shown.strip()}".rstrip(), "dim")

    def undecided(self, findings: list[Finding], *, every: bool) -> Iterator[str]:
        """What config does not tell, short: it is neither met nor failed."""
        if not findings:
            return
        head = f"undecided: {wording.count(len(findings), 'check')}"
        for line in hang("", f"{head} that config does not settle", self._width):
            yield self._paint(line, "bold")
        told, crowds = thinned(findings, every=every)
        most = len(told) if every else _SHOWN_UNDECIDED
        for finding in told[:most]:
            spot = where(finding.span)
            rule = f"{finding.level} {finding.rule}"
            text = f"{rule}: {scrub(finding.message)} ({spot})"
            yield from hang("  ? ", safe.clean(text), self._width)
            if finding.settle:
                settle = "settled by " + ", ".join(finding.settle[:_SHOWN])
                yield from hang("    ", safe.clean(settle), self._width)
        yield from self._more(len(told) - most, "undecided check")
        yield from self._counted(crowds)
        yield ""

    def _more(self, number: int, noun: str) -> Iterator[str]:
        if number > 0:
            yield f"  ... and {wording.count(number, noun)} more"

    def summary(self, result: Result) -> Iterator[str]:
        """Numbers, losses and limits."""
        if self._prefix:
            scanned = f"{self._prefix} (paths in brackets and below are relative to it)"
            yield from hang("Scanned: ", safe.clean(scanned), self._width)
        for label, text in _numbers(result):
            yield from hang(f"{label}: ", safe.clean(text), self._width)
        for kind, notes in wording.grouped_notes(result.notes).items():
            yield from self._notes(kind, notes)
        yield ""
        yield from hang("", _verdict(result), self._width)
        yield from hang("", wording.checks(result.summary) + ".", self._width)
        yield from self._cuts(result.cuts)
        if result.summary.settle:
            most = ", ".join(f"{name} ({n})" for name, n in result.summary.settle[:5])
            text = f"Most undecided checks would be settled by {most}."
            yield from hang("", safe.clean(text), self._width)
        yield from hang("", wording.NOT_ASSESSED, self._width)

    def _cuts(self, cuts: Cuts) -> Iterator[str]:
        """The few changes that close most paths, one line for each."""
        head = wording.cuts(cuts, _SHOWN)
        if head:
            changes = cuts.changes[:_SHOWN]
            yield from hang("", f"{head}{':' if changes else '.'}", self._width)
            for number, change in enumerate(changes, 1):
                text = wording.cut(change, where(change.span))
                text += f": {wording.first_sentence(scrub(change.fix))}"
                yield from hang(f"  {number} ", safe.clean(text), self._width)

    def _notes(self, kind: str, notes: list[Note]) -> Iterator[str]:
        style = "yellow" if notes[0].incomplete else "dim"
        head = f"{safe.clean(kind)} ({len(notes):,}):"
        for line in hang("", head, self._width):
            yield self._paint(line, style)
        for note in notes[:_SHOWN_NOTES]:
            spot = where(note.span) if note.span is not None else note.path
            text = f"{spot}: {scrub(note.text)}" if spot else scrub(note.text)
            yield from hang("  ", safe.clean(text), self._width)
        yield from self._more(len(notes) - _SHOWN_NOTES, "note")


def _facts(finding: Finding) -> Iterator[tuple[str, str]]:
    """Label and text of each line below a finding; not yet safe to print."""
    yield from _several("why held", finding.because)
    for step in finding.trail:
        yield "value comes from", f"{where(step.span)} {scrub(step.words)}"
    for value in finding.values:
        yield "value", scrub(value)
    if finding.cut is not None:
        yield "cut", wording.cut(finding.cut, where(finding.cut.span), alone=True)
    for part in finding.parts:
        yield "on the way", f"{scrub(part.words)} ({where(part.span)})"
    yield from _several("see", finding.related)
    if finding.settle:
        yield "settled by", ", ".join(finding.settle)
    if finding.data_as_of:
        yield "data as of", finding.data_as_of
    if finding.fix:
        yield "fix", scrub(" ".join(finding.fix.split()))
    yield "level", f"{finding.level}, {finding.area}"


def _several(label: str, others: tuple[Related, ...]) -> Iterator[tuple[str, str]]:
    for other in others[:_SHOWN]:
        yield label, f"{scrub(other.words)} ({where(other.span)})"
    if len(others) > _SHOWN:
        yield label, f"... and {len(others) - _SHOWN:,} more"


def _numbers(result: Result) -> Iterator[tuple[str, str]]:
    summary = result.summary
    read = f"{wording.count(summary.files, 'file')}, {wording.size(summary.bytes)}"
    yield "Read", read + _listed(" (", summary.recognised, ")")
    if summary.roots:
        yield "Roots evaluated", _listed("", summary.roots)
    stores = len(summary.weight_stores)
    held = f"{wording.count(stores, 'store')} with weights"
    things = [wording.count(n, kind) for kind, n in summary.things.items() if n]
    yield "Things found", ", ".join(things) + ("; " if things else "") + held
    if summary.excluded:
        yield "Left out", _listed("", summary.excluded)
    if summary.not_analysed:
        yield "Not analysed", _listed("", summary.not_analysed)


def _listed(before: str, counts: dict[str, int], after: str = "") -> str:
    """`3 terraform, 1 yaml` between two texts, or nothing where nothing is counted."""
    parts = [f"{number:,} {name}" for name, number in counts.items() if number]
    return f"{before}{', '.join(parts)}{after}" if parts else ""


def _verdict(result: Result) -> str:
    counts = wording.by_severity(wording.failed(result))
    found = sum(counts.values())
    listed = _severities(counts.items())
    sentence = f"{wording.count(found, 'finding')}{listed}, "
    parts = len(wording.parts(result))
    if parts:
        sentence += f"{parts:,} more told with the paths that they lie on, "
    sentence += f"{len(wording.undecided(result)):,} undecided, "
    sentence += f"{len(wording.suppressed(result)):,} suppressed."
    if result.incomplete:
        sentence += " The analysis is incomplete: see what was not analysed above."
    return sentence


def _severities(counts: Iterable[tuple[str, int]]) -> str:
    listed = ", ".join(f"{number:,} {severity}" for severity, number in counts)
    return f" ({listed})" if listed else ""
