"""Encryption scopes of storage accounts: containers sealed with another key than theirs.

A container with a default scope is sealed by the scope's key, whatever the account's
is (azurerm 5.2 and the documentation of Azure Storage, 2026-11). The estate's store is
the account: it is the lab's key only if it is for every container that has a scope.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.azure.keys import put_key
from mlsec_lint.lower.azure.storage import ACCOUNT, containers_of
from mlsec_lint.lower.declared import store_of
from mlsec_lint.lower.reading import given, maybe_absent, put, put_also, reading
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Fact, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource

SCOPE = "azurerm_storage_encryption_scope"
_KEY = "encryption.key.managed_by"


def lower_encryption_scopes(index: TerraformIndex, estate: Estate) -> None:
    """Weigh the scopes of containers against the key of their account."""
    for here in index.roots:
        for account in here.of(ACCOUNT):
            store = store_of(index, estate, account)
            if store is not None:
                _account(index, here, store, account, estate)


def _account(
    index: TerraformIndex,
    here: RootIndex,
    store: Thing,
    account: Resource,
    estate: Estate,
) -> None:
    containers = list(containers_of(index, here, account))
    found = [_sealed(here, container) for container in containers]
    own = store.facts.get(_KEY)
    scoped = [(fact, scope) for fact, scope in found if fact is not None]
    if not scoped or own is None:
        return
    weak = [fact for fact, _ in scoped if fact.value != "customer"]
    if own.value == "provider" and not weak and len(scoped) == len(containers):
        fact, scope = scoped[0]
        key = given(scope.values, "key_vault_key_id") if scope is not None else None
        if scope is not None and key is not None:
            put_key(here, estate, store, scope, key)
        else:
            put(store, _KEY, fact)
        return
    for fact in weak:
        put_also(store, _KEY, fact)


def _sealed(
    here: RootIndex, container: Resource
) -> tuple[Fact | None, Resource | None]:
    """Who manages the key of a container's default scope; None where it has none."""
    named = given(container.values, "default_encryption_scope")
    if named is None:
        return None, None
    scopes = here.parents(named, (SCOPE,))
    if len(scopes) != 1:
        why = "the encryption scope of this container is not declared here"
        unknown = named.unknown
        told = Unknown("resource", why) if unknown is None else unknown
        unsure = told._replace(possible=None, parts=())
        return reading(named, container, unsure), None
    source = given(scopes[0].values, "source")
    text = source.text() if source is not None else None
    if isinstance(text, Unknown):
        value: str | Unknown = text._replace(possible=None, parts=())
    else:
        value = "customer" if text == "Microsoft.KeyVault" else "provider"
    fact = maybe_absent(scopes[0], reading(named, container, value))
    return fact, scopes[0]
