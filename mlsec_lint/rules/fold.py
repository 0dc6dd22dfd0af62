"""Root cause first: single findings that lie on a path become parts of it.

A finding belongs to a path where a hop of the path names its rule as a control that
would close it, and the finding is about a thing of the path or points at a line of it.
It stays a result of its own for programs; for people it is told with the path. A path that is only possible, or
that somebody accepted, takes nothing in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.finding import Finding, Related, Verdict

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
    return findings


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
