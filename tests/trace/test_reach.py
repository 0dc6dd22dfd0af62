"""Where connections can go: whole configs, layer by layer, in three values."""

from __future__ import annotations

from textwrap import dedent

import pytest

from mlsec_lint.scan import read, survey
from mlsec_lint.trace.reach import reaches

VPC = """
    resource "aws_vpc" "main" {
      cidr_block = "10.8.0.0/16"
    }
    resource "aws_subnet" "train" {
      vpc_id     = aws_vpc.main.id
      cidr_block = "10.8.1.0/24"
    }
    resource "aws_route_table" "train" {
      vpc_id = aws_vpc.main.id
    }
    resource "aws_route_table_association" "train" {
      subnet_id      = aws_subnet.train.id
      route_table_id = aws_route_table.train.id
    }
    resource "aws_nat_gateway" "main" {
      subnet_id = "subnet-0123456789abcdef0"
    }
    resource "aws_route" "out" {
      route_table_id         = aws_route_table.train.id
      destination_cidr_block = "0.0.0.0/0"
      nat_gateway_id         = aws_nat_gateway.main.id
    }
    resource "aws_security_group" "open" {
      vpc_id = aws_vpc.main.id
      egress {
        from_port   = 0
        to_port     = 0
        protocol    = "-1"
        cidr_blocks = ["0.0.0.0/0"]
      }
    }
    resource "aws_security_group" "plain" {
      vpc_id = aws_vpc.main.id
    }
    """
MACHINE = """
    resource "aws_instance" "m" {
      ami                    = "ami-0123456789abcdef0"
      instance_type          = "p5.48xlarge"
      subnet_id              = aws_subnet.train.id
      vpc_security_group_ids = [GROUPS]
    }
    """


def machine(groups: str = "aws_security_group.open.id") -> str:
    return MACHINE.replace("GROUPS", groups)


def outs(folder, files, workload="aws_instance.m"):
    texts = {"main.tf": files} if isinstance(files, str) else files
    for path, text in texts.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(dedent(text), encoding="utf-8")
    estate = survey(read(str(folder)))
    thing = estate.find("workload", workload)
    assert thing is not None, sorted(estate.things)
    return reaches(estate, thing)


def sinks(found):
    """(sink, name, "certain" or "possible") of each way out."""
    return {
        (o.sink, o.name, "certain" if o.unknown is None else "possible") for o in found
    }


INTERNET = {("internet", "", "certain"), ("any-store", "aws", "certain")}
MAYBE = {("internet", "", "possible"), ("any-store", "aws", "possible")}
CASES = {
    "nat and an open group": (VPC + machine(), INTERNET),
    "Terraform's own groups have no rule for what goes out": (
        VPC + machine("aws_security_group.plain.id"),
        set(),
    ),
    "groups add up": (
        VPC + machine("aws_security_group.plain.id, aws_security_group.open.id"),
        INTERNET,
    ),
    "the default group of a VPC lets everything out": (
        VPC + MACHINE.replace("vpc_security_group_ids = [GROUPS]", ""),
        INTERNET,
    ),
    "an adopted default group has the rules that are written": (
        VPC
        + MACHINE.replace("vpc_security_group_ids = [GROUPS]", "")
        + """
    resource "aws_default_security_group" "main" {
      vpc_id = aws_vpc.main.id
    }
    """,
        set(),
    ),
    "a group that is not in the scan": (
        'variable "group" {}\n' + VPC + machine("var.group"),
        MAYBE,
    ),
    "a NAT gateway of which the count is not known": (
        'variable "n" {\n  type = number\n}\n'
        + VPC.replace(
            'resource "aws_route" "out" {',
            'resource "aws_route" "out" {\n      count = var.n',
        )
        + machine(),
        MAYBE,
    ),
    "an internet gateway serves public addresses only": (
        VPC.replace("nat_gateway_id  ", "gateway_id  ").replace(
            "aws_nat_gateway.main.id", "aws_internet_gateway.main.id"
        )
        + 'resource "aws_internet_gateway" "main" {\n  vpc_id = aws_vpc.main.id\n}\n'
        + machine(),
        set(),
    ),
    "a private NAT gateway leads to no internet": (
        VPC.replace(
            'subnet_id = "subnet-0123456789abcdef0"',
            'subnet_id = aws_subnet.train.id\n      connectivity_type = "private"',
        )
        + machine(),
        set(),
    ),
    "a transit gateway leads nobody knows where": (
        VPC.replace("nat_gateway_id  ", "transit_gateway_id  ").replace(
            "aws_nat_gateway.main.id", "aws_ec2_transit_gateway.main.id"
        )
        + 'resource "aws_ec2_transit_gateway" "main" {}\n'
        + machine(),
        MAYBE,
    ),
    "an ACL without rules refuses everything": (
        VPC
        + machine()
        + """
    resource "aws_network_acl" "train" {
      vpc_id     = aws_vpc.main.id
      subnet_ids = [aws_subnet.train.id]
    }
    """,
        set(),
    ),
    "of an ACL the lowest number decides": (
        VPC
        + machine()
        + """
    resource "aws_network_acl" "train" {
      vpc_id     = aws_vpc.main.id
      subnet_ids = [aws_subnet.train.id]
      egress {
        rule_no    = 200
        action     = "deny"
        protocol   = "-1"
        cidr_block = "0.0.0.0/0"
        from_port  = 0
        to_port    = 0
      }
      egress {
        rule_no    = 100
        action     = "allow"
        protocol   = "tcp"
        cidr_block = "0.0.0.0/0"
        from_port  = 443
        to_port    = 443
      }
    }
    """,
        INTERNET,
    ),
    "a peering of another account": (
        VPC
        + machine()
        + """
    resource "aws_vpc_peering_connection" "p" {
      vpc_id        = aws_vpc.main.id
      peer_vpc_id   = "vpc-0123456789abcdef0"
      peer_owner_id = "444455556666"
    }
    resource "aws_route" "p" {
      route_table_id            = aws_route_table.train.id
      destination_cidr_block    = "10.99.0.0/16"
      vpc_peering_connection_id = aws_vpc_peering_connection.p.id
    }
    """,
        INTERNET | {("account", "444455556666", "certain")},
    ),
    "a more specific route to nowhere takes its addresses": (
        VPC.replace('"0.0.0.0/0"\n      nat', '"52.0.0.0/14"\n      nat')
        + machine()
        + """
    resource "aws_vpc_peering_connection" "own" {
      vpc_id      = aws_vpc.main.id
      peer_vpc_id = aws_vpc.main.id
    }
    resource "aws_route" "own" {
      route_table_id            = aws_route_table.train.id
      destination_cidr_block    = "52.0.0.0/15"
      vpc_peering_connection_id = aws_vpc_peering_connection.own.id
    }
    """,
        {("host", "52.2.0.0/15", "certain")},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_aws(tmp_path, name):
    text, wanted = CASES[name]
    assert sinks(outs(tmp_path, text)) == wanted


NETWORK = """
    resource "google_compute_network" "main" {
      name                    = "main"
      auto_create_subnetworks = falseMORE
    }
    resource "google_compute_subnetwork" "train" {
      name          = "train"
      network       = google_compute_network.main.id
      region        = "europe-west4"
      ip_cidr_range = "10.8.1.0/24"
    }
    resource "google_compute_instance" "m" {
      name         = "m"
      machine_type = "a3-highgpu-8g"
      zone         = "europe-west4-a"
      tags         = ["train"]
      boot_disk {}
      network_interface {
        subnetwork = google_compute_subnetwork.train.id
      }
    }
    """
ROUTER = """
    resource "google_compute_router" "main" {
      name    = "main"
      network = google_compute_network.main.id
      region  = "REGION"
    }
    resource "google_compute_router_nat" "main" {
      name                               = "main"
      router                             = google_compute_router.main.name
      region                             = "REGION"
      source_subnetwork_ip_ranges_to_nat = "ALL_SUBNETWORKS_ALL_IP_RANGES"
    }
    """
NAT = ROUTER.replace("REGION", "europe-west4")
RULE = """
    resource "google_compute_firewall" "NAME" {
      name               = "NAME"
      network            = google_compute_network.main.id
      direction          = "EGRESS"
      priority           = PRIORITY
      destination_ranges = ["0.0.0.0/0"]
      TAGS
      VERDICT {
        protocol = "all"
      }
    }
    """


def rule(verdict, priority, tags=""):
    said = f"target_tags = [{tags}]" if tags else ""
    text = RULE.replace("NAME", f"{verdict}-{priority}").replace("TAGS", said)
    return text.replace("PRIORITY", str(priority)).replace("VERDICT", verdict)


GOOGLE = {("internet", "", "certain"), ("any-store", "gcp", "certain")}
GCP = {
    "Cloud NAT of all subnets": (NETWORK + NAT, GOOGLE),
    "the default route serves public addresses only": (NETWORK, set()),
    "an access config is a public address": (
        NETWORK.replace(
            "google_compute_subnetwork.train.id\n      }",
            "google_compute_subnetwork.train.id\n        access_config {}\n      }",
        ),
        GOOGLE,
    ),
    "NAT of another region": (NETWORK + ROUTER.replace("REGION", "us-east1"), set()),
    "no default route": (
        NETWORK.replace("MORE", "\n      delete_default_routes_on_create = true") + NAT,
        set(),
    ),
    "a denial": (NETWORK + NAT + rule("deny", 1000), set()),
    "a denial for other machines": (
        NETWORK + NAT + rule("deny", 1000, '"web"'),
        GOOGLE,
    ),
    "an allowance before a denial": (
        NETWORK + NAT + rule("deny", 1000) + rule("allow", 900, '"train"'),
        GOOGLE,
    ),
    "a denial before an allowance of the same number": (
        NETWORK + NAT + rule("deny", 900) + rule("allow", 900),
        set(),
    ),
    "tags by variable": (
        'variable "tag" {}\n' + NETWORK + NAT + rule("deny", 900, "var.tag"),
        {(s, n, "possible") for s, n, _ in GOOGLE},
    ),
    "private access without a perimeter": (
        NETWORK.replace(
            'ip_cidr_range = "10.8.1.0/24"',
            'ip_cidr_range = "10.8.1.0/24"\n      private_ip_google_access = true',
        ),
        {("any-store", "gcp", "certain")},
    ),
}


@pytest.mark.parametrize("name", GCP)
def test_gcp(tmp_path, name):
    text, wanted = GCP[name]
    text = text.replace("MORE", "")
    assert sinks(outs(tmp_path, text, "google_compute_instance.m")) == wanted


POD = """
    apiVersion: v1
    kind: Pod
    metadata:
      name: train
      namespace: ml
    spec:
      containers:
        - name: train
          image: registry.lab.internal/train
    """
POLICY = """
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata:
      name: closed
      namespace: ml
    spec:
      podSelector: {}
      policyTypes: [Egress]
    """
EKS = """
    resource "aws_eks_cluster" "gpu" {
      name     = "gpu"
      role_arn = "arn:aws:iam::111122223333:role/gpu"
      vpc_config {
        subnet_ids = [aws_subnet.train.id]
      }
    }
    resource "aws_eks_node_group" "gpu" {
      cluster_name  = aws_eks_cluster.gpu.name
      node_role_arn = "arn:aws:iam::111122223333:role/nodes"
      subnet_ids    = [aws_subnet.train.id]
    }
    """


def test_a_pod_leaves_through_its_policies_and_its_nodes_network(tmp_path):
    files = {"main.tf": VPC + EKS, "pod.yaml": POD}
    found = outs(tmp_path, files, "Pod/ml/train")
    assert sinks(found) == INTERNET
    assert "aws_nat_gateway.main" in [hop.address for hop in found[0].hops]


ADDON = """
    resource "aws_eks_addon" "vpc_cni" {
      cluster_name         = aws_eks_cluster.gpu.name
      addon_name           = "vpc-cni"
      configuration_values = jsonencode({ enableNetworkPolicy = "SWITCH" })
    }
    """


@pytest.mark.parametrize(
    ("addon", "wanted"),
    [
        (ADDON.replace("SWITCH", "true"), set()),
        (ADDON.replace("SWITCH", "false"), INTERNET),
        ("", MAYBE),  # nothing in the scan says that the cluster heeds policies
    ],
)
def test_a_policy_closes_where_it_takes_effect(tmp_path, addon, wanted):
    files = {"main.tf": VPC + EKS + addon, "pod.yaml": POD, "policy.yaml": POLICY}
    assert sinks(outs(tmp_path, files, "Pod/ml/train")) == wanted


FIREWALL = """
    resource "aws_networkfirewall_rule_group" "hosts" {
      name     = "hosts"
      type     = "STATEFUL"
      capacity = 100
      rule_group {
        rules_source {
          rules_source_list {
            generated_rules_type = "ALLOWLIST"
            target_types         = ["TLS_SNI"]
            targets              = ["pypi.org", ".amazonaws.com"]
          }
        }
      }
    }
    resource "aws_networkfirewall_firewall_policy" "main" {
      name = "main"
      firewall_policy {
        stateful_default_actions = DEFAULT
        stateful_rule_group_reference {
          resource_arn = aws_networkfirewall_rule_group.hosts.arn
        }
      }
    }
    resource "aws_networkfirewall_firewall" "main" {
      name                = "main"
      firewall_policy_arn = aws_networkfirewall_firewall_policy.main.arn
      vpc_id              = aws_vpc.main.id
      subnet_mapping {
        subnet_id = aws_subnet.inspect.id
      }
    }
    resource "aws_subnet" "inspect" {
      vpc_id     = aws_vpc.main.id
      cidr_block = "10.8.2.0/28"
    }
    resource "aws_route_table" "inspect" {
      vpc_id = aws_vpc.main.id
      route {
        cidr_block     = "0.0.0.0/0"
        nat_gateway_id = aws_nat_gateway.main.id
      }
    }
    resource "aws_route_table_association" "inspect" {
      subnet_id      = aws_subnet.inspect.id
      route_table_id = aws_route_table.inspect.id
    }
    """


def behind_a_firewall(default: str) -> str:
    end = "aws_networkfirewall_firewall.main.firewall_status[0]"
    end += ".sync_states[0].attachment[0].endpoint_id"
    routed = VPC.replace("nat_gateway_id  ", "vpc_endpoint_id  ", 1).replace(
        "= aws_nat_gateway.main.id", f"= {end}", 1
    )
    return routed + machine() + FIREWALL.replace("DEFAULT", default)


def test_a_firewall_that_drops_the_rest_lets_named_hosts_through(tmp_path):
    found = outs(tmp_path, behind_a_firewall('["aws:drop_strict"]'))
    assert sinks(found) == {
        ("host", "pypi.org", "certain"),
        ("host", "*.amazonaws.com", "certain"),
        ("any-store", "aws", "certain"),
    }
    assert "aws_networkfirewall_firewall.main" in [h.address for h in found[0].hops]


def test_a_list_without_a_drop_leaves_other_protocols_possible(tmp_path):
    found = outs(tmp_path, behind_a_firewall("[]"))
    assert ("internet", "", "possible") in sinks(found)


def test_a_pod_of_a_cluster_that_is_not_here_is_possible(tmp_path):
    found = outs(tmp_path, {"pod.yaml": POD}, "Pod/ml/train")
    assert {(o.sink, o.unknown is None) for o in found} == {
        ("internet", False),
        ("any-store", False),
    }


def test_a_notebook_has_the_services_own_way_out(tmp_path):
    text = (
        VPC
        + """
    resource "aws_sagemaker_notebook_instance" "n" {
      name            = "n"
      role_arn        = "arn:aws:iam::111122223333:role/n"
      instance_type   = "ml.t3.medium"
      subnet_id       = aws_subnet.train.id
      security_groups = [aws_security_group.plain.id]
      DIRECT
    }
    """
    )
    address = "aws_sagemaker_notebook_instance.n"
    opened = outs(tmp_path, text.replace("DIRECT", ""), address)
    assert ("internet", "", "certain") in sinks(opened)
    closed = text.replace("DIRECT", 'direct_internet_access = "Disabled"')
    assert outs(tmp_path, closed, address) == ()


def test_isolation_of_a_model_takes_its_network_away(tmp_path):
    text = """
    resource "aws_sagemaker_model" "m" {
      name               = "m"
      execution_role_arn = "arn:aws:iam::111122223333:role/m"
      DIRECT
      primary_container {
        image          = "image"
        model_data_url = "s3://lab-weights/model.tar.gz"
      }
    }
    """
    opened = outs(tmp_path, text.replace("DIRECT", ""), "aws_sagemaker_model.m")
    assert ("internet", "", "certain") in sinks(opened)
    closed = text.replace("DIRECT", "enable_network_isolation = true")
    assert outs(tmp_path, closed, "aws_sagemaker_model.m") == ()


def test_a_host_by_name_is_open_whether_policies_take_effect_or_not(tmp_path):
    files = {
        "main.tf": dedent(VPC)
        + dedent("""
        resource "aws_eks_cluster" "lab" {
          name     = "lab"
          role_arn = "arn:aws:iam::111122223333:role/eks"
          vpc_config {
            subnet_ids = [aws_subnet.train.id]
          }
        }
        """),
        "pod.yaml": """
            apiVersion: v1
            kind: Pod
            metadata: {name: p, namespace: a, labels: {app: p}}
            spec: {containers: [{name: c, image: c}]}
            ---
            apiVersion: networking.gke.io/v1alpha1
            kind: FQDNNetworkPolicy
            metadata: {name: f, namespace: a}
            spec:
              podSelector: {matchLabels: {app: p}}
              egress:
                - matches: [{name: hub.example}]
                  ports: [{protocol: TCP, port: 443}]
            """,
    }
    for name, text in files.items():
        (tmp_path / name).write_text(dedent(text))
    estate = survey(read(str(tmp_path)))
    pod = estate.find("workload", "Pod/a/p")
    outs = {(out.sink, out.name, out.unknown is None) for out in reaches(estate, pod)}
    assert ("host", "hub.example", True) in outs
    assert ("internet", "", False) in outs
