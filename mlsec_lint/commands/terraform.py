"""`mlsec-lint resources` and `mlsec-lint console`: the evaluator by itself."""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import TYPE_CHECKING

from mlsec_lint.commands import CLEAN, INCOMPLETE, UsageError
from mlsec_lint.commands.scan import work_tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mlsec_lint.terraform.console import Result


def _parser(name: str, description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"mlsec-lint {name}", description=description)
    parser.add_argument("directory", nargs="?", default=".", metavar="DIR")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument(
        "--var",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="the value of a variable as `terraform -var` takes it: a text, or HCL for "
        "a variable of another type",
    )
    parser.add_argument("--workspace", default="default")
    return parser


def _directory(options: argparse.Namespace) -> str:
    directory: str = options.directory
    if not os.path.isdir(directory):
        raise UsageError(f"{directory}: there is no such folder")
    return directory


def _variables(options: argparse.Namespace) -> dict[str, str]:
    found = {}
    for text in options.var:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError(f"--var {text}: it takes NAME=VALUE")
        found[name] = value
    return found


def resources(arguments: Sequence[str]) -> int:
    """Print every resource of a root; exit code 3 where Terraform would refuse it."""
    parser = _parser("resources", "Evaluate a Terraform root and print its resources.")
    parser.add_argument(
        "--var-file",
        action="append",
        default=[],
        metavar="FILE",
        help="a tfvars file, relative to DIR; may be given several times",
    )
    options = parser.parse_args(arguments)
    directory = _directory(options)
    variables = _variables(options)
    from mlsec_lint.report.safe import json_log
    from mlsec_lint.terraform import evaluate_root
    from mlsec_lint.terraform.forms import resources_lines

    result = evaluate_root(
        directory,
        workspace=options.workspace,
        given=[*options.var_file, *variables.items()],
        within=work_tree(directory),
    )
    if options.format == "json":
        text = json.dumps(result.to_json(), indent=2)
        sys.stdout.write(json_log(text) + "\n")
    else:
        sys.stdout.write(_shown(resources_lines(result.root)))
    incomplete = any(note.incomplete for note in result.root.notes)
    return INCOMPLETE if incomplete or result.errors else CLEAN


def console(arguments: Sequence[str]) -> int:
    """Evaluate expressions, from -e or from the lines of standard input.

    JSON has one document a line, in the order of the expressions. The exit code is 3
    where Terraform would refuse one of them.
    """
    parser = _parser("console", "Evaluate Terraform expressions in a root.")
    parser.add_argument(
        "-e",
        "--expression",
        action="append",
        default=[],
        metavar="EXPR",
        help="may be given several times; without it, lines of standard input are read",
    )
    options = parser.parse_args(arguments)
    directory = _directory(options)
    variables = _variables(options)
    from mlsec_lint.report.safe import json_log
    from mlsec_lint.terraform.console import evaluate

    code = CLEAN
    within = work_tree(directory)
    for text in options.expression or _lines(sys.stdin):
        result = evaluate(directory, text, variables, options.workspace, within=within)
        if options.format == "json":
            sys.stdout.write(json_log(json.dumps(result.to_json())) + "\n")
        else:
            sys.stdout.write(_shown(_told(result)))
        sys.stdout.flush()
        code = INCOMPLETE if result.errors else code
    return code


def _shown(lines: Iterable[str]) -> str:
    """Lines that quote the scanned files, each made one safe line."""
    from mlsec_lint.report.safe import clean, clean_log

    return clean_log("".join(f"{clean(line)}\n" for line in lines))


def _lines(stream: Iterable[str]) -> Iterable[str]:
    return (line.rstrip("\n") for line in stream if line.strip())


def _told(result: Result) -> Iterable[str]:
    from mlsec_lint.terraform.forms import reasons, text_of, type_text
    from mlsec_lint.terraform.types import type_of

    if result.errors:
        for error in result.errors:
            where = f" ({error.span.path}:{error.span.line})" if error.span else ""
            yield f"Error: {error.summary}{where}"
            if error.detail:
                yield f"  {error.detail}"
        return
    value = result.value
    yield text_of(value)
    yield f"  type: {type_text(type_of(value))}"
    for path, why in reasons(value).items():
        yield f"  unknown{f' {path}' if path else ''}: {why}"
    for step in value.trail:
        yield f"  from {step.span.path}:{step.span.line} {step.words}"
