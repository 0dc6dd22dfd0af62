"""`mlsec-lint posture`: how far each baseline is met, and what stands in between."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from mlsec_lint.finding import LEVELS, SEVERITIES, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlsec_lint.finding import Finding, Result


def main(arguments: Sequence[str]) -> int:
    """Print n of m config-visible checks for every baseline. Exit code 0 or 3.

    No level is ever claimed: a baseline holds what config can show of a security
    level, and the report says what it cannot.
    """
    from mlsec_lint.commands import CLEAN, INCOMPLETE
    from mlsec_lint.commands.judging import terms
    from mlsec_lint.commands.scan import place

    parser = argparse.ArgumentParser(
        prog="mlsec-lint posture",
        description="For each baseline: how many config-visible checks are met, what "
        "is undecided, what stands between here and the next one, what no config shows.",
        epilog="Exit codes: 0, 2 usage, 3 something was not analysed.",
    )
    parser.add_argument("path", nargs="?", default=".", metavar="PATH")
    parser.add_argument("--config", default="")
    parser.add_argument("--policies", action="append", default=[], metavar="DIR")
    parser.add_argument(
        "--assume-weights", choices=("inferred", "declared", "all"), default="inferred"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text")
    options = parser.parse_args(arguments)
    where = place([options.path])
    from mlsec_lint.report.safe import clean_log, json_log
    from mlsec_lint.scan import read, survey, verdict_of

    first = terms(where.root, config=options.config, policies=options.policies)
    reading = read(where.root, where.paths, first.config)
    estate = survey(reading, first.config, options.assume_weights)
    rows: list[tuple[str, Result, tuple[str, ...]]] = []
    for level in LEVELS:
        policies, baseline, config = terms(
            where.root, baseline=level, config=options.config, policies=options.policies
        )
        result = verdict_of(
            reading, estate, config=config, baseline=baseline, policies=policies
        )
        rows.append((level, result, baseline.cannot_see))
    if options.format == "json":
        import json

        text = json.dumps([_json(*row) for row in rows], indent=2)
        sys.stdout.write(json_log(text) + "\n")
    else:
        sys.stdout.write(clean_log("\n".join(_text(rows))) + "\n")
    lost = any(note.incomplete for note in rows[0][1].notes)
    return INCOMPLETE if lost or not reading.tree.files else CLEAN


def _open(result: Result) -> list[Finding]:
    """Unaccepted failures of a result, worst first."""
    found = [
        f for f in result.findings if f.verdict is Verdict.FAIL and not f.suppression
    ]
    return sorted(found, key=lambda f: (-SEVERITIES.index(f.severity), f.rule))


def _text(rows: list[tuple[str, Result, tuple[str, ...]]]) -> Iterator[str]:
    from mlsec_lint.report.safe import clean
    from mlsec_lint.report.wording import NOT_ASSESSED, checks

    yield 'Config-visible checks, after RAND\'s "Securing AI Model Weights":'
    yield ""
    for _, result, _ in rows:
        yield f"  {checks(result.summary)}"
    yield ""
    told: set[str] = set()
    for level, result, blind in rows:
        failing = [f for f in _open(result) if f.rule not in told]
        rules = list(dict.fromkeys(f.rule for f in failing))
        told.update(rules)
        yield f"Between here and the {level} baseline: {len(rules)} more rules"
        for rule in rules:
            places = [f for f in failing if f.rule == rule]
            first = places[0]
            more = f" and {len(places) - 1} more" if len(places) > 1 else ""
            spot = f"{clean(first.span.path)}:{first.span.line}"
            yield f"  {first.severity:<8} {rule}: {clean(first.title)} ({spot}{more})"
        for name, number in result.summary.settle[:3]:
            yield f"  undecided: {clean(name)} would settle {number}"
        for words in blind:
            yield f"  not visible in config: {words}"
        yield ""
    yield NOT_ASSESSED


def _json(level: str, result: Result, blind: tuple[str, ...]) -> dict[str, Any]:
    summary = result.summary
    failing: dict[str, int] = {}
    for finding in _open(result):
        failing[finding.rule] = failing.get(finding.rule, 0) + 1
    return {
        "baseline": level,
        "met": summary.checks_met,
        "failed": summary.checks_failed,
        "undecided": summary.checks_undecided,
        "not_applicable": summary.checks_not_applicable,
        "failing": failing,
        "settle": [{"input": name, "checks": n} for name, n in summary.settle],
        "not_assessed": list(blind),
    }
