"""Grants on Google Cloud resources that the scan does not declare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.gcp.members import everyone, grant_members
from mlsec_lint.lower.orphans import Parent, orphans
from mlsec_lint.lower.reading import maybe_absent, put_also

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.terraform_index import TerraformIndex

#: The stem of the IAM resources, and what they speak of.
GRANTS = (
    (
        "google_storage_bucket_iam",
        Parent(
            "bucket",
            ("google_storage_bucket", "google_container_registry"),
            "store",
            "object",
            "gcp",
            "gs://",
        ),
    ),
    (
        "google_artifact_registry_repository_iam",
        Parent(
            "repository",
            ("google_artifact_registry_repository",),
            "store",
            "registry",
            "gcp",
        ),
    ),
    (
        "google_kms_crypto_key_iam",
        Parent("crypto_key_id", ("google_kms_crypto_key",), "key", "", "gcp"),
    ),
    (
        "google_kms_key_ring_iam",
        Parent("key_ring_id", ("google_kms_key_ring",), "key", "", "gcp"),
    ),
)


def lower_orphans(index: TerraformIndex, estate: Estate) -> None:
    """State grants to everyone on what no resource of the scan declares."""
    for stem, parent in GRANTS:
        for suffix in ("member", "binding", "policy"):
            for orphan in orphans(index, estate, f"{stem}_{suffix}", parent):
                for member in grant_members(orphan.here, orphan.owner, suffix):
                    found = everyone(orphan.here, member, orphan.owner)
                    if found.value is not False:
                        found = maybe_absent(orphan.owner, found)
                        put_also(orphan.make(), "public.principal", found)
