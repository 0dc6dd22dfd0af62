"""`mlsec-lint diff BASE [HEAD]`: what a change does. Exit codes as in cli.py."""

from __future__ import annotations

import argparse
import os
import tempfile
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.commands import CLEAN, FINDINGS, INCOMPLETE, UsageError
from mlsec_lint.commands.scan import ASSUMPTIONS, Place, outputs, place, prefix_of
from mlsec_lint.finding import LEVELS, SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlsec_lint.change import Change
    from mlsec_lint.commands.judging import Terms
    from mlsec_lint.commands.scan import Output
    from mlsec_lint.compare import Seen
    from mlsec_lint.discovery import Past
    from mlsec_lint.source import Note

FORMATS = ("text", "markdown", "sarif", "json")
WORK_TREE = "the work tree"
_SETTINGS = ".mlsec-lint.yaml"


def build_parser() -> argparse.ArgumentParser:
    """The options of `diff`."""
    parser = argparse.ArgumentParser(
        prog="mlsec-lint diff",
        description="What a change does: new and closed ways out, new readers of each "
        "store of weights, new copies and places, new stores, new findings; nothing "
        "that was there before. Both sides are judged by the same terms: the config of "
        "the state after, or that of --trusted-config.",
        epilog="Exit codes: 1 the change opens a path or a finding at or above "
        "--fail-on, else 3 something was not analysed that may be a matter of the "
        "change, 2 usage, 0 neither.",
    )
    parser.add_argument("base", metavar="BASE", help="a git commit, branch or tag")
    parser.add_argument(
        "head",
        nargs="?",
        default="",
        metavar="HEAD",
        help="another one (default: the work tree as it is)",
    )
    parser.add_argument(
        "--path", default=".", help="the folder to compare (default: .)"
    )
    parser.add_argument(
        "--baseline", default="", help=f"{', '.join(LEVELS)} or a file (default: SL2)"
    )
    parser.add_argument(
        "--format", choices=FORMATS, default=None, help="(default: text)"
    )
    parser.add_argument(
        "--output",
        action="append",
        default=[],
        metavar="[FORMAT:]FILE",
        help="write a report to a file; may be given several times",
    )
    parser.add_argument(
        "--fail-on",
        choices=SEVERITIES,
        default="low",
        help="the least severity that makes the exit code 1 (default: low)",
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help="modules and templates that were not read count as not analysed "
        "(always so from SL3 on)",
    )
    parser.add_argument(
        "--config", default="", help="(default: .mlsec-lint.yaml of the state after)"
    )
    parser.add_argument(
        "--trusted-config",
        default="",
        metavar="REF",
        help="take config, baseline files and inline ignores as this git commit has "
        "them, so that a pull request cannot excuse itself; BASE is a good choice",
    )
    parser.add_argument(
        "--policies",
        action="append",
        default=[],
        metavar="DIR",
        help="a folder with more rules; may be given several times",
    )
    parser.add_argument(
        "--assume-weights", choices=ASSUMPTIONS, default="inferred", help="as of scan"
    )
    return parser


def main(arguments: Sequence[str]) -> int:
    """Compare, write the reports, give the exit code."""
    options = build_parser().parse_args(arguments)
    reports = outputs(options)
    for report in reports:
        if report.format not in FORMATS:
            raise UsageError(
                f"diff has no format {report.format!r}: {', '.join(FORMATS)}"
            )
    where = _place(options.path)
    with tempfile.TemporaryDirectory(prefix="mlsec-lint-") as folder:
        found = compared(where, options, folder)
        code = exit_code(found, options.fail_on)
        for report in reports:
            _write(report, found, where, code, options.fail_on)
    return code


def exit_code(change: Change, fail_on: str) -> int:
    """What the change is worth. What it opens counts before an incomplete analysis."""
    if change.worse(fail_on):
        return FINDINGS
    return INCOMPLETE if change.incomplete else CLEAN


def _place(path: str) -> Place:
    """The folder to compare, which one of the sides may not have."""
    if os.path.isdir(path):
        return place([path])
    if os.path.lexists(path):
        raise UsageError(f"--path {path}: that is no folder")
    return Place(path, (), prefix_of(os.path.abspath(path)))


class _State(NamedTuple):
    """One side to look at: a folder on disk, and what could not be written of it."""

    folder: str
    name: str
    commit: str = ""
    notes: tuple[Note, ...] = ()
    found: bool = True


def compared(where: Place, options: argparse.Namespace, scratch: str) -> Change:
    """The change between the two sides. `scratch` is an empty folder to write into."""
    from mlsec_lint.commands.judging import trusted
    from mlsec_lint.compare import change

    states = _states(where, options, scratch)
    past = trusted(where.root, options.trusted_config)
    terms = _terms(where, states[1], options, past)
    before, after = (_seen(state, terms, options, past) for state in states)
    names = tuple((state.name, state.commit) for state in states)
    found = change(
        before,
        after,
        (names[0], names[1]),
        terms.config.over(terms.baseline),
        strict=options.strict,
    )
    if not (options.config or options.trusted_config) and _is_edited(before, after):
        words = (
            f"The change edits {_SETTINGS}, and both sides are judged by the edited "
        )
        words += "one; --trusted-config takes it as a commit has it."
        found.warnings = (words, *found.warnings)
    return found


def _is_edited(before: Seen, after: Seen) -> bool:
    texts = [seen.reading.tree.bytes(_SETTINGS) for seen in (before, after)
             if seen.reading.tree.exists(_SETTINGS)]  # fmt: skip
    return len(set(texts)) > 1 or len(texts) == 1


def _states(
    where: Place, options: argparse.Namespace, scratch: str
) -> tuple[_State, _State]:
    """Both sides as folders. UsageError for what is no commit, or no folder of either."""
    before = _commit(where, options.base, os.path.join(scratch, "before"))
    if options.head:
        after = _commit(where, options.head, os.path.join(scratch, "after"))
    elif os.path.isdir(where.root):
        after = _State(where.root, WORK_TREE)
    else:
        empty = os.path.join(scratch, "after")
        os.makedirs(empty)
        after = _State(empty, WORK_TREE, found=False)
    if not before.found and not after.found:
        raise UsageError(f"--path {where.root}: neither side has such a folder")
    return before, after


def _commit(where: Place, ref: str, into: str) -> _State:
    """A side as a commit has it, written out."""
    from mlsec_lint.discovery import HistoryError, check_out

    os.makedirs(into)
    here = os.path.abspath(where.root)
    anchor = here
    while not os.path.isdir(anchor):
        anchor = os.path.dirname(anchor)
    folder = os.path.relpath(here, anchor)
    try:
        found = check_out(anchor, "" if folder == os.curdir else folder, ref, into)
    except HistoryError as error:
        raise UsageError(f"{ref}: {error}; is the commit fetched?") from None
    return _State(into, ref, found.commit, found.notes, found.found)


def _terms(
    where: Place, after: _State, options: argparse.Namespace, past: Past | None
) -> Terms:
    from mlsec_lint.commands.judging import terms

    return terms(
        where.root if past is not None else after.folder,
        baseline=options.baseline,
        config=options.config,
        policies=options.policies,
        past=past,
    )


def _seen(
    state: _State, terms: Terms, options: argparse.Namespace, past: Past | None
) -> Seen:
    from mlsec_lint.commands.scan import Progress
    from mlsec_lint.compare import see

    return see(
        state.folder,
        policies=terms.policies,
        baseline=terms.baseline,
        config=terms.config,
        assume=options.assume_weights,
        strict=options.strict,
        past=past.sources if past is not None else None,
        notes=state.notes,
        progress=Progress(f"{state.name}: "),
    )


def _write(
    report: Output, change: Change, where: Place, code: int, fail_on: str
) -> None:
    from mlsec_lint.commands.scan import put, terminal

    match report.format:
        case "json":
            from mlsec_lint.report.change_json import render as as_json

            text = as_json(change, exit_code=code)
        case "sarif":
            from mlsec_lint.report.change_sarif import render as as_sarif

            text = as_sarif(change, exit_code=code, prefix=where.prefix)
        case "markdown":
            from mlsec_lint.report.change_markdown import render as as_markdown

            text = as_markdown(change, fail_on=fail_on)
        case _:
            from mlsec_lint.report.change_text import render as as_text

            text = as_text(
                change, fail_on=fail_on, prefix=where.prefix, **terminal(report)
            )
    put(report, text)
