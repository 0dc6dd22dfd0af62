"""What resources lie in: projects, folders and the organisation, as far as config tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.gcp.grants.evaluate import Scope
from mlsec_lint.lower.gcp.grants.texts import (
    canonical,
    hole,
    project_name,
    same,
    told,
)
from mlsec_lint.lower.reading import given
from mlsec_lint.lower.terraform_index import symbol_of
from mlsec_lint.patterns import regex

if TYPE_CHECKING:
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_PROJECT, _FOLDER = "google_project", "google_folder"
_DEEPEST = 12
_PLAIN = regex(r"[\w.-]*")
#: Level of a grant by the type it begins with, and the argument that names the place.
LEVELS = {
    "google_project_iam": ("project", "project"),
    "google_folder_iam": ("folder", "folder"),
    "google_organization_iam": ("organisation", "org_id"),
}


class Places:
    """Projects, folders and organisations that a scan declares or speaks of."""

    def __init__(self, index: TerraformIndex) -> None:
        self.index = index
        self._organisations = self._all_organisations()

    def _all_organisations(self) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for here in self.index.roots:
            for suffix in ("member", "binding", "policy"):
                for grant in here.of(f"google_organization_iam_{suffix}"):
                    found[name_of(here, given(grant.values, "org_id"))] = None
        return tuple(name for name in found if name)

    def above(self, here: RootIndex, resource: Resource) -> tuple[Scope, ...]:
        """What a resource lies in: its project, and what that lies in."""
        project = project_of(here, resource)
        return self.of_project(here, project) if project else ()

    def of_project(self, here: RootIndex, project: str) -> tuple[Scope, ...]:
        """The project itself, its folders where declared, and the organisation.

        A scan that speaks of one organisation alone is taken to be of that one.
        """
        found = [Scope("project", project)]
        declared = self._declared(here, project)
        if declared is not None:
            home, owner = declared
            found += self._folders(home, given(owner.values, "folder_id"))
            own = name_of(home, given(owner.values, "org_id"))
            if own:
                return (*found, Scope("organisation", own))
        if len(self._organisations) == 1:
            found.append(Scope("organisation", self._organisations[0]))
        return tuple(found)

    def _declared(
        self, here: RootIndex, project: str
    ) -> tuple[RootIndex, Resource] | None:
        """The `google_project` of a name, first of the same root."""
        others = [other for other in self.index.roots if other is not here]
        for home in (here, *others):
            for owner in home.of(_PROJECT):
                name = canonical(home.attribute(owner, "project_id"), home.prefix)
                if project in (name, hole(owner.address, home.prefix)):
                    return home, owner
        return None

    def _folders(self, here: RootIndex, value: Value | None) -> list[Scope]:
        found: list[Scope] = []
        for _ in range(_DEEPEST):
            if value is None:
                break
            found.append(Scope("folder", name_of(here, value)))
            parents = here.parents(value, (_FOLDER,))
            value = given(parents[0].values, "parent") if len(parents) == 1 else None
        return found


def project_of(here: RootIndex, resource: Resource) -> str:
    """The project of a resource, canonical; "" where nothing says.

    Its own argument, else the provider's.
    """
    own = given(resource.values, "project")
    provider = given(resource.provider.values, "project")
    computed = own is not None and own.unknown is not None and own.symbol is None
    if own is None or (computed and provider is not None):
        own = provider
    if own is None:
        return ""
    made = symbol_of(own) is None and own.unknown is not None
    if made and not _PLAIN.fullmatch(_written(own)):
        return "\0\0"  # what a function made of a variable is not the variable
    return project_name(told(here, own))


def _written(value: Value) -> str:
    return value.span.text.strip('"${} ') if value.span is not None else ""


def name_of(here: RootIndex, value: Value | None) -> str:
    """A folder or organisation by its number or reference, without what it is."""
    text = told(here, value)
    return text.removeprefix("folders/").removeprefix("organizations/")


def same_project(one: str, other: str) -> bool | None:
    """Whether two projects are one; None where nobody can tell."""
    if not one or not other:
        return None
    return same(one, other)
