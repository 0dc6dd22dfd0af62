"""Constraints of the organisation that bear on grants, where the scan holds them.

A constraint refuses what is set while it is in force and leaves what was there before
(Google Cloud, "Restricting identities by domain", 2026-11), but for public access
prevention, which is in force for all requests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.gcp.grants.scopes import name_of
from mlsec_lint.lower.gcp.grants.texts import project_name, same, told
from mlsec_lint.lower.reading import blocks, given
from mlsec_lint.lower.terraform_index import values_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.lower.gcp.grants.evaluate import Scope
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

PREVENTION = "storage.publicAccessPrevention"
DOMAINS = "iam.allowedPolicyMemberDomains"
NO_KEYS = "iam.disableServiceAccountKeyCreation"
_OLD = {
    "google_organization_policy": ("organisation", "org_id"),
    "google_folder_organization_policy": ("folder", "folder"),
    "google_project_organization_policy": ("project", "project"),
}
_NEW = {"organizations": "organisation", "folders": "folder", "projects": "project"}


class _Set(NamedTuple):
    """A constraint that a policy sets: where, and whether it is in force."""

    name: str
    level: str
    place: str
    holds: bool | None


class Constraints:
    """The policies of an organisation that a scan declares."""

    def __init__(self, index: TerraformIndex) -> None:
        self._set: list[_Set] = []
        for here in index.roots:
            for policy in here.of("google_org_policy_policy"):
                self._set += _new(here, policy)
            for kind, (level, argument) in _OLD.items():
                for policy in here.of(kind):
                    self._set += _old(here, policy, level, argument)

    def holds(self, name: str, above: tuple[Scope, ...]) -> bool | None:
        """Whether a constraint is in force for what lies there: the nearest decides.

        None where nobody can tell; False where the scan sets none.
        """
        for scope in above:
            found = [
                (same(one.place, scope.name), one.holds)
                for one in self._set
                if one.name == name and one.level == scope.level
            ]
            sure = [holds for at, holds in found if at]
            if sure:
                return sure[0]
            if any(at is None and holds is not False for at, holds in found):
                return None
        levels = {scope.level for scope in above}
        rest = [o for o in self._set if o.name == name and o.level not in levels]
        return None if any(one.holds is not False for one in rest) else False


def _new(here: RootIndex, policy: Resource) -> Iterator[_Set]:
    """`google_org_policy_policy`: `organizations/1/policies/CONSTRAINT`."""
    path = told(here, given(policy.values, "name"))
    head, found, name = path.rpartition("/policies/")
    if not found:
        return
    kind, _, place = head.partition("/")
    if kind not in _NEW:  # `${google_project.p.id}/policies/...`
        parent = told(here, given(policy.values, "parent"))
        kind, _, place = parent.partition("/")
    rules = values_at(policy.values, "spec.rules")
    truths = [_rule(rule) for rule in rules]
    conditional = any(given(rule, "condition") is not None for rule in rules)
    holds = None if conditional or not truths else truths[0]
    level = _NEW.get(kind, "")
    place = project_name(place) if level == "project" else place
    yield _Set(name, level, place, None if policy.repeat_unknown else holds)


def _rule(rule: Value) -> bool | None:
    for name, inverse in (("enforce", False), ("allow_all", True), ("deny_all", False)):
        value = given(rule, name)
        if value is not None:
            truth = value.boolean()
            return (truth is not inverse) if isinstance(truth, bool) else None
    return True if given(rule, "values") is not None else None


def _old(
    here: RootIndex, policy: Resource, level: str, argument: str
) -> Iterator[_Set]:
    name = told(here, given(policy.values, "constraint"))
    name = name.removeprefix("constraints/")
    place = name_of(here, given(policy.values, argument))
    place = project_name(place) if level == "project" else place
    holds: bool | None = None
    for block in blocks(policy.values, "boolean_policy"):
        enforced = given(block, "enforced")
        truth = enforced.boolean() if enforced is not None else None
        holds = truth if isinstance(truth, bool) else None
    for block in blocks(policy.values, "list_policy"):
        open_to_all = given(block, "allow", "all")
        truth = open_to_all.boolean() if open_to_all is not None else False
        holds = not truth if isinstance(truth, bool) else None
    yield _Set(name, level, place, None if policy.repeat_unknown else holds)
