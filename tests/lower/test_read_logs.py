"""Whether reads of objects are recorded: selectors, audit configs, diagnostic settings."""

from __future__ import annotations

import pytest
from clouds import estate_of, told

BUCKET = """
provider "aws" {
  region = "us-west-2"
}
variable "x" {}
resource "aws_s3_bucket" "w" {
  bucket = "acme-w"
}
"""


def trail(body, more=""):
    return (
        BUCKET
        + f'resource "aws_cloudtrail" "t" {{\n name = "t"\n s3_bucket_name = "l"\n{more}\n{body}\n}}\n'
    )


def classic(values, kind=""):
    return (
        f"event_selector {{\n{kind}\n data_resource {{\n"
        f'  type = "AWS::S3::Object"\n  values = [{values}]\n }}\n}}\n'
    )


def advanced(*fields):
    text = "".join(
        f'field_selector {{\n field = "{name}"\n {test} = [{values}]\n}}\n'
        for name, test, values in (
            ("eventCategory", "equals", '"Data"'),
            ("resources.type", "equals", '"AWS::S3::Object"'),
            *fields,
        )
    )
    return f"advanced_event_selector {{\n{text}}}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (BUCKET, False),
        (trail(""), False),
        (trail(classic('"arn:aws:s3"')), True),
        (trail(classic('"arn:aws:s3:::"')), True),
        (trail(classic('"arn:aws:s3:::acme-w/"')), True),
        (trail(classic('"${aws_s3_bucket.w.arn}/"')), True),
        (trail(classic('"arn:aws:s3:::acme-w"')), False),
        (trail(classic('"arn:aws:s3:::acme-w2/"')), False),
        (trail(classic('"arn:aws:s3:::acme-w/prefix/"')), "unknown"),
        (trail(classic('"${var.x}/"')), "unknown"),
        (trail(classic("null")), "unknown"),
        (
            trail(classic('"arn:aws:s3"').replace('"AWS::S3::Object"', "var.x")),
            "unknown",
        ),
        (
            trail(classic('"arn:aws:s3"').replace("S3::Object", "Lambda::Function")),
            False,
        ),
        (trail(advanced().replace('"AWS::S3::Object"', "var.x")), "unknown"),
        (trail(advanced().replace("eventCategory", "other")), False),
        (trail(advanced().replace('"Data"', '"Management"')), False),
        (trail(classic('"arn:aws:s3"', 'read_write_type = "WriteOnly"')), False),
        (trail(classic('"arn:aws:s3"', 'read_write_type = "ReadOnly"')), True),
        (trail(classic('"arn:aws:s3"'), "enable_logging = false"), False),
        (trail(classic('"arn:aws:s3"'), "count = var.x"), "unknown"),
        (trail(classic('"arn:aws:s3"'), 'region = "us-east-1"'), False),
        (
            trail(
                classic('"arn:aws:s3"'),
                'region = "us-east-1"\nis_multi_region_trail = true',
            ),
            True,
        ),
        (trail(advanced()), True),
        (trail(advanced(("readOnly", "equals", '"true"'))), True),
        (trail(advanced(("readOnly", "equals", '"false"'))), False),
        (trail(advanced(("eventName", "equals", '"GetObject"'))), True),
        (trail(advanced(("eventName", "equals", '"PutObject"'))), False),
        (
            trail(advanced(("resources.ARN", "starts_with", '"arn:aws:s3:::acme-"'))),
            True,
        ),
        (trail(advanced(("resources.ARN", "starts_with", '"arn:aws:s3:::x"'))), False),
        (
            trail(advanced(("resources.ARN", "not_starts_with", '"arn:aws:s3:::x"'))),
            True,
        ),
        (
            trail(
                advanced(("resources.ARN", "not_starts_with", '"arn:aws:s3:::acme-w/"'))
            ),
            False,
        ),
        (trail(advanced(("resources.ARN", "starts_with", "var.x"))), "unknown"),
        (trail(advanced(("userIdentity.arn", "not_equals", '"a"'))), "unknown"),
        (
            BUCKET + 'resource "aws_s3_bucket_logging" "l" {\n'
            ' bucket = aws_s3_bucket.w.id\n target_bucket = "logs"\n target_prefix = ""\n}\n',
            True,
        ),
        (
            BUCKET + 'resource "aws_s3_bucket_logging" "l" {\n'
            ' bucket = var.x\n target_bucket = "logs"\n target_prefix = ""\n}\n',
            "unknown",
        ),
    ],
)
def test_reads_of_a_bucket(tmp_path, text, expected):
    estate = estate_of(tmp_path, text)
    assert told(estate, "aws_s3_bucket.w", "access.logged") == [expected]


def audit(body, kind="project", where='project = "acme"'):
    return f"""
    variable "x" {{}}
    resource "google_storage_bucket" "w" {{
      name     = "w"
      project  = "acme"
      location = "US"
    }}
    resource "google_{kind}_iam_audit_config" "c" {{
      {where}
      {body}
    }}
    """


READ = 'audit_log_config {\n log_type = "DATA_READ"\n}'
STORAGE = 'service = "storage.googleapis.com"\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (audit(STORAGE + READ), True),
        (audit('service = "allServices"\n' + READ), True),
        (audit('service = "bigquery.googleapis.com"\n' + READ), False),
        (audit(STORAGE + READ.replace("DATA_READ", "DATA_WRITE")), False),
        (audit(STORAGE + READ, where='project = "other"'), False),
        (audit(STORAGE + READ, where="project = var.x"), "unknown"),
        (audit(STORAGE + READ, "organization", 'org_id = "1"'), True),
        (audit(STORAGE + READ, "folder", 'folder = "1"'), "unknown"),
        (
            audit(STORAGE + READ.replace("\n}", '\n exempted_members = ["user:a@b.c"]\n}')),
            "unknown",
        ),
        (audit("service = var.x\n" + READ), "unknown"),
    ],
)  # fmt: skip
def test_reads_of_a_cloud_storage_bucket(tmp_path, text, expected):
    estate = estate_of(tmp_path, text)
    assert told(estate, "google_storage_bucket.w", "access.logged") == [expected]


@pytest.mark.parametrize(
    ("target", "log", "expected"),
    [
        ('"${azurerm_storage_account.w.id}/blobServices/default"', "StorageRead", True),
        (
            '"${azurerm_storage_account.w.id}/blobServices/default"',
            "StorageWrite",
            False,
        ),
        ("azurerm_storage_account.w.id", "StorageRead", False),
        (
            '"${azurerm_storage_account.w.id}/queueServices/default"',
            "StorageRead",
            False,
        ),
        ("var.x", "StorageRead", "unknown"),
    ],
)
def test_reads_of_blobs(tmp_path, target, log, expected):
    estate = estate_of(
        tmp_path,
        f"""
        variable "x" {{}}
        resource "azurerm_storage_account" "w" {{
          name                     = "acmew"
          resource_group_name      = "ml"
          location                 = "westus3"
          account_tier             = "Standard"
          account_replication_type = "LRS"
        }}
        resource "azurerm_monitor_diagnostic_setting" "d" {{
          name               = "d"
          target_resource_id = {target}
          enabled_log {{
            category = "{log}"
          }}
        }}
        """,
    )
    assert told(estate, "azurerm_storage_account.w", "access.logged") == [expected]
