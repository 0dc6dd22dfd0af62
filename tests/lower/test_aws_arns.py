"""ARNs with unknown parts: fields, and patterns that cover them."""

from __future__ import annotations

import pytest

from mlsec_lint.lower.aws.arns import (
    ACCOUNT,
    REGION,
    arn_matches,
    field_of,
    told,
    wildcard,
)
from mlsec_lint.value import Symbol, Unknown

HOLE = Unknown("environment", "not known", "account")


def text(*parts):
    return Unknown("environment", "not known", parts=parts)


@pytest.mark.parametrize(
    ("name", "field", "expected"),
    [
        ("arn:aws:backup:ap-east-1:1:backup-vault:v", REGION, "ap-east-1"),
        ("arn:aws:s3:::b", REGION, ""),
        (
            text("arn:aws:backup:ap-east-1:", HOLE, ":backup-vault:v"),
            REGION,
            "ap-east-1",
        ),
        (text("arn:aws:backup:ap-east-1:", HOLE, ":backup-vault:v"), ACCOUNT, None),
        (text("arn:aws:backup:", HOLE, ":1:backup-vault:v"), REGION, None),
        ("vault", REGION, None),
        (HOLE, REGION, None),
        (None, REGION, None),
    ],
)
def test_a_field_is_known_only_where_all_of_it_is(name, field, expected):
    assert field_of(name, field) == expected


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("*", HOLE, True),
        ("arn:aws:s3:::*", "arn:aws:s3:::weights", True),
        ("arn:aws:s3:::other", "arn:aws:s3:::weights", False),
        ("arn:aws:s3:::w*s", "arn:aws:s3:::weights", True),
        ("arn:aws:ec2:*:*:volume/*", text("arn:aws:ec2:us-east-1:", HOLE, ":volume/", HOLE), True),
        ("arn:aws:ec2:*:*:instance/*", text("arn:aws:ec2:us-east-1:", HOLE, ":volume/", HOLE), False),
        ("arn:aws:ec2:eu-west-1:*:volume/*", text("arn:aws:ec2:us-east-1:", HOLE, ":volume/", HOLE), False),
        ("arn:aws:ec2:*:1:volume/*", text("arn:aws:ec2:us-east-1:", HOLE, ":volume/", HOLE), "unknown"),
        ("arn:aws:ec2:*:*:volume/vol-1", text("arn:aws:ec2:us-east-1:1:volume/", HOLE), "unknown"),
        ("arn:aws:s3:::weights", HOLE, "unknown"),
        ("weights", "arn:aws:s3:::weights", False),
    ],
)  # fmt: skip
def test_a_pattern_covers_a_name_in_three_values(pattern, name, expected):
    found = arn_matches(pattern, name)
    assert ("unknown" if isinstance(found, Unknown) else found) == expected


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("a*b*c", "abc", True),
        ("a*b*c", "acb", False),
        ("*a", "a", True),
        ("a*a", "a", False),
        ("", "", True),
    ],
)
def test_wildcards(pattern, name, expected):
    assert wildcard(pattern, name) is expected


def test_a_wildcard_of_many_stars_is_linear():
    assert not wildcard("*a" * 2000 + "b", "a" * 20_000)


def test_texts_of_one_origin_are_told_the_same():
    part = Unknown("resource", "later", symbol=Symbol("random_id.x", ("hex",)))
    other = Unknown("resource", "later", symbol=Symbol("random_id.y", ("hex",)))

    assert told(text("a-", part)) == told(text("a-", part))
    assert told(text("a-", part)) != told(text("a-", other))
