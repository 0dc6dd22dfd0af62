"""Where Azure resources lie: their location, or the edge zone that overrides it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Fact
from mlsec_lint.estate.places import state_place
from mlsec_lint.lower.reading import given, span_of
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Thing
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.terraform.resource import Resource


def location_of(here: RootIndex, resource: Resource) -> Fact:
    """The location of a resource as a text reading; `East US` reads as `eastus`."""
    edge = given(resource.values, "edge_zone")
    value = edge or given(resource.values, "location")
    if value is None:
        why = f"{resource.address} names no location"
        return Fact(Unknown("resource", why, span=resource.span), resource.span)
    text = here.text_of(value)
    if text is None:
        text = Unknown("error", "this is not a location", span=value.span)
    if isinstance(text, str):
        text = text.replace(" ", "").lower()
        text = f"edge_zone:{text}" if edge is not None else text
    return Fact(text, span_of(value, resource), value.trail)


def put_place(here: RootIndex, thing: Thing, resource: Resource) -> None:
    """State the location of a thing."""
    found = location_of(here, resource)
    assert isinstance(found.value, str | Unknown)
    state_place(thing, "azure", found.value, found.span, trail=found.trail)
    edge = given(resource.values, "edge_zone")
    if edge is not None and edge.data != "":
        thing.state("place.edge", value=True, span=span_of(edge, resource))
