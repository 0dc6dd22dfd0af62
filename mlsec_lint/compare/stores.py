"""What else is new around weights: stores, readers, copies and places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.change import CopyChange, PlaceChange, ReaderChange, StoreChange
from mlsec_lint.finding import Related
from mlsec_lint.trace.access import Access
from mlsec_lint.trace.paths.find import sources
from mlsec_lint.trace.reader_facts import ends
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.compare.same import Same
    from mlsec_lint.compare.sides import Seen
    from mlsec_lint.estate import Edge, Estate, Thing
    from mlsec_lint.trace.hops import Reader

#: Who stands behind a reader, those first that a reviewer asks about first.
_ORDER = (
    "everyone",
    "account",
    "person",
    "ci",
    "service",
    "unknown",
    "nobody",
    "workload",
)


def stores(before: Seen, after: Seen, same: Same) -> list[StoreChange]:
    """Stores that hold weights now, and those that did."""
    old = {id(thing) for thing in sources(before.estate)}
    new = {id(thing) for thing in sources(after.estate)}
    found = []
    for thing in sources(after.estate):
        was = same.before(thing)
        if was is None or id(was) not in old:
            found.append(_store("new", thing, known=was is not None))
    for thing in sources(before.estate):
        now = same.after(thing)
        if now is None or id(now) not in new:
            found.append(_store("closed", thing, known=now is not None))
    return found


def _store(state: str, thing: Thing, *, known: bool) -> StoreChange:
    because = tuple(Related(e.span, e.words) for e in thing.evidence[:3])
    return StoreChange(state, thing.address, because, thing.span, known)


def readers(before: Seen, after: Seen, same: Same) -> list[ReaderChange]:
    """Identities that read a store and did not: people and outsiders first."""
    old, new = _all_readers(before.estate), _all_readers(after.estate)
    by_name = {
        (same.address(store), same.address(identity)): one
        for (store, identity), one in old.items()
    }
    found = []
    for key, reader in new.items():
        known = by_name.get(key)
        state, was = _became(known, reader)
        if state:
            found.append(_reader(state, key[0], reader, was))
    gone = [
        _reader("closed", store, reader, "")
        for (store, identity), reader in old.items()
        if (same.address(store), same.address(identity)) not in new
    ]
    found.sort(key=lambda one: _ORDER.index(one.behind))
    gone.sort(key=lambda one: _ORDER.index(one.behind))
    return found + gone


def _all_readers(estate: Estate) -> dict[tuple[str, str], Reader]:
    access = Access(estate)
    found: dict[tuple[str, str], Reader] = {}
    for store in sources(estate):
        for reader in ends(estate, access.readers(store)):
            found.setdefault((store.address, reader.identity.address), reader)
    return found


def _became(old: Reader | None, new: Reader) -> tuple[str, str]:
    if old is None:
        return "new", ""
    if old.unknown is not None and new.unknown is None:
        return "certain", "possible"
    rank = {word: number for number, word in enumerate(_ORDER)}
    if rank[new.behind] < rank[old.behind]:
        return "behind", f"{old.behind} behind it"
    return "", ""


def _reader(state: str, store: str, reader: Reader, was: str) -> ReaderChange:
    unknown = reader.unknown
    return ReaderChange(
        state=state,
        store=store,
        identity=reader.identity.address,
        sort=reader.sort,
        behind=reader.behind,
        certain=unknown is None,
        steps=tuple(_step(hop.span, hop.words, hop.address) for hop in reader.hops),
        span=reader.hops[-1].span if reader.hops else reader.identity.span,
        was=was,
        why=unknown.why if unknown is not None else "",
    )


def _step(*parts: object) -> Related:
    return Related(*parts)  # type: ignore[arg-type]


def copies(before: Seen, after: Seen, same: Same) -> list[CopyChange]:
    """Automatic copies and managed transfers of weights."""
    old = {
        (same.address(edge.source.address), same.address(edge.target.address)): edge
        for edge in _copying(before.estate)
    }
    new = {
        (edge.source.address, edge.target.address): edge
        for edge in _copying(after.estate)
    }
    found = [
        _copy("new", edge, after.estate) for key, edge in new.items() if key not in old
    ]
    return found + [
        _copy("closed", edge, before.estate)
        for key, edge in old.items()
        if key not in new
    ]


def _copying(estate: Estate) -> Iterator[Edge]:
    for store in sources(estate):
        for verb in ("is copied by", "is moved by"):
            yield from estate.edges_from(store, verb)


def _copy(state: str, edge: Edge, estate: Estate) -> CopyChange:
    copy = edge.target
    service = copy.facts.get("service")
    by = service.value if service is not None else ""
    return CopyChange(
        state=state,
        copy=copy.address,
        store=edge.source.address,
        service=by if isinstance(by, str) else "",
        to=", ".join(dict.fromkeys(_targets(copy, estate))),
        span=copy.span,
        certain=edge.certain,
    )


def _targets(copy: Thing, estate: Estate) -> Iterator[str]:
    for edge in estate.edges_from(copy, "copies to"):
        yield edge.target.address
    for name in ("target.uri", "account"):
        fact = copy.facts.get(name)
        if fact is not None and isinstance(fact.value, str) and fact.value:
            yield fact.value if name == "target.uri" else f"account {fact.value}"
    place = _place(copy)
    if place:
        yield place


def places(before: Seen, after: Seen, same: Same) -> list[PlaceChange]:
    """Where weights lie or are worked on, and did not."""
    known = {_place(thing) for thing in _holders(before.estate)}
    told: set[str] = set()
    found = []
    for thing in _holders(after.estate):
        place, was = _place(thing), same.before(thing)
        if not place:
            continue
        earlier = _place(was) if was is not None else ""
        is_moved = was is not None and earlier and earlier != place
        if is_moved or (place not in known and place not in told):
            told.add(place)
            span = thing.facts["place.region"].span
            found.append(PlaceChange(thing.address, thing.kind, place, earlier, span))
    return found


def _holders(estate: Estate) -> Iterator[Thing]:
    """Stores of weights, what reads or writes them, and what copies them."""
    seen: set[int] = set()
    for store in sources(estate):
        near = [store]
        for verb in ("reads", "writes"):
            near += [edge.source for edge in estate.edges_to(store, verb)]
        near += [edge.target for edge in estate.edges_from(store, "is copied by")]
        for thing in near:
            if id(thing) not in seen:
                seen.add(id(thing))
                yield thing


def _place(thing: Thing) -> str:
    """Region and countries, as far as both are known."""
    region = thing.facts.get("place.region")
    if region is None or isinstance(region.value, Unknown) or not region.value:
        return ""
    provider = thing.facts.get("place.provider")
    words = [str(region.value)]
    if provider is not None and isinstance(provider.value, str):
        words.insert(0, provider.value)
    countries = thing.facts.get("place.countries")
    if countries is not None and isinstance(countries.value, tuple):
        words.append(f"({', '.join(countries.value)})")
    return " ".join(words)
