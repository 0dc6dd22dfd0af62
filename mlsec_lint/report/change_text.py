"""A change for people at a terminal: what it opens first, what it closes last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from mlsec_lint.report import change_wording as words
from mlsec_lint.report import safe
from mlsec_lint.report.layout import hang, painter
from mlsec_lint.report.places import where
from mlsec_lint.report.snippet import Snippets, scrub
from mlsec_lint.report.text import MIN_WIDTH, details
from mlsec_lint.report.wording import NOT_ASSESSED, clip, count

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mlsec_lint.change import Change, FindingChange, ReaderChange

#: How many of each are shown before the rest is counted.
_PATHS, _LINES, _READERS, _STEPS = 50, 50, 60, 8
_WIDEST = 60
_COLUMNS = ("identity", "sort", "behind it", "reads")


def render(
    change: Change,
    *,
    fail_on: str = "low",
    width: int = 100,
    color: bool = False,
    prefix: str = "",
) -> str:
    """The change as lines of at most `width` cells (40 at least).

    `prefix` is the compared folder as seen from where the user stands, put before the
    places of paths. The same change gives the same bytes.
    """
    page = _Page(change, fail_on, max(width, MIN_WIDTH), prefix, color=color)
    return safe.clean_log("\n".join(page.lines())) + "\n"


class _Page:
    def __init__(
        self, change: Change, fail_on: str, width: int, prefix: str, *, color: bool
    ) -> None:
        self._change = change
        self._parts = words.parts(change)
        self._fail_on = fail_on
        self._width = width
        self._prefix = prefix
        self._color = color
        self._paint = painter(color=color)

    def lines(self) -> Iterator[str]:
        """The whole report."""
        change, found = self._change, self._parts
        yield from self._bold(f"Change: {words.sides(change)}")
        yield from self._text("", words.headline(change))
        for warning in change.warnings:
            yield from self._text("! ", warning)
        yield ""
        yield from self._paths(found.opened)
        new = [one for one in change.stores if one.state == "new"]
        yield from self._items(
            "New stores with weights", [(words.store(o), where(o.span)) for o in new]
        )
        yield from self._readers([o for o in change.readers if o.state != "closed"])
        copies = [o for o in change.copies if o.state == "new"]
        around = [(words.copy(one), where(one.span)) for one in copies]
        around += [(words.place(one), where(one.span)) for one in change.places]
        yield from self._items("New places and copies", around)
        yield from self._findings("New findings", found.failed)
        yield from self._findings("New and undecided", found.undecided)
        yield from self._findings("Accepted", found.accepted)
        yield from self._findings("Less severe or less certain", found.eased)
        yield from self._gone()
        yield from self._end()

    def _bold(self, text: str) -> Iterator[str]:
        for line in hang("", safe.clean(text), self._width):
            yield self._paint(line, "bold")

    def _text(self, lead: str, text: str) -> Iterator[str]:
        yield from hang(lead, safe.clean(scrub(text)), self._width)

    def _head(self, title: str, number: int) -> Iterator[str]:
        for line in hang("", f"{title}: {number:,}", self._width):
            yield self._paint(line, "bold underline")

    def _more(self, number: int) -> Iterator[str]:
        if number > 0:
            yield f"  ... and {number:,} more"

    def _paths(self, opened: list[FindingChange]) -> Iterator[str]:
        """Each opened path as a walk, with what became of it above."""
        if not opened:
            return
        yield from self._head("Opened paths", sum(map(words.size, opened)))
        yield ""
        snippets = Snippets(self._change.after.result)
        for one in opened[:_PATHS]:
            note = words.became(one)
            if note:
                yield from self._text("* ", note)
            yield from details(
                one.finding,
                snippets,
                width=self._width,
                color=self._color,
                prefix=self._prefix,
            )
            yield ""
        yield from self._more(len(opened) - _PATHS)

    def _items(self, title: str, items: Sequence[tuple[str, str]]) -> Iterator[str]:
        if not items:
            return
        yield from self._head(title, len(items))
        for text, spot in items[:_LINES]:
            yield from self._text("  + ", f"{text} ({spot})")
        yield from self._more(len(items) - _LINES)
        yield ""

    def _readers(self, readers: list[ReaderChange]) -> Iterator[str]:
        """By store: those a reviewer asks about with the lines, workloads in a row."""
        if not readers:
            return
        yield from self._head("New readers", len(readers))
        shown = readers[:_READERS]
        rows = [tuple(map(safe.clean, words.reader(one))) for one in shown]
        widths = [
            min(_WIDEST, max(cell_len(row[at]) for row in (_COLUMNS, *rows)))
            for at in range(len(_COLUMNS))
        ]
        stores = dict.fromkeys(one.store for one in shown)
        for store in stores:
            yield from self._text("  ", f"of {store}")
            yield self._paint(_row(_COLUMNS, widths), "dim")
            for one, row in zip(shown, rows, strict=True):
                if one.store == store:
                    yield _row(row, widths)
                    yield from self._steps(one)
        yield from self._more(len(readers) - _READERS)
        yield ""

    def _steps(self, reader: ReaderChange) -> Iterator[str]:
        for step in reader.steps[-_STEPS:]:
            yield from self._text("        ", f"{step.words} ({where(step.span)})")
        if reader.why:
            yield from self._text("        ", f"perhaps: {reader.why}")

    def _findings(self, title: str, changes: list[FindingChange]) -> Iterator[str]:
        if not changes:
            return
        yield from self._head(title, sum(map(words.size, changes)))
        for one in changes[:_LINES]:
            yield from self._text("  ", _line(one))
        yield from self._more(len(changes) - _LINES)
        yield ""

    def _gone(self) -> Iterator[str]:
        """What is no more, in the places of the state before."""
        change = self._change
        lines = [_line(one) for one in self._parts.closed]
        lines += [
            f"{one.identity} ({one.behind}) reads {one.store} no more"
            for one in change.readers
            if one.state == "closed"
        ]
        lines += [words.store(one) for one in change.stores if one.state == "closed"]
        lines += [
            f"no more: {words.copy(one)}"
            for one in change.copies
            if one.state == "closed"
        ]
        if not lines:
            return
        yield from self._head("Closed", len(lines))
        for line in lines[:_LINES]:
            yield from self._text("  - ", line)
        yield from self._more(len(lines) - _LINES)
        yield ""

    def _end(self) -> Iterator[str]:
        lost = self._change.lost
        if lost:
            head = f"Not analysed, and it may matter: {count(len(lost), 'input')}"
            yield from self._bold(head)
            for note in lost[:10]:
                spot = where(note.span) if note.span is not None else note.path
                lead = f"{spot}: " if spot else ""
                yield from self._text("  ", f"{lead}{clip(note.text, 300)}")
            yield from self._more(len(lost) - 10)
        yield from self._text("", words.verdict(self._change, self._fail_on))
        yield from self._text("", NOT_ASSESSED)


def _row(cells: Iterable[str], widths: list[int]) -> str:
    padded = [
        cell + " " * (width - cell_len(cell))
        for cell, width in zip(cells, widths, strict=True)
    ]
    return f"    {'  '.join(padded)}".rstrip()


def _line(change: FindingChange) -> str:
    finding = change.finding
    note = words.became(change)
    accepted = finding.suppression
    if change.state == "accepted" and accepted is not None:
        note += f": {accepted.reason}"
    tail = f" [{note}]" if note else ""
    head = f"{finding.severity}[{finding.rule}]"
    return f"{head} {where(finding.span)}: {finding.message}{tail}"
