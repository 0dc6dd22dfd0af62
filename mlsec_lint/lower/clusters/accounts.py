"""Service accounts and the AWS roles that they may assume, by either side's word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.clusters.trust import trusts_of
from mlsec_lint.lower.reading import given, span_of

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.terraform_index import TerraformIndex

ROLE = "aws_iam_role"
ASSOCIATION = "aws_eks_pod_identity_association"


def state_trusts(index: TerraformIndex, estate: Estate) -> None:
    """State how much of a cluster may assume each role, one fact for each trust."""
    for here in index.roots:
        for role in here.of(ROLE):
            identity = estate.find("identity", here.address(role))
            if identity is None:
                continue
            for trust in trusts_of(here, role).found:
                identity.also(
                    "trust.workload.scope", trust.scope, trust.span, trail=trust.trail
                )
        for one in here.of(ASSOCIATION):
            for role in here.parents(given(one.values, "role_arn"), (ROLE,)):
                identity = estate.find("identity", here.address(role))
                name = given(one.values, "service_account")
                if identity is not None and name is not None:
                    span = span_of(name, one)
                    identity.also("trust.workload.scope", "account", span)
