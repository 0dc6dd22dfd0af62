"""Conditions on things, in three values. Makes no findings and knows no rule file.

A condition is true, false, unknown, or not applicable, where nothing states what it
asks about. "May" is a false that holds for some of the possible values of an unknown.
`docs/rules.md` has the tables; the order below is what they come from.
"""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from mlsec_lint.estate.facts import FACTS
from mlsec_lint.estate.wildcards import wildcard
from mlsec_lint.rules.grammar import (
    AllOf,
    AnyOf,
    AtLeast,
    AtMost,
    Each,
    FactTest,
    Inside,
    Is,
    Matches,
    Not,
    OneOf,
    Outside,
    Some,
)
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mlsec_lint.estate import Edge, Estate, Fact, FactValue, Thing
    from mlsec_lint.rules.baseline import NamedList
    from mlsec_lint.rules.grammar import Condition, Test
    from mlsec_lint.value import Value


class Truth(IntEnum):
    """From weakest to strongest: `all of` takes the least, `any of` the greatest."""

    FAIL = 0
    MAY = 1
    UNKNOWN = 2
    PASS = 3


class Outcome(NamedTuple):
    """What one condition came to, and the fact that decided it.

    * `truth`: None where the condition does not apply;
    * `thing`, `fact`, `stated`: the deciding fact; `stated` is None where its absence
      decided; `part` counts facts of the same name from 1, 0 for the only one;
    * `edges`: the edges that lead from the judged thing to `thing`;
    * `unknowns`: what was not known;
    * `bad`: the possible values that violate (for MAY);
    * `lists`: the lists of the baseline that were asked.
    """

    truth: Truth | None
    thing: Thing
    fact: str
    stated: Fact | None = None
    part: int = 0
    edges: tuple[Edge, ...] = ()
    unknowns: tuple[Unknown, ...] = ()
    bad: tuple[FactValue, ...] = ()
    lists: tuple[str, ...] = ()


class Asked(NamedTuple):
    """What conditions are asked of: an estate and the lists of the baseline.

    `choosing` is set for `where`, in which a fact that nothing states is false.
    """

    estate: Estate
    lists: Mapping[str, NamedList]
    choosing: bool = False


def weakest(outcomes: Iterable[Outcome]) -> Outcome | None:
    """The first of the least true outcomes; None where none applies."""
    return min(
        (o for o in outcomes if o.truth is not None),
        key=lambda o: o.truth if o.truth is not None else Truth.PASS,
        default=None,
    )


def strongest(outcomes: Iterable[Outcome]) -> Outcome | None:
    """The truest outcome, a written fact before a default; None where none applies."""

    def rank(outcome: Outcome) -> tuple[int, bool]:
        assert outcome.truth is not None
        stated = outcome.stated
        return outcome.truth, stated is not None and not stated.default

    return max((o for o in outcomes if o.truth is not None), key=rank, default=None)


def evaluate(
    conditions: Iterable[Condition], thing: Thing, asked: Asked
) -> Iterator[Outcome]:
    """The outcomes of conditions that must all hold, one for each deciding fact."""
    for condition in conditions:
        if isinstance(condition, FactTest):
            yield from _fact_test(condition, thing, asked)
        elif isinstance(condition, AllOf):
            yield from evaluate(condition.conditions, thing, asked)
        elif isinstance(condition, AnyOf):
            yield from _any_of(condition, thing, asked)
        elif isinstance(condition, Each):
            yield from _each(condition, thing, asked)
        else:
            yield from _some(condition, thing, asked)


def _any_of(condition: AnyOf, thing: Thing, asked: Asked) -> Iterator[Outcome]:
    branches = [
        weakest(evaluate((branch,), thing, asked)) for branch in condition.conditions
    ]
    found = [branch for branch in branches if branch is not None]
    best = strongest(found)
    if best is None:
        return
    if best.truth is Truth.UNKNOWN:
        undecided = [o for o in found if o.truth is Truth.UNKNOWN]
        unknowns = dict.fromkeys(u for o in undecided for u in o.unknowns)
        best = best._replace(unknowns=tuple(unknowns))
    yield best


def _targets(thing: Thing, verb: str, kind: str, asked: Asked) -> list[Edge]:
    """One edge to each thing of a kind; a certain one where there is one."""
    found: dict[int, Edge] = {}
    for edge in asked.estate.edges_from(thing, verb):
        if edge.target.kind == kind:
            known = found.setdefault(id(edge.target), edge)
            if edge.certain and not known.certain:
                found[id(edge.target)] = edge
    return list(found.values())


def _each(condition: Each, thing: Thing, asked: Asked) -> Iterator[Outcome]:
    for edge in _targets(thing, condition.verb, condition.kind, asked):
        for outcome in evaluate(condition.conditions, edge.target, asked):
            wrong = outcome.truth in (Truth.FAIL, Truth.MAY)
            yield _along(edge, outcome, doubt=wrong and not edge.certain)


def _some(condition: Some, thing: Thing, asked: Asked) -> Iterator[Outcome]:
    edges = _targets(thing, condition.verb, condition.kind, asked)
    if not edges:
        words = f"{condition.verb} {condition.kind}"
        yield Outcome(Truth.FAIL, thing, words)
        return
    found: list[Outcome] = []
    for edge in edges:
        worst = weakest(evaluate(condition.conditions, edge.target, asked))
        if worst is not None:
            doubt = worst.truth is Truth.PASS and not edge.certain
            found.append(_along(edge, worst, doubt=doubt))
    best = strongest(found)
    if best is not None:
        yield best


def _along(edge: Edge, outcome: Outcome, *, doubt: bool) -> Outcome:
    """The outcome as seen from where the edge starts; unknown where it is in doubt."""
    outcome = outcome._replace(edges=(edge, *outcome.edges))
    if not doubt:
        return outcome
    why = edge.why or f"whether {edge.source.name} {edge.verb} {edge.target.name}"
    unknown = Unknown("edge", why, span=edge.span)
    return outcome._replace(
        truth=Truth.UNKNOWN, unknowns=(unknown, *outcome.unknowns), bad=()
    )


def _fact_test(condition: FactTest, thing: Thing, asked: Asked) -> Iterator[Outcome]:
    name, test = condition
    lists = _names(test)
    if lists and asked.lists[lists[0]].anything:
        if asked.choosing:
            yield Outcome(Truth.FAIL, thing, name)
        return
    facts = thing.all_facts(name)
    if not facts:
        truth = _absent(condition, thing, asked)
        if truth is not None:
            yield Outcome(truth, thing, name, lists=lists)
    for part, stated in enumerate(facts, 1):
        truth, unknowns, bad = _judge_value(test, stated.value, condition, thing, asked)
        number = part if len(facts) > 1 else 0
        yield Outcome(
            truth, thing, name, stated, number, (), unknowns, bad, lists=lists
        )


def _absent(condition: FactTest, thing: Thing, asked: Asked) -> Truth | None:
    """The truth of a test on a fact that nothing states, None for not applicable."""
    declared = FACTS[thing.kind][condition.fact]
    if declared.type == "bool" and declared.absent != "not applicable":
        nobody_says: FactValue = False
        fine = holds(condition.test, nobody_says, asked.lists)
        return Truth.PASS if fine else Truth.FAIL
    return Truth.FAIL if asked.choosing else None


def _judge_value(
    test: Test, value: FactValue, condition: FactTest, thing: Thing, asked: Asked
) -> tuple[Truth, tuple[Unknown, ...], tuple[FactValue, ...]]:
    if not isinstance(value, Unknown):
        fine = holds(test, value, asked.lists)
        return (Truth.PASS if fine else Truth.FAIL), (), ()
    if not value.possible:
        return Truth.UNKNOWN, (value,), ()
    kind = FACTS[thing.kind][condition.fact].type
    options = [_typed(option, kind) for option in value.possible]
    known = [option for option in options if not isinstance(option, Unknown)]
    bad = tuple(o for o in known if not holds(test, o, asked.lists))
    if bad:
        all_bad = len(bad) == len(options)
        return (Truth.FAIL if all_bad else Truth.MAY), (value,), bad
    return (Truth.PASS if len(known) == len(options) else Truth.UNKNOWN), (value,), ()


def _typed(value: Value, kind: str) -> FactValue:
    """A possible value by the type of its fact; Unknown where it is not of that type."""
    unfit = Unknown("unsupported", f"not a {kind}")
    found: Any
    if kind == "bool":
        found = value.boolean()
    elif kind == "number":
        found = value.integer()
    elif kind == "text":
        found = value.text()
    else:
        members = [member.text() for member in value.elements()]
        known = tuple(member for member in members if isinstance(member, str))
        whole = isinstance(value.data, tuple) and len(known) == len(members)
        found = known if whole else value.unknown
    return unfit if found is None else found


def holds(test: Test, value: FactValue, lists: Mapping[str, NamedList]) -> bool:
    """Whether a known value satisfies a test."""
    match test:
        case Is(wanted):
            return value == wanted
        case OneOf(values):
            return value in values
        case Not(inner):
            return not holds(inner, value, lists)
        case AtLeast(number):
            assert isinstance(number, int), "limits were put in before"
            return isinstance(value, int) and value >= number
        case AtMost(number):
            assert isinstance(number, int), "limits were put in before"
            return isinstance(value, int) and value <= number
        case Inside(members):
            known = _members(members, lists)
            return all(is_member(text, known) for text in _texts(value))
        case Outside(members):
            known = _members(members, lists)
            return not any(is_member(text, known) for text in _texts(value))
        case Matches(pattern):
            return _compiled(pattern).search(str(value)) is not None


def _names(test: Test) -> tuple[str, ...]:
    """The list of the baseline that a test asks, if it asks one."""
    while isinstance(test, Not):
        test = test.test
    if isinstance(test, Inside | Outside) and isinstance(test.members, str):
        return (test.members,)
    return ()


def _members(
    members: str | tuple[str, ...], lists: Mapping[str, NamedList]
) -> tuple[str, ...]:
    return lists[members].members if isinstance(members, str) else members


def _texts(value: FactValue) -> tuple[str, ...]:
    assert not isinstance(value, Unknown), "an Unknown is judged before it comes here"
    return (str(value),) if isinstance(value, str | bool | int) else value


def is_member(text: str, members: tuple[str, ...]) -> bool:
    """Whether a list has a text; `*` in a member stands for any characters."""
    if text in members:
        return True
    return any(wildcard(member, text) for member in members if "*" in member)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Any:
    import re2

    return re2.compile(pattern)
