"""terraform-aws-modules/kms/aws by its inputs (read: 1.0 to 4.x, 2026-11).

Does not model: external and replica keys, grants.
"""

from __future__ import annotations

from mlsec_lint.lower.modules.building import (
    Builder,
    Expansion,
    Module,
    switched_off,
    switched_on,
)


def _expand(make: Builder) -> Expansion:
    create = make.input("create")
    if switched_off(create) or switched_on(make.input("create_external")):
        return Expansion((), {})
    key = make.resource(
        "aws_kms_key.this[0]",
        "aws",
        create,
        custom_key_store_id=make.input("custom_key_store_id"),
        multi_region=make.input("multi_region"),
        policy=make.input("policy"),
        region=make.input("region"),
        tags=make.input("tags"),
    )
    outputs = {
        "key_arn": (key, "arn"),
        "key_id": (key, "key_id"),
        "key_policy": (key, "policy"),
    }
    return Expansion((key,), outputs)


AWS_KMS = Module(
    ("terraform-aws-modules/kms/aws", "terraform-aws-modules/terraform-aws-kms"),
    "1.0 to 4.x",
    4,
    _expand,
)
