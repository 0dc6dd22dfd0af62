"""Everything that Terraform 1.11.4 and the AWS provider answered, compared."""

from __future__ import annotations

from collections import defaultdict

import aws_oracle
import oracle
import pytest

from mlsec_lint.discovery import discover
from mlsec_lint.terraform import evaluate_root
from mlsec_lint.terraform.forms import resources_json
from mlsec_lint.terraform.plan import read_plan

GROUPS = defaultdict(list)
for case in oracle.expressions():
    GROUPS[case["group"]].append(case)


@pytest.mark.parametrize("group", sorted(GROUPS))
def test_expressions(group):
    outcomes = [oracle.judge_expression(case) for case in GROUPS[group]]
    assert [o for o in outcomes if o.verdict == "wrong"] == []


@pytest.mark.parametrize("folder", oracle.modules(), ids=lambda path: path.name)
def test_modules(folder):
    outcomes = oracle.judge_module(folder)
    assert [o for o in outcomes if o.verdict == "wrong"] == []


@pytest.mark.parametrize("folder", oracle.aws_cases(), ids=lambda path: path.name)
def test_aws(folder):
    outcomes = oracle.judge_aws(folder)
    assert [o for o in outcomes if o.verdict == "wrong"] == []


PLANS = sorted(oracle.ORACLE.glob("aws/*/plan.json"))


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.parent.name)
@pytest.mark.parametrize("with_configuration", [False, True])
def test_plan_files(path, with_configuration):
    tree = discover(str(path.parent / "config"), use_git=False)
    root = read_plan(path.read_text(), tree if with_configuration else None)
    expected = oracle.read(path.parent / "expected.json")
    schema = oracle.read(oracle.ORACLE / "aws/schema.json")
    assert list(aws_oracle.differences(expected, resources_json(root), schema)) == []
    assert root.notes == []


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.parent.name)
def test_a_plan_and_its_configuration_give_the_same_resources(path):
    folder = path.parent / "config"
    planned = read_plan(path.read_text(), discover(str(folder), use_git=False))
    written = evaluate_root(str(folder)).root
    places = {r.address: (r.span.path, r.span.line) for r in written.resources}
    assert {r.address: (r.span.path, r.span.line) for r in planned.resources} == places
    for resource in planned.resources:
        theirs = next(r for r in written.resources if r.address == resource.address)
        for name, value in theirs.values.items():
            ours = resource.values.get(name)
            assert ours is not None, (resource.address, name)
            if value.key is not None:
                assert ours.key.sort_key() == value.key.sort_key()


def test_the_comparison_itself_sees_a_changed_value():
    case = next(
        c for c in oracle.expressions() if c["expr"] == "1 + 2" or "expected" in c
    )
    got = {**case["expected"], "value": "something else"}
    assert oracle.compare(case["expected"], got)[0] == "wrong"


def test_the_comparison_sees_less_knowledge_and_allows_more():
    known = {"value": {"a": 1}, "unknown": {}, "sensitive": {}}
    partly = {"value": {}, "unknown": {"a": True}, "sensitive": {}}
    assert oracle.compare(known, partly)[0] == "wrong"
    assert oracle.compare(partly, known)[0] == "precise"
