from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from values_strategy import ANY, KNOWN

from mlsec_lint.source import Source, Span
from mlsec_lint.terraform import number as numbers
from mlsec_lint.terraform import operations, types, values
from mlsec_lint.terraform.equality import equals
from mlsec_lint.terraform.errors import EvaluationError
from mlsec_lint.terraform.types import BOOL, DYNAMIC, NUMBER, STRING, list_of
from mlsec_lint.value import Bounds, Symbol, Unknown, Value

S, N = values.string, values.number
OPERATORS = ["+", "-", "*", "/", "%", "<", "<=", ">", ">=", "==", "!=", "&&", "||"]


def unknown(of=DYNAMIC, **fields):
    return Value(
        Unknown("variable", "var.x has no default", "var.x", **fields), type=of
    )


@pytest.mark.parametrize(
    ("left", "operator", "right", "result"),
    [
        (N(1), "+", S("2"), 3),
        (N(7), "/", N(2), numbers.parse("3.5")),
        (N(-7), "%", N(3), -1),
        (N(1), "<", S("2"), True),
        (S("1"), "==", N(1), False),
        (values.TRUE, "==", S("true"), False),
        (values.null(), "==", values.null(STRING), True),
        (S("true"), "&&", values.TRUE, True),
        (values.FALSE, "||", S("0"), False),
        (values.tuple_value([N(1)]), "==", values.tuple_value([N(1)]), True),
        (values.list_value([N(1)]), "==", values.tuple_value([N(1)]), False),
        (
            values.set_value([S("a"), S("b")]),
            "==",
            values.set_value([S("b"), S("a")]),
            True,
        ),
        (
            values.object_value({"a": N(1)}),
            "!=",
            values.object_value({"a": N(2)}),
            True,
        ),
    ],
)
def test_computes(left, operator, right, result):
    made = operations.binary(operator, left, right)
    assert made.data == result
    assert isinstance(made.data, bool) == isinstance(result, bool)


@pytest.mark.parametrize(
    ("left", "operator", "right", "summary", "detail"),
    [
        (S("a"), "+", N(1), "Invalid operand", "left operand: a number is required"),
        (N(1), "+", values.TRUE, "Invalid operand", "right operand: number required"),
        (N(0), "/", N(0), "Operation failed", "zero by zero"),
        (values.null(), "&&", values.TRUE, "Operation failed", "must not be null"),
        (N(1), "&&", values.TRUE, "Invalid operand", "bool required"),
    ],
)
def test_refuses_in_terraforms_words(left, operator, right, summary, detail):
    with pytest.raises(EvaluationError) as caught:
        operations.binary(operator, left, right)
    assert caught.value.summary == summary
    assert detail in caught.value.detail


def test_an_error_in_the_second_operand_counts_even_if_the_first_decides():
    # Terraform 1.11 has no short-circuit operators; 1.12 has.
    with pytest.raises(EvaluationError):
        operations.binary("||", values.TRUE, S("x"))


def test_one_operand_may_decide():
    assert operations.binary("&&", unknown(BOOL), values.FALSE).data is False
    assert operations.binary("||", values.TRUE, unknown(BOOL)).data is True
    assert operations.binary("&&", unknown(BOOL), values.TRUE).unknown is not None


def test_unknown_results_keep_the_reason_and_lose_the_reference():
    made = operations.binary("+", unknown(NUMBER, symbol=Symbol("var.x")), N(1))
    assert made.data.name == "var.x"
    assert made.data.symbol is None
    assert made.type == NUMBER


def test_possible_values_are_followed():
    region = unknown(STRING, possible=(S("eu-west-1"), S("eu-north-1")))
    assert operations.binary("==", region, S("us-east-1")).data is False
    either = operations.binary("==", region, S("eu-west-1"))
    assert either.unknown is not None
    size = unknown(NUMBER, possible=(N(1), N(2)))
    assert [v.data for v in operations.binary("*", size, N(10)).data.possible] == [
        10,
        20,
    ]
    assert operations.binary("<", size, N(3)).data is True


def test_bounds_decide_comparisons():
    text = values.refine(unknown(STRING), Bounds(not_null=True, prefix="s3://"))
    assert equals(text, S("gs://x")) is False
    assert equals(text, values.null()) is False
    assert equals(text, S("s3://x")) is None
    count = values.refine(unknown(NUMBER), Bounds(not_null=True, low=0))
    assert operations.binary("<", count, N(0)).data is False
    assert operations.binary(">=", count, N(0)).data is True


def test_sensitivity_spreads():
    made = operations.binary("+", values.mark(N(1), sensitive=True), N(2))
    assert made.sensitive
    deep = values.tuple_value([values.mark(N(1), sensitive=True)])
    assert operations.binary("==", deep, deep).sensitive
    assert not operations.binary("==", deep, values.null()).sensitive


@pytest.mark.parametrize(
    ("collection", "key", "found"),
    [
        (values.tuple_value([S("a"), S("b")]), N(1), "b"),
        (values.tuple_value([S("a")]), S("0"), "a"),
        (values.map_value({"k": S("v")}), S("k"), "v"),
        (values.object_value({"1": S("v")}), N(1), "v"),
    ],
)
def test_indexes(collection, key, found):
    assert operations.index(collection, key).data == found


@pytest.mark.parametrize(
    ("collection", "key", "detail"),
    [
        (values.tuple_value([]), N(0), "the collection has no elements"),
        (values.tuple_value([N(1)]), N(1), "greater than or equal to the length"),
        (values.tuple_value([N(1)]), N(-1), "negative number"),
        (values.tuple_value([N(1)]), numbers.parse("0.5"), "fractional part"),
        (values.tuple_value([N(1)]), S("a"), "a number is required"),
        (values.set_value([N(1)]), N(0), "identified only by their value"),
        (values.map_value({}, STRING), S("k"), "does not identify an element"),
        (N(1), N(0), "does not have any indices"),
        (values.tuple_value([N(1)]), values.null(), "null value as an indexing key"),
    ],
)
def test_refuses_bad_indexes(collection, key, detail):
    if not isinstance(key, Value):
        key = N(key)
    with pytest.raises(EvaluationError) as caught:
        operations.index(collection, key)
    assert detail in caught.value.detail


def test_steps_into_an_unknown_extend_its_reference():
    bucket = unknown(DYNAMIC, symbol=Symbol("aws_s3_bucket.w"))
    made = operations.index(operations.get_attribute(bucket, "rule"), N(0))
    assert made.data.symbol == Symbol("aws_s3_bucket.w", ("rule", 0))
    open_key = operations.index(bucket, unknown(STRING))
    assert open_key.data.symbol == Symbol("aws_s3_bucket.w", (None,))


def test_an_unknown_key_leaves_the_elements_as_possible_values():
    regions = values.map_value({"dev": S("us-east-1"), "prod": S("eu-west-1")})
    made = operations.index(regions, unknown(STRING))
    assert [v.data for v in made.data.possible] == ["us-east-1", "eu-west-1"]
    stage = unknown(STRING, possible=(S("prod"),))
    assert [v.data for v in operations.index(regions, stage).data.possible] == [
        "eu-west-1"
    ]


def test_elements_keep_their_place_and_take_the_sensitivity():
    span = Span(Source("a.tf", "text"), 0, 4)
    whole = values.mark(values.tuple_value([S("a", span)]), sensitive=True)
    made = operations.index(whole, N(0))
    assert made.span == span
    assert made.sensitive


def test_unknown_collections_of_known_length_refuse_far_indexes():
    pair = unknown(types.tuple_of([STRING, NUMBER]))
    assert operations.index(pair, N(1)).type == NUMBER
    with pytest.raises(EvaluationError):
        operations.index(pair, N(2))
    assert operations.index(unknown(list_of(STRING)), N(9)).type == STRING


@given(ANY, ANY, st.sampled_from(OPERATORS))
def test_operators_raise_evaluation_errors_only(left, right, operator):
    try:
        made = operations.binary(operator, left, right)
    except EvaluationError:
        return
    assert made.type in (BOOL, NUMBER)
    if values.wholly_known(left) and values.wholly_known(right):
        assert made.unknown is None


@given(ANY, ANY)
def test_index_and_attribute_raise_evaluation_errors_only(value, key):
    for step in (
        lambda: operations.index(value, key),
        lambda: operations.get_attribute(value, "a"),
        lambda: operations.unary("-", value),
        lambda: operations.unary("!", value),
    ):
        try:
            step()
        except EvaluationError:
            continue


@given(ANY, ANY)
def test_equality_is_symmetric(left, right):
    assert equals(left, right) is equals(right, left)


@given(KNOWN)
def test_known_values_equal_themselves(value):
    assert equals(value, value) is True
