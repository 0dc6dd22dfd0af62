"""Rules about clusters of which nobody can tell whether weights run in them.

Where a rule comes out alike in each cluster that a workload may go to, it is decided.
What the others leave open is one finding for each question, with the rules and the
workloads that wait for the answer and the line of config that would give it.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate.questions import KIND
from mlsec_lint.finding import LEVELS, SEVERITIES, Finding, Related, RuleInfo, Verdict
from mlsec_lint.rules.evidence import only_named
from mlsec_lint.rules.message import called
from mlsec_lint.rules.truth import Truth, weakest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mlsec_lint.estate import Thing
    from mlsec_lint.estate.questions import Question, Questions
    from mlsec_lint.rules.truth import Outcome

#: The id under which reports tell what a question leaves open. No file has this rule.
RULE = "which-cluster"
_TITLE = "It is known in which cluster workloads with weights run"
_WHY = """\
A manifest that no provider configuration, Argo CD application or script ties to a cluster
may go to each that the scan declares. Rules that come out alike in all of them are
decided; the others wait for one answer."""
_FIX = "Say in .mlsec-lint.yaml, under `clusters`, where the folders go."
_SHOWN, _MOST = 3, 50


class Waiting(NamedTuple):
    """A thing in doubt by questions alone: its outcomes as if there were none."""

    thing: Thing
    outcomes: list[Outcome]
    choice: Outcome


def waits(choice: Outcome | None) -> bool:
    """Whether a rule is for a thing but for the answer to a question."""
    if choice is None or choice.truth is not Truth.UNKNOWN or not choice.unknowns:
        return False
    return all(unknown.kind == KIND for unknown in choice.unknowns)


class Answer(NamedTuple):
    """How a rule came out for a thing in doubt, and the question that decides."""

    truth: Truth
    question: Question


class Answers:
    """The outcomes of one rule, by thing; says how it comes out for those in doubt."""

    def __init__(self, questions: Questions) -> None:
        self._questions = tuple(questions)
        self._found: dict[int, Truth] = {}
        self.waiting: list[Waiting] = []

    def keep(self, thing: Thing, outcomes: Iterable[Outcome]) -> None:
        """Remember how the rule came out for a thing."""
        worst = weakest(outcomes) if self._questions else None
        if worst is not None and worst.truth is not None:
            self._found[id(thing)] = worst.truth

    def of(self, thing: Thing) -> Answer | None:
        """The answer for a thing in doubt; None where no question is about it."""
        doubt: Answer | None = None
        fine: Answer | None = None
        for question in self._questions:
            if not any(
                thing is one for c in question.candidates for one in question.of(c)
            ):
                continue
            truth = self._truth(question)
            if truth is Truth.FAIL:
                return Answer(truth, question)
            if truth is Truth.UNKNOWN:
                doubt = doubt or Answer(truth, question)
            fine = fine or Answer(truth, question)
        return doubt or fine

    def _truth(self, question: Question) -> Truth:
        truths = {self._of(question, one) for one in question.candidates}
        if truths == {Truth.FAIL}:
            return Truth.FAIL
        return Truth.PASS if truths <= {Truth.PASS, None} else Truth.UNKNOWN

    def _of(self, question: Question, cluster: Thing) -> Truth | None:
        """How it comes out if the workloads run there; None where it is about nothing."""
        found = {self._found.get(id(one)) for one in question.of(cluster)} - {None}
        if Truth.FAIL in found:
            return Truth.FAIL
        if not found:
            return None
        return Truth.PASS if found == {Truth.PASS} else Truth.UNKNOWN


def agreed(question: Question) -> tuple[Related, ...]:
    """Why a finding counts though it is not known where the workloads run."""
    number = len(question.candidates)
    found = []
    for workload, edge in list(zip(question.workloads, question.edges, strict=True))[
        :_SHOWN
    ]:
        words = f"{called(workload)}, which handles weights, runs in one of {number} "
        words += "clusters, and the rule fails in each of them"
        found.append(Related(edge.span, words))
    return tuple(found)


def named_only(question: Question) -> bool:
    """Whether only their names say that the workloads of a question handle weights."""
    return all(only_named(workload) for workload in question.workloads)


def told(question: Question, waiting: list[Finding], part: int) -> Finding:
    """The one finding about what a question leaves open.

    Its subject is the first candidate, a thing that comparisons of two states can follow;
    `part` tells questions with the same first candidate apart.
    """
    first = max(waiting, key=lambda f: SEVERITIES.index(f.severity))
    rules = list(dict.fromkeys(finding.rule for finding in waiting))
    clusters = [one.address for one in question.candidates]
    pods, folders = question.workloads, _folders(question)
    where = " or ".join(clusters)
    words = f"cannot tell in which of {len(clusters)} clusters ({', '.join(clusters)}) "
    words += _some([called(one) for one in pods])
    words += " " if folders == ["*"] else f" of {_some(folders)} "
    words += f"{'runs' if len(pods) == 1 else 'run'}, and they differ in "
    words += ", ".join(rules)
    entries = ", ".join(
        f'{{path: "{folder}", cluster: ...}}' for folder in folders[:_SHOWN]
    )
    return Finding(
        rule=RULE,
        title=_TITLE,
        verdict=Verdict.UNKNOWN,
        severity=first.severity,
        level=min((f.level for f in waiting), key=LEVELS.index),
        area=first.area,
        message=words,
        span=question.edges[0].span,
        subject=question.candidates[0].address,
        fact="runs on",
        fix=f"Say in .mlsec-lint.yaml where they go (clusters: [{entries}]): {where}.",
        why=_WHY,
        related=tuple(_related(question, waiting)),
        settle=(f'clusters: {{path: "{folders[0]}"}}',) if folders else (),
        header=question.workloads[0].span,
        part=part,
    )


def _related(question: Question, waiting: list[Finding]) -> Iterator[Related]:
    found = [
        Related(f.header or f.span, f"{f.rule} waits for it: {f.subject}", f.subject)
        for f in {(f.rule, f.subject): f for f in waiting}.values()
    ]
    for workload, edge in zip(question.workloads, question.edges, strict=True):
        words = f"{called(workload)} may run there"
        found.append(Related(edge.span, words, workload.address))
    yield from found[:_MOST]
    if len(found) > _MOST:
        rest = f"and {len(found) - _MOST} more"
        yield found[_MOST]._replace(words=rest, address="")


def _folders(question: Question) -> list[str]:
    """The folders that an answer has to be given for: few, so folders above many."""
    found: dict[str, None] = {}
    for workload, edge in zip(question.workloads, question.edges, strict=True):
        rendered = workload.root.partition("@")[0] if _is_plain(workload) else ""
        found.setdefault(rendered or posixpath.dirname(edge.span.path) or "*")
    if "*" in found:
        return ["*"]
    depth = max(name.count("/") for name in found) + 1
    while depth > 1 and len(_cut_to(found, depth)) > _SHOWN:
        depth -= 1
    return [f"{name}/" for name in _cut_to(found, depth)]


def _cut_to(folders: Iterable[str], depth: int) -> list[str]:
    """Folders by the first parts of their paths, without those inside others."""
    kept: list[str] = []
    for name in sorted({"/".join(one.split("/")[:depth]) for one in folders}):
        if not kept or not name.startswith(f"{kept[-1]}/"):
            kept.append(name)
    return kept


def _is_plain(workload: Thing) -> bool:
    """Whether the root of a workload is one of Kubernetes, not of Terraform."""
    return workload.name in workload.address and ":" not in workload.name


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    rest = len(names) - _SHOWN
    return f"{shown} and {rest:,} more" if rest > 0 else shown


def info(findings: Iterable[Finding]) -> tuple[RuleInfo, ...]:
    """What reports say about the questions, where findings tell one."""
    own = [finding for finding in findings if finding.rule == RULE]
    if not own:
        return ()
    first = own[0]
    severity = max((f.severity for f in own), key=SEVERITIES.index)
    return (RuleInfo(RULE, _TITLE, first.level, severity, first.area, _WHY, _FIX, ()),)


def page() -> str:
    """What `mlsec-lint explain` says of the question, as Markdown."""
    return f"# {RULE}\n\n**{_TITLE}.**\n\n## Why\n\n{_WHY}\n\n## Fix\n\n{_FIX}\n"
