"""Property: what an unknown could change is never decided.

A random configuration is lowered twice: once as it is, once with some of its values
taken away. A fact that is decided without them must say the same as with them.
"""

from __future__ import annotations

from clouds import CLOUDS
from hypothesis import given, settings
from hypothesis import strategies as st
from terraform_builder import encoded, estate, known, provider, ref, resource, root, var

from mlsec_lint.trace import trace
from mlsec_lint.value import Unknown

BOOL = st.sampled_from([True, False, None, "absent"])
#: Resource, attribute path, values it may have.
CHOICES = {
    "block.block_public_acls": BOOL,
    "block.block_public_policy": BOOL,
    "block.ignore_public_acls": BOOL,
    "block.restrict_public_buckets": BOOL,
    "block.bucket": st.sampled_from(["parent", "other"]),
    "bucket.acl": st.sampled_from(["private", "public-read", "absent"]),
    "bucket.region": st.sampled_from(["us-east-1", "ap-east-1", "xx-none-1", "absent"]),
    "versioning.status": st.sampled_from(["Enabled", "Suspended"]),
    "lock.mode": st.sampled_from(["COMPLIANCE", "GOVERNANCE", "absent"]),
    "sse.key": st.sampled_from(["key", "alias/aws/s3", "", "absent"]),
    "sse.algorithm": st.sampled_from(["aws:kms", "aws:kms:dsse"]),
    "ownership": st.sampled_from(["BucketOwnerEnforced", "ObjectWriter"]),
    "principal": st.sampled_from(["*", "arn:aws:iam::111122223333:root"]),
    "condition": st.sampled_from(["o-1", "*"]),
    "gcs.public_access_prevention": st.sampled_from(["enforced", "inherited"]),
    "gcs.uniform_bucket_level_access": BOOL,
    "gcs.location": st.sampled_from(["EU", "EUROPE-WEST4", "ASIA-EAST2", "EUR4"]),
    "gcs.member": st.sampled_from(["allUsers", "user:a@b.example"]),
    "az.account_replication_type": st.sampled_from(["LRS", "GRS", "ZRS", "RAGRS"]),
    "az.location": st.sampled_from(["southeastasia", "eastasia", "westeurope"]),
    "az.public_network_access_enabled": BOOL,
    "az.shared_access_key_enabled": BOOL,
    "az.default_action": st.sampled_from(["Allow", "Deny"]),
    "az.container_access_type": st.sampled_from(["private", "blob"]),
    "efs.encrypted": BOOL,
}
FACTS = (
    "public.blocked",
    "public.acl",
    "public.principal",
    "public.network",
    "encryption.key.managed_by",
    "versioning.enabled",
    "retention.locked",
    "auth.identity_only",
    "place.countries",
    "replication.countries",
)


def built(values):
    """The resources of one choice; what is `absent` is left out."""

    def some(**arguments):
        return {k: v for k, v in arguments.items() if v != "absent"}

    v = values
    parent = ref("aws_s3_bucket.w.id")
    named = {"parent": parent, "other": "another-bucket"}
    bucket = v["block.bucket"]
    bucket = bucket if isinstance(bucket, Unknown) else named[bucket]
    key = v["sse.key"]
    key = ref("aws_kms_key.k.arn") if key == "key" else key
    block = {
        name.removeprefix("block."): value
        for name, value in v.items()
        if name.startswith("block.block")
        or name in {"block.ignore_public_acls", "block.restrict_public_buckets"}
    }
    policy = {
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": v["principal"]},
                "Action": "s3:GetObject",
                "Condition": {"StringLike": {"aws:PrincipalOrgID": v["condition"]}},
            }
        ]
    }
    us = provider("aws", region="us-east-1")
    return [
        resource(
            "aws_s3_bucket.w",
            bucket="corp-w",
            provider=us,
            **some(acl=v["bucket.acl"], region=v["bucket.region"]),
        ),
        resource("aws_kms_key.k", provider=us),
        resource("aws_s3_bucket_public_access_block.w", bucket=bucket, **some(**block)),
        resource(
            "aws_s3_bucket_versioning.w",
            bucket=parent,
            versioning_configuration=[{"status": v["versioning.status"]}],
        ),
        resource(
            "aws_s3_bucket_object_lock_configuration.w",
            bucket=parent,
            rule=[{"default_retention": [some(mode=v["lock.mode"])]}],
        ),
        resource(
            "aws_s3_bucket_server_side_encryption_configuration.w",
            bucket=known("corp-w", "aws_s3_bucket.w.bucket"),
            rule=[
                {
                    "apply_server_side_encryption_by_default": [
                        some(sse_algorithm=v["sse.algorithm"], kms_master_key_id=key)
                    ]
                }
            ],
        ),
        resource(
            "aws_s3_bucket_ownership_controls.w",
            bucket=parent,
            rule=[{"object_ownership": v["ownership"]}],
        ),
        resource("aws_s3_bucket_policy.w", bucket=parent, policy=encoded(policy)),
        resource(
            "google_storage_bucket.w",
            name="corp-g",
            **some(
                location=v["gcs.location"],
                public_access_prevention=v["gcs.public_access_prevention"],
                uniform_bucket_level_access=v["gcs.uniform_bucket_level_access"],
            ),
        ),
        resource(
            "google_storage_bucket_iam_member.w",
            bucket=ref("google_storage_bucket.w.name"),
            member=v["gcs.member"],
        ),
        resource(
            "azurerm_storage_account.w",
            name="corpa",
            provider=provider("azurerm", locked="4.9.0"),
            network_rules=[{"default_action": v["az.default_action"]}],
            **some(
                location=v["az.location"],
                account_replication_type=v["az.account_replication_type"],
                public_network_access_enabled=v["az.public_network_access_enabled"],
                shared_access_key_enabled=v["az.shared_access_key_enabled"],
            ),
        ),
        resource(
            "azurerm_storage_container.w",
            name="c",
            storage_account_id=ref("azurerm_storage_account.w.id"),
            container_access_type=v["az.container_access_type"],
        ),
        resource(
            "aws_efs_file_system.w", provider=us, **some(encrypted=v["efs.encrypted"])
        ),
    ]


def facts(values):
    """Every fact as the set of what its statements say; None for an Unknown."""

    def every(inputs, made):
        for lowering in CLOUDS:
            lowering(inputs, made)
        trace(made)

    made = estate(every, root(*built(values)))
    found = {}
    for store in made.of("store"):
        for name in FACTS:
            told = [f.value for f in store.all_facts(name)]
            found[store.address, name] = told
    return found


@given(
    st.fixed_dictionaries(CHOICES),
    st.sets(st.sampled_from(sorted(CHOICES)), max_size=6),
)
@settings(max_examples=150, deadline=None)
def test_what_an_unknown_could_change_is_never_decided(values, taken):
    full = facts(values)
    partial = facts({k: var(k) if k in taken else v for k, v in values.items()})

    for key, told in partial.items():
        if any(isinstance(value, Unknown) for value in told):
            continue
        assert told == full[key], (key, sorted(taken))


@given(st.fixed_dictionaries(CHOICES))
@settings(max_examples=40, deadline=None)
def test_with_every_value_known_nothing_but_the_table_is_open(values):
    for (address, name), told in facts(values).items():
        if name not in {"place.countries", "replication.countries"}:
            assert not any(isinstance(v, Unknown) for v in told), (address, name)
