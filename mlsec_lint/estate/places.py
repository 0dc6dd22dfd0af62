"""Places: which countries a provider's region, zone or location id stands for.

A region id means nothing without its provider: 16 ids name different countries at
different providers. A prefix is no jurisdiction (`eu-west-2` is in the United Kingdom)
and a zone can leave its region's country (`us-east-1-lim-1a` is in Peru), so every id
is looked up and none is guessed. Knows no file format.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate import tables

if TYPE_CHECKING:
    from mlsec_lint.estate import Thing
    from mlsec_lint.source import Span
    from mlsec_lint.value import Step, Unknown


class Place(NamedTuple):
    """One row of the table of places.

    * `countries`: ISO 3166-1 alpha-2 codes. Several: data may lie in any or all;
    * `anywhere`: the provider may choose any of its places (`global`);
    * both empty and not anywhere: the table does not know the country;
    * `pair`: the region that geo-redundant copies go to (Azure), or "";
    * `confidence`: high, medium, low. A low one never decides alone.
    """

    provider: str
    id: str
    kind: str
    countries: tuple[str, ...]
    anywhere: bool
    area: str
    pair: str
    note: str
    status: str
    source: str
    confidence: str


#: Names that files use for a provider, where they differ from the table's.
PROVIDER_NAMES = {
    "google": "gcp",
    "google-beta": "gcp",
    "azurerm": "azure",
    "amazon": "aws",
    "r2": "cloudflare-r2",
    "cloudflare": "cloudflare-r2",
    "do": "digitalocean",
}


@cache
def group(name: str) -> tuple[str, ...]:
    """The countries of a named group (`allowed`, `denied`, `eu`, ...), sorted.

    KeyError for a group that groups.json does not declare.
    """
    entry = tables.document("groups.json")["countries"][name]
    found = set(entry.get("add", ()))
    for row in tables.rows("jurisdictions.csv"):
        if any(_on_list(row, column) for column in entry.get("from", ())):
            found.add(row["country"])
    return tuple(sorted(found - set(entry.get("remove", ()))))


def _on_list(row: dict[str, str], column: str) -> bool:
    if column == "tier1":
        return row["ai_diffusion_tier_2025_not_in_force"] == "1"
    return row[column] == "1"


def groups() -> tuple[str, ...]:
    """Names of all groups of countries."""
    return tuple(tables.document("groups.json")["countries"])


@cache
def seat(provider: str) -> str:
    """The country where a provider has its seat, or "" where nobody says."""
    for row in tables.rows("operators.csv"):
        if row["provider"] == PROVIDER_NAMES.get(provider, provider):
            return row["hq_country"]
    return ""


@cache
def seat_is_sure(provider: str) -> bool:
    """Whether a source stands behind the seat of a provider, not memory alone."""
    return any(
        row["provider"] == PROVIDER_NAMES.get(provider, provider)
        and row["confidence"] != "low"
        for row in tables.rows("operators.csv")
    )


#: Sovereign parts of a cloud by the start of their region ids (botocore 1.44.5 and the
#: clouds' documentation, 2026-11). Government clouds share the legal home of the rest.
_SOVEREIGN = (
    ("aws", "cn-", "aws-cn"),
    ("aws", "us-iso", "aws-iso"),
    ("aws", "eu-iso", "aws-iso"),
    ("aws", "eusc-", "aws-eusc"),
    ("azure", "china", "azure-china"),
    ("gcp", "u-", "gcp-sovereign"),
)


def legal_home(provider: str, region: str) -> str:
    """The part of a cloud that a region belongs to: its name, or a sovereign part's."""
    owner = PROVIDER_NAMES.get(provider, provider)
    wanted = region.strip().lower()
    for cloud, start, part in _SOVEREIGN:
        if cloud == owner and wanted.startswith(start):
            return part
    return owner


@cache
def country_name(code: str) -> str:
    """The name of a country code; the code itself when the table has none."""
    for row in tables.rows("jurisdictions.csv"):
        if row["country"] == code:
            return row["name"]
    return code


@cache
def _table() -> dict[tuple[str, str], dict[str, str]]:
    return {
        (row["provider"], row["id"].lower()): row for row in tables.rows("regions.csv")
    }


@cache
def _patterns() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    return tuple(
        (row["provider"], row["countries"], re.compile(row["id"]))
        for row in tables.rows("regions.csv")
        if row["kind"] == "zone-pattern"
    )


def _countries(cell: str) -> tuple[str, ...]:
    found: list[str] = []
    for part in re.split(r"[;|]", cell):
        if part in {"EU27", "EU-GEO", "APAC-GEO"}:
            found.extend(group(part))
        elif re.fullmatch(r"[A-Z]{2}", part):
            found.append(part)
    return tuple(dict.fromkeys(found))


def _place(row: dict[str, str]) -> Place:
    return Place(
        row["provider"],
        row["id"],
        row["kind"],
        _countries(row["countries"]),
        row["countries"] == "*",
        row["area"],
        row["pair"],
        row["note"],
        row["status"],
        row["source"],
        row["confidence"],
    )


@cache
def place_of(provider: str, region: str) -> Place | None:
    """The place of a region, zone or location id of a provider, or None.

    `provider` is the table's name (`aws`, `gcp`, `azure`, `coreweave`, ...) or the
    usual other one (`google`, `azurerm`). Zones count as ids: standard ones lie where
    their region lies, local and edge zones are looked up by themselves. None means that
    the table (see `as_of`) does not list the id: unknown, never harmless.
    """
    provider = PROVIDER_NAMES.get(provider, provider)
    wanted = region.strip().lower()
    if provider == "azure":
        wanted = wanted.replace(" ", "")
    row = _table().get((provider, wanted))
    if row is not None and row["kind"] != "zone-pattern":
        return _place(row)
    if len(wanted) > 64:
        return None
    return (_zone_id(wanted) if provider == "aws" else None) or _zone(provider, wanted)


def _zone(provider: str, zone: str) -> Place | None:
    for owner, how, pattern in _patterns():
        match = pattern.match(zone) if owner == provider else None
        if match is None:
            continue
        if how == "@region":
            return place_of(provider, match["region"])
        if how == "@iata":
            return _metro(provider, match["region"], match["iata"])
    return None


def _metro(provider: str, region: str, metro: str) -> Place | None:
    """Another zone of the same metro: `-2a` where the table lists `-1a`."""
    for (owner, name), row in _table().items():
        here = name.startswith(region + "-") and f"-{metro}-" in name
        if owner == provider and here:
            return _place(row)
    return None


@cache
def providers() -> tuple[str, ...]:
    """Every provider of the table, in its order."""
    return tuple(dict.fromkeys(row["provider"] for row in tables.rows("regions.csv")))


@cache
def edge_site(provider: str, region: str) -> bool | None:
    """Whether an id is an edge or local zone; None where the table does not know it.

    A zone of the shape of a local zone is one, though its metro may not be listed. The
    special zones of Google Cloud (`-ai1a`) lie in Google's own data centres.
    """
    provider = PROVIDER_NAMES.get(provider, provider)
    wanted = region.strip().lower()
    for owner, how, pattern in _patterns():
        if owner == provider and how == "@iata" and len(wanted) <= 64:
            if pattern.match(wanted):
                return True
    place = place_of(provider, region)
    if place is None:
        return None
    return place.kind == "edge" or (place.kind == "local-zone" and provider != "gcp")


#: Short region codes in zone ids (`use1-az4`): AWS, "Availability Zone IDs", 2026-11.
_COMPASS = {
    "n": "north",
    "s": "south",
    "e": "east",
    "w": "west",
    "c": "central",
    "ne": "northeast",
    "se": "southeast",
    "nw": "northwest",
    "sw": "southwest",
}


def _zone_id(zone: str) -> Place | None:
    match = re.match(r"(usg|[a-z]{2})([a-z]{1,2})(\d)-az\d$", zone)
    if match is None or match[2] not in _COMPASS:
        return None
    land = "us-gov" if match[1] == "usg" else match[1]
    return place_of("aws", f"{land}-{_COMPASS[match[2]]}-{match[3]}")


def as_of() -> str:
    """The date of the table of places, as reports print it."""
    return tables.edition("regions.csv").as_of


def state_place(
    thing: Thing,
    provider: str,
    region: str | Unknown,
    span: Span,
    *,
    trail: tuple[Step, ...] = (),
    default: str = "",
) -> None:
    """State where a thing lies by itself: `place.provider` and `place.region`.

    Called once more for each further place it may be put in (the alternatives of a
    scheduler): all of them count. The countries are stated by trace/place.py.
    """
    first = thing.fact("place.region")
    if first is None:
        thing.state("place.provider", provider, span)
        thing.state("place.region", region, span, trail=trail, default=default)
        return
    for name in ("place.provider", "place.region"):
        thing.many.setdefault(name, [thing.facts[name]])
    thing.also("place.provider", provider, span)
    thing.also("place.region", region, span, trail=trail)
