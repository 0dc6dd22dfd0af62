"""Conditions in three values: tables, and what no substitution may change."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rule_estates import LISTS, MISSING, Yard, unknown

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
from mlsec_lint.rules.truth import (
    Asked,
    Truth,
    evaluate,
    holds,
    strongest,
    weakest,
    wildcard,
)
from mlsec_lint.value import Value

FAIL, MAY, UNKNOWN, PASS = Truth
NONE = None

BOOL, TEXT, TEXTS = "public.blocked", "place.region", "place.countries"


def truth(condition, facts, *, kind="store", choosing=False):
    yard = Yard()
    thing = yard.thing(kind, "x", facts)
    found = weakest(evaluate((condition,), thing, Asked(yard.estate, LISTS, choosing)))
    return None if found is None else found.truth


@pytest.mark.parametrize(
    ("fact", "test", "value", "expected"),
    [
        (BOOL, Is(value=True), True, PASS),
        (BOOL, Is(value=True), False, FAIL),
        (BOOL, Is(value=True), unknown(), UNKNOWN),
        (BOOL, Is(value=True), MISSING, NONE),
        (BOOL, Is(value=True), unknown(possible=(True, False)), MAY),
        (BOOL, Is(value=True), unknown(possible=(True, True)), PASS),
        (BOOL, Is(value=True), unknown(possible=(False,)), FAIL),
        (BOOL, Is(value=True), unknown(possible=("true", "false")), MAY),
        (BOOL, Is(value=True), unknown(possible=("odd",)), UNKNOWN),
        (BOOL, Is(value=True), unknown(possible=("odd", True)), UNKNOWN),
        (BOOL, Is(value=True), unknown(possible=("odd", False)), MAY),
        (BOOL, Is(value=True), unknown(possible=()), UNKNOWN),
        (TEXT, Is("us-east-1"), "us-east-1", PASS),
        (TEXT, Is("us-east-1"), "US-EAST-1", FAIL),
        (TEXT, OneOf(("a", "b")), "b", PASS),
        (TEXT, OneOf(("a", "b")), "c", FAIL),
        (TEXT, OneOf(("a", "b")), unknown(), UNKNOWN),
        (TEXT, OneOf(("a", "b")), MISSING, NONE),
        (TEXT, OneOf(("a", "b")), unknown(possible=("a", "b")), PASS),
        (TEXT, OneOf(("a", "b")), unknown(possible=("a", "c")), MAY),
        (TEXT, OneOf(("a", "b")), unknown(possible=("c", "d")), FAIL),
        (TEXT, Not(Is("a")), "a", FAIL),
        (TEXT, Not(Is("a")), "b", PASS),
        (TEXT, Not(Is("a")), unknown(), UNKNOWN),
        (TEXT, Not(Is("a")), MISSING, NONE),
        (TEXT, Not(Is("a")), unknown(possible=("a", "b")), MAY),
        (TEXT, Not(OneOf(("a", "b"))), "b", FAIL),
        (TEXT, Not(Not(Is("a"))), "a", PASS),
        (TEXT, Inside("allowed-countries"), "US", PASS),
        (TEXT, Inside("allowed-countries"), "SE", FAIL),
        (TEXT, Inside(("SE",)), "SE", PASS),
        (TEXT, Inside("internal-hosts"), "mlflow.acme.example", PASS),
        (TEXT, Inside("internal-hosts"), "acme.example", FAIL),
        (TEXT, Inside("no-limit"), "SE", NONE),
        (TEXT, Inside("no-limit"), unknown(), NONE),
        (TEXT, Not(Inside("no-limit")), "SE", NONE),
        (TEXTS, Inside("allowed-countries"), ("US", "NO"), PASS),
        (TEXTS, Inside("allowed-countries"), ("US", "SE"), FAIL),
        (TEXTS, Inside("allowed-countries"), (), PASS),
        (TEXTS, Inside("allowed-countries"), unknown(), UNKNOWN),
        (TEXTS, Inside("allowed-countries"), MISSING, NONE),
        (TEXTS, Inside("allowed-countries"), unknown(possible=(("US",),)), PASS),
        (TEXTS, Inside("allowed-countries"), unknown(possible=(("US",), ("SE",))), MAY),
        (TEXTS, Inside("allowed-countries"), unknown(possible=("US",)), UNKNOWN),
        (TEXTS, Outside("denied-countries"), ("US", "SE"), PASS),
        (TEXTS, Outside("denied-countries"), ("US", "HK"), FAIL),
        (TEXTS, Outside("denied-countries"), (), PASS),
        (TEXTS, Outside("denied-countries"), unknown(), UNKNOWN),
        (TEXTS, Outside("denied-countries"), MISSING, NONE),
        (TEXTS, Outside("denied-countries"), unknown(possible=(("HK",),)), FAIL),
        (TEXTS, Not(Outside(("HK",))), ("US", "HK"), PASS),
        (TEXT, Matches("^us-(east|west)-[0-9]$"), "us-east-1", PASS),
        (TEXT, Matches("east"), "us-east-1", PASS),
        (TEXT, Matches("^east"), "us-east-1", FAIL),
        (TEXT, Matches("^us-"), unknown(), UNKNOWN),
        (TEXT, Matches("^us-"), MISSING, NONE),
        (TEXT, Matches("^us-"), unknown(possible=("us-a", "eu-a")), MAY),
    ],
)
def test_condition(fact, test, value, expected):
    assert truth(FactTest(fact, test), {fact: value}) is expected


@pytest.mark.parametrize(
    ("test", "value", "expected"),
    [
        (AtLeast(3), 3, True),
        (AtLeast(3), 2, False),
        (AtMost(3), 3, True),
        (AtMost(3), 4, False),
        (Not(AtLeast(3)), 2, True),
        (Is(3), 3, True),
        (OneOf((1, 3)), 3, True),
    ],
)
def test_numbers(test, value, expected):
    assert holds(test, value, {}) is expected


def test_weights_held_is_false_where_nobody_says_so():
    held = FactTest("weights.held", Is(value=True))
    assert truth(held, {}) is FAIL
    assert truth(FactTest("weights.held", Is(value=False)), {}) is PASS


@pytest.mark.parametrize(
    ("value", "expected"),
    [("a", PASS), ("b", FAIL), (unknown(), UNKNOWN), (MISSING, FAIL)],
)
def test_where_takes_absent_for_false(value, expected):
    condition = FactTest(TEXT, Is("a"))
    assert truth(condition, {TEXT: value}, choosing=True) is expected


def test_where_takes_a_list_without_limit_for_false():
    condition = FactTest(TEXT, Inside("no-limit"))
    assert truth(condition, {TEXT: "x"}, choosing=True) is FAIL


#: The values of `public.blocked: true` and of `public.acl: true` for each truth.
MAKES = {
    FAIL: False,
    MAY: unknown(possible=(True, False)),
    UNKNOWN: unknown(),
    PASS: True,
    NONE: MISSING,
}
ORDER = (FAIL, MAY, UNKNOWN, PASS)
TWO = (FactTest(BOOL, Is(value=True)), FactTest("public.acl", Is(value=True)))
PAIRS = [(a, b) for a in MAKES for b in MAKES]


def expected_of(a, b, choose):
    known = [t for t in (a, b) if t is not None]
    return choose(known, key=ORDER.index) if known else None


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_all_of_takes_the_weakest_that_applies(a, b):
    facts = {BOOL: MAKES[a], "public.acl": MAKES[b]}
    assert truth(AllOf(TWO), facts) is expected_of(a, b, min)


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_any_of_takes_the_strongest_that_applies(a, b):
    facts = {BOOL: MAKES[a], "public.acl": MAKES[b]}
    assert truth(AnyOf(TWO), facts) is expected_of(a, b, max)


def test_any_of_names_every_unknown():
    yard = Yard()
    store = yard.thing(
        "store", "x", {BOOL: unknown("var.a"), "public.acl": unknown("var.b")}
    )
    found = strongest(evaluate((AnyOf(TWO),), store, Asked(yard.estate, LISTS)))
    assert found is not None
    assert [u.name for u in found.unknowns] == ["var.a", "var.b"]


def test_any_of_points_at_what_somebody_wrote():
    yard = Yard()
    store = yard.thing("store", "x")
    store.state(BOOL, False, yard.span(), default="the provider says so")
    store.state("public.acl", False, yard.span())
    found = strongest(evaluate((AnyOf(TWO),), store, Asked(yard.estate, LISTS)))
    assert found is not None
    assert found.fact == "public.acl"


PRIVILEGED = (FactTest("privileged", Is(value=False)),)


def pod(*containers, certain=True):
    yard = Yard()
    workload = yard.thing("workload", "Pod/x")
    for index, value in enumerate(containers):
        container = yard.thing("container", f"Pod/x#{index}", {"privileged": value})
        yard.estate.link(
            workload, "has", container, yard.span(), certain=certain, why="var.c"
        )
    return yard, workload


@pytest.mark.parametrize(
    ("containers", "certain", "each", "some"),
    [
        ((), True, NONE, FAIL),
        ((False,), True, PASS, PASS),
        ((True,), True, FAIL, FAIL),
        ((False, True), True, FAIL, PASS),
        ((False, unknown()), True, UNKNOWN, PASS),
        ((True, unknown()), True, FAIL, UNKNOWN),
        ((MISSING,), True, NONE, NONE),
        ((MISSING, True), True, FAIL, FAIL),
        ((unknown(possible=(True, False)),), True, MAY, MAY),
        ((True,), False, UNKNOWN, FAIL),
        ((False,), False, PASS, UNKNOWN),
        ((unknown(possible=(True, False)),), False, UNKNOWN, MAY),
    ],
)
def test_each_and_some(containers, certain, each, some):
    for make, expected in ((Each, each), (Some, some)):
        yard, workload = pod(*containers, certain=certain)
        condition = make("has", "container", PRIVILEGED)
        found = weakest(evaluate((condition,), workload, Asked(yard.estate, LISTS)))
        assert (found.truth if found else None) is expected, make


def test_a_certain_edge_beside_an_uncertain_one_counts():
    yard, workload = pod(True, certain=False)
    container = next(iter(yard.estate.of("container")))
    yard.estate.link(workload, "has", container, yard.span())
    condition = Each("has", "container", PRIVILEGED)
    (found,) = evaluate((condition,), workload, Asked(yard.estate, LISTS))
    assert found.truth is FAIL


def test_each_of_several_facts_is_judged():
    yard = Yard()
    store = yard.thing("store", "x")
    for value in (True, False, True):
        store.also("public.principal", value, yard.span())
    condition = FactTest("public.principal", Is(value=False))
    found = list(evaluate((condition,), store, Asked(yard.estate, LISTS)))
    assert [o.truth for o in found] == [FAIL, PASS, FAIL]
    assert [o.part for o in found] == [1, 2, 3]


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("a", "a", True),
        ("a", "ab", False),
        ("*", "", True),
        ("*", "anything", True),
        ("*.acme.example", "x.acme.example", True),
        ("*.acme.example", ".acme.example", True),
        ("*.acme.example", "acme.example", False),
        ("module.*.aws_s3_bucket.*", "module.a.aws_s3_bucket.b", True),
        ("a*b*c", "a1b2c", True),
        ("a*b*c", "a1c2b", False),
        ("ab*ba", "aba", False),
        ("[a]?", "a1", False),
        ('x["a"]*', 'x["a"].y', True),
    ],
)
def test_wildcard(pattern, text, expected):
    assert wildcard(pattern, text) is expected


def test_wildcards_do_not_backtrack():
    assert not wildcard("*a" * 300 + "b", "a" * 50_000)


# What nobody knows may lie between what it could have been, and nowhere else.

FACTS = {
    BOOL: st.booleans(),
    "public.acl": st.booleans(),
    TEXT: st.sampled_from(("US", "HK", "SE")),
    TEXTS: st.lists(st.sampled_from(("US", "HK", "SE")), max_size=2).map(tuple),
}


def drawn_tests(fact):
    if fact == TEXTS:
        basic = st.sampled_from(
            (Inside("allowed-countries"), Outside("denied-countries"), Inside(("SE",)))
        )
    elif fact == TEXT:
        basic = st.sampled_from(
            (Is("US"), OneOf(("US", "SE")), Matches("^[HS]"), Outside(("HK",)))
        )
    else:
        basic = st.sampled_from((Is(value=True), Is(value=False)))
    return st.one_of(basic, basic.map(Not))


LEAVES = st.sampled_from(tuple(FACTS)).flatmap(
    lambda fact: drawn_tests(fact).map(lambda test: FactTest(fact, test))
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda c: AllOf(tuple(c))),
        st.lists(inner, min_size=1, max_size=3).map(lambda c: AnyOf(tuple(c))),
    ),
    max_leaves=6,
)
KNOWN = st.fixed_dictionaries({}, optional=FACTS)


@settings(max_examples=300, deadline=None)
@given(CONDITIONS, KNOWN, st.data())
def test_an_unknown_never_swaps_pass_and_fail(condition, facts, data):
    """Replacing a known value by an Unknown loses a verdict and never turns it."""
    before = truth(condition, facts)
    hidden = data.draw(st.sets(st.sampled_from(sorted(facts)))) if facts else set()
    veiled = {name: unknown() if name in hidden else v for name, v in facts.items()}
    after = truth(condition, veiled)
    if after in (FAIL, PASS, NONE):
        assert before is after
    else:
        assert after is UNKNOWN
        assert before is not None


@settings(max_examples=300, deadline=None)
@given(CONDITIONS, KNOWN, st.data())
def test_possible_values_cover_the_real_one(condition, facts, data):
    """With the real value among the possible ones, a certain verdict is the real one."""
    before = truth(condition, facts)
    veiled = {}
    for name, value in facts.items():
        others = data.draw(st.lists(FACTS[name], max_size=2))
        veiled[name] = unknown(possible=(value, *others))
    after = truth(condition, veiled)
    if after in (FAIL, PASS, NONE):
        assert before is after


@settings(max_examples=200, deadline=None)
@given(CONDITIONS, KNOWN)
def test_one_possible_value_is_that_value(condition, facts):
    veiled = {name: unknown(possible=(value,)) for name, value in facts.items()}
    assert truth(condition, veiled) is truth(condition, facts)


def test_possible_values_of_values_without_type_are_typed():
    assert (
        truth(FactTest(BOOL, Is(value=True)), {BOOL: unknown(possible=("true",))})
        is PASS
    )
    inner = unknown("var.y")
    nested = unknown()._replace(possible=(Value(True), Value(inner)))
    assert truth(FactTest(BOOL, Is(value=True)), {BOOL: nested}) is UNKNOWN
    assert truth(FactTest(BOOL, Is(value=False)), {BOOL: nested}) is MAY
