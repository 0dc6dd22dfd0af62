"""JSON configuration becomes the same nodes, with blocks where they are asked for."""

from __future__ import annotations

import json

import pytest
from hcl_reading import nodes, render
from hypothesis import given, settings
from hypothesis import strategies as st

from mlsec_lint.parse.hcl import tree
from mlsec_lint.parse.hcl.json import expression_in, parse_config, unpack
from mlsec_lint.source import Source, Span

CONFIG = """{
  "//": "a comment",
  "resource": {
    "aws_s3_bucket": {
      "w": {"bucket": "weights-${var.env}", "tags": {"a${1}": -5}},
      "v": [{"bucket": "v"}, {"bucket": null}]
    }
  },
  "locals": [{"x": [1, true]}, {"y": "$${z}"}],
  "resource": {"aws_kms_key": {"k": {"//": "c", "lifecycle": {"prevent_destroy": true}}}},
  "variable": {"v": {"type": "list(\\"string\\")"}},
  "terraform": null
}
"""
LABELS = {"resource": 2, "locals": 0, "variable": 1, "terraform": 0}


def read(text: str, path: str = "x.tf.json") -> tuple[Source, tree.Body]:
    source = Source(path, text)
    body, notes = parse_config(source)
    assert notes == []
    return source, body


def test_a_body_is_attributes_until_it_is_unpacked():
    source, body = read(CONFIG)
    assert body.json
    assert body.blocks == []
    assert list(body.attributes) == ["resource", "locals", "variable", "terraform"]
    whole, notes = unpack(source, body, LABELS)
    assert notes == []
    assert whole.attributes == {}
    found = [(b.type, *(label.value for label in b.labels)) for b in whole.blocks]
    assert found == [
        ("resource", "aws_s3_bucket", "w"),
        ("resource", "aws_s3_bucket", "v"),
        ("resource", "aws_s3_bucket", "v"),
        ("locals",),
        ("locals",),
        ("resource", "aws_kms_key", "k"),
        ("variable", "v"),
    ]
    key = whole.blocks[5]
    assert list(key.body.attributes) == ["lifecycle"]
    inner, notes = unpack(source, key.body, {"lifecycle": 0})
    assert notes == []
    assert [list(b.body.attributes) for b in inner.blocks] == [["prevent_destroy"]]


def test_spans():
    source, body = read(CONFIG)
    whole, _ = unpack(source, body, LABELS)

    def text(start: int, end: int) -> str:
        return source.text[start:end]

    bucket = whole.blocks[0]
    assert text(bucket.start, bucket.header_end) == '"w"'
    assert text(bucket.labels[0].start, bucket.labels[0].end) == '"aws_s3_bucket"'
    name = bucket.body.attributes["bucket"]
    assert text(name.start, name.name_end) == '"bucket"'
    assert text(name.start, name.end) == '"bucket": "weights-${var.env}"'
    variable = next(n for n in nodes(name.expression) if isinstance(n, tree.GetAttr))
    assert text(variable.start, variable.end) == "var.env"
    second = whole.blocks[2]
    assert text(second.start, second.end) == '{"bucket": null}'


def test_expressions():
    source, body = read(CONFIG)
    whole, _ = unpack(source, body, LABELS)
    tags = whole.blocks[0].body.attributes["tags"].expression
    assert isinstance(tags, tree.Object)
    ((key, value),) = tags.items
    assert isinstance(key, tree.Template)
    assert [type(part) for part in key.parts] == [tree.Text, tree.Interpolation]
    assert isinstance(value, tree.Literal)
    assert value.value == "-5"
    y = whole.blocks[4].body.attributes["y"].expression
    assert isinstance(y, tree.Template)
    assert render(y.parts) == "${z}"


def test_a_string_read_as_an_expression():
    source, body = read(CONFIG)
    whole, _ = unpack(source, body, LABELS)
    kind = whole.blocks[-1].body.attributes["type"].expression
    call, notes = expression_in(source, kind)
    assert notes == []
    assert isinstance(call, tree.Call)
    assert source.text[call.start : call.end] == 'list(\\"string\\")'
    inner = call.args[0]
    assert source.text[inner.start : inner.end] == '\\"string\\"'
    broken = Source("x.tf.json", '{"a": "b c"}')
    value = parse_config(broken)[0].attributes["a"].expression
    bad, notes = expression_in(broken, value)
    assert isinstance(bad, tree.Bad)
    assert notes[0].text.startswith("Extra characters after expression")
    assert notes[0].span is not None
    assert notes[0].span.text == '"b c"'


def test_text_maps_through_json_and_template_escapes():
    source, body = read('{"a": "\\"k\\": \\n\\u00e9 $${x} ${y} tail\\t end"}')
    template = body.attributes["a"].expression
    assert isinstance(template, tree.Template)
    for part, needle in zip(template.parts[::2], ["x}", "end"], strict=True):
        assert isinstance(part, tree.Text)
        inner = Source("x", part.value, host=source, pieces=part.pieces)
        at = part.value.index(needle)
        assert Span(inner, at, at + len(needle)).resolved().text == needle


def test_variable_files_hold_no_templates():
    _, body = read('{"a": "${x}"}', "prod.tfvars.json")
    template = body.attributes["a"].expression
    assert isinstance(template, tree.Template)
    assert render(template.parts) == "${x}"
    assert len(template.parts) == 1


ERRORS = {
    '{"a": 1,}': ("Trailing comma in object", ["a"]),
    '{"a": [1,]}': ("Trailing comma in array", ["a"]),
    '{"a": 1 "b": 2}': ("Missing attribute seperator comma", ["a", "b"]),
    '{"a" = 1}': ("Missing property value colon", ["a"]),
    '{"a"}': ("Missing object value", ["a"]),
    "{a: 1}": ("Invalid object property name", []),
    '{"a": 1, "b": [1': ("Unclosed object", ["a", "b"]),
    '{"a": 1': ("Unclosed object", ["a"]),
    '{"a": 1]': ("Mismatched braces", ["a"]),
    '{"a": [1}': ("Mismatched brackets", ["a"]),
    '{"a": }': ("Missing JSON value", ["a"]),
    '{"a": 01}': ("Invalid JSON number", ["a"]),
    '{"a": True}': ("Invalid JSON keyword", ["a"]),
    '{"a": "\\q", "b": 1}': ("Invalid JSON string", ["a", "b"]),
    '{"a": "x\n"}': ("Invalid JSON string", ["a"]),
    '{"a": 1} x': ("Extraneous data after value", ["a"]),
    '{"a": "${"}': ("Missing expression", ["a"]),
    "": ("Missing value", []),
    '"a"': ("Root value must be object", []),
    "[1]": ("Incorrect JSON value type", []),
}  # fmt: skip


@pytest.mark.parametrize("text", ERRORS)
def test_errors(text: str):
    summary, names = ERRORS[text]
    body, notes = parse_config(Source("x.tf.json", text))
    assert notes[0].text.startswith(summary)
    assert notes[0].incomplete
    assert list(body.attributes) == names


def test_a_value_that_was_not_read_is_bad():
    body, _ = parse_config(Source("x.tf.json", '{"a": 1, "b": {"c": }, "d": 1}'))
    assert list(body.attributes) == ["a", "b"]
    inner = body.attributes["b"].expression
    assert isinstance(inner, tree.Object)
    assert isinstance(inner.items[0][1], tree.Bad)


def test_values_that_cannot_be_blocks():
    source, body = read('{"resource": {"a": "x", "b": {"c": 1}}, "k": 1, "k": 2}')
    whole, notes = unpack(source, body, {"resource": 2})
    assert [note.text.partition(":")[0] for note in notes] == [
        "Incorrect JSON value type",
        "Missing block label",
        "Incorrect JSON value type",
        "Duplicate argument",
    ]
    assert whole.blocks == []
    assert list(whole.attributes) == ["k"]


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=6).map(lambda s: s.replace("{", "")),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3)
    ),
)


def value_of(node: tree.Node) -> object:
    match node:
        case tree.Literal(value=tree.Number() as number):
            return int(number)
        case tree.Literal():
            return node.value
        case tree.Template():
            return render(node.parts)
        case tree.Tuple():
            return [value_of(item) for item in node.items]
        case tree.Object():
            return {value_of(key): value_of(item) for key, item in node.items}
        case _:
            raise AssertionError(node)


@settings(max_examples=150, deadline=None)
@given(VALUES, st.booleans(), st.sampled_from([None, 2]))
def test_round_trip(value: object, ascii_only: bool, indent: int | None):
    import unicodedata

    text = json.dumps({"a": value}, ensure_ascii=ascii_only, indent=indent)
    _, body = read(text)
    composed = json.loads(
        unicodedata.normalize("NFC", json.dumps(value, ensure_ascii=False))
    )
    assert value_of(body.attributes["a"].expression) == composed
