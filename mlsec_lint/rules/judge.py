"""The judge: rules and an estate into findings, in three values.

Each rule looks at each thing that it is for. A violated condition is a finding of its
own, at the fact that decided it. What cannot be told is a finding of verdict unknown,
worth what the baseline says. Knows no file format and no cloud.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mlsec_lint.estate import places
from mlsec_lint.finding import SEVERITIES, Finding, Related, Verdict
from mlsec_lint.rules.evidence import because, lowered, only_named
from mlsec_lint.rules.fold import fold
from mlsec_lint.rules.grammar import FactTest, Is, limited
from mlsec_lint.rules.judge_paths import path_findings
from mlsec_lint.rules.message import called, inputs, message, values
from mlsec_lint.rules.truth import Asked, Outcome, Truth, evaluate, weakest
from mlsec_lint.rules.which import Answers, Waiting, agreed, named_only, told, waits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlsec_lint.estate import Edge, Estate, Thing
    from mlsec_lint.estate.questions import Question
    from mlsec_lint.finding import Suppression
    from mlsec_lint.rules.baseline import Baseline
    from mlsec_lint.rules.grammar import Condition, Policies, Rule
    from mlsec_lint.source import Span

    #: Says whether a finding is accepted, before findings are put together.
    Excuse = Callable[[Finding], Suppression | None]

_HELD = FactTest("weights.held", Is(value=True))
#: Facts that come from the table of places.
_PLACES = ("place.", "replication.")
#: Other facts that rest on a table: how they begin, and the table.
_TABLES = (
    *((start, "regions.csv") for start in _PLACES),
    ("replica.", "regions.csv"),
    ("multi_region", "regions.csv"),
    ("operator.", "operators.csv"),
    ("advisories", "advisories.json"),
)
#: What the words of a default say that is read from the table of defaults.
_AS_OF = "(as of "
_MOST_RELATED = 50
#: What makes a finding worth one severity less, as it is told.
_NAMED = "only its name says that it holds weights"
_BARE = "nothing but accelerators speaks for weights there"


@dataclass(slots=True)
class RuleCount:
    """How one rule came out: of things that it applied to, how many passed, and so on."""

    passed: int = 0
    failed: int = 0
    undecided: int = 0

    @property
    def word(self) -> str:
        """met, failed, undecided or not applicable: the weakest that occurred."""
        if self.failed:
            return "failed"
        if self.undecided:
            return "undecided"
        return "met" if self.passed else "not applicable"


@dataclass(slots=True)
class Judgement:
    """Findings in report order, the count of each rule, and what would settle most.

    `counts` has every rule of the baseline. `settle` counts undecided checks by the
    name of the input that would settle them, most first; silent ones count too.
    """

    findings: list[Finding]
    counts: dict[str, RuleCount] = field(default_factory=dict)
    settle: tuple[tuple[str, int], ...] = ()

    def tally(self, word: str) -> int:
        """How many rules came out as `met`, `failed`, `undecided`, `not applicable`."""
        return sum(count.word == word for count in self.counts.values())


def judge(
    policies: Policies,
    baseline: Baseline,
    estate: Estate,
    *,
    excuse: Excuse | None = None,
) -> Judgement:
    """Judge every thing by every rule of the baseline.

    `excuse` marks single findings as accepted before those of one cause are put
    together, so that an exception for one address never hides another.
    """
    court = Court(baseline, estate)
    found: list[Finding] = []
    rules = [rule for rule in policies.rules if baseline.includes(rule)]
    for rule in rules:
        found.extend(court.rule(rule))
    found.extend(path_findings(court, rules))
    waiting = [finding for listed in court.open.values() for finding in listed]
    if excuse is not None:
        for finding in (*found, *waiting):
            finding.suppression = finding.suppression or excuse(finding)
    found.extend(_asked(court))
    together = fold(list(_merged(found)))
    merged = sorted(together, key=lambda f: (f.span.sort_key(), f.rule, f.fact))
    order = sorted(court.settle.items(), key=lambda item: (-item[1], item[0]))
    return Judgement(merged, court.counts, tuple(order))


def _asked(court: Court) -> Iterator[Finding]:
    """One finding for each question that rules wait for, and what is accepted of them."""
    parts: dict[str, int] = {}
    for question, waiting in court.open.items():
        yield from (finding for finding in waiting if finding.suppression is not None)
        left = [finding for finding in waiting if finding.suppression is None]
        if left:
            first = question.candidates[0].address
            parts[first] = parts.get(first, 0) + 1
            finding = told(question, left, parts[first])
            for name in finding.settle:
                court.settle[name] = court.settle.get(name, 0) + len(left)
            yield finding


class Court:
    """One judging: the estate by kind, and the counts so far."""

    def __init__(self, baseline: Baseline, estate: Estate) -> None:
        self.baseline = baseline
        self.asked = Asked(estate, baseline.lists)
        self.choosing = Asked(estate, baseline.lists, choosing=True)
        self.counts: dict[str, RuleCount] = {}
        self.settle: dict[str, int] = {}
        self.open: dict[Question, list[Finding]] = {}
        self.things: dict[str, list[Thing]] = {}
        for (kind, _), thing in estate.things.items():
            self.things.setdefault(kind, []).append(thing)

    def rule(self, rule: Rule) -> list[Finding]:
        """The findings of a rule about things; none of one about paths."""
        count = self.counts.setdefault(rule.id, RuleCount())
        found: list[Finding] = []
        rule = limited(rule, self.baseline.limits)
        answers = Answers(self.asked.estate.questions)
        for subject in rule.subjects:
            where = (_HELD, *rule.where) if subject.weights else rule.where
            for thing in self.things.get(subject.kind, ()):
                if not subject.weights or _may_hold(thing):
                    found.extend(self.thing(rule, where, thing, count, answers))
        found.extend(self.answered(rule, count, answers))
        return found

    def answered(
        self, rule: Rule, count: RuleCount, answers: Answers
    ) -> Iterator[Finding]:
        """The findings of things that are in doubt by the cluster of some workloads.

        What stays open is kept in `self.open`, and told once for all rules.
        """
        for thing, outcomes, choice in answers.waiting:
            worst, answer = weakest(outcomes), answers.of(thing)
            assert worst is not None
            alike = answer is not None and answer.truth is not Truth.UNKNOWN
            if worst.truth is Truth.PASS or (
                answer is not None and answer.truth is Truth.PASS
            ):
                count.passed += 1
                continue
            if answer is None or not alike or worst.truth is not Truth.FAIL:
                outcomes = [_in_doubt(outcome, choice) for outcome in outcomes]
                worst = weakest(outcomes) or worst
            self.tally(worst, outcomes, count)
            for outcome in outcomes:
                if outcome.truth is Truth.PASS:
                    continue
                named = answer is not None and named_only(answer.question)
                weak = _NAMED if named else ""
                for finding in self.finding(rule, thing, outcome, weak=weak):
                    if answer is None:
                        yield finding
                    elif finding.verdict is Verdict.UNKNOWN:
                        self.open.setdefault(answer.question, []).append(finding)
                    else:
                        finding.because = agreed(answer.question)
                        yield finding

    def thing(
        self,
        rule: Rule,
        where: tuple[Condition, ...],
        thing: Thing,
        count: RuleCount,
        answers: Answers,
    ) -> Iterator[Finding]:
        """The findings of one rule and one thing; counts how it came out.

        None yet of a thing that waits for the answer to a question.
        """
        choice = self.choice(where, thing)
        if choice is not None and choice.truth is Truth.FAIL:
            return
        plain = [
            outcome
            for outcome in evaluate(rule.require, thing, self.asked)
            if outcome.truth is not None
        ]
        waiting = choice is not None and waits(choice) and not thing.library
        if choice is None or waiting:
            answers.keep(thing, plain)
        if choice is not None and waiting:
            if plain:
                answers.waiting.append(Waiting(thing, plain, choice))
            return
        outcomes = plain
        if choice is not None:
            outcomes = [_in_doubt(outcome, choice) for outcome in plain]
        if thing.library:
            certain = (Truth.FAIL, Truth.PASS)
            outcomes = [o for o in outcomes if o.truth in certain]
        worst = weakest(outcomes)
        if worst is None:
            return
        self.tally(worst, outcomes, count)
        if worst.truth is Truth.PASS:
            return
        weak = self.weakness(where, thing)
        for outcome in outcomes:
            if outcome.truth is not Truth.PASS:
                yield from self.finding(rule, thing, outcome, weak=weak)

    def choice(self, where: tuple[Condition, ...], thing: Thing) -> Outcome | None:
        """Whether a rule is for a thing: None for yes, else false or unknown."""
        doubt: Outcome | None = None
        for outcome in evaluate(where, thing, self.choosing):
            if outcome.truth is Truth.FAIL:
                return outcome
            if outcome.truth in (Truth.MAY, Truth.UNKNOWN):
                first = doubt or outcome._replace(truth=Truth.UNKNOWN, unknowns=())
                unknowns = (*first.unknowns, *outcome.unknowns)
                doubt = first._replace(unknowns=unknowns)
        return doubt

    def weakness(self, where: tuple[Condition, ...], thing: Thing) -> str:
        """Why a finding about the thing is worth one severity less; "" for no reason."""
        if only_named(thing) and self.leans_on("weights.held", where, thing):
            return _NAMED
        accelerator = thing.fact("accelerator")
        if accelerator is None or accelerator.value is not True or self.near(thing):
            return ""
        return _BARE if self.leans_on("accelerator", where, thing) else ""

    def near(self, thing: Thing) -> bool:
        """Whether a thing, or what has it, may handle weights or takes a model from a hub."""
        estate = self.asked.estate
        for one in (thing, *(edge.source for edge in estate.edges_to(thing))):
            held = one.fact("weights.held")
            if held is not None and held.value is not False and one is not thing:
                return True
            for edge in estate.edges_from(one, "fetches"):
                sort = edge.target.fact("type")
                if sort is not None and sort.value == "model":
                    return True
        return False

    def leans_on(self, fact: str, where: tuple[Condition, ...], thing: Thing) -> bool:
        """Whether the rule is for the thing only because of that fact."""
        bare = replace(thing, facts={**thing.facts}, many={**thing.many})
        bare.facts.pop(fact, None)
        choice = self.choice(where, bare)
        return choice is not None and choice.truth is Truth.FAIL

    def tally(self, worst: Outcome, outcomes: list[Outcome], count: RuleCount) -> None:
        """Count a verdict, and what would settle an undecided one."""
        if worst.truth is Truth.PASS:
            count.passed += 1
        elif worst.truth is Truth.UNKNOWN:
            count.undecided += 1
        else:
            count.failed += 1
        unknown = [u for o in outcomes if o.truth is Truth.UNKNOWN for u in o.unknowns]
        for name in inputs(unknown):
            self.settle[name] = self.settle.get(name, 0) + 1

    def severity(self, rule: Rule, outcome: Outcome, *, weak: bool) -> str:
        """The severity of a finding; "" for an unknown that the baseline keeps silent."""
        wanted = self.baseline.severity.get(rule.id, rule.severity)
        if outcome.truth is Truth.UNKNOWN:
            worth = self.worth(rule, wanted)
            return lowered(worth, int(weak)) if worth else ""
        if rule.unknown == "U6":
            return "info"
        steps = int(weak) + (outcome.truth is Truth.MAY and rule.unknown != "U4")
        return lowered(wanted, steps)

    def worth(self, rule: Rule, wanted: str) -> str:
        """What the baseline makes of an undecided rule of some severity.

        A possible path is a warning at most.
        """
        if rule.find is not None:
            wanted = min(wanted, "medium", key=SEVERITIES.index)
        match self.baseline.unknown:
            case "silent":
                return ""
            case "note":
                return "info"
            case "warning":
                most = "info" if rule.unknown == "U6" else "medium"
                return min(wanted, most, key=SEVERITIES.index)
            case _:
                return "info" if rule.unknown == "U6" else wanted

    def finding(
        self, rule: Rule, thing: Thing, outcome: Outcome, *, weak: str
    ) -> Iterator[Finding]:
        """The finding of an outcome; none where the baseline keeps it silent."""
        severity = self.severity(rule, outcome, weak=bool(weak))
        if not severity:
            return
        stated, owner = outcome.stated, outcome.thing
        words = message(rule, thing, outcome)
        if weak:
            words += f"; {weak}"
        yield Finding(
            rule=rule.id,
            title=rule.title,
            verdict=_verdict(outcome),
            severity=severity,
            level=rule.level,
            area=rule.area,
            message=words,
            span=stated.span if stated is not None else owner.span,
            subject=owner.address,
            fact=outcome.fact,
            fix=rule.fix,
            why=rule.why,
            because=because(thing),
            related=tuple(_related(thing, outcome)),
            trail=stated.trail if stated is not None else (),
            values=values(rule, thing, outcome),
            settle=inputs(outcome.unknowns),
            doubts=_doubts(outcome),
            data_as_of=self.data_as_of(outcome),
            sensitive=stated is not None and stated.sensitive,
            header=owner.span,
            part=outcome.part,
            tables=self.tables(outcome),
        )

    def tables(self, outcome: Outcome) -> tuple[str, ...]:
        """The tables of facts behind a verdict."""
        found = []
        if any(self.baseline.lists[name].as_of for name in outcome.lists):
            found += ["groups.json", "jurisdictions.csv"]
        found += [name for start, name in _TABLES if outcome.fact.startswith(start)]
        if outcome.stated is not None and _AS_OF in outcome.stated.default:
            found.append("provider_defaults.csv")
        return tuple(found)

    def data_as_of(self, outcome: Outcome) -> str:
        """The date of the oldest table behind a verdict about places, or ""."""
        dates = [self.baseline.lists[name].as_of for name in outcome.lists]
        if outcome.fact.startswith(_PLACES):
            dates.append(places.as_of())
        return min((found for found in dates if found), default="")


def _doubts(outcome: Outcome) -> tuple[str, ...]:
    """Why an outcome is undecided; () for one that is not."""
    if outcome.truth is not Truth.UNKNOWN:
        return ()
    return tuple(dict.fromkeys(unknown.why for unknown in outcome.unknowns))


def _verdict(outcome: Outcome) -> Verdict:
    return Verdict.UNKNOWN if outcome.truth is Truth.UNKNOWN else Verdict.FAIL


def _in_doubt(outcome: Outcome, choice: Outcome) -> Outcome:
    """An outcome of a thing of which nobody can tell whether the rule is for it."""
    if outcome.truth is Truth.PASS:
        return outcome
    deciding = choice._replace(edges=(), bad=())
    unknowns = tuple(dict.fromkeys((*choice.unknowns, *outcome.unknowns)))
    return deciding._replace(truth=Truth.UNKNOWN, unknowns=unknowns)


def _may_hold(thing: Thing) -> bool:
    """Whether anything says, or may say, that a thing holds weights."""
    held = thing.facts.get("weights.held")
    return held is not None and (
        held.value is not False or "weights.held" in thing.many
    )


def _related(thing: Thing, outcome: Outcome) -> Iterator[Related]:
    here = outcome.stated.span if outcome.stated is not None else outcome.thing.span
    seen: set[Span] = {here}
    owner = outcome.thing
    places = [(thing.span, f"{called(thing)} is declared here", thing.address)]
    places += [(e.span, _edge_words(e), e.target.address) for e in outcome.edges]
    places.append((owner.span, f"{called(owner)} is declared here", owner.address))
    for unknown in outcome.unknowns:
        if unknown.span is not None:
            places.append((unknown.span, f"not known: {unknown.why}", ""))
    for span, words, address in places:
        if span not in seen:
            seen.add(span)
            yield Related(span, words, address)


def _edge_words(edge: Edge) -> str:
    said = f"{called(edge.source)} {edge.verb} {called(edge.target)}"
    return f"{said}: {edge.words}" if edge.words else said


def _merged(findings: list[Finding]) -> Iterator[Finding]:
    """Findings of one rule, fact and place put together: one mistake, one finding.

    A module called twice, a root with two tfvars files and a `for_each` give one
    finding, the most severe first; the other subjects are its related places. Accepted
    findings are put together apart from the others.
    """
    groups: dict[object, list[Finding]] = {}
    for finding in findings:
        key: object = (
            finding.rule,
            finding.fact,
            finding.verdict,
            finding.span.sort_key(),
            finding.suppression,
        )
        if finding.path is not None:
            key = finding.fingerprint()
        groups.setdefault(key, []).append(finding)
    for group in groups.values():
        first = min(group, key=lambda f: (-SEVERITIES.index(f.severity), f.subject))
        others = _others(first, group)
        if others:
            first.related = (*first.related, *others)
            names = dict.fromkeys(name for f in group for name in f.settle)
            first.settle = tuple(names)
        yield first


def _others(first: Finding, group: list[Finding]) -> tuple[Related, ...]:
    seen = {first.subject}
    found: list[Related] = []
    for finding in group:
        if finding.subject not in seen:
            seen.add(finding.subject)
            span = finding.header or finding.span
            found.append(
                Related(span, f"the same holds for {finding.subject}", finding.subject)
            )
    if len(found) > _MOST_RELATED:
        rest = len(found) - _MOST_RELATED
        last = found[_MOST_RELATED]
        found[_MOST_RELATED:] = [last._replace(words=f"and {rest} more", address="")]
    return tuple(found)
