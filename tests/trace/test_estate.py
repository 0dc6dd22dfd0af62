"""The estate's own bookkeeping: pieces of evidence and edges, each kept once."""

from __future__ import annotations

import pytest

from mlsec_lint.estate import Estate, Thing
from mlsec_lint.source import Source, Span

TEXT = Source("a.yaml", "x" * 200)


def place(at):
    return Span(TEXT, at, at + 1)


def store(name="w"):
    return Thing("store", name, name, place(0))


@pytest.mark.parametrize("many", [3, 16, 17, 90])
def test_evidence_is_kept_once_however_much_there_is(many):
    thing = store()
    for _ in range(2):
        for at in range(many):
            thing.holds_weights("named", "by its name", place(at))
    assert [piece.span.start for piece in thing.evidence] == list(range(many))


@pytest.mark.parametrize("left", [0, 30])
def test_evidence_that_was_taken_back_can_be_stated_again(left):
    thing = store()
    for at in range(60):
        thing.holds_weights("named", "by its name", place(at))
    del thing.evidence[left:]
    thing.holds_weights("declared", "by its tag", place(1))
    thing.holds_weights("named", "by its name", place(59))
    thing.holds_weights("named", "by its name", place(59))
    assert [piece.span.start for piece in thing.evidence[left:]] == [1, 59]


def test_edges_by_verb_are_those_of_all_edges_in_order():
    estate = Estate()
    jobs = [estate.add(Thing("workload", f"j{n}", f"j{n}", place(n))) for n in range(3)]
    kept = estate.add(store())
    for number, job in enumerate(jobs):
        for verb in ("writes", "reads", "writes"):
            estate.link(job, verb, kept, place(number))
    estate.link(jobs[0], "writes", kept, place(9), "a second line")
    for verb in ("reads", "writes"):
        wanted = [e for e in estate.edges_to(kept) if e.verb == verb]
        assert estate.edges_to(kept, verb) == wanted
    assert len(estate.edges_from(jobs[0], "writes")) == 2
    gone = estate.edges_from(jobs[0], "writes")[0]
    estate.unlink(gone)
    assert gone not in estate.edges_from(jobs[0], "writes")
    assert gone not in estate.edges_from(jobs[0])
    assert gone not in estate.edges_to(kept, "writes")
    assert [e.source.name for e in estate.edges_to(kept, "writes")] == [
        "j1",
        "j2",
        "j0",
    ]


def test_a_list_of_edges_stays_while_edges_are_added():
    estate = Estate()
    kept, job = estate.add(store()), estate.add(Thing("workload", "j", "j", place(0)))
    estate.link(job, "writes", kept, place(0))
    for edge in estate.edges_from(job, "writes"):
        estate.link(job, "writes", kept, edge.span, "again")
    assert len(estate.edges_from(job, "writes")) == 2
