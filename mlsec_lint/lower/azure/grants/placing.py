"""Where declared Azure resources are, and what the `scope` of a grant means.

By reference first, then by the text of an id, whose unknown parts are told by what they
refer to. A data source is where the resource is that it looks up.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate import tables
from mlsec_lint.lower.azure.grants.scopes import Scope, Segment, scope_text
from mlsec_lint.lower.reading import given
from mlsec_lint.lower.terraform_index import type_of, values_at
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_TOP = regex(
    r"/subscriptions/\{subscription\}/resourceGroups/\{resource_group_name\}"
    r"/providers/([^/{}]+)/([^/{}]+)/\{name\}"
)
_GROUP = "azurerm_resource_group"
_SUBSCRIPTION = "azurerm_subscription"
_MANAGEMENT = "azurerm_management_group"
_CLIENT = "data.azurerm_client_config"
_DEPTH = 6

#: Types of which the table of formulas has no row, or none with a group in it.
_MORE = {
    "azurerm_user_assigned_identity": "microsoft.managedidentity/userassignedidentities",
    "azurerm_storage_account": "microsoft.storage/storageaccounts",
    "azurerm_container_registry": "microsoft.containerregistry/registries",
    "azurerm_managed_disk": "microsoft.compute/disks",
    "azurerm_snapshot": "microsoft.compute/snapshots",
    "azurerm_machine_learning_workspace": (
        "microsoft.machinelearningservices/workspaces"
    ),
    "azurerm_key_vault": "microsoft.keyvault/vaults",
    "azurerm_kubernetes_cluster": "microsoft.containerservice/managedclusters",
    "azurerm_virtual_network": "microsoft.network/virtualnetworks",
}


class _Part(NamedTuple):
    """A resource inside another one: by which arguments, of which types, under what path."""

    arguments: tuple[str, ...]
    parents: tuple[str, ...]
    path: tuple[str, ...]


_ACCOUNT = ("azurerm_storage_account", "data.azurerm_storage_account")
_VAULT = ("azurerm_key_vault", "data.azurerm_key_vault")
_PARTS = {
    "azurerm_storage_container": _Part(
        ("storage_account_id", "storage_account_name"),
        _ACCOUNT,
        ("blobservices", "default", "containers"),
    ),
    "azurerm_storage_data_lake_gen2_filesystem": _Part(
        ("storage_account_id",), _ACCOUNT, ("blobservices", "default", "containers")
    ),
    "azurerm_storage_share": _Part(
        ("storage_account_id", "storage_account_name"),
        _ACCOUNT,
        ("fileservices", "default", "shares"),
    ),
    "azurerm_key_vault_key": _Part(("key_vault_id",), _VAULT, ("keys",)),
    "azurerm_key_vault_secret": _Part(("key_vault_id",), _VAULT, ("secrets",)),
}


@cache
def _types() -> dict[str, str]:
    """ARM types, in lower case, of resources that lie in a resource group."""
    found = {}
    for row in tables.rows("computed_attributes.csv"):
        match = _TOP.fullmatch(row["formula"]) if row["attribute"] == "id" else None
        if match is not None:
            found[row["resource"]] = f"{match[1]}/{match[2]}".lower()
    return {**found, **_MORE}


@cache
def _scopes() -> tuple[str, ...]:
    """Every type, data sources included, that a scope may refer to."""
    names = (*_types(), *_PARTS, _GROUP, _SUBSCRIPTION, _MANAGEMENT)
    return (*names, *(f"data.{name}" for name in names))


def scope_of(here: RootIndex, value: Value) -> Scope:
    """What a scope argument means; of several instances that it may mean, not known."""
    found = here.parents(value, _scopes())
    if len(found) == 1:
        return place_of(here, found[0])
    if found:
        why = f"it may mean each of {len(found)} resources"
        return Scope(unknown=Unknown("resource", why, span=value.span))
    text = here.text_of(value)
    if isinstance(text, str):
        return _of_text(here, (text,))
    if isinstance(text, Unknown):
        return _of_text(here, text.parts) if text.parts else Scope(unknown=text)
    return Scope(unknown=Unknown("error", "this is no id", span=value.span))


def place_of(here: RootIndex, resource: Resource, depth: int = 0) -> Scope:
    """Where a resource or data source is."""
    kind = resource.type
    if kind == _MANAGEMENT:
        return _management(here, resource)
    if kind == _SUBSCRIPTION:
        return Scope((Segment("subscriptions"), _subscription(here, resource)))
    if kind == _GROUP:
        return Scope((*_in_subscription(here, resource), _name(here, resource)))
    part = _PARTS.get(kind)
    if part is not None:
        return _inside(here, resource, part, depth)
    arm = _types().get(kind)
    if arm is None:
        why = f"where {resource.address} is is not modelled"
        return Scope(unknown=Unknown("unsupported", why, span=resource.span))
    space, _, name = arm.partition("/")
    steps = (Segment("providers"), Segment(space), Segment(name))
    group = _group(here, resource)
    return Scope(
        (*_in_subscription(here, resource), group, *steps, _name(here, resource))
    )


def _inside(here: RootIndex, resource: Resource, part: _Part, depth: int) -> Scope:
    for argument in part.arguments:
        value = given(resource.values, argument)
        parents = here.parents(value, part.parents)
        if len(parents) == 1 and depth < _DEPTH:
            parent = place_of(here, parents[0], depth + 1)
            steps = tuple(Segment(step) for step in part.path)
            return Scope((*parent.segments, *steps, _name(here, resource)))
    why = f"in what {resource.address} lies is not known"
    return Scope(unknown=Unknown("resource", why, span=resource.span))


def _in_subscription(here: RootIndex, resource: Resource) -> tuple[Segment, ...]:
    own = _of_provider(here, resource)
    return (Segment("subscriptions"), own, Segment("resourcegroups"))


def _of_provider(here: RootIndex, resource: Resource) -> Segment:
    """The subscription of a provider configuration."""
    values = resource.provider.values
    stated = given(values, "subscription_id") if values is not None else None
    text = here.text_of(stated)
    if isinstance(text, str) and text:
        return Segment(text.lower())
    if isinstance(text, Unknown):
        return Segment(None, spelled(here, text))
    return Segment(None, f"{here.prefix}subscription:{resource.provider.alias}")


def _subscription(here: RootIndex, resource: Resource) -> Segment:
    """The subscription of a resource or data source that stands for one."""
    stated = given(resource.values, "subscription_id")
    unknown = stated.unknown if stated is not None else None
    own = unknown is not None and (
        unknown.symbol is None or unknown.symbol.address == resource.address
    )
    if stated is None or (own and resource.mode == "data"):
        return _of_provider(here, resource)  # the current one: nobody names another
    return _segment(here, here.text_of(stated), resource)


def _group(here: RootIndex, resource: Resource) -> Segment:
    value = given(resource.values, "resource_group_name")
    groups = here.parents(value, (_GROUP, f"data.{_GROUP}"))
    if len(groups) == 1:
        return _name(here, groups[0])
    return _segment(here, here.text_of(value), None)


def _name(here: RootIndex, resource: Resource) -> Segment:
    return _segment(here, here.attribute(resource, "name"), resource)


def _segment(
    here: RootIndex, text: str | Unknown | None, resource: Resource | None
) -> Segment:
    if isinstance(text, str):
        return Segment(text.lower())
    declared = resource is not None and resource.mode == "managed"
    if isinstance(text, Unknown) and (text.parts or text.symbol or text.name):
        return Segment(None, spelled(here, text), declared)
    address = here.address(resource) if resource is not None else ""
    return Segment(None, address, declared)


def spelled(here: RootIndex, unknown: Unknown) -> str:
    """An unknown text by what it refers to: the same spelling is the same text.

    "" for one of which nothing tells what it refers to.
    """
    if not unknown.parts:
        symbol = unknown.symbol
        if symbol is not None:
            return f"{here.prefix}${{{symbol.address}.{symbol.path}}}"
        return f"{here.prefix}${{{unknown.name}}}" if unknown.name else ""
    parts = [
        part if isinstance(part, str) else spelled(here, part) for part in unknown.parts
    ]
    return "".join(part.lower() for part in parts) if all(parts) else ""


def _of_text(here: RootIndex, parts: tuple[str | Unknown, ...]) -> Scope:
    """The scope of an id of known and unknown parts."""
    steps: list[list[str | Unknown]] = [[]]
    for part in parts:
        if isinstance(part, Unknown):
            steps[-1].append(part)
            continue
        first, *others = part.split("/")
        if first:
            steps[-1].append(first)
        steps += [[step] if step else [] for step in others]
    steps = [step for step in steps if step]
    if all(isinstance(p, str) for step in steps for p in step):
        return scope_text("".join(p for p in parts if isinstance(p, str)))
    first_step = steps[0]
    if first_step != ["subscriptions"]:
        unknown = next(p for step in steps for p in step if isinstance(p, Unknown))
        return Scope(unknown=unknown)
    return Scope(tuple(_step(here, step) for step in steps))


def _step(here: RootIndex, step: list[str | Unknown]) -> Segment:
    if all(isinstance(part, str) for part in step):
        return Segment("".join(str(part) for part in step).lower())
    if len(step) == 1 and isinstance(step[0], Unknown):
        own = _subscription_meant(here, step[0])
        if own is not None:
            return own
    whole = Unknown("template", "a part is not known", parts=tuple(step))
    return Segment(None, spelled(here, whole))


def _subscription_meant(here: RootIndex, unknown: Unknown) -> Segment | None:
    """The provider's subscription, where an unknown part of an id stands for it."""
    if unknown.kind == "environment" and unknown.name == "subscription":
        return Segment(None, f"{here.prefix}subscription:")
    resource = here.resolve(unknown.symbol)
    if resource is None or unknown.symbol is None:
        return None
    kinds = (_CLIENT, f"data.{_SUBSCRIPTION}")
    if type_of(resource) in kinds and unknown.symbol.path[-1:] == ("subscription_id",):
        return _subscription(here, resource)
    return None


def _management(here: RootIndex, resource: Resource) -> Scope:
    """A management group, with the subscriptions that config puts into it."""
    text = here.attribute(resource, "name")
    name = text.lower() if isinstance(text, str) else here.address(resource)
    members: list[str] = []
    for value in values_at(resource.values, "subscription_ids"):
        members += _member(here, value)
    for link in here.of(f"{_MANAGEMENT}_subscription_association"):
        named = given(link.values, "management_group_id")
        if any(found is resource for found in here.parents(named, (_MANAGEMENT,))):
            member = given(link.values, "subscription_id")
            members += _member(here, member) if member is not None else []
    return Scope(group=name, members=tuple(members))


def _member(here: RootIndex, value: Value) -> list[str]:
    found = here.parents(value, (_SUBSCRIPTION, f"data.{_SUBSCRIPTION}"))
    if found:
        segment = _subscription(here, found[0])
        return [t for t in (segment.text, segment.token) if t]
    text = here.text_of(value)
    if isinstance(text, str):
        return [text.lower().removeprefix("/subscriptions/")]
    return [spelled(here, text)] if isinstance(text, Unknown) else []
