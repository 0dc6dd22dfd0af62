"""S3 buckets: inline and separate forms, defaults with dates, three-valued satellites."""

from __future__ import annotations

import pytest
from clouds import estate_of, shown, told, why

BUCKET = """
provider "aws" {
  region = "us-east-1"
}
variable "x" {}
resource "aws_s3_bucket" "w" {
  bucket = "corp-w"
}
"""
ADDRESS = "aws_s3_bucket.w"


def block(**values):
    lines = "".join(f"  {name} = {value}\n" for name, value in values.items())
    return (
        'resource "aws_s3_bucket_public_access_block" "w" {\n'
        f"  bucket = aws_s3_bucket.w.id\n{lines}}}\n"
    )


ALL = {
    "block_public_acls": "true",
    "block_public_policy": "true",
    "ignore_public_acls": "true",
    "restrict_public_buckets": "true",
}


@pytest.mark.parametrize(
    ("more", "expected", "points_at"),
    [
        ("", [True], 'resource "aws_s3_bucket" "w"'),
        (block(**ALL), [True], "block_public_acls = true"),
        (
            block(**{**ALL, "ignore_public_acls": "false"}),
            [False],
            "ignore_public_acls = false",
        ),
        (block(**{**ALL, "restrict_public_buckets": "var.x"}), ["unknown"], None),
        (
            block(block_public_acls="true"),
            [False],
            'resource "aws_s3_bucket_public_access_block" "w"',
        ),
        (
            block(**ALL).replace("bucket =", "count = var.x\n  bucket ="),
            ["unknown"],
            None,
        ),
        (block(**ALL).replace("aws_s3_bucket.w.id", "var.x"), ["unknown"], None),
        (block().replace("aws_s3_bucket.w.id", '"another"'), [True], None),
        (
            block()
            + 'resource "aws_s3_account_public_access_block" "a" {\n'
            + "".join(f"  {k} = {v}\n" for k, v in ALL.items())
            + "}\n",
            [True],
            "block_public_acls = true",
        ),
    ],
)
def test_public_access_block(tmp_path, more, expected, points_at):
    estate = estate_of(tmp_path, BUCKET + more)

    assert told(estate, ADDRESS, "public.blocked") == expected
    if points_at:
        assert shown(estate, ADDRESS, "public.blocked") == [points_at]


def test_omitted_arguments_are_weaker_than_no_block_and_say_so(tmp_path):
    estate = estate_of(tmp_path, BUCKET + block(block_public_acls="true"))

    default = estate.find("store", ADDRESS).fact("public.blocked").default
    assert "block_public_policy" in default
    assert "2026-11-23" in default


@pytest.mark.parametrize(
    "reference",
    [
        "aws_s3_bucket.w.id",
        "aws_s3_bucket.w.bucket",
        '"corp-w"',
        "aws_s3_bucket_versioning.w.bucket",
        "aws_s3_bucket_versioning.w.id",
        "local.name",
    ],
)
def test_satellites_join_by_reference_and_by_name(tmp_path, reference):
    text = (
        BUCKET
        + 'locals {\n  name = "corp-w"\n}\n'
        + 'resource "aws_s3_bucket_versioning" "w" {\n  bucket = "corp-w"\n}\n'
        + block(block_public_acls="false").replace("aws_s3_bucket.w.id", reference)
    )

    estate = estate_of(tmp_path, text)

    assert told(estate, ADDRESS, "public.blocked") == [False]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("", [False]),
        ('acl = "public-read"', [True]),
        ('acl = "private"', [False]),
        ("acl = var.x", ["unknown"]),
        (
            (
                'grant {\n    type = "Group"\n    permissions = ["READ"]\n'
                '    uri = "http://acs.amazonaws.com/groups/global/AllUsers"\n  }'
            ),
            [True],
        ),
    ],
)
def test_inline_acl(tmp_path, more, expected):
    text = BUCKET.replace('"corp-w"', f'"corp-w"\n  {more}')

    assert told(estate_of(tmp_path, text), ADDRESS, "public.acl") == expected


def test_separate_acl_with_grants(tmp_path):
    text = (
        BUCKET
        + """
        resource "aws_s3_bucket_acl" "w" {
          bucket = aws_s3_bucket.w.id
          access_control_policy {
            grant {
              grantee {
                type = "CanonicalUser"
                id   = "abc"
              }
              permission = "READ"
            }
            grant {
              grantee {
                type = "Group"
                uri  = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
              }
              permission = "READ"
            }
          }
        }
        """
    )

    assert told(estate_of(tmp_path, text), ADDRESS, "public.acl") == [True]


SEALED = """
resource "aws_kms_key" "k" {
}
resource "aws_kms_key" "h" {
  custom_key_store_id = "cks-1"
}
resource "aws_kms_alias" "a" {
  name          = "alias/w"
  target_key_id = aws_kms_key.k.key_id
}
data "aws_kms_alias" "s3" {
  name = "alias/aws/s3"
}
resource "aws_s3_bucket_server_side_encryption_configuration" "w" {
  bucket = aws_s3_bucket.w.id
  rule {
    apply_server_side_encryption_by_default {
      %s
    }
  }
}
"""


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('sse_algorithm = "AES256"', "provider"),
        ('sse_algorithm = "aws:kms"', "provider"),
        (
            'sse_algorithm = "aws:kms"\n kms_master_key_id = aws_kms_key.k.arn',
            "customer",
        ),
        ('sse_algorithm = "aws:kms"\n kms_master_key_id = aws_kms_key.h.arn', "hsm"),
        (
            'sse_algorithm = "aws:kms"\n kms_master_key_id = aws_kms_alias.a.arn',
            "customer",
        ),
        ('sse_algorithm = "aws:kms"\n kms_master_key_id = "alias/aws/s3"', "provider"),
        (
            (
                'sse_algorithm = "aws:kms"\n kms_master_key_id = '
                "data.aws_kms_alias.s3.target_key_arn"
            ),
            "provider",
        ),
        ('sse_algorithm = "aws:kms"\n kms_master_key_id = ""', "provider"),
        ('sse_algorithm = "aws:kms"\n kms_master_key_id = null', "provider"),
        ('sse_algorithm = "aws:kms"\n kms_master_key_id = var.x', "unknown"),
        ("sse_algorithm = var.x\n kms_master_key_id = aws_kms_key.k.arn", "customer"),
        ("sse_algorithm = var.x", "provider"),
    ],
)
def test_who_manages_the_key(tmp_path, body, expected):
    estate = estate_of(tmp_path, BUCKET + SEALED % body)

    assert told(estate, ADDRESS, "encryption.key.managed_by") == [expected]


def test_default_encryption_is_never_none_and_a_key_is_linked(tmp_path):
    bare = estate_of(tmp_path / "bare", BUCKET)
    body = 'sse_algorithm = "aws:kms"\n kms_master_key_id = aws_kms_key.k.arn'
    sealed = estate_of(tmp_path / "sealed", BUCKET + SEALED % body)

    assert told(bare, ADDRESS, "encryption.key.managed_by") == ["provider"]
    (edge,) = sealed.edges_from(sealed.find("store", ADDRESS), "is encrypted with")
    assert edge.target.address == "aws_kms_key.k"


@pytest.mark.parametrize(
    ("more", "versioned", "locked"),
    [
        ("", False, False),
        ("versioning {\n    enabled = true\n  }", True, False),
        ("object_lock_enabled = true", False, False),
        (
            (
                "object_lock_configuration {\n rule {\n default_retention {\n"
                ' mode = "COMPLIANCE"\n days = 1\n }\n }\n }'
            ),
            False,
            True,
        ),
        (
            (
                "object_lock_configuration {\n rule {\n default_retention {\n"
                ' mode = "GOVERNANCE"\n days = 1\n }\n }\n }'
            ),
            False,
            False,
        ),
    ],
)
def test_inline_versions_and_locks(tmp_path, more, versioned, locked):
    estate = estate_of(tmp_path, BUCKET.replace('"corp-w"', f'"corp-w"\n  {more}'))

    assert told(estate, ADDRESS, "versioning.enabled") == [versioned]
    assert told(estate, ADDRESS, "retention.locked") == [locked]


def test_separate_versions_and_locks(tmp_path):
    text = (
        BUCKET
        + """
        resource "aws_s3_bucket_versioning" "w" {
          bucket = aws_s3_bucket.w.id
          versioning_configuration {
            status = var.x
          }
        }
        resource "aws_s3_bucket_object_lock_configuration" "w" {
          bucket = aws_s3_bucket.w.id
          rule {
            default_retention {
              mode = "COMPLIANCE"
              days = 30
            }
          }
        }
        """
    )

    estate = estate_of(tmp_path, text)

    assert why(estate, ADDRESS, "versioning.enabled").name == "var.x"
    assert shown(estate, ADDRESS, "retention.locked") == ['mode = "COMPLIANCE"']


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("", True),
        ('rule {\n object_ownership = "BucketOwnerEnforced"\n }', True),
        ('rule {\n object_ownership = "ObjectWriter"\n }', False),
        ("rule {\n object_ownership = var.x\n }", "unknown"),
    ],
)
def test_ownership(tmp_path, more, expected):
    text = BUCKET
    if more:
        text += (
            'resource "aws_s3_bucket_ownership_controls" "w" {\n'
            f"  bucket = aws_s3_bucket.w.id\n  {more}\n}}\n"
        )

    assert told(estate_of(tmp_path, text), ADDRESS, "auth.identity_only") == [expected]


def test_an_acl_that_is_set_means_that_acls_are_on(tmp_path):
    text = BUCKET.replace('"corp-w"', '"corp-w"\n  acl = "private"')

    assert told(estate_of(tmp_path, text), ADDRESS, "auth.identity_only") == [False]


def test_names_that_other_files_use(tmp_path):
    estate = estate_of(tmp_path, BUCKET)

    for name in ("s3://corp-w", "arn:aws:s3:::corp-w", "corp-w", ADDRESS):
        assert [t.address for t in estate.named(name, "store")] == [ADDRESS]


def test_roots_keep_apart_and_join_by_name(tmp_path):
    estate = estate_of(
        tmp_path,
        {
            "a/main.tf": BUCKET,
            "b/main.tf": block(block_public_acls="false").replace(
                "aws_s3_bucket.w.id", '"corp-w"'
            ),
        },
    )

    assert told(estate, f"a:{ADDRESS}", "public.blocked") == [False]


def test_a_dynamic_block_of_which_nobody_knows_the_number(tmp_path):
    text = (
        BUCKET
        + """
        resource "aws_s3_bucket_versioning" "w" {
          bucket = aws_s3_bucket.w.id
          dynamic "versioning_configuration" {
            for_each = var.x
            content {
              status = "Enabled"
            }
          }
        }
        """
    )

    found = told(estate_of(tmp_path, text), ADDRESS, "versioning.enabled")

    assert found != [False]


@pytest.mark.parametrize(
    ("ownership", "expected"),
    [
        ('"BucketOwnerEnforced"', [False]),
        ('"BucketOwnerPreferred"', [True]),
        ('"ObjectWriter"', [True]),
        ("var.x", ["unknown"]),
    ],
)
def test_an_acl_counts_while_ownership_leaves_acls_on(tmp_path, ownership, expected):
    more = f"""
    resource "aws_s3_bucket_ownership_controls" "w" {{
      bucket = aws_s3_bucket.w.id
      rule {{
        object_ownership = {ownership}
      }}
    }}
    resource "aws_s3_bucket_acl" "w" {{
      bucket = aws_s3_bucket.w.id
      acl    = "public-read"
    }}
    """
    estate = estate_of(tmp_path, BUCKET + more)
    assert told(estate, ADDRESS, "public.acl") == expected
