"""The tables under policies/data: valid against their schemas, consistent, dated."""

from __future__ import annotations

import datetime as dt
import json
import re

import jsonschema
import pytest

from mlsec_lint.estate import places, tables

SCHEMAS = {
    "regions.csv": "regions.schema.json",
    "jurisdictions.csv": "jurisdictions.schema.json",
    "operators.csv": "operators.schema.json",
    "provider_defaults.csv": "provider_defaults.schema.json",
    "computed_attributes.csv": "computed_attributes.schema.json",
    "implicit_placement.csv": "implicit_placement.schema.json",
    "hosts.csv": "hosts.schema.json",
}


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_rows_are_valid(name):
    schema = json.loads(tables.folder().joinpath(SCHEMAS[name]).read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)

    wrong = [
        f"{number}: {error.message}"
        for number, row in enumerate(tables.rows(name), 2)
        for error in validator.iter_errors(row)
    ]

    assert wrong == []
    assert tables.rows(name)


def test_groups_are_valid():
    schema = json.loads(tables.folder().joinpath("groups.schema.json").read_text())

    jsonschema.validate(tables.document("groups.json"), schema)
    for name in places.groups():
        assert places.group(name)


def countries():
    return {row["country"] for row in tables.rows("jurisdictions.csv")}


def test_every_country_code_is_a_jurisdiction():
    known = countries()
    used = {
        code
        for row in tables.rows("regions.csv")
        for code in re.split(r"[;|]", row["countries"])
        if re.fullmatch(r"[A-Z]{2}", code)
    }
    used |= {row["hq_country"] for row in tables.rows("operators.csv")}
    used |= {code for name in places.groups() for code in places.group(name)}

    assert used - known == set()
    assert len(known) == len(tables.rows("jurisdictions.csv"))


def test_no_id_twice_per_provider():
    ids = [(row["provider"], row["id"]) for row in tables.rows("regions.csv")]

    assert len(ids) == len(set(ids))


def test_ids_that_differ_only_in_case_lie_in_the_same_countries():
    seen = {}
    for row in tables.rows("regions.csv"):
        key = row["provider"], row["id"].lower()
        assert seen.setdefault(key, row["countries"]) == row["countries"], key


def test_pairs_are_regions_of_the_table():
    azure = {r["id"] for r in tables.rows("regions.csv") if r["provider"] == "azure"}
    pairs = {r["pair"] for r in tables.rows("regions.csv") if r["pair"]}

    assert pairs <= azure
    crossing = {
        row["id"]
        for row in tables.rows("regions.csv")
        if row["pair"]
        and places.place_of("azure", row["pair"]).countries
        != places.place_of("azure", row["id"]).countries
    }
    assert crossing == {
        "brazilsouth",
        "eastasia",
        "southeastasia",
        "northeurope",
        "westeurope",
    }


def test_every_table_is_dated_and_every_date_is_one():
    index = tables.document("index.json")
    here = {p.name for p in tables.folder().iterdir()}

    for name in index:
        assert name in here
        edition = tables.edition(name)
        assert dt.date.fromisoformat(edition.as_of)
        assert edition.max_age_days > 0
    assert set(SCHEMAS) <= set(index)


def test_defaults_of_one_attribute_do_not_overlap():
    spans = {}
    for row in tables.rows("provider_defaults.csv"):
        key = row["resource"], row["attribute"]
        low = int(row["since"] or 0)
        high = int(row["before"] or 1000)
        for other_low, other_high in spans.setdefault(key, []):
            assert high <= other_low or low >= other_high, key
        spans[key].append((low, high))


def test_a_deny_list_that_no_allow_list_contains():
    assert not set(places.group("denied")) & set(places.group("allowed"))
