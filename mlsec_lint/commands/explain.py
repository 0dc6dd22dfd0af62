"""`mlsec-lint rules` and `mlsec-lint explain RULE`: the rules, for people."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mlsec_lint.commands import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlsec_lint.rules.grammar import Policies


def _policies(folders: Sequence[str]) -> Policies:
    from mlsec_lint.commands.judging import builtin_policies, refuse
    from mlsec_lint.rules.read import read_policies

    read, errors = read_policies([builtin_policies(), *map(Path, folders)])
    refuse(errors)
    return read


def rules(arguments: Sequence[str]) -> int:
    """List every rule: id, level, severity, title."""
    parser = argparse.ArgumentParser(
        prog="mlsec-lint rules", description="List the rules, by area."
    )
    parser.add_argument("--policies", action="append", default=[], metavar="DIR")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    options = parser.parse_args(arguments)
    found = sorted(_policies(options.policies).rules, key=lambda r: (r.area, r.id))
    if options.format == "json":
        import json

        rows = [
            {"id": r.id, "area": r.area, "level": r.level, "severity": r.severity,
             "title": r.title}
            for r in found
        ]  # fmt: skip
        sys.stdout.write(json.dumps(rows, indent=2) + "\n")
        return 0
    width = max((len(rule.id) for rule in found), default=0)
    for rule in found:
        line = f"{rule.id:<{width}}  {rule.level}  {rule.severity:<8}  {rule.title}"
        sys.stdout.write(line + "\n")
    return 0


def explain(arguments: Sequence[str]) -> int:
    """Show one rule's page; or write the pages of all rules into a folder."""
    from mlsec_lint.rules import which
    from mlsec_lint.rules.page import page
    from mlsec_lint.rules.strict import did_you_mean

    parser = argparse.ArgumentParser(
        prog="mlsec-lint explain",
        description="What a rule asks, why, what it reports and what not, and the fix.",
    )
    parser.add_argument("rule", nargs="?", metavar="RULE")
    parser.add_argument("--policies", action="append", default=[], metavar="DIR")
    parser.add_argument(
        "--write", metavar="DIR", help="write the pages of all rules as Markdown files"
    )
    options = parser.parse_args(arguments)
    policies = _policies(options.policies)
    if options.write:
        folder = Path(options.write)
        folder.mkdir(parents=True, exist_ok=True)
        for rule in policies.rules:
            path = folder / f"{rule.id}.md"
            path.write_text(page(rule), encoding="utf-8", newline="\n")
        return 0
    if options.rule is None:
        raise UsageError(
            "explain takes the id of a rule; `mlsec-lint rules` lists them"
        )
    if options.rule == which.RULE:
        _show(which.page())
        return 0
    rule_found = policies.find(options.rule)
    if rule_found is None:
        hint = did_you_mean(options.rule, [r.id for r in policies.rules])
        raise UsageError(f"{options.rule}: no such rule{hint}")
    _show(page(rule_found))
    return 0


def _show(text: str) -> None:
    """Markdown as it is, or laid out on a terminal."""
    if not sys.stdout.isatty():
        sys.stdout.write(text)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    Console().print(Markdown(text))
