"""The strict reader: what it takes, and where each error stands."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from rule_estates import HEAD, TAIL, rule, rule_text

from mlsec_lint.rules.check import check_schema
from mlsec_lint.rules.grammar import (
    AllOf,
    AnyOf,
    AtLeast,
    Each,
    FactTest,
    Find,
    HopTest,
    Inside,
    Is,
    Matches,
    Not,
    OneOf,
    Outside,
    Some,
    Subject,
    list_names,
)
from mlsec_lint.rules.read import read_policies, read_rule
from mlsec_lint.rules.strict import Strict
from mlsec_lint.source import Source

POLICIES = Path(__file__).resolve().parents[2] / "policies"
GOOD = "for each: weight store\nrequire:\n  - public.blocked: true\n"


def errors_of(text: str) -> list[str]:
    found, errors = read_rule(Source("policies/x/rule.yaml", text))
    assert (found is None) == bool(errors)
    return [str(error) for error in errors]


def test_a_whole_rule():
    found = rule(
        """
        for each: [weight store, weight key]
        where:
          - weights.evidence: {not: named}
        require:
          - place.countries: {inside: allowed-countries}
          - any of:
              - place.region: {one of: [NO, on, 007]}
              - all of:
                  - place.region: {matches: "^us-"}
                  - place.determined: true
          - place.countries: {outside: [CN, "HK"]}
        unknown: U4
        references: NIST SA-9
        formerly: [old-name]
        supersedes: [CKV_X_1]
        """,
        tail=TAIL.replace("{thing} is", "{thing} lies in {thing.place.countries}, is"),
    )
    assert found.subjects == (Subject("store", True), Subject("key", True))
    assert found.where == (FactTest("weights.evidence", Not(Is("named"))),)
    inside, either, outside = found.require
    assert inside == FactTest("place.countries", Inside("allowed-countries"))
    assert outside == FactTest("place.countries", Outside(("CN", "HK")))
    assert isinstance(either, AnyOf)
    assert either.conditions[0] == FactTest("place.region", OneOf(("NO", "on", "007")))
    assert either.conditions[1] == AllOf(
        (
            FactTest("place.region", Matches("^us-")),
            FactTest("place.determined", Is(value=True)),
        )
    )
    assert list(list_names(found)) == ["allowed-countries"]
    assert (found.unknown, found.references) == ("U4", ("NIST SA-9",))
    assert (found.formerly, found.supersedes) == (("old-name",), ("CKV_X_1",))


def test_relations():
    found = rule(
        """
        for each: workload
        require:
          - each has container:
              - privileged: false
          - some runs as identity:
              - public.principal: false
        """
    )
    assert found.require == (
        Each("has", "container", (FactTest("privileged", Is(value=False)),)),
        Some("runs as", "identity", (FactTest("public.principal", Is(value=False)),)),
    )


def test_numbers_are_for_number_facts():
    text = rule_text("for each: store\nrequire:\n  - type: {at least: 3}\n")
    assert errors_of(text) == [
        "policies/x/rule.yaml:7:12: `at least` is for number; 'type' is text"
    ]
    assert AtLeast(3) != AtLeast(4)


def changed(old: str, new: str) -> str:
    text = rule_text(GOOD)
    assert old in text
    return text.replace(old, new, 1)


PATHS = """\
find path:
  from: weight store
  to: {sink: account, outside: lab-accounts}
  by: backup
unless:
  - hop.gateway.stores.limited: true
"""
PATHS_END = """\
say: "{store} goes to {sink} by {last}"
fix: Close it.
why: It matters.
"""


def path_rule(old: str = "", new: str = "") -> str:
    """A rule about paths: six lines of head and paths, then the end."""
    text = rule_text(PATHS, head=HEAD, tail=PATHS_END)
    assert old in text
    return text.replace(old, new, 1)


def test_a_rule_about_paths():
    assert errors_of(path_rule()) == []
    found, _ = read_rule(Source("policies/x/rule.yaml", path_rule()))
    assert found is not None
    test = FactTest("stores.limited", Is(value=True))
    assert found.find == Find(
        "store", True, ("account",), Outside("lab-accounts"), ("backup",)
    )
    assert found.unless == (HopTest("gateway", test),)
    assert found.subjects == ()
    assert list(list_names(found)) == ["lab-accounts"]


ERRORS = [
    (changed("title:", "titel:"), "2:1: no such key 'titel'; did you mean 'title'?"),
    (changed("title:", "titel:"), "1:1: a rule needs 'title'"),
    (changed("id: a-rule\n", ""), "1:1: a rule needs 'id'"),
    (changed("a-rule", "A Rule"), "1:5: an id is lower-case words and -, not 'A Rule'"),
    (changed("SL2", "SL7"), "3:8: `level` cannot be 'SL7'"),
    (changed("high", "hihg"), "4:11: `severity` cannot be 'hihg'; did you mean 'high'?"),
    (changed("weight store", "weight stoer"), "5:11: no such kind of thing 'stoer'; did you mean 'store'?"),
    (changed("weight store", "[]"), "5:11: `for each` names no kind"),
    (changed("weight store", "[store, weight store]"), "5:19: 'store' is chosen twice"),
    (changed("public.blocked", "public.bloked"), "7:5: a store has no fact 'public.bloked'; did you mean 'public.blocked'?"),
    (changed("store", "key"), "7:5: a key has no fact 'public.blocked'"),
    (changed(": true", ": yes"), "7:21: `public.blocked` cannot be 'yes'; one of true, false"),
    (changed(": true", ": [true]"), "7:21: `public.blocked` must be text"),
    (changed("public.blocked: true", "type: bucket"), "7:11: `type` cannot be 'bucket'"),
    (changed("public.blocked: true", "place.countries: US"), "7:22: `place.countries` is a set: use `inside` or `outside`"),
    (changed("public.blocked: true", "place.countries: {one of: [US]}"), "7:23: `one of` is for text or number or bool; 'place.countries' is texts"),
    (changed(": true", ": {isnt: true}"), "7:22: no such test 'isnt'"),
    (changed(": true", ": {not: true, one of: [true]}"), "7:21: a test has one key"),
    (changed(": true", ": {not: maybe}"), "7:27: `public.blocked` cannot be 'maybe'"),
    (changed("public.blocked: true", "type: {one of: []}"), "7:20: `one of` is empty"),
    (changed("public.blocked: true", "place.region: {matches: '('}"), "7:29: not an RE2 expression"),
    (changed("public.blocked: true", "place.region: {matches: '(?=a)'}"), "7:29: not an RE2 expression"),
    (changed("public.blocked: true", "type: {outside: [host]}"), "7:22: `outside` cannot be 'host'"),
    (changed("  - public.blocked: true", "  []"), "7:3: `require` is empty"),
    (changed("  - public.blocked: true", "  public.blocked: true"), "7:3: `require` must be a list"),
    (changed("  - public.blocked: true", "  - public.blocked"), "7:5: a condition must be a mapping"),
    (changed(": true", ": true\n    public.acl: false"), "8:5: one condition per list item, with `-`"),
    (changed("- public.blocked: true", "- any of: []"), "7:13: `any of` is empty"),
    (changed("- public.blocked: true", "- each has container: []"), "7:5: `has` (consists of) leads from workload to container, not from 'store'"),
    (changed("- public.blocked: true", "- each holds key: []"), "7:5: no such verb 'holds'"),
    (changed("- public.blocked: true", "- each key: []"), "7:5: `each VERB KIND`, not 'each key'"),
    (changed("- public.blocked: true", "- some is encrypted with store: []"), "7:5: `is encrypted with` (its bytes are sealed with) leads from store or copy to key, not to 'store'"),
    (changed("{thing} is not", "{stoer} is not"), "8:6: nothing named 'stoer' here; did you mean 'store'?"),
    (changed("{thing} is not", "{store.public.blokked}"), "8:6: a store has no fact 'public.blokked'; did you mean 'public.blocked'?"),
    (changed("{thing} is not", "{thing"), "8:6: braces only around {thing} or {thing.fact}"),
    (changed('"{thing} is not"', "{public.blokked: x}"), "8:7: no fact 'public.blokked' is judged here; did you mean 'public.blocked'?"),
    (changed("fix: Make it so.", "fix:"), "9:5: `fix` must be text"),
    (changed("fix: Make it so.", "fix: x\nfix: y"), "10:1: the key 'fix' is already on line 9"),
    (changed("fix: Make it so.", "fix: !x y"), "9:6: tags are not read here: !x"),
    (changed("fix: Make it so.", "fix: &a y\nreferences: [*a]"), "aliases are not read here"),
    (changed("require:", "find path:\n  from: x\nrequire:"), "`find path` needs 'to'"),
    (changed("require:", "unless:\n  - hop.store.type: object\nrequire:"), "`unless`: needs `find path`"),
    (path_rule("from: weight store", "from: store"), "6:9: `from` cannot be 'store'; one of weight store"),
    (path_rule("sink: account", "sink: acount"), "7:14: `sink` cannot be 'acount'; did you mean 'account'?"),
    (path_rule("sink: account", "sink: internet"), "7:33: the sink 'internet' has no name to test"),
    (path_rule("sink: account", "sink: [account, account]"), "'account' is named twice"),
    (path_rule("sink: account", "sink: []"), "7:14: `sink` is empty"),
    (path_rule("outside: lab-accounts", "outside: a, inside: b"), "`inside` or `outside`, not both"),
    (path_rule("by: backup", "by: bakcup"), "8:7: `by` cannot be 'bakcup'; did you mean 'backup'?"),
    (path_rule("hop.gateway.stores.limited", "hop.gateway.stores.limit"), "10:5: a gateway has no fact 'stores.limit'; did you mean 'stores.limited'?"),
    (path_rule("hop.gateway.stores.limited", "hop.gatway.stores.limited"), "no such kind of thing 'gatway'; did you mean 'gateway'?"),
    (path_rule("hop.gateway.stores.limited", "gateway.stores.limited"), "10:5: `hop.KIND.FACT`, not 'gateway.stores.limited'"),
    (path_rule("{store} goes", "{sotre} goes"), "nothing named 'sotre' here; did you mean 'store'?"),
    (path_rule("{store} goes", "{sink.type} goes"), "'sink' of a path has no facts"),
    (path_rule("unless:", "require:\n  - public.acl: true\nunless:"), "`require`: `find path` takes the place of it"),
    (changed("title:", "\ttitle:"), "not YAML"),
    ("", "1:1: a rule must be a mapping"),
    ("- a\n", "1:1: a rule must be a mapping"),
    ("[" * 200_000, "nested more than 60 deep"),
    ("- " * 200_000, "nested more than 60 deep"),
    ("a: " + "[" * 70 + "]" * 70, "nested more than 60 deep"),
    ("x" * 1_000_001, "longer than 1000000 characters"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), ERRORS, ids=[e for _, e in ERRORS])
def test_error(text, expected):
    errors = errors_of(text)
    assert any(expected in error for error in errors), errors
    assert all(error.startswith("policies/x/rule.yaml:") for error in errors)


def test_all_errors_are_collected():
    text = changed("high", "hihg").replace("SL2", "SL9").replace("blocked", "bloked")
    assert len(errors_of(text)) == 3


#: Errors that need the tables of facts, or more than a schema can say of a string.
ONLY_THE_READER = (
    "is already on line",
    "tags are not read",
    "aliases are not",
    "not YAML",
    "nested more",
    "longer than",
    "did you mean 'store'",
    "has no fact",
    "no fact 'public",
    "no such verb",
    "is chosen twice",
    "leads from",
    "`type` cannot",
    "is a set",
    "is for text",
    "`outside` cannot",
    "not an RE2",
    "`public.blocked` cannot be",
    "1:1: a rule must be a mapping",
    "has no name to test",
    "no such kind of thing 'gatway'",
)


def test_the_schema_knows_all_ways_and_sinks():
    from mlsec_lint.estate.walks import SINKS, WAYS

    schema = json.loads((POLICIES / "rule.schema.json").read_text(encoding="utf-8"))
    assert schema["$defs"]["way"]["enum"] == list(WAYS)
    assert schema["$defs"]["sink"]["enum"] == list(SINKS)


FOR_BOTH = [
    (text, expected)
    for text, expected in ERRORS
    if not any(words in expected for words in ONLY_THE_READER)
]


@pytest.mark.parametrize(("text", "expected"), FOR_BOTH, ids=[e for _, e in FOR_BOTH])
def test_schema_and_reader_refuse_the_same(text, expected, tmp_path):
    path = tmp_path / "rule.yaml"
    path.write_text(text, encoding="utf-8")
    assert check_schema(path, "rule"), expected


def test_schema_takes_what_the_reader_takes(tmp_path):
    path = tmp_path / "rule.yaml"
    path.write_text(rule_text(GOOD), encoding="utf-8")
    assert errors_of(rule_text(GOOD)) == []
    assert check_schema(path, "rule") == []


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name / "rule.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")


def test_folders(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    write(one, "weights/a-rule", rule_text(GOOD))
    write(one, "egress/b-rule", rule_text(GOOD).replace("a-rule", "b-rule"))
    write(two, "c-rule", rule_text(GOOD).replace("a-rule", "c-rule"))
    found, errors = read_policies([one, two])
    assert errors == []
    assert [(r.area, r.id) for r in found.rules] == [
        ("egress", "b-rule"),
        ("two", "c-rule"),
        ("weights", "a-rule"),
    ]


def test_ids_are_taken_once(tmp_path):
    write(tmp_path / "p", "weights/a-rule", rule_text(GOOD))
    write(tmp_path / "q", "weights/a-rule", rule_text(GOOD))
    _, errors = read_policies([tmp_path / "p", tmp_path / "q"])
    assert errors[0].text.startswith("the id 'a-rule' is taken by")


def test_former_ids_are_nobody_elses(tmp_path):
    write(tmp_path, "weights/a-rule", rule_text(GOOD))
    other = rule_text(GOOD).replace("a-rule", "b-rule") + "formerly: [a-rule]\n"
    write(tmp_path, "weights/b-rule", other)
    _, errors = read_policies([tmp_path])
    assert ["former id 'a-rule'" in e.text for e in errors] == [True]


def test_the_folder_is_named_after_the_rule(tmp_path):
    write(tmp_path, "weights/b-rule", rule_text(GOOD))
    _, errors = read_policies([tmp_path])
    assert errors[0].text == "the rule's folder must be named 'a-rule'"


def test_an_empty_or_missing_folder_is_an_error(tmp_path):
    assert read_policies([tmp_path])[1]
    assert read_policies([tmp_path / "no"])[1]


def test_a_file_that_is_no_text_is_an_error(tmp_path):
    path = tmp_path / "weights" / "a-rule" / "rule.yaml"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\xff\xfe\x00")
    assert "cannot be read" in read_policies([tmp_path])[1][0].text


def test_a_byte_order_mark_moves_nothing(tmp_path):
    path = tmp_path / "weights" / "a-rule" / "rule.yaml"
    path.parent.mkdir(parents=True)
    text = rule_text(GOOD).replace("id:", "ib:")
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    errors = read_policies([tmp_path])[1]
    assert (errors[0].line, errors[0].column) == (1, 1)


def test_columns_count_code_points():
    strict = Strict(Source("x", "a: 😀é\nb: c\n"))
    node = strict.document()
    values = strict.mapping(node, "x", ("a",))
    assert strict.span(values["a"]).text == "😀é"
    assert [(e.line, e.column) for e in strict.errors] == [(2, 1)]


def test_forty_rules_are_read_quickly():
    text = rule_text(GOOD)
    start = time.perf_counter()
    for _ in range(40):
        read_rule(Source("rule.yaml", text))
    assert time.perf_counter() - start < 0.5


def test_head_is_complete():
    assert HEAD.count("\n") == 4
