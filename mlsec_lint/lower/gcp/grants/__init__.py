"""Who may do what with the weight stores of this cloud, by its policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs


def lower_gcp_grants(inputs: Inputs, estate: Estate) -> None:
    """Link identities to the weight stores that policies open to them."""
