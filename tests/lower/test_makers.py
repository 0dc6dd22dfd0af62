"""Accounts that nobody made yet: who may make them, and as whom they would act."""

from __future__ import annotations

from textwrap import dedent

import pytest

from mlsec_lint import scan
from mlsec_lint.lower.kubernetes.makers import fitting, named

EKS = """
resource "aws_s3_bucket" "w" {
  bucket = "lab-w"
  tags   = { "mlsec/holds" = "weights" }
}

resource "aws_eks_cluster" "prod" {
  name     = "prod"
  role_arn = "arn:aws:iam::111122223333:role/eks"
}

resource "aws_iam_openid_connect_provider" "prod" {
  url            = aws_eks_cluster.prod.identity[0].oidc[0].issuer
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = jsonencode({ Statement = [{
    Effect = "Allow", Action = "sts:AssumeRoleWithWebIdentity",
    Principal = { Federated = aws_iam_openid_connect_provider.prod.arn },
    Condition = { StringLike = { "${aws_eks_cluster.prod.identity[0].oidc[0].issuer}:sub" = "SUBJECT" } }
  }] })
}

resource "aws_iam_role_policy" "r" {
  role   = aws_iam_role.r.id
  policy = jsonencode({ Statement = [{
    Effect = "Allow", Action = "s3:GetObject", Resource = "${aws_s3_bucket.w.arn}/*" }] })
}
"""
BINDING = """
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: crew
  namespace: SPACE
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ROLE
subjects:
  - kind: Group
    name: crew@lab.example
    apiGroup: rbac.authorization.k8s.io
"""
RUN_ONLY = """
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: runner
  namespace: sandbox
rules:
  - apiGroups: [""]
    resources: [pods]
    verbs: [create]
"""


def survey(folder, **files):
    for name, text in files.items():
        path = folder / name.replace("_", ".")
        path.write_text(dedent(text), encoding="utf-8")
    return scan.survey(scan.read(str(folder)))


def binding(space="sandbox", role="ClusterRole\n  name: edit"):
    return BINDING.replace("SPACE", space).replace("ROLE", role)


def eks(folder, subject, *objects, more=""):
    text = EKS.replace("SUBJECT", subject) + dedent(more)
    return survey(folder, main_tf=text, objects_yaml="---".join(objects))


def ways(estate):
    return {(p.end, p.by, p.unknown is None) for p in estate.paths}


def becoming(estate, target):
    return {
        edge.source.name
        for edge in estate.edges()
        if edge.verb == "becomes" and edge.target.address == target
    }


ROLE = "aws_iam_role.r"


@pytest.mark.parametrize(
    ("subject", "made"),
    [
        ("system:serviceaccount:*:trainer", "trainer"),
        ("system:serviceaccount:sandbox:*", "default"),
        ("system:serviceaccount:sand*:train-*", "train"),
        ("*", "default"),
    ],
)
def test_a_wildcard_takes_accounts_to_come(tmp_path, subject, made):
    estate = eks(tmp_path, subject, binding())
    if made == "train":
        made = "train-x"  # `train` alone is not what the pattern takes
    assert becoming(estate, ROLE) == {f"ServiceAccount/sandbox/{made}"}
    assert {end for end, *_ in ways(estate)} == {"person"}


@pytest.mark.parametrize(
    "subject",
    ["system:serviceaccount:train:trainer", "system:serviceaccount:train:*"],
)
def test_another_namespace_is_not_taken(tmp_path, subject):
    estate = eks(tmp_path, subject, binding())
    assert becoming(estate, ROLE) == set()
    assert ways(estate) == set()


def test_who_may_only_start_pods_makes_no_account(tmp_path):
    estate = eks(
        tmp_path,
        "system:serviceaccount:*:trainer",
        RUN_ONLY,
        binding(role="Role\n  name: runner"),
    )
    assert ways(estate) == set()


def test_an_account_that_is_there_is_made_by_nobody(tmp_path):
    account = """
apiVersion: v1
kind: ServiceAccount
metadata:
  name: trainer
  namespace: sandbox
"""
    estate = eks(tmp_path, "system:serviceaccount:*:trainer", account, binding())
    assert becoming(estate, ROLE) == {"ServiceAccount/sandbox/trainer"}
    assert ways(estate) == {("person", "shared-name", True)}
    assert len(list(estate.of("namespace"))) == 1


def test_a_role_that_leads_nowhere_is_not_asked(tmp_path):
    text = EKS.replace("SUBJECT", "system:serviceaccount:*:trainer")
    text = text.replace('"mlsec/holds" = "weights"', '"mlsec/holds" = "none"')
    estate = survey(tmp_path, main_tf=text, objects_yaml=binding())
    assert becoming(estate, ROLE) == set()


def test_which_of_two_clusters_is_a_doubt(tmp_path):
    more = """
    resource "aws_eks_cluster" "dev" {
      name     = "dev"
      role_arn = "arn:aws:iam::111122223333:role/eks"
    }
    """
    subject = "system:serviceaccount:*:trainer"
    estate = eks(tmp_path, subject, binding(), more=more)
    assert ways(estate) == {("person", "shared-name", False)}


AKS = """
resource "azurerm_storage_account" "w" {
  name                     = "labw"
  resource_group_name      = "lab"
  location                 = "westeurope"
  account_tier             = "Standard"
  account_replication_type = "LRS"
  tags                     = { mlsec_holds = "weights" }
}

resource "azurerm_kubernetes_cluster" "each" {
  for_each            = toset(["prod", "dev"])
  name                = each.key
  resource_group_name = "lab"
  location            = "westeurope"
  oidc_issuer_enabled = true
}

resource "azurerm_user_assigned_identity" "trainer" {
  name                = "trainer"
  resource_group_name = "lab"
  location            = "westeurope"
}

resource "azurerm_role_assignment" "trainer" {
  scope                = azurerm_storage_account.w.id
  role_definition_name = "Storage Blob Data Reader"
  principal_id         = azurerm_user_assigned_identity.trainer.principal_id
}

resource "azurerm_federated_identity_credential" "each" {
  for_each            = toset([CLUSTERS])
  name                = each.key
  resource_group_name = "lab"
  parent_id           = azurerm_user_assigned_identity.trainer.id
  audience            = ["api://AzureADTokenExchange"]
  issuer              = azurerm_kubernetes_cluster.each[each.key].oidc_issuer_url
  subject             = "system:serviceaccount:train:trainer"
}

provider "kubernetes" {
  alias = "dev"
  host  = azurerm_kubernetes_cluster.each["dev"].kube_config[0].host
}

resource "kubernetes_role_binding_v1" "crew" {
  provider = kubernetes.dev

  metadata {
    name      = "crew"
    namespace = "train"
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "ClusterRole"
    name      = "edit"
  }

  subject {
    kind      = "Group"
    name      = "crew@lab.example"
    api_group = "rbac.authorization.k8s.io"
  }
}
"""


@pytest.mark.parametrize(
    ("clusters", "found"), [('"prod", "dev"', {"person"}), ('"prod"', set())]
)
def test_a_credential_for_a_second_cluster(tmp_path, clusters, found):
    estate = survey(tmp_path, main_tf=AKS.replace("CLUSTERS", clusters))
    assert {end for end, _, sure in ways(estate) if sure} == found


def test_names_that_trusts_take():
    assert named("train", "trainer")("train") == "trainer"
    assert named("train", "trainer")("other") == ""
    everything = fitting("system:serviceaccount:*:*", lambda _subject: True)
    assert everything("a") == "default"
    assert fitting("repo:lab/*", lambda _subject: False)("a") == ""
