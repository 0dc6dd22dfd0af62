"""Laws of readers on random estates: rights only add, doubt never removes or settles."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from mlsec_lint.estate import Estate, Thing
from mlsec_lint.source import Source, Span
from mlsec_lint.trace.access import Access, readers
from mlsec_lint.trace.reader_facts import doubts, ends

TEXT = Source("a.tf", "line\n" * 100)
THINGS = {
    "store": ("bucket", "account", "claim"),
    "identity": ("role", "user", "ci", "sa", "group", "other"),
    "workload": ("job", "vm"),
    "container": ("main",),
    "mount": ("volume",),
    "namespace": ("ml", "dev"),
    "binding": ("one", "two"),
    "cluster": ("eks",),
}
#: The verbs of grants and of all else that a walk follows: (verb, source, target).
VERBS = (
    ("may read", "identity", "store"),
    ("may open", "identity", "store"),
    ("becomes", "identity", "identity"),
    ("may launch as", "identity", "identity"),
    ("counts as", "identity", "identity"),
    ("may enter", "identity", "workload"),
    ("runs as", "workload", "identity"),
    ("reads", "workload", "store"),
    ("mounts", "workload", "mount"),
    ("mounts", "container", "mount"),
    ("has", "workload", "container"),
    ("is backed by", "mount", "store"),
    ("is backed by", "store", "store"),
    ("contains", "namespace", "workload"),
    ("contains", "namespace", "identity"),
    ("lets run in", "binding", "namespace"),
    ("lets enter", "binding", "namespace"),
    ("lets become accounts of", "binding", "namespace"),
    ("lets read secrets of", "binding", "namespace"),
    ("binds", "binding", "identity"),
    ("has nodes", "cluster", "workload"),
    ("runs on", "workload", "cluster"),
)


class Link(NamedTuple):
    verb: str
    source: tuple[str, str]
    target: tuple[str, str]
    certain: bool


@st.composite
def one_link(draw: st.DrawFn) -> Link:
    verb, source, target = draw(st.sampled_from(VERBS))
    start = draw(st.sampled_from(THINGS[source]))
    end = draw(st.sampled_from(THINGS[target]))
    return Link(verb, (source, start), (target, end), draw(st.booleans()))


LINKS = st.lists(one_link(), max_size=25)


def built(links: list[Link]) -> tuple[Estate, Thing]:
    estate = Estate()
    for kind, names in THINGS.items():
        for name in names:
            estate.add(Thing(kind, name, name, Span(TEXT, 0, 4), provider="aws"))
    cluster = estate.find("cluster", "eks")
    assert cluster is not None
    cluster.state("metadata.guarded", value=False)
    for number, link in enumerate(links):
        source, target = estate.find(*link.source), estate.find(*link.target)
        assert source is not None
        assert target is not None
        span = Span(TEXT, number * 5, number * 5 + 4)
        estate.link(source, link.verb, target, span, certain=link.certain, why="var.x")
    store = estate.find("store", "bucket")
    assert store is not None
    return estate, store


def told(links: list[Link]) -> dict[str, bool]:
    """Each reader of the bucket, and whether it is certain."""
    return {r.identity.address: r.unknown is None for r in readers(*built(links))}


@given(LINKS, one_link())
def test_a_further_edge_never_removes_a_reader(links: list[Link], more: Link) -> None:
    before, after = told(links), told([*links, more])
    for name, certain in before.items():
        if name in ("job", "vm"):
            continue  # a workload acts as itself only where it runs as nothing
        assert name in after
        assert after[name] >= certain, "a certain reader stays certain"


@given(LINKS, one_link())
def test_an_edge_taken_away_never_adds_one(links: list[Link], gone: Link) -> None:
    with_it, without = told([*links, gone]), told(links)
    assert set(without) - set(with_it) <= {"job", "vm"}


@given(LINKS, st.data())
def test_doubt_removes_no_reader_and_makes_none_certain(
    links: list[Link], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, max(0, len(links) - 1)))
    doubtful = [
        link._replace(certain=False) if number == at else link
        for number, link in enumerate(links)
    ]
    before, after = told(links), told(doubtful)
    assert set(after) == set(before)
    assert all(before[name] >= certain for name, certain in after.items())


@given(LINKS)
def test_hops_lead_from_the_store_to_the_identity_each_by_a_line(
    links: list[Link],
) -> None:
    estate, store = built(links)
    found = readers(estate, store)
    lengths = [len(reader.hops) for reader in found]
    assert lengths == sorted(lengths)
    assert len({reader.identity.address for reader in found}) == len(found)
    for reader in found:
        assert reader.hops[-1].address == reader.identity.address
        doubts = [hop.unknown for hop in reader.hops if hop.unknown is not None]
        assert reader.unknown == (doubts[0] if doubts else None)
        assert all(hop.words and hop.span.path == "a.tf" for hop in reader.hops)


@given(LINKS)
def test_one_answer_whether_asked_alone_or_after_others(links: list[Link]) -> None:
    estate, _ = built(links)
    together = Access(estate)
    for store in estate.of("store"):
        assert together.readers(store) == readers(estate, store)


@given(LINKS)
def test_where_anybody_reads_somebody_counts(links: list[Link]) -> None:
    estate, store = built(links)
    found = readers(estate, store)
    counted = ends(estate, found)
    assert bool(counted) == any(doubts(one) <= 1 for one in found)
    assert {id(one) for one in counted} <= {id(one) for one in found}
