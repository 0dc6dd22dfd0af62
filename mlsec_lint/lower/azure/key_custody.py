"""Azure Key Vault: what a key is kept in, and how long vault and key last.

A vault is a key thing of its own: what is set on it holds for every key in it, those
that no config declares included.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.azure.keys import HSM, HSM_KEY, KEY, KEYS, VAULT
from mlsec_lint.lower.azure.place import put_place
from mlsec_lint.lower.declared import thing_of
from mlsec_lint.lower.reading import (
    by_default,
    changed,
    given,
    put,
    read_bool,
    read_text,
    reading,
    span_of,
    unknown_because,
    unknown_of,
)

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource

_PURGE = "purge_protection_enabled"


def lower_key_custody(index: TerraformIndex, estate: Estate) -> None:
    """Every vault and managed HSM; and where the material of each key is kept."""
    for here in index.roots:
        for vault in here.of(VAULT, HSM):
            thing = estate.add(thing_of(here, vault, "key", "azure"))
            put_place(here, thing, vault)
            _lasting(thing, vault)
        for resource in here.of(*KEYS):
            key = estate.find("key", here.address(resource))
            if key is not None:
                _material(key, resource)
                _in_vault(here, key, resource)


def _material(key: Thing, resource: Resource) -> None:
    """Keys of type RSA-HSM, EC-HSM, oct-HSM, and whatever lies in a managed HSM."""
    kind = given(resource.values, "key_type")
    if resource.type == HSM_KEY:
        inside = reading(resource.values, resource, data=True)
        put(key, "hsm.protected", inside._replace(span=resource.span))
    elif kind is not None:
        found = read_text(resource, kind, reading(kind, resource, ""))
        sealed = changed(found, lambda value: str(value).upper().endswith("-HSM"))
        put(key, "hsm.protected", sealed)


def vaults_of(here: RootIndex, resource: Resource) -> list[Resource]:
    """The vault or managed HSM that a key lies in, where the root declares it."""
    name = "key_vault_id" if resource.type == KEY else "managed_hsm_id"
    return here.parents(given(resource.values, name), (VAULT, HSM))


def _in_vault(here: RootIndex, key: Thing, resource: Resource) -> None:
    """A key lasts as long as its vault makes it."""
    vaults = vaults_of(here, resource)
    if len(vaults) == 1:
        _lasting(key, vaults[0])
        return
    name = "key_vault_id" if resource.type == KEY else "managed_hsm_id"
    value = given(resource.values, name)
    unsure = unknown_because(resource, "its vault is not declared here", name)
    if value is not None:
        why = unknown_of(value, "its vault is not declared here")
        unsure = unsure._replace(
            value=why._replace(possible=None, parts=()), span=span_of(value, resource)
        )
    put(key, "deletion.recoverable", unsure)


def _lasting(thing: Thing, vault: Resource) -> None:
    """Without purge protection whoever may delete a key may also purge it at once."""
    purge = given(vault.values, _PURGE)
    default = by_default(vault, _PURGE, VAULT)
    put(thing, "deletion.recoverable", read_bool(vault, purge, default))
