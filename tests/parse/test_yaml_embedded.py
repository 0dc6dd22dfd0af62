"""Texts inside scalars lead back to the characters of their file; placeholders."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yaml_reading import one, plain, read

from mlsec_lint.parse.yaml import documents, embedded, placeholder
from mlsec_lint.source import Source, Span
from mlsec_lint.value import Value


def lines_of(value, *words):
    """For each word in the inner text: the (line, column) it has in the file."""
    source = embedded(value)
    places = []
    for word in words:
        at = source.text.index(word)
        span = Span(source, at, at + len(word))
        resolved = span.resolved()
        assert resolved.source.text[resolved.start : resolved.end] == word
        places.append((span.line, span.column))
    return places


@pytest.mark.parametrize(
    ("text", "words", "places"),
    [
        ("k: |\n  one\n\n    two é\n  three\n", ("one", "two é", "three"), [(2, 3), (4, 5), (5, 3)]),
        ("k: |2-\n    one\n  two\n", ("one", "two"), [(2, 5), (3, 3)]),
        ("k: | # c\n\n  one\n", ("one",), [(3, 3)]),
        ("k: |\r\n  one\r\n  two\r\n", ("one", "two"), [(2, 3), (3, 3)]),
        ("a:\n- k: |\n    one\n", ("one",), [(3, 5)]),
        ("k: >\n  one\n  two\n\n  three\n", ("one", "two", "three"), [(2, 3), (3, 3), (5, 3)]),
        ("k: >\n  one\n    two\n  three\n", ("one", "two", "three"), [(2, 3), (3, 5), (4, 3)]),
        ("k: one two\n", ("one", "two"), [(1, 4), (1, 8)]),
        ("k: one\n   two\n", ("one", "two"), [(1, 4), (2, 4)]),
        ("k: 'it''s one'\n", ("one",), [(1, 11)]),
        ('k: "a\\tb\\u00e9 one"\n', ("one",), [(1, 16)]),
        ('k: "one\n    two\n\n    three"\n', ("one", "two", "three"), [(1, 5), (2, 5), (4, 5)]),
        ('k: "one \\\n    two"\n', ("one", "two"), [(1, 5), (2, 5)]),
    ],
)  # fmt: skip
def test_inner_words_stand_where_they_are_written(text, words, places):
    value = one(text)
    value = value.elements()[0] if value.elements() else value
    found = value.get("k") or value.at("a", 0, "k")
    assert lines_of(found, *words) == places


def test_yaml_in_yaml_in_yaml_has_lines_of_the_file():
    value = one(
        "data:\n  a.yaml: |\n    b:\n      c: |\n        d: x\n        e: [y]\n"
    )
    outer = documents(embedded(value.at("data", "a.yaml")))[0][0].value
    inner = documents(embedded(outer.at("b", "c")))[0][0].value
    assert plain(inner) == {"d": "x", "e": ["y"]}
    where = inner.at("e", 0).span
    assert (where.path, where.line, where.column) == ("x.yaml", 6, 13)


def test_an_error_in_an_inner_text_points_into_the_file():
    value = one("k: |\n  a: 1\n  b: [\n").get("k")
    _, notes = documents(embedded(value))
    assert [(n.kind, n.path) for n in notes] == [("syntax-error", "x.yaml")]
    assert notes[0].span.line == 3


def test_a_script_with_template_actions_gives_its_text_with_them():
    found, _ = read("k: |\n  cp {{ .a }} s3://b\n  end {{ .c }}\n")
    value = found[0].value.get("k")
    assert embedded(value).text == "cp {{ .a }} s3://b\nend {{ .c }}\n"
    assert lines_of(value, "s3://b", "end") == [(2, 15), (3, 3)]


def test_what_is_no_text_has_no_inner_text():
    value = one("a: {b: c}\nd: [e]\nf:\n")
    assert [embedded(value.get(name)) for name in "adf"] == [None, None, None]
    assert embedded(Value("x")) is None


@given(
    st.lists(st.text(alphabet="ab é'\"\\:#-😀", max_size=10), min_size=1, max_size=6),
    st.sampled_from(["|", "|+", ">"]),
    st.integers(1, 4),
)
def test_each_line_of_a_block_is_found_again(lines, style, indent):
    lines = [line.strip() for line in lines]
    body = "".join(f"{' ' * indent}{line}\n" if line else "\n" for line in lines)
    text = f"k: {style}{indent}\n{body}z: 1\n"
    value = one(text).get("k")
    source = embedded(value)
    at = 0
    for number, line in enumerate(lines):
        if line and (style != ">" or line in source.text[at:]):
            at = source.text.index(line, at)
            host, offset = source.outer(at)
            assert host.text.startswith(line, offset)
            if style != ">":
                assert host.position(offset) == (number + 2, indent + 1)
            at += len(line)


@given(st.text(max_size=60))
def test_any_double_quoted_text_is_mapped_without_an_exception(text):
    import json

    source = Source("x.yaml", f"k: {json.dumps(text)}\n")
    found, _ = documents(source)
    for document in found:
        inner = embedded(document.value.get("k"))
        for offset in range(len(inner.text) + 1):
            host, at = inner.outer(offset)
            assert 0 <= at <= len(host.text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("$NUM_NODES", "$NUM_NODES"),
        ("${IMAGE_URI}", "${IMAGE_URI}"),
        ("${REGION:-us-east-1}", "${REGION:-us-east-1}"),
        ("s3://${BUCKET}/w", "${BUCKET}"),
        ("<YOUR_PROJECT>", "<YOUR_PROJECT>"),
        ("gs://<bucket>/x", "<bucket>"),
        ("@BUCKET_NAME@", "@BUCKET_NAME@"),
        ("$(POD_NAME)", None),
        ("$5", None),
        ("a < b > c", None),
        ("GSBUCKET", None),
        ("us-east-1", None),
    ],
)
def test_placeholders(text, name):
    found = placeholder(Value(text, type="plain"))
    assert (None if found is None else found.name) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("GSBUCKET", "GSBUCKET"),
        ("gs://PROJECT_ID-weights", "PROJECT_ID"),
        ("your-bucket", "your-bucket"),
        ("gs://[YOUR_BUCKET]/models", "[YOUR_BUCKET]"),
        ("gs://your-bucket-name/models", "your-bucket-name"),
        ("CHANGE_ME", "CHANGE_ME"),
        ("US", None),
        ("my-team-weights", None),
        ("NVIDIA", "NVIDIA"),
    ],
)
def test_loose_placeholders(text, name):
    found = placeholder(Value(text, type="plain"), loose=True)
    assert (None if found is None else found.name) == name


def test_a_placeholder_keeps_the_known_parts_around_it():
    found = placeholder(Value("s3://${B}/w/$R", type="plain"))
    assert found is not None
    assert [p if isinstance(p, str) else p.name for p in found.parts] == [
        "s3://", "${B}", "/w/", "$R",
    ]  # fmt: skip


def rendered(template, text, start):
    """The text of a block scalar that a template wrote."""
    source = Source("templates/job.yaml", template)
    at = template.index(start)
    return embedded(Value(text, Span(source, at, len(template)), type="block"))


def line_of(inner, words):
    """The line of the file that words of the inner text lead to."""
    at = inner.text.index(words)
    span = Span(inner, at, at + len(words)).resolved()
    assert span.start <= span.end
    return span.source.text.splitlines()[span.line - 1].strip()


def test_lines_that_an_action_wrote_lead_to_the_action():
    template = (
        "script: |\n"
        "  set -e\n"
        "  {{- if .Values.branch }}\n"
        "  git checkout {{ .Values.branch }}\n"
        "  {{- end }}\n"
        "  {{- range .Values.steps }}\n"
        "  {{ . }}\n"
        "  {{- end }}\n"
        "  echo done\n"
    )
    text = (
        "set -e\n"
        + "".join(
            f"pip install torch==2.{n} --index-url https://pypi.example/simple\n"
            for n in range(9)
        )
        + "echo done\n"
    )
    inner = rendered(template, text, "|\n")
    assert line_of(inner, "set -e") == "set -e"
    for n in range(9):
        assert line_of(inner, f"install torch==2.{n}") == "{{ . }}"
    assert line_of(inner, "echo done") == "echo done"


def test_a_line_that_is_templated_in_part_leads_to_itself():
    template = "script: |\n  git clone {{ .Values.url }} repo\n  make\n"
    inner = rendered(
        template, "git clone https://example.com/a/very/long/one repo\nmake\n", "|\n"
    )
    assert line_of(inner, "clone") == "git clone {{ .Values.url }} repo"
    assert line_of(inner, "one repo") == "git clone {{ .Values.url }} repo"
    assert line_of(inner, "make") == "make"


def test_many_long_lines_of_a_template_are_no_trouble():
    template = "script: |\n" + "  {{ . }}\n" * 20_000
    started = time.monotonic()
    rendered(template, ("word " * 50 + "\n") * 20_000, "|\n")
    assert time.monotonic() - started < 5
