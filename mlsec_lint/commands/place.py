"""`mlsec-lint place ID|HOST|ARN`: what the tables know of a place, and from where."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from mlsec_lint.commands import CLEAN, USAGE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlsec_lint.estate.places import Place

TABLE = "regions.csv"


def main(arguments: Sequence[str]) -> int:
    """Explain a region, zone or location id, a host name or an ARN.

    An id means nothing without its provider: all providers that use it are shown, or
    the one of `--provider`. Exit code 2 where no table knows it.
    """
    from mlsec_lint.estate.places import place_of, providers
    from mlsec_lint.report.safe import clean

    parser = argparse.ArgumentParser(
        prog="mlsec-lint place",
        description="What is known of a region id, zone, host name or ARN: countries, "
        "pair, lists it is on, source, date, confidence.",
    )
    parser.add_argument("name", metavar="ID|HOST|ARN")
    parser.add_argument(
        "--provider", default="", help="aws, gcp, azure, coreweave, ..."
    )
    parser.add_argument("--format", choices=("text", "json"), default="text")
    options = parser.parse_args(arguments)
    asked = [options.provider] if options.provider else providers()
    found = [p for provider in asked if (p := place_of(provider, options.name))]
    if not options.provider:
        found = found or _elsewhere(options.name)
    if not found:
        shown = clean(options.name)
        print(f"mlsec-lint: no table knows {shown!r}", file=sys.stderr)  # noqa: T201
        return USAGE
    if options.format == "json":
        import json

        sys.stdout.write(json.dumps([_json(p) for p in found], indent=2) + "\n")
    else:
        blocks = ["\n".join(_text(place)) for place in found]
        sys.stdout.write("\n\n".join(blocks) + "\n")
    return CLEAN


def _elsewhere(name: str) -> list[Place]:
    """The place that an ARN or a host name tells."""
    from mlsec_lint.estate.hosts import place_of_arn, place_of_host

    by_arn = place_of_arn(name)
    if by_arn is not None:
        return [by_arn]
    host = place_of_host(name)
    return [host.place] if host is not None and host.place is not None else []


def _lists(place: Place) -> list[str]:
    """The named groups of countries that all, or some, of its countries are on."""
    from mlsec_lint.estate.places import group, groups

    found = []
    for name in groups():
        members = set(group(name))
        inside = [code for code in place.countries if code in members]
        if inside and len(inside) == len(place.countries):
            found.append(name)
        elif inside:
            found.append(f"{name} (in part: {', '.join(inside)})")
    return found


def _text(place: Place) -> Iterator[str]:
    from mlsec_lint.estate.places import country_name, seat
    from mlsec_lint.estate.tables import edition

    yield f"{place.provider} {place.id}: {place.kind}"
    if place.countries:
        names = ", ".join(f"{country_name(c)} ({c})" for c in place.countries)
        yield f"  countries: {names}"
    elif place.anywhere:
        yield "  countries: anywhere: the provider may choose any of its places"
    else:
        yield "  countries: not known"
    for label, value in (
        ("area", place.area),
        ("geo-redundant pair", place.pair),
        ("status", place.status),
        ("provider's seat", seat(place.provider)),
        ("lists", "; ".join(_lists(place))),
        ("note", place.note),
        ("source", place.source),
        ("confidence", place.confidence),
    ):
        if value:
            yield f"  {label}: {value}"
    table = edition(TABLE)
    yield f"  as of: {table.as_of}, trusted for {table.max_age_days} days"


def _json(place: Place) -> dict[str, Any]:
    from mlsec_lint.estate.places import seat
    from mlsec_lint.estate.tables import edition

    return {
        **place._asdict(),
        "countries": list(place.countries),
        "lists": _lists(place),
        "seat": seat(place.provider),
        "as_of": edition(TABLE).as_of,
    }
