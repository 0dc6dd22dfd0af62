"""Disks, file systems, snapshots and machines: sealed, shared, given away, destroyed."""

from __future__ import annotations

import pytest
from clouds import estate_of, shown, told

SEALED = "encryption.key.managed_by"

EBS = """
variable "x" {{}}
resource "aws_ebs_volume" "v" {{
  availability_zone = "eu-central-1a"
  {arguments}
}}
{more}
"""
DEFAULT = 'resource "aws_ebs_encryption_by_default" "d" {{\n{0}\n}}'
OWN_KEY = """
resource "aws_kms_key" "k" {}
resource "aws_ebs_default_kms_key" "d" {
  key_arn = aws_kms_key.k.arn
}
"""


@pytest.mark.parametrize(
    ("arguments", "more", "expected"),
    [
        ("", "", ["unknown"]),
        ("encrypted = true", "", ["provider"]),
        ("encrypted = false", "", ["none"]),
        ("", DEFAULT.format(""), ["provider"]),
        ("", DEFAULT.format("enabled = true"), ["provider"]),
        ("", DEFAULT.format("enabled = false"), ["none"]),
        ("", DEFAULT.format("enabled = var.x"), ["unknown"]),
        ("", DEFAULT.format("") + OWN_KEY, ["customer"]),
        ("", DEFAULT.format("count = var.x"), ["unknown"]),
        ('snapshot_id = "snap-1"', DEFAULT.format("enabled = false"), ["unknown"]),
        ("", DEFAULT.format("provider = aws.other"), ["unknown"]),
    ],
)
def test_a_disk_that_says_nothing_is_as_the_account_says(
    tmp_path, arguments, more, expected
):
    estate = estate_of(tmp_path, EBS.format(arguments=arguments, more=more))
    assert told(estate, "aws_ebs_volume.v", SEALED) == expected


def test_disks_of_launch_templates_and_configurations(tmp_path):
    estate = estate_of(
        tmp_path,
        """
        resource "aws_launch_template" "t" {
          block_device_mappings {
            device_name = "/dev/sda"
            ebs {
              encrypted = "true"
            }
          }
          block_device_mappings {
            device_name = "/dev/sdb"
            ebs {
              encrypted = "false"
            }
          }
        }
        resource "aws_launch_configuration" "c" {
          root_block_device {
            encrypted = false
          }
        }
        """,
    )
    stem = "aws_launch_template.t.block_device_mappings"
    assert told(estate, f"{stem}[0]", SEALED) == ["provider"]
    assert told(estate, f"{stem}[1]", SEALED) == ["none"]
    address = "aws_launch_configuration.c.root_block_device[0]"
    assert told(estate, address, SEALED) == ["none"]


EFS = """
variable "x" {{}}
resource "aws_vpc" "v" {{
  cidr_block = "10.1.0.0/20"
}}
resource "aws_subnet" "s" {{
  vpc_id     = aws_vpc.v.id
  cidr_block = "10.1.4.0/24"
}}
module "vpc" {{
  source = "terraform-aws-modules/vpc/aws"
}}
resource "aws_efs_file_system" "f" {{
  encrypted = true
}}
resource "aws_efs_mount_target" "m" {{
  file_system_id  = aws_efs_file_system.f.id
  subnet_id       = aws_subnet.s.id
  security_groups = [aws_security_group.g.id]
}}
resource "aws_security_group" "g" {{
  ingress {{
    from_port = {port}
    to_port   = {port}
    protocol  = "{protocol}"
    {source}
  }}
}}
{more}
"""


def efs(tmp_path, source, port=2049, protocol="tcp", more=""):
    text = EFS.format(source=source, port=port, protocol=protocol, more=more)
    return told(estate_of(tmp_path, text), "aws_efs_file_system.f", "share.open")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('cidr_blocks = ["0.0.0.0/0"]', [True]),
        ('cidr_blocks = ["10.0.0.0/8"]', [True]),
        ('cidr_blocks = ["10.1.0.0/16"]', [True]),
        ('cidr_blocks = ["10.1.0.0/20"]', [True]),
        ('cidr_blocks = ["10.1.4.0/24"]', [False]),
        ("cidr_blocks = [aws_vpc.v.cidr_block]", [True]),
        ("cidr_blocks = [module.vpc.vpc_cidr_block]", [True]),
        ("cidr_blocks = [aws_subnet.s.cidr_block]", [False]),
        ("cidr_blocks = [var.x]", ["unknown"]),
        ('ipv6_cidr_blocks = ["::/0"]', [True]),
        ('security_groups = ["sg-1"]', [False]),
        ("self = true", [False]),
    ],
)
def test_who_reaches_a_mount_target(tmp_path, source, expected):
    assert efs(tmp_path, source) == expected


def test_only_rules_about_the_port_count(tmp_path):
    wide = 'cidr_blocks = ["0.0.0.0/0"]'
    assert efs(tmp_path, wide, port=443) == [False]
    assert efs(tmp_path, wide, port=0, protocol="-1") == [True]
    assert efs(tmp_path, wide, protocol="udp") == [False]


POLICY = """
resource "aws_efs_file_system_policy" "p" {{
  file_system_id = aws_efs_file_system.f.id
  policy         = jsonencode({{ Statement = [{{
    Effect    = "Allow"
    Principal = {principal}
    Action    = "elasticfilesystem:ClientMount"
    Condition = {condition}
  }}] }})
}}
"""
BY_TARGET = '{ Bool = { "elasticfilesystem:AccessedViaMountTarget" = "true" } }'
BY_POINT = '{ StringEquals = { "elasticfilesystem:AccessPointArn" = "arn" } }'


@pytest.mark.parametrize(
    ("principal", "condition", "expected"),
    [
        ('{ AWS = "*" }', BY_TARGET, [True]),
        ('{ AWS = "*" }', BY_POINT, [False]),
        ('{ AWS = "arn:aws:iam::1:role/r" }', "{}", [False]),
        ("{ AWS = var.x }", "{}", ["unknown"]),
        ('{ AWS = "arn:aws:iam::1:role/${var.x}" }', "{}", [False]),
    ],
)
def test_a_policy_that_asks_for_an_identity_closes(
    tmp_path, principal, condition, expected
):
    more = POLICY.format(principal=principal, condition=condition)
    assert efs(tmp_path, 'cidr_blocks = ["0.0.0.0/0"]', more=more) == expected


def test_without_security_groups_the_default_group_lets_its_members_in(tmp_path):
    text = """
        resource "aws_fsx_lustre_file_system" "f" {
          subnet_ids = ["subnet-1"]
        }
    """
    estate = estate_of(tmp_path, text)
    assert told(estate, "aws_fsx_lustre_file_system.f", "share.open") == [True]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("", [True]),
        ("nfs_export_options {\n}", [True]),
        ('nfs_export_options {\nip_ranges = ["10.0.0.0/8"]\n}', [True]),
        ('nfs_export_options {\nip_ranges = ["10.0.0.0/28"]\n}', [False]),
        (
            'nfs_export_options {\nip_ranges = ["10.0.0.0/28", "0.0.0.0/0"]\n}',
            [True],
        ),
    ],
)
def test_export_options_of_filestore(tmp_path, options, expected):
    text = f"""
        resource "google_filestore_instance" "f" {{
          name     = "f"
          location = "europe-west4-a"
          file_shares {{
            name = "s"
            {options}
          }}
        }}
    """
    estate = estate_of(tmp_path, text)
    assert told(estate, "google_filestore_instance.f", "share.open") == expected


SNAPSHOT = """
variable "x" {{}}
resource "aws_ebs_volume" "v" {{
  availability_zone = "eu-central-1a"
  encrypted         = true
  tags              = {{ "mlsec/holds" = "weights" }}
}}
resource "aws_ebs_snapshot" "s" {{
  volume_id = aws_ebs_volume.v.id
}}
resource "aws_ami" "i" {{
  name = "i"
  ebs_block_device {{
    device_name = "/dev/xvda"
    snapshot_id = aws_ebs_snapshot.s.id
  }}
}}
{more}
"""


def permission(kind, parent, arguments):
    return f'resource "{kind}" "p" {{\n{parent}\n{arguments}\n}}'


IMAGE = ("aws_ami_launch_permission", "image_id = aws_ami.i.id")
ON_SNAPSHOT = (
    "aws_snapshot_create_volume_permission",
    "snapshot_id = aws_ebs_snapshot.s.id",
)


@pytest.mark.parametrize(
    ("more", "address", "fact", "expected"),
    [
        (permission(*IMAGE, 'group = "all"'), "aws_ami.i", "shared.public", [True]),
        (
            permission(*IMAGE, "group = var.x"),
            "aws_ami.i",
            "shared.public",
            ["unknown"],
        ),
        ("", "aws_ami.i", "shared.public", [False]),
        (
            permission(*IMAGE, 'organization_arn = "arn"'),
            "aws_ami.i",
            "shared.public",
            [False],
        ),
        (
            permission(*ON_SNAPSHOT, 'account_id = "123"'),
            "aws_ebs_snapshot.s",
            "shared.accounts",
            [("123",)],
        ),
        (
            permission(*ON_SNAPSHOT, "account_id = var.x"),
            "aws_ebs_snapshot.s",
            "shared.accounts",
            ["unknown"],
        ),
        (
            permission(
                "aws_ebs_snapshot_block_public_access", 'state = "unblocked"', ""
            ),
            "aws_ebs_volume.v",
            "sharing.blocked",
            [False],
        ),
        ("", "aws_ebs_snapshot.s", SEALED, ["provider"]),
    ],
)
def test_permissions_on_snapshots_and_images(tmp_path, more, address, fact, expected):
    estate = estate_of(tmp_path, SNAPSHOT.format(more=more))
    assert told(estate, address, fact) == expected
    assert told(estate, address, "weights.held") == [True]


def test_a_permission_on_an_image_of_somebody_else(tmp_path):
    more = permission(
        "aws_ami_launch_permission", 'image_id = "ami-1"', 'group = "all"'
    )
    estate = estate_of(tmp_path, more)
    assert told(estate, "ami:ami-1", "shared.public") == [True]
    assert shown(estate, "ami:ami-1", "shared.public") == ['group = "all"']


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("", [True]),
        ('network_access_policy = "DenyAll"', [False]),
        ('network_access_policy = "AllowPrivate"', [False]),
        ("public_network_access_enabled = false", [False]),
        ("public_network_access_enabled = var.x", ["unknown"]),
    ],
)
def test_export_of_managed_disks(tmp_path, arguments, expected):
    text = f"""
        variable "x" {{}}
        resource "azurerm_managed_disk" "d" {{
          name     = "d"
          location = "westeurope"
          {arguments}
        }}
    """
    estate = estate_of(tmp_path, text)
    assert told(estate, "azurerm_managed_disk.d", "export.public") == expected


@pytest.mark.parametrize(
    ("kind", "arguments", "expected"),
    [
        ("aws_s3_bucket", "", [True]),
        ("aws_s3_bucket", "force_destroy = true", [False]),
        ("aws_s3_bucket", "force_destroy = var.x", ["unknown"]),
        (
            "aws_s3_bucket",
            "force_destroy = true\nlifecycle {\nprevent_destroy = true\n}",
            [True],
        ),
        ("aws_ebs_volume", "", [False]),
        ("aws_ebs_volume", "final_snapshot = true", [True]),
        ("aws_ecr_repository", 'name = "r"', [True]),
        ("aws_ecr_repository", 'name = "r"\nforce_delete = true', [False]),
        ("aws_fsx_lustre_file_system", "", [False]),
        ("aws_fsx_lustre_file_system", "skip_final_backup = false", [True]),
        ("aws_fsx_openzfs_file_system", "", [True]),
        ("google_storage_bucket", 'name = "b"\nlocation = "EU"', [True]),
        ("google_filestore_instance", 'location = "europe-west4-a"', [False]),
        ("google_compute_disk", 'zone = "europe-west4-a"', [False]),
        (
            "google_compute_disk",
            'zone = "europe-west4-a"\ncreate_snapshot_before_destroy = true',
            [True],
        ),
        ("azurerm_managed_disk", 'location = "westeurope"', [False]),
    ],
)
def test_what_a_plan_can_destroy(tmp_path, kind, arguments, expected):
    text = f'variable "x" {{}}\nresource "{kind}" "t" {{\n{arguments}\n}}'
    assert told(estate_of(tmp_path, text), f"{kind}.t", "deletion.guarded") == expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("", [True]),
        ("soft_delete_policy {\nretention_duration_seconds = 0\n}", [False]),
        ('soft_delete_policy {\nretention_duration_seconds = "0"\n}', [False]),
        ("soft_delete_policy {\nretention_duration_seconds = 604800\n}", [True]),
        ("soft_delete_policy {\nretention_duration_seconds = var.x\n}", ["unknown"]),
    ],
)
def test_soft_delete_of_cloud_storage(tmp_path, arguments, expected):
    text = f"""
        variable "x" {{}}
        resource "google_storage_bucket" "b" {{
          name     = "b"
          location = "EU"
          {arguments}
        }}
    """
    estate = estate_of(tmp_path, text)
    assert told(estate, "google_storage_bucket.b", "deletion.recoverable") == expected


@pytest.mark.parametrize(
    ("text", "address", "expected"),
    [
        (
            'resource "aws_instance" "i" {\nenclave_options {\nenabled = true\n}\n}',
            "aws_instance.i",
            [True],
        ),
        (
            (
                'resource "aws_instance" "i" {\n'
                'cpu_options {\namd_sev_snp = "enabled"\n}\n}'
            ),
            "aws_instance.i",
            [True],
        ),
        ('resource "aws_instance" "i" {}', "aws_instance.i", [False]),
        (
            (
                'resource "google_compute_instance" "i" {\nzone = "z"\n'
                'confidential_instance_config {\nconfidential_instance_type = "TDX"\n}\n}'
            ),
            "google_compute_instance.i",
            [True],
        ),
        (
            (
                'resource "google_container_cluster" "c" {\n'
                "confidential_nodes {\nenabled = true\n}\n}\n"
                'resource "google_container_node_pool" "p" {\n'
                "cluster = google_container_cluster.c.name\n}"
            ),
            "google_container_node_pool.p",
            [True],
        ),
        (
            (
                'resource "azurerm_kubernetes_cluster_node_pool" "p" {\n'
                'vm_size = "Standard_DC8as_v5"\n}'
            ),
            "azurerm_kubernetes_cluster_node_pool.p",
            [True],
        ),
        (
            (
                'resource "azurerm_kubernetes_cluster_node_pool" "p" {\n'
                'vm_size = "Standard_D8as_v5"\n}'
            ),
            "azurerm_kubernetes_cluster_node_pool.p",
            [False],
        ),
        (
            (
                'resource "aws_eks_node_group" "n" {\n'
                'launch_template {\nid = "lt-1"\n}\n}'
            ),
            "aws_eks_node_group.n",
            ["unknown"],
        ),
    ],
)
def test_machines_that_seal_their_memory(tmp_path, text, address, expected):
    estate = estate_of(tmp_path, text)
    assert told(estate, address, "confidential", "workload") == expected


def test_a_machine_handles_what_lies_on_its_disks(tmp_path):
    text = """
        resource "aws_ebs_volume" "v" {
          availability_zone = "eu-central-1a"
          tags              = { "mlsec/holds" = "weights" }
        }
        resource "aws_instance" "i" {
          instance_type = "p5.48xlarge"
          root_block_device {
            encrypted = true
          }
        }
        resource "aws_volume_attachment" "a" {
          volume_id   = aws_ebs_volume.v.id
          instance_id = aws_instance.i.id
        }
    """
    estate = estate_of(tmp_path, text)
    assert told(estate, "aws_instance.i", "weights.held", "workload") == [True]
    assert told(estate, "aws_instance.i", "accelerator", "workload") == [True]
    root = "aws_instance.i.root_block_device[0]"
    assert told(estate, root, "weights.held") == []


@pytest.mark.parametrize(
    ("tag", "expected"), [("daily", [("123",), ("456",)]), ("never", [])]
)
def test_snapshots_that_a_lifecycle_policy_gives_away(tmp_path, tag, expected):
    text = f"""
        resource "aws_ebs_volume" "v" {{
          availability_zone = "eu-central-1a"
          tags              = {{ backup = "daily" }}
        }}
        resource "aws_dlm_lifecycle_policy" "p" {{
          policy_details {{
            resource_types = ["VOLUME"]
            target_tags    = {{ backup = "{tag}" }}
            schedule {{
              share_rule {{
                target_accounts = ["123", "456"]
              }}
            }}
          }}
        }}
    """
    estate = estate_of(tmp_path, text)
    assert told(estate, "aws_ebs_volume.v", "shared.accounts") == expected
