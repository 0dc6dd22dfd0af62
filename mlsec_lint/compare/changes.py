"""Two seen states into one Change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.change import Change, Side
from mlsec_lint.compare.files import Files, moves
from mlsec_lint.compare.findings import findings
from mlsec_lint.compare.paths import paths
from mlsec_lint.compare.same import Same
from mlsec_lint.compare.stores import copies, places, readers, stores
from mlsec_lint.finding import LEVELS, Verdict
from mlsec_lint.source import Note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.change import FindingChange
    from mlsec_lint.compare.sides import Seen
    from mlsec_lint.rules.baseline import Baseline

#: A folder with nothing but the program's own settings has nothing to compare.
_SETTINGS = ".mlsec-lint.yaml"


def change(
    before: Seen,
    after: Seen,
    names: tuple[tuple[str, str], tuple[str, str]],
    baseline: Baseline,
    *,
    strict: bool = False,
) -> Change:
    """What happened between two states that were judged by the same terms.

    `names` are what the caller calls each side, with its commit ("" for a work tree).
    """
    files = Files(before.reading.tree, after.reading.tree)
    same = Same(before.estate, after.estate, files, moves(after.reading.tree))
    by_finding = findings(before, after, same.address)
    by_path = paths(before, after, same)
    strict = strict or LEVELS.index(baseline.level) >= LEVELS.index("SL3")
    lost = list(_lost(before, after, files, strict=strict))
    lost += _undecided([*by_path, *by_finding], baseline)
    return Change(
        before=Side(*names[0], before.result),
        after=Side(*names[1], after.result),
        paths=tuple(by_path),
        findings=tuple(by_finding),
        readers=tuple(readers(before, after, same)),
        stores=tuple(stores(before, after, same)),
        places=tuple(places(before, after, same)),
        copies=tuple(copies(before, after, same)),
        warnings=tuple(_warnings(before, after, files)),
        lost=tuple(lost),
        moved=tuple(same.renamed()),
    )


def _costs(note: Note, *, strict: bool) -> bool:
    return note.incomplete or (strict and note.strict_only)


def _lost(before: Seen, after: Seen, files: Files, *, strict: bool) -> Iterator[Note]:
    """What was not analysed after, and may hide something new.

    What neither side could analyse, of a file that is the same on both, hides nothing
    of the change. What was not analysed before can only make more seem new.
    """
    known = {}
    for note in before.result.notes:
        if note.path and _costs(note, strict=strict):
            moved = files.moved(note.path)
            text = note.text.replace(note.path, moved)
            known[note.kind, moved, text] = note.path
    for note in after.result.notes:
        if _costs(note, strict=strict):
            path = known.get((note.kind, note.path, note.text))
            if path is None or files.is_touched(path):
                yield note
    if not any(_declares(seen) for seen in (before, after)):
        yield Note("nothing-scanned", "neither side holds anything to scan", "")


def _declares(seen: Seen) -> bool:
    return any(file.path != _SETTINGS for file in seen.reading.tree.files)


def _undecided(changes: list[FindingChange], baseline: Baseline) -> list[Note]:
    """Where the baseline makes undecided rules count: those that the change brings."""
    if baseline.unknown != "error":
        return []
    return [
        Note("undecided", f"{f.rule}: {f.message}", f.span.path, f.span)
        for f in (one.finding for one in changes if one.state in ("new", "lowered"))
        if f.verdict is Verdict.UNKNOWN and f.severity != "info"
    ]


def _warnings(before: Seen, after: Seen, files: Files) -> Iterator[str]:
    """How far the comparison is to be trusted, in sentences."""
    if not _declares(before) and _declares(after):
        yield "There was nothing to scan before: everything is new."
    if _declares(before) and not _declares(after):
        yield "There is nothing left to scan after the change."
    now = {(note.kind, note.path) for note in after.result.notes if note.incomplete}
    gaps = [
        note
        for note in before.result.notes
        if note.incomplete and (note.kind, files.moved(note.path)) not in now
    ]
    if gaps:
        number = f"{len(gaps)} input{'s' if len(gaps) > 1 else ''}"
        yield f"{number} could not be analysed before: what they held may be told as new."
