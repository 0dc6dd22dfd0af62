"""Places: ids by provider, zones, multi-regions, and what is not known."""

from __future__ import annotations

from functools import cache

import pytest
from clouds import estate_of, told, why

from mlsec_lint.estate import Estate, Thing, tables
from mlsec_lint.estate.places import country_name, group, place_of, seat, state_place
from mlsec_lint.finding import Verdict
from mlsec_lint.rules.baseline import read_baseline
from mlsec_lint.rules.judge import judge
from mlsec_lint.rules.read import read_policies
from mlsec_lint.source import Source, Span
from mlsec_lint.trace import trace
from mlsec_lint.trace.place import whereabouts
from mlsec_lint.value import Unknown, Value

SPAN = Span(Source("f", "region"), 0, 6)


@pytest.mark.parametrize(
    ("provider", "region", "countries"),
    [
        ("aws", "us-east-1", ("US",)),
        ("aws", "me-central-1", ("AE",)),
        ("alibaba", "me-central-1", ("SA",)),
        ("aws", "ap-southeast-1", ("SG",)),
        ("huawei", "ap-southeast-1", ("HK",)),
        ("aws", "eu-west-1", ("IE",)),
        ("wasabi", "eu-west-1", ("GB",)),
        ("aws", "eu-central-1", ("DE",)),
        ("wasabi", "eu-central-1", ("NL",)),
        ("aws", "eu-west-2", ("GB",)),
        ("aws", "eu-central-2", ("CH",)),
        ("aws", "ap-east-1", ("HK",)),
        ("aws", "cn-north-1", ("CN",)),
        ("aws", "us-gov-west-1", ("US",)),
        ("aws", "eusc-de-east-1", ("DE",)),
        ("aws", "us-east-1a", ("US",)),
        ("aws", "eu-west-2b", ("GB",)),
        ("aws", "use1-az4", ("US",)),
        ("aws", "apse1-az1", ("SG",)),
        ("aws", "euw2-az3", ("GB",)),
        ("aws", "usgw1-az1", ("US",)),
        ("aws", "us-east-1-lim-1a", ("PE",)),
        ("aws", "us-east-1-qro-1a", ("MX",)),
        ("aws", "eu-west-3-cmn-wlz-1a", ("MA",)),
        ("aws", "us-east-1-wl1-bos-wlz-1", ("US",)),
        ("aws", "ap-southeast-2-akl-1a", ("NZ",)),
        ("azure", "southeastasia", ("SG",)),
        ("azure", "South East Asia", ("SG",)),
        ("azure", "East Asia", ("HK",)),
        ("azurerm", "uksouth", ("GB",)),
        ("azure", "chinanorth3", ("CN",)),
        ("gcp", "europe-west2", ("GB",)),
        ("google", "EUROPE-WEST6", ("CH",)),
        ("gcp", "asia-east2", ("HK",)),
        ("gcp", "asia-east2-b", ("HK",)),
        ("gcp", "us-central1-f", ("US",)),
        ("gcp", "EUR4", ("FI", "NL")),
        ("gcp", "us", ("US",)),
        ("coreweave", "US-EAST-04A", ("US",)),
        ("coreweave", "EU-NORTH-01B", ("SE",)),
    ],
)
def test_ids_mean_a_place_of_their_provider(provider, region, countries):
    assert place_of(provider, region).countries == countries


@pytest.mark.parametrize(
    ("provider", "region"),
    [
        ("aws", "xx-central-9"),
        ("aws", "us-east-1-zzz-1a"),
        ("aws", ""),
        ("aws", "us-east-1" * 40),
        ("nobody", "us-east-1"),
        ("gcp", "us-east-1"),
        ("azure", "us-east-1"),
    ],
)
def test_what_the_table_does_not_list_is_nowhere(provider, region):
    assert place_of(provider, region) is None
    found = whereabouts(provider, region, SPAN)
    assert isinstance(found.countries, Unknown)
    assert isinstance(found.determined, Unknown)
    assert "2026-11-23" in found.countries.why


def test_anywhere_is_determined_to_be_no_place():
    found = whereabouts("gcp", "global", SPAN)

    assert isinstance(found.countries, Unknown)
    assert found.determined is False


def test_low_confidence_never_decides():
    assert place_of("gcp", "ASIA").confidence == "low"
    assert "low confidence" in whereabouts("gcp", "ASIA", SPAN).countries.why


def test_possible_regions_are_possible_countries():
    region = Unknown(
        "variable", "no default", "var.r", possible=(Value("us-east-1"), Value("xx-9"))
    )

    found = whereabouts("aws", region, SPAN)

    first, second = found.countries.possible
    assert [v.data for v in first.elements()] == ["US"]
    assert second.unknown is not None
    assert found.countries.name == "var.r"
    assert isinstance(found.determined, Unknown)


def test_every_alternative_place_counts():
    estate = Estate()
    thing = estate.add(Thing("workload", "f#job", "job", SPAN))
    state_place(thing, "aws", "us-east-1", SPAN)
    state_place(thing, "gcp", "asia-east2", SPAN)

    trace(estate)

    told_places = [fact.value for fact in thing.all_facts("place.countries")]
    assert told_places == [("US",), ("HK",)]
    assert [f.value for f in thing.all_facts("place.provider")] == ["aws", "gcp"]


def test_groups_are_of_the_lists_they_name():
    denied, allowed = group("denied"), group("allowed")

    assert {"CN", "HK", "MO", "RU", "IR", "KP", "SY", "CU"} <= set(denied)
    assert {"US", "GB", "JP", "TW"} <= set(allowed)
    assert len(allowed) == 19
    assert not set(denied) & set(allowed)
    assert len(group("EU27")) == 27
    with pytest.raises(KeyError):
        group("no such group")
    assert country_name("HK").startswith("Hong Kong")
    assert seat("alibaba") == "CN"
    assert seat("nobody") == ""


ALIASED = """
variable "region" {
  default = "eu-west-2"
}
variable "open" {}
provider "aws" {
  region = var.region
}
provider "aws" {
  alias  = "open"
  region = var.open
}
resource "aws_s3_bucket" "w" {
  bucket = "a"
}
resource "aws_s3_bucket" "o" {
  provider = aws.open
  bucket   = "b"
}
resource "aws_s3_bucket" "v6" {
  bucket = "c"
  region = "ap-east-1"
}
"""


def test_providers_aliases_defaults_and_region_arguments(tmp_path):
    estate = estate_of(tmp_path, ALIASED)

    assert told(estate, "aws_s3_bucket.w", "place.countries") == [("GB",)]
    fact = estate.find("store", "aws_s3_bucket.w").fact("place.countries")
    assert fact.span.text == "region = var.region"
    assert any("default" in step.words for step in fact.trail)
    assert why(estate, "aws_s3_bucket.o", "place.countries").name == "var.open"
    assert told(estate, "aws_s3_bucket.o", "place.determined") == ["unknown"]
    assert told(estate, "aws_s3_bucket.v6", "place.countries") == [("HK",)]


def test_a_validation_list_is_the_set_of_possible_places(tmp_path):
    text = ALIASED.replace(
        'variable "open" {}',
        'variable "open" {\n  validation {\n'
        '    condition     = contains(["us-east-1", "cn-north-1"], var.open)\n'
        '    error_message = "no"\n  }\n}',
    )

    unknown = why(estate_of(tmp_path, text), "aws_s3_bucket.o", "place.countries")

    if unknown.possible is not None:
        found = [tuple(v.data for v in p.elements()) for p in unknown.possible]
        assert sorted(found) == [("CN",), ("US",)]


def test_botocores_regions_are_listed_with_the_country_of_their_name():
    """Every region of botocore's partitions is in the table (its names: a witness)."""
    botocore = pytest.importorskip("botocore")
    import json
    from pathlib import Path

    partitions = json.loads(
        Path(botocore.__file__)
        .with_name("data")
        .joinpath("partitions.json")
        .read_text()
    )
    missing = [
        region
        for partition in partitions["partitions"]
        for region in partition["regions"]
        if place_of("aws", region) is None
    ]

    assert missing == []


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ('"https://s3.eu-central-1.wasabisys.com"', [("NL",)]),
        ('"https://ap-southeast-1.example.test"', ["unknown"]),
        ("var.open", ["unknown"]),
        ("null", [("DE",)]),
    ],
)
def test_an_endpoint_beats_the_region_beside_it(tmp_path, endpoint, expected):
    text = f"""
    variable "open" {{}}
    provider "aws" {{
      region = "eu-central-1"
      endpoints {{
        s3 = {endpoint}
      }}
    }}
    resource "aws_s3_bucket" "w" {{
      bucket = "b"
    }}
    """

    estate = estate_of(tmp_path, text)

    assert told(estate, "aws_s3_bucket.w", "place.countries") == expected


LOW = [row for row in tables.rows("regions.csv") if row["confidence"] == "low"]


@cache
def rulebook():
    folder = tables.folder().parent
    policies, wrong = read_policies([folder])
    baseline, also_wrong = read_baseline("SL4", [folder])
    assert not [*wrong, *also_wrong]
    return policies, baseline


def judged(things):
    estate = Estate()
    for made in things:
        estate.add(made)
        made.holds_weights("declared", "a test says so", SPAN)
    store = things[0]
    estate.link(store, "is copied by", things[-1], SPAN)
    trace(estate)
    policies, baseline = rulebook()
    rules = [r.id for r in policies.rules if r.area == "region"]
    return [f for f in judge(policies, baseline, estate).findings if f.rule in rules]


def placed(provider, region):
    """One of each kind of thing that lies somewhere, all in one place."""
    found = []
    for number, kind in enumerate(("store", "key", "workload", "copy")):
        made = Thing(kind, f"t{number}", f"t{number}", SPAN, provider=provider)
        state_place(made, provider, region, SPAN)
        if kind == "store":
            made.state("type", "object")
            made.state("declared", value=True)
        if kind == "copy":
            made.state("type", "replication")
        found.append(made)
    return found


@pytest.mark.parametrize("row", LOW, ids=lambda row: f"{row['provider']}-{row['id']}")
def test_a_place_of_low_confidence_never_decides_alone(row):
    findings = judged(placed(row["provider"], row["id"]))

    assert [f for f in findings if f.verdict is Verdict.FAIL] == []


def test_a_place_that_is_sure_does():
    findings = judged(placed("aws", "cn-north-1"))

    failed = {f.rule for f in findings if f.verdict is Verdict.FAIL}
    assert {"region-deny-list", "region-allow-list", "region-replication"} <= failed


def test_several_possible_places_of_low_confidence_decide_nothing_either():
    row = next(r for r in LOW if r["kind"] == "local-zone" and r["provider"] == "aws")
    options = tuple(Value(text, SPAN) for text in (row["id"], "us-east-1a"))
    region = Unknown("variable", "not known", possible=options, span=SPAN)

    findings = judged(placed("aws", region))

    assert [f.rule for f in findings if f.verdict is Verdict.FAIL] == []
