"""What is said about stores that no resource declares, and what opens a default block."""

from __future__ import annotations

import pytest
from clouds import estate_of, shown, told

OPEN = (
    'jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", '
    'Action = "s3:GetObject" }] })'
)


def test_a_policy_on_a_bucket_of_another_repository(tmp_path):
    estate = estate_of(
        tmp_path,
        f'resource "aws_s3_bucket_policy" "p" {{\n  bucket = "elsewhere"\n'
        f"  policy = {OPEN}\n}}\n",
    )

    assert told(estate, "s3://elsewhere", "public.principal") == [True]
    assert told(estate, "s3://elsewhere", "declared") == [False]
    assert told(estate, "s3://elsewhere", "public.blocked") == []
    assert told(estate, "s3://elsewhere", "encryption.key.managed_by") == []


def test_an_unknown_name_may_be_that_of_a_declared_bucket(tmp_path):
    policy = (
        'variable "x" {}\nresource "aws_s3_bucket_policy" "p" {\n'
        f"  bucket = var.x\n  policy = {OPEN}\n}}\n"
    )
    bucket = 'resource "aws_s3_bucket" "w" {\n  bucket = "b"\n}\n'

    alone = estate_of(tmp_path / "a", policy)
    beside = estate_of(tmp_path / "b", policy + bucket)

    assert told(alone, "aws_s3_bucket_policy.p", "public.principal") == [True]
    assert [t.address for t in beside.of("store")] == ["aws_s3_bucket.w"]
    assert told(beside, "aws_s3_bucket.w", "public.principal") == ["unknown"]


@pytest.mark.parametrize(
    ("resource", "address", "kind", "fact"),
    [
        (
            (
                'resource "google_storage_bucket_iam_member" "m" {\n  bucket = "far"\n'
                '  role = "r"\n  member = "allUsers"\n}'
            ),
            "gs://far",
            "store",
            "public.principal",
        ),
        (
            (
                'resource "google_artifact_registry_repository_iam_binding" "m" {\n'
                '  repository = "r"\n  role = "r"\n  members = ["allAuthenticatedUsers"]\n}'
            ),
            "google_artifact_registry_repository_iam_binding.m",
            "store",
            "public.principal",
        ),
        (
            (
                'resource "google_kms_crypto_key_iam_member" "m" {\n'
                '  crypto_key_id = "projects/p/locations/l/keyRings/r/cryptoKeys/k"\n'
                '  role = "r"\n  member = "allUsers"\n}'
            ),
            "google_kms_crypto_key_iam_member.m",
            "key",
            "public.principal",
        ),
        (
            (
                'resource "azurerm_storage_container" "c" {\n  name = "c"\n'
                '  storage_account_name = "far"\n  container_access_type = "blob"\n}'
            ),
            "azure-storage-account:far",
            "store",
            "public.acl",
        ),
        (
            (
                'resource "azurerm_storage_account_network_rules" "r" {\n'
                '  storage_account_id = "/subscriptions/s/resourceGroups/g/providers/'
                'Microsoft.Storage/storageAccounts/far"\n  default_action = "Allow"\n}'
            ),
            "azurerm_storage_account_network_rules.r",
            "store",
            "public.network",
        ),
        (
            (
                'resource "aws_ecr_repository_policy" "p" {\n  repository = "r"\n'
                f"  policy = {OPEN}\n}}"
            ),
            "aws_ecr_repository_policy.p",
            "store",
            "public.principal",
        ),
    ],
)
def test_grants_on_undeclared_things(tmp_path, resource, address, kind, fact):
    assert told(estate_of(tmp_path, resource), address, fact, kind) == [True]


BUCKET = 'variable "x" {}\nresource "aws_s3_bucket" "w" {\n  bucket = "b"\n  %s\n}\n'


@pytest.mark.parametrize(
    ("acl", "expected"),
    [
        ("", [True]),
        ('acl = "private"', [True]),
        ('acl = "public-read"', [False]),
        ("acl = var.x", ["unknown"]),
    ],
)
def test_an_open_acl_counts_against_the_default_block(tmp_path, acl, expected):
    estate = estate_of(tmp_path, BUCKET % acl)

    assert told(estate, "aws_s3_bucket.w", "public.blocked") == expected
    if expected == [False]:
        assert shown(estate, "aws_s3_bucket.w", "public.blocked") == [acl]


def test_an_open_acl_does_not_open_a_block_that_is_configured(tmp_path):
    arguments = "\n".join(
        f"  {name} = true"
        for name in (
            "block_public_acls",
            "block_public_policy",
            "ignore_public_acls",
            "restrict_public_buckets",
        )
    )
    text = BUCKET % 'acl = "public-read"' + (
        'resource "aws_s3_bucket_public_access_block" "w" {\n'
        f"  bucket = aws_s3_bucket.w.id\n{arguments}\n}}\n"
    )

    assert told(estate_of(tmp_path, text), "aws_s3_bucket.w", "public.blocked") == [
        True
    ]


@pytest.mark.parametrize(
    "more",
    [
        'acl = "log-delivery-write"',
        (
            'grant {\n type = "Group"\n permissions = ["WRITE"]\n'
            ' uri = "http://acs.amazonaws.com/groups/s3/LogDelivery"\n }'
        ),
        (
            'policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = '
            '{ Service = "logging.s3.amazonaws.com" }, Action = "s3:PutObject" }] })'
        ),
    ],
)
def test_buckets_that_services_deliver_logs_to(tmp_path, more):
    text = (BUCKET % more).replace('"b"', '"corp-models"')

    estate = estate_of(tmp_path, text)

    assert told(estate, "aws_s3_bucket.w", "receives.logs") == [True]
    assert told(estate, "aws_s3_bucket.w", "weights.held") == []


def test_two_buckets_of_one_name_leave_a_satellite_open(tmp_path):
    text = "".join(
        f'resource "aws_s3_bucket" "{name}" {{\n  bucket = "same"\n}}\n'
        for name in ("a", "b")
    )
    text += f'resource "aws_s3_bucket_policy" "p" {{\n  bucket = "same"\n  policy = {OPEN}\n}}\n'

    estate = estate_of(tmp_path, text)

    for name in ("a", "b"):
        found = told(estate, f"aws_s3_bucket.{name}", "public.principal")
        assert found == ["unknown"]


SERVICES = """
provider "google" {
  project = "p"
  region  = "europe-west4"
}
resource "google_kms_key_ring" "r" {
  name     = "r"
  location = "europe-west4"
}
resource "google_kms_key_ring_iam_member" "m" {
  key_ring_id = google_kms_key_ring.r.id
  role        = "r"
  member      = "allUsers"
}
resource "google_vertex_ai_endpoint" "e" {
  name     = "e"
  location = "europe-west4"
}
resource "google_workbench_instance" "w" {
  location = "europe-west4-a"
  gce_setup {
    boot_disk {
      kms_key = "projects/p/locations/l/keyRings/r/cryptoKeys/k"
    }
  }
}
resource "google_compute_instance" "i" {
  name = "i"
  zone = "europe-west4-a"
  boot_disk {
    disk_encryption_key_raw = "c2VjcmV0"
  }
  attached_disk {
    source = "d"
  }
}
resource "google_container_registry" "c" {
  location = "EU"
}
resource "google_storage_bucket_iam_member" "c" {
  bucket = google_container_registry.c.id
  role   = "r"
  member = "allUsers"
}
resource "aws_instance" "i" {
  availability_zone = "us-east-1a"
  root_block_device {
    encrypted = false
  }
}
resource "azurerm_storage_account" "a" {
  name                     = "acct"
  location                 = "westeurope"
  account_replication_type = "LRS"
}
resource "azurerm_machine_learning_workspace" "w" {
  name               = "w"
  location           = "westeurope"
  storage_account_id = azurerm_storage_account.a.id
}
"""


def test_disks_of_instances_and_ml_services(tmp_path):
    estate = estate_of(tmp_path, SERVICES)

    key = "encryption.key.managed_by"
    for address, expected in (
        ("google_vertex_ai_endpoint.e", "provider"),
        ("google_workbench_instance.w", "customer"),
        ("google_compute_instance.i.boot_disk[0]", "customer"),
        ("google_compute_instance.i.attached_disk[0]", "provider"),
        ("aws_instance.i.root_block_device[0]", "none"),
        ("azurerm_machine_learning_workspace.w", "provider"),
    ):
        assert told(estate, address, key) == [expected], address
    ring = "google_kms_key_ring.r"
    assert told(estate, ring, "public.principal", "key") == [True]
    assert told(estate, "google_container_registry.c", "public.principal") == [True]
    account = "azurerm_storage_account.a"
    assert told(estate, account, "weights.evidence") == ["referenced"]


def test_a_key_that_the_scan_does_not_hold_is_a_key_all_the_same(tmp_path):
    estate = estate_of(
        tmp_path,
        """
        resource "aws_ebs_volume" "v" {
          availability_zone = "us-east-1a"
          encrypted         = true
          kms_key_id        = aws_kms_key.elsewhere.arn
        }
        """,
    )

    found = told(estate, "aws_ebs_volume.v", "encryption.key.managed_by")
    assert found in (["customer"], ["unknown"])
