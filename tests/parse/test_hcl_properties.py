"""Whatever the text, the parser gives a tree with sensible spans and never raises."""

from __future__ import annotations

from hcl_reading import authored, nodes
from hypothesis import given, settings
from hypothesis import strategies as st

from mlsec_lint.parse.hcl import json as hcl_json
from mlsec_lint.parse.hcl import tree
from mlsec_lint.parse.hcl.parser import parse_config, parse_expression, parse_template
from mlsec_lint.source import Source

FRAGMENTS = [
    '"', "{", "}", "(", ")", "[", "]", "${", "%{", "~}", "<<E\n", "<<-E\n", "\nE\n",
    "\n", "\r\n", "\r", " = ", "=", ",", ":", "?", ".", "*", "...", " for ", " in ",
    " if ", "#", "/*", "*/", "//", "-", "!", "&&", "$", "%", "\\", "é", "\u0301", " ",
    "0", "1.5", "::", "=>", "E", "x", "<", "|", ";", "'", "\udc80", "\x00", "endif",
    "resource", '"a"', "null", "\ufeff", "a = 1\n", 'b "c" {\n', "  ",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(FRAGMENTS), max_size=40).map("".join)
FILES = [case.source.text for case in authored()]


def check(root: tree.Node, text: str) -> None:
    for node in nodes(root):
        assert 0 <= node.start <= node.end <= len(text), node
        if isinstance(node, tree.Text):
            assert all(
                0 <= p <= len(node.value) and 0 <= q <= len(text)
                for p, q in node.pieces
            )
            assert list(node.pieces) == sorted(node.pieces)
            assert node.pieces[0][0] == 0


@settings(max_examples=300, deadline=None)
@given(st.one_of(TEXTS, st.text(max_size=60)))
def test_any_text(text: str):
    source = Source("x.tf", text)
    for parse in (
        parse_config,
        parse_expression,
        parse_template,
        hcl_json.parse_config,
    ):
        root, notes = parse(source)
        check(root, text)
        assert all(note.span and note.span.end <= len(text) for note in notes)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(FILES), st.data())
def test_mutated_files(text: str, data: st.DataObject):
    at = data.draw(st.integers(0, len(text)))
    gone = data.draw(st.integers(0, 5))
    text = text[:at] + data.draw(st.sampled_from(FRAGMENTS)) + text[at + gone :]
    body, _ = parse_config(Source("x.tf", text))
    check(body, text)


def test_names_and_literals_are_what_their_spans_say():
    for text in FILES:
        body, notes = parse_config(Source("x.tf", text))
        if notes:
            continue
        for node in nodes(body):
            written = text[node.start : node.end]
            match node:
                case tree.Variable():
                    assert written == node.name
                case tree.GetAttr():
                    assert written.endswith(node.name)
                case tree.Literal(value=tree.Number() as value):
                    assert written == value
                case tree.Attribute():
                    assert text[node.start : node.name_end] == node.name
                case tree.Call():
                    assert written.endswith(")")
                case tree.Block():
                    assert written.startswith(node.type)
                    assert written.endswith("}")


NAMES = st.sampled_from(["a", "b-c", "_x", "été", "for_each", "in"])
LEAVES = st.one_of(
    NAMES.map(lambda name: ("name", name)),
    st.sampled_from(["0", "12", "1.5", "2e10"]).map(lambda n: ("number", n)),
    st.sampled_from([True, False, None]).map(lambda v: ("word", v)),
    st.text('ab é\n"\\$%{}~', max_size=8).map(lambda s: ("string", s)),
)  # fmt: skip


def grown(inner: st.SearchStrategy) -> st.SearchStrategy:
    operator = st.sampled_from(["+", "-", "*", "==", "&&", "||", "<=", "%"])
    return st.one_of(
        st.tuples(st.just("binary"), operator, inner, inner),
        st.tuples(st.just("unary"), st.sampled_from("-!"), inner),
        st.tuples(st.just("if"), inner, inner, inner),
        st.tuples(st.just("tuple"), st.lists(inner, max_size=3)),
        st.tuples(st.just("object"), st.lists(st.tuples(NAMES, inner), max_size=3)),
        st.tuples(st.just("call"), NAMES, st.lists(inner, max_size=3)),
        st.tuples(st.just("get"), inner, NAMES),
        st.tuples(st.just("index"), inner, inner),
        st.tuples(st.just("template"), inner, st.text("x $", max_size=3)),
    )


def write(value: tuple) -> str:
    """An expression as text; every operand in parentheses, so that shapes are plain."""
    match value:
        case ("name", name):
            return name
        case ("number", number):
            return number
        case ("word", word):
            return {True: "true", False: "false", None: "null"}[word]
        case ("string", text):
            return f'"{escape(text)}"'
        case ("binary", operator, left, right):
            return f"({write(left)}) {operator} ({write(right)})"
        case ("unary", operator, inner):
            return f"{operator}({write(inner)})"
        case ("if", condition, then, otherwise):
            return f"({write(condition)}) ? {write(then)} : {write(otherwise)}"
        case ("tuple", items):
            return "[" + ", ".join(map(write, items)) + "]"
        case ("object", items):
            return "{" + "\n".join(f"({k}) = {write(v)}" for k, v in items) + "}"
        case ("call", name, args):
            return f"{name}({', '.join(map(write, args))})"
        case ("get", inner, name):
            return f"({write(inner)}).{name}"
        case ("index", inner, key):
            return f"({write(inner)})[{write(key)}]"
        case ("template", inner, text):
            return f'"{escape(text)}-${{{write(inner)}}}"'
        case _:
            raise AssertionError(value)


def escape(text: str) -> str:
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return text.replace("${", "$${").replace("%{", "%%{")


def read(node: tree.Node) -> tuple:
    """The value that `write` wrote, from the tree."""
    match node:
        case tree.Parentheses():
            return read(node.inner)
        case tree.Variable():
            return ("name", node.name)
        case tree.Literal(value=tree.Number() as number):
            return ("number", str(number))
        case tree.Literal():
            return ("word", node.value)
        case tree.Template(parts=()):
            return ("string", "")
        case tree.Template(parts=(tree.Text() as text,)):
            return ("string", text.value)
        case tree.Template(parts=(tree.Text() as text, tree.Interpolation() as inner)):
            return ("template", read(inner.expression), text.value.removesuffix("-"))
        case tree.Binary():
            return ("binary", node.operator, read(node.left), read(node.right))
        case tree.Unary():
            return ("unary", node.operator, read(node.operand))
        case tree.Conditional():
            return ("if", read(node.condition), read(node.then), read(node.otherwise))
        case tree.Tuple():
            return ("tuple", [read(item) for item in node.items])
        case tree.Object():
            return ("object", [(read(k)[1], read(v)) for k, v in node.items])
        case tree.Call():
            return ("call", node.name, [read(arg) for arg in node.args])
        case tree.GetAttr():
            return ("get", read(node.target), node.name)
        case tree.Index():
            return ("index", read(node.target), read(node.key))
        case _:
            raise AssertionError(node)


@settings(max_examples=200, deadline=None)
@given(st.recursive(LEAVES, grown, max_leaves=12))
def test_round_trip(value: tuple):
    text = write(value)
    node, notes = parse_expression(Source("x", text))
    assert notes == []
    assert read(node) == value
    check(node, text)


LEVELS = ["||", "&&", "==", "<", "+", "*"]


@given(st.lists(st.sampled_from(LEVELS), min_size=1, max_size=6))
def test_precedence(operators: list[str]):
    text = "a" + "".join(f" {operator} a" for operator in operators)
    node, _ = parse_expression(Source("x", text))

    def weakest(low: int, high: int) -> object:
        if low == high:
            return "a"
        ranks = [LEVELS.index(operators[i]) for i in range(low, high)]
        split = max(i for i in range(low, high) if ranks[i - low] == min(ranks))
        return (weakest(low, split), operators[split], weakest(split + 1, high))

    def shape(node: tree.Node) -> object:
        if isinstance(node, tree.Binary):
            return (shape(node.left), node.operator, shape(node.right))
        return "a"

    assert shape(node) == weakest(0, len(operators))
