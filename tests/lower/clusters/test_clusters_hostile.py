"""Any value in any place of a cluster's config: nothing raises, nothing hidden decides."""

from __future__ import annotations

import re

import pytest
from cluster_estates import ACCOUNT, EKS, JOB, estate_of, role, subject

from mlsec_lint.estate import tables
from mlsec_lint.value import Unknown

JUNK = (
    "null",
    "[]",
    "{}",
    "[{ a = null }]",
    '""',
    "var.hidden",
    '"${var.hidden}*"',
    "-1",
)
RULES = tables.folder().parent
CASES = (
    "access/access-metadata-hardened/bad/aws-hop-limit-of-two",
    "access/access-metadata-hardened/good/gcp-metadata-server",
    "access/access-metadata-hardened/good/azure-policy-refuses-it",
    "access/access-rbac-sensitive-verbs/bad/aws-cluster-admin-policy",
    "access/access-rbac-sensitive-verbs/bad/gcp-developers-of-the-project",
    "access/access-rbac-sensitive-verbs/bad/azure-cluster-admin",
    "integrity/integrity-image-signed/good/gcp-attested",
    "egress/egress-policy-enforced/good/aws-cni-agent",
)
VALUE = re.compile(r"^(\s*[\w.\"-]+\s*=\s*)(?![\[{]\s*$)(\S.*)$", re.MULTILINE)


def variants(text, number):
    """The text with one value after the other replaced, and a variable declared."""
    for count, match in enumerate(VALUE.finditer(text)):
        if match[2].rstrip().endswith(("{", "(", "[")):
            continue
        junk = JUNK[(count + number) % len(JUNK)]
        yield text[: match.start(2)] + junk + text[match.end(2) :]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("number", range(3))
def test_any_value_anywhere(tmp_path, case, number):
    text = (RULES / case / "main.tf").read_text(encoding="utf-8")
    other = (RULES / case / "job.yaml").read_text(encoding="utf-8")
    for count, changed in enumerate(variants(text, number)):
        folder = tmp_path / str(count)
        declared = 'variable "hidden" {}\n' + changed
        estate_of(folder, {"main.tf": declared, "job.yaml": other})


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "a: b",
        "- {rolearn: [x], groups: {a: b}}",
        "- rolearn: x\n  groups: [[], {}, null, 7]",
        "{{ .Values.roles }}",
        "&a [*a, *a]",
        ": : :\n\t-",
    ],
)
def test_any_map_of_aws_auth(tmp_path, text):
    lines = "".join(f"    {line}\n" for line in text.splitlines())
    auth = (
        "apiVersion: v1\nkind: ConfigMap\n"
        "metadata: {name: aws-auth, namespace: kube-system}\n"
        f"data:\n  mapRoles: |\n{lines}"
    )
    estate_of(tmp_path, {"main.tf": EKS, "auth.yaml": auth})


@pytest.mark.parametrize(
    ("old", "fact", "kind", "address"),
    [
        ("false", "api.public", "cluster", "aws_eks_cluster.lab"),
        (
            '"system:serviceaccount:training:*"',
            "trust.workload.scope",
            "identity",
            "aws_iam_role.trainer",
        ),
    ],
)
def test_a_hidden_value_decides_nothing(tmp_path, old, fact, kind, address):
    main = EKS + role(subject("training:*", "StringLike"))
    hidden = 'variable "hidden" {}\n' + main.replace(old, "var.hidden")
    estate = estate_of(
        tmp_path, {"main.tf": hidden, "account.yaml": ACCOUNT, "job.yaml": JOB}
    )
    thing = estate.find(kind, address)
    assert thing is not None
    assert isinstance(thing.fact(fact).value, Unknown)
