"""Image volumes of pods that handle weights, and whether what they bring is a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.trace.weights import speaks_for_weights
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.trace.settings import Settings


def trace_model_volumes(estate: Estate, settings: Settings) -> None:
    """An image for each image volume of a workload with weights, with what it brings."""
    del settings
    for workload in list(estate.of("workload")):
        if not workload.evidence:
            continue
        for edge in estate.edges_from(workload, "mounts"):
            sort = edge.target.fact("type")
            if sort is not None and sort.value == "image":
                _volume(estate, workload, edge.target)


def _volume(estate: Estate, workload: Thing, mount: Thing) -> None:
    paths = [fact.value for fact in mount.all_facts("path")]
    known = [path for path in paths if isinstance(path, str)]
    baked: bool | Unknown = any(speaks_for_weights(path) for path in known)
    if baked is False:
        why = f"whether the image of {mount.name} brings a model is not known"
        baked = Unknown("unsupported", why, span=mount.span)
    image = Thing("image", mount.address, f"the image of {mount.name}", mount.span)
    image.provider, image.root = "kubernetes", workload.root
    image.library = workload.library
    estate.add(image).state("weights.baked", baked, mount.span)
