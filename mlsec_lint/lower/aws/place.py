"""Where AWS resources lie: the `region` argument (provider 6), else the provider block.

A provider block without a region leaves the choice to the environment: unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Fact
from mlsec_lint.estate.hosts import place_of_host
from mlsec_lint.estate.places import state_place
from mlsec_lint.lower.reading import given, span_of, unknown_of
from mlsec_lint.value import Step, Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Thing
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value


def region_of(here: RootIndex, resource: Resource) -> Fact:
    """The region that a resource is made in, as a text reading."""
    own = given(resource.values, "region")
    if own is not None and not _computed(own, resource):
        return _read(here, resource, own, ())
    provider = resource.provider
    value = given(provider.values, "region")
    name = f"{provider.name}.{provider.alias}" if provider.alias else provider.name
    through = (Step(resource.span, f"made by provider {name}"),)
    if value is not None:
        return _read(here, resource, value, through)
    why = f"provider {name} names no region: AWS_REGION or a profile decides"
    span = provider.span or resource.span
    return Fact(Unknown("environment", why, "AWS_REGION", span=span), span, through)


def _computed(value: Value, resource: Resource) -> bool:
    """Whether `region` is only the attribute that older providers compute."""
    unknown = value.unknown
    symbol = unknown.symbol if unknown is not None else None
    return symbol is not None and symbol.address == resource.address


def _read(
    here: RootIndex, resource: Resource, value: Value, through: tuple[Step, ...]
) -> Fact:
    text = here.text_of(value)
    if text is None:
        text = Unknown("error", "this is not a region", span=value.span)
    return Fact(text, span_of(value, resource), (*value.trail, *through))


def put_place(here: RootIndex, thing: Thing, resource: Resource) -> None:
    """State the region of a thing that a regional resource declares."""
    put_region(thing, region_of(here, resource))


def put_bucket_place(here: RootIndex, thing: Thing, resource: Resource) -> None:
    """State where a bucket lies: at the provider's S3 endpoint, where one is set.

    S3-compatible stores are named by endpoint; the region beside it means nothing then.
    """
    endpoint = given(resource.provider.values, "endpoints", "s3")
    if endpoint is None:
        put_place(here, thing, resource)
        return
    span = span_of(endpoint, resource)
    host = here.text_of(endpoint)
    if not isinstance(host, str):
        unknown = unknown_of(endpoint, "this is not an endpoint")
        state_place(thing, "aws", unknown, span, trail=endpoint.trail)
        return
    found = place_of_host(host)
    if found is not None and found.place is not None:
        state_place(thing, found.provider, found.place.id, span, trail=endpoint.trail)
        return
    why = f"the table of places knows no region of the endpoint {host}"
    nowhere = Unknown("unsupported", why, span=span)
    state_place(thing, "aws", nowhere, span, trail=endpoint.trail)


def put_region(thing: Thing, region: Fact) -> None:
    """State a region reading as the AWS place of a thing."""
    assert isinstance(region.value, str | Unknown)
    state_place(thing, "aws", region.value, region.span, trail=region.trail)


def put_zone(here: RootIndex, thing: Thing, resource: Resource, *path: str) -> None:
    """State the zone of a thing that lies in one zone; its region where none is set."""
    zone = given(resource.values, *path)
    if zone is None:
        put_place(here, thing, resource)
        return
    text = here.text_of(zone)
    unknown = text is None or isinstance(text, Unknown)
    region = region_of(here, resource)
    if unknown and isinstance(region.value, str):
        # A zone that config does not name lies in the region, unless it is a local one.
        put_region(thing, region)
        return
    where = text if text is not None else Unknown("error", "this is not a zone")
    state_place(thing, "aws", where, span_of(zone, resource), trail=zone.trail)
