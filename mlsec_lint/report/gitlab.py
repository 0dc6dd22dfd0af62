"""The result as GitLab's SAST security report, schema 15.

Undecided findings have GitLab's severity `Unknown`; accepted ones are left out, as
GitLab keeps dismissals itself. GitLab reads descriptions as markdown.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import UUID

from mlsec_lint import __version__
from mlsec_lint.finding import Verdict
from mlsec_lint.report import safe, wording
from mlsec_lint.report.places import place, where
from mlsec_lint.report.snippet import scrub

if TYPE_CHECKING:
    from mlsec_lint.finding import Finding, Result
    from mlsec_lint.source import Note

SCHEMA_VERSION = "15.2.1"
#: The schema asks for times; a report that must be the same twice is given none.
NO_TIME = "1970-01-01T00:00:00"
_SEVERITIES = {
    "critical": "Critical",
    "high": "High",
    "medium": "Medium",
    "low": "Low",
    "info": "Info",
}


def render(
    result: Result, *, prefix: str = "", started: str = NO_TIME, ended: str = NO_TIME
) -> str:
    """The result as JSON; times are UTC as `2025-07-01T12:00:00`.

    `prefix` is the path of the scanned folder in its repository.
    """
    found = wording.failed(result) + wording.undecided(result)
    tool = {
        "id": "mlsec-lint",
        "name": "mlsec-lint",
        "version": __version__,
        "vendor": {"name": "mlsec-lint"},
    }
    seen: dict[str, int] = {}
    report = {
        "version": SCHEMA_VERSION,
        "scan": {
            "analyzer": tool,
            "scanner": tool,
            "type": "sast",
            "start_time": started,
            "end_time": ended,
            "status": "failure" if result.incomplete else "success",
            "messages": [
                *({"level": "info", "value": text} for text in _closing(result)),
                *(_message(note) for note in result.notes),
            ],
        },
        "vulnerabilities": [_vulnerability(f, prefix, seen) for f in found],
    }
    return json.dumps(report, ensure_ascii=True, indent=1) + "\n"


def _closing(result: Result) -> tuple[str, str]:
    return safe.clean(wording.checks(result.summary)), wording.NOT_ASSESSED


def _message(note: Note) -> dict[str, str]:
    spot = where(note.span) if note.span is not None else note.path
    text = f"{note.kind}: {spot}: {scrub(note.text)}"
    level = "warn" if note.incomplete else "info"
    return {"level": level, "value": wording.clip(safe.clean(text), 1_000)}


def _vulnerability(
    finding: Finding, prefix: str, seen: dict[str, int]
) -> dict[str, Any]:
    own = finding.fingerprint()
    ordinal = seen[own] = seen.get(own, 0) + 1
    identity = UUID(int=(int(own, 16) + ordinal - 1) % (1 << 128))
    at = place(finding.span)
    path = safe.clean(f"{prefix}/{at.path}" if prefix else at.path)
    undecided = finding.verdict is Verdict.UNKNOWN
    rule = safe.clean(finding.rule)
    return {
        "id": str(identity),
        "name": wording.clip(safe.clean(scrub(finding.message)), 255),
        "description": _description(finding),
        "severity": "Unknown"
        if undecided
        else _SEVERITIES.get(finding.severity, "Info"),
        "solution": wording.clip(safe.clean_lines(scrub(finding.fix)), 7_000),
        "identifiers": [
            {"type": "mlsec_lint_rule", "name": f"mlsec-lint {rule}", "value": rule}
        ],
        "location": {"file": path, "start_line": at.line, "end_line": at.line},
        "tracking": {
            "type": "source",
            "items": [
                {
                    "file": path,
                    "start_line": at.line,
                    "end_line": at.line,
                    "signatures": [
                        {"algorithm": "scope_offset", "value": str(identity)}
                    ],
                }
            ],
        },
    }


def _description(finding: Finding) -> str:
    why = " ".join(finding.why.split())
    lines = [safe.markdown(f"{finding.title} ({finding.level}). {why}"), ""]
    for label, others in (
        ("why held", finding.because),
        ("step", finding.steps),
        ("see", finding.related),
    ):
        lines += [
            f"* {label}: {safe.markdown(scrub(o.words))} "
            f"({safe.markdown_code(where(o.span))})"
            for o in others[:50]
        ]
    lines += [f"* value: {safe.markdown(scrub(value))}" for value in finding.values]
    lines += [f"* settled by {safe.markdown_code(name)}" for name in finding.settle]
    return "\n".join(lines)
