"""IAM members, bindings and policies on Google Cloud resources: who is everyone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.reading import (
    each_possible,
    given,
    is_somebody,
    maybe_absent,
    put_also,
    reading,
    settled,
)
from mlsec_lint.lower.terraform_index import symbol_of, values_at
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Fact, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

EVERYONE = ("allUsers", "allAuthenticatedUsers")


def put_public_members(
    index: TerraformIndex,
    here: RootIndex,
    thing: Thing,
    parent: Resource,
    stem: str,
    attribute: str,
) -> None:
    """State `public.principal` for every grant on a resource that names everyone.

    `stem` is the type without `_member`, `_binding`, `_policy`; `attribute` the argument
    that names the parent. Nothing is stated where no grant names everyone.
    """
    for resource, members in grants(index, here, parent, stem, attribute):
        for member in members:
            found = everyone(here, member, resource)
            if found.value is not False:
                put_also(thing, "public.principal", maybe_absent(resource, found))


def grants(
    index: TerraformIndex, here: RootIndex, parent: Resource, stem: str, attribute: str
) -> Iterator[tuple[Resource, list[Value]]]:
    """Grants on a resource with the members that each names."""
    for suffix in ("member", "binding", "policy"):
        kind = f"{stem}_{suffix}"
        for found in index.satellites(here, parent, kind, attribute).found:
            yield found, grant_members(here, found, suffix)


def grant_members(here: RootIndex, grant: Resource, suffix: str) -> list[Value]:
    """The members that a grant of a sort (`member`, `binding`, `policy`) names."""
    if suffix == "policy":
        data = given(grant.values, "policy_data")
        return [] if data is None else _policy_members(here, data)
    return values_at(grant.values, "member" if suffix == "member" else "members")


def _policy_members(here: RootIndex, data: Value) -> list[Value]:
    """Members of all bindings of a policy: a data source, or JSON that was encoded."""
    source = here.resolve(symbol_of(data))
    if source is not None and source.type == "google_iam_policy":
        return values_at(source.values, "binding.members")
    if data.origin is not None:
        return values_at(data.origin[1], "bindings.members")
    return [data] if data.unknown is not None else []


def everyone(here: RootIndex, member: Value, owner: Resource) -> Fact:
    """Whether a member is everyone; unknown only where it could be."""
    return reading(member, owner, _everyone(here.text_of(member)))


def _everyone(text: str | Unknown | None) -> bool | Unknown:
    if not isinstance(text, Unknown):
        return text in EVERYONE
    if is_somebody(text):
        return False
    unsure = each_possible(text, lambda option: _everyone(option.text()))
    return False if settled(unsure) is False else unsure
