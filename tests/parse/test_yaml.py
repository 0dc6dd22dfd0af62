"""YAML read to Values: data, styles, spans, anchors, tags, duplicates, errors."""

from __future__ import annotations

import pytest
import yaml as pyyaml
from hypothesis import given
from hypothesis import strategies as st
from yaml_reading import every, one, plain, read

from mlsec_lint.parse import nodes
from mlsec_lint.source import Source
from mlsec_lint.value import Unknown


@pytest.mark.parametrize(
    ("text", "data", "style"),
    [
        ("NO", "NO", "plain"),
        ("0755", "0755", "plain"),
        ("1e-5", "1e-5", "plain"),
        ("22:22", "22:22", "plain"),
        ("~", None, "plain"),
        ("null", None, "plain"),
        ("Null", None, "plain"),
        ("", None, "plain"),
        ('""', "", "quoted"),
        ("'~'", "~", "quoted"),
        ('"null"', "null", "quoted"),
        ("!!str null", "null", "plain"),
        ("!!str", "", "plain"),
        ("!!int 3", "3", "plain"),
        ("LoadBalancer\t", "LoadBalancer", "plain"),
        ('"a\\tb\\u00e9"', "a\tbé", "quoted"),
        ("'it''s'", "it's", "quoted"),
        ("|\n  a\n  b\n", "a\nb\n", "block"),
        (">-\n  a\n  b\n", "a b", "block"),
        ("a\n  b", "a b", "plain"),
    ],
)
def test_scalars_stay_text_and_tell_their_style(text, data, style):
    value = one(f"k: {text}\n").get("k")
    assert (value.data, value.type) == (data, style)


def test_positions_count_code_points_in_any_script():
    value = one("# ü\né: 😀\nb: [ñ, {c: 😀😀 , d: x}]\n")
    assert value.get("é").span.text == "😀"
    assert (value.get("é").span.line, value.get("é").span.column) == (2, 4)
    inner = value.at("b", 1, "d")
    assert (inner.key.text, inner.span.text) == ("d", "x")
    assert (inner.span.line, inner.span.column) == (3, 20)


def test_positions_after_crlf_and_a_byte_order_mark():
    found, notes = read("a: 1\r\nb:\r\n  c: |\r\n    x\r\n    y\r\n  d: z\r\n")
    assert notes == []
    value = found[0].value
    assert value.at("b", "d").span.line == 6
    assert value.at("b", "c").data == "x\ny\n"
    assert value.at("b", "c").span.end_line == 5


def test_an_entry_is_name_and_value_on_one_line_else_the_name():
    value = one("a:   b\nc:\n  d: e\nf: |\n  x\n")
    assert value.get("a").entry().text == "a:   b"
    assert value.get("c").entry().text == "c"
    assert value.get("f").entry().text == "f"


def test_spans_of_collections_end_with_their_last_child():
    value = one("a:\n  b: c\n\n# comment\n\nd: {e: f} # g\nh:\n- i\n- j\n")
    assert value.get("a").span.text == "b: c"
    assert value.get("d").span.text == "{e: f}"
    assert value.get("h").span.text == "- i\n- j"


def test_documents_keep_their_places_and_empty_ones_are_left_out():
    text = "# head\n---\n---\na: 1\n---\n# nothing\n...\n--- # c\nb: 2\n... \n"
    found, notes = read(text)
    assert notes == []
    assert [plain(d.value) for d in found] == [{"a": "1"}, {"b": "2"}]
    assert [d.value.span.line for d in found] == [4, 9]


@pytest.mark.parametrize(
    ("text", "documents"),
    [
        ("%YAML 1.1\n---\na: 1\n", [{"a": "1"}]),
        (
            "%TAG ! tag:example.org,2000:\n---\na: 1\n---\nb: 2\n",
            [{"a": "1"}, {"b": "2"}],
        ),
        ("--- {a: 1}\n--- [b]\n", [{"a": "1"}, ["b"]]),
        ("---\r\na: 1\r\n---\r\nb: 2\r\n", [{"a": "1"}, {"b": "2"}]),
        (
            "--- |\n  text\n  ---\n  more\n---\nb: 2\n",
            ["text\n---\nmore\n", {"b": "2"}],
        ),
        ("a: ---\nb: ----\n----: c\n", [{"a": "---", "b": "----", "----": "c"}]),
        ("", []),
        ("# only a comment", []),
        ("---\n...\n", []),
    ],
)
def test_where_documents_begin_and_end(text, documents):
    found, notes = read(text)
    assert notes == []
    assert [plain(d.value) for d in found] == documents


def test_an_error_costs_its_own_document():
    text = "a: 1\n---\nb: [1, 2\nc: 3\n---\nd: 4\n"
    found, notes = read(text)
    assert [plain(d.value) for d in found] == [{"a": "1"}, {"d": "4"}]
    assert [(n.kind, n.incomplete, n.span.line) for n in notes] == [
        ("syntax-error", True, 4)
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: b: c\n", 1),
        ("a: 1\n\tb: 2\n", 2),
        ("a: 'x\n", 1),
        ("a: é\nb: \x07\n", 2),
        ("a: *nowhere\n", 1),
        ("- a\nb: 1\n", 2),
        ("a: @x\n", 1),
        ('a: "\\q"\n', 1),
    ],
)
def test_what_is_no_yaml_is_noted_at_its_line(text, line):
    found, notes = read(text)
    assert found == []
    assert [(n.kind, n.incomplete, n.span.line) for n in notes] == [
        ("syntax-error", True, line)
    ]


def test_aliases_point_at_themselves_and_mention_the_anchor():
    value = one("a: &x {k: v}\nb: *x\nc: [*x]\n")
    alias = value.get("b")
    assert plain(alias) == {"k": "v"}
    assert alias.span.text == "*x"
    assert (alias.key.text, alias.key.line) == ("b", 2)
    assert [(s.words, s.span.line) for s in alias.trail] == [("the anchor &x", 1)]
    assert alias.get("k").span.line == 1
    assert value.at("c", 0).key is None


def test_merge_keys_bring_values_with_the_way_they_came():
    value = one("b: &b {x: 1, y: 2}\nc: &c {y: 3, z: 4}\nd:\n  <<: [*b, *c]\n  x: 5\n")
    merged = value.get("d")
    assert plain(merged) == {"x": "5", "y": "2", "z": "4"}
    assert merged.get("x").trail == ()
    y = merged.get("y")
    assert (y.span.line, y.key.line) == (1, 1)
    assert [(s.words, s.span.line) for s in y.trail] == [("merged through <<: *b", 4)]


def test_a_quoted_merge_key_is_a_plain_name():
    assert plain(one('"<<": {a: 1}\nb: 2\n')) == {"<<": {"a": "1"}, "b": "2"}


def test_of_two_equal_keys_the_last_wins_and_both_lines_are_known():
    found, notes = read("a: 1\nb: 2\na: 3\n")
    value = found[0].value.get("a")
    assert value.data == "3"
    assert [(s.words, s.span.line) for s in value.trail] == [
        ("overridden: set before", 1)
    ]
    (note,) = notes
    assert (note.kind, note.incomplete, note.span.line) == ("duplicate-key", False, 3)
    assert "line 1" in note.text


def test_a_document_of_nothing_but_equal_keys_gets_a_hundred_notes():
    found, notes = read("a: 1\n" * 5_000)
    assert len(found) == 1
    assert len(notes) == nodes.MAX_NOTES + 1
    assert "more to say" in notes[-1].text
    _, notes = read("x: &x [*x]\n" + "a: 1\n" * 500)
    assert any(note.incomplete for note in notes)
    _, notes = read("a: 1\n" * 500 + "x: &x [*x]\n")
    assert any(note.incomplete for note in notes)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("!Ref Bucket", "!Ref Bucket"),
        ("!Sub 'arn:${X}'", "!Sub arn:${X}"),
        ("!GetAtt [A, Arn]", "!GetAtt !GetAtt [A, Arn]"),
        ("!If {a: b}", "!If !If {a: b}"),
        ("!!python/object/apply:os.system [id]", None),
        ("!!python/object/new:x {a: b}", None),
        ("!!python/name:os.system ''", None),
        ("!ENV HOME", "!ENV HOME"),
    ],
)
def test_tags_are_never_obeyed_and_their_values_are_unknown(text, name):
    data = one(f"k: {text}\n").get("k").data
    assert isinstance(data, Unknown)
    assert data.kind == "template"
    if name is not None:
        assert data.name == name


def test_a_mapping_under_an_unknown_tag_keeps_its_fields():
    assert plain(one("k: !Blueprint {vars: {region: r}}\n").get("k")) == {
        "vars": {"region": "r"}
    }


@pytest.mark.parametrize(
    ("text", "skipped"),
    [
        ("apiVersion: x\nkind: CustomResourceDefinition\nspec: {a: b}\n", True),
        ("kind: 'CustomResourceDefinition' # c\nspec:\n  a: [\n", True),
        ("---\n# c\nkind: CustomResourceDefinition\n", True),
        ("kind: CustomResourceDefinition\nkind: Pod\n", False),
        ('kind: CustomResourceDefinition\n"kind": Pod\n', False),
        ("kind: CustomResourceDefinition\n? kind\n: Pod\n", False),
        ("kind: CustomResourceDefinition\n!!str kind: Pod\n", False),
        ("kind: CustomResourceDefinition\n<<: {kind: Pod}\n", False),
        ("{kind: CustomResourceDefinition}\n", False),
        ("kind: Pod\nx: |\n  kind: CustomResourceDefinition\n", False),
        ("kind: CustomResourceDefinitions\n", False),
        ('x: "\nkind: CustomResourceDefinition\ny: "\npush_to_hub: true\n', False),
        ('a: b\nx: "\nkind: CustomResourceDefinition\nspec: "\n', False),
        ("x: {\nkind: CustomResourceDefinition\n  }\nspec: 1\n", False),
        ("--- {a: b,\nkind: CustomResourceDefinition\n  }\n", False),
        ("kind: CustomResourceDefinition\npush_to_hub: true\n", False),
        ("kind: CustomResourceDefinition\n# a\u2028kind: Pod\n", False),
        ("kind: CustomResourceDefinition\n# a\x85kind: Pod\n", False),
        ("kind: CustomResourceDefinition\n# a\rkind: Pod\n", False),
        ("apiVersion: x\r\nkind: CustomResourceDefinition\r\nspec: {}\r\n", True),
    ],
)
def test_definitions_are_skipped_only_when_that_is_certain(text, skipped):
    found, _ = read(text)
    assert [d.skipped == "CustomResourceDefinition" for d in found] == [skipped]
    assert all(d.value.data is None for d in found if d.skipped)


def test_a_doubling_alias_bomb_costs_nothing():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 30)]
    found, notes = read("\n".join(lines))
    assert [(n.kind, n.incomplete) for n in notes] == [("bound", True)]
    last = found[0].value.get("a29")
    assert {type(child.data) for child in last.elements()} == {Unknown}
    leaves = sum(1 for _ in _walk(found[0].value))
    assert leaves < 2 * nodes.MAX_REPEATED


def _walk(value):
    """Every node as a consumer that knows no sharing would meet it."""
    stack = [value]
    while stack:
        here = stack.pop()
        yield here
        stack.extend(child for _, child in here.items())
        stack.extend(here.elements())


def test_a_merge_bomb_is_bounded():
    keys = "\n".join(f"  k{i}: v" for i in range(5_000))
    merges = "\n".join(f"- <<: *b\n  x: {i}" for i in range(5_000))
    found, notes = read(f"b: &b\n{keys}\nl:\n{merges}\n")
    assert [n.kind for n in notes] == ["bound"]
    assert len(found) == 1


def test_an_alias_to_itself_is_unknown():
    found, notes = read("a: &a [*a, {b: *a}]\n")
    assert [n.kind for n in notes] == ["bound", "bound"]
    assert isinstance(found[0].value.at("a", 0).data, Unknown)


@pytest.mark.parametrize(
    "text",
    ["[" * 50_000, "{a: " * 20_000, "- " * 50_000, "? " * 20_000, "[{" * 20_000],
)
def test_deep_nesting_is_refused_quickly(text):
    found, notes = read(text)
    assert found == []
    assert [n.incomplete for n in notes] == [True]


def test_nesting_up_to_the_bound_is_read():
    depth = nodes.MAX_DEPTH
    value = one("[" * depth + "x" + "]" * depth)
    for _ in range(depth):
        (value,) = value.elements()
    assert value.data == "x"


def test_a_ten_megabyte_line_and_many_documents_are_read():
    assert len(one("a: " + "x" * 10_000_000).get("a").data) == 10_000_000
    found, notes = read("--- a\n" * 30_000)
    assert len(found) == 20_000
    assert [n.kind for n in notes] == ["bound"]


def test_json_syntax_inside_yaml_is_read():
    value = one('{"a":1,"b":[true,null],\n\t"c":{"d":"\\/"}}\n')
    assert plain(value) == {"a": "1", "b": ["true", None], "c": {"d": "/"}}


def test_keys_that_are_no_strings_get_names():
    value = one("1: a\n? [x, y]\n: b\n~: c\n? |\n  z\n: d\n")
    assert list(value.data) == ["1", "[x, y]", "~", "z\n"]


@given(st.text(max_size=300))
def test_any_text_is_read_without_an_exception(text):
    read(text)


@given(
    st.text(alphabet="ab:-[]{}#&*!|>'\"%@`,?\n \t<~0{}%é\ufeff\u2028\r", max_size=80)
)
def test_any_text_of_yamls_own_letters_is_read_without_an_exception(text):
    found, notes = read(text)
    for document in found:
        for value in every(document.value):
            assert 0 <= value.span.start <= value.span.end <= len(text)
    for note in notes:
        assert 0 <= note.span.start <= note.span.end <= len(text)


_scalars = st.text(
    alphabet="abcxyzé😀ñ/:.-_0123456789", min_size=1, max_size=12
).filter(
    lambda t: t not in ("-", "...", "---") and not t.endswith(":") and t[0] not in "-:"
)
_trees = st.recursive(
    _scalars,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=4)
        | st.dictionaries(_scalars, inner, min_size=1, max_size=4)
    ),
    max_leaves=12,
)


@given(
    st.lists(_trees, min_size=1, max_size=3),
    st.booleans(),
    st.sampled_from(["\n", "\r\n"]),
)
def test_every_span_of_a_plain_scalar_slices_back_to_it(trees, flow, line_end):
    text = pyyaml.safe_dump_all(
        trees,
        allow_unicode=True,
        default_flow_style=flow,
        explicit_start=True,
        width=1000,
    ).replace("\n", line_end)
    found, notes = read("# é\n" + text)
    assert notes == []
    assert [plain(d.value) for d in found] == trees
    for document in found:
        for value in every(document.value):
            if value.type == "plain":
                assert value.span.text == value.data
            if value.key is not None:
                assert value.key.text.strip("'\"") in str(document.value.span.text)


def test_the_reader_agrees_with_pyyaml_on_structure_and_positions():
    text = "a: [1, {b: c}]\n# x\nd:\n  - e\n  - f: |\n      g\n    h: >\n      i\n"
    node = pyyaml.compose(text, Loader=pyyaml.CSafeLoader)
    value = one(text)

    def compare(node, value):
        if isinstance(node, pyyaml.MappingNode):
            for key, child in node.value:
                inner = value.get(key.value)
                assert inner.key.start == key.start_mark.index
                compare(child, inner)
        elif isinstance(node, pyyaml.SequenceNode):
            for child, inner in zip(node.value, value.elements(), strict=True):
                compare(child, inner)
        else:
            assert value.data == node.value
            assert value.span.start == node.start_mark.index

    compare(node, value)


def test_a_source_cut_out_of_another_leads_back_to_its_file():
    host = Source("host.tf", "x = <<EOT\n    a: 1\n    b: nope: no\nEOT\n")
    inner = Source(
        "host.tf", "a: 1\nb: nope: no\n", host=host, pieces=((0, 14), (5, 23))
    )
    from mlsec_lint.parse.yaml import documents

    found, notes = documents(inner)
    assert found == []
    assert [(n.path, n.span.line, n.span.column) for n in notes] == [("host.tf", 3, 12)]
