"""`mlsec-lint scan`: judge a repository and report. Exit codes as in cli.py."""

from __future__ import annotations

import argparse
import os
import sys
import time
from typing import TYPE_CHECKING, NamedTuple, TypedDict

from mlsec_lint.commands import CLEAN, FINDINGS, INCOMPLETE, UsageError
from mlsec_lint.finding import LEVELS, SEVERITIES, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlsec_lint.finding import Result

FORMATS = ("text", "sarif", "json", "markdown", "github", "gitlab", "junit")
ASSUMPTIONS = ("inferred", "declared", "all")


class Place(NamedTuple):
    """The folder to read, and the paths in it that findings are wanted for (or all).

    `prefix` is the folder relative to where the user stands, "" for that very place or
    one outside of it: reports put it before every path.
    """

    root: str
    paths: tuple[str, ...]
    prefix: str


class Output(NamedTuple):
    """One report: its format, and the file to write it to ("" for standard output)."""

    format: str
    file: str


def build_parser() -> argparse.ArgumentParser:
    """The options of `scan`."""
    parser = argparse.ArgumentParser(
        prog="mlsec-lint scan",
        description="Judge Terraform, Kubernetes and training-job config.",
        epilog="Exit codes: 0 clean, 1 findings at or above --fail-on, 2 usage, "
        "3 incomplete (something was not analysed), 70 a bug.",
    )
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="a folder to scan (default: .), or files: then the folder is the git work "
        "tree they are in, and only findings that touch them are reported",
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
        "--all",
        action="store_true",
        help="tell every finding in the text and markdown reports, also of rules that "
        "have more than ten (else three of them are told and the others counted)",
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
        help="modules and templates that were not read make the scan incomplete "
        "(always so from SL3 on)",
    )
    parser.add_argument(
        "--config", default="", help="(default: .mlsec-lint.yaml in the scanned folder)"
    )
    parser.add_argument(
        "--trusted-config",
        default="",
        metavar="REF",
        help="take config, baseline files and inline ignores as this git commit has "
        "them, so that a pull request cannot excuse itself",
    )
    parser.add_argument(
        "--plan",
        action="append",
        default=[],
        metavar="FILE",
        help="the output of `terraform show -json`: judged in place of the root that it "
        "was made from; may be given several times",
    )
    parser.add_argument(
        "--helm",
        default="",
        metavar="BINARY",
        help="also render the charts with this helm, and tell where it differs from "
        "what is judged",
    )
    parser.add_argument(
        "--policies",
        action="append",
        default=[],
        metavar="DIR",
        help="a folder with more rules; may be given several times",
    )
    parser.add_argument(
        "--rule",
        action="append",
        default=[],
        metavar="ID",
        help="judge only this rule, whatever its level; may be given several times",
    )
    parser.add_argument(
        "--assume-weights",
        choices=ASSUMPTIONS,
        default="inferred",
        help="what is taken to hold weights: what the config shows (inferred), only "
        "what is declared, or every store, key, workload and identity (all)",
    )
    return parser


def place(paths: Sequence[str]) -> Place:
    """Where to look. UsageError for a path that does not exist.

    One folder is the root itself. Files, or several paths, lie in the git work tree
    around the current folder, or in the current folder.
    """
    for path in paths:
        if not os.path.exists(path):
            raise UsageError(f"{path}: no such file or folder")
    if not paths:
        return _folder(".")
    if len(paths) == 1 and os.path.isdir(paths[0]):
        return _folder(paths[0])
    absolute = [os.path.abspath(path) for path in paths]
    root = work_tree(os.path.commonpath([os.getcwd(), *absolute]))
    outside = [p for p in absolute if os.path.commonpath([root, p]) != root]
    if outside:
        raise UsageError(f"{outside[0]}: not under {root}; scan one folder at a time")
    wanted = tuple(os.path.relpath(path, root) for path in absolute)
    return Place(root, wanted, prefix_of(root))


def _folder(path: str) -> Place:
    return Place(path, (), prefix_of(os.path.abspath(path)))


def prefix_of(root: str) -> str:
    """The folder as seen from where the user stands, "" for that place or one outside."""
    relative = os.path.relpath(root, os.getcwd())
    inside = not relative.startswith(os.pardir) and relative != os.curdir
    return relative.replace(os.sep, "/") if inside else ""


def work_tree(folder: str) -> str:
    """The folder or the nearest one above it that holds a `.git`; else itself."""
    folder = here = os.path.abspath(folder)
    while not os.path.exists(os.path.join(here, ".git")):
        above = os.path.dirname(here)
        if above == here:
            return folder
        here = above
    return here


def outputs(options: argparse.Namespace) -> list[Output]:
    """The reports to make. UsageError for a misspelt format, or two in one place."""
    from mlsec_lint.rules.strict import did_you_mean

    found = []
    for text in options.output:
        name, colon, file = text.partition(":")
        if not colon or name not in FORMATS:
            hint = did_you_mean(name, FORMATS) if colon else ""
            if hint:
                raise UsageError(f"--output {text}: no such format{hint}")
            name, file = options.format or "text", text
        if not file:
            raise UsageError(f"--output {text}: no file is named")
        found.append(Output(name, "" if file == "-" else file))
    if not found or (options.format and all(o.format != options.format for o in found)):
        found.append(Output(options.format or "text", ""))
    targets = [o.file for o in found]
    if len(set(targets)) < len(targets):
        raise UsageError("two reports go to the same place: name one with --output")
    return found


def main(arguments: Sequence[str]) -> int:
    """Scan, write the reports, give the exit code."""
    options = build_parser().parse_args(arguments)
    reports = outputs(options)
    where = place(options.paths)
    result = judged(where, options)
    code = exit_code(result, options.fail_on)
    for report in reports:
        write(report, result, where, code, every=options.all)
    return code


def judged(where: Place, options: argparse.Namespace) -> Result:
    """The result of a scan by the options of `scan`."""
    from mlsec_lint.commands.judging import only, terms, trusted
    from mlsec_lint.scan import scan

    past = trusted(where.root, options.trusted_config)
    policies, baseline, config = terms(
        where.root,
        baseline=options.baseline,
        config=options.config,
        policies=options.policies,
        past=past,
    )
    if options.rule:
        policies, baseline = only(policies, baseline, options.rule)
    return scan(
        where.root,
        where.paths,
        config=config,
        baseline=baseline,
        policies=policies,
        assume=options.assume_weights,
        strict=options.strict,
        progress=Progress(),
        plans=[_plan(path, where.root) for path in options.plan],
        past=past.sources if past else None,
        helm=_helm(options.helm),
    )


def _helm(binary: str) -> str:
    """The binary's absolute path. UsageError where it is no helm."""
    if not binary:
        return ""
    import shutil

    from mlsec_lint.kubernetes.helm_check import CannotRunError, version

    found = shutil.which(binary)
    if found is None:
        raise UsageError(f"--helm {binary}: no such program")
    found = os.path.abspath(found)
    try:
        version(found)
    except CannotRunError as error:
        raise UsageError(f"--helm {error}") from None
    return found


def _plan(path: str, root: str) -> tuple[str, str]:
    """Name (relative to the root where it lies there) and text of a plan file."""
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--plan {path}: {error}") from None
    relative = os.path.relpath(path, root)
    outside = relative.startswith(os.pardir)
    return (os.path.basename(path) if outside else relative), text


def plain_scan(folder: str, *options: str) -> Result:
    """A scan by the options of the command line, without a report: for benchmarks."""
    parsed = build_parser().parse_args([folder, *options])
    return judged(place(parsed.paths), parsed)


def exit_code(result: Result, fail_on: str) -> int:
    """What the result is worth. A finding counts before an incomplete scan does."""
    threshold = SEVERITIES.index(fail_on)
    for finding in result.findings:
        counts = finding.verdict is Verdict.FAIL and finding.suppression is None
        if counts and SEVERITIES.index(finding.severity) >= threshold:
            return FINDINGS
    return INCOMPLETE if result.incomplete else CLEAN


def write(
    report: Output, result: Result, where: Place, code: int, *, every: bool = False
) -> None:
    """Render one report and write it. UsageError where the file cannot be written."""
    from mlsec_lint.report import render_as

    choices: dict[str, object] = {}
    if report.format in {"text", "sarif", "github", "gitlab"}:
        choices["prefix"] = where.prefix
    if report.format == "text":
        choices.update(terminal(report))
    if report.format in {"text", "markdown"}:
        choices["every"] = every
    if report.format in {"sarif", "json"}:
        choices["exit_code"] = code
    put(report, render_as(report.format, result, **choices))


def put(report: Output, text: str) -> None:
    """Write a finished report. UsageError where the file cannot be written."""
    if not report.file:
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
        sys.stdout.write(text)
        return
    try:
        with open(report.file, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"--output {report.file}: {error.strerror}") from None


class Terminal(TypedDict):
    """How wide lines of text may be, and whether they may have colours."""

    width: int
    color: bool


def terminal(report: Output) -> Terminal:
    """Width and colour: of the terminal for standard output, plain for a file."""
    import shutil

    shown = not report.file and sys.stdout.isatty()
    color = shown and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    return {
        "width": min(shutil.get_terminal_size((100, 24)).columns, 120),
        "color": color,
    }


class Progress:
    """Says on standard error what goes on, once a scan has taken over a second.

    `lead` is put before the words.
    """

    def __init__(self, lead: str = "") -> None:
        self.lead = lead
        self.started = time.monotonic()
        self.shown = sys.stderr.isatty()

    def __call__(self, words: str) -> None:
        """Say that a step begins."""
        if self.shown and time.monotonic() - self.started > 1:
            print(f"mlsec-lint: {self.lead}{words} ...", file=sys.stderr)  # noqa: T201
