"""Azure storage accounts with everything that says something about them.

An account is the store: keys, firewall, replication and encryption are its own. Its
containers only state what they open, each at its own span.
Old and new names (azurerm 2 to 5) are both read. Does not model: encryption scopes,
network perimeters, private endpoints.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.azure.keys import put_key
from mlsec_lint.lower.azure.place import put_place
from mlsec_lint.lower.declared import declared_store, unserved
from mlsec_lint.lower.reading import (
    all_of,
    blocks,
    by_default,
    changed,
    equal_to,
    given,
    maybe_absent,
    negated,
    present,
    put,
    put_also,
    read_bool,
    read_text,
    reading,
    unknown_because,
)
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Fact, FactValue, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

ACCOUNT = "azurerm_storage_account"
CONTAINER = "azurerm_storage_container"
PARENT = "storage_account_id"
_HOST = "core.windows.net"


def lower_storage(index: TerraformIndex, estate: Estate) -> None:
    """Every storage account that Terraform declares, with its containers."""
    for here in index.roots:
        for resource in here.of(ACCOUNT):
            _account(index, here, resource, estate)


def _account(
    index: TerraformIndex, here: RootIndex, account: Resource, estate: Estate
) -> None:
    name = here.attribute(account, "name")
    names = account_names(name) if isinstance(name, str) else ()
    store = declared_store(here, estate, account, "object", "azure", *names)
    put_place(here, store, account)
    nested = given(account.values, "allow_nested_items_to_be_public") or given(
        account.values, "allow_blob_public_access"
    )
    default = by_default(account, "allow_nested_items_to_be_public")
    put(store, "public.blocked", negated(read_bool(account, nested, default)))
    put(store, "public.network", _network(index, here, account))
    put(store, "auth.identity_only", _identity_only(index, here, account))
    _key(index, here, estate, store, account)
    properties = given(account.values, "blob_properties")
    versioned = given(properties, "versioning_enabled")
    default = by_default(account, "versioning_enabled")
    put(store, "versioning.enabled", read_bool(account, versioned, default))
    _containers(index, here, store, account, estate)
    unserved(store)
    _website(index, here, store, account)


def account_names(name: str) -> tuple[str, ...]:
    """Names by which URIs and volumes refer to a storage account."""
    account = name.lower()
    return (
        f"azure-storage-account:{account}",
        f"https://{account}.blob.{_HOST}",
        f"https://{account}.blob.{_HOST}/",
        f"https://{account}.dfs.{_HOST}",
        f"https://{account}.dfs.{_HOST}/",
        f"https://{account}.file.{_HOST}",
    )


def _network(index: TerraformIndex, here: RootIndex, account: Resource) -> Fact:
    """Whether the data endpoint answers the internet: enabled, and no default deny."""
    switch = given(account.values, "public_network_access_enabled")
    default = by_default(account, "public_network_access_enabled")
    open_switch = read_bool(account, switch, default)
    found = index.satellites(
        here, account, "azurerm_storage_account_network_rules", PARENT
    )
    rules = [(owner, owner.values) for owner in found.found]
    rules += [(account, block) for block in blocks(account.values, "network_rules")]
    actions = [admits(owner, values) for owner, values in rules]
    if not actions and found.open:
        why = f"whether {found.open[0].address} is for this account is not known"
        actions = [unknown_because(account, why)]
    if not actions:
        actions = [by_default(account, "network_rules")]
    return all_of([open_switch, *actions])


def admits(owner: Resource, values: Value) -> Fact:
    """Whether network rules let everyone in: their default action is not Deny."""
    action = given(values, "default_action")
    if action is None:
        return by_default(owner, "network_rules", ACCOUNT)
    found = read_text(owner, action, reading(action, owner, ""))
    return maybe_absent(owner, negated(equal_to(found, "Deny")))


def _identity_only(index: TerraformIndex, here: RootIndex, account: Resource) -> Fact:
    """No account keys, and no SFTP users."""
    keys = read_bool(
        account,
        given(account.values, "shared_access_key_enabled"),
        by_default(account, "shared_access_key_enabled"),
    )
    readings = [negated(keys)]
    sftp = read_bool(
        account,
        given(account.values, "sftp_enabled"),
        by_default(account, "sftp_enabled"),
    )
    users = read_bool(
        account,
        given(account.values, "local_user_enabled"),
        by_default(account, "local_user_enabled"),
    )
    readings.append(negated(all_of([sftp, users])))
    local = "azurerm_storage_account_local_user"
    for owner in index.satellites(here, account, local, PARENT).found:
        value = given(owner.values, PARENT)
        if value is not None and users.value is not False:
            readings.append(maybe_absent(owner, reading(value, owner, data=False)))
    return all_of(readings)


def _key(
    index: TerraformIndex,
    here: RootIndex,
    estate: Estate,
    store: Thing,
    account: Resource,
) -> None:
    satellite = f"{ACCOUNT}_customer_managed_key"
    found = index.satellites(here, account, satellite, PARENT)
    holders = [(owner, owner.values) for owner in found.found]
    holders += [
        (account, block) for block in blocks(account.values, "customer_managed_key")
    ]
    fact = "encryption.key.managed_by"
    for owner, values in holders:
        key = _key_value(values)
        if key is None:
            continue
        put_key(here, estate, store, owner, key)
        put(store, fact, maybe_absent(owner, store.facts[fact]))
        return
    absent = by_default(account, "customer_managed_key")
    if found.open:
        why = f"whether {found.open[0].address} is for this account is not known"
        absent = unknown_because(account, why)
    put(store, fact, absent)


def _key_value(values: Value) -> Value | None:
    """The argument that names the key: its id, else the older vault and name."""
    if values.unknown is not None:
        return values
    for name in ("key_vault_key_id", "managed_hsm_key_id", "key_name"):
        value = given(values, name)
        if value is not None:
            return value
    return None


def _containers(
    index: TerraformIndex,
    here: RootIndex,
    store: Thing,
    account: Resource,
    estate: Estate,
) -> None:
    """What containers open, and the retention that holds them."""
    words = "no container in the scan is public"
    store.state("public.acl", value=False, default=words)
    locks = [_account_lock(account)]
    for container in containers_of(index, here, account):
        opened = container_reading(container)
        if opened is not None and opened.value is not False:
            put_also(store, "public.acl", opened)
        _name_container(here, estate, store, container)
        locks += _container_locks(index, here, container)
    best = next((lock for lock in locks if lock.value is True), None)
    unsure = next((lock for lock in locks if isinstance(lock.value, Unknown)), None)
    put(store, "retention.locked", best or unsure or locks[-1])


def container_reading(container: Resource) -> Fact | None:
    """Whether a container lets everyone read; None where it says nothing (private)."""
    access = given(container.values, "container_access_type")
    if access is None:
        return None
    found = read_text(container, access, reading(access, container, ""))
    return maybe_absent(container, equal_to(found, "blob", "container"))


def containers_of(
    index: TerraformIndex, here: RootIndex, account: Resource
) -> tuple[Resource, ...]:
    """Containers of an account, by id (5.x) or by name (up to 4.x)."""
    found = index.satellites(here, account, CONTAINER, PARENT).found
    older = index.satellites(here, account, CONTAINER, "storage_account_name").found
    return (*found, *(c for c in older if all(c is not f for f in found)))


def _name_container(
    here: RootIndex, estate: Estate, store: Thing, container: Resource
) -> None:
    """Let a container's address and URIs lead to its account."""
    estate.call(store, here.address(container))
    estate.call(store, container.address)
    name = here.attribute(container, "name")
    for known in sorted(store.names):
        account = known.removeprefix("azure-storage-account:")
        if account == known or not isinstance(name, str):
            continue
        for uri in (
            f"https://{account}.blob.{_HOST}/{name}",
            f"abfss://{name}@{account}.dfs.{_HOST}",
            f"wasbs://{name}@{account}.blob.{_HOST}",
        ):
            estate.call(store, uri)


def _account_lock(account: Resource) -> Fact:
    state = given(account.values, "immutability_policy", "state")
    default = by_default(account, "immutability")
    if state is None:
        return default
    return equal_to(read_text(account, state, default), "Locked")


def _container_locks(
    index: TerraformIndex, here: RootIndex, container: Resource
) -> list[Fact]:
    kind = f"{CONTAINER}_immutability_policy"
    parent = "storage_container_resource_manager_id"
    readings = []
    for policy in index.satellites(here, container, kind, parent).found:
        locked = given(policy.values, "locked")
        found = read_bool(policy, locked, by_default(policy, "locked"))
        readings.append(maybe_absent(policy, found))
    return readings


def _website(
    index: TerraformIndex, here: RootIndex, store: Thing, account: Resource
) -> None:
    for block in blocks(account.values, "static_website"):
        put_also(store, "front.public", present(block, account))
    satellite = f"{ACCOUNT}_static_website"
    for owner in index.satellites(here, account, satellite, PARENT).found:
        value = given(owner.values, PARENT)
        if value is not None:
            served = reading(value, owner, data=True)
            put_also(store, "front.public", maybe_absent(owner, served))


GEO = ("GRS", "RAGRS", "GZRS", "RAGZRS")


def geo_redundant(account: Resource) -> Fact | None:
    """Whether the replication type keeps a copy in the paired region."""
    value = given(account.values, "account_replication_type")
    if value is None:
        return None
    found = read_text(account, value, reading(value, account, ""))

    def check(kind: FactValue) -> FactValue:
        return str(kind).upper() in GEO

    return changed(found, check)
