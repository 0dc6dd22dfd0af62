"""The command line: arguments and exit codes. The only broad handler lives here.

Exit codes, the same whatever the format: 0 clean; 1 findings at or above the
threshold; 2 usage (a path that does not exist, a bad option, rule or config);
3 incomplete (something was not analysed, or there was nothing to scan); 70 a bug.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
from typing import TYPE_CHECKING

from mlsec_lint import __version__
from mlsec_lint.commands import BUG, INCOMPLETE, USAGE, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: command -> (module under mlsec_lint.commands, its function, one line of help)
COMMANDS: dict[str, tuple[str, str, str]] = {
    "scan": ("scan", "main", "judge a repository's config and report violations"),
    "diff": ("diff", "main", "what a change does: new ways out, readers, copies"),
    "inventory": (
        "inventory",
        "main",
        "show what the config declares and what it holds",
    ),
    "readers": (
        "readers",
        "main",
        "who can read the weights, and which lines let them",
    ),
    "map": ("map", "main", "draw the ways out, and the changes that close most"),
    "place": ("place", "main", "what is known of a region, host or ARN"),
    "reach": ("reach", "main", "where connections of a workload can go"),
    "posture": ("posture", "main", "how far each baseline is met, what stands between"),
    "rules": ("explain", "rules", "list the rules"),
    "explain": (
        "explain",
        "explain",
        "what a rule asks, why, with examples and the fix",
    ),
    "facts": ("facts", "main", "list the facts that rules can ask for"),
    "policies": ("policies", "main", "check rule and baseline files"),
    "resources": (
        "terraform",
        "resources",
        "evaluate a Terraform root, print resources",
    ),
    "console": ("terraform", "console", "evaluate Terraform expressions in a root"),
}


def build_parser() -> argparse.ArgumentParser:
    """The top-level parser: options that need no command, and the command's name."""
    parser = argparse.ArgumentParser(
        prog="mlsec-lint",
        description="Where are the model weights, who can reach them, where can they go?",
        epilog="`mlsec-lint COMMAND --help` tells more. Exit codes: 0 clean, 1 findings, "
        "2 usage, 3 incomplete, 70 a bug.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--version", action="version", version=f"mlsec-lint {__version__}"
    )
    listing = "\n".join(
        f"  {name:<10} {text}" for name, (_, _, text) in COMMANDS.items()
    )
    parser.add_argument(
        "command", choices=tuple(COMMANDS), metavar="COMMAND", help="one of those below"
    )
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    parser.description = f"{parser.description}\n\ncommands:\n{listing}"
    return parser


def collect_patiently() -> None:
    """Let the garbage collector look at the many long-lived values less often.

    A scan keeps nearly all it makes until its end; with Python's default thresholds the
    collector walks all of it again and again, which was 40 % of the time of a scan of
    5,000 files (2026-11, Python 3.11), for a fifth more memory.
    """
    import gc

    gc.set_threshold(1_000_000, 20, 100)


def run(argv: Sequence[str]) -> int:
    """Run one command and give its exit code. UsageError for what cannot be."""
    options = build_parser().parse_args(argv)
    from importlib import import_module

    collect_patiently()

    place, name, _ = COMMANDS[options.command]
    module = import_module(f"mlsec_lint.commands.{place}")
    command: Callable[[Sequence[str]], int] = getattr(module, name)
    return command(options.arguments)


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point. Nothing but the report goes to standard output."""
    arguments = sys.argv[1:] if argv is None else argv
    silent = _open_streams()
    try:
        code = run(arguments)
        sys.stdout.flush()
    except UsageError as error:
        _complain(str(error))
        return USAGE
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001
        # What opens or reads a file names it; what fails without a name is the output.
        if isinstance(error, OSError) and error.filename is None:
            return _unwritten(error)
        return _bug(error)
    return code if code or not silent else INCOMPLETE


def _open_streams() -> bool:
    """Stand in for streams that the caller closed; whether nobody can read the report.

    A file that the scan opens must never get the number of standard output.
    """
    silent = sys.stdout is None
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    return silent


def _complain(text: str) -> None:
    """Words on standard error; they may quote the scanned files, so they are cleaned."""
    from mlsec_lint.report.safe import clean_lines, clean_log

    print(clean_log(clean_lines(f"mlsec-lint: {text}")), file=sys.stderr)  # noqa: T201


def _unwritten(error: OSError) -> int:
    """The reader went away or the disk is full: a verdict not told is not "clean"."""
    if not isinstance(error, BrokenPipeError):
        _complain(f"the report could not be written: {error.strerror}")
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return INCOMPLETE


def _bug(error: Exception) -> int:
    if os.environ.get("MLSEC_LINT_TRACEBACK"):
        import traceback

        traceback.print_exc()
    place = ""
    trace = error.__traceback__
    while trace is not None:
        frame = trace.tb_frame
        place = f"{os.path.basename(frame.f_code.co_filename)}:{trace.tb_lineno}"
        trace = trace.tb_next
    print(  # noqa: T201
        f"mlsec-lint: this is a bug in mlsec-lint, and the scan proves nothing: "
        f"{type(error).__name__} at {place}. Set MLSEC_LINT_TRACEBACK=1 for the trace.",
        file=sys.stderr,
    )
    return BUG
