"""The result as a comment on a pull request: short, and nothing in it acts.

Text of strangers stands in code spans or is escaped: no link, mention, image or HTML of
a scanned file comes alive. GitHub takes at most 65,536 characters in a comment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.report import safe, wording
from mlsec_lint.report.crowds import thinned
from mlsec_lint.report.places import place, where
from mlsec_lint.report.snippet import Snippets, scrub

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.finding import Cuts, Finding, Result

MAX_CHARACTERS = 60_000
#: Most findings with details, rows of a table, and notes.
_DETAILS, _ROWS, _NOTES = 10, 50, 10
#: Changes that close paths.
_CUTS = 3


def render(result: Result, *, limit: int = MAX_CHARACTERS, every: bool = False) -> str:
    """The result as GitHub-flavoured markdown of at most `limit` characters.

    What does not fit is left out from the end, and said. `every` gives each finding of
    a rule that has many its row.
    """
    blocks = list(_blocks(result, every=every))
    foot = f"_{wording.NOT_ASSESSED}_\n"
    room = limit - len(foot) - 100
    out: list[str] = []
    for at, block in enumerate(blocks):
        room -= len(block) + 2
        if room < 0:
            left = wording.count(len(blocks) - at, "part")
            out.append(f"_{left} of this report left out: it is too long here._")
            break
        out.append(block)
    return "\n\n".join([*out, foot])


def _blocks(result: Result, *, every: bool) -> Iterator[str]:
    failed = wording.failed(result)
    undecided = wording.undecided(result)
    yield "### mlsec-lint: " + _headline(result, failed, undecided)
    yield f"{safe.markdown(wording.checks(result.summary))}."
    if result.incomplete:
        yield "**The analysis is incomplete:** see what was not analysed below."
    if result.cuts.paths:
        yield _cuts(result.cuts)
    if failed:
        yield _table(failed, every=every)
    snippets = Snippets(result)
    for finding in thinned(failed, every=every)[0][:_DETAILS]:
        yield _details(finding, snippets)
    if undecided:
        yield "#### Undecided: config alone does not tell"
        yield _table(undecided, settle=True, every=every)
    if result.notes:
        yield "#### Not analysed, or not in full"
        yield _notes(result)


def _headline(result: Result, failed: list[Finding], undecided: list[Finding]) -> str:
    counts = wording.by_severity(failed)
    listed = ", ".join(f"{number} {severity}" for severity, number in counts.items())
    found = wording.count(len(failed), "finding") + (f" ({listed})" if listed else "")
    accepted = len(wording.suppressed(result))
    return f"{found}, {len(undecided):,} undecided, {accepted:,} suppressed"


def _cuts(cuts: Cuts) -> str:
    """The few changes that close most paths."""
    changes = cuts.changes[:_CUTS]
    lines = [f"**{safe.markdown(wording.cuts(cuts, _CUTS))}**"]
    for change in changes:
        spot = safe.markdown_code(wording.clip(where(change.span), 200))
        fix = wording.clip(wording.first_sentence(scrub(change.fix)), 200)
        closes = wording.count(len(change.closes), "path")
        lines.append(
            f"1. {spot}: {safe.markdown(fix)} ({safe.markdown_code(change.rule)}, "
            f"closes {closes})"
        )
    return "\n".join(lines)


def _table(findings: list[Finding], *, every: bool, settle: bool = False) -> str:
    last = "Settled by" if settle else "Severity"
    rows = [f"| {last} | Rule | Place | Message |", "| --- | --- | --- | --- |"]
    told, crowds = thinned(findings, every=every)
    for finding in told[:_ROWS]:
        settled = wording.clip(", ".join(finding.settle), 100)
        first = safe.markdown_code(settled) if settle else finding.severity
        cells = (
            first,
            f"{safe.markdown_code(finding.rule)} {safe.markdown(finding.level)}",
            safe.markdown_code(wording.clip(where(finding.span), 200)),
            safe.markdown(wording.clip(scrub(finding.message), 300)),
        )
        rows.append(f"| {' | '.join(cells)} |")
    for crowd in crowds:
        spot = safe.markdown(wording.clip(crowd.place, 200))
        more = f"and {len(crowd.findings):,} more of it"
        first = "" if settle else crowd.worst
        rows.append(f"| {first} | {safe.markdown_code(crowd.rule)} | {spot} | {more} |")
    if len(told) > _ROWS:
        rows.append(f"\n... and {len(told) - _ROWS:,} more")
    return "\n".join(rows)


def _details(finding: Finding, snippets: Snippets) -> str:
    at = place(finding.span)
    line = wording.clip(snippets.line(at.source, at.line).strip(), 200)
    head = safe.markdown(wording.clip(scrub(finding.message), 300))
    parts = [f"<details><summary>{head}</summary>\n"]
    if line:
        parts.append(f"{safe.markdown_code(f'{at.line}: {line}')}\n")
    parts += [
        f"* {label}: {safe.markdown(wording.clip(text, 300))}"
        for label, text in _facts(finding)
    ]
    return "\n".join([*parts, "\n</details>"])


def _facts(finding: Finding) -> Iterator[tuple[str, str]]:
    for other in finding.because[:3]:
        yield "why held", f"{scrub(other.words)} ({where(other.span)})"
    for step in finding.trail[:5]:
        yield "value comes from", f"{scrub(step.words)} ({where(step.span)})"
    for value in finding.values[:5]:
        yield "value", scrub(value)
    for number, hop in enumerate(finding.steps[:10], 1):
        yield f"step {number}", f"{scrub(hop.words)} ({where(hop.span)})"
    if finding.cut is not None:
        yield "cut", wording.cut(finding.cut, where(finding.cut.span), alone=True)
    if finding.fix:
        yield "fix", scrub(finding.fix)


def _notes(result: Result) -> str:
    lines = []
    for kind, notes in wording.grouped_notes(result.notes).items():
        first = notes[0]
        spot = where(first.span) if first.span is not None else first.path
        lines.append(
            f"* {safe.markdown_code(kind)} ({len(notes):,}), first "
            f"{safe.markdown_code(wording.clip(spot, 200))}: "
            f"{safe.markdown(wording.clip(scrub(first.text), 200))}"
        )
    if len(lines) > _NOTES:
        lines[_NOTES:] = [f"* ... and {len(lines) - _NOTES:,} more kinds"]
    return "\n".join(lines)
