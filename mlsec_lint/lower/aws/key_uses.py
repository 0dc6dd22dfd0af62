"""AWS resources that hold no weights and name a KMS key: logs, queues, databases."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from mlsec_lint.lower.aws.keys import declared_key
from mlsec_lint.lower.other_uses import put_other_uses

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

OTHER_USES = (
    ("aws_cloudtrail", "kms_key_id"),
    ("aws_cloudwatch_log_group", "kms_key_id"),
    ("aws_db_instance", "kms_key_id"),
    ("aws_dynamodb_table", "server_side_encryption.kms_key_arn"),
    ("aws_eks_cluster", "encryption_config.provider.key_arn"),
    ("aws_elasticache_replication_group", "kms_key_id"),
    ("aws_kinesis_firehose_delivery_stream", "server_side_encryption.key_arn"),
    ("aws_kinesis_stream", "kms_key_id"),
    ("aws_lambda_function", "kms_key_arn"),
    ("aws_msk_cluster", "encryption_info.encryption_at_rest_kms_key_arn"),
    ("aws_opensearch_domain", "encrypt_at_rest.kms_key_id"),
    ("aws_rds_cluster", "kms_key_id"),
    ("aws_redshift_cluster", "kms_key_id"),
    ("aws_secretsmanager_secret", "kms_key_id"),
    ("aws_sns_topic", "kms_master_key_id"),
    ("aws_sqs_queue", "kms_master_key_id"),
    ("aws_ssm_parameter", "key_id"),
)


def lower_key_uses(index: TerraformIndex, estate: Estate) -> None:
    """State which declared keys also seal other data."""
    for here in index.roots:
        put_other_uses(here, estate, OTHER_USES, partial(_keys, here))


def _keys(here: RootIndex, value: Value) -> list[Resource]:
    key = declared_key(here, value)
    return [] if key is None else [key]
