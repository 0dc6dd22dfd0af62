"""Artifact Registry repositories that are granted to projects and domains of others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.gcp.grants.partners import lab_of
from mlsec_lint.lower.gcp.grants.principals import principal_of
from mlsec_lint.lower.gcp.grants.scopes import project_of
from mlsec_lint.lower.gcp.grants.texts import whole
from mlsec_lint.lower.gcp.members import grants
from mlsec_lint.lower.reading import span_of

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.gcp.grants.partners import Lab
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource

REPOSITORY = "google_artifact_registry_repository"
_LISTED = "shared.accounts"
_NOBODY = "no grant on it in the scan names another project or domain"


def state_sharing(index: TerraformIndex, estate: Estate) -> None:
    """State the projects and domains that repositories are granted to."""
    lab = lab_of(index, estate)
    for here in index.roots:
        for repository in here.of(REPOSITORY):
            store = estate.find("store", here.address(repository))
            if store is not None:
                _granted(index, here, store, repository, lab)


def _granted(
    index: TerraformIndex,
    here: RootIndex,
    store: Thing,
    repository: Resource,
    lab: Lab,
) -> None:
    own = project_of(here, repository)
    for grant, members in grants(
        index, here, repository, f"{REPOSITORY}_iam", "repository"
    ):
        for member in members:
            text = here.text_of(member)
            name = _party(text, own, lab) if isinstance(text, str) else ""
            if name:
                span = span_of(member, grant)
                store.also(_LISTED, (name,), span, trail=member.trail)
    if store.fact(_LISTED) is None:
        store.state(_LISTED, (), default=_NOBODY)


def _party(member: str, own: str, lab: Lab) -> str:
    """The project or domain of a member, where it is not the lab's.

    Agents of Google's services act for the project itself.
    """
    principal = principal_of(member)
    if principal is None:
        return ""
    if principal.sort == "domain":
        return "" if principal.name in lab.domains else principal.name
    if principal.sort not in ("service-account", "holders"):
        return ""
    ours = {own, *lab.projects}
    known = bool(own) and whole(own)
    return principal.project if known and principal.project not in ours else ""
