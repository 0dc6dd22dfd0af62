"""JupyterHub as Terraform installs it: as whom its users' servers act, what they mount."""

from __future__ import annotations

import pytest

from mlsec_lint.lower.in_terraform.chart_pods import add_chart_pods
from mlsec_lint.scan import read, survey

MAIN = """
resource "aws_iam_role" "trainer" {{
  name = "trainer"
  assume_role_policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = {{ Federated = "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/A" }}
      Condition = {{ StringEquals = {{
        "oidc.eks.eu-west-1.amazonaws.com/id/A:sub" = "system:serviceaccount:train:trainer"
      }} }}
    }}]
  }})
}}

resource "aws_iam_role_policy" "trainer" {{
  role = aws_iam_role.trainer.id
  policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = "s3:GetObject", Resource = "${{aws_s3_bucket.w.arn}}/*" }}]
  }})
}}

resource "aws_s3_bucket" "w" {{
  bucket = "lab-weights"
}}

resource "helm_release" "hub" {{
  name       = "hub"
  namespace  = "train"
  repository = "{repository}"
  chart      = "jupyterhub"
  values     = [file("${{path.module}}/values.yaml")]
}}
"""
ACCOUNT = """
apiVersion: v1
kind: ServiceAccount
metadata:
  name: trainer
  namespace: train
  annotations:
    eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/trainer
"""
HUB = "https://hub.jupyter.org/helm-chart/"


def surveyed(folder, values, repository=HUB):
    for name, text in {
        "main.tf": MAIN.format(repository=repository),
        "values.yaml": values,
        "account.yaml": ACCOUNT,
    }.items():
        (folder / name).write_text(text)
    return survey(read(str(folder)))


@pytest.mark.parametrize(
    ("values", "repository", "told"),
    [
        ("singleuser: {serviceAccountName: trainer}\n", HUB, True),
        ("singleuser: {serviceAccountName: trainer}\n", "https://x.example/", False),
        ("singleuser: {serviceAccountName: null}\n", HUB, False),
        ("singleuser: {serviceAccountName: other}\n", HUB, False),
        ("hub: {serviceAccount: {name: trainer}}\n", HUB, False),
        ("singleuser: [serviceAccountName]\n", HUB, False),
    ],
)
def test_servers_of_users_act_as_the_account_that_values_name(
    tmp_path, values, repository, told
):
    estate = surveyed(tmp_path, values, repository)
    people = [p for p in estate.paths if p.end == "person" or "person" in str(p.end)]
    entries = {path.entry for path in people}
    assert entries == ({"Notebook/train/hub-singleuser"} if told else set())


@pytest.mark.parametrize(
    ("network", "egress"),
    [
        ("", ["0.0.0.0/0"]),
        ("  networkPolicy: {egressAllowRules: {nonPrivateIPs: false}}\n", []),
        ("  networkPolicy: {enabled: false}\n", None),
    ],
)
def test_the_chart_brings_its_own_network_policy(tmp_path, network, egress):
    values = f"singleuser:\n  serviceAccountName: trainer\n{network}"
    (tmp_path / "main.tf").write_text(MAIN.format(repository=HUB))
    (tmp_path / "values.yaml").write_text(values)
    inputs = read(str(tmp_path)).inputs
    before = len(inputs.manifests)
    add_chart_pods(inputs, survey(read(str(tmp_path))))
    made = inputs.manifests[before:]
    found = None
    for one in made:
        if one.kind == "NetworkPolicy":
            rules = one.value.at("spec", "egress").elements()
            blocks = [rule.at("to", 0, "ipBlock", "cidr") for rule in rules]
            found = [block.data for block in blocks]
    assert found == egress


def test_volumes_of_users_are_mounted(tmp_path):
    values = """
singleuser:
  storage:
    extraVolumes:
      - name: runs
        persistentVolumeClaim: {claimName: runs}
    extraVolumeMounts:
      - {name: runs, mountPath: /runs}
"""
    estate = surveyed(tmp_path, values)
    (notebook,) = [w for w in estate.of("workload") if "singleuser" in w.address]
    (mount,) = [e.target for e in estate.edges_from(notebook, "mounts")]
    (edge,) = estate.edges_from(mount, "is backed by")
    assert edge.target.address == "PersistentVolumeClaim/train/runs"


@pytest.mark.parametrize(
    ("command", "found"),
    [
        (
            (
                "helm upgrade --install hub jupyterhub/jupyterhub \\\n"
                "  --namespace train --version 4.1.0 --values hub/values.yaml"
            ),
            ["Notebook/train/hub-singleuser"],
        ),
        (
            "helm install h jupyterhub/jupyterhub -n a -f=../hub/values.yaml --wait",
            ["Notebook/a/h-singleuser"],
        ),
        (
            "helm install h jupyterhub/jupyterhub -f hub/values.yaml",
            ["Notebook/default/h-singleuser"],
        ),
        ("# helm install h jupyterhub/jupyterhub -f hub/values.yaml", []),
        ("helm install h jupyterhub/jupyterhub -n $NS -f hub/values.yaml", []),
        ("helm install h jupyterhub/jupyterhub -f hub/other.yaml", []),
        ("helm install h bitnami/redis -f hub/values.yaml", []),
        ("helm install h jupyterhub/jupyterhub -f 'hub/values.yaml", []),
    ],
)
def test_a_script_that_installs_the_chart_is_read(tmp_path, command, found):
    for name, text in {
        "scripts/deploy.sh": f"#!/bin/bash\nset -e\n{command}\n",
        "hub/values.yaml": "singleuser: {serviceAccountName: trainer}\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    estate = survey(read(str(tmp_path)))
    assert [w.address for w in estate.of("workload") if "Notebook" in w.address] == (
        found
    )


def test_what_terraform_and_a_script_install_is_one(tmp_path):
    script = "helm install hub jupyterhub/jupyterhub -n train -f values.yaml\n"
    (tmp_path / "deploy.sh").write_text(f"#!/bin/bash\n{script}")
    estate = surveyed(tmp_path, "singleuser: {serviceAccountName: trainer}\n")
    notebooks = [w for w in estate.of("workload") if "singleuser" in w.address]
    assert len(notebooks) == 1
