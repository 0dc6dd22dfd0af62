"""The result as workflow commands: annotations in the log of a GitHub workflow.

GitHub shows ten errors, ten warnings and ten notices of a step (July 2025), so the
most severe ones come first; the log keeps all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.report import safe, wording
from mlsec_lint.report.places import place, where
from mlsec_lint.report.snippet import scrub

if TYPE_CHECKING:
    from mlsec_lint.finding import Finding, Result
    from mlsec_lint.source import Note, Span

_COMMANDS = {"critical": "error", "high": "error", "medium": "warning"}


def render(result: Result, *, prefix: str = "") -> str:
    """One command a line: failed and undecided findings, what was not analysed, sums.

    `prefix` is the path of the scanned folder in its repository.
    """
    lines = [_failed(finding, prefix) for finding in wording.failed(result)]
    lines += [_undecided(finding, prefix) for finding in wording.undecided(result)]
    lines += [_note(note, prefix) for note in result.notes if note.incomplete]
    summary = f"{wording.checks(result.summary)}. {wording.NOT_ASSESSED}"
    lines.append(_command("notice", "mlsec-lint", summary))
    return "\n".join(lines) + "\n"


def _failed(finding: Finding, prefix: str) -> str:
    command = _COMMANDS.get(finding.severity, "notice")
    title = f"{finding.rule} ({finding.severity}, {finding.level})"
    return _command(command, title, _message(finding), finding.span, prefix)


def _undecided(finding: Finding, prefix: str) -> str:
    title = f"undecided: {finding.rule} ({finding.level})"
    return _command("notice", title, _message(finding), finding.span, prefix)


def _message(finding: Finding) -> str:
    lines = [scrub(finding.message)]
    lines += [
        f"Thought to hold weights: {scrub(other.words)} ({where(other.span)})"
        for other in finding.because[:3]
    ]
    if finding.settle:
        lines.append("Would be settled by " + ", ".join(finding.settle[:5]))
    if finding.fix:
        lines.append(f"Fix: {scrub(' '.join(finding.fix.split()))}")
    return "\n".join(wording.clip(line, 1_000) for line in lines)


def _note(note: Note, prefix: str) -> str:
    message = f"Not analysed: {scrub(note.text)}"
    title = f"mlsec-lint: {note.kind}"
    if note.span is not None:
        return _command("warning", title, message, note.span, prefix)
    return _command("warning", title, f"{message} ({note.path})")


def _command(
    command: str, title: str, message: str, span: Span | None = None, prefix: str = ""
) -> str:
    properties = []
    if span is not None:
        at = place(span)
        path = f"{prefix}/{at.path}" if prefix else at.path
        properties = [
            f"file={safe.github_property(path)}",
            f"line={at.line}",
            f"endLine={at.line}",
            f"col={at.column}",
            f"endColumn={at.end_column}",
        ]
    properties.append(f"title={safe.github_property(title)}")
    return f"::{command} {','.join(properties)}::{safe.github_data(message)}"
