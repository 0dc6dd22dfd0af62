"""Public modules of clusters and networks by their inputs."""

from __future__ import annotations

import pytest
from clouds import estate_of, thing, told

EKS = """
variable "x" {}
provider "aws" {
  region = "eu-west-1"
}
module "eks" {
  source       = "terraform-aws-modules/eks/aws"
  version      = "%s"
  cluster_name = "train"
  subnet_ids   = ["subnet-1"]
  eks_managed_node_group_defaults = {
    instance_types = ["m5.large"]
  }
  eks_managed_node_groups = {
    "gp]u" = {
      instance_types = ["p5.48xlarge"]
      block_device_mappings = {
        root = {
          device_name = "/dev/xvda"
          ebs = {
            encrypted = false
          }
        }
      }
    }
    cpu = {}
  }
  %s
}
resource "aws_iam_role" "pod" {
  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow",
    Principal = { Federated = module.eks.oidc_provider_arn }, Action = "*" }] })
}
"""
GPU = 'module.eks.module.eks_managed_node_group["gp]u"]'
NODES = f"{GPU}.aws_eks_node_group.this[0]"


def test_node_groups_of_a_cluster(tmp_path):
    estate = estate_of(tmp_path, EKS % ("~> 20.0", ""))

    assert told(estate, NODES, "accelerator", "workload") == [True]
    cpu = NODES.replace('"gp]u"', '"cpu"')
    assert told(estate, cpu, "accelerator", "workload") == [False]
    assert told(estate, NODES, "place.countries", "workload") == [("IE",)]
    disk = f"{GPU}.aws_launch_template.this[0].block_device_mappings[0]"
    assert told(estate, disk, "encryption.key.managed_by") == ["none"]
    assert told(estate, "aws_iam_role.pod", "public.principal", "identity") == [False]


@pytest.mark.parametrize(
    ("version", "more", "expected"),
    [
        ("~> 20.0", "", True),
        ("~> 20.0", "create_kms_key = false", False),
        ("~> 20.0", "cluster_encryption_config = {}", False),
        ("~> 18.0", "", False),
        ("~> 18.0", "create_kms_key = true", True),
        ("~> 21.0", "encryption_config = null", False),
        ("~> 21.0", "encryption_config = {}", True),
    ],
)
def test_the_key_of_a_cluster(tmp_path, version, more, expected):
    estate = estate_of(tmp_path, EKS % (version, more))

    found = [key.address for key in estate.of("key")]
    assert found == (["module.eks.module.kms.aws_kms_key.this[0]"] if expected else [])


SHARE = """
variable "x" {}
module "vpc" {
  source          = "terraform-aws-modules/vpc/aws"
  version         = "~> 5.0"
  cidr            = "10.1.0.0/16"
  azs             = ["us-west-2a", "us-west-2b"]
  private_subnets = ["10.1.1.0/24", "10.1.2.0/24"]
}
module "sg" {
  source  = "terraform-aws-modules/security-group/aws"
  version = "~> 5.0"
  name    = "share"
  vpc_id  = module.vpc.vpc_id
  %s
}
resource "aws_efs_file_system" "fs" {
  encrypted = true
}
resource "aws_efs_mount_target" "t" {
  file_system_id  = aws_efs_file_system.fs.id
  subnet_id       = module.vpc.private_subnets[0]
  security_groups = [module.sg.security_group_id]
}
"""


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ('ingress_rules = ["nfs-tcp"]\n  ingress_cidr_blocks = ["0.0.0.0/0"]', True),
        (
            (
                'ingress_rules = ["nfs-tcp"]\n'
                "  ingress_cidr_blocks = [module.vpc.vpc_cidr_block]"
            ),
            True,
        ),
        ('ingress_rules = ["nfs-tcp"]\n  ingress_cidr_blocks = ["10.1.1.7/32"]', False),
        (
            'ingress_rules = ["https-443-tcp"]\n  ingress_cidr_blocks = ["0.0.0.0/0"]',
            False,
        ),
        (
            'ingress_rules = ["winrm-http-tcp"]\n  ingress_cidr_blocks = ["0.0.0.0/0"]',
            "unknown",
        ),
        (
            (
                "ingress_with_cidr_blocks = [{ from_port = 2049, to_port = 2049, "
                'protocol = "tcp", cidr_blocks = "10.1.1.7/32,10.1.0.0/16" }]'
            ),
            True,
        ),
        (
            (
                "ingress_with_cidr_blocks = [{ from_port = 80, to_port = 80, "
                'protocol = "tcp", cidr_blocks = "0.0.0.0/0" }]'
            ),
            False,
        ),
        ("ingress_with_cidr_blocks = var.x", "unknown"),
        ("", False),
    ],
)
def test_who_may_mount_a_share_behind_modules(tmp_path, rules, expected):
    estate = estate_of(tmp_path, SHARE % rules)

    found = told(estate, "aws_efs_file_system.fs", "share.open")
    assert (found[-1] if found else False) == expected


GKE = """
variable "x" {}
module "gke" {
  source     = "terraform-google-modules/kubernetes-engine/google//modules/private-cluster"
  version    = "~> 36.0"
  project_id = "p"
  name       = "train"
  region     = "europe-west4"
  zones      = ["us-central1-a"]
  %s
}
"""
POOL = 'module.gke.google_container_node_pool.pools["%s"]'
A3 = 'node_pools = [{ name = "a", machine_type = "a3-highgpu-8g" }]'
T4 = 'node_pools = [{ name = "a", accelerator_count = "1", accelerator_type = "t4" }]'


@pytest.mark.parametrize(
    ("more", "name", "fact", "expected"),
    [
        (A3, "a", "accelerator", [True]),
        (T4, "a", "accelerator", [True]),
        ('node_pools = [{ name = "a" }]', "a", "accelerator", [False]),
        ("", "default-node-pool", "accelerator", [False]),
        (A3, "a", "place.region", ["europe-west4"]),
        (f"{A3}\n  regional = false", "a", "place.region", ["us-central1-a"]),
        (f"{A3}\n  regional = var.x", "a", "place.region", ["unknown"]),
        (A3, "a", "confidential", [False]),
        (f"{A3}\n  enable_confidential_nodes = true", "a", "confidential", [True]),
    ],
)
def test_node_pools_of_a_google_cluster(tmp_path, more, name, fact, expected):
    estate = estate_of(tmp_path, GKE % more)

    assert told(estate, POOL % name, fact, "workload") == expected


AKS = """
module "aks" {
  source    = "Azure/avm-res-containerservice-managedcluster/azurerm"
  version   = "%s"
  name      = "train"
  location  = "westeurope"
  %s
}
"""


@pytest.mark.parametrize(
    ("version", "more"),
    [
        (
            "0.3.3",
            (
                'default_node_pool = { name = "d", vm_size = "Standard_D2s_v5" }\n'
                '  node_pools = { gpu = { name = "g", vm_size = "Standard_ND96isr_H100_v5" } }'
            ),
        ),
        (
            "0.8.0",
            (
                'default_agent_pool = { name = "d", vm_size = "Standard_D2s_v5" }\n'
                '  agent_pools = { gpu = { name = "g", vm_size = "Standard_ND96isr_H100_v5" } }'
            ),
        ),
    ],
)
def test_pools_of_an_azure_cluster(tmp_path, version, more):
    estate = estate_of(tmp_path, AKS % (version, more))

    first = "module.aks.azurerm_kubernetes_cluster.this"
    pool = 'module.aks.azurerm_kubernetes_cluster_node_pool.this["gpu"]'
    assert told(estate, first, "accelerator", "workload") == [False]
    assert told(estate, pool, "accelerator", "workload") == [True]
    assert told(estate, pool, "place.region", "workload") == ["westeurope"]
    assert thing(estate, pool, "workload").provider == "azure"
