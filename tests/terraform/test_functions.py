"""Functions by example: mostly those of Terraform's own documentation (v1.11)."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path

import pytest
from calling import call, result, value

from mlsec_lint.terraform import number as numbers
from mlsec_lint.terraform import types, values
from mlsec_lint.terraform.errors import EvaluationError
from mlsec_lint.terraform.functions import LAZY, call_function, table
from mlsec_lint.value import Unknown, Value

ORACLE = Path(__file__).parent.parent / "oracle" / "terraform"
SET = values.set_value


def strings(*texts):
    return values.list_value(map(values.string, texts), types.STRING)


@pytest.mark.parametrize(
    ("name", "args", "expected"),
    [
        ("abs", (-12.4,), 12.4),
        ("alltrue", (["true", True],), True),
        ("alltrue", ([],), True),
        ("anytrue", (["true", False],), True),
        ("basename", ("foo/bar/baz.txt",), "baz.txt"),
        ("basename", ("",), "."),
        ("basename", ("/",), "/"),
        ("dirname", ("foo/bar/baz.txt",), "foo/bar"),
        ("dirname", ("baz.txt",), "."),
        ("base64decode", ("SGVsbG8gV29ybGQ=",), "Hello World"),
        ("base64encode", ("Hello World",), "SGVsbG8gV29ybGQ="),
        (
            "base64sha256",
            ("hello world",),
            "uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=",
        ),
        ("ceil", (5.1,), 6),
        ("ceil", (-5.9,), -5),
        ("floor", (4.9,), 4),
        ("floor", (-4.1,), -5),
        ("chomp", ("hello\r\n\n",), "hello"),
        ("chunklist", (["a", "b", "c", "d", "e"], 2), [["a", "b"], ["c", "d"], ["e"]]),
        ("chunklist", (["a"], 0), [["a"]]),
        ("cidrhost", ("10.12.112.0/20", 268), "10.12.113.12"),
        ("cidrhost", ("fd00:fd12:3456:7890:00a2::/72", 34), "fd00:fd12:3456:7890::22"),
        ("cidrnetmask", ("172.16.0.0/12",), "255.240.0.0"),
        ("cidrsubnet", ("172.16.0.0/12", 4, 2), "172.18.0.0/16"),
        ("cidrsubnet", ("10.1.2.0/24", 4, 15), "10.1.2.240/28"),
        (
            "cidrsubnet",
            ("fd00:fd12:3456:7890::/56", 16, 162),
            "fd00:fd12:3456:7800:a200::/72",
        ),
        (
            "cidrsubnets",
            ("10.1.0.0/16", 4, 4, 8, 4),
            ["10.1.0.0/20", "10.1.16.0/20", "10.1.32.0/24", "10.1.48.0/20"],
        ),
        ("coalesce", ("", "b"), "b"),
        ("coalesce", (1, "2"), "1"),
        ("coalescelist", ([], ["c", "d"]), ["c", "d"]),
        ("compact", (["a", "", "b", None, "c"],), ["a", "b", "c"]),
        ("concat", (["a", ""], ["b", 1]), ["a", "", "b", 1]),
        ("contains", (["a", "b"], "a"), True),
        ("contains", (["a", "b"], "d"), False),
        (
            "csvdecode",
            ('a,b,c\n1,2,3\n4,"5,6",7\n',),
            [{"a": "1", "b": "2", "c": "3"}, {"a": "4", "b": "5,6", "c": "7"}],
        ),
        ("distinct", (["a", "b", "a", "c"],), ["a", "b", "c"]),
        ("element", (["a", "b", "c"], 3), "a"),
        ("element", (strings("a", "b", "c"), -1), "c"),
        ("endswith", ("hello world", "world"), True),
        ("flatten", ([["a", "b"], [], [["c"], "d"]],), ["a", "b", "c", "d"]),
        ("format", ("Hello, %s!", "Ander"), "Hello, Ander!"),
        ("format", ("There are %d lights", 4), "There are 4 lights"),
        ("format", ("%[2]s %[1]s %%", "a", "b"), "b a %"),
        ("format", ("%5s|%-5s|%05d|%x", "a", "b", 42, 255), "    a|b    |00042|ff"),
        ("format", ("%v %v", [1, "a"], {"b": None}), '[1,"a"] {"b":null}'),
        ("format", ("%#v %q", "a", 'b"'), '"a" "b\\""'),
        ("format", ("%.1s%3.1f", "\u00e9t\u00e9", 2.25), "\u00e92.2"),
        (
            "formatdate",
            ("DD MMM YYYY hh:mm ZZZ", "2018-01-02T23:12:01Z"),
            "02 Jan 2018 23:12 UTC",
        ),
        (
            "formatdate",
            ("EEEE, DD-MMM-YY hh:mm:ss ZZZ", "2018-01-02T23:12:01Z"),
            "Tuesday, 02-Jan-18 23:12:01 UTC",
        ),
        (
            "formatdate",
            ("EEE, DD MMM YYYY hh:mm:ss ZZZ", "2018-01-02T23:12:01-08:00"),
            "Tue, 02 Jan 2018 23:12:01 -0800",
        ),
        (
            "formatdate",
            ("h'h'mm' o''clock' aa", "2018-01-02T03:12:01Z"),
            "3h12 o'clock am",
        ),
        (
            "formatlist",
            ("Hello, %s!", ["Valentina", "Ander"]),
            ["Hello, Valentina!", "Hello, Ander!"],
        ),
        (
            "formatlist",
            ("%s, %s!", "Salutations", ["a", "b"]),
            ["Salutations, a!", "Salutations, b!"],
        ),
        ("indent", (2, "a\nb\nc"), "a\n  b\n  c"),
        ("index", (["a", "b", "c"], "b"), 1),
        ("join", ("-", ["foo", "bar"], ["baz"]), "foo-bar-baz"),
        (
            "jsondecode",
            ('{"hello": ["world", 1.5, null, true]}',),
            {"hello": ["world", 1.5, None, True]},
        ),
        (
            "jsonencode",
            ({"b": [1, None], "a": "<&>\u2028\n"},),
            '{"a":"\\u003c\\u0026\\u003e\\u2028\\n","b":[1,null]}',
        ),
        ("keys", ({"c": 2, "a": 1},), ["a", "c"]),
        ("length", (["a", "b"],), 2),
        ("length", ({"a": 1},), 1),
        ("length", ("\U0001f44d\U0001f3fd e\u0301",), 3),
        ("lookup", ({"a": "ay"}, "a", "what?"), "ay"),
        ("lookup", ({"a": "ay"}, "c", "what?"), "what?"),
        ("lower", ("A\u0394",), "a\u03b4"),
        ("matchkeys", (["i-1", "i-2", "i-3"], ["w", "e", "w"], ["w"]), ["i-1", "i-3"]),
        ("max", (12, 54, 3), 54),
        ("min", (12, "2", 3), 2),
        ("md5", ("hello world",), "5eb63bbbe01eeed093cb22bb8f5acdc3"),
        (
            "merge",
            ({"a": "b", "c": "d"}, {"e": "f", "c": "z"}),
            {"a": "b", "c": "z", "e": "f"},
        ),
        ("merge", ({"a": [1]}, None, {"a": 2}), {"a": 2}),
        ("one", ([],), None),
        ("one", (["x"],), "x"),
        ("parseint", ("FF", 16), 255),
        ("parseint", ("-0", 10), 0),
        ("parseint", ("aA", 62), 656),
        ("pow", (3, 2), 9),
        ("pow", (4, 0), 1),
        ("log", (16, 2), 4),
        ("range", (3,), [0, 1, 2]),
        ("range", (4, 1), [4, 3, 2]),
        ("range", (1, 4, 0.5), [1, 1.5, 2, 2.5, 3, 3.5]),
        ("regex", ("[a-z]+", "53453453.345345aaabbbccc23454"), "aaabbbccc"),
        ("regex", (r"(\d\d\d\d)-(\d\d)-(\d\d)", "2019-02-01"), ["2019", "02", "01"]),
        (
            "regex",
            (
                r"^(?:(?P<scheme>[^:/?#]+):)?(?://(?P<authority>[^/?#]*))?",
                "https://terraform.io/docs/",
            ),
            {"authority": "terraform.io", "scheme": "https"},
        ),
        ("regex", ("(a)|(b)", "b"), [None, "b"]),
        ("regexall", ("[a-z]+", "1234abcd5678efgh9"), ["abcd", "efgh"]),
        ("regexall", ("[a-z]+", "123456789"), []),
        ("regexall", ("a*", "baaac"), ["", "aaa", ""]),
        ("replace", ("1 + 2 + 3", "+", "-"), "1 - 2 - 3"),
        ("replace", ("hello world", "/w.*d/", "everybody"), "hello everybody"),
        ("replace", ("ab", "/(?P<x>a)(b)/", "$2${x}$$"), "ba$"),
        ("replace", ("aa", "/a/", "$1x"), ""),
        ("reverse", ([1, 2, "c"],), ["c", 2, 1]),
        ("setintersection", (["a", "b"], ["b", "c"]), ["b"]),
        (
            "setproduct",
            (["d", "s"], ["a1", "a2"]),
            [["d", "a1"], ["d", "a2"], ["s", "a1"], ["s", "a2"]],
        ),
        ("setproduct", ([], ["a"]), []),
        ("setsubtract", (["a", "b", "c"], ["a", "c"]), ["b"]),
        ("setunion", (["a", "b"], ["b", "c"], ["d"]), ["a", "b", "c", "d"]),
        ("sha1", ("hello world",), "2aae6c35c94fcfb415dbe95f408b9ce91ee846ed"),
        ("signum", (-13,), -1),
        ("slice", (["a", "b", "c", "d"], 1, 3), ["b", "c"]),
        ("sort", (["e", "d", "a", "B"],), ["B", "a", "d", "e"]),
        ("split", (",", "foo,bar,,"), ["foo", "bar", "", ""]),
        ("split", ("", "ab"), ["a", "b"]),
        ("startswith", ("hello world", "hello"), True),
        ("strcontains", ("hello world", "wor"), True),
        ("strrev", ("hello",), "olleh"),
        ("strrev", ("a\U0001f44d\U0001f3fd",), "\U0001f44d\U0001f3fda"),
        ("substr", ("hello world", 1, 4), "ello"),
        ("substr", ("\U0001f926\U0001f3fb hi", 0, 1), "\U0001f926\U0001f3fb"),
        ("substr", ("hello", -3, -1), "llo"),
        ("substr", ("hello", 9, 1), ""),
        ("sum", ([10, "13", 6, 4.5],), 33.5),
        ("textdecodebase64", ("SABlAGwAbABvAA==", "UTF-16LE"), "Hello"),
        ("textencodebase64", ("Hello", "UTF-16LE"), "SABlAGwAbABvAA=="),
        ("timeadd", ("2024-08-16T12:45:05Z", "48h"), "2024-08-18T12:45:05Z"),
        (
            "timeadd",
            ("2024-01-01T00:00:00+02:00", "-1m30s"),
            "2023-12-31T23:58:30+02:00",
        ),
        ("timecmp", ("2017-11-22T01:00:00Z", "2017-11-22T00:00:00-01:00"), 0),
        ("timecmp", ("2017-11-22T00:00:00Z", "2017-11-22T01:00:00Z"), -1),
        ("title", ("hello wor_ld 2nd",), "Hello Wor_ld 2nd"),
        ("tobool", ("true",), True),
        ("tolist", (["a", 1],), ["a", "1"]),
        ("tomap", ({"a": "foo", "b": True},), {"a": "foo", "b": "true"}),
        ("tonumber", ("1e3",), 1000),
        ("toset", (["c", "b", "b"],), ["b", "c"]),
        ("tostring", (1.5,), "1.5"),
        (
            "transpose",
            ({"a": ["1", "2"], "b": ["2", "3"]},),
            {"1": ["a"], "2": ["a", "b"], "3": ["b"]},
        ),
        ("trim", ("?!hello?!", "!?"), "hello"),
        ("trimprefix", ("helloworld", "hello"), "world"),
        ("trimsuffix", ("helloworld", "world"), "hello"),
        ("trimspace", ("\u2003 hello\n\n",), "hello"),
        ("upper", ("a\u03b4\u00df",), "A\u0394\u00df"),
        ("urlencode", ("Hello World! \u2603/~",), "Hello+World%21+%E2%98%83%2F~"),
        ("uuidv5", ("dns", "www.terraform.io"), "a5008fae-b28c-5ba5-96cd-82b4c53552d6"),
        (
            "uuidv5",
            ("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "www.terraform.io"),
            "a5008fae-b28c-5ba5-96cd-82b4c53552d6",
        ),
        ("values", ({"c": 1, "a": 3},), [3, 1]),
        (
            "yamldecode",
            ("hello: world\nlist: [NO, 0o17, 0x1F, 1_0, ~, 1e3, '1']",),
            {"hello": "world", "list": [False, 15, 31, "1_0", None, 1000, "1"]},
        ),
        (
            "yamldecode",
            ("{a: &foo [1, 2, 3], b: *foo}",),
            {"a": [1, 2, 3], "b": [1, 2, 3]},
        ),
        (
            "yamldecode",
            ("x: &d {a: 1}\nz:\n  <<: *d\n  b: 2001-12-15",),
            {"x": {"a": 1}, "z": {"a": 1, "b": "2001-12-15T00:00:00Z"}},
        ),
        (
            "yamlencode",
            ({"a": "b", "c": ["d", 1, None, True]},),
            '"a": "b"\n"c":\n- "d"\n- 1\n- null\n- true\n',
        ),
        (
            "yamlencode",
            ({"foo": {"bar": "baz\nqux"}},),
            '"foo":\n  "bar": |-\n    baz\n    qux\n',
        ),
        ("yamlencode", (True,), "true\n...\n"),
        ("zipmap", (["a", "b"], [1, "x"]), {"a": 1, "b": "x"}),
        ("core::upper", ("a",), "A"),
    ],
)
def test_gives_what_the_documentation_says(name, args, expected):
    assert result(name, *args) == expected


@pytest.mark.parametrize(
    ("name", "args", "detail"),
    [
        ("abs", ("x",), "a number is required"),
        ("base64decode", ("***",), "failed to decode base64 data"),
        ("base64decode", ("/w==",), "not valid UTF-8"),
        ("chunklist", (["a"], -1), "must be positive"),
        ("cidrsubnet", ("10.0.0.0/8", 32, 0), "insufficient address space"),
        ("cidrhost", ("10.0.0.0/300", 1), "invalid CIDR"),
        ("coalesce", ("", None), "no non-null"),
        ("concat", (["a"], "b"), "must be lists or tuples"),
        ("csvdecode", ("a,a\n1,2",), "duplicate column name"),
        ("csvdecode", ("a,b\n1",), "wrong number of fields"),
        ("csvdecode", ('a,b\n1,"2',), "quoted-field"),
        ("element", ([], 0), "empty list"),
        ("element", (["a"], 0.5), "whole number"),
        ("flatten", ({"a": 1},), "can only flatten"),
        ("format", ("%d", "x"), "a number is required"),
        ("format", ("%s",), "not enough arguments"),
        ("format", ("x", 1), "too many arguments; no verbs"),
        ("format", ("%",), "invalid format string"),
        ("format", ("%!", 1), "unrecognized format character"),
        ("format", ("%z", 1), "unsupported format verb"),
        ("format", ("%d", 1.5), "an integer is required"),
        ("formatlist", ("%s %s", ["a"], ["b", "c"]), "inconsistent with argument 1"),
        ("formatdate", ("YYYYY", "2018-01-02T23:12:01Z"), "year must either be"),
        ("formatdate", ("YYYY", "2018-01-02"), "missing required time introducer"),
        ("formatdate", ("'x", "2018-01-02T23:12:01Z"), "unterminated literal"),
        ("index", (["a"], "b"), "item not found"),
        ("join", (",", ["a", None]), "element 1 is null"),
        ("jsondecode", ("{",), "EOF"),
        ("jsondecode", ("{a: 1}",), "invalid character"),
        ("jsondecode", ("1 2",), "extraneous data"),
        ("jsonencode", (values.number(numbers.INFINITY),), "infinity"),
        ("log", (-1, 2), "not a number"),
        ("lookup", ({"a": 1}, "b"), "no attribute"),
        ("lookup", (values.map_value({}, types.STRING), "b"), "failed to find key"),
        ("matchkeys", (["a"], [], []), "length of keys and values"),
        ("max", (), "at least one number"),
        ("merge", ({"a": 1}, "x"), "must be maps or objects"),
        ("one", (["a", "b"],), "zero or one elements"),
        ("parseint", ("FF", 10), "cannot parse"),
        ("parseint", (1, 10), "must be a string"),
        ("parseint", ("1", 63), "between 2 and 62"),
        ("pow", (-8, 0.5), "not a number"),
        ("range", (1, 5, 0), "step must not be zero"),
        ("range", (5, 1, 1), "end must be greater"),
        ("range", (2000,), "more than 1024"),
        ("regex", ("(", "x"), "invalid regexp"),
        ("regex", ("(a)(?P<b>c)", "ac"), "cannot mix"),
        ("regex", ("a(?=b)", "ab"), "invalid regexp"),
        ("regex", ("a", "b"), "did not match"),
        ("reverse", ({"a": 1},), "can only reverse"),
        ("setproduct", (["a"],), "at least two"),
        ("slice", (["a"], 0, 2), "greater than the length"),
        ("slice", (SET([values.string("a")]), 0, 1), "cannot slice a set"),
        ("sort", (["a", None],), "null string cannot be sorted"),
        ("sum", ([],), "empty list"),
        ("sum", (["a"],), "number values"),
        ("textencodebase64", ("a", "nope"), "not a supported IANA encoding"),
        ("textencodebase64", ("\u2603", "ISO-8859-1"), "cannot be represented"),
        ("timeadd", ("2024-08-16T12:45:05Z", "1d"), "unknown unit"),
        ("timeadd", ("2024-08-16T12:45:05Z", "1"), "missing unit"),
        ("tobool", ("yes",), "only the strings"),
        ("tonumber", ("x",), "decimal representation"),
        ("tolist", ("a",), "cannot convert string to list of any single type"),
        ("upper", (None,), "must not be null"),
        ("uuidv5", ("x", "a"), "doesn't support namespace"),
        ("yamldecode", ("",), "missing start of document"),
        ("yamldecode", ("a: 1\n---\nb: 2",), "only a single document"),
        ("yamldecode", ("a: [",), "line"),
        ("yamldecode", ("&a [*a]",), "inside its own definition"),
        ("yamldecode", ("!foo x",), "unsupported tag"),
        ("yamldecode", ("{[a]: 1}",), "only strings are allowed"),
        ("yamldecode", (".nan",), "NaN"),
        ("zipmap", (["a"], []), "does not match"),
        ("upper", (), "Missing value"),
        ("upper", ("a", "b"), "expects only 1"),
        ("nope", (), "no function named"),
    ],
)
def test_refuses_in_terraforms_words(name, args, detail):
    with pytest.raises(EvaluationError) as caught:
        result(name, *args)
    assert detail in caught.value.detail


def test_has_all_functions_with_their_signatures():
    wanted = json.loads((ORACLE / "functions.json").read_text(encoding="utf-8"))
    assert table().keys() | LAZY == wanted.keys()
    for name, signature in wanted.items():
        if name in LAZY:
            continue
        function = table()[name]
        params = [(p["name"], p["type"]) for p in signature["parameters"]]
        assert [(p.name, p.type.to_json()) for p in function.params] == params, name
        assert [p.null for p in function.params] == [
            p.get("is_nullable", False) for p in signature["parameters"]
        ], name
        variadic = signature.get("variadic")
        assert (variadic is None) == (function.variadic is None), name
        if variadic is not None and function.variadic is not None:
            assert function.variadic.name == variadic["name"]
            assert function.variadic.type.to_json() == variadic["type"]


@pytest.mark.parametrize("name", ["uuid", "timestamp", "plantimestamp"])
def test_impure_functions_are_unknown_with_a_reason(name):
    made = call(name)
    assert made.data.kind == "function"
    assert name in made.data.why
    assert made.type == types.STRING
    assert call("bcrypt", "x").data.kind == "function"


def test_gzip_inflates_to_the_same():
    packed = base64.b64decode(result("base64gzip", "Hello"))
    assert gzip.decompress(packed) == b"Hello"


def test_sensitivity_moves_to_the_result():
    secret = values.mark(values.string("a"), sensitive=True)
    assert call("upper", secret).sensitive
    assert call("merge", {"a": secret}).sensitive is False
    assert call("merge", {"a": secret}).data["a"].sensitive
    assert call("jsonencode", {"a": secret}).sensitive
    assert call("length", [secret]).sensitive is False
    assert call("sensitive", "a").sensitive
    assert not call("nonsensitive", secret).sensitive
    assert result("issensitive", secret) is True


def test_results_stand_at_the_call_and_elements_where_they_were():
    from calling import SPAN

    element = value("a").replace(span=SPAN._replace(start=0, end=1))
    made = call("concat", [element], ["b"])
    assert made.span == SPAN
    assert made.data[0].span == element.span
    assert call("element", [element], 0).span == element.span


def test_unknown_context_is_not_asked_for_pure_functions():
    assert call_function(None, "upper", (values.string("a"),)).data == "A"


def test_unknown_arguments_keep_their_reason():
    unknown = Value(
        Unknown("variable", "var.x has no default", "var.x"), type=types.STRING
    )
    made = call("upper", unknown)
    assert made.data.name == "var.x"
    assert made.type == types.STRING
    assert made.data.bounds.not_null
    listed = call("sort", [unknown, "a"])
    assert [part.data.name for part in listed.data] == ["var.x", "var.x"]


def test_possible_values_go_through_functions():
    stage = Unknown("variable", "x", possible=(value("dev"), value("prod")))
    unknown = Value(stage, type=types.STRING)
    made = call("format", "%s-weights", unknown)
    assert [v.data for v in made.data.possible] == ["dev-weights", "prod-weights"]
    assert result("startswith", unknown, "test") is False
    assert result("length", call("concat", ["a"], [unknown])) == 2


def test_coalesce_names_its_candidates():
    unknown = Value(Unknown("variable", "x", "var.x"), type=types.STRING)
    made = call("coalesce", None, unknown, "fallback", "never")
    assert made.data.name == "var.x"
    assert [v.data if isinstance(v.data, str) else "?" for v in made.data.possible] == [
        "?",
        "fallback",
    ]
    assert result("coalesce", "first", unknown) == "first"


def test_format_keeps_its_parts():
    unknown = Value(Unknown("resource", "x", "aws_s3_bucket.w.arn"), type=types.STRING)
    made = call("format", "%s/%s*", unknown, "ckpt")
    assert [p if isinstance(p, str) else p.name for p in made.data.parts] == [
        "aws_s3_bucket.w.arn",
        "/ckpt*",
    ]
