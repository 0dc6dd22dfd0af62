"""A rule's page: what it asks, why, and its examples, from the rule's own folder.

The folder is the rule's test too, so that a page cannot tell of something that the
program does not do. Plain Markdown; knows no file format but the names of types in it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from mlsec_lint.estate.facts import FACTS
from mlsec_lint.estate.walks import SINKS, WAYS
from mlsec_lint.rules.grammar import (
    AllOf,
    AnyOf,
    Each,
    FactTest,
    Inside,
    Outside,
    Some,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mlsec_lint.rules.grammar import Condition, Find, Rule

#: Where the words for a resource or object come from, by provider.
_TYPES = (
    ("AWS", re.compile(r'(?:resource|data)\s+"(aws_\w+)"')),
    ("Google Cloud", re.compile(r'(?:resource|data)\s+"(google_\w+)"')),
    ("Azure", re.compile(r'(?:resource|data)\s+"(azurerm_\w+)"')),
    ("Kubernetes", re.compile(r"^\s*kind:\s*([A-Z]\w+)\s*$", re.MULTILINE)),
)
_LANGUAGES = {".tf": "hcl", ".tfvars": "hcl", ".yaml": "yaml", ".yml": "yaml"}
#: How many cases of each kind a page shows whole.
_SHOWN = {"bad": 3, "good": 1, "unknown": 1}
_HEADS = {
    "bad": "Reported",
    "good": "Not reported",
    "unknown": "Undecided",
}
_UNKNOWN = {
    "U1": "What may be bad is judged by all its possible values; without any, it is unknown.",
    "U2": "An absent value is the provider's documented default; a reference that config "
    "does not resolve is unknown.",
    "U3": "An unknown principal or policy counts as a reader that cannot be bounded.",
    "U4": "All possible places are judged; a place that the tables do not know is unknown.",
    "U5": "One unknown hop makes a possible path; more are only counted.",
    "U6": "Evidence of a process: its presence is told, its absence is a note.",
}


def page(rule: Rule) -> str:
    """The rule's page as Markdown."""
    return "\n".join(_lines(rule)).rstrip() + "\n"


def _lines(rule: Rule) -> Iterator[str]:
    yield f"# {rule.id}"
    yield ""
    yield f"**{rule.title}.**"
    yield ""
    yield "| area | level | severity | confidence |"
    yield "| --- | --- | --- | --- |"
    yield f"| {rule.area} | {rule.level} | {rule.severity} | {rule.confidence} |"
    yield ""
    yield from _section("Why", [rule.why.strip()])
    yield from _section("Fix", [" ".join(rule.fix.split())])
    yield from _section("What it asks", _asked(rule))
    yield from _section("Where it looks", _seen(rule))
    yield from _section("What is not known", [_UNKNOWN[rule.unknown]])
    if rule.supersedes:
        words = "Other scanners ask for the opposite: " + ", ".join(rule.supersedes)
        yield from _section("In conflict with", [words + "."])
    for kind, head in _HEADS.items():
        yield from _cases(rule, kind, head)
    if rule.references:
        yield from _section("References", [f"- {text}" for text in rule.references])


def _section(head: str, lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield f"## {head}"
        yield ""
        yield from found
        yield ""


def _asked(rule: Rule) -> Iterator[str]:
    """The facts that decide, with their meaning."""
    if rule.find is not None:
        yield from _found(rule, rule.find)
        return
    kinds = [subject.kind for subject in rule.subjects]
    words = " and every ".join(
        f"{'weight ' if s.weights else ''}{s.kind}" for s in rule.subjects
    )
    yield f"For every {words}:"
    yield ""
    for name in dict.fromkeys(_facts(rule.require)):
        meaning = next(
            (FACTS[k][name].meaning for k in (*kinds, *FACTS) if name in FACTS[k]), ""
        )
        yield f"- `{name}`: {meaning}"


def _found(rule: Rule, find: Find) -> Iterator[str]:
    """The ways out that a rule is about, and what excuses one."""
    ends = " or ".join(SINKS[sink].meaning for sink in find.sinks)
    yield f"There is no way from a {find.kind} with weights to {ends},"
    yield ""
    for way in find.by or WAYS:
        yield f"- by `{way}`: {WAYS[way]}"
    if isinstance(find.name, Inside | Outside):
        where = "in" if isinstance(find.name, Inside) else "not in"
        listed = find.name.members
        words = f"the list `{listed}`" if isinstance(listed, str) else ", ".join(listed)
        yield ""
        yield f"Only where the end's name is {where} {words}."
    for hop in rule.unless:
        yield ""
        yield f"Unless some {hop.kind} on the way certainly meets `{hop.test.fact}`."


def _facts(conditions: Iterable[Condition]) -> Iterator[str]:
    for condition in conditions:
        match condition:
            case FactTest():
                yield condition.fact
            case AnyOf() | AllOf() | Each() | Some():
                yield from _facts(condition.conditions)


def _files(rule: Rule, kind: str) -> Iterator[tuple[Path, list[Path]]]:
    folder = Path(rule.path).parent / kind
    for case in sorted(p for p in folder.glob("*") if p.is_dir()):
        files = sorted(p for p in case.rglob("*") if p.is_file())
        yield case, [p for p in files if p.name != "expected.yaml"]


def _seen(rule: Rule) -> Iterator[str]:
    """The types in the rule's examples, by provider: what it is tested on."""
    found: dict[str, set[str]] = {name: set() for name, _ in _TYPES}
    for kind in _HEADS:
        for _, files in _files(rule, kind):
            for file in files:
                text = file.read_text(encoding="utf-8", errors="replace")
                for name, pattern in _TYPES:
                    found[name].update(pattern.findall(text))
    for name, types in found.items():
        if types:
            yield f"- {name}: {', '.join(f'`{t}`' for t in sorted(types))}"


def _cases(rule: Rule, kind: str, head: str) -> Iterator[str]:
    cases = list(_files(rule, kind))
    if not cases:
        return
    yield f"## {head}"
    yield ""
    for case, files in cases[: _SHOWN[kind]]:
        yield f"### {case.name.replace('-', ' ').capitalize()}"
        yield ""
        for file in files:
            language = _LANGUAGES.get(file.suffix, "")
            yield f"`{file.relative_to(case).as_posix()}`"
            yield ""
            yield f"```{language}"
            yield file.read_text(encoding="utf-8", errors="replace").rstrip()
            yield "```"
            yield ""
    more = [case.name.replace("-", " ") for case, _ in cases[_SHOWN[kind] :]]
    if more:
        yield f"Also: {'; '.join(more)}."
        yield ""
