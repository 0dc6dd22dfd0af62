"""How many stores a lineage reaches, and whether old checkpoints go."""

from __future__ import annotations

import pytest

from mlsec_lint.estate import Estate, Thing
from mlsec_lint.source import Source, Span
from mlsec_lint.trace import trace
from mlsec_lint.value import Unknown

SPAN = Span(Source("f", "x"), 0, 1)


def store(estate, name, sort="object"):
    made = estate.add(Thing("store", name, name, SPAN))
    made.state("type", sort)
    made.state("declared", value=True)
    return made


def copy(estate, origin, name, target=None, *, certain=True):
    made = estate.add(Thing("copy", name, name, SPAN))
    made.state("type", "replication")
    estate.link(origin, "is copied by", made, SPAN, certain=certain)
    if target is not None:
        estate.link(made, "copies to", target, SPAN)
    return made


@pytest.fixture
def estate():
    made = Estate()
    store(made, "a").holds_weights("declared", "says so", SPAN)
    return made


def first(estate):
    return estate.find("store", "a")


def count(estate, name="a", kind="store"):
    trace(estate)
    fact = estate.find(kind, name).fact("copies.count")
    if fact is None:
        return None
    if isinstance(fact.value, Unknown):
        return {value.data for value in fact.value.possible}
    return fact.value


def test_a_store_without_copies_is_one(estate):
    assert count(estate) == 1


def test_copies_and_their_copies_count_once_each(estate):
    b, c = store(estate, "b"), store(estate, "c")
    copy(estate, first(estate), "a-b", b)
    copy(estate, b, "b-c", c)
    copy(estate, first(estate), "a-c", c)
    copy(estate, b, "b-vault")
    assert count(estate) == 4
    assert estate.find("store", "b").fact("copies.count") is None


def test_stores_that_copy_each_other_are_counted_once(estate):
    b = store(estate, "b")
    copy(estate, first(estate), "a-b", b)
    copy(estate, b, "b-a", first(estate))
    assert count(estate) == 2
    assert b.fact("copies.count") is None


def test_copies_that_no_store_of_the_scan_receives_count_too(estate):
    copy(estate, first(estate), "a-vault")
    copy(estate, first(estate), "a-pair")
    assert count(estate) == 3


def test_a_file_system_that_shows_a_bucket_keeps_a_copy(estate):
    shown = store(estate, "fsx", "file")
    estate.link(shown, "is backed by", first(estate), SPAN)
    assert count(estate) == 2


def test_an_uncertain_copy_makes_the_count_one_of_several(estate):
    copy(estate, first(estate), "a-b")
    copy(estate, first(estate), "a-c", certain=False)
    assert count(estate) == {2, 3}


def test_a_job_counts_what_it_writes_to_and_publishes(estate):
    job = estate.add(Thing("workload", "job", "job", SPAN))
    upload = estate.add(Thing("upload", "hub", "hub", SPAN))
    for name, value in (("carries", "weights"), ("channel", "hub"), ("enabled", True)):
        upload.state(name, value)
    estate.link(job, "writes", first(estate), SPAN, "writes weights to a")
    estate.link(job, "sends", upload, SPAN)
    assert count(estate, "job", "workload") == 2


def test_a_job_with_one_destination_is_left_to_the_store(estate):
    job = estate.add(Thing("workload", "job", "job", SPAN))
    estate.link(job, "writes", first(estate), SPAN, "writes weights to a")
    assert count(estate, "job", "workload") is None


@pytest.mark.parametrize(
    ("rule", "limit", "expected"),
    [
        (True, None, True),
        (False, None, False),
        (False, True, True),
        (False, False, False),
        (Unknown("variable", "not known"), None, "unknown"),
        (Unknown("variable", "not known"), True, True),
    ],
)
def test_checkpoints_expire_by_the_store_or_by_every_job(estate, rule, limit, expected):
    program = estate.add(Thing("program", "p", "p", SPAN))
    if limit is not None:
        program.state("checkpoints.limited", limit)
    first(estate).state("objects.expire", rule)
    estate.link(program, "writes", first(estate), SPAN, "writes checkpoints to a")
    trace(estate)
    fact = first(estate).fact("checkpoints.expire")
    assert ("unknown" if isinstance(fact.value, Unknown) else fact.value) == expected


def test_a_store_that_no_job_writes_to_is_not_asked(estate):
    first(estate).state("objects.expire", value=False)
    trace(estate)
    assert first(estate).fact("checkpoints.expire") is None
