"""`mlsec-lint policies check`: rule, baseline and config files, strictly."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from mlsec_lint.commands import CLEAN, USAGE

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    """Check the policies that ship, or the folders named; exit code 2 with errors."""
    from mlsec_lint.commands.judging import builtin_policies
    from mlsec_lint.rules.check import check_policies

    parser = argparse.ArgumentParser(
        prog="mlsec-lint policies",
        description="Check rules and baselines against their schemas and the facts.",
    )
    parser.add_argument("action", choices=("check",))
    parser.add_argument(
        "folders", nargs="*", metavar="DIR", help="(default: the ones that ship)"
    )
    options = parser.parse_args(arguments)
    folders = options.folders or [str(builtin_policies())]
    errors = check_policies(folders)
    for error in errors:
        print(error, file=sys.stderr)  # noqa: T201
    if errors:
        return USAGE
    sys.stdout.write(f"{', '.join(folders)}: no errors\n")
    return CLEAN
