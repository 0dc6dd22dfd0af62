"""Well-known public modules whose source is not at hand, by the inputs of their calls.

`MODULES` is the list, one file each with the version range whose inputs were read. What
a call makes joins the root's other resources, so that no cloud lowering knows of modules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.modules.aws_ecr import AWS_ECR
from mlsec_lint.lower.modules.aws_eks import AWS_EKS
from mlsec_lint.lower.modules.aws_iam_role import (
    AWS_ASSUMABLE_ROLE,
    AWS_OIDC_ROLE,
    AWS_SERVICE_ACCOUNT_ROLE,
)
from mlsec_lint.lower.modules.aws_kms import AWS_KMS
from mlsec_lint.lower.modules.aws_network import AWS_SECURITY_GROUP, AWS_VPC
from mlsec_lint.lower.modules.aws_s3_bucket import AWS_S3_BUCKET
from mlsec_lint.lower.modules.azure_aks import AZURE_AKS
from mlsec_lint.lower.modules.azure_key_vault import AZURE_KEY_VAULT
from mlsec_lint.lower.modules.azure_storage import AZURE_STORAGE
from mlsec_lint.lower.modules.building import Builder, Expansion, Module, source_of
from mlsec_lint.lower.modules.google_buckets import GOOGLE_BUCKETS
from mlsec_lint.lower.modules.google_gke import (
    GOOGLE_GKE,
    GOOGLE_GKE_AUTOPILOT,
    GOOGLE_NETWORK,
)
from mlsec_lint.lower.modules.google_kms import GOOGLE_KMS
from mlsec_lint.lower.modules.google_simple_bucket import GOOGLE_SIMPLE_BUCKET

if TYPE_CHECKING:
    from mlsec_lint.terraform.resource import ModuleCall, Root

MODULES: tuple[Module, ...] = (
    AWS_S3_BUCKET,
    AWS_KMS,
    AWS_ECR,
    AWS_SERVICE_ACCOUNT_ROLE,
    AWS_ASSUMABLE_ROLE,
    AWS_OIDC_ROLE,
    AWS_EKS,
    AWS_VPC,
    AWS_SECURITY_GROUP,
    GOOGLE_SIMPLE_BUCKET,
    GOOGLE_BUCKETS,
    GOOGLE_KMS,
    GOOGLE_GKE,
    GOOGLE_GKE_AUTOPILOT,
    GOOGLE_NETWORK,
    AZURE_STORAGE,
    AZURE_KEY_VAULT,
    AZURE_AKS,
)
_BY_SOURCE = {source: module for module in MODULES for source in module.sources}


def expand(call: ModuleCall, root: Root) -> Expansion | None:
    """What a call of a known module makes; None for every other module."""
    name, _ = source_of(call)
    module = _BY_SOURCE.get(name)
    return None if module is None else module.expand(Builder(module, call, root))
