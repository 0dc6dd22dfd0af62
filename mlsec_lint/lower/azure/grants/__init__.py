"""Who may do what with the weight stores of Azure, by role assignments and their kin.

In order: grants become edges to stores; keys of stores that lie in vaults do; then who
may come to act as those who have such edges. Does not model: deny assignments (Azure
makes them for itself), Azure Policy, Entra directory roles, access lists of data lake
paths, stored access policies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.azure.grants.acting import link_acting, link_jobs, link_members
from mlsec_lint.lower.azure.grants.assignments import grants_of
from mlsec_lint.lower.azure.grants.federation import link_federations
from mlsec_lint.lower.azure.grants.holders import link_holders
from mlsec_lint.lower.azure.grants.launching import link_launches
from mlsec_lint.lower.azure.grants.linking import link_grants
from mlsec_lint.lower.azure.grants.secrets import link_everyone, link_secrets
from mlsec_lint.lower.azure.grants.signing_in import state_signing_in
from mlsec_lint.lower.azure.grants.targets import targets_of
from mlsec_lint.lower.terraform_index import index_of

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs


def lower_azure_grants(inputs: Inputs, estate: Estate) -> None:
    """Link identities to the weight stores of Azure that their grants open to them."""
    index = index_of(inputs)
    grants = grants_of(index, estate)
    targets = targets_of(index, estate)
    link_grants(estate, grants, targets)
    link_secrets(index, estate, grants, targets)
    link_holders(index, estate, targets)
    link_everyone(index, estate, targets)
    link_members(index, estate)
    link_federations(index, inputs, estate)
    link_acting(index, estate)
    link_jobs(estate)
    link_launches(index, estate, grants)
    state_signing_in(index, estate)
