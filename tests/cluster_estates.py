"""Estates with clusters out of files given as text, lowered twice and traced."""

from __future__ import annotations

import textwrap

from mlsec_lint.lower import lower, lower_later
from mlsec_lint.scan import read
from mlsec_lint.trace import trace
from mlsec_lint.value import Unknown

EKS = """
resource "aws_eks_cluster" "lab" {
  name     = "lab"
  role_arn = "arn:aws:iam::111122223333:role/eks"
  vpc_config {
    subnet_ids             = ["subnet-0a"]
    endpoint_public_access = false
  }
}
resource "aws_iam_openid_connect_provider" "lab" {
  url = aws_eks_cluster.lab.identity[0].oidc[0].issuer
}
"""
OTHER = EKS.replace('"lab"', '"dev"').replace("cluster.lab", "cluster.dev")
JOB = """
apiVersion: batch/v1
kind: Job
metadata: {name: sft, namespace: training}
spec:
  template:
    spec:
      serviceAccountName: trainer
      containers:
        - name: trainer
          image: registry.acme.example/trainer
          args: [--output_dir, s3://acme-weights/sft]
          resources: {limits: {nvidia.com/gpu: 8}}
"""
ACCOUNT = """
apiVersion: v1
kind: ServiceAccount
metadata:
  name: trainer
  namespace: training
  annotations:
    eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/trainer
"""


def role(condition, provider="aws_iam_openid_connect_provider.lab.arn"):
    """A role `trainer` that trusts the tokens of a provider, with a condition's lines."""
    return f"""
resource "aws_iam_role" "trainer" {{
  name = "trainer"
  assume_role_policy = jsonencode({{
    Statement = [{{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = {{ Federated = {provider} }}
      Condition = {{ {condition} }}
    }}]
  }})
}}
"""


KEY = '"${replace(aws_iam_openid_connect_provider.lab.url, "https://", "")}:sub"'


def subject(text, operator="StringEquals"):
    return f'{operator} = {{ {KEY} = "system:serviceaccount:{text}" }}'


def estate_of(folder, files):
    """The estate of files by path, traced."""
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(textwrap.dedent(text), encoding="utf-8")
    inputs = read(str(folder)).inputs
    estate = lower(inputs)
    trace(estate, between=lambda: lower_later(inputs, estate))
    return estate


def edges(estate, verb):
    """(source, target, certain) of all edges with a verb."""
    return [
        (e.source.address, e.target.address, e.certain)
        for e in estate.edges()
        if e.verb == verb
    ]


def told(estate, kind, address, fact):
    """Every value of a fact, `?` for unknown ones."""
    thing = estate.find(kind, address)
    assert thing is not None, [t.address for t in estate.of(kind)]
    return [
        "?" if isinstance(f.value, Unknown) else f.value for f in thing.all_facts(fact)
    ]
