"""The tables behind AWS rights: managed policies and token issuers."""

from __future__ import annotations

import datetime as dt

import jsonschema
import pytest

from mlsec_lint.estate.tables import document, edition
from mlsec_lint.lower.aws.grants.actions import BY_SERVICE, STARTS, watched
from mlsec_lint.lower.aws.grants.clause import clause_of_json
from mlsec_lint.lower.aws.grants.decide import acts_on
from mlsec_lint.lower.aws.grants.issuers import (
    SCOPES,
    everyone_of,
    issuer_of,
    issuers,
    scope_of,
)
from mlsec_lint.lower.aws.grants.managed import TABLE, managed_clauses, managed_name
from mlsec_lint.lower.aws.grants.match import NO, hole

TEXTS = {
    "anyOf": [
        {"type": "string", "minLength": 1},
        {"type": "array", "items": {"type": "string"}, "minItems": 1},
    ]
}
STATEMENT = {
    "type": "object",
    "properties": {
        "Effect": {"const": "Deny"},
        "Action": TEXTS,
        "NotAction": TEXTS,
        "Resource": TEXTS,
        "NotResource": TEXTS,
        "Condition": {"type": "object"},
    },
    "additionalProperties": False,
    "oneOf": [{"required": ["Action"]}, {"required": ["NotAction"]}],
    "anyOf": [{"required": ["Resource"]}, {"required": ["NotResource"]}],
}
POLICIES = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "required": ["upd", "st"],
        "properties": {
            "upd": {"type": "string", "pattern": r"^20\d\d-\d\d-\d\d$"},
            "st": {"type": "array", "items": STATEMENT, "minItems": 1},
        },
        "additionalProperties": False,
    },
}
ISSUER = {
    "type": "object",
    "required": ["host", "platform", "sort", "shared"],
    "properties": {
        "host": {"type": "string", "minLength": 4},
        "platform": {"type": "string"},
        "sort": {"enum": ["ci", "cluster", "people", "other"]},
        "shared": {"type": "boolean"},
        "owner": {"type": "string"},
        "repository": {"type": "string"},
        "pull_request": {"type": "string"},
        "claims": {"enum": list(document("oidc_issuers.json")["claims"])},
    },
    "additionalProperties": False,
}


def test_managed_policies_are_valid_and_dated():
    table = document(TABLE)

    jsonschema.validate(table["policies"], POLICIES)
    assert len(table["policies"]) > 400
    assert edition(TABLE).as_of == table["as_of"]
    latest = max(row["upd"] for row in table["policies"].values())
    assert dt.date.fromisoformat(latest) <= dt.date.fromisoformat(table["as_of"])


def test_every_kept_statement_speaks_of_a_watched_action():
    for name, row in document(TABLE)["policies"].items():
        for statement in row["st"]:
            clause = clause_of_json(statement, name)
            assert any(acts_on(clause, action) is not NO for action in watched()), name


def test_no_policy_is_both_kept_and_quiet():
    table = document(TABLE)
    kept = {name.rpartition("/")[2] for name in table["policies"]}

    assert not kept & set(table["quiet"])
    assert len(set(table["quiet"])) == len(table["quiet"])


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        ("arn:aws:iam::aws:policy/AmazonS3FullAccess", "AmazonS3FullAccess"),
        ("arn:aws-cn:iam::aws:policy/service-role/X", "service-role/X"),
        ("arn:aws:iam::111122223333:policy/own", None),
        ("AmazonS3FullAccess", None),
    ],
)
def test_names_of_managed_policies(arn, name):
    assert managed_name(arn) == name


def test_unknown_names_are_doubts():
    assert managed_clauses("CloudWatchReadOnlyAccess") == ()
    assert managed_clauses("MadeUpTomorrow")[0].doubt
    assert managed_clauses(hole("var.name"))[0].doubt
    assert managed_clauses("AdministratorAccess")[0].actions == ("*",)


def test_actions_are_written_as_policies_write_them():
    for action in watched():
        service, _, name = action.partition(":")
        assert service, action
        assert name[:1].isupper(), action
    assert all(need.actions for needs in BY_SERVICE.values() for need in needs)
    assert all(service.endswith(".amazonaws.com") for service in STARTS)


def test_issuers_are_valid():
    jsonschema.validate(document("oidc_issuers.json")["issuers"], {"items": ISSUER})
    assert edition("oidc_issuers.json").max_age_days > 0
    assert all(row.repository for row in issuers() if row.sort == "ci")


GITHUB = "token.actions.githubusercontent.com"
H = hole("var.x")


@pytest.mark.parametrize(
    ("host", "pattern", "exact", "scope"),
    [
        (GITHUB, "repo:lab/models:ref:refs/heads/main", True, "subject"),
        (GITHUB, "workflow:release", True, "everyone"),
        (
            GITHUB,
            "workflow:release:repo:lab/models:ref:refs/heads/main",
            True,
            "subject",
        ),
        (GITHUB, "workflow:*:repo:lab/models:*", False, "repository"),
        (GITHUB, "environment:production", True, "everyone"),
        (GITHUB, "actor:maintainer", True, "everyone"),
        (GITHUB, "repository:lab/models:*", False, "repository"),
        (GITHUB, "repository:lab/*", False, "organisation"),
        (GITHUB, "repository:lab/models:pull_request", True, "pull-requests"),
        (GITHUB, "repository_id:12:ref:refs/heads/main", True, "subject"),
        (GITHUB, "repository_id:1*", False, "everyone"),
        (GITHUB, "repository_owner:lab:environment:production", True, "organisation"),
        (GITHUB, "repository_owner:lab*", False, "everyone"),
        (
            GITHUB,
            "job_workflow_ref:lab/ci/.github/workflows/a.yml@*",
            False,
            "repository",
        ),
        (GITHUB, "job_workflow_ref:lab/*", False, "organisation"),
        (GITHUB, "repo:lab@12/models@34:*", False, "repository"),
        (GITHUB, "repo:lab@12/*", False, "organisation"),
        (GITHUB, "invalid", True, "subject"),
        (GITHUB, "repo:lab/models:environment:prod", False, "subject"),
        (GITHUB, "repo:lab/models:*", False, "repository"),
        (GITHUB, "repo:lab/models:ref:refs/heads/*", False, "repository"),
        (GITHUB, "repo:lab/models*", False, "organisation"),
        (GITHUB, "repo:lab/*", False, "organisation"),
        (GITHUB, "repo:lab/*:ref:refs/heads/main", False, "organisation"),
        (GITHUB, "repo:lab*", False, "everyone"),
        (GITHUB, "repo:*", False, "everyone"),
        (GITHUB, "*", False, "everyone"),
        (GITHUB, "repo:lab/models:pull_request", True, "pull-requests"),
        (GITHUB, "*:pull_request", False, "everyone"),
        (
            GITHUB,
            "repo:lab/*",
            True,
            "subject",
        ),  # StringEquals: no repository is so called
        (GITHUB, f"repo:{H}:ref:refs/heads/main", True, None),
        (GITHUB, f"repo:lab/{H}:*", False, "repository"),
        (GITHUB, f"repo:lab/models:{H}", False, "repository"),
        (GITHUB, f"repo:{H}/*", False, "organisation"),
        (GITHUB, H, False, None),
        (
            "gitlab.com",
            "project_path:lab/models:ref_type:branch:ref:main",
            True,
            "subject",
        ),
        ("gitlab.com", "project_path:lab/models:*", False, "repository"),
        ("gitlab.com", "project_path:lab/*", False, "organisation"),
        ("gitlab.com", "*", False, "everyone"),
        ("gitlab.lab.example", "*", False, "organisation"),
        (
            "app.terraform.io",
            "organization:lab:project:p:workspace:w:run_phase:*",
            False,
            "repository",
        ),
        ("app.terraform.io", "organization:lab:*", False, "organisation"),
        ("oidc.circleci.com/org/1f", "org/1f/project/p/user/*", False, "repository"),
        ("oidc.circleci.com/org/1f", "*", False, "organisation"),
        ("agent.buildkite.com", "organization:lab:pipeline:p:*", False, "repository"),
        ("agent.buildkite.com", "organization:lab:*", False, "organisation"),
    ],
)
def test_how_much_a_subject_takes_in(host, pattern, exact, scope):
    issuer = issuer_of(host)
    assert issuer is not None

    assert scope_of(issuer, [pattern], exact=exact) == scope


def test_the_widest_pattern_counts():
    issuer = issuer_of(GITHUB)
    patterns = ["repo:lab/models:ref:refs/heads/main", "repo:lab/*"]

    assert scope_of(issuer, patterns, exact=False) == "organisation"
    assert scope_of(issuer, [*patterns, H], exact=False) == "organisation"


def test_an_issuer_without_a_subject():
    assert everyone_of(issuer_of(GITHUB)) == "everyone"
    assert everyone_of(issuer_of("oidc.circleci.com/org/1f")) == "organisation"
    assert issuer_of("https://gitlab.com/") == issuer_of("gitlab.com")
    assert issuer_of("sts.somebody.example") is None
    assert SCOPES[-1] == "everyone"
