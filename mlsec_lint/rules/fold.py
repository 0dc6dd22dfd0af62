"""Root cause first: single findings that lie on a path become parts of it.

So do undecided findings about one thing that are so for one reason: a place that nobody
can tell leaves every rule about places open, and people are told once. The most severe
of them names the rules of the others.

A finding belongs to a path where a hop of the path names its rule as a control that
would close it, and the finding is about a thing of the path or points at a line of it.
It stays a result of its own for programs; for people it is told with the path. A path that is only possible, or
that somebody accepted, takes nothing in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.finding import SEVERITIES, Finding, Related, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

#: So many findings are told with one path.
MOST_PARTS = 10


def fold(findings: list[Finding]) -> list[Finding]:
    """The same findings, with parts and wholes told of each other."""
    singles: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.path is None and _counts(finding):
            singles.setdefault(finding.rule, []).append(finding)
    for finding in findings:
        if finding.path is not None and _counts(finding):
            _take(finding, singles)
    for group in _doubted(findings):
        _tell_once(group)
    return findings


def _doubted(findings: list[Finding]) -> list[list[Finding]]:
    """Undecided findings of several rules with the same subject and the same doubts."""
    groups: dict[tuple[str, tuple[str, ...]], list[Finding]] = {}
    for finding in findings:
        if finding.verdict is not Verdict.UNKNOWN or finding.suppression is not None:
            continue
        if finding.path is None and all(finding.doubts) and finding.doubts:
            key = (finding.subject, finding.doubts)
            groups.setdefault(key, []).append(finding)
    return [group for group in groups.values() if len({f.rule for f in group}) > 1]


def _tell_once(group: list[Finding]) -> None:
    """Make the most severe finding of a group the whole, and the others its parts."""
    whole = max(group, key=lambda finding: SEVERITIES.index(finding.severity))
    others = [finding for finding in group if finding is not whole]
    for other in others:
        other.part_of = (*other.part_of, whole.fingerprint())
    told = [Related(f.span, f"{f.rule}: {f.title}", f.subject) for f in others]
    whole.parts = (*whole.parts, *told[:MOST_PARTS])
    rules = sorted({finding.rule for finding in others} - {whole.rule})
    whole.message += f" (open for the same reason: {', '.join(rules)})"


def _counts(finding: Finding) -> bool:
    return finding.verdict is Verdict.FAIL and finding.suppression is None


def _take(path: Finding, singles: dict[str, list[Finding]]) -> None:
    parts: dict[int, Finding] = {}
    addresses = dict.fromkeys(hop.address for hop in path.closers)
    addresses.update(dict.fromkeys(step.address for step in path.steps))
    lines = {(step.span.path, step.span.line) for step in path.steps}
    for rule in dict.fromkeys(hop.rule for hop in path.closers):
        for single in singles.get(rule, ()):
            here = (single.span.path, single.span.line) in lines
            if here or any(_is_on(single, one) for one in addresses if one):
                parts[id(single)] = single
    whole = path.fingerprint()
    for single in list(parts.values())[:MOST_PARTS]:
        single.part_of = (*single.part_of, whole)
        told = Related(single.span, f"{single.rule}: {single.message}", single.subject)
        path.parts = (*path.parts, told)


def _is_on(single: Finding, address: str) -> bool:
    """Whether a finding is about a thing or a part of it (a container, a volume)."""
    subject = single.subject
    return subject == address or subject.startswith((f"{address}/", f"{address}#"))


def shown(findings: Iterable[Finding]) -> list[Finding]:
    """Those that are told on their own."""
    return [finding for finding in findings if not finding.part_of]
