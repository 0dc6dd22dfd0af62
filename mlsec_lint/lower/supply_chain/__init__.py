"""What infrastructure config says about what comes in: versions, scripts, TLS, reviews.

What commands say is read with them (`lower/jobs/supply.py`); here is the rest, after all
workloads and stores are there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.supply_chain.dockerfiles import lower_docker_builds
from mlsec_lint.lower.supply_chain.listeners import lower_listeners
from mlsec_lint.lower.supply_chain.machines import lower_machine_downloads
from mlsec_lint.lower.supply_chain.manifests import lower_manifests
from mlsec_lint.lower.supply_chain.registries import lower_image_registries
from mlsec_lint.lower.supply_chain.reviews import lower_reviews
from mlsec_lint.lower.supply_chain.versions import lower_versions

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs


def lower_supply_chain(inputs: Inputs, estate: Estate) -> None:
    """State fetches, channels, endpoints, software and reviews that config declares."""
    lower_image_registries(inputs, estate)
    lower_versions(inputs, estate)
    lower_machine_downloads(inputs, estate)
    lower_manifests(inputs, estate)
    lower_docker_builds(inputs, estate)
    lower_listeners(inputs, estate)
    lower_reviews(inputs, estate)
