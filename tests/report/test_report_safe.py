"""What strangers wrote does nothing in any report; secrets are in none."""

from __future__ import annotations

import json
import re
import sys
import unicodedata
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
import report_sample as sample
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from mlsec_lint.finding import (
    LEVELS,
    SEVERITIES,
    Finding,
    Related,
    Result,
    RuleInfo,
    Summary,
    Suppression,
    Verdict,
)
from mlsec_lint.report import FORMATS, render_as, safe
from mlsec_lint.report.snippet import Snippets, scrub
from mlsec_lint.source import Note, Source, Span
from mlsec_lint.value import Step

ACTING = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def acting(text):
    """Characters of a text that act or hide; line feeds are meant."""
    return {c for c in text if unicodedata.category(c) in ACTING or safe.clean(c) != c}


def test_the_table_covers_this_pythons_unicode():
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        if unicodedata.category(character) in ACTING:
            assert safe.clean(character) != character, hex(code)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31m", "\\x1b[31m"),
        ("a\r\nb\tc", "a\\r\\nb\\tc"),
        ("\u202eabc\u2066", "\\u202eabc\\u2066"),
        ("\x9b0m\x7f", "\\x9b0m\\x7f"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("\udc80", "\\udc80"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("重み 🧪 é", "重み 🧪 é"),
    ],
)
def test_clean(text, shown):
    assert safe.clean(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("::set-output name=x::y", "\\x3a:set-output name=x::y"),
        ("a\n  ::error::x", "a\n  \\x3a:error::x"),
        ("x ##[error]y", "x \\x23#[error]y"),
        ("##vso[task.setvariable]", "\\x23#vso[task.setvariable]"),
        ("a::b ## [c]", "a::b ## [c]"),
    ],
)
def test_log_commands(text, shown):
    assert safe.clean_log(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("@team #12", "@&#8203;team #&#8203;12"),
        ("<img src=x>", "&#60;img src=x&#62;"),
        ("[a](https://b)", "&#91;a&#93;(https:&#8203;//b)"),
        ("a|b`c`", "a&#124;b&#96;c&#96;"),
        ("plain (text), fine.", "plain (text), fine."),
    ],
)
def test_markdown(text, shown):
    assert safe.markdown(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a", "`a`"), ("a`b", "``a`b``"), ("`", "`` ` ``"), ("a|b", "`a\\|b`")],
)
def test_markdown_code(text, shown):
    assert safe.markdown_code(text) == shown


def test_github_escapes():
    assert safe.github_data("50% a\nb\r::x") == "50%25 a%0Ab\\r::x"
    assert safe.github_property("a:b,c\n") == "a%3Ab%2Cc\\n"


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a b/ü%.tf", "a%20b/%C3%BC%25.tf"),
        ("http://evil/x", "http%3A/evil/x"),
        ("/etc/passwd", "etc/passwd"),
        ("../../x", "x"),
        ("caf\udce9.tf", "caf%E9.tf"),
        ("\ud800", "%3F"),
        ("a?b#c", "a%3Fb%23c"),
        ("", "-"),
    ],
)
def test_uri(path, uri):
    assert safe.uri(path) == uri


# --- any text anywhere ------------------------------------------------------------

EVIL = [
    "\x1b[31m",
    "\x1b]8;;http://evil\x07",
    "\u202e",
    "\u2066",
    "\u200b",
    "\x9b",
    "\r\n",
    "\n::set-output name=a::b\n",
    "##[error]",
    "##vso[x]",
    "](1)",
    "`|",
    "<!--",
    "]]>",
    "&amp;",
    "{0}",
    '"results": []',
    "\ud800",
    "\ufffe",
    "\x00",
    "@me",
    "日本",
    "🧪",
    "\t",
    "\u0301",
]
TEXT = st.lists(
    st.one_of(
        st.sampled_from(EVIL),
        st.text(st.characters(exclude_categories=()), max_size=5),
        st.sampled_from([" ", "word ", "a" * 50]),
    ),
    max_size=6,
).map("".join)


@st.composite
def spans(draw):
    source = Source(draw(TEXT) or "x", draw(TEXT), bom=draw(st.booleans()))
    start = draw(st.integers(0, len(source.text)))
    end = draw(st.integers(start, len(source.text)))
    return Span(source, start, end)


RELATED = st.builds(Related, spans(), TEXT, TEXT)
FINDINGS = st.builds(
    Finding,
    rule=TEXT,
    title=TEXT,
    verdict=st.sampled_from(Verdict),
    severity=st.sampled_from(SEVERITIES),
    level=st.sampled_from(LEVELS),
    area=st.sampled_from(["weights", "egress"]),
    message=TEXT,
    span=spans(),
    subject=TEXT,
    fact=TEXT,
    fix=TEXT,
    why=TEXT,
    because=st.lists(RELATED, max_size=2).map(tuple),
    related=st.lists(RELATED, max_size=2).map(tuple),
    trail=st.lists(st.builds(Step, spans(), TEXT), max_size=2).map(tuple),
    values=st.lists(TEXT, max_size=2).map(tuple),
    settle=st.lists(TEXT, max_size=2).map(tuple),
    data_as_of=TEXT,
    suppression=st.none() | st.builds(Suppression, TEXT, TEXT, spans(), TEXT),
    path=st.none()
    | st.fixed_dictionaries(
        {"source": TEXT, "sink": TEXT, "hops": st.lists(TEXT, max_size=2)}
    ),
    steps=st.lists(RELATED, max_size=2).map(tuple),
    sensitive=st.booleans(),
)
NOTES = st.builds(
    Note, TEXT, TEXT, TEXT, st.none() | spans(), st.booleans(), st.booleans()
)
COUNTS = st.dictionaries(TEXT, st.integers(0, 3), max_size=2)
RESULTS = st.builds(
    Result,
    findings=st.lists(FINDINGS, max_size=3),
    notes=st.lists(NOTES, max_size=2),
    rules=st.lists(
        st.builds(
            RuleInfo,
            TEXT,
            TEXT,
            st.sampled_from(LEVELS),
            st.sampled_from(SEVERITIES),
            st.just("weights"),
            TEXT,
            TEXT,
            st.lists(TEXT, max_size=2).map(tuple),
        ),
        max_size=2,
    ).map(tuple),
    summary=st.builds(
        Summary,
        excluded=COUNTS,
        recognised=COUNTS,
        not_analysed=COUNTS,
        roots=COUNTS,
        things=COUNTS,
        settle=st.lists(st.tuples(TEXT, st.integers(0, 3)), max_size=2).map(tuple),
        weight_stores=st.lists(TEXT, max_size=2).map(tuple),
    ),
    incomplete=st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(RESULTS)
def test_nothing_acts_in_any_format(result):
    for name in FORMATS:
        text = render_as(name, result)
        assert acting(text) <= {"\n"}, name
        text.encode("utf-8")
        assert "##[" not in text, name
        assert text == render_as(name, result), name


def strings(node):
    if isinstance(node, dict):
        for key, value in node.items():
            yield key
            yield from strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from strings(value)
    elif isinstance(node, str):
        yield node


@settings(max_examples=60, deadline=None)
@given(RESULTS)
def test_parsed_reports_are_whole_and_safe(result):
    for name in ("json", "sarif", "gitlab"):
        for text in strings(json.loads(render_as(name, result))):
            assert acting(text) <= {"\n", "\t"}, name
    run = json.loads(render_as("sarif", result))["runs"][0]
    shown = [f for f in result.findings if f.verdict is not Verdict.PASS]
    assert len(run["results"]) == len(shown)
    for found in run["results"]:
        links = re.findall(r"\]\(([^)]*)\)", found["message"]["text"])
        assert links == [str(p["id"]) for p in found.get("relatedLocations", [])]
    root = ET.fromstring(render_as("junit", result))
    assert len(root.findall(".//testcase")) == int(root.attrib["tests"])


@settings(max_examples=60, deadline=None)
@given(RESULTS)
def test_lines_of_logs_are_our_own(result):
    lines = render_as("github", result).removesuffix("\n").split("\n")
    assert all(re.match(r"::(error|warning|notice) [^:]*::", line) for line in lines)
    counted = [f for f in result.findings if f.verdict is not Verdict.PASS]
    counted = [f for f in counted if f.suppression is None]
    notes = [n for n in result.notes if n.incomplete]
    assert len(lines) == len(counted) + len(notes) + 1
    for line in render_as("text", result, color=False).split("\n"):
        assert not line.lstrip().startswith("::")


@settings(max_examples=60, deadline=None)
@given(RESULTS, st.integers(20, 200))
def test_width_is_respected(result, width):
    for line in render_as("text", result, width=width).split("\n"):
        if "\\x23" not in line and "\\x3a" not in line:  # escapes of log commands
            assert cell_len(line) <= max(width, 40), line


@settings(max_examples=60, deadline=None)
@given(RESULTS)
def test_markdown_is_inert(result):
    text = render_as("markdown", result)
    outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", text)
    for own in ("<details>", "</details>", "<summary>", "</summary>"):
        outside = outside.replace(own, "")
    assert "<" not in outside
    assert "](" not in outside
    assert not re.search(r"@\w|://", outside)


# --- secrets ----------------------------------------------------------------------


def snippet(text, **slots):
    source = Source("x.yaml", text)
    finding = replace(sample.findings()[0], span=Span(source, 0, len(text)), **slots)
    result = Result([finding], [], (), Summary())
    return Snippets(result).text(source), result


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ('password = "hunter2"', "hunter2"),
        ("HF_TOKEN: abcdef", "abcdef"),
        ('{"apiKey": "abc def"}', "abc def"),
        ("args: [--hub_token=abc123xyz]", "abc123xyz"),
        ("- name: WANDB_API_KEY\n  value: 0123456789abcdef", "0123456789abcdef"),
        ('- name: "DB_PASSWORD"\n  value: "a b"', "a b"),
        ("x: AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"),
        ("run: curl -H hf_abcdefghijklmnopqrstuv", "hf_abcdefghijklmnopqrstuv"),
        ("k: |\n  -----BEGIN RSA PRIVATE KEY-----\n  MIIEabc\n", "MIIEabc"),
    ],
)
def test_what_looks_like_a_secret_is_masked(text, secret):
    masked, result = snippet(text)
    assert secret not in masked
    assert len(masked) == len(text)
    assert masked.count("\n") == text.count("\n")
    for name in FORMATS:
        assert secret not in render_as(name, result), name


@pytest.mark.parametrize(
    "text",
    [
        "token = var.hf_token",
        'token = "${var.hf_token}"',
        "tokenizer: gpt2",
        "max_tokens: 4096",
        "use_auth_token: true",
        "token = data.aws_secretsmanager_secret.x[0].arn",
        'secret: "arn:aws:secretsmanager:us-east-1:1:secret:x"',
        "- name: HF_TOKEN\n  valueFrom:\n    secretKeyRef:\n      name: hub",
        "password = random_password(x)",
        "token: {{ .Values.token }}",
    ],
)
def test_what_is_no_secret_is_shown(text):
    assert snippet(text)[0] == text


def test_a_sensitive_finding_masks_its_span_for_every_finding():
    text = "env: {KEY: xyzzy, MODE: online}\n"
    source = Source("x.yaml", text)
    at = text.index("xyzzy")
    one, two = sample.findings()[:2]
    result = Result(
        [
            replace(one, span=Span(source, at, at + 5), sensitive=True),
            replace(two, span=Span(source, text.index("MODE"), len(text) - 2)),
        ],
        [],
        (),
        Summary(),
    )
    for name in FORMATS:
        assert "xyzzy" not in render_as(name, result), name


def test_secrets_of_the_result_are_masked_too():
    text = "a: xyzzy\nb: 1\n"
    source = Source("x.yaml", text)
    finding = replace(sample.findings()[0], span=Span(source, 9, 13))
    result = Result([finding], [], (), Summary(), secrets=(Span(source, 3, 8),))
    for name in FORMATS:
        assert "xyzzy" not in render_as(name, result), name


def test_the_name_of_a_secret_is_shown():
    source = Source("x.tf", 'my_password = "hunter2"\n')
    finding = replace(
        sample.findings()[0], span=Span(source, 0, 23), sensitive=True, values=()
    )
    masked = Snippets(Result([finding], [], (), Summary())).text(source)
    assert masked == "my_password = *********\n"


def test_tokens_in_messages_are_scrubbed():
    assert scrub("pushes with hf_abcdefghijklmnopqrstuv") == "pushes with ***"
    finding = replace(sample.findings()[0], message="has ghp_" + "a1" * 20)
    for name in FORMATS:
        text = render_as(name, Result([finding], [], (), Summary()))
        assert "a1a1" not in text, name
