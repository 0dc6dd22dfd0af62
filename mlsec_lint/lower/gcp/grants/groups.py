"""Members of Cloud Identity groups that Terraform declares: they count as the group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.gcp.grants.bindings import Origin
from mlsec_lint.lower.gcp.grants.texts import told
from mlsec_lint.lower.reading import given, span_of

if TYPE_CHECKING:
    from mlsec_lint.lower.gcp.grants.people import People
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource

_GROUP = "google_cloud_identity_group"
_MEMBERSHIP = "google_cloud_identity_group_membership"


def link_members(index: TerraformIndex, people: People) -> None:
    """Link the members of groups that the estate knows by a grant."""
    for here in index.roots:
        for membership in here.of(_MEMBERSHIP):
            _member(here, membership, people)


def _member(here: RootIndex, membership: Resource, people: People) -> None:
    value = given(membership.values, "preferred_member_key", "id")
    for group in here.parents(given(membership.values, "group"), (_GROUP,)):
        mail = told(here, given(group.values, "group_key", "id")).lower()
        target = people.estate.find("identity", f"group:{mail}")
        if target is None or value is None:
            continue
        name = told(here, value)
        kind = "serviceAccount" if name.endswith(".gserviceaccount.com") else "user"
        span = span_of(value, membership)
        origin = Origin(here, membership, value, span, span)
        doubt = "whether it is a member is not known" * membership.repeat_unknown
        for actor in people.actors(f"{kind}:{name}", origin):
            both = actor._replace(doubt=actor.doubt or doubt)
            people.link(both, "counts as", target, span, "is a member of the group")
