"""The result as JUnit XML, for CI systems that show tests.

One test case for each failed, undecided and accepted finding: a failure, a skipped
case with the reason, a skipped case. What was not analysed is an error of its own
suite, so that a run that saw half of the input is not green.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from mlsec_lint.report import safe, wording
from mlsec_lint.report.places import place, where
from mlsec_lint.report.snippet import scrub

if TYPE_CHECKING:
    from mlsec_lint.finding import Finding, Result
    from mlsec_lint.source import Note


def render(result: Result) -> str:
    """The result as an XML document in UTF-8 without times."""
    failed = wording.failed(result)
    skipped = wording.undecided(result) + wording.suppressed(result)
    lost = [note for note in result.notes if note.incomplete]
    cases = [*map(_failure, failed), *map(_skipped, skipped)]
    tests = len(cases) + len(lost)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        _open("testsuites", "mlsec-lint", tests, len(failed), len(lost), len(skipped)),
        _open("testsuite", "findings", len(cases), len(failed), 0, len(skipped)),
        *cases,
        f"<system-out>{_text(_closing(result))}</system-out>",
        "</testsuite>",
        _open("testsuite", "input", len(lost), 0, len(lost), 0),
        *map(_error, lost),
        "</testsuite>",
        "</testsuites>",
    ]
    return "\n".join(lines) + "\n"


def _open(
    tag: str, name: str, tests: int, failures: int, errors: int, skipped: int
) -> str:
    return (
        f'<{tag} name="{name}" tests="{tests}" failures="{failures}" '
        f'errors="{errors}" skipped="{skipped}">'
    )


def _closing(result: Result) -> str:
    return f"{wording.checks(result.summary)}. {wording.NOT_ASSESSED}"


def _failure(finding: Finding) -> str:
    message = f"{finding.severity} {finding.level}: {scrub(finding.message)}"
    return _case(
        finding,
        f"<failure type={_quoted(finding.rule)} message={_quoted(message)}>"
        f"{_text(_body(finding))}</failure>",
    )


def _skipped(finding: Finding) -> str:
    accepted = finding.suppression
    if accepted is not None:
        message = f"accepted: {scrub(accepted.reason)}"
    else:
        settle = ", ".join(finding.settle)
        message = f"undecided: {scrub(finding.message)}"
        message += f" (settled by {settle})" if settle else ""
    return _case(finding, f"<skipped message={_quoted(message)}/>")


def _case(finding: Finding, inner: str) -> str:
    at = place(finding.span)
    name = f"{finding.rule} {finding.subject}"
    return (
        f"<testcase classname={_quoted(at.path)} name={_quoted(name)} "
        f'file={_quoted(at.path)} line="{at.line}">{inner}</testcase>'
    )


def _body(finding: Finding) -> str:
    lines = [where(finding.span)]
    for label, others in (
        ("why held", finding.because),
        ("step", finding.steps),
        ("see", finding.related),
    ):
        lines += [f"{label}: {scrub(o.words)} ({where(o.span)})" for o in others]
    lines += [f"from: {scrub(s.words)} ({where(s.span)})" for s in finding.trail]
    lines += [f"value: {scrub(value)}" for value in finding.values]
    if finding.fix:
        lines.append(f"fix: {scrub(' '.join(finding.fix.split()))}")
    return "\n".join(safe.clean(line) for line in lines)


def _error(note: Note) -> str:
    spot = where(note.span) if note.span is not None else note.path
    return (
        f"<testcase classname={_quoted(note.path or 'scan')} "
        f"name={_quoted(f'{note.kind} {spot}')}>"
        f"<error type={_quoted(note.kind)} message={_quoted(scrub(note.text))}/>"
        "</testcase>"
    )


def _quoted(text: str) -> str:
    return quoteattr(safe.clean(text))


def _text(text: str) -> str:
    return escape(safe.clean_lines(text))
