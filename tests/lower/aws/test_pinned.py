"""Statements for everyone that their conditions limit to accounts, and canonical users."""

from __future__ import annotations

from textwrap import dedent

import pytest

from mlsec_lint import scan

OWN, PARTNER = "111122223333", "444455556666"
CANONICAL = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"


def paths(folder, statement, known=True):
    allowed = f'allowed_account_ids = ["{OWN}"]' if known else ""
    text = f"""
    provider "aws" {{
      region = "eu-west-1"
      {allowed}
    }}

    data "aws_canonical_user_id" "me" {{}}

    resource "aws_s3_bucket" "w" {{
      bucket = "lab-w"
      tags   = {{ "mlsec/holds" = "weights" }}
    }}

    resource "aws_s3_bucket_policy" "w" {{
      bucket = aws_s3_bucket.w.id
      policy = jsonencode({{ Statement = [{{
        Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::lab-w/*",
        {statement}
      }}] }})
    }}
    """
    (folder / "main.tf").write_text(dedent(text), encoding="utf-8")
    estate = scan.survey(scan.read(str(folder)))
    return {(p.end, p.unknown is None) for p in estate.paths}


def limited(key, value, operator="StringEquals"):
    return f'Principal = "*", Condition = {{ {operator} = {{ "{key}" = "{value}" }} }}'


@pytest.mark.parametrize(
    ("key", "value", "operator"),
    [
        ("aws:PrincipalAccount", PARTNER, "StringEquals"),
        ("aws:principalaccount", PARTNER, "StringLike"),
        ("aws:PrincipalArn", f"arn:aws:iam::{PARTNER}:role/x", "ArnLike"),
        ("s3:DataAccessPointAccount", PARTNER, "StringEquals"),
        (
            "s3:DataAccessPointArn",
            f"arn:aws:s3:eu-west-1:{PARTNER}:accesspoint/*",
            "ArnLike",
        ),
    ],
)
def test_an_account_that_a_condition_names(tmp_path, key, value, operator):
    found = paths(tmp_path, limited(key, value, operator))
    assert (f"account:{PARTNER}", True) in found
    assert "internet" not in {end for end, _ in found}


@pytest.mark.parametrize(
    ("key", "value", "operator"),
    [
        ("aws:PrincipalAccount", OWN, "StringEquals"),
        ("s3:DataAccessPointAccount", OWN, "StringEquals"),
        ("aws:PrincipalOrgID", "o-abcdefghij", "StringEquals"),
        ("aws:SourceVpce", "vpce-0123456789abcdef0", "StringEquals"),
    ],
)
def test_the_labs_own(tmp_path, key, value, operator):
    assert paths(tmp_path, limited(key, value, operator)) == set()


def test_a_number_that_may_be_the_labs_own(tmp_path):
    found = paths(tmp_path, limited("aws:PrincipalAccount", PARTNER), known=False)
    assert found == {(f"account:{PARTNER}", False)}


def test_two_conditions_of_which_one_shuts_it_out(tmp_path):
    both = (
        f'Principal = "*", Condition = {{ StringEquals = {{ "aws:PrincipalAccount" = '
        f'["{PARTNER}", "{OWN}"] }}, StringNotEquals = {{ "aws:PrincipalAccount" = '
        f'"{PARTNER}" }} }}'
    )
    assert paths(tmp_path, both) == set()


def test_a_canonical_user(tmp_path):
    stated = f'Principal = {{ CanonicalUser = "{CANONICAL}" }}'
    assert paths(tmp_path, stated) == {("account:unknown(79a59df9...)", False)}
    own = "Principal = { CanonicalUser = data.aws_canonical_user_id.me.id }"
    assert paths(tmp_path, own) == set()


def registry(folder, action):
    text = f"""
    provider "aws" {{
      region              = "eu-west-1"
      allowed_account_ids = ["{OWN}"]
    }}

    resource "aws_ecr_repository" "r" {{
      name = "serving"
      tags = {{ "mlsec/holds" = "weights" }}
    }}

    resource "aws_ecr_repository_policy" "r" {{
      repository = aws_ecr_repository.r.name
      policy = jsonencode({{ Statement = [
        {{ Effect = "Allow", Principal = {{ AWS = "{OWN}" }}, Action = ["ecr:*"] }},
        {{ Effect = "Allow", Principal = {{ AWS = "{PARTNER}" }}, {action} }},
      ] }})
    }}
    """
    (folder / "main.tf").write_text(dedent(text), encoding="utf-8")
    estate = scan.survey(scan.read(str(folder)))
    return {(p.end, p.by) for p in estate.paths}


@pytest.mark.parametrize(
    "action",
    [
        'Action = ["ecr:BatchGetImage"]',
        'Action = "ecr:*"',
        'Action = "ecr:SetRepositoryPolicy"',
        'NotAction = "ecr:PutImage"',
    ],
)
def test_images_that_another_account_may_pull(tmp_path, action):
    assert registry(tmp_path, action) == {(f"account:{PARTNER}", "image")}


@pytest.mark.parametrize(
    "action", ['Action = ["ecr:DescribeImages", "ecr:PutImage"]', 'NotAction = "ecr:*"']
)
def test_images_that_another_account_may_only_push_or_list(tmp_path, action):
    assert registry(tmp_path, action) == set()
