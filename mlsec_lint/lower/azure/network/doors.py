"""Ways of an Azure subnet to the storage service that need no internet.

A service endpoint leads to the storage accounts of every customer, unless a service
endpoint policy names those that it may (learn.microsoft.com, "Virtual network service
endpoint policies", read 2026-11). A private endpoint leads to one resource.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.estate.networks import Door
from mlsec_lint.lower.azure.network.ranges import doubt_of, plain
from mlsec_lint.lower.azure.network.ways import networks_of
from mlsec_lint.lower.declared import thing_of
from mlsec_lint.lower.reading import blocks, given, span_of
from mlsec_lint.lower.terraform_index import values_at
from mlsec_lint.source import Note
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate.selectors import Truth
    from mlsec_lint.lower.azure.network.ways import Ways
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

#: So many private endpoints of one network are told; none of them leads further.
MAX_ENDPOINTS = 100
_POLICY = "azurerm_subnet_service_endpoint_storage_policy"
_LISTED = "service_endpoint_policy_ids"
_STORAGE = ("microsoft.storage", "microsoft.storage.global")


def doors_of(ways: Ways, subnet: Resource) -> list[Door]:
    """The doors of a subnet: its service endpoint for storage, private endpoints."""
    found: list[Door] = []
    whole = given(subnet.values, "service_endpoints")
    listed = values_at(subnet.values, "service_endpoints")
    if whole is not None and whole.unknown is not None:
        listed = [whole]
    for value in listed:
        text = ways.here.text_of(value)
        doubt = plain(text) if isinstance(text, Unknown) else None
        if doubt is not None or str(text).lower() in _STORAGE:
            found.append(_service(ways, subnet, value, doubt))
    for home in networks_of(ways.here, subnet)[:1]:
        endpoints = ways.endpoints(home)
        if len(endpoints) > MAX_ENDPOINTS:
            text = f"{home.address} has more than {MAX_ENDPOINTS} private endpoints"
            note = Note("bound", text, home.span.path, home.span)
            ways.estate.note([] if note in ways.estate.notes else [note])
        found += [_private(ways, endpoint) for endpoint in endpoints[:MAX_ENDPOINTS]]
    return found


def storage_door(ways: Ways, address: str, span: Span) -> Door:
    """A door to the stores of every owner that nothing limits."""
    made = Thing("gateway", address, address, span, "azure")
    thing = ways.estate.add(made)
    if thing.fact("type") is None:
        thing.state("type", "storage", span)
        thing.state("stores.limited", value=False, span=span)
    return Door(thing, "azure", limited=False, span=span, public=True)


def _service(ways: Ways, subnet: Resource, value: Value, doubt: Unknown | None) -> Door:
    address = f"{ways.here.address(subnet)}/Microsoft.Storage"
    limited, span = _limited(ways, subnet)
    span = span or span_of(value, subnet)
    thing = ways.estate.add(Thing("gateway", address, address, span, "azure"))
    thing.state("type", "storage", span)
    thing.state("stores.limited", limited, span)
    if doubt is not None and limited is False:
        thing.state("stores.limited", doubt, span)
    doubt = doubt_of(subnet) if doubt is None else doubt
    return Door(thing, "azure", limited, span, public=True, unknown=doubt)


def _limited(ways: Ways, subnet: Resource) -> tuple[Truth, Span | None]:
    """Whether a policy of the subnet names the stores, and the line that attaches it."""
    listed = given(subnet.values, _LISTED)
    if listed is None or listed.data == ():
        return False, None
    span = span_of(listed, subnet)
    if listed.unknown is not None:
        return plain(listed.unknown), span
    answers = [_names(ways, value) for value in values_at(subnet.values, _LISTED)]
    unsure = next((a for a in answers if isinstance(a, Unknown)), None)
    if any(answer is False for answer in answers):
        return False, span
    return (True if unsure is None else unsure), span


def _names(ways: Ways, value: Value) -> Truth:
    """Whether a policy names accounts, groups or subscriptions: it cannot else."""
    found = ways.here.parents(value, (_POLICY,))
    if len(found) != 1:
        why = "the service endpoint policy is not in the scan"
        return Unknown("resource", why, span=value.span)
    for block in blocks(found[0].values, "definition"):
        for resource in values_at(block, "service_resources"):
            text = ways.here.text_of(resource)
            if isinstance(text, str) and "/services/azure" in text.lower():
                return False  # an alias of the platform: stores of Azure's services
    return True


def _private(ways: Ways, endpoint: Resource) -> Door:
    thing = thing_of(ways.here, endpoint, "gateway", "azure")
    thing = ways.estate.add(thing)
    named = values_at(
        endpoint.values, "private_service_connection.private_connection_resource_id"
    )
    span = span_of(named[0], endpoint) if named else endpoint.span
    stores = [
        one
        for value in named
        for one in ways.here.parents(value, ("azurerm_storage_account",))
    ]
    thing.state("type", "storage" if stores else "service", span)
    if stores:
        thing.state("stores.limited", value=True, span=span)
    service = "azure" if stores else ""
    return Door(thing, service, limited=True, span=span, unknown=doubt_of(endpoint))
