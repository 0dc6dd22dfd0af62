"""The result as JSON for programs. docs/json.md describes it; `version` tells changes.

Fields are added without notice; a field that goes or changes meaning raises `version`.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from mlsec_lint import __version__
from mlsec_lint.finding import Verdict
from mlsec_lint.report import safe
from mlsec_lint.report.places import place
from mlsec_lint.report.snippet import Snippets, scrub
from mlsec_lint.report.wording import NOT_ASSESSED, checks, clip

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsec_lint.finding import Cut, Finding, Related, Result
    from mlsec_lint.source import Note, Span

VERSION = 1
_MAX_SNIPPET = 1_000


def render(result: Result, *, exit_code: int | None = None, passed: bool = True) -> str:
    """The result as JSON text in ASCII; the same bytes for the same result.

    `passed` keeps findings whose verdict is `pass`.
    """
    snippets = Snippets(result)
    document = {
        "tool": {"name": "mlsec-lint", "version": __version__},
        "version": VERSION,
        "exit_code": exit_code,
        "incomplete": result.incomplete,
        "summary": {
            **asdict(result.summary),
            "settle": [
                {"input": name, "checks": n} for name, n in result.summary.settle
            ],
            "text": checks(result.summary),
            "not_assessed": NOT_ASSESSED,
        },
        "cuts": {
            "paths": result.cuts.paths,
            "closed": result.cuts.closed,
            "changes": [_cut(change) for change in result.cuts.changes],
        },
        "rules": [asdict(rule) for rule in result.rules],
    }
    findings = (
        finding_entry(finding, snippets)
        for finding in result.findings
        if passed or finding.verdict is not Verdict.PASS
    )
    head = _text(document).removesuffix("\n}")
    return (
        f'{head},\n "findings": {_listed(findings)},\n'
        f' "notes": {_listed(map(note_entry, result.notes))}\n}}\n'
    )


def _text(entry: dict[str, Any]) -> str:
    return json.dumps(safe_tree(entry), ensure_ascii=True, indent=1)


def _listed(entries: Iterable[dict[str, Any]]) -> str:
    """A list of the document, made text entry by entry: scans may find very much.

    A line break within a text is escaped, so that each one in the JSON may be indented.
    """
    texts = [_text(entry).replace("\n", "\n  ") for entry in entries]
    return "[\n  " + ",\n  ".join(texts) + "\n ]" if texts else "[]"


def finding_entry(finding: Finding, snippets: Snippets) -> dict[str, Any]:
    """One finding as `findings` has it, not yet safe to print."""
    accepted = finding.suppression
    return {
        "rule": finding.rule,
        "title": finding.title,
        "verdict": finding.verdict.value,
        "severity": finding.severity,
        "level": finding.level,
        "area": finding.area,
        "message": scrub(finding.message),
        "subject": finding.subject,
        "fact": finding.fact,
        "fingerprint": finding.fingerprint(),
        "position": position_entry(finding.span),
        "snippet": _snippet(finding.span, snippets),
        "sensitive": finding.sensitive,
        "fix": scrub(finding.fix),
        "why": finding.why,
        "because": [related_entry(other) for other in finding.because],
        "related": [related_entry(other) for other in finding.related],
        "trail": [
            {"words": scrub(step.words), "position": position_entry(step.span)}
            for step in finding.trail
        ],
        "values": [scrub(value) for value in finding.values],
        "settle": list(finding.settle),
        "data_as_of": finding.data_as_of,
        "path": finding.path,
        "steps": [related_entry(step) for step in finding.steps],
        "closed_by": [{"rule": c.rule, "at": c.address} for c in finding.closers],
        "cut": None if finding.cut is None else _cut(finding.cut),
        "parts": [related_entry(part) for part in finding.parts],
        "part_of": list(finding.part_of),
        "suppression": None
        if accepted is None
        else {
            "kind": accepted.kind,
            "reason": scrub(accepted.reason),
            "until": accepted.until,
            "position": position_entry(accepted.span),
        },
    }


def _cut(change: Cut) -> dict[str, Any]:
    return {
        "rule": change.rule,
        "fix": scrub(change.fix),
        "address": change.address,
        "position": position_entry(change.span),
        "step": change.step,
        "failing": change.failing,
        "closes": list(change.closes),
    }


def related_entry(other: Related) -> dict[str, Any]:
    """Another place with its words."""
    return {
        "words": scrub(other.words),
        "address": other.address,
        "position": position_entry(other.span),
    }


def note_entry(note: Note) -> dict[str, Any]:
    """One note as `notes` has it."""
    return {
        "kind": note.kind,
        "text": scrub(note.text),
        "path": note.path,
        "position": position_entry(note.span),
        "incomplete": note.incomplete,
        "strict_only": note.strict_only,
    }


def position_entry(span: Span | None) -> dict[str, Any] | None:
    """The whole span: lines and columns from 1 in code points, bytes from 0."""
    if span is None:
        return None
    outer = span.resolved()
    source = outer.source
    line, column = source.position(outer.start)
    end_line, end_column = source.position(outer.end)
    return {
        "path": source.path,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
    }


def _snippet(span: Span, snippets: Snippets) -> str:
    """The masked source text of the first line that the span covers."""
    at = place(span)
    text = snippets.text(at.source)[at.start : at.end]
    return clip(text, _MAX_SNIPPET)


def safe_tree(node: Any) -> Any:
    """The same tree with every text cleaned, names of mappings too."""
    if isinstance(node, dict):
        return {safe.clean(str(name)): safe_tree(value) for name, value in node.items()}
    if isinstance(node, list | tuple):
        return [safe_tree(value) for value in node]
    return safe.clean_lines(node) if isinstance(node, str) else node
