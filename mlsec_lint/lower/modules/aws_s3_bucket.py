"""terraform-aws-modules/s3-bucket/aws by its inputs (read: 2.15 to 5.15, 2026-11).

Does not model: lifecycle, inventory, analytics, metadata tables, CORS.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.modules.building import (
    Builder,
    Expansion,
    Module,
    is_empty,
    switched_off,
    switched_on,
)

if TYPE_CHECKING:
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_GUARD = (
    "block_public_acls",
    "block_public_policy",
    "ignore_public_acls",
    "restrict_public_buckets",
)
_LOG_SWITCHES = (
    "attach_elb_log_delivery_policy",
    "attach_lb_log_delivery_policy",
    "attach_access_log_delivery_policy",
    "attach_cloudtrail_log_delivery_policy",
    "attach_waf_log_delivery_policy",
)


def _expand(make: Builder) -> Expansion:
    create = make.input("create_bucket")
    if switched_off(create):
        return Expansion((), {})
    bucket = make.resource(
        "aws_s3_bucket.this[0]",
        "aws",
        create,
        bucket=make.input("bucket"),
        bucket_prefix=make.input("bucket_prefix"),
        region=make.input("region"),
        tags=make.input("tags"),
        object_lock_enabled=make.input("object_lock_enabled"),
        acceleration_status=make.input("acceleration_status"),
    )
    made = [bucket, _guard(make, bucket)]
    for part in (_acl, _ownership, _versioning, _sealed, _lock, _website, _policy):
        found = part(make, bucket)
        if found is not None:
            made.append(found)
    made += _replication(make, bucket)
    outputs = {
        "s3_bucket_id": (bucket, "id"),
        "s3_bucket_arn": (bucket, "arn"),
        "s3_bucket_bucket_domain_name": (bucket, "bucket_domain_name"),
        "s3_bucket_bucket_regional_domain_name": (
            bucket,
            "bucket_regional_domain_name",
        ),
        "s3_bucket_region": (bucket, "region"),
    }
    return Expansion(tuple(made), outputs)


def _guard(make: Builder, bucket: Resource) -> Resource:
    """The public access block: on by default since 3.9.0, off before."""
    values = {}
    for name in _GUARD:
        given = make.input(name)
        if given is None and min(make.majors) >= 4:
            given = make.default(name, data=True)
        elif given is None and max(make.majors) <= 2:
            given = make.default(name, data=False)
        elif given is None:
            given = make.unknown(f"the default of {name} changed in version 3.9.0")
        values[name] = given
    return make.resource(
        "aws_s3_bucket_public_access_block.this[0]",
        "aws",
        bucket=make.reference(bucket, "id"),
        **values,
    )


def _acl(make: Builder, bucket: Resource) -> Resource | None:
    acl, grant = make.input("acl"), make.input("grant")
    if acl is None and is_empty(grant):
        return None
    return make.resource(
        "aws_s3_bucket_acl.this[0]",
        "aws",
        bucket=make.reference(bucket, "id"),
        acl=acl,
        grant=grant,
    )


def _ownership(make: Builder, bucket: Resource) -> Resource | None:
    control = make.input("control_object_ownership")
    if not switched_on(control):
        return None
    owner = "BucketOwnerEnforced" if min(make.majors) >= 4 else "ObjectWriter"
    ownership = make.or_default("object_ownership", owner)
    return make.resource(
        "aws_s3_bucket_ownership_controls.this[0]",
        "aws",
        control,
        bucket=make.reference(bucket, "id"),
        rule=make.blocks(object_ownership=ownership),
    )


def _versioning(make: Builder, bucket: Resource) -> Resource | None:
    versioning = make.input("versioning")
    if is_empty(versioning):
        return None
    enabled = make.input("versioning", "enabled")
    status = enabled if enabled is not None else make.input("versioning", "status")
    return make.resource(
        "aws_s3_bucket_versioning.this[0]",
        "aws",
        bucket=make.reference(bucket, "id"),
        versioning_configuration=make.blocks(status=_status(status)),
    )


def _status(value: Value | None) -> Value | None:
    """`Enabled` or `Suspended` out of a boolean or a word."""
    if value is None or value.unknown is not None:
        return value
    on = value.boolean()
    word = value.text()
    if on is not None:
        return value.replace(data="Enabled" if on is True else "Suspended")
    return value.replace(data=str(word).title()) if isinstance(word, str) else value


def _sealed(make: Builder, bucket: Resource) -> Resource | None:
    configuration = make.input("server_side_encryption_configuration")
    if is_empty(configuration) or configuration is None:
        return None
    return make.resource(
        "aws_s3_bucket_server_side_encryption_configuration.this[0]",
        "aws",
        bucket=make.reference(bucket, "id"),
        rule=configuration.at("rule"),
    )


def _lock(make: Builder, bucket: Resource) -> Resource | None:
    configuration = make.input("object_lock_configuration")
    if is_empty(configuration) or configuration is None:
        return None
    return make.resource(
        "aws_s3_bucket_object_lock_configuration.this[0]",
        "aws",
        bucket=make.reference(bucket, "id"),
        rule=configuration.at("rule"),
    )


def _website(make: Builder, bucket: Resource) -> Resource | None:
    website = make.input("website")
    if is_empty(website) or website is None:
        return None
    named = make.reference(bucket, "id").replace(span=website.span, key=website.key)
    return make.resource(
        "aws_s3_bucket_website_configuration.this[0]", "aws", website, bucket=named
    )


def _policy(make: Builder, bucket: Resource) -> Resource | None:
    """The caller's policy, or one that lets a log service in, where one is attached."""
    attach = make.input("attach_policy")
    policy = make.input("policy") if switched_on(attach) else None
    if policy is None:
        switches = [s for s in _LOG_SWITCHES if switched_on(make.input(s))]
        if not switches:
            return None
        attach = make.input(switches[0])
        policy = _log_policy(make)
    return make.resource(
        "aws_s3_bucket_policy.this[0]",
        "aws",
        attach,
        bucket=make.reference(bucket, "id"),
        policy=policy,
    )


def _log_policy(make: Builder) -> Value:
    service = make.fixed("delivery.logs.amazonaws.com")
    statement = {
        "Effect": make.fixed("Allow"),
        "Principal": make.fixed({"Service": service}),
        "Action": make.fixed("s3:PutObject"),
    }
    tree = make.fixed({"Statement": make.fixed((make.fixed(statement),))})
    return make.fixed("{}").replace(origin=("json", tree))


def _replication(make: Builder, bucket: Resource) -> list[Resource]:
    configuration = make.input("replication_configuration")
    if is_empty(configuration) or configuration is None:
        return []
    rules = configuration.at("rules")
    listed = rules.elements() if rules is not None else ()
    kept = tuple(rule for rule in listed if not _is_disabled(rule))
    if rules is not None and rules.unknown is None:
        rules = rules.replace(data=kept)
    return [
        make.resource(
            "aws_s3_bucket_replication_configuration.this[0]",
            "aws",
            bucket=make.reference(bucket, "id"),
            role=configuration.at("role"),
            rule=rules,
        )
    ]


def _is_disabled(rule: Value) -> bool:
    status = rule.get("status")
    if status is None:
        return False
    return status.boolean() is False or str(status.data).lower() == "disabled"


AWS_S3_BUCKET = Module(
    (
        "terraform-aws-modules/s3-bucket/aws",
        "terraform-aws-modules/terraform-aws-s3-bucket",
    ),
    "2.15 to 5.15",
    5,
    _expand,
)
