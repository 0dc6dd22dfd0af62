"""Functions that need more than a call: files, templates, documents, hostile input."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from calling import SPAN, Folder, call, plain, result, value
from hypothesis import given, settings
from hypothesis import strategies as st
from values_strategy import ANY

from mlsec_lint.source import Source, Span
from mlsec_lint.terraform import operations, types, values
from mlsec_lint.terraform.convert import convert
from mlsec_lint.terraform.errors import BoundExceededError, EvaluationError
from mlsec_lint.terraform.functions import LAZY, call_function, lazy, table
from mlsec_lint.terraform.functions.json_text import read_json
from mlsec_lint.terraform.functions.yaml_text import read_yaml
from mlsec_lint.terraform.types import STRING
from mlsec_lint.value import Step, Symbol, Unknown, Value

FILES = {
    "root/a.json": b'{"A": [1,\n  {"b": "x"}]}',
    "root/bom.txt": b"\xef\xbb\xbfhi",
    "root/latin": b"\xff\xfe",
    "root/t/x.tpl": b"Hello ${name}",
    "root/t/deep/y.tpl": b"y",
    "root/.hidden": b"h",
    "other/z.tf": b"z",
}


def test_reads_files_from_the_modules_base():
    made = call("file", "./t/../a.json", files=FILES)
    assert made.data == FILES["root/a.json"].decode()
    assert made.span.path == "root/a.json"
    assert made.trail == (Step(SPAN, "read by file()"),)
    assert result("file", "../other/z.tf", files=FILES) == "z"
    assert result("filebase64", "latin", files=FILES) == "//4="
    assert result("filemd5", "t/x.tpl", files=FILES) == result("md5", "Hello ${name}")
    assert result("fileexists", "nope", files=FILES) is False
    assert result("fileexists", "latin", files=FILES) is True


@pytest.mark.parametrize("path", ["/etc/passwd", "../../x", "~/secret", "~root/x"])
@pytest.mark.parametrize("name", ["file", "filebase64", "filesha256", "fileexists"])
def test_what_lies_outside_is_unknown_and_no_error(name, path):
    made = call(name, path, files=FILES)
    assert made.data.kind == "environment"
    assert path in made.data.why


@pytest.mark.parametrize(
    ("name", "args", "detail"),
    [
        ("file", ("nope",), "no file exists at"),
        ("file", ("t",), "is a directory"),
        ("file", ("latin",), "not valid UTF-8"),
        ("filesha256", ("nope",), "no file exists"),
        ("fileexists", ("t",), "is a directory"),
        ("templatefile", ("nope", {}), "no file exists"),
        ("templatefile", ("t/x.tpl", ["a"]), "must be a map"),
        ("templatefile", ("t/x.tpl", {"a b": 1}), "invalid template variable name"),
        ("fileset", ("t", "["), "syntax error in pattern"),
    ],
)
def test_refuses_files_in_terraforms_words(name, args, detail):
    with pytest.raises(EvaluationError) as caught:
        call(name, *args, files=FILES)
    assert detail in caught.value.detail


@pytest.mark.parametrize(
    ("folder", "pattern", "found"),
    [
        (".", "*", [".hidden", "a.json", "bom.txt", "latin"]),
        ("t", "**", ["deep/y.tpl", "x.tpl"]),
        (".", "**/*.tpl", ["t/deep/y.tpl", "t/x.tpl"]),
        ("t", "*/*.tpl", ["deep/y.tpl"]),
        ("t", "{x,y}.tpl", ["x.tpl"]),
        (".", "[a-b]*.{json,txt}", ["a.json", "bom.txt"]),
        (".", "[!a]*.json", []),
        ("nope", "*", []),
        ("t", "../a.json", ["../a.json"]),
        (".", "t/?.tpl", ["t/x.tpl"]),
    ],
)
def test_filesets(folder, pattern, found):
    assert result("fileset", folder, pattern, files=FILES) == found


def test_filesets_outside_are_unknown():
    assert call("fileset", "..", "../*", files=FILES).data.kind == "environment"
    assert call("fileset", "/", "etc/*", files=FILES).data.kind == "environment"


def test_templates_get_their_variables():
    assert result("templatefile", "t/x.tpl", {"name": "A"}, files=FILES) == "Hello A"
    secret = values.mark(value("A"), sensitive=True)
    assert call("templatefile", "t/x.tpl", {"name": secret}, files=FILES).sensitive
    assert result("templatestring", "${a}!", {"a": 1}) == "1!"


def text_at(value_):
    return value_.span.resolved().text


def test_decoded_json_stands_in_its_file():
    made = call("jsondecode", call("file", "a.json", files=FILES))
    inner = made.data["A"].data[1].data["b"]
    assert (inner.span.path, inner.span.line) == ("root/a.json", 2)
    assert text_at(inner) == '"x"'
    assert made.data["A"].key.text == '"A"'


HEREDOC = """x = <<-EOT
    a: 1
    list:
      - name: ${var.n}
        deep: [yes, "é"]
  EOT
"""


def heredoc(text):
    source = Source("main.tf", HEREDOC)
    start = HEREDOC.index("<<")
    return values.string(text, Span(source, start, len(HEREDOC) - 1))


def test_decoded_yaml_stands_on_the_lines_of_an_indented_heredoc():
    plain_text = "".join(line[4:] for line in HEREDOC.splitlines(keepends=True)[1:-1])
    made = call("yamldecode", heredoc(plain_text.replace("${var.n}", "model")))
    assert plain(made) == {
        "a": 1,
        "list": [{"deep": [True, "é"], "name": "model"}],
    }
    row = made.data["list"].data[0]
    assert row.data["deep"].data[1].span.text == '"é"'
    assert row.data["deep"].data[0].span.text == "yes"
    assert row.data["name"].span.line == 4
    assert row.data["name"].key.line == 4


def test_structure_survives_an_unknown_inside():
    arn = Value(
        Unknown(
            "resource", "x", "aws_s3_bucket.w.arn", Symbol("aws_s3_bucket.w", ("arn",))
        ),
        type=STRING,
    )
    policy = {"Statement": [{"Effect": "Allow", "Resource": arn}]}
    encoded = call("jsonencode", policy)
    assert encoded.unknown is not None
    assert encoded.origin[0] == "json"
    again = call("jsondecode", encoded)
    assert plain(again) == {"Statement": [{"Effect": "Allow", "Resource": "?"}]}
    assert again.data["Statement"].data[0].data["Resource"].data.symbol.path == ("arn",)
    assert plain(call("yamldecode", call("yamlencode", policy))) == plain(again)
    assert call("base64decode", call("base64encode", encoded)).origin[0] == "json"


def test_what_is_certain_of_an_unknown_merge_can_be_asked_for():
    tags = Value(Unknown("variable", "x", "var.tags"), type=types.map_of(STRING))
    made = call("merge", {"a": "lost"}, tags, {"mlsec/holds": "weights"})
    assert made.unknown is not None
    assert made.get("mlsec/holds").data == "weights"
    assert made.get("a").data.name == "var.tags"
    assert operations.index(made, value("mlsec/holds")).data == "weights"
    again = call("merge", made, {"b": "2"})
    assert plain(again.origin[1]) == {"mlsec/holds": "weights", "b": "2"}
    assert call("merge", made, tags).origin is None
    typed = convert(made, types.map_of(STRING))
    assert typed.get("mlsec/holds").data == "weights"


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("compact", (["sg-1", "?", ""],)),
        ("distinct", (["sg-1", "?"],)),
        ("concat", (["sg-1"], "LIST", ["?"])),
    ],
)
def test_unknown_lists_remember_what_they_are_made_of(name, args):
    group = Value(Unknown("resource", "x", "aws_security_group.a.id"), type=STRING)
    rest = Value(Unknown("variable", "x", "var.more"), type=types.list_of(STRING))

    def put(argument):
        if argument == "LIST":
            return rest
        return [group if e == "?" else e for e in argument]

    made = call(name, *map(put, args))
    assert made.unknown is not None
    how, parts = made.origin
    assert how == "among"
    assert plain(parts) == ["sg-1", "?"]


def template(*pieces):
    """A string of several pieces, unknown when one of them is."""
    unknown = [p.data for p in pieces if p.unknown is not None]
    origin = ("template", Value(tuple(pieces)))
    if not unknown:
        return values.string("".join(p.data for p in pieces)).replace(origin=origin)
    parts = tuple(p.data for p in pieces)
    return Value(Unknown("template", "x", parts=parts), type=STRING, origin=origin)


def test_reads_documents_around_their_unknown_parts():
    source = Source("main.tf", '{"Resource": ["${a}/*", "${b}"], "n": ${c}}')
    at = source.text.index

    def piece(text):
        return values.string(text, Span(source, at(text), at(text) + len(text)))

    holes = {n: Value(Unknown("resource", "x", n), type=STRING) for n in "abc"}
    whole = template(
        piece('{"Resource": ["'),
        holes["a"],
        piece('/*", "'),
        holes["b"],
        piece('"], "n": '),
        holes["c"],
        values.string("}"),
    )
    tree = read_json(whole)
    first, second = tree.data["Resource"].data
    assert [p if isinstance(p, str) else p.name for p in first.data.parts] == [
        "a",
        "/*",
    ]
    assert second.data.name == "b"
    assert tree.data["n"].data.name == "c"
    assert first.span.start == at('"$')
    again = read_yaml(whole)
    assert plain(again) == plain(tree)
    assert again.data["Resource"].data[1].data.name == "b"
    assert read_json(value("no json")) is None
    assert read_yaml(value("a: [")) is None


def test_an_unknown_name_leaves_only_its_object_unknown():
    hole = Value(Unknown("variable", "x", "var.x"), type=STRING)
    whole = template(value('{"a": {"'), hole, value('": 1}, "b": 2}'))
    assert plain(read_json(whole)) == {"a": "?", "b": 2}
    assert plain(read_yaml(whole)) == {"a": "?", "b": 2}


def test_try_takes_the_first_that_is_certain():
    failed = EvaluationError("Unsupported attribute", "no such attribute")
    assert lazy.try_results([failed, value("b"), value("c")]).data == "b"
    with pytest.raises(EvaluationError) as caught:
        lazy.try_results([failed, failed])
    assert "no expression succeeded" in caught.value.detail
    assert lazy.can_result([failed]).data is False
    assert lazy.can_result([value(1)]).data is True


def test_try_of_an_unknown_names_what_it_may_be():
    unknown = Value(Unknown("variable", "x", "var.x"), type=STRING)
    made = lazy.try_results([unknown, value("fallback"), value("never")])
    assert made.unknown is not None
    assert made.type == types.DYNAMIC
    assert [plain(v) for v in made.data.possible] == ["?", "fallback"]
    assert lazy.can_result([unknown]).unknown is not None
    symbol = Symbol("aws_kms_key.k", ("arn",))
    reference = Value(
        Unknown("resource", "x", "aws_kms_key.k.arn", symbol), type=STRING
    )
    assert lazy.try_results([reference, value("")]).data.symbol == symbol


NAMES = sorted(table().keys() | LAZY)


@settings(max_examples=400)
@given(st.data(), st.sampled_from(NAMES))
def test_functions_raise_evaluation_errors_only(data, name):
    function = table().get(name)
    count = len(function.params) if function else 1
    extra = data.draw(st.integers(0, 2)) if function is None or function.variadic else 0
    args = [data.draw(ANY) for _ in range(count + extra)]
    try:
        made = call_function(Folder(FILES), name, args, SPAN)
    except EvaluationError:
        return
    assert made.span is not None or name in LAZY
    if name not in (
        "uuid",
        "timestamp",
        "plantimestamp",
        "bcrypt",
        "rsadecrypt",
    ) and all(map(values.wholly_known, args)):
        reason = values.first_unknown(made)
        assert reason is None or reason.kind in ("environment", "bound", "function")


# What these give for an unknown argument does not hang on its value.
CERTAIN = {
    "can",
    "try",
    "issensitive",
    "sensitive",
    "nonsensitive",
    "ephemeralasnull",
    "length",
    "keys",
    "merge",
    "coalesce",
}


@pytest.mark.parametrize("name", NAMES)
def test_wholly_unknown_arguments_give_nothing_known(name):
    function = table().get(name)
    params = list(function.params) if function else []
    if function is not None and function.variadic is not None:
        params += [function.variadic]
    if not params or name in CERTAIN:
        return
    args = [Value(Unknown("variable", "x"), type=p.type) for p in params]
    try:
        made = call_function(Folder(FILES), name, args, SPAN)
    except EvaluationError:
        return
    assert made.unknown is not None


BIG = values.string("a" * 20_000)
HOSTILE = [
    ("range", (0, 1024, 1)),
    ("setproduct", tuple([list(range(100))] * 5)),
    ("format", ("%999999999d", 1)),
    ("format", ("%99999d" * 50, *range(50))),
    ("format", ("%.999999999f", 1)),
    ("replace", (BIG, "a", BIG)),
    ("replace", (BIG, "", BIG)),
    ("replace", (BIG, "/a/", BIG)),
    ("join", (BIG, ["x"] * 1000)),
    ("indent", (10**9, "\n" * 1000)),
    ("regexall", ("(a+)+$", values.string("a" * 20_000 + "b"))),
    ("regex", ("(a|a)*b", BIG)),
    ("regex", ("(?:" * 500 + "a" + ")*" * 500, BIG)),
    ("regex", ("((a{100}){100}){100}", BIG)),
    ("jsondecode", ("[" * 100_000,)),
    ("jsondecode", ('{"a":' * 100_000,)),
    ("yamldecode", ("[" * 100_000,)),
    ("yamldecode", ("- " * 10_000 + "x",)),
    (
        "yamldecode",
        (
            "\n".join(
                ["a0: &a0 [x]"]
                + [
                    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]"
                    for i in range(1, 60)
                ]
            ),
        ),
    ),
    ("csvdecode", ("a\n" + "1\n" * 200_000,)),
    ("split", ("", BIG)),
    ("tonumber", ("1e999999999",)),
    ("tonumber", ("9" * 1_000_000,)),
    ("pow", (10, 10**9)),
    ("parseint", ("f" * 1_000_000, 16)),
    ("cidrsubnet", ("10.0.0.0/8", 2**62, 1)),
    ("cidrsubnet", ("::/0", 128, "1e9000")),
    ("cidrhost", ("::/0", "1e9000")),
    ("format", ("%d %x", "1e9000", "1e9000")),
    ("jsonencode", (["1e9000"],)),
    ("strrev", (values.string("e\u0301" * 20_000),)),
    ("fileset", (".", "*/" * 400 + "*")),
    ("fileset", (".", "{" * 900)),
    ("base64decode", ("=" * 1_000_000,)),
    ("formatdate", ("'" * 100_000, "2018-01-02T23:12:01Z")),
    ("timeadd", ("2018-01-02T23:12:01Z", "9" * 100_000 + "h")),
    ("distinct", (list(range(5000)),)),
    ("toset", ([[i, str(i)] for i in range(5000)],)),
    ("tolist", ([{f"k{i}": i} for i in range(3000)],)),
    ("matchkeys", (list(range(3000)), list(range(3000)), list(range(3000)))),
    ("merge", tuple({f"k{i}": i} for i in range(3000))),
]


@pytest.mark.parametrize(("name", "args"), HOSTILE)
def test_no_call_takes_long_or_falls_over(name, args):
    given_args = tuple(map(value, args))
    started = time.process_time()
    with suppress(EvaluationError):
        call_function(Folder(FILES), name, given_args, SPAN)
    assert time.process_time() - started < 1


def test_shared_structure_does_not_explode():
    def grow():
        here = value("x")
        for _ in range(200):
            here = values.tuple_value([here, here])

    with pytest.raises(BoundExceededError):
        grow()
    shared = value("x")
    for _ in range(14):
        shared = values.tuple_value([shared, shared])
    started = time.process_time()
    for _ in range(200):
        call("length", [shared])
    assert time.process_time() - started < 1


def test_past_the_bound_is_unknown_not_an_error():
    made = call("setproduct", *([list(range(100))] * 5))
    assert made.data.kind == "bound"
    assert "combinations" in made.data.why
