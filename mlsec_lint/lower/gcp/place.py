"""Where Google Cloud resources lie: their location, region or zone, else the provider's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.places import state_place
from mlsec_lint.lower.reading import given, span_of
from mlsec_lint.value import Step, Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Thing
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_OWN = ("location", "zone", "region")
_PROVIDER = ("zone", "region")


def put_place(here: RootIndex, thing: Thing, resource: Resource) -> None:
    """State the location of a thing: its own, else the provider's, else unknown."""
    for name in _OWN:
        value = given(resource.values, name)
        if value is not None:
            put_location(here, thing, resource, value)
            return
    provider = resource.provider
    for name in _PROVIDER:
        value = given(provider.values, name)
        if value is not None:
            step = Step(resource.span, f"made by provider {provider.name}")
            put_location(here, thing, resource, value, step)
            return
    why = f"neither {resource.address} nor its provider names a location"
    span = provider.span or resource.span
    nowhere = Unknown("environment", why, "GOOGLE_REGION", span=span)
    state_place(thing, "gcp", nowhere, span)


def put_location(
    here: RootIndex, thing: Thing, resource: Resource, value: Value, *steps: Step
) -> None:
    """State one location of a thing; called once more for each further one."""
    text = here.text_of(value)
    if text is None:
        text = Unknown("error", "this is not a location", span=value.span)
    span = span_of(value, resource)
    state_place(thing, "gcp", text, span, trail=(*value.trail, *steps))
