"""Property: of copies, logs and shares, too, nothing is decided that an unknown could change.

A random configuration is lowered twice: once as it is, once with some of its values
taken away. What is told of a copy or a store without them must be told with them.
"""

from __future__ import annotations

from clouds import CLOUDS
from hypothesis import given, settings
from hypothesis import strategies as st
from terraform_builder import encoded, estate, provider, ref, resource, root, var

from mlsec_lint.trace import trace
from mlsec_lint.value import Unknown

BOOL = st.sampled_from([True, False, "absent"])
CHOICES = {
    "tag.key": st.sampled_from(["backup", "other"]),
    "tag.value": st.sampled_from(["daily", "weekly"]),
    "bucket.tag": st.sampled_from(["daily", "never"]),
    "pattern": st.sampled_from(["*", "arn:aws:s3:::corp-*", "arn:aws:s3:::other"]),
    "excluded": st.sampled_from(["arn:aws:s3:::corp-w", "arn:aws:ec2:*:*:volume/*"]),
    "condition": st.sampled_from(["daily", "weekly"]),
    "vault": st.sampled_from(
        [
            "arn:aws:backup:ap-east-1:111122223333:backup-vault:v",
            "arn:aws:backup:us-east-1:111122223333:backup-vault:v",
        ]
    ),
    "dlm.region": st.sampled_from(["ap-east-1", "us-east-2"]),
    "dlm.state": st.sampled_from(["ENABLED", "absent"]),
    "read_write": st.sampled_from(["All", "WriteOnly", "absent"]),
    "selector.type": st.sampled_from(["AWS::S3::Object", "AWS::Lambda::Function"]),
    "selector.value": st.sampled_from(
        ["arn:aws:s3", "arn:aws:s3:::corp-w/", "arn:aws:s3:::corp-w", "arn:aws:s3:::x/"]
    ),
    "field.category": st.sampled_from(["Data", "Management"]),
    "field.read_only": st.sampled_from(["true", "false"]),
    "field.arn": st.sampled_from(["arn:aws:s3:::corp-", "arn:aws:s3:::x"]),
    "trail.multi": BOOL,
    "trail.region": st.sampled_from(["us-east-1", "us-west-2"]),
    "trail.enabled": BOOL,
    "expire.status": st.sampled_from(["Enabled", "Disabled"]),
    "expire.days": st.sampled_from([30, "absent"]),
    "multi_region": BOOL,
    "ram": BOOL,
    "principal": st.sampled_from(["111122223333", "999988887777"]),
    "vault.mode": st.sampled_from(["GeoRedundant", "LocallyRedundant", "absent"]),
    "vault.location": st.sampled_from(["southeastasia", "westus3", "eastasia"]),
    "audit.type": st.sampled_from(["DATA_READ", "DATA_WRITE"]),
    "audit.service": st.sampled_from(["allServices", "bigquery.googleapis.com"]),
    "audit.project": st.sampled_from(["acme", "other"]),
    "gcs.delete": st.sampled_from(["Delete", "SetStorageClass"]),
    "gcs.snapshot": st.sampled_from(["us", "asia-east2"]),
    "log.category": st.sampled_from(["StorageRead", "StorageWrite"]),
}
FACTS = (
    "access.logged",
    "objects.expire",
    "multi_region",
    "place.countries",
    "replica.countries",
    "shared.accounts",
    "registry.private",
)


def built(v):
    """The resources of one choice; what is `absent` is left out."""

    def some(**arguments):
        return {k: x for k, x in arguments.items() if x != "absent"}

    us = provider("aws", region="us-east-1", allowed_account_ids=["111122223333"])
    policy = {
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": v["principal"]},
                "Action": "sagemaker:*",
            }
        ]
    }
    fields = [
        {"field": "eventCategory", "equals": [v["field.category"]]},
        {"field": "resources.type", "equals": ["AWS::S3::Object"]},
        {"field": "readOnly", "equals": [v["field.read_only"]]},
        {"field": "resources.ARN", "starts_with": [v["field.arn"]]},
    ]
    return [
        resource(
            "aws_s3_bucket.w",
            bucket="corp-w",
            provider=us,
            tags={"backup": v["bucket.tag"]},
        ),
        resource(
            "aws_ebs_volume.d",
            provider=us,
            availability_zone="us-east-1a",
            tags={"backup": v["bucket.tag"]},
        ),
        resource(
            "aws_backup_plan.p",
            provider=us,
            name="p",
            rule=[
                {
                    "target_vault_name": "home",
                    "copy_action": [{"destination_vault_arn": v["vault"]}],
                }
            ],
        ),
        resource(
            "aws_backup_selection.tags",
            provider=us,
            plan_id=ref("aws_backup_plan.p.id"),
            selection_tag=[{"key": v["tag.key"], "value": v["tag.value"]}],
        ),
        resource(
            "aws_backup_plan.q",
            provider=us,
            name="q",
            rule=[{"target_vault_name": "home"}],
        ),
        resource(
            "aws_backup_selection.patterns",
            provider=us,
            plan_id=ref("aws_backup_plan.q.id"),
            resources=[v["pattern"]],
            not_resources=[v["excluded"]],
            condition=[
                {
                    "string_equals": [
                        {"key": "aws:ResourceTag/backup", "value": v["condition"]}
                    ]
                }
            ],
        ),
        resource(
            "aws_dlm_lifecycle_policy.d",
            provider=us,
            policy_details=[
                {
                    "resource_types": ["VOLUME"],
                    "target_tags": {"backup": "daily"},
                    "schedule": [
                        {"cross_region_copy_rule": [{"target": v["dlm.region"]}]}
                    ],
                }
            ],
            **some(state=v["dlm.state"]),
        ),
        resource(
            "aws_cloudtrail.classic",
            provider=provider("aws", region=v["trail.region"]),
            event_selector=[
                {
                    "data_resource": [
                        {"type": v["selector.type"], "values": [v["selector.value"]]}
                    ],
                    **some(read_write_type=v["read_write"]),
                }
            ],
            **some(
                is_multi_region_trail=v["trail.multi"],
                enable_logging=v["trail.enabled"],
            ),
        ),
        resource(
            "aws_cloudtrail.advanced",
            provider=us,
            advanced_event_selector=[{"field_selector": fields}],
        ),
        resource(
            "aws_s3_bucket_lifecycle_configuration.w",
            bucket=ref("aws_s3_bucket.w.id"),
            rule=[
                {
                    "status": v["expire.status"],
                    "expiration": [some(days=v["expire.days"])],
                }
            ],
        ),
        resource("aws_kms_key.k", provider=us, **some(multi_region=v["multi_region"])),
        resource(
            "aws_sagemaker_model_package_group.g",
            provider=us,
            model_package_group_name="g",
        ),
        resource(
            "aws_sagemaker_model_package_group_policy.g",
            model_package_group_name="g",
            resource_policy=encoded(policy),
        ),
        resource(
            "aws_ram_resource_share.s",
            provider=us,
            **some(allow_external_principals=v["ram"]),
        ),
        resource(
            "aws_ram_resource_association.s",
            resource_arn=ref("aws_sagemaker_model_package_group.g.arn"),
            resource_share_arn=ref("aws_ram_resource_share.s.arn"),
        ),
        resource(
            "google_storage_bucket.w",
            name="corp-g",
            project="acme",
            location="US",
            lifecycle_rule=[
                {"action": [{"type": v["gcs.delete"]}], "condition": [{"age": 30}]}
            ],
        ),
        resource(
            "google_project_iam_audit_config.a",
            project=v["audit.project"],
            service=v["audit.service"],
            audit_log_config=[{"log_type": v["audit.type"]}],
        ),
        resource("google_compute_disk.d", name="d", zone="us-central1-a"),
        resource(
            "google_compute_snapshot.d",
            name="s",
            source_disk=ref("google_compute_disk.d.id"),
            storage_locations=[v["gcs.snapshot"]],
        ),
        resource("azurerm_storage_account.w", name="corpa", location="westus3"),
        resource(
            "azurerm_monitor_diagnostic_setting.w",
            target_resource_id="/x/storageAccounts/corpa/blobServices/default",
            enabled_log=[{"category": v["log.category"]}],
        ),
        resource("azurerm_managed_disk.d", name="d", location="southeastasia"),
        resource(
            "azurerm_recovery_services_vault.v",
            name="v",
            location=v["vault.location"],
            **some(storage_mode_type=v["vault.mode"]),
        ),
        resource(
            "azurerm_backup_protected_file_share.w",
            recovery_vault_name="v",
            source_storage_account_id=ref("azurerm_storage_account.w.id"),
        ),
    ]


def facts(values):
    """What is told of every store, key and copy: values, or None for an Unknown."""

    def every(inputs, made):
        for lowering in CLOUDS:
            lowering(inputs, made)
        trace(made)

    made = estate(every, root(*built(values)))
    found = {}
    for kind in ("store", "key", "copy"):
        for thing in made.of(kind):
            for name in FACTS:
                found[kind, thing.address, name] = [
                    None if isinstance(f.value, Unknown) else f.value
                    for f in thing.all_facts(name)
                ]
    return found


@given(
    st.fixed_dictionaries(CHOICES),
    st.sets(st.sampled_from(sorted(CHOICES)), max_size=6),
)
@settings(max_examples=150, deadline=None)
def test_what_an_unknown_could_change_is_never_decided(values, taken):
    full = facts(values)
    partial = facts({k: var(k) if k in taken else v for k, v in values.items()})

    for key, told in full.items():  # nothing that is there is gone without its value
        assert key in partial, (key, sorted(taken))
        if None not in partial[key]:
            assert partial[key] == told, (key, sorted(taken))


@given(st.fixed_dictionaries(CHOICES))
@settings(max_examples=40, deadline=None)
def test_with_every_value_known_nothing_is_open(values):
    for key, told in facts(values).items():
        assert None not in told, key
