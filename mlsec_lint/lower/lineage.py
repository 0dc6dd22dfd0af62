"""Which copies a resource makes: found again by the address that they begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing


def copies_by_maker(estate: Estate) -> dict[str, list[Thing]]:
    """Copies by the address of what makes them, without that of what they are of."""
    found: dict[str, list[Thing]] = {}
    for copy in estate.of("copy"):
        for edge in estate.edges_to(copy, "is copied by"):
            maker = copy.address.removesuffix(f":{edge.source.address}")
            found.setdefault(maker, []).append(copy)
    return found


def lands_in(estate: Estate, copies: list[Thing], store: Thing) -> list[Thing]:
    """Say that copies lie in a store; the stores that they are copies of."""
    origins = []
    for copy in copies:
        estate.link(copy, "copies to", store, copy.span, "is a snapshot of it")
        origins += [e.source for e in estate.edges_to(copy, "is copied by")]
    return origins
