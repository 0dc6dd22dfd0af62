"""Where things lie in networks: kept for the tracer of reach, and as edges for all."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.estate.networks import Place


def lie_in(estate: Estate, thing: Thing, places: Iterable[Place]) -> None:
    """Put a thing at places, with an edge `lies in` to each subnet of the scan."""
    found = tuple(places)
    estate.networks.put(thing, *found)
    for place in found:
        subnet = estate.networks.subnets.get(place.subnet)
        if subnet is None:
            continue
        doubt = place.unknown
        estate.link(
            thing,
            "lies in",
            subnet.thing,
            place.span,
            certain=doubt is None,
            why="" if doubt is None else doubt.why,
        )
