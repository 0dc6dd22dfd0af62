"""The grammar of a rule as plain data: what a rule file says once it was read.

`docs/rules.md` is the same grammar in words. Knows no YAML and judges nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlsec_lint.source import Span

Scalar = str | bool | int


class Is(NamedTuple):
    """`fact: value`."""

    value: Scalar


class OneOf(NamedTuple):
    """`fact: {one of: [value, ...]}`."""

    values: tuple[Scalar, ...]


class Not(NamedTuple):
    """`fact: {not: test}`."""

    test: Test


class AtLeast(NamedTuple):
    """`fact: {at least: number}`, or the name of a limit of the baseline."""

    number: int | str


class AtMost(NamedTuple):
    """`fact: {at most: number}`, or the name of a limit of the baseline."""

    number: int | str


class Inside(NamedTuple):
    """`fact: {inside: list}`: the text, or every member of the set, is in the list.

    A list is the name of a list of the baseline, or the members themselves.
    """

    members: str | tuple[str, ...]


class Outside(NamedTuple):
    """`fact: {outside: list}`: the text, or every member of the set, is not in it."""

    members: str | tuple[str, ...]


class Matches(NamedTuple):
    """`fact: {matches: re2}`: the expression is found in the text."""

    pattern: str


Test = Is | OneOf | Not | AtLeast | AtMost | Inside | Outside | Matches


class FactTest(NamedTuple):
    """One fact of the thing in question, and what it must be."""

    fact: str
    test: Test


class AnyOf(NamedTuple):
    """`any of: [condition, ...]`: the strongest of them decides."""

    conditions: tuple[Condition, ...]


class AllOf(NamedTuple):
    """`all of: [condition, ...]`: the weakest of them decides."""

    conditions: tuple[Condition, ...]


class Each(NamedTuple):
    """`each VERB KIND: [condition, ...]`: holds for every thing the edges lead to."""

    verb: str
    kind: str
    conditions: tuple[Condition, ...]


class Some(NamedTuple):
    """`some VERB KIND: [condition, ...]`: holds for at least one of them."""

    verb: str
    kind: str
    conditions: tuple[Condition, ...]


Condition = FactTest | AnyOf | AllOf | Each | Some


class Subject(NamedTuple):
    """What `for each` chooses: a kind, and whether only what holds weights."""

    kind: str
    weights: bool


class Find(NamedTuple):
    """`find path: {from: weight store, to: {...}, by: [...]}`: the paths a rule is about.

    * `kind`: what they start at, `weights` as in Subject;
    * `sinks`: keys of `walks.SINKS`; `name`: a test of the name beside one, or None;
    * `by`: keys of `walks.WAYS`; () for all.
    """

    kind: str
    weights: bool
    sinks: tuple[str, ...]
    name: Test | None = None
    by: tuple[str, ...] = ()


class HopTest(NamedTuple):
    """`hop.KIND.FACT: test`: some thing of that kind on a path certainly is so."""

    kind: str
    test: FactTest


#: How a kind of rule treats what is unknown (controls catalogue, section 4.2).
UNKNOWN_CODES: dict[str, str] = {
    "U1": "must not have a bad value: some of the possible values bad fails one step lower",
    "U2": "must have a safe value: as U1; defaults and references are stated by the lowering",
    "U3": "grants and readers: as U1",
    "U4": "location: a denied place among the possible ones fails at full severity",
    "U5": "paths: one unknown hop makes a path possible",
    "U6": "evidence of a process: absence is a note and never more",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule file. `say` maps a deciding fact to its message, "" to the general one.

    A rule about things has `subjects` and `require`; one about paths has `find`, and
    `unless` says what excuses one.
    `area` is the folder above the rule's own; `path` the file's path; `text` its length
    in characters.
    """

    id: str
    title: str
    level: str
    severity: str
    area: str
    subjects: tuple[Subject, ...]
    require: tuple[Condition, ...]
    say: Mapping[str, str]
    fix: str
    why: str
    where: tuple[Condition, ...] = ()
    references: tuple[str, ...] = ()
    unknown: str = "U1"
    confidence: str = "high"
    formerly: tuple[str, ...] = ()
    supersedes: tuple[str, ...] = ()
    path: str = ""
    span: Span | None = None
    find: Find | None = None
    unless: tuple[HopTest, ...] = ()


@dataclass(frozen=True, slots=True)
class Policies:
    """All rules of a scan in the order of area and id, without two of one id."""

    rules: tuple[Rule, ...] = ()
    folders: tuple[str, ...] = field(default=())

    def find(self, name: str) -> Rule | None:
        """The rule of that id or former id."""
        for rule in self.rules:
            if rule.id == name or name in rule.formerly:
                return rule
        return None


def _tests_of(rule: Rule) -> Iterator[Test]:
    """Every test of a rule, those of paths included."""
    if rule.find is not None and rule.find.name is not None:
        yield rule.find.name
    hops = tuple(hop.test for hop in rule.unless)
    yield from _tests((*rule.where, *rule.require, *hops))


def list_names(rule: Rule) -> Iterator[str]:
    """The names of the baseline's lists that a rule's conditions use."""
    for test in _tests_of(rule):
        while isinstance(test, Not):
            test = test.test
        if isinstance(test, Inside | Outside) and isinstance(test.members, str):
            yield test.members


def limit_names(rule: Rule) -> Iterator[str]:
    """The names of the baseline's limits that a rule's conditions use."""
    for test in _tests_of(rule):
        while isinstance(test, Not):
            test = test.test
        if isinstance(test, AtLeast | AtMost) and isinstance(test.number, str):
            yield test.number


def limited(rule: Rule, limits: Mapping[str, int | None]) -> Rule:
    """The rule with the numbers of a baseline in place of their names.

    A condition on a limit that is None does not limit, and is left out.
    """
    if next(limit_names(rule), None) is None:
        return rule
    where = tuple(_limited(rule.where, limits))
    require = tuple(_limited(rule.require, limits))
    unless = [
        hop._replace(test=hop.test._replace(test=test))
        for hop in rule.unless
        if (test := _limited_test(hop.test.test, limits)) is not None
    ]
    return replace(rule, where=where, require=require, unless=tuple(unless))


def _limited(
    conditions: tuple[Condition, ...], limits: Mapping[str, int | None]
) -> Iterator[Condition]:
    for condition in conditions:
        if isinstance(condition, FactTest):
            test = _limited_test(condition.test, limits)
            if test is not None:
                yield FactTest(condition.fact, test)
        else:
            inner = tuple(_limited(condition.conditions, limits))
            yield condition._replace(conditions=inner)


def _limited_test(test: Test, limits: Mapping[str, int | None]) -> Test | None:
    if isinstance(test, Not):
        inner = _limited_test(test.test, limits)
        return None if inner is None else Not(inner)
    if isinstance(test, AtLeast | AtMost) and isinstance(test.number, str):
        number = limits[test.number]
        return None if number is None else test._replace(number=number)
    return test


def _tests(conditions: tuple[Condition, ...]) -> Iterator[Test]:
    for condition in conditions:
        if isinstance(condition, FactTest):
            yield condition.test
        else:
            yield from _tests(condition.conditions)
