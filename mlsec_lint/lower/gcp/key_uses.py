"""Google Cloud resources that hold no weights and name a key: logs, databases, topics."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from mlsec_lint.lower.gcp.keys import KEY
from mlsec_lint.lower.other_uses import put_other_uses

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_REPLICAS = "replication.user_managed.replicas.customer_managed_encryption"
OTHER_USES = (
    ("google_alloydb_cluster", "encryption_config.kms_key_name"),
    ("google_bigquery_dataset", "default_encryption_configuration.kms_key_name"),
    ("google_container_cluster", "database_encryption.key_name"),
    ("google_logging_project_bucket_config", "cmek_settings.kms_key_name"),
    ("google_pubsub_topic", "kms_key_name"),
    ("google_redis_instance", "customer_managed_key"),
    (
        "google_secret_manager_secret",
        "replication.auto.customer_managed_encryption.kms_key_name",
    ),
    ("google_secret_manager_secret", f"{_REPLICAS}.kms_key_name"),
    ("google_spanner_database", "encryption_config.kms_key_name"),
    ("google_sql_database_instance", "encryption_key_name"),
)


def lower_key_uses(index: TerraformIndex, estate: Estate) -> None:
    """State which declared keys also seal other data."""
    for here in index.roots:
        put_other_uses(here, estate, OTHER_USES, partial(_keys, here))


def _keys(here: RootIndex, value: Value) -> list[Resource]:
    return here.parents(value, (KEY,))
