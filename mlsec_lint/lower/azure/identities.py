"""Azure user-assigned identities as identities, by their resource id and address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.declared import thing_of

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.terraform_index import TerraformIndex


def lower_identities(index: TerraformIndex, estate: Estate) -> None:
    """Every user-assigned identity. Nobody but the resources it is given to can use it."""
    for here in index.roots:
        for resource in here.of("azurerm_user_assigned_identity"):
            estate.add(thing_of(here, resource, "identity", "azure"))
