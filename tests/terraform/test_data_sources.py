"""Data sources that follow from the text: policy documents, regions, files."""

from __future__ import annotations

import json


def data(root, address="data.aws_iam_policy_document.d"):
    return next(r for r in root.resources if r.address == address).values.data


DOCUMENT = """\
resource "aws_s3_bucket" "w" {}
data "aws_iam_policy_document" "d" {
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject", "s3:ListBucket"]
    resources = ["${aws_s3_bucket.w.arn}/*"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
  statement {
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = ["arn:aws:s3:::x/&{aws:username}"]
    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalOrgID"
      values   = ["o-1"]
    }
  }
}
resource "aws_iam_policy" "p" {
  policy = data.aws_iam_policy_document.d.json
}
"""


def test_one_unknown_does_not_hide_the_other_statements(root):
    made = root(DOCUMENT)
    policy = made.resources[-1].values.get("policy")
    assert policy.unknown is not None
    how, document = policy.origin
    assert how == "json"
    read, deny = document.get("Statement").elements()
    assert (read.span.line, deny.span.line) == (3, 12)
    assert [a.data for a in read.get("Action").elements()] == [
        "s3:ListBucket",
        "s3:GetObject",
    ]
    assert read.get("Principal").get("AWS").data == "*"
    assert read.get("Resource").unknown.parts[1] == "/*"
    assert deny.get("Resource").data == "arn:aws:s3:::x/${aws:username}"
    assert deny.get("Resource").span.line == 15
    assert deny.at("Condition", "StringEquals", "aws:PrincipalOrgID").data == "o-1"


def test_a_known_document_is_text(root):
    made = root(DOCUMENT.replace('"${aws_s3_bucket.w.arn}/*"', '"*"'))
    text = made.resources[-1].values.get("policy").data
    document = json.loads(text)
    assert document["Version"] == "2012-10-17"
    assert document["Statement"][0] == {
        "Sid": "Read",
        "Effect": "Allow",
        "Action": ["s3:ListBucket", "s3:GetObject"],
        "Resource": "*",
        "Principal": {"AWS": "*"},
    }


def test_a_statement_that_overrides_keeps_its_own_place(root):
    made = root(
        """\
        data "aws_iam_policy_document" "base" {
          statement {
            sid     = "A"
            actions = ["s3:*"]
          }
        }
        data "aws_iam_policy_document" "d" {
          source_policy_documents = [data.aws_iam_policy_document.base.json]
          statement {
            sid     = "A"
            actions = ["s3:Get*"]
          }
        }
        """
    )
    (statement,) = data(made)["json"].origin[1].get("Statement").elements()
    assert statement.get("Action").data == "s3:Get*"
    assert statement.span.line == 9


def test_an_unknown_source_document_is_one_unknown_statement(root):
    made = root(
        """\
        variable "extra" {}
        data "aws_iam_policy_document" "d" {
          source_policy_documents = [var.extra]
          statement {
            actions = ["s3:Get*"]
          }
        }
        """
    )
    first, second = data(made)["json"].origin[1].get("Statement").elements()
    assert first.unknown.name == "var.extra"
    assert second.get("Action").data == "s3:Get*"


def test_region_and_partition_come_from_the_provider(root):
    made = root(
        """\
        provider "aws" {
          region = "cn-north-1"
        }
        data "aws_region" "r" {}
        data "aws_partition" "p" {}
        data "aws_caller_identity" "me" {}
        """
    )
    assert data(made, "data.aws_region.r")["name"].data == "cn-north-1"
    partition = data(made, "data.aws_partition.p")
    assert partition["partition"].data == "aws-cn"
    assert partition["dns_suffix"].data == "amazonaws.com.cn"
    assert "account_id" not in data(made, "data.aws_caller_identity.me")


def test_without_a_provider_the_region_is_unknown(root):
    made = root(
        'data "aws_region" "r" {}\noutput "o" {\n  value = data.aws_region.r.name\n}\n'
    )
    assert made.outputs["o"].unknown.kind == "data"


def test_the_account_of_an_assumed_role(root):
    made = root(
        """\
        provider "aws" {
          assume_role {
            role_arn = "arn:aws:iam::123456789012:role/ci"
          }
        }
        data "aws_caller_identity" "me" {}
        """
    )
    me = data(made, "data.aws_caller_identity.me")
    assert me["account_id"].data == "123456789012"


def test_files_and_templates(root):
    made = root(
        """\
        data "local_file" "f" {
          filename = "${path.module}/f.txt"
        }
        data "template_file" "t" {
          template = "hello $${name}"
          vars     = { name = "w" }
        }
        """,
        **{"f.txt": "content\n"},
    )
    assert data(made, "data.local_file.f")["content"].data == "content\n"
    assert data(made, "data.template_file.t")["rendered"].data == "hello w"


def test_default_tags_reach_tags_all(root):
    made = root(
        """\
        provider "aws" {
          default_tags {
            tags = { Team = "ml", Env = "prod" }
          }
        }
        resource "aws_s3_bucket" "w" {
          tags = { Env = "dev" }
        }
        output "o" {
          value = aws_s3_bucket.w.tags_all
        }
        """
    )
    tags = {name: v.data for name, v in made.outputs["o"].items()}
    assert tags == {"Team": "ml", "Env": "dev"}
