"""Google Cloud service accounts as identities: who may act as them, when that is everyone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.declared import thing_of
from mlsec_lint.lower.gcp.members import put_public_members

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.terraform_index import TerraformIndex

ACCOUNT = "google_service_account"


def lower_identities(index: TerraformIndex, estate: Estate) -> None:
    """Every service account, by its e-mail, its member name and its address."""
    for here in index.roots:
        for resource in here.of(ACCOUNT):
            member = here.attribute(resource, "member")
            names = (member,) if isinstance(member, str) else ()
            identity = estate.add(thing_of(here, resource, "identity", "gcp", *names))
            words = "no grant in the scan lets everyone act as it"
            identity.state("public.principal", value=False, default=words)
            stem = f"{ACCOUNT}_iam"
            put_public_members(
                index, here, identity, resource, stem, "service_account_id"
            )
