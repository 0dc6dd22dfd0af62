"""A change as a comment on a pull request. Nothing in it acts (see report/markdown)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.finding import Verdict
from mlsec_lint.report import change_wording as words
from mlsec_lint.report import safe
from mlsec_lint.report.markdown import MAX_CHARACTERS
from mlsec_lint.report.places import place, where
from mlsec_lint.report.snippet import Snippets, scrub
from mlsec_lint.report.wording import NOT_ASSESSED, clip, count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.change import Change, FindingChange, ReaderChange

#: Most paths told as a walk, rows of a table, lines of a list, steps of a walk.
_PATHS, _ROWS, _LINES, _STEPS = 10, 40, 25, 20
#: Marks the comment, so that a later run can find and replace it.
MARK = "<!-- mlsec-lint diff -->"


def render(change: Change, *, fail_on: str = "low", limit: int = MAX_CHARACTERS) -> str:
    """The change as GitHub-flavoured markdown of at most `limit` characters.

    What does not fit is left out from the end, and said.
    """
    blocks = list(_blocks(change))
    foot = f"{_text(words.verdict(change, fail_on))}\n\n_{NOT_ASSESSED}_\n"
    room = limit - len(foot) - 100
    out: list[str] = []
    for at, block in enumerate(blocks):
        room -= len(block) + 2
        if room < 0:
            left = count(len(blocks) - at, "part")
            out.append(f"_{left} of this report left out: it is too long here._")
            break
        out.append(block)
    return "\n\n".join([*out, foot])


def _blocks(change: Change) -> Iterator[str]:
    found = words.parts(change)
    yield f"{MARK}\n### mlsec-lint: {_text(words.headline(change))}"
    yield f"{safe.markdown_code(words.sides(change))}"
    for warning in change.warnings:
        yield f"**Note:** {_text(warning)}"
    if change.lost:
        yield _lost(change)
    snippets = Snippets(change.after.result)
    if found.opened:
        yield "#### Opened paths"
    for one in found.opened[:_PATHS]:
        yield _walk(one, snippets)
    if len(found.opened) > _PATHS:
        rest = [_line(one) for one in found.opened[_PATHS:]]
        yield _list("More opened paths", rest)
    new = [one for one in change.stores if one.state == "new"]
    stores = [f"{_text(words.store(o))} ({_spot(where(o.span))})" for o in new]
    yield from _section("New stores with weights", stores)
    yield from _readers([one for one in change.readers if one.state != "closed"])
    around = [
        f"{_text(words.copy(one))} ({_spot(where(one.span))})"
        for one in change.copies
        if one.state == "new"
    ]
    around += [
        f"{_text(words.place(one))} ({_spot(where(one.span))})" for one in change.places
    ]
    yield from _section("New places and copies", around)
    for title, changes in (
        ("New findings", found.failed),
        ("New and undecided", found.undecided),
        ("Accepted", found.accepted),
        ("Less severe or less certain", found.eased),
    ):
        yield from _section(title, [_line(one) for one in changes])
    yield from _section("Closed", _gone(change, found.closed))


def _text(text: str) -> str:
    return safe.markdown(clip(scrub(text), 400))


def _spot(text: str) -> str:
    return safe.markdown_code(clip(text, 200))


def _section(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield _list(title, lines)


def _list(title: str, lines: list[str]) -> str:
    items = [f"* {line}" for line in lines[:_LINES]]
    if len(lines) > _LINES:
        items.append(f"* ... and {len(lines) - _LINES:,} more")
    return "\n".join([f"#### {title}: {len(lines):,}\n", *items])


def _walk(change: FindingChange, snippets: Snippets) -> str:
    """An opened path as a numbered walk, each step with its line of source."""
    finding = change.finding
    note = words.became(change)
    possible = "" if finding.verdict is Verdict.FAIL else "possible, "
    head = f"**{possible}{finding.severity}**: {_text(finding.message)}"
    lines = [head + (f" (_{_text(note)}_)" if note else ""), ""]
    steps = finding.steps
    for number, step in enumerate(steps[:_STEPS], 1):
        at = place(step.span)
        source = clip(snippets.line(at.source, at.line).strip(), 120)
        code = f" {safe.markdown_code(source)}" if source else ""
        lines.append(f"{number}. {_text(step.words)} ({_spot(where(step.span))}){code}")
    if len(steps) > _STEPS:
        lines.append(f"\n... and {len(steps) - _STEPS:,} more steps")
    if finding.fix:
        lines.append(f"\nFix: {_text(' '.join(finding.fix.split()))}")
    lines.append(f"\nRule {safe.markdown_code(finding.rule)}, {finding.level}.")
    return "\n".join(lines)


def _readers(readers: list[ReaderChange]) -> Iterator[str]:
    if not readers:
        return
    rows = [
        f"#### New readers: {len(readers):,}\n",
        "| Store | Identity | Behind it | Reads | By |",
        "| --- | --- | --- | --- | --- |",
    ]
    for one in readers[:_ROWS]:
        identity, sort, behind, reads = words.reader(one)
        last = one.steps[-1].words if one.steps else ""
        cells = (
            _spot(one.store),
            f"{_spot(identity)} {safe.markdown(sort)}",
            f"**{safe.markdown(behind)}**" if behind != "workload" else behind,
            safe.markdown(reads),
            f"{safe.markdown(clip(scrub(last), 200))} ({_spot(where(one.span))})",
        )
        rows.append(f"| {' | '.join(cells)} |")
    if len(readers) > _ROWS:
        rows.append(f"\n... and {len(readers) - _ROWS:,} more")
    yield "\n".join(rows)


def _line(change: FindingChange) -> str:
    finding = change.finding
    note = words.became(change)
    accepted = finding.suppression
    if change.state == "accepted" and accepted is not None:
        note += f": {accepted.reason}"
    tail = f" (_{_text(note)}_)" if note else ""
    head = f"{finding.severity} {safe.markdown_code(finding.rule)}"
    return f"{head} {_spot(where(finding.span))}: {_text(finding.message)}{tail}"


def _gone(change: Change, closed: list[FindingChange]) -> list[str]:
    lines = [_line(one) for one in closed]
    lines += [
        f"{_spot(one.identity)} ({one.behind}) reads {_spot(one.store)} no more"
        for one in change.readers
        if one.state == "closed"
    ]
    lines += [_text(words.store(one)) for one in change.stores if one.state == "closed"]
    return lines + [
        f"no more: {_text(words.copy(one))}"
        for one in change.copies
        if one.state == "closed"
    ]


def _lost(change: Change) -> str:
    lines = [f"**Not analysed, and it may matter: {len(change.lost):,}**\n"]
    for note in change.lost[:_LINES]:
        spot = where(note.span) if note.span is not None else note.path
        lines.append(f"* {_spot(spot)}: {_text(note.text)}")
    if len(change.lost) > _LINES:
        lines.append(f"* ... and {len(change.lost) - _LINES:,} more")
    return "\n".join(lines)
