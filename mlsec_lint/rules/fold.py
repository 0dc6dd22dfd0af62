"""Root cause first: single findings that lie on a path become parts of it.

A finding belongs to a path where a hop of the path names its rule as a control that
would close it, and the finding is about the thing of that hop. It stays a result of its
own for programs; for people it is told with the path. A path that is only possible, or
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
    for hop in path.closers:
        for single in singles.get(hop.rule, ()):
            if _is_on(single, hop.address):
                parts[id(single)] = single
    whole = path.fingerprint()
    for single in list(parts.values())[:MOST_PARTS]:
        single.part_of = (*single.part_of, whole)
        told = Related(single.span, f"{single.rule}: {single.message}", single.subject)
        path.related = (*path.related, told)


def _is_on(single: Finding, address: str) -> bool:
    """Whether a finding is about a thing or a part of it (a container, a volume)."""
    subject = single.subject
    return subject == address or subject.startswith((f"{address}/", f"{address}#"))


def shown(findings: Iterable[Finding]) -> list[Finding]:
    """Those that are told on their own."""
    return [finding for finding in findings if not finding.part_of]
