"""Automatic copies of Azure storage: paired regions, object replication, and fronts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.places import place_of, state_place
from mlsec_lint.lower.azure.place import location_of
from mlsec_lint.lower.azure.storage import ACCOUNT, CONTAINER, geo_redundant
from mlsec_lint.lower.declared import add_copy, place_like, store_of
from mlsec_lint.lower.reading import (
    any_of,
    by_default,
    given,
    maybe_absent,
    put,
    put_also,
    read_bool,
    reading,
    span_of,
    unknown_of,
)
from mlsec_lint.lower.terraform_index import values_at
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Fact, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource

#: Fronts: resource type and the dotted argument with the host that they serve.
FRONTS = (
    ("azurerm_cdn_frontdoor_origin", "host_name"),
    ("azurerm_cdn_endpoint", "origin.host_name"),
    ("azurerm_frontdoor", "backend_pool.backend.address"),
)


def lower_copies(index: TerraformIndex, estate: Estate) -> None:
    """Copies and fronts of every declared storage account."""
    for here in index.roots:
        for account in here.of(ACCOUNT):
            store = estate.find("store", here.address(account))
            if store is not None:
                _pair(here, account, store, estate)
                put(store, "copies.tenants", _tenants(here, account))
        for replication in here.of("azurerm_storage_object_replication"):
            _replicated(index, here, replication, estate)
        for kind, argument in FRONTS:
            for front in here.of(kind):
                for host in values_at(front.values, argument):
                    _front(index, here, front, host, estate)


def _tenants(here: RootIndex, account: Resource) -> Fact:
    """Whether objects may be replicated, or blobs copied, to other tenants."""
    crossing = read_bool(
        account,
        given(account.values, "cross_tenant_replication_enabled"),
        by_default(account, "cross_tenant_replication_enabled"),
    )
    scope = given(account.values, "allowed_copy_scope")
    if scope is None:
        copying = by_default(account, "allowed_copy_scope")
    else:
        text = here.text_of(scope)
        wide = text not in ("AAD", "PrivateLink")
        copying = reading(scope, account, text if isinstance(text, Unknown) else wide)
    return any_of((crossing, copying))


def _pair(here: RootIndex, account: Resource, store: Thing, estate: Estate) -> None:
    """The second copy that geo-redundant accounts keep in the paired region."""
    geo = geo_redundant(account)
    if geo is None or geo.value is False:
        return
    address = f"{here.address(account)}.account_replication_type"
    copy = add_copy(estate, store, address, "geo-pair", geo.span, None)
    where = _paired(location_of(here, account), geo)
    state_place(copy, "azure", where, geo.span, trail=geo.trail)


def _paired(location: Fact, geo: Fact) -> str | Unknown:
    if isinstance(location.value, Unknown):
        return location.value._replace(possible=None, parts=())
    place = place_of("azure", str(location.value))
    pair = place.pair if place is not None else ""
    if not isinstance(geo.value, Unknown):
        why = f"the table of places lists no pair of {location.value}"
        return pair or Unknown("unsupported", why, span=location.span)
    possible = None
    if geo.value.possible is not None and pair:
        possible = tuple(
            Value(pair if v.data is True else str(location.value), v.span)
            for v in geo.value.possible
        )
    return geo.value._replace(possible=possible, parts=())


def _replicated(
    index: TerraformIndex, here: RootIndex, replication: Resource, estate: Estate
) -> None:
    source = given(replication.values, "source_storage_account_id")
    target = given(replication.values, "destination_storage_account_id")
    if source is None or target is None:
        return
    sources = here.parents(source, (ACCOUNT,))
    targets = here.parents(target, (ACCOUNT,))
    for account in sources:
        store = store_of(index, estate, account)
        if store is None:
            continue
        span = span_of(target, replication)
        found = store_of(index, estate, targets[0]) if len(targets) == 1 else None
        address = here.address(replication)
        copy = add_copy(estate, store, address, "object-replication", span, found)
        if found is not None:
            place_like(copy, found, span)
        else:
            why = "the destination account is not declared here"
            unknown = unknown_of(target, why)
            nowhere = unknown._replace(possible=None, parts=())
            state_place(copy, "azure", nowhere, span)
            _elsewhere(here, copy, target, span)


def _elsewhere(here: RootIndex, copy: Thing, target: Value, span: Span) -> None:
    """An account that the scan does not declare: its subscription, where that is known.

    It is foreign unless a provider of the root works in that subscription.
    """
    text = here.text_of(target)
    words = text.lower().split("/") if isinstance(text, str) else []
    if len(words) > 2 and words[1] == "subscriptions":
        copy.state("account", words[2], span, trail=target.trail)
        foreign = words[2] not in _own_subscriptions(here)
        copy.state("target.foreign", foreign, span, trail=target.trail)
        return
    name = text if isinstance(text, str) else ""
    kind = "resource" if name else "variable"
    why = f"the scan does not declare {name or 'the destination account'}"
    copy.state("target.foreign", Unknown(kind, why, name, span=span), span)


def _own_subscriptions(here: RootIndex) -> set[str]:
    """Subscriptions that the providers of a root work in, in lower case."""
    named = [
        here.text_of(given(provider.values, "subscription_id"))
        for provider in here.root.providers
        if provider.values is not None
    ]
    return {text.lower() for text in named if isinstance(text, str)}


def _front(
    index: TerraformIndex, here: RootIndex, front: Resource, host: Value, estate: Estate
) -> None:
    found = here.parents(host, (ACCOUNT, CONTAINER))
    stores = [store_of(index, estate, r) for r in found if r.type == ACCOUNT]
    text = here.text_of(host)
    if not stores and isinstance(text, str):
        name, dot, rest = text.partition(".")
        if dot and rest.endswith(".core.windows.net"):
            stores = list(estate.named(f"azure-storage-account:{name}", "store"))
    for store in stores:
        if store is not None:
            served = reading(host, front, data=True)
            put_also(store, "front.public", maybe_absent(front, served))
