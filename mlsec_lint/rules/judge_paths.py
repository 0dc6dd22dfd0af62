"""Rules about paths: which of the traced paths break which rule, as findings.

A path is one finding: of the rules that it breaks, the most severe has it. A possible
path is undecided. The finding points at the last line of the walk, which lets the
weights out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate.questions import KIND
from mlsec_lint.estate.walks import SINKS
from mlsec_lint.finding import SEVERITIES, Closer, Finding, Related, Verdict
from mlsec_lint.patterns import regex
from mlsec_lint.rules.evidence import because, lowered, only_named
from mlsec_lint.rules.grammar import FactTest, Inside, Is, Outside
from mlsec_lint.rules.message import called, inputs
from mlsec_lint.rules.truth import Truth, holds
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator

    from mlsec_lint.estate import Thing
    from mlsec_lint.estate.questions import Question
    from mlsec_lint.estate.walks import Hop, Path
    from mlsec_lint.rules.grammar import Find, Rule
    from mlsec_lint.rules.judge import Court
    from mlsec_lint.rules.truth import Outcome

_HELD = FactTest("weights.held", Is(value=True))
_PLACE = regex(r"\{([^{}.]+)(?:\.([^{}]+))?\}")
_WORDS = {
    "internet": "the internet",
    "person": "people at a keyboard",
    "account": "account {}",
    "service": "{}",
    "place": "{}",
}
_ANY = {"account": "any account"}


def path_findings(court: Court, rules: Iterable[Rule]) -> list[Finding]:
    """The findings of all rules about paths; counts them in the court."""
    chosen: dict[int, _Broken] = {}
    by_store: dict[int, list[Path]] = {}
    for path in court.asked.estate.paths:
        by_store.setdefault(id(path.source), []).append(path)
    for rule in rules:
        if rule.find is not None:
            for broken in _broken(court, rule, by_store):
                known = chosen.get(id(broken.path))
                if known is None or broken.rank(court) > known.rank(court):
                    chosen[id(broken.path)] = broken
    found: list[Finding] = []
    for broken in chosen.values():
        question = _question(court, broken)
        if question is None:
            found.extend(_findings(court, broken))
        else:
            court.open.setdefault(question, []).extend(_findings(court, broken))
    return found


def _question(court: Court, broken: _Broken) -> Question | None:
    """In which cluster a workload runs, where a path is in doubt by that alone."""
    unknown = _unknown(broken)
    if unknown is None or unknown.kind != KIND:
        return None
    asked = (
        court.asked.estate.questions.of(hop.thing)
        for hop in broken.path.hops
        if hop.thing is not None
    )
    return next((question for question in asked if question is not None), None)


class _Broken(NamedTuple):
    """A rule and a path that breaks it; `choice` as of `Court.choice`."""

    rule: Rule
    path: Path
    choice: Outcome | None

    def rank(self, court: Court) -> int:
        wanted = court.baseline.severity.get(self.rule.id, self.rule.severity)
        return SEVERITIES.index(wanted)


def _broken(
    court: Court, rule: Rule, by_store: dict[int, list[Path]]
) -> Iterator[_Broken]:
    """The paths that a rule is about and that nothing excuses; counts the stores."""
    assert rule.find is not None
    count = court.counts[rule.id]
    for store in court.things.get(rule.find.kind, ()):
        if store.library:
            continue
        choice = court.choice((_HELD, *rule.where), store)
        if choice is not None and choice.truth is Truth.FAIL:
            continue
        found = [
            _Broken(rule, path, choice)
            for path in by_store.get(id(store), ())
            if _is_about(court, rule.find, path) and not _excused(court, rule, path)
        ]
        yield from found
        if any(_unknown(broken) is None for broken in found):
            count.failed += 1
        elif found:
            count.undecided += 1
        else:
            count.passed += 1


def _is_about(court: Court, find: Find, path: Path) -> bool:
    if path.sink not in find.sinks or (find.by and path.by not in find.by):
        return False
    test = find.name
    if test is None or not SINKS[path.sink].named:
        return True
    if isinstance(test, Inside | Outside) and isinstance(test.members, str):
        if court.baseline.lists[test.members].anything:
            return False
    return holds(test, path.name, court.baseline.lists)


def _excused(court: Court, rule: Rule, path: Path) -> bool:
    """Whether some thing on the path certainly is as `unless` says."""
    things = [path.source, *(hop.thing for hop in path.hops if hop.thing is not None)]
    for kind, (name, test) in rule.unless:
        for thing in things:
            fact = thing.fact(name) if thing.kind == kind else None
            if fact is not None and not isinstance(fact.value, Unknown):
                if holds(test, fact.value, court.baseline.lists):
                    return True
    return False


def _unknown(broken: _Broken) -> Unknown | None:
    """What is not known about it, of the path or of whether the rule is for it."""
    if broken.path.unknown is not None:
        return broken.path.unknown
    choice = broken.choice
    return choice.unknowns[0] if choice is not None and choice.unknowns else None


def _findings(court: Court, broken: _Broken) -> Iterator[Finding]:
    rule, path, _ = broken
    unknown = _unknown(broken)
    severity = court.baseline.severity.get(rule.id, rule.severity)
    if unknown is not None:
        severity = court.worth(rule, severity)
        for name in inputs([unknown]):
            court.settle[name] = court.settle.get(name, 0) + 1
    if not severity:
        return
    named = only_named(path.source)
    last = path.hops[-1]
    yield Finding(
        rule=rule.id,
        title=rule.title,
        verdict=Verdict.FAIL if unknown is None else Verdict.UNKNOWN,
        severity=lowered(severity, int(named)),
        level=rule.level,
        area=rule.area,
        message=_message(rule, path, unknown, named=named),
        span=last.span,
        subject=path.source.address,
        fact="path",
        fix=rule.fix,
        why=rule.why,
        because=because(path.source),
        related=tuple(_related(path, unknown)),
        trail=last.trail,
        settle=inputs([unknown]) if unknown is not None else (),
        path=_described(path),
        steps=tuple(_steps(path)),
        closers=tuple(_closers(path)),
        header=last.thing.span if last.thing is not None else None,
        tables=("regions.csv",) if path.sink == "place" else (),
    )


def _described(path: Path) -> dict[str, object]:
    found: dict[str, object] = {
        "source": path.source.address,
        "sink": path.end,
        "hops": [hop.address for hop in path.hops],
        "by": path.by,
    }
    if path.others:
        found["others"] = list(path.others)
    return found


def _steps(path: Path) -> Iterator[Related]:
    """The walk: why the store holds weights, then each hop."""
    source = path.source
    first = because(source)[:1]
    words = f"{called(source)} holds weights"
    if first:
        yield Related(first[0].span, f"{words}: {first[0].words}", source.address)
    else:
        yield Related(source.span, words, source.address)
    for hop in path.hops:
        doubt = "" if hop.unknown is None else f" (not certain: {hop.unknown.why})"
        yield Related(hop.span, f"{hop.words}{doubt}", hop.address)


def _closers(path: Path) -> Iterator[Closer]:
    """The rules whose requirement, met at a hop, would close the path."""
    for step, hop in enumerate(path.hops, 1):
        for rule in hop.controls:
            yield Closer(rule, hop.address, step)


def _related(path: Path, unknown: Unknown | None) -> Iterator[Related]:
    source = path.source
    yield Related(source.span, f"{called(source)} is declared here", source.address)
    if unknown is not None and unknown.span is not None:
        yield Related(unknown.span, f"not known: {unknown.why}")


def _message(rule: Rule, path: Path, unknown: Unknown | None, *, named: bool) -> str:
    said = rule.say.get("") or "{store} leads to {sink}"
    text = _PLACE.sub(lambda place: _filled(place, path), said)
    if path.others:
        text += f"; {len(path.others)} more entry points lead there"
    if unknown is not None:
        text = f"it may be that {text}: {unknown.why}"
    if named:
        text += "; only its name says that it holds weights"
    return text


def _filled(place: re.Match[str], path: Path) -> str:
    from mlsec_lint.rules.message import shown_fact

    name, fact = place[1], place[2]
    if name == "sink":
        return sink_words(path)
    if name == "last":
        return _called(path.hops[-1], path)
    return shown_fact(path.source.fact(fact)) if fact else called(path.source)


def _called(hop: Hop, path: Path) -> str:
    """The last workload, identity or copy of a path, as messages call it."""
    things: list[Thing] = [h.thing for h in path.hops if h.thing is not None]
    for thing in things:
        if thing.address == path.entry:
            return called(thing)
    return called(hop.thing) if hop.thing is not None else hop.address


def sink_words(path: Path) -> str:
    """Where a path ends, for people."""
    if path.name == "*":
        return _ANY.get(path.sink, path.end)
    return _WORDS[path.sink].format(path.name)
