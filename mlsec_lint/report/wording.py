"""Words and orders that several reports share. Knows no format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.finding import SEVERITIES, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsec_lint.finding import Cut, Cuts, Finding, Result, Summary
    from mlsec_lint.source import Note

#: Where the project lives. The domain is a reserved one (RFC 2606), so that nobody can
#: take it before the project has a public address.
HOME = "https://mlsec-lint.example/"

#: What no static analysis of config can see; printed by every report for people.
NOT_ASSESSED = (
    "Not assessed: personnel, physical security, runtime behaviour, drift from this "
    "config, accounts outside it. A run without findings is no certificate."
)


def failed(result: Result) -> list[Finding]:
    """Findings that are told: failed and not suppressed, most severe first.

    What lies on a path is told with the path, and not a second time.
    """
    return _sorted(
        f
        for f in result.findings
        if f.verdict is Verdict.FAIL and not f.suppression and not f.part_of
    )


def parts(result: Result) -> list[Finding]:
    """Failed findings that are told with the paths that they lie on."""
    return _sorted(
        f
        for f in result.findings
        if f.verdict is Verdict.FAIL and not f.suppression and f.part_of
    )


def undecided(result: Result) -> list[Finding]:
    """Findings that nobody can decide statically, most severe first.

    What is open for the same reason is told with one of them.
    """
    return _sorted(
        f
        for f in result.findings
        if f.verdict is Verdict.UNKNOWN and not f.suppression and not f.part_of
    )


def suppressed(result: Result) -> list[Finding]:
    """Findings that somebody accepted."""
    return _sorted(f for f in result.findings if f.suppression)


def _sorted(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(
        findings, key=lambda f: (-rank(f.severity), f.span.sort_key(), f.rule)
    )


def rank(severity: str) -> int:
    """Severities as numbers, the higher the worse."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else 0


def by_severity(findings: Iterable[Finding]) -> dict[str, int]:
    """How many of each severity, worst first; severities without findings left out."""
    found = [f.severity for f in findings]
    counts = {s: found.count(s) for s in reversed(SEVERITIES)}
    return {s: n for s, n in counts.items() if n}


def grouped_notes(notes: Iterable[Note]) -> dict[str, list[Note]]:
    """Notes by kind, in order of first appearance; those that cost analysis first."""
    groups: dict[str, list[Note]] = {}
    for note in sorted(notes, key=lambda n: (not n.incomplete, n.strict_only)):
        groups.setdefault(note.kind, []).append(note)
    return groups


def count(number: int, noun: str) -> str:
    """`1 file`, `2,000 files`."""
    if number == 1:
        return f"1 {noun}"
    if noun.endswith("software"):
        return f"{number:,} {noun}"
    if noun.endswith(("ch", "sh", "x")):
        return f"{number:,} {noun}es"
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{number:,} {noun[:-1]}ies"
    return f"{number:,} {noun}{'es' if noun.endswith(('s', 'x')) else 's'}"


def size(octets: int) -> str:
    """Bytes as people say them, in decimal units."""
    amount, unit = float(octets), "B"
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            break
        amount /= 1000
    return f"{octets} B" if unit == "B" else f"{amount:.1f} {unit}"


def checks(summary: Summary) -> str:
    """How far the baseline is met, in words that claim no level."""
    total = summary.checks_met + summary.checks_failed + summary.checks_undecided
    return (
        f"{summary.checks_met} of {count(total, 'config-visible check')} of the "
        f"{summary.baseline} baseline met, {summary.checks_undecided} undecided"
    )


def cuts(found: Cuts, shown: int) -> str:
    """`These 2 changes close 5 of 6 paths`, of the first so many; "" without a path."""
    if not found.paths:
        return ""
    changes = found.changes[:shown]
    closed = len({one for cut in changes for one in cut.closes})
    missing = found.paths - found.closed
    of = f"{closed:,} of {count(found.paths, 'path')}"
    if not changes:
        return f"For {count(found.paths, 'path')} no single change is known"
    few = len(changes) == 1
    text = "This change closes" if few else f"These {len(changes)} changes close"
    text = f"{text} {of}"
    if missing:
        text += f"; for {missing:,} no single change is known"
    return text


def cut(change: Cut, where: str, *, alone: bool = False) -> str:
    """One change in words: the rule to meet, the place, and how many paths it closes."""
    text = f"meet {change.rule} at {where}"
    number = len(change.closes)
    if number > 1 or (number and not alone):
        text += f" (closes {count(number, 'path')})"
    return text


def first_sentence(text: str) -> str:
    """A fix in short: up to the first full stop or semicolon, on one line."""
    line = " ".join(text.split())
    ends = [at for mark in (". ", "; ") if (at := line.find(mark)) > 0]
    return line[: min(ends)] if ends else line.rstrip(".")


def clip(text: str, limit: int) -> str:
    """At most so many characters, with an ellipsis where some were left out."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
