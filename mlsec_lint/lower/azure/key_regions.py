"""Where the contents of Azure key vaults are kept besides their own region.

A vault in a paired region is replicated to the pair, unless the pair is in another
geography (Brazil South) or the service makes an exception (West US 3).
Source: Azure Key Vault availability and redundancy, read 2026-11. Managed HSM pools are
extended to another region by no Terraform argument: nothing is stated about them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.places import place_of
from mlsec_lint.lower.azure.keys import KEY, VAULT
from mlsec_lint.lower.azure.place import location_of
from mlsec_lint.lower.reading import given
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource

_NOT_REPLICATED = ("brazilsouth", "brazilsoutheast", "westus3")
_WORDS = "Azure Key Vault, 2026-11: a vault is replicated to the paired region"
_ALONE = "Azure Key Vault, 2026-11: a vault without a pair stays in its region"


def lower_key_regions(index: TerraformIndex, estate: Estate) -> None:
    """`replica.countries` of every key whose vault is declared."""
    for here in index.roots:
        for resource in here.of(KEY):
            key = estate.find("key", here.address(resource))
            vaults = here.parents(given(resource.values, "key_vault_id"), (VAULT,))
            if key is not None and len(vaults) == 1:
                _pair(here, key, vaults[0])


def _pair(here: RootIndex, key: Thing, vault: Resource) -> None:
    home = location_of(here, vault)
    fact = "replica.countries"
    if isinstance(home.value, Unknown):
        unknown = home.value._replace(possible=None, parts=())
        key.state(fact, unknown, home.span, trail=home.trail)
        return
    region = str(home.value)
    place = place_of("azure", region)
    pair = place.pair if place is not None else ""
    if not pair or region in _NOT_REPLICATED:
        key.state(fact, (), home.span, trail=home.trail, default=_ALONE)
        return
    other = place_of("azure", pair)
    known = other is not None and other.countries and other.confidence != "low"
    if other is None or not known:
        why = f"the table of places does not tell where {pair} lies"
        unknown = Unknown("unsupported", why, span=home.span)
        key.state(fact, unknown, home.span, trail=home.trail, default=_WORDS)
        return
    key.state(fact, other.countries, home.span, trail=home.trail, default=_WORDS)
