"""What clusters say of themselves, and of the nodes below their pods."""

from __future__ import annotations

import pytest
from cluster_estates import EKS, JOB, edges, estate_of, told

CLUSTER = "aws_eks_cluster.lab"
GKE = 'resource "google_container_cluster" "lab" {{\nname = "lab"\nproject = "acme"\n{}\n}}'
AKS = 'resource "azurerm_kubernetes_cluster" "lab" {{\nname = "lab"\n{}\n}}'
NODES = """
resource "aws_eks_node_group" "gpu" {{
  cluster_name   = aws_eks_cluster.lab.name
  node_role_arn  = aws_iam_role.node.arn
  instance_types = ["p5.48xlarge"]
  {}
}}
resource "aws_iam_role" "node" {{ name = "node" }}
"""
TEMPLATE = """
launch_template {{ id = aws_launch_template.gpu.id }}
}}
resource "aws_launch_template" "gpu" {{
  {}
"""


@pytest.mark.parametrize(
    ("text", "kind", "public"),
    [
        (EKS, "aws_eks_cluster", False),
        (EKS.replace("= false", "= true"), "aws_eks_cluster", True),
        (
            EKS.replace("= false", '= true\npublic_access_cidrs = ["198.51.100.0/24"]'),
            "aws_eks_cluster",
            False,
        ),
        (
            EKS.replace("= false", "= var.public") + 'variable "public" {}',
            "aws_eks_cluster",
            "?",
        ),
        (GKE.format(""), "google_container_cluster", True),
        (
            GKE.format("master_authorized_networks_config {\n}"),
            "google_container_cluster",
            False,
        ),
        (
            GKE.format(
                "control_plane_endpoints_config {\nip_endpoints_config {\n"
                "enabled = false\n}\n}"
            ),
            "google_container_cluster",
            False,
        ),
        (AKS.format(""), "azurerm_kubernetes_cluster", True),
        (
            AKS.format('api_server_authorized_ip_ranges = ["0.0.0.0/0"]'),
            "azurerm_kubernetes_cluster",
            True,
        ),
    ],
)
def test_endpoints(tmp_path, text, kind, public):
    estate = estate_of(tmp_path, {"main.tf": text})
    assert told(estate, "cluster", f"{kind}.lab", "api.public") == [public]


@pytest.mark.parametrize(
    ("more", "guarded"),
    [
        ("", "?"),
        ('ami_type = "AL2_x86_64_GPU"', False),
        ('ami_type = "AL2023_x86_64_NVIDIA"', True),
        (TEMPLATE.format(""), False),
        (TEMPLATE.format('metadata_options { http_tokens = "required" }'), True),
        (
            TEMPLATE.format(
                'metadata_options {\nhttp_tokens = "required"\n'
                "http_put_response_hop_limit = 2\n}"
            ),
            False,
        ),
        (TEMPLATE.format('metadata_options { http_endpoint = "disabled" }'), True),
    ],
)
def test_metadata_of_node_groups(tmp_path, more, guarded):
    estate = estate_of(tmp_path, {"main.tf": EKS + NODES.format(more)})
    assert told(estate, "cluster", CLUSTER, "metadata.guarded") == [guarded]
    assert edges(estate, "has nodes") == [(CLUSTER, "aws_eks_node_group.gpu", True)]


@pytest.mark.parametrize(
    ("hops", "policy", "taken"),
    [
        (2, "", [("Job/training/sft", "aws_iam_role.node", True)]),
        (1, "", []),
        ("var.hops", "", [("Job/training/sft", "aws_iam_role.node", False)]),
        # a plug-in that is not in the scan may enforce it; the CNI's own does not
        (2, "policy", [("Job/training/sft", "aws_iam_role.node", False)]),
        (2, "ignored", [("Job/training/sft", "aws_iam_role.node", True)]),
        (2, "enforced", []),
    ],
)
def test_pods_without_an_identity_take_that_of_the_node(tmp_path, hops, policy, taken):
    options = f'http_tokens = "required"\nhttp_put_response_hop_limit = {hops}'
    nodes = NODES.format(TEMPLATE.format(f"metadata_options {{\n{options}\n}}"))
    files = {
        "main.tf": EKS + nodes + 'variable "hops" {}',
        "job.yaml": JOB.replace("      serviceAccountName: trainer\n", ""),
    }
    if policy:
        files["policy.yaml"] = """
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: base, namespace: training}
            spec: {podSelector: {}, policyTypes: [Egress], egress: []}
        """
    if policy in ("enforced", "ignored"):
        files["main.tf"] += """
            resource "aws_eks_addon" "cni" {
              cluster_name         = "lab"
              addon_name           = "vpc-cni"
              configuration_values = jsonencode({ enableNetworkPolicy = "true" })
            }
        """
    if policy == "ignored":
        files["main.tf"] = files["main.tf"].replace('= "true" })', '= "false" })')
    estate = estate_of(tmp_path, files)
    found = [
        edge for edge in edges(estate, "runs as") if edge[1] == "aws_iam_role.node"
    ]
    assert [edge for edge in found if edge[0].startswith("Job")] == taken


def test_karpenter_pools_are_groups_of_nodes(tmp_path):
    pools = """
        apiVersion: karpenter.k8s.aws/v1beta1
        kind: EC2NodeClass
        metadata: {name: gpu}
        spec: {role: nodes}
        ---
        apiVersion: karpenter.sh/v1beta1
        kind: NodePool
        metadata: {name: gpu}
        spec: {template: {spec: {nodeClassRef: {name: gpu}}}}
    """
    estate = estate_of(tmp_path, {"main.tf": EKS, "pools.yaml": pools})
    assert edges(estate, "has nodes") == [(CLUSTER, "NodePool/default/gpu", True)]
    assert edges(estate, "runs as") == [("NodePool/default/gpu", "role/nodes", True)]
    assert told(estate, "cluster", CLUSTER, "metadata.guarded") == [False]


def test_a_public_module_states_its_own_defaults(tmp_path):
    call = """
        module "eks" {
          source  = "terraform-aws-modules/eks/aws"
          version = "~> 21.0"
          name    = "lab"
          addons  = { vpc-cni = { configuration_values = jsonencode({ enableNetworkPolicy = "true" }) } }
          eks_managed_node_groups = { gpu = { instance_types = ["p5.48xlarge"] } }
        }
    """
    estate = estate_of(tmp_path, {"main.tf": call})
    address = "module.eks.aws_eks_cluster.this[0]"
    for fact, value in (
        ("api.public", False),
        ("audit.logged", True),
        ("policy.enforced", True),
        ("metadata.guarded", True),
    ):
        assert told(estate, "cluster", address, fact) == [value], fact


@pytest.mark.parametrize(
    ("kind", "api", "enforced"),
    [
        ("CiliumNetworkPolicy", "cilium.io/v2", True),
        ("CiliumClusterwideNetworkPolicy", "cilium.io/v2", True),
        ("GlobalNetworkPolicy", "projectcalico.org/v3", True),
        ("ClusterNetworkPolicy", "crd.antrea.io/v1beta1", True),
        ("NetworkPolicy", "networking.k8s.io/v1", False),
    ],
)
def test_a_policy_of_a_plugin_s_own_kind_shows_the_plugin(
    tmp_path, kind, api, enforced
):
    policy = f"apiVersion: {api}\nkind: {kind}\nmetadata: {{name: p, namespace: a}}\n"
    estate = estate_of(tmp_path, {"main.tf": EKS, "p.yaml": policy})
    assert told(estate, "cluster", CLUSTER, "policy.enforced") == [enforced]


@pytest.mark.parametrize(
    ("text", "address", "labels"),
    [
        (
            EKS + NODES.format('node_group_name = "gpu"\nlabels = { tier = "big" }'),
            "aws_eks_node_group.gpu",
            ("eks.amazonaws.com/nodegroup=gpu", "tier=big"),
        ),
        (
            EKS + NODES.format(""),
            "aws_eks_node_group.gpu",
            ("eks.amazonaws.com/nodegroup=*",),
        ),
        (
            EKS + NODES.format("labels = var.l") + 'variable "l" {}',
            "aws_eks_node_group.gpu",
            "?",
        ),
        (
            GKE.format("remove_default_node_pool = true")
            + '\nresource "google_container_node_pool" "p" {\nname = "big"\n'
            "cluster = google_container_cluster.lab.name\n"
            'node_config {\nlabels = { tier = "big" }\n}\n}',
            "google_container_node_pool.p",
            ("cloud.google.com/gke-nodepool=big", "tier=big"),
        ),
        (
            AKS.format('default_node_pool {\nname = "sys"\n}'),
            "azurerm_kubernetes_cluster.lab",
            ("agentpool=sys", "kubernetes.azure.com/agentpool=sys"),
        ),
    ],
)
def test_groups_of_nodes_have_their_name_and_stated_labels(
    tmp_path, text, address, labels
):
    estate = estate_of(tmp_path, {"main.tf": text})
    assert told(estate, "workload", address, "nodes.labels") == [labels]
