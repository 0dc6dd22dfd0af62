"""`mlsec-lint map [PATH]`: the picture of the ways out."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from mlsec_lint.commands import CLEAN, INCOMPLETE, UsageError
from mlsec_lint.report.map import FORMATS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlsec_lint.picture import Picture


def build_parser() -> argparse.ArgumentParser:
    """The options of `map`."""
    parser = argparse.ArgumentParser(
        prog="mlsec-lint map",
        description="The picture of the ways out: stores that hold weights on the left, "
        "where weights can go on the right, the steps between, and the changes that "
        "would close most.",
        epilog="Exit codes: 0, 2 usage, 3 something was not analysed, so that ways may "
        "be missing. Findings do not change it: `mlsec-lint scan` judges.",
    )
    parser.add_argument("path", nargs="?", default=".", metavar="PATH")
    parser.add_argument(
        "--format",
        choices=tuple(FORMATS),
        default="html",
        help="one page for a browser (html, the default), the drawing alone (svg), a "
        "pull-request comment (mermaid), Graphviz (dot) or data (json)",
    )
    parser.add_argument("--output", default="", metavar="FILE", help="write to a file")
    parser.add_argument("--baseline", default="", help="(default: SL2)")
    parser.add_argument("--config", default="")
    parser.add_argument("--policies", action="append", default=[], metavar="DIR")
    parser.add_argument(
        "--assume-weights", choices=("inferred", "declared", "all"), default="inferred"
    )
    return parser


def main(arguments: Sequence[str]) -> int:
    """Draw the picture; exit code 3 where something was not analysed."""
    from mlsec_lint.report.map import render_as

    options = build_parser().parse_args(arguments)
    found = drawn(options)
    text = render_as(options.format, found)
    if not options.output:
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
        sys.stdout.write(text)
    else:
        try:
            with open(options.output, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
        except OSError as error:
            words = f"--output {options.output}: {error.strerror}"
            raise UsageError(words) from None
    return INCOMPLETE if found.incomplete else CLEAN


def drawn(options: argparse.Namespace) -> Picture:
    """The picture of a scan by the options of `map`."""
    from mlsec_lint.commands.judging import terms
    from mlsec_lint.commands.picture import picture
    from mlsec_lint.commands.scan import place
    from mlsec_lint.scan import read, survey, verdict_of

    where = place([options.path])
    policies, baseline, config = terms(
        where.root,
        baseline=options.baseline,
        config=options.config,
        policies=options.policies,
    )
    reading = read(where.root, where.paths, config)
    estate = survey(reading, config, options.assume_weights)
    result = verdict_of(
        reading, estate, config=config, baseline=baseline, policies=policies
    )
    return picture(result, estate.paths, policies, judged_only=bool(where.paths))


def plain_picture(folder: str, *options: str) -> Picture:
    """The picture by the options of the command line, without a form: for tests."""
    return drawn(build_parser().parse_args([folder, *options]))
