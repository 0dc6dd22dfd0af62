"""Descriptors of SARIF: rules and kinds of notes, as GitHub and viewers read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsec_lint.finding import RuleInfo, Verdict
from mlsec_lint.report import safe
from mlsec_lint.report.wording import clip

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsec_lint.finding import Finding

#: GitHub shows ten tags of a rule, and cuts descriptions.
MAX_TAGS, MAX_DESCRIPTION = 10, 1_024
_LEVELS = {"critical": "error", "high": "error", "medium": "warning"}
#: GitHub's bands: above 9.0 critical, from 7.0 high, from 4.0 medium, below low.
_SCORES = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.5"}
_PRECISION = {"high": "high", "medium": "medium", "low": "low"}
#: What a result says in one sentence; `message.text` says it in full.
_MESSAGES = {
    "fail": {"fail": {"text": "'{0}' does not meet this rule."}},
    "open": {"open": {"text": "Config does not tell whether '{0}' meets this rule."}},
}


def level(severity: str) -> str:
    """The SARIF level of a severity."""
    return _LEVELS.get(severity, "note")


def rule_id(finding: Finding) -> str:
    """The id of a finding's descriptor; undecided ones have descriptors of their own."""
    rule = safe.clean(finding.rule)
    return rule if finding.verdict is Verdict.FAIL else f"undecided:{rule}"


def descriptors(
    rules: Iterable[RuleInfo], findings: Iterable[Finding], home: str
) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """The descriptors of a run, and the index of each id.

    Every rule is listed, with results or not, so that a log without results tells what
    was checked; an undecided one follows its rule where a finding needs it.
    """
    known = {safe.clean(rule.id): rule for rule in rules}
    needed: set[str] = set()
    for finding in findings:
        known.setdefault(safe.clean(finding.rule), _from_finding(finding))
        needed.add(rule_id(finding))
    ids = [
        identifier
        for name in known
        for identifier in (name, f"undecided:{name}")
        if identifier == name or identifier in needed
    ]
    made = [_descriptor(i, known[i.removeprefix("undecided:")], home) for i in ids]
    return made, {identifier: at for at, identifier in enumerate(ids)}


def _from_finding(finding: Finding) -> RuleInfo:
    return RuleInfo(
        id=finding.rule,
        title=finding.title,
        level=finding.level,
        severity=finding.severity,
        area=finding.area,
        why=finding.why,
        fix=finding.fix,
        references=(),
    )


def _descriptor(identifier: str, rule: RuleInfo, home: str) -> dict[str, Any]:
    open_ = identifier.startswith("undecided:")
    title = _sentence(("Undecided: " if open_ else "") + rule.title)
    return {
        "id": identifier,
        "name": clip(_pascal(identifier), 255),
        "shortDescription": {"text": clip(title, MAX_DESCRIPTION)},
        "fullDescription": {
            "text": clip(_sentence(f"{title} {rule.why}"), MAX_DESCRIPTION)
        },
        "messageStrings": _MESSAGES["open" if open_ else "fail"],
        "defaultConfiguration": {"level": "note" if open_ else level(rule.severity)},
        "help": {"text": _help(rule, open_=open_), "markdown": _markdown(rule)},
        "helpUri": rule.help_uri or f"{home}rules/{safe.uri(safe.clean(rule.id))}",
        "properties": {
            "tags": _tags(rule, open_=open_),
            "precision": "low" if open_ else _PRECISION.get(rule.confidence, "medium"),
            "security-severity": None if open_ else _SCORES.get(rule.severity),
            "securityLevel": rule.level,
            "area": rule.area,
            "references": [safe.clean(r) for r in rule.references],
        },
    }


def _tags(rule: RuleInfo, *, open_: bool) -> list[str]:
    tags = ["security", rule.area, rule.level, *(["undecided"] if open_ else [])]
    tags.extend(clip(safe.clean(reference), 100) for reference in rule.references)
    return list(dict.fromkeys(tag for tag in tags if tag))[:MAX_TAGS]


def _help(rule: RuleInfo, *, open_: bool) -> str:
    parts = [rule.why.strip(), f"Fix: {rule.fix.strip()}" if rule.fix.strip() else ""]
    if open_:
        parts.insert(0, "The config does not say whether this holds.")
    if rule.references:
        parts.append("References: " + "; ".join(rule.references))
    text = safe.clean_lines("\n\n".join(part for part in parts if part))
    return text or _sentence(rule.title)


def _markdown(rule: RuleInfo) -> str:
    parts = [f"**{safe.markdown(rule.title)}** ({safe.markdown(rule.level)})"]
    parts.extend(safe.markdown(p) for p in _paragraphs(rule.why))
    if rule.fix.strip():
        parts.append("**Fix.** " + safe.markdown(" ".join(rule.fix.split())))
    if rule.references:
        parts.append("\n".join(f"* {safe.markdown(r)}" for r in rule.references))
    return "\n\n".join(parts)


def _paragraphs(text: str) -> list[str]:
    return [" ".join(p.split()) for p in text.split("\n\n") if p.strip()]


def _sentence(text: str) -> str:
    line = " ".join(safe.clean_lines(text).split())
    return line if line.endswith((".", "!", "?")) else f"{line}."


def _pascal(identifier: str) -> str:
    words = "".join(c if c.isalnum() else " " for c in identifier).split()
    return "".join(word[:1].upper() + word[1:] for word in words) or "Rule"


def notification(kind: str, home: str) -> dict[str, Any]:
    """The descriptor of a kind of note."""
    name = safe.clean(kind)
    words = name.replace("-", " ")
    return {
        "id": name,
        "name": clip(_pascal(name), 255),
        "shortDescription": {"text": _sentence(words.capitalize())},
        "fullDescription": {
            "text": _sentence(f"What the scan has to say about an input: {words}")
        },
        "help": {
            "text": "A note is no finding: it tells what was not analysed, or not in full."
        },
        "helpUri": f"{home}notes/{safe.uri(name)}",
    }
