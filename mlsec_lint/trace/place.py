"""In which countries things and their copies lie. Reads the table of places.

`place.provider` and `place.region` are stated by the lowerings, one pair per place;
here they become `place.countries` and `place.determined`, at the same spans. A place
that the table does not list, or lists with low confidence, is not known: never harmless.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate.places import as_of, edge_site, place_of
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Fact, Thing
    from mlsec_lint.source import Span
    from mlsec_lint.trace.settings import Settings

_NO_COPY = "nothing in the scan copies it"
_SPREAD = ("multi-region", "dual-region")


class Whereabouts(NamedTuple):
    """Countries of one place, and whether config and table tell it."""

    countries: tuple[str, ...] | Unknown
    determined: bool | Unknown
    spread: bool = False


def trace_place(estate: Estate, settings: Settings) -> None:
    """State the countries of everything that has a place, then those of its copies."""
    del settings
    for thing in list(estate.things.values()):
        _state_places(thing)
    for store in estate.of("store"):
        _state_replication(estate, store)
    for key in estate.of("key"):
        _state_key_regions(estate, key)


def whereabouts(provider: str, region: str | Unknown, span: Span) -> Whereabouts:
    """The countries of a region id of a provider, three-valued.

    Unknown regions keep their reason; where their possible values are known, so are
    the possible countries.
    """
    if isinstance(region, Unknown):
        possible = None
        if region.possible is not None:
            found = [_possible(provider, value, span) for value in region.possible]
            possible = tuple(found)
        open_region = region._replace(possible=None, parts=())
        return Whereabouts(open_region._replace(possible=possible), open_region)
    place = place_of(provider, region)
    if place is None or not (place.countries or place.anywhere):
        why = f"the table of places ({as_of()}) does not list {provider} {region}"
        unknown = Unknown("unsupported", why, span=span)
        return Whereabouts(unknown, unknown)
    spread = place.kind in _SPREAD
    if place.confidence == "low":
        listed = ", ".join(place.countries) or "any country"
        unknown = _low(provider, region, f"in {listed}", span)
        return Whereabouts(unknown, unknown, spread)
    if place.anywhere:
        why = f"{provider} {region} is no place: the provider chooses one"
        return Whereabouts(Unknown("unsupported", why, span=span), determined=False)
    return Whereabouts(place.countries, determined=True, spread=spread)


def _low(provider: str, region: str, what: str, span: Span) -> Unknown:
    """What the table says with low confidence never decides alone."""
    why = (
        f"the table of places ({as_of()}) has {provider} {region} {what}, "
        "with low confidence"
    )
    return Unknown("unsupported", why, span=span)


def _possible(provider: str, value: Value, span: Span) -> Value:
    region = value.text()
    if region is None:
        return Value(Unknown("error", "this is not a region", span=span), value.span)
    found = whereabouts(provider, region, span).countries
    data = (
        found
        if isinstance(found, Unknown)
        else tuple(Value(code, value.span) for code in found)
    )
    return Value(data, value.span, trail=value.trail)


def _places(thing: Thing) -> Iterator[tuple[Fact, Whereabouts]]:
    regions = thing.all_facts("place.region")
    providers = thing.all_facts("place.provider")
    for number, fact in enumerate(regions):
        provider = providers[min(number, len(providers) - 1)].value if providers else ""
        region = fact.value
        if isinstance(provider, str) and isinstance(region, str | Unknown):
            yield fact, whereabouts(provider, region, fact.span)


def _state_places(thing: Thing) -> None:
    if "place.region" not in thing.facts or "place.countries" in thing.facts:
        return
    found = list(_places(thing))
    for fact, where in found:
        for name, value in (
            ("place.countries", where.countries),
            ("place.determined", where.determined),
        ):
            if len(found) > 1:
                thing.also(name, value, fact.span, trail=fact.trail)
            else:
                thing.state(
                    name, value, fact.span, trail=fact.trail, default=fact.default
                )
    if "place.edge" not in thing.facts:
        _state_edge(thing)


#: Sorts of things that AWS puts into a zone; others lie in a region, which is no edge.
_ZONAL = ("block", "vm")


def _state_edge(thing: Thing) -> None:
    """Whether each place is an edge or local zone."""
    regions = thing.all_facts("place.region")
    providers = thing.all_facts("place.provider")
    sort = thing.fact("type")
    zonal = sort is not None and sort.value in _ZONAL and thing.provider == "aws"
    for number, fact in enumerate(regions):
        provider = providers[min(number, len(providers) - 1)].value
        edge: bool | Unknown | None = None
        if isinstance(fact.value, Unknown):
            edge = _may_be_edge(fact.value, str(provider)) if zonal else None
        elif isinstance(fact.value, str):
            edge = _edge(str(provider), fact.value, fact.span)
        if edge is not None:
            thing.also("place.edge", edge, fact.span, trail=fact.trail)


def _edge(provider: str, region: str, span: Span) -> bool | Unknown | None:
    """Whether an id is an edge site, None where the table does not know the id."""
    edge = edge_site(provider, region)
    place = place_of(provider, region) if edge else None
    if place is not None and place.confidence == "low":
        return _low(provider, region, "on an edge site", span)
    return edge


def _may_be_edge(region: Unknown, provider: str) -> Unknown:
    possible = None
    if region.possible is not None:
        found = [
            (_edge(provider, str(v.data), v.span), v)
            for v in region.possible
            if v.span is not None
        ]
        if all(edge is not None for edge, _ in found):
            possible = tuple(Value(edge, v.span, trail=v.trail) for edge, v in found)
    return region._replace(possible=possible, parts=())


def _may_spread(store: Thing, where: Whereabouts) -> bool:
    """Whether an unknown location may be a multi-region: those of Cloud Storage may."""
    sort = store.fact("type")
    is_object = sort is not None and sort.value == "object"
    unknown = isinstance(where.countries, Unknown)
    return unknown and is_object and store.provider == "gcp"


def _state_replication(estate: Estate, store: Thing) -> None:
    """Countries of every copy, and of every member of a multi-region store.

    Backups have a rule of their own and are left out.
    """
    fact = "replication.countries"
    places = list(_places(store))
    for region, where in places:
        if where.spread or len(places) > 1 or _may_spread(store, where):
            store.also(fact, where.countries, region.span, trail=region.trail)
    for edge in estate.edges_from(store, "is copied by"):
        sort = edge.target.fact("type")
        if sort is not None and sort.value == "backup":
            continue
        for countries in edge.target.all_facts("place.countries"):
            store.also(fact, countries.value, edge.span, trail=countries.trail)
    declared = store.fact("declared")
    if fact not in store.facts and declared is not None and declared.value is True:
        store.state(fact, (), default=_NO_COPY)


def _state_key_regions(estate: Estate, key: Thing) -> None:
    """Whether a key's place is several regions, and the countries of its replicas."""
    for edge in estate.edges_from(key, "is replicated by"):
        for countries in edge.target.all_facts("place.countries"):
            trail = countries.trail
            key.also("replica.countries", countries.value, edge.span, trail=trail)
    if "multi_region" in key.facts or key.provider != "gcp":
        return
    for region, where in _places(key):
        spread: bool | Unknown = where.spread or where.determined is False
        if isinstance(where.determined, Unknown):
            spread = where.determined
        key.state("multi_region", spread, region.span, trail=region.trail)
