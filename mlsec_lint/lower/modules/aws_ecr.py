"""terraform-aws-modules/ecr/aws by its inputs (read: 1.0 to 3.2, 2026-11).

Does not model: lifecycle and scanning rules, pull-through caches, registry replication.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.modules.building import (
    Builder,
    Expansion,
    Module,
    is_empty,
    switched_off,
)
from mlsec_lint.lower.modules.policies import policy, statement

if TYPE_CHECKING:
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_READ, _WRITE = "repository_read_access_arns", "repository_read_write_access_arns"


def _expand(make: Builder) -> Expansion:
    create, repository = make.input("create"), make.input("create_repository")
    if switched_off(create) or switched_off(repository):
        return Expansion((), {})
    unsure = next(
        (v for v in (create, repository) if v is not None and v.unknown is not None),
        None,
    )
    kind = make.or_default("repository_type", "private")
    if kind.data == "public":
        public = make.resource(
            "aws_ecrpublic_repository.this[0]",
            "aws",
            unsure,
            repository_name=make.input("repository_name"),
            tags=make.input("tags"),
        )
        return Expansion((public,), {"repository_arn": (public, "arn")})
    store = make.resource(
        "aws_ecr_repository.this[0]",
        "aws",
        kind if kind.unknown is not None else unsure,
        name=make.input("repository_name"),
        region=make.input("region"),
        tags=make.input("tags"),
        force_delete=make.input("repository_force_delete"),
        image_tag_mutability=make.or_default(
            "repository_image_tag_mutability", "IMMUTABLE"
        ),
        encryption_configuration=make.blocks(
            encryption_type=make.input("repository_encryption_type"),
            kms_key=make.input("repository_kms_key"),
        ),
    )
    outputs = {
        "repository_arn": (store, "arn"),
        "repository_name": (store, "name"),
        "repository_url": (store, "repository_url"),
    }
    return Expansion((store, *_policy(make, store)), outputs)


def _policy(make: Builder, store: Resource) -> list[Resource]:
    attach = make.input("attach_repository_policy")
    document = make.input("repository_policy")
    written = not switched_off(make.input("create_repository_policy"))
    if switched_off(attach) or (not written and document is None):
        return []
    return [
        make.resource(
            "aws_ecr_repository_policy.this[0]",
            "aws",
            attach,
            repository=make.reference(store, "name"),
            policy=_document(make) if written else document,
        )
    ]


def _document(make: Builder) -> Value:
    """What the module writes: who reads and writes; else the account itself."""
    named = [make.input(_READ), make.input(_WRITE)]
    found = [
        statement(make, "AWS", arns, "ecr:BatchGetImage")
        for arns in named
        if arns is not None and not is_empty(arns)
    ]
    return policy(make, found, make.input("repository_policy_statements"))


AWS_ECR = Module(
    ("terraform-aws-modules/ecr/aws", "terraform-aws-modules/terraform-aws-ecr"),
    "1.0 to 3.2",
    3,
    _expand,
)
