"""`mlsec-lint readers [STORE] [PATH...]`: who can read the weights, and by what lines."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from mlsec_lint.commands import CLEAN, INCOMPLETE, UsageError
from mlsec_lint.commands.telling import line_of, location, perhaps, settled_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.trace.hops import Hop, Reader

#: Version of the JSON form (docs/readers.md).
VERSION = 1
COLUMNS = ("identity", "sort", "behind it", "reads")
#: No column but the last is wider.
WIDEST = 60
_MOST_EVIDENCE = 3


class Answer(NamedTuple):
    """One store with its readers; `acting` are ids of those that count as readers."""

    store: Thing
    readers: tuple[Reader, ...]
    acting: frozenset[int]

    @property
    def certain(self) -> int:
        """How many certainly read it, or are not known."""
        return sum(_counts(one) for one in self.counted)

    @property
    def counted(self) -> list[Reader]:
        """The readers that count, those that only lend their rights left out."""
        return [one for one in self.readers if id(one.identity) in self.acting]


def _counts(reader: Reader) -> bool:
    return reader.unknown is None or reader.sort == "unknown"


def build_parser() -> argparse.ArgumentParser:
    """The options of `readers`."""
    parser = argparse.ArgumentParser(
        prog="mlsec-lint readers",
        description="Who can read the weights: for each store every identity, what "
        "stands behind it, and the lines that let it. Certain, or possible with what "
        "is not known.",
        epilog="Without STORE: every store that holds weights. An only argument that "
        "exists as a file or folder is a PATH. Exit codes: 0, 2 usage, 3 something was not "
        "analysed.",
    )
    parser.add_argument(
        "store",
        nargs="?",
        default="",
        metavar="STORE",
        help="address, name or URI of stores, * for anything",
    )
    parser.add_argument("path", nargs="*", metavar="PATH")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--config", default="")
    parser.add_argument(
        "--baseline", default="", help="whose budget of readers to show"
    )
    parser.add_argument(
        "--assume-weights", choices=("inferred", "declared", "all"), default="inferred"
    )
    return parser


def main(arguments: Sequence[str]) -> int:
    """Print the readers of stores; exit code 3 where something was not analysed."""
    from mlsec_lint.commands.judging import terms
    from mlsec_lint.commands.scan import place
    from mlsec_lint.scan import lost, read, survey

    options = build_parser().parse_args(arguments)
    pattern, paths = options.store, options.path
    if pattern and not paths and os.path.exists(pattern):
        pattern, paths = "", [pattern]
    where = place(paths)
    _, baseline, config = terms(
        where.root, baseline=options.baseline, config=options.config
    )
    reading = read(where.root, where.paths, config)
    estate = survey(reading, config, options.assume_weights)
    answers = _answers(estate, _stores(estate, pattern))
    unread = lost(reading, estate)
    if options.format == "json":
        text = _json(answers, incomplete=bool(unread))
    else:
        from mlsec_lint.report.safe import clean_log

        budget = config.over(baseline).limits.get("reader-budget")
        text = clean_log("\n".join(_text(answers, budget, unread))) + "\n"
    sys.stdout.write(text)
    return INCOMPLETE if unread else CLEAN


def _stores(estate: Estate, pattern: str) -> list[Thing]:
    """The stores that hold weights, or those of a name. UsageError where none has it."""
    from mlsec_lint.estate.wildcards import wildcard
    from mlsec_lint.rules.strict import did_you_mean

    if not pattern:
        return [store for store in estate.of("store") if _held(store)]
    found = [
        store
        for store in estate.of("store")
        if any(
            wildcard(pattern, name)
            for name in (store.address, store.name, *store.names)
        )
    ]
    if not found:
        hint = did_you_mean(pattern, [store.address for store in estate.of("store")])
        raise UsageError(f"{pattern}: no store of that address, name or URI{hint}")
    return found


def _held(store: Thing) -> bool:
    fact = store.fact("weights.held")
    return fact is not None and fact.value is True


def _answers(estate: Estate, stores: list[Thing]) -> list[Answer]:
    from mlsec_lint.trace.access import Access
    from mlsec_lint.trace.reader_facts import ends

    access = Access(estate)
    answers = []
    for store in stores:
        found = access.readers(store)
        acting = frozenset(id(one.identity) for one in ends(estate, found))
        answers.append(Answer(store, found, acting))
    estate.note(access.notes)
    return answers


def _text(answers: list[Answer], budget: int | None, lost: int) -> Iterator[str]:
    from mlsec_lint.report.safe import clean

    if not answers:
        yield "No store in here is known to hold weights (--assume-weights all: any)."
    for answer in answers:
        store = answer.store
        yield f"{clean(store.address)}   {line_of(store.span)}"
        for evidence in store.evidence[:_MOST_EVIDENCE]:
            where = line_of(evidence.span)
            yield f"  weights ({evidence.strength}): {clean(evidence.words)}   {where}"
        if not _held(store):
            yield "  not known to hold weights: rights to it were not followed"
        yield f"  {_number(answer, budget)}"
        yield ""
        yield from _table(answer)
    if lost:
        words = f"What was not read or not understood ({lost}) may hold more"
        yield f"{words}: see `mlsec-lint scan`."


def _number(answer: Answer, budget: int | None) -> str:
    certain = answer.certain
    possible = len(answer.counted) - certain
    words = f"{certain} reader{'' if certain == 1 else 's'}"
    if possible:
        words += f", {possible} more possible"
    return words if budget is None else f"{words} (budget {budget})"


def _table(answer: Answer) -> Iterator[str]:
    """A row for each reader, with its way below; certain ones first."""
    from mlsec_lint.trace.reader_facts import doubts

    ordered = sorted(answer.readers, key=lambda one: min(doubts(one), 2))
    if not ordered:
        return
    rows = [_row(one, counted=id(one.identity) in answer.acting) for one in ordered]
    widths = [
        min(WIDEST, max(len(row[column]) for row in (COLUMNS, *rows)))
        for column in range(len(COLUMNS))
    ]
    yield _line(COLUMNS, widths)
    for reader, row in zip(ordered, rows, strict=True):
        yield _line(row, widths)
        for hop in reader.hops:
            yield from _step(hop)
    yield ""


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
    return f"  {'  '.join(cells)}".rstrip()


def _row(reader: Reader, *, counted: bool) -> tuple[str, ...]:
    from mlsec_lint.report.safe import clean
    from mlsec_lint.trace.reader_facts import doubts

    reads = "certain" if reader.unknown is None else "possible"
    if doubts(reader) > 1:
        reads += ", several doubts"
    elif not counted:
        reads += ", through those below"
    return clean(reader.identity.address), reader.sort, reader.behind, reads


def _step(hop: Hop) -> Iterator[str]:
    from mlsec_lint.report.safe import clean

    yield f"      {clean(hop.words)}   {line_of(hop.span)}"
    if hop.unknown is not None:
        yield f"        {perhaps(hop.unknown)}"


def _json(answers: list[Answer], *, incomplete: bool) -> str:
    import json

    from mlsec_lint.report.safe import json_log

    document = {
        "version": VERSION,
        "incomplete": incomplete,
        "stores": [_store(answer) for answer in answers],
    }
    return json_log(json.dumps(document, indent=2, ensure_ascii=True)) + "\n"


def _store(answer: Answer) -> dict[str, Any]:
    store = answer.store
    return {
        "address": store.address,
        "names": sorted(store.names),
        "weights": _held(store),
        "location": location(store.span),
        "evidence": [
            {"strength": e.strength, "words": e.words, "location": location(e.span)}
            for e in store.evidence
        ],
        "count": {"certain": answer.certain, "possible": len(answer.counted)},
        "readers": [
            _reader(one, counted=id(one.identity) in answer.acting)
            for one in answer.readers
        ],
    }


def _reader(reader: Reader, *, counted: bool) -> dict[str, Any]:
    return {
        "identity": {"kind": reader.identity.kind, "address": reader.identity.address},
        "sort": reader.sort,
        "behind": reader.behind,
        "certain": reader.unknown is None,
        "counted": counted,
        "hops": [_hop(hop) for hop in reader.hops],
    }


def _hop(hop: Hop) -> dict[str, Any]:
    found: dict[str, Any] = {
        "address": hop.address,
        "kind": hop.thing.kind if hop.thing is not None else "",
        "words": hop.words,
        "certain": hop.unknown is None,
        "location": location(hop.span),
    }
    if hop.unknown is not None:
        found["why"] = hop.unknown.why
        found["settled_by"] = list(settled_by(hop.unknown))
    return found
