"""Network rules that guard nobody in the scan count where all is taken for weights."""

from __future__ import annotations

import pytest

from mlsec_lint.lower import lower, lower_later
from mlsec_lint.scan import read
from mlsec_lint.trace import trace

AWS = """
resource "aws_security_group" "open" {
  ingress {
    from_port   = 20
    to_port     = 30
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_security_group" "closed" {
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
  egress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
}

resource "aws_security_group_rule" "elsewhere" {
  security_group_id = "sg-0123"
  type              = "ingress"
  from_port         = 22
  to_port           = 22
  protocol          = "tcp"
  cidr_blocks       = ["0.0.0.0/0"]
}

resource "aws_launch_template" "public" {
  network_interfaces {
    associate_public_ip_address = true
  }
}

resource "aws_eks_node_group" "nodes" {
  cluster_name = "elsewhere"
  remote_access {
    ec2_ssh_key = "lab"
  }
}

resource "aws_subnet" "private" {
  vpc_id                  = "vpc-1"
  map_public_ip_on_launch = false
}
"""
AZURE = """
resource "azurerm_network_security_rule" "rdp" {
  name                        = "rdp"
  access                      = "allow"
  direction                   = "inbound"
  network_security_group_name = "elsewhere"
  priority                    = 100
  protocol                    = "tcp"
  destination_port_range      = "3000-4000"
  source_address_prefix       = "internet"
}

resource "azurerm_network_interface" "none" {
  ip_configuration {
    public_ip_address_id = ""
  }
}

resource "azurerm_network_interface" "one" {
  ip_configuration {
    public_ip_address_id = azurerm_public_ip.one.id
  }
}

resource "azurerm_public_ip" "one" {}
"""
GCP = """
resource "google_compute_firewall" "ssh" {
  network       = "train"
  source_ranges = ["0.0.0.0/0"]
  target_tags   = ["bastion"]
  allow {
    protocol = "tcp"
    ports    = ["22"]
  }
}

resource "google_compute_firewall" "out" {
  network   = "train"
  direction = "EGRESS"
  deny {
    protocol = "all"
  }
}

resource "google_compute_instance_template" "public" {
  network_interface {
    network = "train"
    access_config {}
  }
}
"""
MACHINE = """
resource "aws_instance" "train" {
  instance_type               = "p5.48xlarge"
  subnet_id                   = aws_subnet.private.id
  associate_public_ip_address = true
  vpc_security_group_ids      = [aws_security_group.open.id]
}
"""


def told(folder, text, assume="all"):
    """What network rules by themselves, and machines, are said to open."""
    folder.joinpath("main.tf").write_text(text, encoding="utf-8")
    inputs = read(str(folder)).inputs
    estate = lower(inputs)
    trace(estate, assume=assume, between=lambda: lower_later(inputs, estate))
    return {
        (thing.kind, thing.address, name)
        for thing in estate.things.values()
        for name in (
            "admin.open",
            "egress.allow_all",
            "address.public",
            "metadata.guarded",
        )
        for fact in thing.all_facts(name)
        if fact.value is (name != "metadata.guarded")
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            AWS,
            {
                ("network", "aws_security_group.open", "admin.open"),
                ("network", "aws_security_group.open", "egress.allow_all"),
                ("network", "aws_security_group_rule.elsewhere", "admin.open"),
                ("network", "aws_eks_node_group.nodes", "admin.open"),
                ("network", "aws_launch_template.public", "address.public"),
                ("network", "aws_launch_template.public", "metadata.guarded"),
            },
        ),
        (
            AZURE,
            {
                ("network", "azurerm_network_security_rule.rdp", "admin.open"),
                ("network", "azurerm_network_interface.one", "address.public"),
            },
        ),
        (
            GCP,
            {
                ("network", "google_compute_firewall.ssh", "admin.open"),
                (
                    "network",
                    "google_compute_instance_template.public",
                    "address.public",
                ),
            },
        ),
    ],
    ids=["aws", "azure", "gcp"],
)
def test_rules_of_nobody_count_where_all_is_weights(tmp_path, text, expected):
    assert told(tmp_path, text) == expected


@pytest.mark.parametrize("text", [AWS, AZURE, GCP], ids=["aws", "azure", "gcp"])
def test_rules_of_nobody_are_no_finding_otherwise(tmp_path, text):
    assert told(tmp_path, text, "inferred") == set()


def test_a_line_of_a_machine_is_told_once(tmp_path):
    found = told(tmp_path, AWS + MACHINE)

    assert ("workload", "aws_instance.train", "admin.open") in found
    assert ("workload", "aws_instance.train", "egress.allow_all") in found
    assert not any(address == "aws_security_group.open" for _, address, _ in found)


@pytest.mark.parametrize(("assume", "expected"), [("all", True), ("inferred", False)])
def test_machines_without_a_profile_have_an_identity_where_all_is_weights(
    tmp_path, assume, expected
):
    found = told(tmp_path, MACHINE + AWS, assume)

    one = ("workload", "aws_instance.train", "metadata.guarded")
    assert (one in found) is expected
