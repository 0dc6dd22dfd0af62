"""In which cluster things run, and as whom the clouds know what runs there."""

from __future__ import annotations

import pytest
from cluster_estates import (
    ACCOUNT,
    EKS,
    JOB,
    OTHER,
    edges,
    estate_of,
    role,
    subject,
    told,
)

LAB, DEV = "aws_eks_cluster.lab", "aws_eks_cluster.dev"
WORKLOAD = "Job/training/sft"


def homes(estate, source=WORKLOAD):
    return [edge[1:] for edge in edges(estate, "runs on") if edge[0] == source]


@pytest.mark.parametrize(
    ("main", "more", "expected"),
    [
        ("", {}, []),
        (EKS, {}, [(LAB, True)]),
        (EKS + OTHER, {}, [(LAB, False), (DEV, False)]),
        # the role that its account becomes trusts one of them
        (
            EKS + OTHER + role(subject("training:trainer")),
            {"account.yaml": ACCOUNT},
            [(LAB, True)],
        ),
        # a folder's name is no statement
        (EKS + OTHER, {"dev/job.yaml": JOB}, [(LAB, False), (DEV, False)]),
    ],
)
def test_the_cluster_of_a_job(tmp_path, main, more, expected):
    files = {"main.tf": main} | ({} if "dev/job.yaml" in more else {"job.yaml": JOB})
    assert homes(estate_of(tmp_path, files | more)) == expected


@pytest.mark.parametrize(
    ("path", "certain"),
    [
        ("job.yaml", True),
        ("deploy/eks/job.yaml", True),
        ("samples/azure/blueprints/job.yaml", False),
        ("google-cloud/gke/job.yaml", False),
        ("azure/on-eks/job.yaml", True),  # the innermost counts
        ("aws-to-azure/job.yaml", True),  # of two clouds: of none
        ("aksel/job.yaml", True),
        ("test/e2e/eks/job.yaml", False),
        ("latest/job.yaml", True),
    ],
)
def test_a_folder_of_another_cloud_makes_the_only_cluster_doubtful(
    tmp_path, path, certain
):
    estate = estate_of(tmp_path, {"main.tf": EKS, path: JOB})
    assert homes(estate) == [(LAB, certain)]


@pytest.mark.parametrize(
    ("path", "certain"),
    [
        ("clouds/aws/jobs/job.yaml", True),
        ("clouds/gcp/jobs/job.yaml", False),
        ("jobs/job.yaml", False),  # beside folders for several clouds
        ("docs/eks/job.yaml", True),
    ],
)
@pytest.mark.parametrize("siblings", [True, False])
def test_among_folders_for_several_clouds_a_cluster_is_that_of_its_own(
    tmp_path, path, certain, siblings
):
    files = {"clouds/aws/infra/main.tf": EKS, path: JOB}
    files["clouds/gcp/infra/main.tf"] = "locals {}\n"  # says nothing
    if siblings:
        files["clouds/azure/pod.yaml"] = JOB.replace("sft", "other")
    elif "gcp" not in path:
        certain = True
    found = homes(estate_of(tmp_path, files))
    assert [(a.rpartition(":")[2], sure) for a, sure in found] == [(LAB, certain)]


def test_too_many_clusters_are_no_candidates(tmp_path):
    many = "".join(
        EKS.replace('"lab"', f'"c{n}"').replace(".lab.", f".c{n}.") for n in range(9)
    )
    assert homes(estate_of(tmp_path, {"main.tf": many, "job.yaml": JOB})) == []


def test_variants_of_a_root_are_one_cluster(tmp_path):
    main = EKS.replace('name     = "lab"', "name     = var.name") + 'variable "name" {}'
    files = {
        "main.tf": main,
        "a.tfvars": 'name = "a"\n',
        "b.tfvars": 'name = "b"\n',
        "job.yaml": JOB,
    }
    found = homes(estate_of(tmp_path, files))
    assert found
    assert all(certain for _, certain in found)


@pytest.mark.parametrize(
    ("condition", "scope", "becomes"),
    [
        (subject("training:trainer"), "account", True),
        (subject("web:site"), "account", False),
        (subject("training:*", "StringLike"), "namespace", True),
        (subject("training:tr*", "StringLike"), "namespace", True),
        (subject("*:*", "StringLike"), "cluster", True),
        # a star is a letter here: nobody has that name
        (subject("training:*"), "account", False),
        ("", "cluster", True),
        (
            'StringNotLike = { "x:sub" = "system:serviceaccount:web:*" }',
            "cluster",
            True,
        ),
        ("StringLike = { (var.key) = var.subject }", "?", True),
    ],
)
def test_how_much_of_a_cluster_a_role_trusts(tmp_path, condition, scope, becomes):
    variables = 'variable "key" {}\nvariable "subject" {}\n'
    main = EKS + variables + role(condition)
    estate = estate_of(tmp_path, {"main.tf": main, "account.yaml": ACCOUNT})
    fact = "trust.workload.scope"
    if "var.key" in condition:  # it may be a condition on the audience
        scope = told(estate, "identity", "aws_iam_role.trainer", fact)[0]
        assert scope in ("?", "cluster")
    else:
        assert told(estate, "identity", "aws_iam_role.trainer", fact) == [scope]
    pairs = [edge[:2] for edge in edges(estate, "becomes")]
    account = "ServiceAccount/training/trainer"
    assert ((account, "aws_iam_role.trainer") in pairs) is becomes


def test_a_ci_systems_tokens_are_no_service_accounts(tmp_path):
    trust = role(
        'StringLike = { "token.actions.githubusercontent.com:sub" = "repo:acme/*" }',
        '"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"',
    )
    estate = estate_of(tmp_path, {"main.tf": EKS + trust})
    told_of = told(estate, "identity", "aws_iam_role.trainer", "trust.workload.scope")
    assert told_of == []


def test_pod_identity_is_a_right_without_an_annotation(tmp_path):
    main = (
        EKS
        + """
        resource "aws_iam_role" "trainer" {
          name = "trainer"
          assume_role_policy = jsonencode({ Statement = [{
            Effect = "Allow", Action = "sts:AssumeRole"
            Principal = { Service = "pods.eks.amazonaws.com" }
          }] })
        }
        resource "aws_eks_pod_identity_association" "trainer" {
          cluster_name    = aws_eks_cluster.lab.name
          namespace       = "training"
          service_account = "trainer"
          role_arn        = aws_iam_role.trainer.arn
        }
    """
    )
    estate = estate_of(tmp_path, {"main.tf": main, "job.yaml": JOB})
    wanted = ("ServiceAccount/training/trainer", "aws_iam_role.trainer", True)
    assert edges(estate, "becomes") == [wanted]


ENTRY = """
resource "aws_iam_role" "ci" { name = "ci" }
resource "aws_eks_access_entry" "ci" {
  cluster_name      = aws_eks_cluster.lab.name
  principal_arn     = aws_iam_role.ci.arn
  kubernetes_groups = ["deployers"]
  user_name         = "ci"
}
"""
POLICY = """
resource "aws_eks_access_policy_association" "ci" {{
  cluster_name  = "lab"
  principal_arn = aws_iam_role.ci.arn
  policy_arn    = "arn:aws:eks::aws:cluster-access-policy/{}"
  access_scope {{
    {}
  }}
}}
"""


def test_access_entries_count_as_groups_and_users(tmp_path):
    estate = estate_of(tmp_path, {"main.tf": EKS + ENTRY})
    assert edges(estate, "counts as") == [
        ("aws_iam_role.ci", "Group/deployers", True),
        ("aws_iam_role.ci", "User/ci", True),
    ]


def test_groups_of_two_clusters_are_two(tmp_path):
    binding = """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: {name: d, namespace: training}
        subjects: [{kind: Group, name: deployers}]
        roleRef: {kind: ClusterRole, name: edit}
    """
    files = {"main.tf": EKS + OTHER + ENTRY, "rbac.yaml": binding}
    found = edges(estate_of(tmp_path, files), "counts as")
    assert ("aws_iam_role.ci", f"{LAB}:Group/deployers", True) in found
    assert ("aws_iam_role.ci", "Group/deployers", False) in found


@pytest.mark.parametrize(
    ("policy", "scope", "rights", "covers"),
    [
        (
            "AmazonEKSClusterAdminPolicy",
            'type = "cluster"',
            "run",
            ["Namespace/training"],
        ),
        (
            "AmazonEKSEditPolicy",
            'type = "namespace"\nnamespaces = ["training"]',
            "run",
            ["Namespace/training"],
        ),
        ("AmazonEKSEditPolicy", 'type = "namespace"\nnamespaces = ["web"]', "run", []),
        (
            "AmazonEKSAdminViewPolicy",
            'type = "cluster"',
            "secrets",
            ["Namespace/training"],
        ),
    ],
)
def test_access_policies_are_bindings(tmp_path, policy, scope, rights, covers):
    main = EKS + ENTRY + POLICY.format(policy, scope)
    estate = estate_of(tmp_path, {"main.tf": main, "job.yaml": JOB})
    address = "aws_eks_access_policy_association.ci"
    (given,) = told(estate, "binding", address, "rights")
    assert rights in given
    assert [edge[1] for edge in edges(estate, "covers") if edge[0] == address] == covers
    assert (address, "aws_iam_role.ci", True) in edges(estate, "binds")


@pytest.mark.parametrize("form", ["manifest", "terraform"])
def test_aws_auth_maps_count(tmp_path, form):
    files = {"main.tf": EKS + ENTRY.partition('resource "aws_eks_access')[0]}
    if form == "manifest":
        files["auth.yaml"] = """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: aws-auth, namespace: kube-system}
            data:
              mapRoles: |
                - rolearn: arn:aws:iam::111122223333:role/ci
                  groups: [deployers]
        """
    else:
        files["main.tf"] += """
            resource "kubernetes_config_map_v1_data" "auth" {
              metadata {
                name      = "aws-auth"
                namespace = "kube-system"
              }
              data = {
                mapRoles = yamlencode([{ rolearn = aws_iam_role.ci.arn, groups = ["deployers"] }])
              }
            }
        """
    found = edges(estate_of(tmp_path, files), "counts as")
    assert found == [("aws_iam_role.ci", "Group/deployers", True)]


GKE = """
resource "google_container_cluster" "{0}" {{
  name     = "{0}"
  project  = "acme"
  location = "europe-west4"
  workload_identity_config {{
    workload_pool = "acme.svc.id.goog"
  }}
}}
"""
GROUP_BINDING = """
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: d, namespace: training}
subjects: [{kind: User, name: ci@acme.iam.gserviceaccount.com}]
roleRef: {kind: ClusterRole, name: edit}
"""


def test_a_google_account_is_a_user_by_its_mail(tmp_path):
    main = (
        GKE.format("lab")
        + """
        resource "google_service_account" "ci" {
          project    = "acme"
          account_id = "ci"
        }
    """
    )
    files = {"main.tf": main, "job.yaml": JOB, "rbac.yaml": GROUP_BINDING}
    user = "User/ci@acme.iam.gserviceaccount.com"
    wanted = ("google_service_account.ci", user, True)
    assert wanted in edges(estate_of(tmp_path, files), "counts as")


@pytest.mark.parametrize(
    ("project", "covers"), [("acme", [True]), ("other", []), ("var.project", [False])]
)
def test_roles_of_the_clusters_project_count_in_it(tmp_path, project, covers):
    named = project if project.startswith("var") else f'"{project}"'
    main = (
        GKE.format("lab")
        + f"""
        variable "project" {{}}
        resource "google_project_iam_member" "dev" {{
          project = {named}
          role    = "roles/container.developer"
          member  = "group:dev@acme.example"
        }}
    """
    )
    estate = estate_of(tmp_path, {"main.tf": main, "job.yaml": JOB})
    assert [edge[2] for edge in edges(estate, "covers")] == covers


def test_admin_groups_of_aks_are_cluster_admins(tmp_path):
    main = """
        resource "azuread_group" "admins" {
          display_name = "admins"
        }
        resource "azurerm_kubernetes_cluster" "lab" {
          name = "lab"
          azure_active_directory_role_based_access_control {
            admin_group_object_ids = [azuread_group.admins.object_id]
          }
        }
    """
    estate = estate_of(tmp_path, {"main.tf": main, "job.yaml": JOB})
    (binding,) = (b for b in estate.of("binding") if "#admins#" in b.address)
    assert told(estate, "binding", binding.address, "subjects.people") == [True]
    assert (binding.address, "azuread_group.admins", True) in edges(estate, "binds")
    assert (binding.address, "Namespace/training", True) in edges(estate, "covers")


def test_accounts_of_one_name_in_two_clusters_are_two(tmp_path):
    provider = """
        provider "kubernetes" {{
          alias = "{0}"
          host  = google_container_cluster.{0}.endpoint
        }}
        resource "kubernetes_service_account_v1" "{0}" {{
          provider = kubernetes.{0}
          metadata {{
            name      = "trainer"
            namespace = "training"
          }}
        }}
    """
    main = "".join(GKE.format(n) + provider.format(n) for n in ("prod", "dev"))
    estate = estate_of(tmp_path, {"main.tf": main, "job.yaml": JOB})
    acting = [edge[1:] for edge in edges(estate, "runs as") if edge[0] == WORKLOAD]
    assert acting == [
        ("kubernetes_service_account_v1.prod", False),
        ("kubernetes_service_account_v1.dev", False),
    ]
    spaces = {edge[0] for edge in edges(estate, "runs on") if "Namespace" in edge[0]}
    assert len(spaces) == 3  # of each cluster, and of the job that may be in either


def test_a_role_of_one_cluster_takes_no_account_of_another(tmp_path):
    providers = "".join(
        f"""
        provider "kubernetes" {{
          alias = "{name}"
          host  = aws_eks_cluster.{name}.endpoint
        }}
        resource "kubernetes_service_account_v1" "{name}" {{
          provider = kubernetes.{name}
          metadata {{
            name      = "trainer"
            namespace = "training"
          }}
        }}
        """
        for name in ("lab", "dev")
    )
    bucket = 'resource "aws_s3_bucket" "w" { bucket = "acme-weights" }\n'
    grant = """
        resource "aws_iam_role_policy" "w" {
          role   = aws_iam_role.trainer.id
          policy = jsonencode({ Statement = [{
            Effect = "Allow", Action = "s3:GetObject", Resource = "*"
          }] })
        }
    """
    main = EKS + OTHER + role(subject("training:trainer")) + providers + bucket + grant
    estate = estate_of(tmp_path, {"main.tf": main, "job.yaml": JOB})
    lab = ("kubernetes_service_account_v1.lab", "aws_iam_role.trainer", True)
    assert edges(estate, "becomes") == [lab]
