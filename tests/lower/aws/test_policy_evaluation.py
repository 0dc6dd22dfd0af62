"""AWS's evaluation of policies: cases of its documentation, and what must always hold."""

from __future__ import annotations

import pytest
from evaluation_cases import CASES, GET, HOME, OBJECT, ROLE, allow, deny
from hypothesis import given, settings
from hypothesis import strategies as st

from mlsec_lint.lower.aws.grants.clause import clauses_of_json
from mlsec_lint.lower.aws.grants.conditions import Known
from mlsec_lint.lower.aws.grants.decide import Policies, Principal, Request, decide
from mlsec_lint.lower.aws.grants.match import hole


def clauses(statements):
    if statements is None:
        return None
    return clauses_of_json({"Statement": list(statements)})


def answer(case):
    kind, name = case.get("principal", ("AWS", ROLE))
    account = name.split(":")[4] if name.startswith("arn:") else ""
    request = Request(
        Principal(kind, name, account, case.get("names", ())),
        case.get("action", GET),
        case.get("on", OBJECT),
        HOME,
        Known(case.get("known", {})),
    )
    policies = Policies(
        clauses(case.get("identity", ())),
        clauses(case.get("resource")),
        clauses(case.get("boundary")),
        clauses(case.get("session")),
        clauses(case.get("endpoint")),
        tuple(clauses(level) for level in case.get("scps", ())),
        tuple(clauses(level) for level in case.get("rcps", ())),
    )
    return decide(request, policies, case.get("rule", "union"))


@pytest.mark.parametrize(
    ("page", "expected", "case"),
    [pytest.param(page, want, case, id=name) for name, page, want, case in CASES],
)
def test_as_documented(page, expected, case):
    assert page
    assert answer(case).answer.name.lower() == expected


def test_the_table_is_as_long_as_promised_and_names_no_case_twice():
    names = [name for name, *_ in CASES]

    assert len(set(names)) == len(names) >= 80


def test_the_deciding_statement_is_told():
    found = answer({"identity": [allow("s3:PutObject"), allow(Sid="Reads")]})

    assert found.clause.name == "Reads"


def test_a_deny_that_decides_is_told():
    found = answer({"identity": [allow(), deny(Sid="Stops")]})

    assert found.clause.name == "Stops"


RANK = {"no": 0, "maybe": 1, "yes": 2}
ACTIONS = st.sampled_from([GET, "s3:*", "*", "s3:Put*", "ec2:*", hole("var.actions")])
RESOURCES = st.sampled_from(
    [OBJECT, "*", "arn:aws:s3:::weights/*", "arn:aws:s3:::other/*", hole("var.arn")]
)
CONDITIONS = st.sampled_from(
    [
        {},
        {"StringEquals": {"aws:PrincipalAccount": HOME}},
        {"StringNotEquals": {"aws:PrincipalAccount": HOME}},
        {"StringEquals": {"aws:SourceVpce": "vpce-1"}},
        {"StringEquals": {"aws:PrincipalTag/a": hole("var.a")}},
        {"Bool": {"aws:SecureTransport": "false"}},
    ]
)
STATEMENTS = st.builds(
    lambda effect, action, resource, condition: {
        "Effect": effect,
        "Action": action,
        "Resource": resource,
        "Condition": condition,
    },
    st.sampled_from(["Allow", "Deny"]),
    ACTIONS,
    RESOURCES,
    CONDITIONS,
)
MANY = st.lists(STATEMENTS, max_size=4)
KNOWN = {"aws:principalaccount": (HOME,), "aws:securetransport": ("true",)}


def rank(identity, boundary=None, resource=None):
    named = None
    if resource is not None:
        named = [{**one, "Principal": {"AWS": ROLE}} for one in resource]
    case = {
        "identity": identity,
        "boundary": boundary,
        "resource": named,
        "known": KNOWN,
    }
    return RANK[answer(case).answer.name.lower()]


@settings(max_examples=200, deadline=None)
@given(MANY, st.none() | MANY, st.none() | MANY, STATEMENTS)
def test_an_allow_more_never_takes_a_right_away(identity, boundary, resource, more):
    more = {**more, "Effect": "Allow"}

    assert rank([*identity, more], boundary, resource) >= rank(
        identity, boundary, resource
    )


@settings(max_examples=200, deadline=None)
@given(MANY, st.none() | MANY, st.none() | MANY, STATEMENTS)
def test_a_deny_more_never_gives_a_right(identity, boundary, resource, more):
    more = {**more, "Effect": "Deny"}

    assert rank([*identity, more], boundary, resource) <= rank(
        identity, boundary, resource
    )


@settings(max_examples=300, deadline=None)
@given(MANY, st.none() | MANY, st.data())
def test_hiding_a_value_never_takes_a_right_away(identity, boundary, data):
    before = rank(identity, boundary)
    everything = [*identity, *(boundary or ())]
    if not everything:
        return
    number = data.draw(st.integers(0, len(everything) - 1))
    part = data.draw(st.sampled_from(["Action", "Resource", "Condition"]))
    hidden = hole("var.hidden")
    value = {"StringEquals": {hidden: hidden}} if part == "Condition" else hidden
    if part == "Condition" and not everything[number]["Condition"]:
        return
    everything[number] = {**everything[number], part: value}
    cut = len(identity)
    after = rank(everything[:cut], None if boundary is None else everything[cut:])

    assert after > 0 or before == 0
