"""Many findings of one rule, told in few lines: the first in full, the rest counted.

A mistake that a repository makes everywhere is one thing to know. Reports for people
tell a few of its places and count the others; reports for programs list all of them.
Paths and critical findings are always told one by one.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.report.wording import count, rank

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mlsec_lint.finding import Finding

#: A rule with more findings than MOST is a crowd, of which FULL are told in full.
MOST, FULL = 10, 3


class Crowd(NamedTuple):
    """Findings of one rule that are only counted; `worst` is their greatest severity."""

    rule: str
    worst: str
    findings: tuple[Finding, ...]

    @property
    def place(self) -> str:
        """`210 files below configs/recipes`, or the one file that has them all."""
        files = list(dict.fromkeys(f.span.path for f in self.findings))
        if len(files) == 1:
            return files[0]
        folder = posixpath.commonpath([posixpath.dirname(file) for file in files])
        return count(len(files), "file") + (f" below {folder}" if folder else "")


def thinned(
    findings: Sequence[Finding], *, every: bool = False
) -> tuple[list[Finding], list[Crowd]]:
    """The findings to tell one by one, in their order, and the crowds of the others.

    `every` tells all of them. The crowds come worst first, then the largest.
    """
    if every:
        return list(findings), []
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        if not _alone(finding):
            groups.setdefault(finding.rule, []).append(finding)
    crowds = [
        Crowd(rule, _worst(group[FULL:]), tuple(group[FULL:]))
        for rule, group in groups.items()
        if len(group) > MOST
    ]
    counted = {id(finding) for crowd in crowds for finding in crowd.findings}
    told = [finding for finding in findings if id(finding) not in counted]
    return told, sorted(
        crowds, key=lambda c: (-rank(c.worst), -len(c.findings), c.rule)
    )


def _alone(finding: Finding) -> bool:
    return finding.path is not None or finding.severity == "critical"


def _worst(findings: Iterable[Finding]) -> str:
    return max((finding.severity for finding in findings), key=rank)
