"""JSON through the face of YAML: spans, styles, comments, JSON lines, bounds."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yaml_reading import every, one, plain, read

from mlsec_lint.value import Unknown


def test_values_spans_and_styles():
    value = one('{\n  "a": [1.5, true, null, "é\\n😀"],\n  "b": {}\n}\n', "x.json")
    assert plain(value) == {"a": ["1.5", "true", None, "é\n😀"], "b": {}}
    number, yes, nothing, text = value.get("a").elements()
    assert [v.type for v in (number, yes, nothing, text)] == ["plain"] * 3 + ["quoted"]
    assert (text.span.line, text.span.column, text.span.text) == (2, 26, '"é\\n😀"')
    assert value.get("b").entry().text == '"b": {}'


@pytest.mark.parametrize(
    ("text", "data", "kinds"),
    [
        ('// c\n{"a": 1 /* x */}', {"a": "1"}, ["json-comment"]),
        ('# c\n{"a": 1}', {"a": "1"}, ["json-comment"]),
        ('{"a": [1,],}', {"a": ["1"]}, ["json-comment"]),
        ('{"a": "// no /* comment"}', {"a": "// no /* comment"}, []),
    ],
)
def test_comments_and_trailing_commas_are_tolerated_and_noted(text, data, kinds):
    found, notes = read(text, "tsconfig.json")
    assert [plain(d.value) for d in found] == [data]
    assert [n.kind for n in notes] == kinds
    assert not any(n.incomplete or n.strict_only for n in notes)


@pytest.mark.parametrize("text", ['{"a":1}\n{"a":2}\n', "1\n2\n", "[1] [2]"])
def test_json_lines_are_data(text):
    found, notes = read(text, "train.json")
    assert found == []
    assert [(n.kind, n.incomplete, n.strict_only) for n in notes] == [
        ("json-lines", False, False)
    ]


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("{", 1),
        ('{"a" 1}', 6),
        ('{"a": 1 "b": 2}', 9),
        ("{a: 1}", 2),
        ("[1 2]", 4),
        ("[01]", 2),
        ("[NaN]", 2),
        ('["\n"]', 2),
        ('["\\q"]', 2),
        ("]", 1),
        ("/* x", 1),
        ("[,]", 2),
        ("[" * 101, 101),
    ],
)
def test_broken_json_is_noted_where_it_breaks(text, column):
    found, notes = read(text, "x.json")
    assert found == []
    assert [(n.kind, n.incomplete, n.strict_only) for n in notes][-1] == (
        "syntax-error",
        False,
        True,
    )
    assert notes[-1].span.column in (column, column + 1)


def test_a_broken_manifest_gates():
    _, notes = read('{"apiVersion": "v1", "kind": "Pod", }}', "pod.json")
    assert notes[-1].incomplete


def test_templates_in_strings_are_unknown_and_others_are_said():
    value = read('{"a": "x-{{ b }}"}', "x.json")[0][0].value.get("a")
    assert isinstance(value.data, Unknown)
    assert value.data.parts[0] == "x-"
    _, notes = read('{"a": {{ b }} }', "x.json")
    assert [n.kind for n in notes] == ["template-not-read"]


def test_of_two_equal_names_the_last_wins():
    found, notes = read('{"a": 1,\n "a": 2}', "x.json")
    assert found[0].value.get("a").data == "2"
    assert found[0].value.get("a").trail[0].span.line == 1
    assert [n.kind for n in notes] == ["duplicate-key"]


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=15,
)


def as_text(data):
    if isinstance(data, dict):
        return {name: as_text(child) for name, child in data.items()}
    if isinstance(data, list):
        return [as_text(child) for child in data]
    return data if data is None or isinstance(data, str) else json.dumps(data)


@given(_json, st.booleans(), st.sampled_from([None, 2]))
def test_what_json_writes_is_read_back_with_its_places(data, ascii_only, indent):
    text = json.dumps(data, ensure_ascii=ascii_only, indent=indent)
    found, _ = read(text, "x.json")
    assert [plain(d.value) for d in found] == [as_text(data)] or "{{" in text
    for value in every(found[0].value):
        if isinstance(value.data, str):
            written = json.loads(value.span.text)
            assert (
                written if value.type == "quoted" else value.span.text
            ) == value.data


@given(st.text(alphabet='{}[]",:\\ntruefalse0123.eE+-/*# \n\té{%', max_size=60))
def test_any_text_is_read_without_an_exception(text):
    found, notes = read(text, "x.json")
    for note in notes:
        assert 0 <= note.span.start <= note.span.end <= len(text)
    assert len(found) <= 1


@pytest.mark.parametrize(
    "text", ['"' * 200_000, "[" * 200_000, '["a\\' * 100_000, "/*" * 200_000]
)
def test_hostile_json_takes_linear_time(text):
    assert read(text, "x.json")[0] == []
