"""A rule with many findings is told in few lines; nothing is lost for programs."""

import json
from dataclasses import replace

import pytest

from mlsec_lint.finding import Finding, Result, Summary, Verdict
from mlsec_lint.report import FORMATS, render_as
from mlsec_lint.report.crowds import FULL, MOST, thinned
from mlsec_lint.source import Source, Span


def finding(number, rule="r-many", severity="medium", folder="jobs"):
    source = Source(f"{folder}/f{number:03}.yaml", "model: some/model\n")
    return Finding(
        rule=rule,
        title="A rule",
        level="SL2",
        severity=severity,
        area="integrity",
        verdict=Verdict.FAIL,
        message=f"message number {number}",
        span=Span(source, 0, 5),
        subject=f"job.{rule}.{number}",
        fact="pinned",
    )


def many(number, **slots):
    return [finding(n, **slots) for n in range(number)]


def result(findings):
    return Result(findings, [], (), Summary())


def test_a_rule_with_a_few_findings_is_told_in_full():
    findings = many(MOST)
    assert thinned(findings) == (findings, [])


def test_of_a_rule_with_many_the_first_are_told_and_the_others_counted():
    findings = many(MOST + 1)
    told, crowds = thinned(findings)
    assert told == findings[:FULL]
    assert [(c.rule, c.worst, list(c.findings)) for c in crowds] == [
        ("r-many", "medium", findings[FULL:])
    ]


def test_every_tells_all():
    findings = many(50)
    assert thinned(findings, every=True) == (findings, [])


def test_critical_findings_and_paths_are_never_only_counted():
    critical = many(30, rule="r-critical", severity="critical")
    walk = {"source": "s", "sink": "internet", "hops": (), "by": "network"}
    paths = [replace(f, path=walk) for f in many(30, rule="r-path")]
    told, crowds = thinned([*critical, *paths])
    assert (len(told), crowds) == (60, [])


def test_crowds_come_worst_first_then_the_largest():
    findings = [
        *many(20, rule="r-low", severity="low"),
        *many(20, rule="r-few", severity="high"),
        *many(40, rule="r-more", severity="high"),
    ]
    _, crowds = thinned(findings)
    assert [crowd.rule for crowd in crowds] == ["r-more", "r-few", "r-low"]


@pytest.mark.parametrize(
    ("files", "place"),
    [
        (["a/b/x.yaml", "a/c/y.yaml"], "2 files below a"),
        (["a/x.yaml", "b/y.yaml"], "2 files"),
        (["x.yaml", "b/y.yaml"], "2 files"),
        (["a/x.yaml", "a/x.yaml"], "a/x.yaml"),
    ],
)
def test_a_crowd_says_where_it_is(files, place):
    spans = [Span(Source(file, "x: y\n"), 0, 1) for file in files]
    findings = [
        replace(f, span=spans[n % len(spans)]) for n, f in enumerate(many(MOST + 2))
    ]
    _, (crowd,) = thinned(findings)
    assert crowd.place == place


def test_text_counts_what_it_does_not_tell():
    text = render_as("text", result(many(250)))
    assert text.count("medium[r-many]") == FULL
    assert "more of the same: 247 findings (--all tells each of them here" in text
    assert "+ and 247 more of r-many (medium) in 247 files below jobs" in text
    assert "250 findings (250 medium)" in text


def test_a_file_with_told_and_counted_findings_says_both():
    source = Source("one.yaml", "a: b\n")
    findings = [replace(f, span=Span(source, 0, 1)) for f in many(20)]
    text = render_as("text", result(findings))
    assert f"one.yaml: {FULL} findings, {20 - FULL} more counted below" in text


def test_undecided_checks_are_counted_alike():
    findings = [replace(f, verdict=Verdict.UNKNOWN) for f in many(15)]
    other = replace(finding(99, rule="r-other"), verdict=Verdict.UNKNOWN)
    text = render_as("text", result([*findings, other]))
    assert text.count("  ? SL2 r-many") == FULL
    assert "  + and 12 more of r-many (medium) in 12 files below jobs" in text
    assert "  ? SL2 r-other" in text


def test_markdown_has_one_row_for_a_crowd():
    text = render_as("markdown", result(many(250)))
    assert text.count("| medium | ") == FULL + 1
    assert "247 files below jobs | and 247 more of it |" in text


@pytest.mark.parametrize("name", ["text", "markdown"])
def test_all_tells_each(name):
    text = render_as(name, result(many(40)), every=True)
    assert all(f"message number {n}" in text for n in range(40))


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"text", "markdown", "github"}))
def test_programs_get_every_finding(name):
    text = render_as(name, result(many(250)))
    assert all(f"message number {n}" in text for n in range(250))


def test_the_json_report_counts_the_same_findings():
    report = json.loads(render_as("json", result(many(250))))
    assert len(report["findings"]) == 250
