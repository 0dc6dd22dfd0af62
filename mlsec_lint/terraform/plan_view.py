"""Where a plan shows less than the configuration says: provider schemas, as data.

The AWS provider is written against an SDK that makes a whole set unknown when one of
its elements is, if the set is optional and computed at once. We know the elements all
the same; only the outward form follows the plan.
"""

from __future__ import annotations

# Sets of primitives that are optional and computed. From the schema of hashicorp/aws
# 5.100.0 (2025-06) and, for types outside of it, the registry's documentation.
COMPUTED_SETS: dict[str, frozenset[str]] = {
    name: frozenset(attributes.split())
    for name, attributes in {
        "aws_autoscaling_group": "availability_zones target_group_arns vpc_zone_identifier",
        "aws_backup_selection": "not_resources",
        "aws_db_instance": "vpc_security_group_ids",
        "aws_dms_replication_instance": "vpc_security_group_ids",
        "aws_docdb_cluster": "availability_zones vpc_security_group_ids",
        "aws_efs_mount_target": "security_groups",
        "aws_elasticache_cluster": "security_group_ids",
        "aws_elasticache_replication_group": "security_group_ids",
        "aws_elb": "availability_zones instances security_groups subnets",
        "aws_iam_role": "managed_policy_arns",
        "aws_instance": "secondary_private_ips security_groups vpc_security_group_ids",
        "aws_lb": "security_groups subnets",
        "aws_nat_gateway": "secondary_private_ip_addresses",
        "aws_neptune_cluster": "availability_zones vpc_security_group_ids",
        "aws_network_acl": "subnet_ids",
        "aws_network_interface": "private_ips security_groups",
        "aws_rds_cluster": "availability_zones vpc_security_group_ids",
        "aws_redshift_cluster": "vpc_security_group_ids",
        "aws_route_table": "propagating_vgws",
        "aws_sagemaker_notebook_instance": "security_groups",
        "aws_secretsmanager_secret_version": "version_stages",
        "aws_spot_instance_request": "security_groups vpc_security_group_ids",
        "aws_vpc_endpoint": "route_table_ids security_group_ids subnet_ids",
    }.items()
}


def is_computed_set(type_: str, attribute: str) -> bool:
    """Whether a plan shows this argument as unknown when one element is."""
    return attribute in COMPUTED_SETS.get(type_, ())
