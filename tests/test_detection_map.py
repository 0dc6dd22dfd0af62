"""The maps of topics name rules and facts that exist, and every difference a reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlsec_lint.estate import tables
from mlsec_lint.estate.facts import FACTS
from mlsec_lint.rules.read import read_policies

HERE = Path(__file__).resolve().parent / "detection"
FACT_NAMES = {name for facts in FACTS.values() for name in facts}


def document(name):
    return json.loads(HERE.joinpath(name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["map.json", "map_by_fact.json"])
def test_maps_name_rules_and_facts(name):
    policies, wrong = read_policies([tables.folder().parent])
    assert not wrong
    known = {rule.id for rule in policies.rules}

    for key, topics in document(name).items():
        rule, _, fact = key.partition("#")
        assert rule in known
        assert fact in {"", "*", *FACT_NAMES}
        assert topics
        assert len(set(topics)) == len(topics)


def test_every_difference_has_a_reason_and_is_explained():
    found = document("differences.json")
    page = HERE.parent.parent.joinpath("docs", "detection.md").read_text("utf-8")

    assert set(found["cases"].values()) <= set(found["reasons"])
    assert set(found["notes"]) <= set(found["cases"])
    for note in found["notes"].values():
        assert page.count(note)
    for reason in set(found["cases"].values()):
        assert f"### {reason}: {found['reasons'][reason]}" in page


def test_the_page_lists_every_covered_topic_with_its_rules():
    page = HERE.parent.parent.joinpath("docs", "detection.md").read_text("utf-8")
    covered, _, rest = page.partition("## Topics without a rule")
    rules: dict[str, set[str]] = {}
    for name in ("map.json", "map_by_fact.json"):
        for key, topics in document(name).items():
            for topic in topics:
                rules.setdefault(topic, set()).add(key.partition("#")[0])

    for topic, names in rules.items():
        assert f"\n| {topic} | {', '.join(sorted(names))} | " in covered
        assert f" {topic} (" not in rest.partition("## Every difference")[0]


def test_rules_get_the_fact_that_decided():
    from detection.by_fact import by_fact

    result = {"ruleId": "r", "ruleIndex": 1, "properties": {"fact": "a.b"}}
    other = {"ruleId": "s", "ruleIndex": 2, "properties": {}}

    report = by_fact({"runs": [{"results": [result, other]}]})

    first, second = report["runs"][0]["results"]
    assert first["ruleId"] == "r#a.b"
    assert "ruleIndex" not in first
    assert second == {"ruleId": "s", "ruleIndex": 2, "properties": {}}
