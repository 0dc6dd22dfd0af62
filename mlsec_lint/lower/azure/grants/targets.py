"""The weight stores of Azure that grants are asked about, and what a way into them needs.

A store that only a URI names is somewhere of which nothing but its name is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.azure.grants.placing import place_of
from mlsec_lint.lower.azure.grants.rights import (
    ACCOUNT,
    ADMIN,
    DISK,
    EXPORT,
    KEYS,
    PUBLIC,
    REGISTRY,
    SHARES,
    SNAPSHOT,
    WORKSPACE,
)
from mlsec_lint.lower.azure.grants.scopes import Scope, Segment
from mlsec_lint.lower.azure.storage import containers_of
from mlsec_lint.lower.reading import by_default, given, read_bool, read_text
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.azure.grants.answers import Answer
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource

_KINDS = {
    "azurerm_storage_account": ACCOUNT,
    "azurerm_container_registry": REGISTRY,
    "azurerm_managed_disk": DISK,
    "azurerm_snapshot": SNAPSHOT,
    "azurerm_machine_learning_workspace": WORKSPACE,
}
_URI = regex(r"abfss://([^@/]*)@([a-z0-9]{3,24})\.dfs\.core\.")


class Target(NamedTuple):
    """A weight store of Azure.

    * `kind`: a key of `rights.WAYS`; `scope`: where it is;
    * `parts`: how many containers of it config declares, for a grant on one of them;
    * `needs`: what a way in needs of it, beside a right.
    """

    store: Thing
    kind: str
    scope: Scope
    parts: int
    needs: dict[str, Answer]
    resource: Resource | None = None


def targets_of(index: TerraformIndex, estate: Estate) -> list[Target]:
    """Every weight store of Azure, in the order of declarations."""
    found: list[Target] = []
    for here in index.roots:
        for kind in _KINDS:
            for resource in here.of(kind):
                store = estate.find("store", here.address(resource))
                if store is not None and holds_weights(store):
                    found.append(_declared(index, here, store, resource))
    found += _undeclared(estate)
    return found


def holds_weights(thing: Thing) -> bool:
    """Whether a thing is one that holds or handles weights."""
    fact = thing.fact("weights.held")
    return fact is not None and fact.value is True


def _declared(
    index: TerraformIndex, here: RootIndex, store: Thing, resource: Resource
) -> Target:
    kind = _KINDS[resource.type]
    parts = len(containers_of(index, here, resource)) if kind == ACCOUNT else 0
    needs = _needs(index, here, store, resource)
    return Target(store, kind, place_of(here, resource), parts, needs, resource)


def _needs(
    index: TerraformIndex, here: RootIndex, store: Thing, resource: Resource
) -> dict[str, Answer]:
    kind = _KINDS[resource.type]
    if kind == ACCOUNT:
        return {
            KEYS: shared_keys(resource),
            SHARES: _shares(index, here, resource),
            PUBLIC: _may_be_public(store),
        }
    if kind == REGISTRY:
        return {ADMIN: _switch(resource, "admin_enabled", default=False)}
    if kind in (DISK, SNAPSHOT):
        return {EXPORT: _exportable(resource)}
    behind = here.parents(
        given(resource.values, "storage_account_id"), ("azurerm_storage_account",)
    )
    why = f"which storage account is behind {resource.address} is not known"
    keys: Answer = Unknown("resource", why, span=resource.span)
    return {KEYS: shared_keys(behind[0]) if len(behind) == 1 else keys}


def _may_be_public(account: Thing) -> Answer:
    """Whether containers of the account may be made public."""
    blocked = account.fact("public.blocked")
    if blocked is None or isinstance(blocked.value, Unknown):
        why = f"whether containers of {account.name} may be public is not known"
        return Unknown("resource", why, span=account.span)
    return blocked.value is not True


def shared_keys(account: Resource) -> Answer:
    """Whether the keys of a storage account open it."""
    value = given(account.values, "shared_access_key_enabled")
    default = by_default(account, "shared_access_key_enabled")
    return _answer(read_bool(account, value, default).value)


def _switch(resource: Resource, name: str, *, default: bool) -> Answer:
    value = given(resource.values, name)
    found = value.boolean() if value is not None else default
    return default if found is None else found


def _shares(index: TerraformIndex, here: RootIndex, account: Resource) -> Answer:
    """Whether the account has file shares: where the scan declares none, who knows."""
    for name in ("storage_account_id", "storage_account_name"):
        if index.satellites(here, account, "azurerm_storage_share", name).found:
            return True
    why = f"whether {account.address} has file shares with weights is not known"
    return Unknown("resource", why, span=account.span)


def _exportable(disk: Resource) -> Answer:
    """Whether a link can be made at all: not where the network access policy denies it."""
    policy = given(disk.values, "network_access_policy")
    default = by_default(disk, "network_access_policy", "azurerm_managed_disk")
    found = read_text(disk, policy, default).value
    if isinstance(found, Unknown):
        return found._replace(possible=None)
    return str(found) != "DenyAll"


def _answer(value: object) -> Answer:
    if isinstance(value, Unknown):
        return value._replace(possible=None)
    return value is True


def _undeclared(estate: Estate) -> Iterator[Target]:
    """Containers that no resource declares: an account of that name, somewhere."""
    for store in estate.of("store"):
        match = _URI.match(store.address)
        if match is None or not holds_weights(store):
            continue
        nowhere = Segment(None)
        segments = (
            Segment("subscriptions"),
            nowhere,
            Segment("resourcegroups"),
            nowhere,
            *(Segment(s) for s in ("providers", "microsoft.storage")),
            *(Segment(s) for s in ("storageaccounts", match[2])),
            *(Segment(s) for s in ("blobservices", "default", "containers")),
            Segment(match[1].lower()),
        )
        why = f"the account of {store.address} is not in the scan"
        unknown = Unknown("resource", why, span=store.span)
        needs: dict[str, Answer] = {KEYS: unknown, SHARES: unknown, PUBLIC: unknown}
        yield Target(store, ACCOUNT, Scope(segments), 0, needs)


def needed(target: Target, name: str) -> Answer:
    """Whether what a way needs is there: nothing for the way that needs nothing."""
    return target.needs.get(name, True) if name else True
