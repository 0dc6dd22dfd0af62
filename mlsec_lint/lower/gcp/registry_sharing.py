"""Artifact Registry repositories that are granted to projects and domains of others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsec_lint.lower.aws.arns import HOLE
from mlsec_lint.lower.gcp.audit import project_of
from mlsec_lint.lower.gcp.members import grants
from mlsec_lint.lower.reading import span_of

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource

REPOSITORY = "google_artifact_registry_repository"
_ACCOUNT = re.compile(r"^serviceAccount:[^@]+@([a-z0-9-]+)\.iam\.gserviceaccount\.com$")
_DOMAIN = re.compile(r"^domain:([a-z0-9.-]+)$")
_LISTED = "shared.accounts"
_NOBODY = "no grant on it in the scan names another project or domain"


def lower_registry_sharing(index: TerraformIndex, estate: Estate) -> None:
    """State the projects and domains that repositories are granted to."""
    for here in index.roots:
        for repository in here.of(REPOSITORY):
            store = estate.find("store", here.address(repository))
            if store is not None:
                _granted(index, here, store, repository)


def _granted(
    index: TerraformIndex, here: RootIndex, store: Thing, repository: Resource
) -> None:
    own = project_of(here, repository)
    for grant, members in grants(
        index, here, repository, f"{REPOSITORY}_iam", "repository"
    ):
        for member in members:
            text = here.text_of(member)
            name = _party(text, own) if isinstance(text, str) else ""
            if name:
                span = span_of(member, grant)
                store.also(_LISTED, (name,), span, trail=member.trail)
    if store.fact(_LISTED) is None:
        store.state(_LISTED, (), default=_NOBODY)


def _party(member: str, own: str) -> str:
    """The project or domain of a member, where it is not the repository's own.

    Service agents of Google (`gcp-sa-...`) act for the project itself.
    """
    domain = _DOMAIN.match(member)
    if domain is not None:
        return domain[1]
    account = _ACCOUNT.match(member)
    if account is None or account[1].startswith("gcp-sa-"):
        return ""
    known = bool(own) and HOLE not in own
    return account[1] if known and account[1] != own else ""
