"""Declared things: stores and copies that every cloud's lowering makes the same way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.estate.places import state_place
from mlsec_lint.lower.stores import named_store, store_uri
from mlsec_lint.lower.tags import put_tags
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource

UNSERVED = "nothing in the scan serves from it"


def thing_of(
    here: RootIndex, resource: Resource, kind: str, provider: str, *names: str
) -> Thing:
    """A thing that a resource declares, with every name that follows from arguments."""
    address = here.address(resource)
    return Thing(
        kind,
        address,
        resource.address.removeprefix(f"{resource.module}."),
        resource.span,
        provider,
        here.root.path,
        resource.library,
        names={address, resource.address, *here.names(resource), *names},
    )


def declared_store(
    here: RootIndex,
    estate: Estate,
    resource: Resource,
    sort: str,
    provider: str,
    *names: str,
) -> Thing:
    """Add a declared store with its type and its tags."""
    store = estate.add(thing_of(here, resource, "store", provider, *names))
    store.state("type", sort)
    store.state("declared", value=True)
    put_tags(here, store, resource)
    return store


def store_of(index: TerraformIndex, estate: Estate, resource: Resource) -> Thing | None:
    """The store that a resource was lowered to, or None."""
    return estate.find("store", index.home(resource).address(resource))


def bucket_named(estate: Estate, uri: str, span: Span) -> Thing | None:
    """The store of a bucket's URI; an undeclared one where nothing declares it.

    None for a name that no bucket can have, and where several answer to it.
    """
    parsed = store_uri(uri)
    found = named_store(estate, parsed, span).stores if parsed is not None else []
    return found[0] if len(found) == 1 else None


def unserved(store: Thing) -> None:
    """State that no front is known, before fronts are looked for."""
    store.state("front.public", value=False, default=UNSERVED)


def add_copy(
    estate: Estate,
    store: Thing,
    address: str,
    service: str,
    span: Span,
    target: Thing | None,
    sort: str = "replication",
) -> Thing:
    """Add an automatic copy of a store: which service makes it, and where it goes.

    `sort` is `replication` or `backup`. The caller states its place (`place_like` where
    the target's place is the copy's).
    """
    name = f"{service} of {store.name}"
    copy = estate.add(Thing("copy", address, name, span, store.provider, store.root))
    copy.state("service", service, span)
    copy.state("type", sort, span)
    estate.link(store, "is copied by", copy, span)
    if target is not None:
        estate.link(copy, "copies to", target, span)
    return copy


def place_like(copy: Thing, target: Thing, span: Span) -> None:
    """State that a copy lies where its target lies, at the span that sends it there."""
    regions = target.all_facts("place.region")
    providers = target.all_facts("place.provider")
    for region, provider in zip(regions, providers, strict=False):
        assert isinstance(region.value, str | Unknown)
        assert isinstance(provider.value, str)
        state_place(copy, provider.value, region.value, span, trail=region.trail)
    if not regions:
        why = f"nothing in the scan says where {target.name} lies"
        nowhere = Unknown("resource", why, target.address, span=span)
        state_place(copy, target.provider or "aws", nowhere, span)
