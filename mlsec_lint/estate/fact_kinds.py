"""What a declared fact is, and the facts that several kinds of things share."""

from __future__ import annotations

from typing import NamedTuple


class FactKind(NamedTuple):
    """A declared fact: its type, meaning, and what it means when nobody states it.

    Types: `bool`, `text`, `number` (unit in `meaning`), `texts` (a set of text).
    `values` closes a text fact to those words.
    """

    type: str
    meaning: str
    absent: str = "not applicable"
    values: tuple[str, ...] = ()


_TYPES: dict[str, tuple[type, ...]] = {
    "bool": (bool,),
    "text": (str,),
    "number": (int,),
    "texts": (tuple,),
}


def expected(name: str) -> tuple[type, ...]:
    """The Python types of a fact type."""
    return _TYPES[name]


#: Facts every thing can carry.
EVERY: dict[str, FactKind] = {
    "weights.held": FactKind(
        "bool",
        "holds, reads or writes model weights, by the evidence listed with it",
        "no evidence: not a weight asset",
    ),
    "weights.evidence": FactKind(
        "text",
        "the strongest evidence",
        values=("declared", "referenced", "copied", "named", "assumed"),
    ),
    "holds.declared": FactKind(
        "text", "what its mlsec/holds tag says it holds, where that is not weights"
    ),
}

#: Facts of things that lie somewhere.
PLACED: dict[str, FactKind] = {
    "place.region": FactKind(
        "text", "the provider's region, zone or location id as configured"
    ),
    "place.provider": FactKind(
        "text",
        "whose region ids those are (aws, gcp, azure, ...): an id means nothing without",
    ),
    "place.countries": FactKind(
        "texts", "ISO 3166-1 alpha-2 codes of every place where it lies by itself"
    ),
    "place.determined": FactKind(
        "bool", "whether config and the place table tell where it lies"
    ),
    "place.edge": FactKind(
        "bool",
        "it lies on an edge or local zone, on a customer's premises or on a host of "
        "strangers, not in a core data centre",
    ),
}

#: Facts of things that somebody may destroy.
LASTING: dict[str, FactKind] = {
    "deletion.guarded": FactKind(
        "bool",
        "a plan cannot destroy it with all it holds: prevent_destroy, a lock, or a "
        "service that refuses while anything is in it",
    ),
    "deletion.recoverable": FactKind(
        "bool", "what was deleted can be brought back for some days"
    ),
    "deletion.window_days": FactKind(
        "number", "days between the call that deletes it and the loss (days)"
    ),
}
