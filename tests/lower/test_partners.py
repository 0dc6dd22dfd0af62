"""Guests, rights that are taken for a time, and copies that go to somebody else."""

from __future__ import annotations

from textwrap import dedent

import pytest

from mlsec_lint import scan

OWN, PARTNER = "111122223333", "444455556666"


def paths(folder, text):
    (folder / "main.tf").write_text(dedent(text), encoding="utf-8")
    estate = scan.survey(scan.read(str(folder)))
    return {(p.end, p.by, p.unknown is None) for p in estate.paths}


AZURE = """
resource "azurerm_storage_account" "w" {
  name                     = "labw"
  resource_group_name      = "lab"
  location                 = "westeurope"
  account_tier             = "Standard"
  account_replication_type = "LRS"
  tags                     = { mlsec_holds = "weights" }
}

resource "azurerm_role_assignment" "one" {
  scope                = azurerm_storage_account.w.id
  role_definition_name = "Storage Blob Data Reader"
  principal_id         = WHO
}
"""


@pytest.mark.parametrize(
    ("who", "more", "found"),
    [
        (
            "azuread_invitation.x.user_id",
            'resource "azuread_invitation" "x" {\n  user_email_address = "a@Partner.example"\n}',
            {("account:partner.example", "grant", True)},
        ),
        (
            "azuread_invitation.x.user_id",
            'resource "azuread_invitation" "x" {\n  user_email_address = "a@gmail.com"\n}',
            {("person", "grant", True)},
        ),
        (
            "data.azuread_user.x.object_id",
            (
                'data "azuread_user" "x" {\n  user_principal_name = '
                '"a_b_partner.example#EXT#@lab.onmicrosoft.com"\n}'
            ),
            {("account:partner.example", "grant", True)},
        ),
        (
            "data.azuread_user.x.object_id",
            'data "azuread_user" "x" {\n  user_principal_name = "a@lab.example"\n}',
            {("person", "grant", True)},
        ),
        (
            "azuread_service_principal.x.object_id",
            'resource "azuread_service_principal" "x" {\n  client_id = "3f0a54c1"\n}',
            {("account:unknown(azuread_service_principal.x)", "grant", False)},
        ),
        (
            "azuread_service_principal.x.object_id",
            (
                'resource "azuread_service_principal" "x" {\n  client_id = "3f0a54c1"\n'
                "  use_existing = true\n}"
            ),
            set(),
        ),
        (
            "azuread_service_principal.x.object_id",
            (
                'resource "azuread_application" "a" {\n  display_name = "a"\n}\n'
                'resource "azuread_service_principal" "x" {\n'
                "  client_id = azuread_application.a.client_id\n}"
            ),
            set(),
        ),
    ],
)
def test_in_whose_tenant_a_reader_is_at_home(tmp_path, who, more, found):
    assert paths(tmp_path, AZURE.replace("WHO", who) + more) == found


PAM = """
provider "google" {
  project = "lab-ml"
}

resource "google_storage_bucket" "w" {
  name     = "lab-w"
  location = "EUROPE-WEST4"
  labels   = { mlsec-holds = "weights" }
}

resource "google_privileged_access_manager_entitlement" "e" {
  entitlement_id       = "e"
  location             = "global"
  parent               = "PARENT"
  max_request_duration = "3600s"
  APPROVAL

  eligible_users {
    principals = ["group:crew@lab.example"]
  }

  privileged_access {
    gcp_iam_access {
      resource      = "RESOURCE"
      resource_type = "cloudresourcemanager.googleapis.com/Project"

      role_bindings {
        role                 = "ROLE"
        condition_expression = "CONDITION"
      }
    }
  }
}
"""
HERE = "//cloudresourcemanager.googleapis.com/projects/lab-ml"
READ = "roles/storage.objectViewer"


@pytest.mark.parametrize(
    ("resource", "role", "condition", "approval", "found"),
    [
        (HERE, READ, "", "", {"person"}),
        ("", READ, "", "", {"person"}),
        (HERE, READ, "", "approval_workflow {}", set()),
        (HERE, "roles/storage.bucketViewer", "", "", set()),
        (HERE.replace("lab-ml", "lab-web"), READ, "", "", set()),
        (
            HERE,
            READ,
            "resource.name.startsWith('projects/_/buckets/other/')",
            "",
            set(),
        ),
    ],
)
def test_a_role_that_is_taken_for_a_time(
    tmp_path, resource, role, condition, approval, found
):
    text = PAM.replace("PARENT", "projects/lab-ml").replace("RESOURCE", resource)
    text = text.replace("ROLE", role).replace("CONDITION", condition)
    text = text.replace("APPROVAL", approval)
    assert {end for end, _, _ in paths(tmp_path, text)} == found


def test_it_is_no_standing_right(tmp_path):
    text = PAM.replace("PARENT", "projects/lab-ml").replace("RESOURCE", HERE)
    text = text.replace("ROLE", READ).replace("CONDITION", "").replace("APPROVAL", "")
    (tmp_path / "main.tf").write_text(dedent(text), encoding="utf-8")
    estate = scan.survey(scan.read(str(tmp_path)))
    who = estate.find("identity", "group:crew@lab.example")
    assert who.fact("standing").value is False


EFS = """
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

resource "aws_efs_file_system" "w" {
  tags = { "mlsec/holds" = "weights" }
}

resource "aws_efs_replication_configuration" "w" {
  source_file_system_id = aws_efs_file_system.w.id

  destination {
    file_system_id = "arn:aws:elasticfilesystem:eu-west-1:ACCOUNT:file-system/fs-0"
    region         = "eu-west-1"
  }
}
"""


@pytest.mark.parametrize(
    ("account", "found"),
    [(PARTNER, {(f"account:{PARTNER}", "replication", True)}), (OWN, set())],
)
def test_a_file_system_that_is_kept_in_step(tmp_path, account, found):
    assert paths(tmp_path, EFS.replace("ACCOUNT", account)) == found


PLAN = """
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

resource "aws_ebs_volume" "w" {
  availability_zone = "eu-west-1a"
  size              = 100
  tags              = { "mlsec/holds" = "weights" }
}

resource "aws_backup_plan" "p" {
  name = "p"

  rule {
    rule_name         = "r"
    target_vault_name = "v"

    copy_action {
      destination_vault_arn = "arn:aws:backup:eu-west-1:ACCOUNT:backup-vault:x"
    }
  }
}

resource "aws_backup_selection" "s" {
  name         = "s"
  plan_id      = aws_backup_plan.p.id
  iam_role_arn = "arn:aws:iam::111122223333:role/b"
  resources    = [aws_ebs_volume.w.arn]
}
"""


@pytest.mark.parametrize(
    ("account", "found"),
    [(PARTNER, {(f"account:{PARTNER}", "backup", True)}), (OWN, set())],
)
def test_a_backup_that_leaves(tmp_path, account, found):
    assert paths(tmp_path, PLAN.replace("ACCOUNT", account)) == found


def test_a_netapp_volume_that_is_kept_in_step_abroad(tmp_path):
    common = """
      resource_group_name = "lab"
      account_name        = "a"
      pool_name           = "p"
      volume_path         = "v"
      service_level       = "Premium"
      subnet_id           = "s"
      storage_quota_in_gb = 100
    """
    text = f"""
    resource "azurerm_netapp_volume" "w" {{
      name     = "w"
      location = "westeurope"
      tags     = {{ mlsec_holds = "weights" }}
      {common}
    }}

    resource "azurerm_netapp_volume" "copy" {{
      name     = "copy"
      location = "eastasia"
      {common}

      data_protection_replication {{
        endpoint_type             = "dst"
        remote_volume_location    = "westeurope"
        remote_volume_resource_id = azurerm_netapp_volume.w.id
        replication_frequency     = "hourly"
      }}
    }}
    """
    assert ("place:HK", "replication", True) in paths(tmp_path, text)


PEERED = """
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

resource "aws_vpc" "v" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "s" {
  vpc_id     = aws_vpc.v.id
  cidr_block = "10.0.1.0/24"
}

resource "aws_vpc_peering_connection" "p" {
  vpc_id        = aws_vpc.v.id
  peer_vpc_id   = "vpc-0123456789abcdef0"
  peer_owner_id = "ACCOUNT"
}

resource "aws_route_table" "r" {
  vpc_id = aws_vpc.v.id

  route {
    cidr_block                = "10.9.0.0/16"
    vpc_peering_connection_id = aws_vpc_peering_connection.p.id
  }
}

resource "aws_route_table_association" "r" {
  subnet_id      = aws_subnet.s.id
  route_table_id = aws_route_table.r.id
}

resource "aws_ebs_volume" "w" {
  availability_zone = "eu-west-1a"
  size              = 100
  tags              = { "mlsec/holds" = "weights" }
}

resource "aws_instance" "i" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "p5.48xlarge"
  subnet_id     = aws_subnet.s.id
}

resource "aws_volume_attachment" "w" {
  device_name = "/dev/sdf"
  instance_id = aws_instance.i.id
  volume_id   = aws_ebs_volume.w.id
}
"""


@pytest.mark.parametrize(
    ("account", "found"), [(PARTNER, {f"account:{PARTNER}"}), (OWN, set())]
)
def test_a_peering_with_an_account(tmp_path, account, found):
    text = PEERED.replace("ACCOUNT", account)
    assert {end for end, by, _ in paths(tmp_path, text) if by == "network"} == found


FACTORY = """
resource "azurerm_storage_account" "w" {
  name                     = "labw"
  resource_group_name      = "lab"
  location                 = "westeurope"
  account_tier             = "Standard"
  account_replication_type = "LRS"
  tags                     = { mlsec_holds = "weights" }
}

resource "azurerm_storage_account" "own" {
  name                     = "labcopies"
  resource_group_name      = "lab"
  location                 = "eastasia"
  account_tier             = "Standard"
  account_replication_type = "LRS"
}

resource "azurerm_data_factory" "f" {
  name                   = "f"
  resource_group_name    = "lab"
  location               = "westeurope"
  public_network_enabled = false
}

resource "azurerm_data_factory_linked_service_azure_blob_storage" "from" {
  name              = "from"
  data_factory_id   = azurerm_data_factory.f.id
  connection_string = azurerm_storage_account.w.primary_connection_string
}

resource "azurerm_data_factory_linked_service_azure_blob_storage" "to" {
  name            = "to"
  data_factory_id = azurerm_data_factory.f.id
  TO
}

resource "azurerm_data_factory_dataset_binary" "from" {
  name                = "from"
  data_factory_id     = azurerm_data_factory.f.id
  linked_service_name = azurerm_data_factory_linked_service_azure_blob_storage.from.name

  azure_blob_storage_location {
    container = "runs"
  }
}

resource "azurerm_data_factory_dataset_binary" "to" {
  name                = "to"
  data_factory_id     = azurerm_data_factory.f.id
  linked_service_name = "to"

  azure_blob_storage_location {
    container = "drop"
  }
}

resource "azurerm_data_factory_pipeline" "p" {
  name            = "p"
  data_factory_id = azurerm_data_factory.f.id
  activities_json = jsonencode(ACTIVITIES)
}
"""
COPY = """{
    name = "copy", type = "Copy",
    inputs = [{ referenceName = azurerm_data_factory_dataset_binary.from.name }],
    outputs = [{ referenceName = "to" }]
  }"""
LOOP = (
    '{ name = "l", type = "ForEach", typeProperties = { activities = [' + COPY + "] } }"
)
AWAY = 'service_endpoint = "https://vendor.blob.core.windows.net"'
BY_STRING = 'connection_string = "DefaultEndpointsProtocol=https;AccountName=vendor;"'
INSIDE = "connection_string = azurerm_storage_account.own.primary_connection_string"
VENDOR = ("account:unknown(abfss://drop@vendor.dfs.core.windows.net)", False)


@pytest.mark.parametrize(
    ("to", "activities", "found"),
    [
        (AWAY, f"[{COPY}]", {VENDOR}),
        (BY_STRING, f"[{LOOP}]", {VENDOR}),
        (INSIDE, f"[{COPY}]", {("place:HK", True)}),
        (AWAY, '[{ name = "w", type = "Wait" }]', set()),
    ],
)
def test_what_a_pipeline_of_a_factory_copies(tmp_path, to, activities, found):
    text = FACTORY.replace("TO", to).replace("ACTIVITIES", activities)
    ends = {(end, sure) for end, by, sure in paths(tmp_path, text) if by != "transfer"}
    assert ends == found


def test_activities_that_lie_too_deep_or_are_none_are_left_out(tmp_path):
    deep = COPY
    for _ in range(30):
        deep = '{ type = "ForEach", typeProperties = { activities = [' + deep + "] } }"
    text = FACTORY.replace("TO", AWAY).replace("ACTIVITIES", f"[{deep}, 1, null, []]")
    assert {by for _, by, _ in paths(tmp_path, text)} <= {"transfer"}


SHARED = """
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

resource "aws_ebs_volume" "w" {
  availability_zone = "eu-west-1a"
  size              = 100
  tags              = { "mlsec/holds" = "weights" }
}

resource "aws_backup_logically_air_gapped_vault" "v" {
  name               = "v"
  min_retention_days = 7
  max_retention_days = 30
}

resource "aws_backup_plan" "p" {
  name = "p"

  rule {
    rule_name         = "r"
    target_vault_name = "v"

    copy_action {
      destination_vault_arn = aws_backup_logically_air_gapped_vault.v.arn
    }
  }
}

resource "aws_backup_selection" "s" {
  name         = "s"
  plan_id      = aws_backup_plan.p.id
  iam_role_arn = "arn:aws:iam::111122223333:role/b"
  resources    = [aws_ebs_volume.w.arn]
}

resource "aws_ram_resource_share" "s" {
  name                      = "s"
  allow_external_principals = true
}

resource "aws_ram_resource_association" "s" {
  resource_arn       = aws_backup_logically_air_gapped_vault.v.arn
  resource_share_arn = aws_ram_resource_share.s.arn
}

resource "aws_ram_principal_association" "s" {
  principal          = "WHO"
  resource_share_arn = aws_ram_resource_share.s.arn
}
"""


@pytest.mark.parametrize(
    ("who", "found"),
    [
        (PARTNER, {f"account:{PARTNER}"}),
        (f"arn:aws:iam::{PARTNER}:role/restore", {f"account:{PARTNER}"}),
        (OWN, set()),
        ("arn:aws:organizations::111122223333:organization/o-abcdefghij", set()),
    ],
)
def test_a_vault_that_is_shared(tmp_path, who, found):
    assert {end for end, _, _ in paths(tmp_path, SHARED.replace("WHO", who))} == found
