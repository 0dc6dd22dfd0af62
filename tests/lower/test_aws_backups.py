"""Which stores a backup selection covers, and where their copies lie."""

from __future__ import annotations

import pytest
from clouds import estate_of

from mlsec_lint.value import Unknown

BEFORE = """
provider "aws" {
  region              = "us-west-2"
  allowed_account_ids = ["111122223333"]
}
provider "aws" {
  alias  = "hk"
  region = "ap-east-1"
}
variable "x" {}
resource "aws_s3_bucket" "w" {
  bucket = "acme-w"
  tags   = { backup = "daily", team = "ml" }
}
resource "aws_backup_plan" "p" {
  name = "p"
  rule {
    rule_name         = "r"
    target_vault_name = "home"
    copy_action {
      destination_vault_arn = "arn:aws:backup:ap-east-1:444455556666:backup-vault:v"
    }
  }
}
resource "aws_backup_selection" "s" {
  name         = "s"
  iam_role_arn = "r"
  plan_id      = aws_backup_plan.p.id
"""


def tag(key, value):
    return (
        f'selection_tag {{\n type = "STRINGEQUALS"\n key = "{key}"\n'
        f' value = "{value}"\n}}\n'
    )


def condition(operator, key, value):
    return (
        f"condition {{\n {operator} {{\n"
        f'  key = "aws:ResourceTag/{key}"\n  value = "{value}"\n }}\n}}\n'
    )


def copies(estate):
    """The region of each copy by its service; what it may be where that is not known."""
    found = {}
    for copy in estate.of("copy"):
        region = copy.facts["place.region"].value
        if isinstance(region, Unknown):
            region = {v.data for v in region.possible or ()} or "unknown"
        found[copy.facts["service"].value] = region
    return found


SENT = {"aws-backup": "us-west-2", "aws-backup-copy": "ap-east-1"}
MAYBE = {"aws-backup": {"us-west-2"}, "aws-backup-copy": {"ap-east-1", "us-west-2"}}


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ('resources = ["*"]', SENT),
        ("resources = [aws_s3_bucket.w.arn]", SENT),
        ('resources = ["arn:aws:s3:::acme-*"]', SENT),
        ('resources = ["arn:aws:s3:::other"]', {}),
        ('resources = ["arn:aws:ec2:*:*:volume/*"]', {}),
        ("resources = [var.x]", MAYBE),
        ("resources = []", {}),
        (tag("backup", "daily"), SENT),
        (tag("backup", "weekly"), {}),
        (tag("backup", "weekly") + tag("team", "ml"), SENT),
        (tag("${var.x}", "daily"), MAYBE),
        ('resources = ["*"]\nnot_resources = [aws_s3_bucket.w.arn]', {}),
        ('resources = ["*"]\nnot_resources = [var.x]', MAYBE),
        ('resources = ["*"]\n' + condition("string_equals", "backup", "daily"), SENT),
        ('resources = ["*"]\n' + condition("string_like", "backup", "d*"), SENT),
        ('resources = ["*"]\n' + condition("string_equals", "backup", "no"), {}),
        ('resources = ["*"]\n' + condition("string_not_equals", "backup", "daily"), {}),
        ('resources = ["*"]\n' + condition("string_not_like", "owner", "*"), SENT),
        (
            'resources = ["*"]\n'
            + condition("string_equals", "backup", "daily")
            + condition("string_equals", "team", "web"),
            {},
        ),
    ],
)
def test_a_selection_covers_a_bucket_in_three_values(tmp_path, selection, expected):
    estate = estate_of(tmp_path, BEFORE + selection + "\n}\n")
    assert copies(estate) == expected


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('{ backup = "daily", team = "ml" }', "var.x"),
        ('{ backup = "daily", team = "ml" }', "{ backup = var.x }"),
        (
            '  allowed_account_ids = ["111122223333"]\n',
            "  default_tags {\n    tags = var.x\n  }\n",
        ),
    ],
)
def test_tags_that_nobody_can_tell_leave_it_open(tmp_path, old, new):
    wanted = "owner" if "default_tags" in new else "backup"
    text = BEFORE.replace(old, new, 1) + tag(wanted, "daily") + "\n}\n"
    assert copies(estate_of(tmp_path, text)) == MAYBE


def test_a_plan_of_another_region_does_not_cover_the_bucket(tmp_path):
    text = BEFORE.replace(
        '"aws_backup_plan" "p" {', '"aws_backup_plan" "p" {\n  provider = aws.hk'
    )
    estate = estate_of(tmp_path, text + 'resources = ["*"]\n}\n')
    assert copies(estate) == {}


def test_the_account_of_the_vault_is_told(tmp_path):
    estate = estate_of(tmp_path, BEFORE + 'resources = ["*"]\n}\n')
    told = {c.facts["account"].value for c in estate.of("copy") if "account" in c.facts}
    assert told == {"444455556666"}


def test_copies_of_copies_of_images_lead_to_the_disks(tmp_path):
    estate = estate_of(
        tmp_path,
        """
        provider "aws" {
          region = "us-west-2"
        }
        provider "aws" {
          alias  = "hk"
          region = "ap-east-1"
        }
        resource "aws_instance" "t" {
          ami           = "ami-1"
          instance_type = "p5.48xlarge"
          root_block_device {
            encrypted = true
          }
        }
        resource "aws_ami_from_instance" "a" {
          name               = "a"
          source_instance_id = aws_instance.t.id
        }
        resource "aws_ami_copy" "b" {
          name              = "b"
          source_ami_id     = aws_ami_from_instance.a.id
          source_ami_region = "us-west-2"
        }
        resource "aws_ami_copy" "c" {
          provider          = aws.hk
          name              = "c"
          source_ami_id     = aws_ami_copy.b.id
          source_ami_region = "us-west-2"
        }
        """,
    )
    disk = estate.find("store", "aws_instance.t.root_block_device[0]")
    assert disk is not None
    places = {
        edge.target.address.partition(":")[0]: edge.target.facts["place.region"].value
        for edge in estate.edges_from(disk, "is copied by")
    }
    assert places["aws_ami_from_instance.a"] == "us-west-2"
    assert places["aws_ami_copy.b"] == "us-west-2"
    assert places["aws_ami_copy.c"] == "ap-east-1"


def test_images_made_of_each_other_end(tmp_path):
    estate = estate_of(
        tmp_path,
        """
        resource "aws_ami_copy" "a" {
          name          = "a"
          source_ami_id = aws_ami_copy.b.id
        }
        resource "aws_ami_copy" "b" {
          name          = "b"
          source_ami_id = aws_ami_copy.a.id
        }
        """,
    )
    assert copies(estate) == {}


def test_vaults_and_policies_are_told_by_themselves(tmp_path):
    estate = estate_of(
        tmp_path,
        """
        resource "aws_backup_vault" "bare" {
          name = "bare"
        }
        resource "aws_backup_vault" "own" {
          name        = "own"
          kms_key_arn = "arn:aws:kms:us-west-2:111122223333:key/1"
        }
        resource "aws_dlm_lifecycle_policy" "p" {
          policy_details {
            target_tags = { elsewhere = "yes" }
            schedule {
              cross_region_copy_rule {
                target    = "eu-west-1"
                encrypted = true
              }
            }
            schedule {
              cross_region_copy_rule {
                target = "eu-west-1"
              }
            }
            schedule {
              cross_region_copy_rule {
                target    = "eu-west-1"
                encrypted = false
                cmk_arn   = "arn:aws:kms:eu-west-1:111122223333:key/1"
              }
            }
          }
        }
        """,
    )
    keys = {
        copy.address: copy.facts["encryption.key.managed_by"].value
        for copy in estate.of("copy")
    }
    rule = "aws_dlm_lifecycle_policy.p.schedule[{}].cross_region_copy_rule[0]"
    bare, named = keys.pop(rule.format(1)), keys.pop(rule.format(2))

    assert keys == {
        "aws_backup_vault.bare": "provider",
        "aws_backup_vault.own": "customer",
        rule.format(0): "provider",
    }
    assert [option.data for option in bare.possible] == ["none", "provider"]
    assert [option.data for option in named.possible] == ["none", "customer"]
    assert not any(copy.evidence for copy in estate.of("copy"))
