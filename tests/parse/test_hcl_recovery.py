"""A syntax error costs its own item: what stands before and after it is still there."""

from __future__ import annotations

import pytest
from hcl_reading import nodes

from mlsec_lint.parse.hcl import tree
from mlsec_lint.parse.hcl.lexer import MAX_PROBLEMS
from mlsec_lint.parse.hcl.parser import parse_config
from mlsec_lint.source import Source

BEFORE = 'resource "a" "before" {\n  x = 1\n}\n'
AFTER = 'resource "a" "after" {\n  y = "${var.z}"\n}\n'

# Text between two sound blocks; what is kept of it: "type.attribute", "!" where the
# attribute is Bad.
BROKEN = {
    "missing comma": ('l {\n  a = [\n    "x"\n    "y"\n  ]\n  c = 3\n}\n', "l.a! l.c"),
    "open list": ("l {\n  a = [1, 2\n  c = 3\n}\n", "l.a! l.c"),
    "open call": ("l {\n  a = max(1, 2\n  c = 3\n}\n", "l.a! l.c"),
    "open parenthesis": ("l {\n  a = (1 + 2\n  c = 3\n}\n", "l.a! l.c"),
    "open string": ('l {\n  a = "x\n  c = 3\n}\n', "l.a! l.c"),
    "two open strings": ('l {\n  a = "x\n  b = "y\n  c = 3\n}\n', "l.a! l.b! l.c"),
    "open interpolation": ('l {\n  a = "${1"\n  c = 3\n}\n', "l.a! l.c"),
    "open call in quotes": ('l {\n  a = "${f(1\n  c = 3\n}\n', "l.a! l.c"),
    "open label": ('l "x {\n  a = 1\n}\n', ""),
    "heredoc glued": ("l {\n  a = f(<<E\nx\nE)\n  c = 3\n}\n", "l.a! l.c"),
    "heredoc open": ("l {\n  a = <<E\nx\n  c = 3\n}\n", "l.a!"),
    "string in heredoc": ('l {\n  a = <<E\n${"x}\nE\n  c = 3\n}\n', "l.a! l.c"),
    "no value": ("l {\n  a =\n  c = 3\n}\n", "l.a! l.c"),
    "two values": ("l {\n  a = 1 2\n  c = 3\n}\n", "l.a! l.c"),
    "bad escape": ('l {\n  a = "\\q"\n  c = 3\n}\n', "l.a! l.c"),
    "bad number": ("l {\n  a = 1..2\n  c = 3\n}\n", "l.a! l.c"),
    "bad object": ("l {\n  a = { x y }\n  c = 3\n}\n", "l.a! l.c"),
    "bad deep in object": (
        "l {\n  a = {\n    k = {\n      x = ]\n    }\n  }\n  c = 3\n}\n",
        "l.a! l.c",
    ),
    "semicolon": ("l {\n  a = 1;\n  c = 3\n}\n", "l.a! l.c"),
    "bad nested block": ("l {\n  n x = {\n    a = 1\n  }\n  c = 3\n}\n", "l.c"),
    "error in nested block": ("l {\n  n {\n    a = ]\n    b = 2\n  }\n}\n", "n.a! n.b"),
    "two arguments on a line": ("l {\n  n { a = 1, b = 2 }\n  c = 3\n}\n", "l.c"),
    "brace on next line": ('l "x"\n{\n  a = 1\n}\n', ""),
    "equals before brace": ('l "x" = {\n  a = 1\n}\n', ""),
    "missing brace": ("l {\n  a = 1\n\n", "l.a"),
    "missing inner brace": ("l {\n  n {\n    a = 1\n}\n", "n.a"),
    "missing object brace": ("l {\n  a = {\n    x = 1\n}\n", "l.a"),
    "spare brace": ("l {\n  a = 1\n}\n}\n", "l.a"),
    "open comment": ("l {\n  a = 1 /* x\n  c = 3\n}\n", "l.a! l.c"),
    "quoted name": ('l {\n  "a" = 1\n  c = 3\n}\n', "l.c"),
    "not ours": ("l {\n  {{ template }}\n  c = 3\n}\n", "l.c"),
    "conflict": ("<<<<<<< HEAD\nl {\n  a = 1\n}\n=======\n>>>>>>> x\n", "l.a"),
    "redefined": ("l {\n  a = 1\n  a = 2\n  c = 3\n}\n", "l.a l.c"),
}


def kept(block: tree.Block) -> list[str]:
    found = []
    for name, attribute in block.body.attributes.items():
        bad = "!" if isinstance(attribute.expression, tree.Bad) else ""
        found.append(f"{block.type}.{name}{bad}")
    for inner in block.body.blocks:
        found += kept(inner)
    return found


@pytest.mark.parametrize("name", BROKEN)
def test_neighbours_stay(name: str):
    broken, expected = BROKEN[name]
    source = Source("x.tf", BEFORE + broken + AFTER)
    body, notes = parse_config(source)
    assert notes
    assert all(note.incomplete and note.span for note in notes)
    first, *between, last = body.blocks
    assert (first.labels[1].value, kept(first)) == ("before", ["resource.x"])
    assert (last.labels[1].value, kept(last)) == ("after", ["resource.y"])
    assert " ".join(item for block in between for item in kept(block)) == expected
    assert body.attributes == {}
    assert source.text[first.start : first.end] == BEFORE.strip()
    assert source.text[last.start : last.end].rstrip() == AFTER.strip()


def test_a_bad_attribute_says_why_and_where():
    source = Source("x.tf", "l {\n  a = [1 2]\n}\n")
    body, notes = parse_config(source)
    bad = body.blocks[0].body.attributes["a"].expression
    assert isinstance(bad, tree.Bad)
    assert bad.message == "Missing item separator"
    assert source.text[bad.start : bad.end] == "[1 2"
    assert notes[0].text.startswith("Missing item separator")
    assert notes[0].span is not None
    assert notes[0].span.text == "2"


def test_each_lost_place_is_one_note():
    source = Source(
        "x.tf", "a {\n  b = ]\n  c = 1\n}\nd {\n  e = [\n    1\n    2\n  ]\n}\n"
    )
    _, notes = parse_config(source)
    assert [note.span.line for note in notes if note.span] == [2, 8]


def test_a_sound_text_has_no_bad_node():
    body, notes = parse_config(Source("x.tf", BEFORE + AFTER))
    assert notes == []
    assert not any(isinstance(node, tree.Bad) for node in nodes(body))


def test_notes_are_limited():
    _, notes = parse_config(Source("x.tf", "a {\n  b = ]\n}\n" * 1000))
    assert len(notes) <= MAX_PROBLEMS + 1


def test_first_note_is_the_first_error_wherever_parsing_stopped():
    _, notes = parse_config(Source("x.tf", 'a {\n  b = "\\q"\n  c = ]\n  d = ;\n}\n'))
    assert notes[0].text.startswith("Invalid escape sequence")
