"""Carets and regions stand under the very characters, whatever the line holds."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest
import report_sample as sample
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from mlsec_lint.finding import Result, Summary
from mlsec_lint.report import render_as
from mlsec_lint.report.layout import chop, excerpt, hang, wrap
from mlsec_lint.report.places import place
from mlsec_lint.source import Source, Span


def report(span, name="text", **options):
    finding = replace(
        sample.findings()[0], span=span, because=(), trail=(), values=(), fix=""
    )
    return render_as(name, Result([finding], [], (), Summary()), **options)


def underlined(text):
    """What stands above the carets of a text report, by cells."""
    lines = text.splitlines()
    at = next(n for n, line in enumerate(lines) if "^" in line)
    before = lines[at].index("^")
    width = lines[at].count("^")
    line = lines[at - 1]
    start = len(chop(line, before)[0]) if before else 0
    rest = line[start:]
    return chop(rest, width)[0]


@pytest.mark.parametrize(
    ("text", "wanted", "shown"),
    [
        ("acl = public\n", "public", "public"),
        ("\t\tacl = public\n", "acl", "acl"),
        ("a\t=\tpublic\n", "public", "public"),
        ("重み: 公開 # x\n", "公開", "公開"),
        ("🧪🧪 x: y\n", "x: y", "x: y"),
        ("é\u0301 x: y\n", "x: y", "x: y"),
        ("a: 1\r\nb: two\r\n", "two", "two"),
        ("x: \x1b[31my\n", "y", "y"),
        ("x: a\u202eb\n", "a\u202eb", "a\\u202eb"),
        ("x: last", "last", "last"),
        ("name: " + "a" * 500 + " here " + "b" * 500, "here", "here"),
        ("重" * 500 + " here " + "み" * 500, "here", "here"),
        ("here" + " " * 10 + "a" * 500, "here", "here"),
        ("a" * 500 + "here", "here", "here"),
    ],
)
@pytest.mark.parametrize("bom", [False, True])
@pytest.mark.parametrize("width", [60, 100])
def test_caret(text, wanted, shown, bom, width):
    source = Source("x.yaml", text, bom=bom)
    at = text.index(wanted)
    span = Span(source, at, at + len(wanted))
    assert underlined(report(span, width=width)) == shown
    region = json.loads(report(span, "sarif"))["runs"][0]["results"][0]["locations"][0]
    region = region["physicalLocation"]["region"]
    line = text.split("\n")[region["startLine"] - 1]
    assert line[region["startColumn"] - 1 : region["endColumn"] - 1] == wanted
    assert region["startLine"] == text.count("\n", 0, at) + 1


def test_a_span_over_lines_is_cut_at_its_first_line():
    source = Source("x", "a {\r\n  b = 1\r\n}\r\n")
    at = place(Span(source, 0, len(source.text)))
    assert (at.line, at.column, at.end_column, at.last_line) == (1, 1, 4, 3)


@pytest.mark.parametrize(
    ("text", "at", "columns"),
    [
        ("  a = 1\n", 0, (3, 8)),
        ("\n\nx", 0, (1, 1)),
        ("", 0, (1, 1)),
        ("ab", 2, (1, 3)),
    ],
)
def test_an_empty_span_takes_the_line(text, at, columns):
    found = place(Span(Source("x", text), at, at))
    assert (found.column, found.end_column) == columns


def test_a_span_in_a_heredoc_points_into_the_file():
    host = Source("x.tf", 'p = <<E\n    {"Effect": "Allow"}\nE\n')
    inner = Source(
        "x.tf",
        '{"Effect": "Allow"}\n',
        host=host,
        pieces=((0, 12),),
    )
    span = Span(inner, 1, 9)
    assert underlined(report(span)) == '"Effect"'
    assert "x.tf:2:6" in report(span)


def test_spans_beyond_the_end_do_no_harm():
    source = Source("x", "ab")
    found = place(Span(source, 5, 9))
    assert (found.line, found.column, found.end_column) == (1, 1, 3)


@given(
    st.text(st.sampled_from("ab \t重🧪é\u0301\x1b\u202e"), max_size=80),
    st.data(),
    st.integers(10, 60),
)
def test_excerpt_fits_and_points(line, data, room):
    first = data.draw(st.integers(0, len(line)))
    last = data.draw(st.integers(first, len(line)))
    text, at, size = excerpt(line, first, last, room)
    assert cell_len(text) <= room
    assert at >= 0
    assert size >= 1
    assert at + size <= max(room, at + 1)


@given(st.text(st.sampled_from("ab 重🧪"), max_size=120), st.integers(8, 40))
def test_wrapping_loses_nothing_but_spaces(text, width):
    lines = wrap(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_hang_indents_under_the_lead():
    assert list(hang("  = fix: ", "one two three", 20)) == [
        "  = fix: one two",
        "         three",
    ]


def many(count):
    result = sample.result()
    result.findings = []
    for n in range(count // 4):
        source = Source(f"d/{n}.tf", sample.MAIN.text)
        for finding in sample.findings()[:4]:
            span = finding.span
            if span.source is sample.MAIN:
                span = Span(source, span.start, span.end)
            subject = f"{finding.subject}-{n}"
            result.findings.append(replace(finding, subject=subject, span=span))
    return result


@pytest.mark.parametrize(("name", "seconds"), [("sarif", 2), ("text", 2), ("json", 2)])
def test_ten_thousand_findings_are_written_quickly(name, seconds):
    result = many(10_000)
    best = min(_cpu(name, result) for _ in range(2))
    assert best < seconds


def _cpu(name, result):
    start = time.process_time()
    render_as(name, result)
    return time.process_time() - start


def test_one_long_line_with_many_findings_is_no_trouble():
    text = '{"a": "b"}' * 20_000
    source = Source("x.json", text)
    base = sample.findings()[0]
    result = sample.result()
    result.findings = [
        replace(base, span=Span(source, n * 200 + 1, n * 200 + 4)) for n in range(500)
    ]
    start = time.process_time()
    log = render_as("sarif", result)
    page = render_as("text", result)
    assert time.process_time() - start < 3
    assert len(log) < 2_000_000
    assert max(map(len, page.splitlines())) <= 100
