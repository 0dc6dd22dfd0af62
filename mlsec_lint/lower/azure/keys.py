"""Azure Key Vault keys, and which key a resource is sealed with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.places import state_place
from mlsec_lint.lower.azure.place import put_place
from mlsec_lint.lower.declared import thing_of
from mlsec_lint.lower.reading import (
    changed,
    each_possible,
    given,
    put,
    read_text,
    reading,
)
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Fact, FactValue, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

VAULT = "azurerm_key_vault"
KEY = "azurerm_key_vault_key"
HSM = "azurerm_key_vault_managed_hardware_security_module"
HSM_KEY = f"{HSM}_key"
KEYS = (KEY, HSM_KEY)


def lower_keys(index: TerraformIndex, estate: Estate) -> None:
    """Every key of a vault or managed HSM, with its sort and the vault's place."""
    for here in index.roots:
        for resource in here.of(*KEYS):
            thing = estate.add(thing_of(here, resource, "key", "azure"))
            put(thing, "managed_by", managed_by(resource))
            name = "key_vault_id" if resource.type == KEY else "managed_hsm_id"
            vaults = here.parents(given(resource.values, name), (VAULT, HSM))
            if len(vaults) == 1:
                put_place(here, thing, vaults[0])
            else:
                why = f"the vault of {resource.address} is not declared here"
                nowhere = Unknown("resource", why, span=resource.span)
                state_place(thing, "azure", nowhere, resource.span)


def managed_by(resource: Resource) -> Fact:
    """`hsm` for keys of an HSM, else `customer`."""
    kind = given(resource.values, "key_type")
    if resource.type == HSM_KEY or kind is None:
        word = "hsm" if resource.type == HSM_KEY else "customer"
        return reading(resource.values, resource, word)._replace(span=resource.span)
    found = read_text(resource, kind, reading(kind, resource, ""))

    def word_of(value: FactValue) -> FactValue:
        return "hsm" if str(value).upper().endswith("-HSM") else "customer"

    return changed(found, word_of)


def put_key(
    here: RootIndex,
    estate: Estate,
    store: Thing,
    resource: Resource,
    value: Value,
) -> None:
    """State who manages a store's key, and link the store to a declared one."""
    fact = "encryption.key.managed_by"
    put(store, fact, reading(value, resource, _manager(here, value)))
    for found in here.parents(value, KEYS):
        key = estate.find("key", here.address(found))
        if key is not None:
            estate.link(store, "is encrypted with", key, store.facts[fact].span)


def _manager(here: RootIndex, value: Value) -> FactValue:
    """Who manages the key that a value names; a reference to a key is enough."""
    found = here.parents(value, KEYS)
    if len(found) == 1:
        return managed_by(found[0]).value
    text = here.text_of(value)
    if not isinstance(text, Unknown):
        sort = "hsm" if text and ".managedhsm." in text else "customer"
        return sort if text else "provider"
    if "/keys/" in "".join(part for part in text.parts if isinstance(part, str)):
        return "customer"
    return each_possible(text, lambda option: _manager(here, option))
