"""Who an Azure grant names: managed identities, applications, people, groups.

A system-assigned identity is a thing of its own, `ADDRESS.identity`; what a cluster's
nodes act as is `ADDRESS.kubelet_identity` where no resource declares it. Whoever cannot
be told is a thing too, so that the grant is not lost: `principal:ID` or what the value
refers to. A service principal and its application are one identity.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate import Thing
from mlsec_lint.lower.azure.grants.homes import state_home
from mlsec_lint.lower.declared import thing_of
from mlsec_lint.lower.reading import blocks, given, span_of
from mlsec_lint.lower.stores import written
from mlsec_lint.lower.terraform_index import symbol_of, type_of, values_at
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

USER_ASSIGNED = "azurerm_user_assigned_identity"
APPLICATION = "azuread_application"
PRINCIPAL = "azuread_service_principal"
CLUSTER = "azurerm_kubernetes_cluster"
INVITATION = "azuread_invitation"
_SORTS = {
    USER_ASSIGNED: "managed-identity",
    APPLICATION: "application",
    "azuread_application_registration": "application",
    PRINCIPAL: "application",
    "azuread_user": "user",
    INVITATION: "user",
    "azuread_group": "group",
    "azuread_group_without_members": "group",
    "azuread_client_config": "unknown",
    "azurerm_client_config": "unknown",
}
_TYPES = (*_SORTS, *(f"data.{name}" for name in _SORTS))
_APPLICATIONS = (
    APPLICATION,
    "azuread_application_registration",
    f"data.{APPLICATION}",
)
_PRINCIPAL_TYPES = {
    "user": "user",
    "group": "group",
    "serviceprincipal": "application",
}
_MANAGED = "managed-identity"


class Named(NamedTuple):
    """Who a value names. `unknown` is set where it may be somebody else."""

    identity: Thing
    unknown: Unknown | None = None


def principals(
    here: RootIndex, estate: Estate, value: Value, owner: Resource
) -> list[Named]:
    """The identities that a principal id names; never nobody."""
    found = here.parents(value, _TYPES)
    if found:
        several = _one_of(len(found))
        return [Named(declared(here, estate, one), several) for one in found]
    symbol = symbol_of(value)
    owners = here.resolve_all(symbol) if symbol is not None else []
    if symbol is not None and owners:
        several = _one_of(len(owners))
        steps = [step for step in here.meant(symbol).path if isinstance(step, str)]
        return [
            Named(one, several)
            for resource in owners
            for one in _own(here, estate, resource, steps)
        ]
    return [_stranger(here, estate, value, owner)]


def _one_of(count: int) -> Unknown | None:
    if count <= 1:
        return None
    return Unknown("resource", f"it may be each of {count} identities")


def declared(here: RootIndex, estate: Estate, resource: Resource) -> Thing:
    """The identity that a resource or data source stands for."""
    if resource.type == PRINCIPAL:
        for name in ("client_id", "application_id"):
            value = given(resource.values, name)
            parents = here.parents(value, _APPLICATIONS)
            if len(parents) == 1:
                resource = parents[0]
                break
    elsewhere = _looked_up(here, estate, resource)
    if elsewhere is not None:
        return elsewhere
    thing = estate.add(thing_of(here, resource, "identity", "azure"))
    sort = _SORTS[resource.type]
    if "sort" not in thing.facts:
        thing.state("sort", sort)
        if sort in ("user", "group"):
            thing.state("person", value=True)
        if type_of(resource).endswith("client_config"):
            thing.name = "whoever applies this configuration"
        state_home(here, thing, resource)
    return thing


def _looked_up(here: RootIndex, estate: Estate, resource: Resource) -> Thing | None:
    """The managed identity of the scan that a data source looks up by its name."""
    name = here.attribute(resource, "name") if resource.mode == "data" else None
    if resource.type != USER_ASSIGNED or not isinstance(name, str):
        return None
    found = [
        thing
        for thing in estate.named(name, "identity")
        if f".{USER_ASSIGNED}." in f".{thing.address.rpartition(':')[2]}"
        and "data." not in thing.address
    ]
    return found[0] if len(found) == 1 else None


def _own(
    here: RootIndex, estate: Estate, resource: Resource, steps: list[str]
) -> list[Thing]:
    """The identity of a resource that an attribute of it names.

    That of an add-on (`key_vault_secrets_provider`) is another one than the cluster's.
    """
    first = steps[0] if steps else ""
    if first == "kubelet_identity":
        return kubelet(here, estate, resource)
    if first in ("", "identity", "principal_id", "id"):
        return [system_assigned(here, estate, resource)]
    address = f"{here.address(resource)}.{first}"
    name = f"the {first} of {resource.address}"
    made = Thing("identity", address, name, resource.span, "azure", here.root.path)
    made.library = resource.library
    thing = estate.add(made)
    if "sort" not in thing.facts:
        thing.state("sort", _MANAGED)
    return [thing]


def system_assigned(here: RootIndex, estate: Estate, resource: Resource) -> Thing:
    """The identity that a resource has for itself."""
    address = f"{here.address(resource)}.identity"
    found = estate.find("identity", address)
    if found is not None:
        return found
    name = f"the identity of {resource.address}"
    span = resource.span
    for block in blocks(resource.values, "identity"):
        span = block.span or span
    thing = Thing("identity", address, name, span, "azure", here.root.path)
    thing.library = resource.library
    estate.add(thing)
    thing.state("sort", _MANAGED)
    return thing


def kubelet(here: RootIndex, estate: Estate, cluster: Resource) -> list[Thing]:
    """As whom the nodes of a cluster act: the identity it is given, else its own."""
    stated = given(cluster.values, "kubelet_identity", 0, "user_assigned_identity_id")
    found = here.parents(stated, (USER_ASSIGNED, f"data.{USER_ASSIGNED}"))
    if found:
        return [declared(here, estate, one) for one in found]
    address = f"{here.address(cluster)}.kubelet_identity"
    known = estate.find("identity", address)
    if known is None:
        name = f"the kubelet identity of {cluster.address}"
        known = Thing("identity", address, name, cluster.span, "azure", here.root.path)
        known.library = cluster.library
        estate.add(known)
        known.state("sort", _MANAGED)
    return [known]


class Given(NamedTuple):
    """An identity that a resource acts as, with the value that says so."""

    identity: Thing
    value: Value
    unknown: Unknown | None = None


def acts_as(here: RootIndex, estate: Estate, resource: Resource) -> list[Given]:
    """Every identity that the `identity` blocks of a resource give it."""
    found: list[Given] = []
    for block in blocks(resource.values, "identity"):
        sort = given(block, "type")
        text = sort.text() if sort is not None else None
        if sort is not None and (
            isinstance(text, Unknown) or "systemassigned" in str(text).lower()
        ):
            unknown = text if isinstance(text, Unknown) else None
            own = system_assigned(here, estate, resource)
            found.append(Given(own, sort, unknown))
        for value in values_at(block, "identity_ids"):
            types = (USER_ASSIGNED, f"data.{USER_ASSIGNED}")
            several = here.parents(value, types)
            unknown = _one_of(len(several))
            found += [
                Given(declared(here, estate, one), value, unknown) for one in several
            ]
            if not several:
                stranger = _stranger(here, estate, value, resource)
                found.append(Given(stranger.identity, value, stranger.unknown))
    return found


def _stranger(here: RootIndex, estate: Estate, value: Value, owner: Resource) -> Named:
    """Somebody of whom config has an id only, or of whom nobody can tell who it is."""
    text = here.text_of(value)
    span = span_of(value, owner)
    if isinstance(text, str) and text:
        sort = _sort(owner)
        address = f"principal:{text.lower()}"
        known = estate.named(text, "identity")
        if len(known) == 1:
            return Named(known[0])
        thing = Thing("identity", address, f"the {sort_words(sort)} {text}", span)
        thing.provider = "azure"
        thing = estate.add(thing)
        if "sort" not in thing.facts:
            thing.state("sort", sort, span)
            if sort in ("user", "group"):
                thing.state("person", value=True, span=span)
        return Named(thing)
    unknown = (
        text if isinstance(text, Unknown) else Unknown("error", "no id of anybody")
    )
    name = written(unknown)
    address = f"{here.prefix}principal:{name}"
    thing = Thing("identity", address, f"whoever {name} is", span, "azure")
    thing = estate.add(thing)
    thing.state("sort", _sort(owner), span)
    return Named(thing, unknown._replace(possible=None))


def _sort(owner: Resource) -> str:
    stated = given(owner.values, "principal_type")
    text = stated.text() if stated is not None else None
    if not isinstance(text, str):
        return "unknown"
    return _PRINCIPAL_TYPES.get(text.lower(), "unknown")


def sort_words(sort: str) -> str:
    """A sort of identity for messages."""
    return "principal" if sort == "unknown" else sort.replace("-", " ")
