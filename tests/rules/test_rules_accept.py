"""Inline ignores and exceptions: with a reason, in time, and of use."""

from __future__ import annotations

from datetime import date

import pytest
from rule_estates import Yard, baseline, policies, requiring

from mlsec_lint.estate import Estate, Thing
from mlsec_lint.rules.config import read_config
from mlsec_lint.rules.decide import decide
from mlsec_lint.rules.ignore import find_ignores
from mlsec_lint.source import Source, Span

RULE = requiring("versioning.enabled: true")
OTHER = requiring("public.acl: false")
RULES = policies(RULE)
TODAY = date(2026, 11, 24)


def run(text: str, *, path="main.tf", config="", today=TODAY, rules=RULES):
    """Judge a store whose header has `bucket` on its line and its fault `off`."""
    source = Source(path, text)
    estate = Estate()
    at = text.index("bucket")
    off = text.index("off")
    store = estate.add(Thing("store", "bucket.w", "w", Span(source, at, at + 6)))
    store.state("versioning.enabled", False, Span(source, off, off + 3))
    settings, errors = read_config(Source(".mlsec-lint.yaml", config))
    assert errors == []
    result, notes = decide(rules, baseline(), settings, estate, [source], today)
    (found,) = result.findings
    return found.suppression, [note.kind for note in notes]


@pytest.mark.parametrize(
    "text",
    [
        "bucket {\n  v = off # mlsec: ignore a-rule a demo\n}\n",
        "bucket {\n  v = off // mlsec: ignore a-rule a demo\n}\n",
        "bucket {\n  v = off /* mlsec: ignore a-rule a demo */\n}\n",
        "bucket {\n  v = off #mlsec:ignore a-rule a demo\n}\n",
        "bucket {\n  # mlsec: ignore a-rule a demo\n  v = off\n}\n",
        "bucket {\n  # mlsec: ignore a-rule a demo\n  # more words\n  v = off\n}\n",
        "bucket { # mlsec: ignore a-rule a demo\n  x = 1\n  v = off\n}\n",
        "# mlsec: ignore a-rule a demo\nbucket {\n  x = 1\n  v = off\n}\n",
        "bucket {\n  v = off # mlsec: ignore a-rule: a demo\n}\n",
        "bucket {\n  v = off # mlsec: ignore a-rule until=2026-11-24 a demo\n}\n",
        "bucket {\n  v = off # mlsec: ignore a-rule a demo until=2027-01-01\n}\n",
        "bucket {\r\n  v = off # mlsec: ignore a-rule a demo\r\n}\r\n",
    ],
)
def test_an_ignore_with_a_reason(text):
    suppression, notes = run(text)
    assert suppression is not None
    assert suppression.kind == "inSource"
    assert suppression.reason == "a demo"
    assert suppression.span.text.startswith("mlsec:")
    assert notes == []


@pytest.mark.parametrize(
    ("comment", "kind"),
    [
        ("# mlsec: ignore a-rule", "ignore-without-reason"),
        ("# mlsec: ignore a-rule until=2027-01-01", "ignore-without-reason"),
        ("# mlsec: ignore", "ignore-unknown-rule"),
        ("# mlsec: ignore because I say so", "ignore-unknown-rule"),
        ("# mlsec: ignore a-ruel a demo", "ignore-unknown-rule"),
        ("# mlsec: ignore a-rule until=2026-11-23 a demo", "ignore-expired"),
        ("# mlsec: ignore a-rule until=tomorrow a demo", "ignore-malformed"),
        ("# mlsec: ignore a-rule until=2026-13-01 a demo", "ignore-malformed"),
    ],
)
def test_an_ignore_that_does_not_count(comment, kind):
    suppression, notes = run(f"bucket {{\n  v = off {comment}\n}}\n")
    assert suppression is None
    assert notes == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "bucket {\n  v = off\n  w = 1 # mlsec: ignore a-rule a demo\n}\n",
        "bucket {\n  # mlsec: ignore a-rule a demo\n\n  v = off\n}\n",
    ],
)
def test_an_ignore_of_no_use(text):
    suppression, notes = run(text)
    assert suppression is None
    assert notes == ["ignore-unused"]


@pytest.mark.parametrize(
    "text",
    [
        'bucket {\n  v = off\n  w = "mlsec: ignore a-rule a demo"\n}\n',
        "bucket {\n  v = off # mlsec: ignored a-rule a demo\n}\n",
        "bucket {\n  v = off # see docs: mlsec: ignore a-rule a demo\n}\n",
    ],
)
def test_words_that_are_no_ignore(text):
    assert run(text) == (None, [])


def test_json_has_no_comments():
    text = "bucket {\n  v = off # mlsec: ignore a-rule a demo\n}\n"
    assert run(text, path="main.tf.json") == (None, [])


def test_an_ignore_for_a_rule_that_was_not_judged_is_not_called_unused():
    other = find_ignores(Source("x.tf", "# mlsec: ignore a-rule why\n"), RULES)
    assert other[0][0].rules == ("a-rule",)
    yard = Yard()
    source = Source("x.tf", "# mlsec: ignore a-rule why\nx\n")
    settings, _ = read_config(Source("c", ""))
    held = baseline(level="SL1")
    _, notes = decide(RULES, held, settings, yard.estate, [source], TODAY)
    assert notes == []


def test_two_rules_in_one_ignore():
    other = OTHER.__class__(
        **{
            name: getattr(OTHER, name)
            for name in OTHER.__dataclass_fields__
            if name != "id"
        },
        id="b-rule",
    )
    both = policies(RULE, other)
    ((ignore,), notes) = find_ignores(
        Source("x.tf", "x # mlsec: ignore a-rule, b-rule both, truly\n"), both
    )
    assert ignore.rules == ("a-rule", "b-rule")
    assert ignore.reason == "both, truly"
    assert notes == []


def test_many_marks_on_one_long_line_are_quick():
    text = "x # " + "mlsec: " * 100_000 + "\n"
    assert find_ignores(Source("x.tf", text), RULES) == ([], [])


EXCEPTION = """
exceptions:
  - rule: {rule}
    address: "{address}"
    reason: ticket 7
    owner: platform
    until: {until}
"""
TEXT = "bucket {\n  v = off\n}\n"


def exception(rule="a-rule", address="bucket.*", until="2027-01-01"):
    return EXCEPTION.format(rule=rule, address=address, until=until)


def test_an_exception():
    suppression, notes = run(TEXT, config=exception())
    assert suppression is not None
    assert (suppression.kind, suppression.until) == ("external", "2027-01-01")
    assert suppression.reason == "ticket 7 (owner: platform)"
    assert suppression.span.path == ".mlsec-lint.yaml"
    assert notes == []


@pytest.mark.parametrize(
    ("config", "kind"),
    [
        (exception(until="2026-11-23"), "exception-expired"),
        (exception(address="other.*"), "exception-unused"),
        (exception(rule="a-ruel"), "exception-unknown-rule"),
    ],
)
def test_an_exception_that_does_not_count(config, kind):
    assert run(TEXT, config=config) == (None, [kind])


def test_an_ignore_at_one_header_hides_no_other_subject():
    text = "region off\nbucket a # mlsec: ignore a-rule a demo\nbucket b\n"
    source = Source("main.tf", text)
    estate = Estate()
    shared = Span(source, 7, 10)
    for name in ("bucket a", "bucket b"):
        at = text.index(name)
        store = estate.add(Thing("store", name, name, Span(source, at, at + 8)))
        store.state("versioning.enabled", False, shared)
    settings, _ = read_config(Source("c", ""))
    result, notes = decide(RULES, baseline(), settings, estate, [source], TODAY)
    assert notes == []
    assert [(f.subject, bool(f.suppression)) for f in result.findings] == [
        ("bucket a", True),
        ("bucket b", False),
    ]
