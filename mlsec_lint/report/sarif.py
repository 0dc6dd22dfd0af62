"""The result as SARIF 2.1.0, within the limits of GitHub's code scanning.

GitHub reads a part of the format: only `locations[0]`, links embedded in the message,
code flows; it ignores `kind`, so that undecided results have descriptors of their own
(`undecided:RULE`) without a security severity. Limits and what is read: GitHub's page
"SARIF support for code scanning", July 2025.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from mlsec_lint import __version__
from mlsec_lint.finding import Verdict
from mlsec_lint.report import safe, sarif_rules
from mlsec_lint.report.linehash import LineHashes
from mlsec_lint.report.places import where
from mlsec_lint.report.sarif_places import Places
from mlsec_lint.report.snippet import Snippets, scrub
from mlsec_lint.report.wording import HOME, NOT_ASSESSED, checks, clip

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mlsec_lint.finding import Finding, Related, Result
    from mlsec_lint.source import Note

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
#: GitHub's caps: results of a run (it keeps 5,000), related locations it shows, and
#: steps of a flow it keeps.
MAX_RESULTS, MAX_RELATED, MAX_STEPS = 25_000, 100, 1_000
MAX_MESSAGE = 1_000


class Provenance(NamedTuple):
    """The version-controlled tree that was scanned."""

    repository: str
    revision: str = ""
    branch: str = ""


def render(
    result: Result,
    *,
    exit_code: int | None = None,
    automation: str = "",
    provenance: Provenance | None = None,
    prefix: str = "",
    home: str = HOME,
    states: Mapping[int, str] | None = None,
) -> str:
    """The result as a SARIF log of one run; the same bytes for the same arguments.

    `automation` is the run's category (`mlsec-lint/SL3`); `prefix` the path of the
    scanned folder in its repository, put before every file, so that a code host finds
    them; `home` the address of the documentation, with a slash at its end. `states` are
    the baselineState of findings by their id, for a comparison with another state.
    """
    findings = [f for f in result.findings if f.verdict is not Verdict.PASS]
    places = Places(Snippets(result), prefix)
    rules, index = sarif_rules.descriptors(result.rules, findings, home)
    names = _Names()
    kinds = list(dict.fromkeys(note.kind for note in result.notes))
    run: dict[str, Any] = {
        "tool": {"driver": _driver(rules, kinds, home)},
        "automationDetails": _automation(automation),
        "invocations": [_invocation(result, kinds, places, exit_code)],
        "versionControlProvenance": _provenance(provenance),
        "originalUriBaseIds": {
            "SRCROOT": {"description": {"text": "The root of the scanned repository."}}
        },
        "results": [],
        "columnKind": "unicodeCodePoints",
        "redactionTokens": ["*"],
        "properties": _run_properties(result, len(findings)),
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_pruned(run)]}
    results = (
        {
            **_result(f, index[sarif_rules.rule_id(f)], places, names),
            "baselineState": (states or {}).get(id(f), ""),
        }
        for f in findings[:MAX_RESULTS]
    )
    return _written(
        json.dumps(log, indent=1), (json.dumps(_pruned(result)) for result in results)
    )


def _written(frame: str, results: Iterable[str]) -> str:
    """The log with one line for each result, which is fast and can be compared.

    Nothing but the run's own empty list reads `"results": []` in the frame: quotes of
    strangers are escaped.
    """
    lines = ",\n".join(results)
    filled = f'"results": [\n{lines}\n  ]' if lines else '"results": []'
    return frame.replace('"results": []', filled, 1) + "\n"


def _driver(
    rules: list[dict[str, Any]], kinds: Sequence[str], home: str
) -> dict[str, Any]:
    return {
        "name": "mlsec-lint",
        "organization": "mlsec-lint",
        "fullName": f"mlsec-lint {__version__}",
        "version": __version__,
        "semanticVersion": __version__,
        "informationUri": home,
        "shortDescription": {
            "text": "Where the model weights are, who can reach them and where they can go."
        },
        "rules": rules,
        "notifications": [sarif_rules.notification(kind, home) for kind in kinds],
    }


def _automation(category: str) -> dict[str, Any] | None:
    if not category:
        return None
    text = safe.clean(category)
    return {"id": text if text.endswith("/") else f"{text}/"}


def _provenance(provenance: Provenance | None) -> list[dict[str, Any]] | None:
    if provenance is None:
        return None
    details = {
        "repositoryUri": safe.clean(provenance.repository),
        "revisionId": safe.clean(provenance.revision),
        "branch": safe.clean(provenance.branch),
        "mappedTo": {"uriBaseId": "SRCROOT"},
    }
    return [{name: value for name, value in details.items() if value}]


def _run_properties(result: Result, found: int) -> dict[str, Any]:
    summary = result.summary
    return {
        "weight_stores": [safe.clean(a) for a in summary.weight_stores],
        "baseline": summary.baseline,
        "incomplete": result.incomplete,
        "resultsLeftOut": max(0, found - MAX_RESULTS),
        "notAssessed": NOT_ASSESSED,
        "summary": {
            "text": checks(summary),
            "files": summary.files,
            "bytes": summary.bytes,
            "excluded": _counts(summary.excluded),
            "recognised": _counts(summary.recognised),
            "notAnalysed": _counts(summary.not_analysed),
            "roots": _counts(summary.roots),
            "things": _counts(summary.things),
            "checksMet": summary.checks_met,
            "checksFailed": summary.checks_failed,
            "checksUndecided": summary.checks_undecided,
            "checksNotApplicable": summary.checks_not_applicable,
            "settle": [
                {"input": safe.clean(name), "checks": n} for name, n in summary.settle
            ],
        },
    }


def _counts(counts: dict[str, int]) -> dict[str, int]:
    return {safe.clean(name): number for name, number in counts.items()}


def _invocation(
    result: Result, kinds: Sequence[str], places: Places, exit_code: int | None
) -> dict[str, Any]:
    return {
        "executionSuccessful": not result.incomplete,
        "exitCode": exit_code,
        "toolExecutionNotifications": [
            _notification(note, kinds.index(note.kind), places) for note in result.notes
        ],
        "workingDirectory": {"uriBaseId": "SRCROOT", "uri": "."},
    }


def _notification(note: Note, index: int, places: Places) -> dict[str, Any]:
    level = "error" if note.incomplete else "note"
    if note.incomplete and note.strict_only:
        level = "warning"
    location = places.location(note.span) if note.span else places.file(note.path)
    return {
        "descriptor": {"id": safe.clean(note.kind), "index": index},
        "level": level,
        "message": {"text": clip(safe.sarif_text(scrub(note.text)), MAX_MESSAGE)},
        "locations": [location] if location else None,
    }


class _Names:
    """Fingerprints that never collide, and GitHub's hashes of the lines."""

    def __init__(self) -> None:
        self._prints: dict[str, int] = {}
        self._hashes: dict[tuple[str, str, str], int] = {}
        self._lines = LineHashes()

    def of(self, finding: Finding, rule: str) -> dict[str, str]:
        own = finding.fingerprint()
        ordinal = self._prints[own] = self._prints.get(own, 0) + 1
        if ordinal > 1:
            own = f"{own}:{ordinal}"
        names = {"mlsecLint/v1": own}
        span = finding.span.resolved()
        line = self._lines.of(span.source, span.source.position(span.start)[0])
        if line:
            key = (rule, span.source.path, line)
            again = self._hashes[key] = self._hashes.get(key, 0) + 1
            # GitHub would take a second result of a rule on a line for the first one.
            names["primaryLocationLineHash"] = line if again == 1 else f"{line}:{own}"
        return names


def _result(
    finding: Finding, index: int, places: Places, names: _Names
) -> dict[str, Any]:
    rule = sarif_rules.rule_id(finding)
    failed = finding.verdict is Verdict.FAIL
    subject = safe.clean(finding.subject) or "config"
    kind = "fail" if failed else "open"
    text, related = _message(finding, places)
    return {
        "ruleId": rule,
        "ruleIndex": index,
        "kind": kind,
        "level": _level(finding),
        "message": {"text": text, "id": kind, "arguments": [subject]},
        "locations": [places.location(finding.span, finding.subject, context=True)],
        "relatedLocations": related,
        "codeFlows": _flows(finding, places),
        "partialFingerprints": names.of(finding, rule),
        "suppressions": _suppressions(finding, places),
        "properties": _properties(finding),
    }


def _level(finding: Finding) -> str:
    """A finding that lies on a path is a note beside it: the path has the severity."""
    if finding.verdict is not Verdict.FAIL:
        return "none"
    return "note" if finding.part_of else sarif_rules.level(finding.severity)


def _message(finding: Finding, places: Places) -> tuple[str, list[dict[str, Any]]]:
    """The message with its links, and the locations that they lead to.

    The first sentence is the finding itself: GitHub makes it the alert's title.
    """
    related: list[dict[str, Any]] = []
    sentences = [_sentence(safe.sarif_text(scrub(finding.message)))]
    for lead, others in (
        ("Thought to hold weights because ", finding.because),
        ("On the way: ", finding.parts),
        ("See also ", finding.related),
    ):
        links = _links(others, places, related)
        if links:
            sentences.append(_sentence(lead + "; ".join(links)))
    for step in finding.trail[: MAX_RELATED - len(related)]:
        related.append(places.related(len(related) + 1, step.span, step.words))
        link = f"[{safe.sarif_link(where(step.span))}]({len(related)})"
        sentences.append(f"The value comes from {link}: {_words(step.words)}.")
    if finding.values:
        values = "; ".join(_words(v) for v in finding.values[:10])
        sentences.append(_sentence(f"Evaluated: {values}"))
    if finding.settle:
        names = ", ".join(_words(s) for s in finding.settle[:10])
        sentences.append(_sentence(f"Would be settled by {names}"))
    if finding.fix:
        sentences.append(_sentence(f"Fix: {_words(finding.fix)}"))
    return " ".join(sentences), related


def _sentence(text: str) -> str:
    text = clip(safe.clean(text), MAX_MESSAGE).rstrip()
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _words(text: str) -> str:
    return clip(safe.sarif_text(scrub(text)), 300).rstrip(".")


def _links(
    others: Iterable[Related], places: Places, related: list[dict[str, Any]]
) -> list[str]:
    links = []
    for other in others:
        if len(related) == MAX_RELATED:
            break
        number = len(related) + 1
        related.append(places.related(number, other.span, other.words, other.address))
        links.append(
            f"{_words(other.words)} ([{safe.sarif_link(where(other.span))}]({number}))"
        )
    return links


def _flows(finding: Finding, places: Places) -> list[dict[str, Any]] | None:
    steps = finding.steps
    if not steps:
        return None
    if len(steps) > MAX_STEPS:
        steps = (*steps[: MAX_STEPS - 1], steps[-1])
    last = len(steps) - 1
    locations = [
        {
            "location": {
                **places.location(step.span, step.address),
                "message": {"text": _sentence(_words(step.words))},
            },
            "executionOrder": at + 1,
            "importance": "essential" if at in {0, last} else "important",
        }
        for at, step in enumerate(steps)
    ]
    return [{"threadFlows": [{"locations": locations}]}]


def _suppressions(finding: Finding, places: Places) -> list[dict[str, Any]] | None:
    accepted = finding.suppression
    if accepted is None:
        return None
    reason = accepted.reason + (f" (until {accepted.until})" if accepted.until else "")
    return [
        {
            "kind": "inSource" if accepted.kind == "inSource" else "external",
            "justification": clip(safe.clean(scrub(reason)), MAX_MESSAGE),
            "location": places.location(accepted.span) if accepted.span else None,
        }
    ]


def _properties(finding: Finding) -> dict[str, Any]:
    path = finding.path
    return {
        "severity": finding.severity,
        "securityLevel": finding.level,
        "area": finding.area,
        "subject": safe.clean(finding.subject),
        "fact": safe.clean(finding.fact),
        "values": [safe.clean(scrub(v)) for v in finding.values],
        "settle": [safe.clean(s) for s in finding.settle],
        "dataAsOf": safe.clean(finding.data_as_of),
        "path": None if path is None else {n: _safe(v) for n, v in path.items()},
        "closedBy": [
            {"rule": safe.clean(c.rule), "at": safe.clean(c.address)}
            for c in finding.closers
        ],
        "cut": _cut(finding),
        "partOf": list(finding.part_of),
    }


def _cut(finding: Finding) -> dict[str, Any] | None:
    """The one change that closes a path."""
    cut = finding.cut
    if cut is None:
        return None
    return {
        "rule": safe.clean(cut.rule),
        "at": safe.clean(cut.address),
        "place": safe.clean(where(cut.span)),
        "step": cut.step,
    }


def _safe(value: object) -> object:
    if isinstance(value, list | tuple):
        return [_safe(v) for v in value]
    return safe.clean(value) if isinstance(value, str) else value


#: Lists that mean something when they are empty.
_KEPT = frozenset({"results", "rules", "weight_stores", "toolExecutionNotifications"})


def _pruned(node: Any) -> Any:
    """The same tree without what is null or empty."""
    if isinstance(node, list):
        return [_pruned(n) if isinstance(n, dict | list) else n for n in node]
    pruned = {}
    for name, value in node.items():
        if isinstance(value, dict | list):
            value = _pruned(value)
        if value or value == 0 or name in _KEPT:
            pruned[name] = value
    return pruned
