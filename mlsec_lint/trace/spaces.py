"""Namespaces that hold weights, and the bindings whose rights count in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.trace.weights import strongest
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing


def trace_spaces(estate: Estate, _settings: object) -> None:
    """State `weights.held` of namespaces and bindings, by what lies in them."""
    for space in list(estate.of("namespace")):
        for edge in estate.edges_from(space, "contains"):
            held = edge.target.fact("weights.held")
            strength = strongest(edge.target)
            if held is not None and held.value is True and strength:
                words = f"{edge.target.name}, which handles weights, lies in it"
                space.holds_weights(strength, words, edge.span)
        _state(space)
    for binding in list(estate.of("binding")):
        _binding(estate, binding)


def _binding(estate: Estate, binding: Thing) -> None:
    """A binding is about weights where a namespace that it covers holds some."""
    doubt: Unknown | None = None
    for edge in estate.edges_from(binding, "covers"):
        strength = strongest(edge.target)
        if not strength:
            continue
        if edge.certain:
            words = f"its rights count in {edge.target.name}, which holds weights"
            binding.holds_weights(strength, words, edge.target.span)
        elif doubt is None:
            doubt = Unknown("unsupported", edge.why, span=edge.target.span)
    _state(binding)
    if doubt is not None and not binding.evidence:
        binding.state("weights.held", doubt, binding.span)


def _state(thing: Thing) -> None:
    best = strongest(thing)
    if best:
        first = next(piece for piece in thing.evidence if piece.strength == best)
        thing.state("weights.held", value=True, span=first.span)
        thing.state("weights.evidence", best, first.span)
