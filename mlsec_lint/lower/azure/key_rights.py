"""Azure Key Vault: which policies and roles let more than named identities decrypt.

An access policy holds for every key of its vault, and so does a role on the vault; a
role on its resource group or subscription for every vault there. Where a vault holds
one declared key only, a grant on the vault is one on the key. Groups count as named.
Does not model: vaults of other roots, management groups, custom roles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.azure.key_custody import vaults_of
from mlsec_lint.lower.azure.keys import HSM, KEY, KEYS, VAULT
from mlsec_lint.lower.reading import (
    blocks,
    by_default,
    each_possible,
    given,
    maybe_absent,
    put_also,
    read_bool,
    reading,
    unknown_because,
)
from mlsec_lint.lower.terraform_index import symbol_of
from mlsec_lint.lower.unsure import may_be_any, unsure_of
from mlsec_lint.source import Note
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Fact
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

#: Built-in roles with the data action keys/unwrap or keys/decrypt (2026-11), with ids.
DECRYPTERS = {
    "key vault administrator": "00482a5a-887f-4fb3-b363-3b7fe8e74483",
    "key vault crypto officer": "14b46e9e-c2b7-41b4-b07b-48a6ebf60603",
    "key vault crypto service encryption user": "e147488a-f6f5-4113-8e2d-b22465e65bf6",
    "key vault crypto user": "12338af0-0e69-4776-bea7-57ae8d297424",
}
_RIGHTS = frozenset({"decrypt", "unwrapkey", "all"})
_BROAD = "decrypt.broad"
_GRANTS = 100
_GROUP = ("azurerm_resource_group", "data.azurerm_resource_group")
_SUBSCRIPTION = "azurerm_subscription"


class _Vault(NamedTuple):
    """A vault with how many keys of it the root declares, and what its rights rest on."""

    resource: Resource
    keys: int
    by_roles: Fact
    untold: bool


def lower_key_rights(index: TerraformIndex, estate: Estate) -> None:
    """State `decrypt.broad` of every declared key."""
    for here in index.roots:
        vaults = _vaults(here)
        broad: dict[int, list[Fact]] = {}
        for resource in here.of(*KEYS):
            key = estate.find("key", here.address(resource))
            if key is None:
                continue
            words = "no grant in the scan lets more than named identities decrypt"
            key.state(_BROAD, value=False, default=words)
            if vaults and _in_any_vault(here, resource):
                why = "which vault it lies in is not known"
                put_also(key, _BROAD, unknown_because(resource, why))
            for home in vaults_of(here, resource):
                vault = vaults.get(id(home))
                if vault is not None and id(home) not in broad:
                    broad[id(home)] = _rights(index, here, vault, estate)
                for found in broad.get(id(home), ()):
                    put_also(key, _BROAD, found)


def _vaults(here: RootIndex) -> dict[int, _Vault]:
    count: dict[int, int] = {}
    untold = any(_in_any_vault(here, resource) for resource in here.of(*KEYS))
    for resource in here.of(*KEYS):
        for vault in vaults_of(here, resource):
            count[id(vault)] = count.get(id(vault), 0) + 1
    return {
        id(vault): _Vault(vault, count.get(id(vault), 0), _by_roles(vault), untold)
        for vault in here.of(VAULT, HSM)
    }


def _in_any_vault(here: RootIndex, resource: Resource) -> bool:
    name = "key_vault_id" if resource.type == KEY else "managed_hsm_id"
    return may_be_any(here, given(resource.values, name))


def _by_roles(vault: Resource) -> Fact:
    """Whether role assignments decide, and access policies are not looked at."""
    if vault.type == HSM:
        return reading(vault.values, vault, data=True)._replace(span=vault.span)
    switch = given(vault.values, "rbac_authorization_enabled") or given(
        vault.values, "enable_rbac_authorization"
    )
    default = by_default(vault, "rbac_authorization_enabled")
    return read_bool(vault, switch, default)


def _rights(
    index: TerraformIndex, here: RootIndex, vault: _Vault, estate: Estate
) -> list[Fact]:
    """What opens a vault's keys broadly; the first of it, if it is much."""
    found: list[Fact] = []
    if (vault.keys > 1 or vault.untold) and vault.by_roles.value is not True:
        found += _policies(index, here, vault)
        kind = f"{VAULT}_access_policy"
        others = index.satellites(here, vault.resource, kind, "key_vault_id")
        found += unsure_of(here, others, "key_vault_id")
    if vault.by_roles.value is not False:
        found += _assignments(here, vault)
    if len(found) > _GRANTS:
        rest = found[_GRANTS].span
        text = f"{len(found) - _GRANTS} more grants let somebody decrypt"
        estate.note([Note("bound", text, rest.path, rest)])
    return found[:_GRANTS]


def _policies(index: TerraformIndex, here: RootIndex, vault: _Vault) -> Iterator[Fact]:
    """Access policies with a right to decrypt, of a vault with several keys."""
    kind = f"{VAULT}_access_policy"
    satellites = index.satellites(here, vault.resource, kind, "key_vault_id")
    owners = [(owner, owner.values) for owner in satellites.found]
    owners += [
        (vault.resource, b) for b in blocks(vault.resource.values, "access_policy")
    ]
    for owner, values in owners:
        listed = given(values, "key_permissions")
        if listed is None:
            continue
        value = _may_decrypt(listed)
        if value is False:
            continue
        if isinstance(vault.by_roles.value, Unknown):
            value = vault.by_roles.value._replace(possible=None)
        if vault.keys <= 1:
            why = f"whether {vault.resource.address} holds other keys too is not known"
            value = Unknown("resource", why, span=vault.resource.span)
        yield maybe_absent(owner, reading(listed, owner, value))


def _may_decrypt(listed: Value) -> bool | Unknown:
    unknown: Unknown | None = listed.unknown
    for element in listed.elements():
        text = element.text()
        if isinstance(text, Unknown):
            unknown = text
        elif text is not None and text.lower() in _RIGHTS:
            return True
    return False if unknown is None else unknown._replace(possible=None)


def _assignments(here: RootIndex, vault: _Vault) -> Iterator[Fact]:
    """Roles with a right to decrypt whose scope is more than the key."""
    for owner in here.of("azurerm_role_assignment"):
        scope = given(owner.values, "scope")
        for name in ("role_definition_name", "role_definition_id"):
            role = given(owner.values, name)
            right = _decrypts(here, role) if role is not None else False
            if role is None or scope is None or right is False:
                continue
            if may_be_any(here, scope):
                why = f"on what {owner.address} gives its role is not known"
                yield unknown_because(owner, why)
                continue
            if not _covers(here, scope, vault):
                continue
            if isinstance(vault.by_roles.value, Unknown) and right is True:
                right = vault.by_roles.value._replace(possible=None)
            yield maybe_absent(owner, reading(role, owner, right))


def _decrypts(here: RootIndex, role: Value) -> bool | Unknown:
    def is_one(text: object) -> bool:
        word = str(text).lower()
        return word in DECRYPTERS or word.rpartition("/")[2] in DECRYPTERS.values()

    text = here.text_of(role)
    if isinstance(text, Unknown):
        if text.possible is None and symbol_of(role) is not None:
            return False  # a role of the scan's own: custom roles are not modelled
        return each_possible(text, lambda option: is_one(option.data))
    return text is not None and is_one(text)


def _covers(here: RootIndex, scope: Value, vault: _Vault) -> bool:
    """Whether a scope certainly holds the vault and more than the one key."""
    if here.parents(scope, (KEY,)):
        return False
    found = here.parents(scope, (VAULT, HSM))
    if found:
        return vault.keys > 1 and found[0] is vault.resource
    own = here.parents(given(vault.resource.values, "resource_group_name"), _GROUP)
    groups = here.parents(scope, _GROUP)
    if groups:
        return any(group is one for group in groups for one in own)
    symbol = symbol_of(scope)
    if symbol is not None and f".{_SUBSCRIPTION}." in f".{symbol.address}.":
        return True
    text = here.text_of(scope)
    if not isinstance(text, str) or not text.lower().startswith("/subscriptions/"):
        return False
    return text.strip("/").count("/") == 1 or _group_named(here, text, vault)


def _group_named(here: RootIndex, text: str, vault: _Vault) -> bool:
    steps = text.strip("/").split("/")
    name = here.text_of(given(vault.resource.values, "resource_group_name"))
    return (
        len(steps) == 4 and isinstance(name, str) and steps[3].lower() == name.lower()
    )
