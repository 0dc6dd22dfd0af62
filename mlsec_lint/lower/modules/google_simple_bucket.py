"""terraform-google-modules/cloud-storage/google//modules/simple_bucket by its inputs.

Read: 9.0 to 12.3, 2026-11. Does not model: lifecycle, autoclass, IP filters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.modules.building import (
    Builder,
    Expansion,
    Module,
    entries_of,
    is_empty,
    switched_on,
)
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value


def _expand(make: Builder) -> Expansion:
    bucket = make.resource(
        "google_storage_bucket.bucket",
        "google",
        name=make.input("name"),
        project=make.input("project_id"),
        location=make.input("location"),
        labels=make.input("labels"),
        uniform_bucket_level_access=make.or_default("bucket_policy_only", data=True),
        public_access_prevention=make.or_default(
            "public_access_prevention", "inherited"
        ),
        versioning=make.blocks(enabled=make.or_default("versioning", data=True)),
        retention_policy=make.input("retention_policy"),
        custom_placement_config=make.input("custom_placement_config"),
        encryption=_encryption(make),
        website=_website(make),
    )
    outputs = {
        "name": (bucket, "name"),
        "url": (bucket, "url"),
    }
    return Expansion((bucket, *_members(make, bucket)), outputs)


def _encryption(make: Builder) -> Value | None:
    own = make.input("internal_encryption_config", "create_encryption_key")
    if not switched_on(own):
        return make.input("encryption")
    ring = Unknown("module", "the module makes the key itself", span=make.call.span)
    name = ring._replace(parts=(ring, "/cryptoKeys/", ring))
    key = make.unknown("").replace(data=name) if own is not None else None
    unsure = own is not None and own.unknown is not None
    return own if unsure else make.blocks(default_kms_key_name=key)


def _website(make: Builder) -> Value | None:
    website = make.input("website")
    if website is None or is_empty(website):
        return None
    named = [website.get(n) for n in ("main_page_suffix", "not_found_page")]
    return None if all(v is None or v.is_null for v in named) else website


def _members(make: Builder, bucket: Resource) -> list[Resource]:
    listed = make.input("iam_members")
    if listed is None:
        return []
    return [
        make.resource(
            f"google_storage_bucket_iam_member.members[{number}]",
            "google",
            entry if entry.unknown is not None else None,
            bucket=make.reference(bucket, "name"),
            role=entry.get("role"),
            member=entry.get("member"),
        )
        for number, entry in enumerate(entries_of(listed))
    ]


GOOGLE_SIMPLE_BUCKET = Module(
    (
        "terraform-google-modules/cloud-storage/google//modules/simple_bucket",
        "terraform-google-modules/terraform-google-cloud-storage//modules/simple_bucket",
    ),
    "9.0 to 12.3",
    12,
    _expand,
)
