"""Every kind of node covers exactly the characters that write it."""

from __future__ import annotations

import pytest
from hcl_reading import nodes

from mlsec_lint.parse.hcl import tree
from mlsec_lint.parse.hcl.parser import parse_config, parse_template
from mlsec_lint.source import Source, Span

# (text of an expression, kind of node, the slice of the first such node)
EXPRESSIONS: list[tuple[str, type[tree.Node], str]] = [
    ("true", tree.Literal, "true"),
    ("  1.5e3 ", tree.Literal, "1.5e3"),
    ('"a b"', tree.Template, '"a b"'),
    ('"a b"', tree.Text, "a b"),
    ('"é\\u00e9${x}"', tree.Text, "é\\u00e9"),
    ('"a${ x }b"', tree.Interpolation, "${ x }"),
    ('"a${~ x ~}b"', tree.Interpolation, "${~ x ~}"),
    ('"a${ x }b"', tree.Variable, "x"),
    ('"%{ if a }b%{ else }c%{ endif }d"', tree.IfDirective, "%{ if a }b%{ else }c%{ endif }"),
    ('"%{ for k, v in a ~} x%{ endfor }"', tree.ForDirective, "%{ for k, v in a ~} x%{ endfor }"),
    ("<<E\nx\n  E", tree.Template, "<<E\nx\n  E"),
    ("<<-E\n  x\n  y\nE", tree.Text, "  x\n  y\n"),
    ("var.a", tree.GetAttr, "var.a"),
    ("var.a.b", tree.GetAttr, "var.a.b"),
    ("a[0]", tree.Index, "a[0]"),
    ("a[ b ]", tree.Index, "a[ b ]"),
    ("a.0.b", tree.Index, "a.0"),
    ("a.0", tree.Literal, "0"),
    ("a[*].b.c", tree.Splat, "a[*].b.c"),
    ("a[*].b", tree.SplatItem, "[*]"),
    ("a[*].b[0]", tree.Index, "[*].b[0]"),
    ("a.*.b.0", tree.Splat, "a.*.b.0"),
    ("a.*.b[0]", tree.Index, "a.*.b[0]"),
    ("a.*.b[0]", tree.Splat, "a.*.b"),
    ("a.*", tree.SplatItem, ".*"),
    ("f(a, b...)", tree.Call, "f(a, b...)"),
    ("a::b::f( 1 )", tree.Call, "a::b::f( 1 )"),
    ("f(1)[0].x", tree.GetAttr, "f(1)[0].x"),
    ("-a.b", tree.Unary, "-a.b"),
    ("!(a)", tree.Unary, "!(a)"),
    ("a + b * c", tree.Binary, "a + b * c"),
    ("(a + b) * c", tree.Parentheses, "(a + b)"),
    ("a ? b : c ? d : e", tree.Conditional, "a ? b : c ? d : e"),
    ("[1, 2,]", tree.Tuple, "[1, 2,]"),
    ("[\n  1, # x\n  2\n]", tree.Tuple, "[\n  1, # x\n  2\n]"),
    ("{ a = 1, (b) : 2 }", tree.Object, "{ a = 1, (b) : 2 }"),
    ("{ (b) = 2 }", tree.Parentheses, "(b)"),
    ("[for x in y : x if x]", tree.For, "[for x in y : x if x]"),
    ("{\n for k, v in y : k => v... }", tree.For, "{\n for k, v in y : k => v... }"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "expected"), EXPRESSIONS)
@pytest.mark.parametrize("before", ["", "é = '€'\n".replace("'", '"'), 'q = "\\n"\r\n'])
def test_expression(text: str, kind: type[tree.Node], expected: str, before: str):
    source = Source("x.tf", f"{before}r = {text}\n")
    body, notes = parse_config(source)
    assert notes == []
    node = outermost(body.attributes["r"].expression, kind)
    assert source.text[node.start : node.end] == expected


def outermost(root: tree.Node, kind: type[tree.Node]) -> tree.Node:
    found = [node for node in nodes(root) if type(node) is kind]
    return min(found, key=lambda node: (node.start, -node.end))


BODY = 'a = 1 # x\nresource "x\\"y" z {\n  b = { c = 2 }\n  n {}\n  m { k = 1 }\n}\n'


def test_body():
    source = Source("x.tf", BODY)
    body, notes = parse_config(source)
    assert notes == []

    def text(start: int, end: int) -> str:
        return source.text[start:end]

    a = body.attributes["a"]
    assert text(a.start, a.end) == "a = 1"
    assert text(a.start, a.name_end) == "a"
    block = body.blocks[0]
    assert text(block.start, block.header_end) == 'resource "x\\"y" z'
    assert text(block.start, block.end) == BODY[10:-1]
    assert [label.value for label in block.labels] == ['x"y', "z"]
    assert [text(label.start, label.end) for label in block.labels] == ['"x\\"y"', "z"]
    assert text(block.body.start, block.body.end) == BODY[BODY.index("{") : -1]
    n, m = block.body.blocks
    assert text(n.start, n.end) == "n {}"
    assert text(m.start, m.header_end) == "m"
    assert text(m.start, m.end) == "m { k = 1 }"
    assert (body.start, body.end) == (0, len(BODY))


def pieces(text: str) -> tree.Text:
    body, notes = parse_config(Source("x.tf", text))
    assert notes == []
    template = body.attributes["a"].expression
    assert isinstance(template, tree.Template)
    part = template.parts[0]
    assert isinstance(part, tree.Text)
    return part


@pytest.mark.parametrize(
    ("text", "needle", "place"),
    [
        ('a = "one two"\n', "two", "two"),
        ('a = "\\"k\\": \\"v\\""\n', "v", "v"),
        ('a = "$${x} y"\n', "y", "y"),
        ('a = "\\u00e9\\U0001F600 y"\n', "y", "y"),
        ('a = "e\u0301 \\n y"\n', "y", "y"),
        ("a = <<E\none\n  two\nE\n", "two", "two"),
        ("a = <<-E\n    one\n      two\n    E\n", "two", "two"),
        ("a = <<-E\n    one\n      $${two}\n  three\n    E\n", "three", "three"),
        ("a = <<-E\r\n    one\r\n      two\r\n    E\r\n", "two", "two"),
        ('a = <<-E\n  ${~ "x"}\n   two\n  E\n'.replace('${~ "x"}', "x"), "two", "two"),
    ],
)
def test_text_maps_to_its_source(text: str, needle: str, place: str):
    part = pieces(text)
    host = Source("x.tf", text)
    inner = Source("x.tf", part.value, host=host, pieces=part.pieces)
    at = part.value.index(needle)
    span = Span(inner, at, at + len(needle)).resolved()
    assert span.source is host
    assert span.start == text.index(place)
    assert span.text == place


def test_normal_form_keeps_lines():
    text = "a = <<E\n" + "e\u0301e\u0301 x\n" * 3 + "y\nE\n"
    part = pieces(text)
    assert part.value == "éé x\n" * 3 + "y\n"
    inner = Source("x.tf", part.value, host=Source("x.tf", text), pieces=part.pieces)
    assert [Span(inner, i, i).line for i in inner.line_starts()[:-1]] == [2, 3, 4, 5]


def test_whole_template():
    source = Source("x.tpl", "a ${b}\n%{ for c in d ~}\n  e\n%{ endfor ~}\n")
    node, notes = parse_template(source)
    assert notes == []
    assert (node.start, node.end) == (0, len(source.text))
    kinds = [type(part).__name__ for part in node.parts]
    assert kinds == ["Text", "Interpolation", "Text", "ForDirective", "Text"]


def test_byte_order_mark_is_no_part_of_the_text():
    body, notes = parse_config(Source("x.tf", "é = 1\n", bom=True))
    assert notes == []
    assert body.attributes["é"].name_end == 1
