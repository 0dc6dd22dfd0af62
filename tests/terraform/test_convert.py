from __future__ import annotations

import pytest
from hypothesis import given
from values_strategy import ANY, KNOWN, TYPES

from mlsec_lint.source import Source, Span
from mlsec_lint.terraform import types, values
from mlsec_lint.terraform.convert import (
    ConversionError,
    apply_defaults,
    convert,
    convert_with_defaults,
)
from mlsec_lint.terraform.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    list_of,
    map_of,
    object_of,
    set_of,
    tuple_of,
    type_of,
)
from mlsec_lint.terraform.unify import unify
from mlsec_lint.value import Bounds, Step, Unknown, Value

S, N = values.string, values.number


def plain(value):
    """A value as Python data, to compare."""
    if isinstance(value.data, Unknown):
        return "?"
    if isinstance(value.data, dict):
        return {name: plain(part) for name, part in value.data.items()}
    if isinstance(value.data, tuple):
        return [plain(part) for part in value.data]
    return value.data


@pytest.mark.parametrize(
    ("value", "wanted", "data"),
    [
        (S("12"), NUMBER, 12),
        (S("true"), BOOL, True),
        (S("1"), BOOL, True),
        (S("0"), BOOL, False),
        (N(5), STRING, "5"),
        (values.TRUE, STRING, "true"),
        (values.tuple_value([N(1), S("a")]), list_of(STRING), ["1", "a"]),
        (values.tuple_value([N(2), N(1), N(2)]), set_of(NUMBER), [1, 2]),
        (values.tuple_value([S("b"), S("a")]), types.SET_OF_DYNAMIC, ["a", "b"]),
        (values.tuple_value([N(1), S("a")]), types.LIST_OF_DYNAMIC, ["1", "a"]),
        (values.object_value({"a": N(1)}), map_of(STRING), {"a": "1"}),
        (
            values.object_value({"a": N(1), "b": N(2)}),
            object_of({"a": STRING}),
            {"a": "1"},
        ),
        (
            values.map_value({"a": S("x")}),
            object_of({"a": STRING, "b": NUMBER}, ["b"]),
            {"a": "x", "b": None},
        ),
        (values.tuple_value([]), list_of(NUMBER), []),
        (values.null(), NUMBER, None),
    ],
)
def test_converts(value, wanted, data):
    made = convert(value, wanted)
    assert plain(made) == data
    assert types.conforms(type_of(made), wanted.without_optional())


@pytest.mark.parametrize(
    ("value", "wanted", "message"),
    [
        (S("x"), NUMBER, "a number is required"),
        (
            S("True"),
            BOOL,
            'a bool is required; to convert from string, use lowercase "true"',
        ),
        (S("x"), list_of(STRING), "list of string required"),
        (N(1), BOOL, "bool required"),
        (
            values.object_value({}),
            object_of({"a": STRING}),
            'attribute "a" is required',
        ),
        (
            values.object_value({}),
            object_of({"a": STRING, "b": STRING, "c": STRING}),
            'attributes "a", "b", and "c" are required',
        ),
        (
            values.tuple_value([S("a"), values.tuple_value([])]),
            types.LIST_OF_DYNAMIC,
            "all list elements must have the same type",
        ),
        (
            values.tuple_value([values.tuple_value([])]),
            list_of(STRING),
            "element 0: string required",
        ),
    ],
)
def test_says_what_does_not_fit(value, wanted, message):
    with pytest.raises(ConversionError) as caught:
        convert(value, wanted)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("given_types", "unsafe", "common"),
    [
        ([STRING, NUMBER], True, STRING),
        ([NUMBER, BOOL], True, None),
        ([NUMBER, DYNAMIC], True, NUMBER),
        ([tuple_of([NUMBER]), tuple_of([STRING])], True, tuple_of([STRING])),
        ([tuple_of([NUMBER]), tuple_of([NUMBER, STRING])], True, list_of(STRING)),
        ([tuple_of([NUMBER]), list_of(STRING)], True, list_of(STRING)),
        (
            [object_of({"a": NUMBER}), object_of({"a": STRING})],
            True,
            object_of({"a": STRING}),
        ),
        ([object_of({"a": NUMBER}), object_of({"b": STRING})], True, map_of(STRING)),
        ([object_of({"a": NUMBER}), map_of(STRING)], True, map_of(STRING)),
        ([object_of({}), tuple_of([])], True, None),
        ([list_of(NUMBER), DYNAMIC], True, DYNAMIC),
        ([STRING, tuple_of([])], True, None),
    ],
)
def test_unifies(given_types, unsafe, common):
    assert unify(given_types, unsafe) == common


def test_unknowns_keep_their_reason_and_get_what_follows():
    reason = Unknown("variable", "var.x has no default", "var.x")
    made = convert(Value(reason, type=tuple_of([NUMBER, NUMBER])), list_of(STRING))
    assert made.type == list_of(STRING)
    assert made.data.name == "var.x"
    assert (made.data.bounds.min_length, made.data.bounds.max_length) == (2, 2)


def test_possible_values_are_converted_with_the_unknown():
    reason = Unknown("variable", "x", possible=(S("1"), S("2"), S("many")))
    made = convert(Value(reason, type=STRING), NUMBER)
    assert [each.data for each in made.data.possible] == [1, 2]


def test_elements_keep_their_places():
    span = Span(Source("a.tf", "one two"), 4, 7)
    trail = (Step(span, "default"),)
    element = S("two", span).replace(trail=trail)
    made = convert(values.tuple_value([element]), set_of(STRING))
    assert made.data[0].span == span
    assert made.data[0].trail == trail


def test_sensitive_elements_make_a_set_sensitive():
    made = values.set_value([values.mark(S("a"), sensitive=True), S("b")])
    assert made.sensitive
    assert not any(element.sensitive for element in made.data)


def test_strings_are_normalised():
    assert values.string("e\u0301").data == "\u00e9"


def test_defaults_fill_missing_and_null_attributes_at_any_depth():
    inner = object_of({"b": STRING}, ["b"], {"b": S("deep")})
    wanted = object_of({"a": NUMBER, "in": list_of(inner)}, ["a"], {"a": N(7)})
    given_value = values.object_value(
        {
            "a": values.null(),
            "in": values.tuple_value(
                [values.object_value({}), values.object_value({"b": S("own")})]
            ),
        }
    )
    made = convert_with_defaults(given_value, wanted)
    assert plain(made) == {"a": 7, "in": [{"b": "deep"}, {"b": "own"}]}
    assert plain(
        convert(values.object_value({"in": values.tuple_value([])}), wanted)
    ) == {
        "a": None,
        "in": [],
    }


def test_defaults_leave_unknowns_alone():
    wanted = object_of({"a": NUMBER}, ["a"], {"a": N(7)})
    unknown = Value(Unknown("variable", "x"), type=DYNAMIC)
    assert apply_defaults(unknown, wanted) is unknown


def test_sets_are_in_terraforms_order():
    made = values.set_value([S("b"), S("B"), S("a"), S("10"), S("9")])
    assert plain(made) == ["10", "9", "B", "a", "b"]
    rows = values.set_value(
        [values.tuple_value([S("b"), N(1)]), values.tuple_value([S("a"), N(2)])]
    )
    assert plain(rows) == [["a", 2], ["b", 1]]


def test_refinement_settles_what_has_one_value_left():
    unknown = Value(Unknown("variable", "x"), type=list_of(STRING))
    made = values.refine(unknown, Bounds(not_null=True, min_length=2, max_length=2))
    assert plain(made) == ["?", "?"]
    assert made.data[0].type == STRING
    empty = values.refine(unknown, Bounds(not_null=True, max_length=0))
    assert empty.data == ()


@given(ANY, TYPES)
def test_conversion_is_idempotent_and_gives_the_wanted_type(value, wanted):
    try:
        once = convert(value, wanted)
    except ConversionError:
        return
    assert types.conforms(type_of(once), wanted)
    twice = convert(once, wanted)
    assert type_of(twice) == type_of(once)
    assert plain(twice) == plain(once)
    assert values.any_sensitive(once) <= values.any_sensitive(value)


@given(KNOWN, TYPES)
def test_known_values_stay_known(value, wanted):
    try:
        made = convert(value, wanted)
    except ConversionError:
        return
    assert values.wholly_known(made)


@given(TYPES, TYPES)
def test_unification_does_not_depend_on_the_order(left, right):
    assert unify([left, right]) == unify([right, left])


@given(TYPES)
def test_types_equal_and_hash_by_what_they_are(kind):
    import copy

    assert copy.deepcopy(kind) == kind
    assert hash(copy.deepcopy(kind)) == hash(kind)
    assert unify([kind, kind]) == kind
