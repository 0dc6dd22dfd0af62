"""In whose tenant an identity of Entra ID is at home: guests, applications of others.

A guest signs in where it is at home; its name in the lab's tenant is made of its mail:
`kim_partner.example#EXT#@lab.onmicrosoft.com` (learn.microsoft.com, "Properties of a
B2B collaboration user", 2026-11). A principal that is made for an application which the
scan does not declare stands for one of another tenant, or of another repository.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.mail import ANYBODY
from mlsec_lint.lower.reading import given, span_of
from mlsec_lint.lower.terraform_index import type_of
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Thing
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.terraform.resource import Resource

_EXTERNAL = "#ext#"
_USER, _INVITATION = "azuread_user", "azuread_invitation"
_PRINCIPAL = "azuread_service_principal"


def state_home(here: RootIndex, thing: Thing, resource: Resource) -> None:
    """State `foreign`, and `account` where it is known, of guests and of strangers' apps."""
    kind = type_of(resource).removeprefix("data.")
    if kind in (_USER, _INVITATION):
        _guest(here, thing, resource, kind)
    elif kind == _PRINCIPAL and resource.mode == "managed":
        _application(here, thing, resource)


def _guest(here: RootIndex, thing: Thing, resource: Resource, kind: str) -> None:
    name = "user_email_address" if kind == _INVITATION else "user_principal_name"
    value = given(resource.values, name)
    text = here.text_of(value)
    if kind == _USER and (not isinstance(text, str) or _EXTERNAL not in text.lower()):
        return
    span = span_of(value, resource) if value is not None else resource.span
    mail = text.lower().partition(_EXTERNAL)[0] if isinstance(text, str) else ""
    domain = mail.rpartition("@" if "@" in mail else "_")[2]
    if domain in ANYBODY:
        return  # a person, of nobody's tenant
    thing.state("foreign", value=True, span=span)
    if domain:
        thing.state("account", domain, span)


def _application(here: RootIndex, thing: Thing, resource: Resource) -> None:
    """One of an application known by its id alone; those of Microsoft are taken over."""
    value = given(resource.values, "client_id") or given(
        resource.values, "application_id"
    )
    existing = given(resource.values, "use_existing")
    text = here.text_of(value)
    if value is None or not isinstance(text, str) or existing is not None:
        return
    span = span_of(value, resource)
    why = f"of which tenant the application {text} is is not known"
    thing.state("foreign", Unknown("resource", why, text, span=span), span)
