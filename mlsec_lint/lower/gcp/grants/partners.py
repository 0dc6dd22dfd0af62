"""Whose an identity is: the lab's, or another project's or organisation's.

The lab's projects are those that the scan puts something into, grants rights on as a
whole, or signs in from; its mail domains are those of the organisation that the scan
looks up and of the groups that it declares. What is in none of them is a partner's, once
all of them are known by name: others are undecided. The user's list `lab-accounts` has
the last word in rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.gcp.grants.principals import principal_of
from mlsec_lint.lower.gcp.grants.says import put_once
from mlsec_lint.lower.gcp.grants.scopes import project_of
from mlsec_lint.lower.gcp.grants.texts import same, told, whole
from mlsec_lint.lower.mail import ANYBODY
from mlsec_lint.lower.reading import given
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.gcp.grants.pods import Actor
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource

_BY_PROJECT = ("service-account", "account", "group")
_GROUP = "google_cloud_identity_group"


class Lab(NamedTuple):
    """Projects and mail domains of the lab, canonical; no domains where none is known."""

    projects: frozenset[str]
    domains: frozenset[str]


def lab_of(index: TerraformIndex, estate: Estate) -> Lab:
    """What the scan itself shows to be the lab's."""
    projects = {
        name
        for here in index.roots
        for resource in here.resources
        for name in _projects(here, resource)
    }
    projects |= {
        principal.project
        for edge in estate.edges()
        if edge.verb in ("runs as", "becomes") and edge.source.provider == "kubernetes"
        for principal in (principal_of(f"serviceAccount:{edge.target.address}"),)
        if principal is not None and principal.sort == "service-account"
    }
    domains = {d for here in index.roots for d in _domains(here)}
    return Lab(frozenset(projects - {""}), frozenset(d for d in domains if whole(d)))


def _projects(here: RootIndex, resource: Resource) -> Iterator[str]:
    if not resource.type.startswith("google_"):
        return
    if "_iam_" not in resource.type:
        yield project_of(here, resource)
    elif resource.type.startswith("google_project_iam_"):
        own = told(here, given(resource.values, "project"))
        yield own.removeprefix("projects/") if whole(own) else ""
    if resource.type == "google_project":
        own = told(here, given(resource.values, "project_id"))
        yield own if whole(own) else ""
    signed = told(here, given(resource.provider.values, "impersonate_service_account"))
    principal = principal_of(f"serviceAccount:{signed}") if signed else None
    yield principal.project if principal is not None and whole(signed) else ""


def _domains(here: RootIndex) -> Iterator[str]:
    for found in here.of("data.google_organization"):
        yield told(here, given(found.values, "domain")).lower()
    for group in here.of(_GROUP):
        mail = told(here, given(group.values, "group_key", "id"))
        yield mail.rpartition("@")[2].lower()


def say_foreign(
    actor: Actor, target: Thing, project: str, lab: Lab, span: Span
) -> None:
    """State whether an identity is a partner's, and on `target` that it is let in.

    `target` is the identity itself where it is granted a right on a store. Of people
    only a mail address is known, and no project.
    """
    thing = actor.thing
    own, sort = thing.fact("account"), thing.fact("sort")
    if sort is None or own is None or not isinstance(own.value, str):
        return
    if sort.value in ("user", "group") and not _holds_project(thing):
        foreign: bool | Unknown = _other_domain(own.value, lab.domains)
    elif sort.value in _BY_PROJECT and project:
        foreign = _other_project(own.value, (*sorted(lab.projects), project), span)
    else:
        return
    if foreign is False:
        return
    if thing.fact("foreign") is None:
        thing.state("foreign", foreign, span)
    if sort.value in ("service-account", "account"):
        name = "outside.account" if target is thing else "trust.accounts"
        whose = (own.value,) if name == "trust.accounts" else own.value
        put_once(target, name, whose if foreign is True else foreign, span)


def _holds_project(thing: Thing) -> bool:
    """Whether a group are the owners, editors or viewers of a project."""
    return thing.address.startswith("project")


def _other_project(name: str, known: tuple[str, ...], span: Span) -> bool | Unknown:
    if all(same(name, one) is False for one in known):
        return True
    if name in known or all(map(whole, known)):
        return False
    why = f"whether {name} is a project of the lab is not known"
    return Unknown("resource", why, span=span)


def _other_domain(name: str, domains: frozenset[str]) -> bool:
    return bool(domains) and name not in domains and name not in ANYBODY
