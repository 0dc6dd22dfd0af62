"""Hostile texts: bounded depth, linear time, no exception."""

from __future__ import annotations

import time

import pytest

from mlsec_lint.parse.hcl import json as hcl_json
from mlsec_lint.parse.hcl import tree
from mlsec_lint.parse.hcl.cursor import MAX_BLOCKS, MAX_DEPTH
from mlsec_lint.parse.hcl.height import MAX_HEIGHT, height
from mlsec_lint.parse.hcl.parser import parse_config, parse_expression, parse_template
from mlsec_lint.source import Source

SIZE = 100_000


def times(unit: str, before: str = "", after: str = "") -> str:
    return before + unit * (SIZE // len(unit)) + after


HOSTILE = {
    "unclosed strings": times('a = "x\n'),
    "quotes on one line": times('"x '),
    "heredocs": times("a = <<A\n"),
    "heredocs of all names": "".join(f"a = <<A{i}\n" for i in range(SIZE // 10)),
    "heredocs on one line": times("<<A "),
    "sequences in heredocs": times("a = <<A\n${\nA\n"),
    "strings in heredocs": times('a = <<A\n"${\nA "\n'),
    "comments": times("/* "),
    "comments on lines": times("a /*\n"),
    "sequences": times("${"),
    "sequences in quotes": times('a = "${\n'),
    "strings in sequences": times('"${'),
    "directives": times("%{ if x }", 'a = "', '"\n'),
    "parentheses": times("(", "a = "),
    "brackets": times("[", "a = "),
    "objects": times("{a=", "a = "),
    "blocks": times("a {\n"),
    "closed blocks": times("a {\n") + times("}\n"),
    "closers": times("}\n"),
    "unary": times("-", "a = "),
    "conditionals": times("x ? ", "a = "),
    "chain": times("1+", "a = ", "1\n"),
    "attributes": times(".y", "a = x"),
    "indexes": times("[0]", "a = x"),
    "splats": times("[*]", "a = x"),
    "calls": times("f(", "a = "),
    "names": times("::b", "a = b"),
    "for": times("[for x in ", "a = "),
    "identifier": times("a", "", " = 1\n"),
    "identifiers": times("é€"),
    "errors": times("a = ]\n"),
    "errors in braces": times("a = { 1 2\n"),
    "zeros": times("\x00"),
    "carriage returns": times("\r"),
    "dots": times(".", "a = 1"),
    "exponent": times("9", "a = 1e"),
    "spaces": times(" ", "a = 1", "x\n"),
    "escapes": times("\\n", 'a = "', '"\n'),
    "bad escapes": times("\\q", 'a = "', '"\n'),
    "signs": times("$", 'a = "', '"\n'),
    "signs in heredoc": times("%", "a = <<E\n", " \n${~ x}\nE\n"),
    "combining": times("e\u0301\n", "a = <<E\n", "E\n"),
    "one string": times("x", 'a = "', '"\n'),
}
JSON = {
    "arrays": times("["),
    "objects": times('{"a":'),
    "strings": times('"a${x}",', "[", "1]"),
    "backslashes": times("\\", '"'),
    "no commas": times("1 ", "[", "]"),
    "bad escapes": times('"\\q",', "[", "1]"),
}
SECONDS = 5.0  # ten times what the slowest takes; a quadratic one takes minutes


@pytest.mark.parametrize("name", HOSTILE)
def test_native(name: str):
    source = Source("x.tf", HOSTILE[name])
    start = time.process_time()
    body, _ = parse_config(source)
    parse_expression(source)
    parse_template(source)
    assert time.process_time() - start < SECONDS
    assert all(
        height(attribute.expression) <= MAX_HEIGHT
        for attribute in body.attributes.values()
    )


@pytest.mark.parametrize("name", JSON)
def test_json(name: str):
    source = Source("x.tf.json", JSON[name])
    start = time.process_time()
    body, notes = hcl_json.parse_config(source)
    hcl_json.unpack(source, body, {"a": 2})
    assert time.process_time() - start < SECONDS
    assert notes


NESTS = {
    "parentheses": ("(", "1", ")"),
    "tuples": ("[", "1", "]"),
    "objects": ("{ a = ", "1", " }"),
    "templates": ('"${', "1", '}"'),
    "calls": ("f(", "1", ")"),
    "indexes": ("a[", "1", "]"),
    "unary": ("-", "1", ""),
    "conditionals": ("a ? 1 : ", "1", ""),
    "for": ("[for a in ", "b", " : a]"),
    "directives": ("%{ if a }", "b", "%{ endif }"),
}


@pytest.mark.parametrize("name", NESTS)
def test_depth(name: str):
    before, middle, after = NESTS[name]

    def nested(depth: int) -> Source:
        inner = before * depth + middle + after * depth
        if name == "directives":
            inner = f'"{inner}"'
        return Source("x.tf", f"a = {inner}\nb = 1\n")

    body, notes = parse_config(nested(60))
    assert notes == []
    assert not isinstance(body.attributes["a"].expression, tree.Bad)
    body, notes = parse_config(nested(MAX_DEPTH + 1))
    assert [note.kind for note in notes] == ["nesting-too-deep"]
    assert notes[0].incomplete
    assert isinstance(body.attributes["a"].expression, tree.Bad)
    assert isinstance(body.attributes["b"].expression, tree.Literal)


def test_depth_of_blocks():
    def nested(depth: int) -> Source:
        return Source("x.tf", "a {\n" * depth + "}\n" * depth + "b = 1\n")

    assert parse_config(nested(MAX_BLOCKS))[1] == []
    body, notes = parse_config(nested(MAX_BLOCKS + 1))
    assert [note.kind for note in notes] == ["nesting-too-deep"]
    assert list(body.attributes) == ["b"]


def test_height_of_chains():
    sound = Source("x.tf", "a = 1" + " + 1" * (MAX_HEIGHT - 1) + "\n")
    assert parse_config(sound)[1] == []
    for link in (" + 1", ".x", "[0]"):
        body, notes = parse_config(Source("x.tf", f"a = b{link * MAX_HEIGHT}\nc = 1\n"))
        assert [note.kind for note in notes] == ["nesting-too-deep"]
        assert isinstance(body.attributes["a"].expression, tree.Bad)
        assert list(body.attributes) == ["a", "c"]


@pytest.mark.parametrize(
    ("before", "after"),
    [('1 + "${', '}"'), ("1 + f(", ")"), ("a ? b : 1 + [", "]"), ("-a[", "]")],
)
def test_the_deepest_expression_in_the_deepest_block(before: str, after: str):
    for depth in range(MAX_DEPTH // 2 - 2, MAX_DEPTH + 2):
        inner = f"a = {before * depth}1{after * depth}\n"
        _, notes = parse_config(
            Source("x.tf", "b {\n" * MAX_BLOCKS + inner + "}\n" * MAX_BLOCKS)
        )
        assert {note.kind for note in notes} <= {"nesting-too-deep"}
    assert notes
