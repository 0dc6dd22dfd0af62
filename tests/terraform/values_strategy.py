"""Hypothesis strategies for values of the evaluator: any type, known or not."""

from __future__ import annotations

from hypothesis import strategies as st

from mlsec_lint.terraform import number as numbers
from mlsec_lint.terraform import types, values
from mlsec_lint.terraform.convert import ConversionError, convert
from mlsec_lint.value import Symbol, Unknown, Value

TEXTS = st.one_of(
    st.sampled_from(
        [
            "",
            "a",
            "true",
            "1",
            "-1.5",
            "1e400",
            "null",
            '{"a": [1, null]}',
            "- 1\n- {a: b}\n",
            "&a [*a]",
            "10.0.0.0/8",
            "2020-01-01T00:00:00Z",
            "1h",
            "%s",
            "%[2]5.1f",
            "%",
            "/(a)|b/",
            "(?P<x>a)(b)",
            "$1",
            "a,b\n1,2",
            "aGk=",
            "UTF-16",
            "~/x",
            "../x",
            "**/*.tf",
            "[",
        ]
    ),
    st.text(max_size=12),
)
NUMBERS = st.one_of(
    st.integers(-(10**30), 10**30),
    st.sampled_from(
        [
            numbers.INFINITY,
            numbers.NEGATIVE_INFINITY,
            numbers.Number(0, 0),
            numbers.whole(3),
            numbers.divide(1, 3),
        ]
    ),
    st.floats(allow_nan=False).map(numbers.from_float),
)
TYPES = st.recursive(
    st.sampled_from([types.STRING, types.NUMBER, types.BOOL, types.DYNAMIC]),
    lambda inner: st.one_of(
        inner.map(types.list_of),
        inner.map(types.set_of),
        inner.map(types.map_of),
        st.lists(inner, max_size=3).map(types.tuple_of),
        st.dictionaries(st.sampled_from("abc"), inner, max_size=3).map(types.object_of),
    ),
    max_leaves=5,
)
SCALARS = st.one_of(
    TEXTS.map(values.string),
    NUMBERS.map(values.number),
    st.booleans().map(values.boolean),
    TYPES.map(values.null),
)


def unknowns() -> st.SearchStrategy[Value]:
    """Unknowns of any type, some of them references."""
    symbol = st.sampled_from([None, Symbol("aws_s3_bucket.w", ("id",))])
    return st.builds(
        lambda of, refers: values.unknown(of, Unknown("variable", "x", symbol=refers)),
        TYPES,
        symbol,
    )


def _grown(inner: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
    structures = st.one_of(
        st.lists(inner, max_size=4).map(values.tuple_value),
        st.dictionaries(st.sampled_from("abcd"), inner, max_size=4).map(
            values.object_value
        ),
    )
    return st.builds(_converted, structures, TYPES, st.booleans())


def _converted(value: Value, wanted: types.Type, sensitive: bool) -> Value:
    try:
        made = convert(value, wanted)
    except ConversionError:
        made = value
    return values.mark(made, sensitive=sensitive)


KNOWN = st.recursive(SCALARS, _grown, max_leaves=8)
ANY = st.recursive(st.one_of(SCALARS, unknowns()), _grown, max_leaves=8)
