"""Rights that people may take for a time: entitlements of Privileged Access Manager.

Whoever is eligible asks for the role and has it at once, for as long as the entitlement
allows, unless somebody else has to approve; such an entitlement is no right that anybody
has by himself. (Google Cloud, "Privileged Access Manager", 2026-11.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.gcp.grants.bindings import block_bindings
from mlsec_lint.lower.gcp.grants.evaluate import Scope
from mlsec_lint.lower.gcp.grants.texts import project_name, told
from mlsec_lint.lower.reading import blocks, given
from mlsec_lint.lower.terraform_index import values_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.lower.gcp.grants.evaluate import Binding
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource

ENTITLEMENT = "google_privileged_access_manager_entitlement"
_ELIGIBLE = "eligible_users.principals"
#: How the resource of an entitlement begins, by level.
_LEVELS = {"projects": "project", "folders": "folder", "organizations": "organisation"}


def entitled(index: TerraformIndex) -> Iterator[Binding]:
    """The bindings that those eligible may make for themselves."""
    for here in index.roots:
        for owner in here.of(ENTITLEMENT):
            if given(owner.values, "approval_workflow") is None:
                for access in blocks(owner.values, "privileged_access"):
                    granted = given(access, "gcp_iam_access")
                    scope = _scope(here, owner, told(here, given(granted, "resource")))
                    if granted is not None and scope is not None:
                        for block in values_at(granted, "role_bindings"):
                            yield from block_bindings(
                                here,
                                owner,
                                block,
                                values_at(owner.values, _ELIGIBLE),
                                scope,
                                eligible=True,
                            )


def _scope(here: RootIndex, owner: Resource, resource: str) -> Scope | None:
    """What an entitlement is about: by its `resource`, else by what it lies in."""
    name = resource.rpartition("googleapis.com/")[2]
    if not resource:
        name = told(here, given(owner.values, "parent"))
    level, _, rest = name.partition("/")
    if level not in _LEVELS or not rest:
        return None
    sort = _LEVELS[level]
    return Scope(sort, project_name(rest) if sort == "project" else rest)
