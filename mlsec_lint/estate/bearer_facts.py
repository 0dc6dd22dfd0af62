"""Facts about bearer credentials and perimeters: links, static keys, data perimeters."""

from __future__ import annotations

from mlsec_lint.estate.fact_kinds import FactKind

#: Facts of stores, of what makes links to them, and of configs that hold one.
LINKS: dict[str, FactKind] = {
    "link.hours": FactKind(
        "number",
        "for how long a signed link or shared signature to weights is good (hours; one "
        "fact per link)",
    ),
    "link.embedded": FactKind(
        "bool", "a signed link stands in its config (one fact per link)"
    ),
}

#: Facts of secrets.
STATIC: dict[str, FactKind] = {
    "static_key": FactKind(
        "bool", "a long-lived key of a cloud that a workload with weights carries"
    ),
}

#: Facts of clouds.
PERIMETER: dict[str, FactKind] = {
    "perimeter.closed": FactKind(
        "bool",
        "a data perimeter holds the weights, is in force and lets no data out to "
        "anywhere (one fact per perimeter or project)",
    ),
}
