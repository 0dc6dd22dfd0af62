"""Which identities are a matter of weights, and who reads each store, as facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.trace.access import Access
from mlsec_lint.trace.holders import APART
from mlsec_lint.trace.weights import strongest
from mlsec_lint.value import Step, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mlsec_lint.estate import Edge, Estate, Thing
    from mlsec_lint.source import Span
    from mlsec_lint.trace.hops import Reader
    from mlsec_lint.trace.settings import Settings

#: How many possible numbers of readers are listed one by one.
MAX_OPTIONS = 50
#: How many facts of one name, one for each reader, are stated of one store.
MAX_FACTS = 200
_HELD = "weights.held"


def trace_access(estate: Estate, settings: Settings) -> None:
    """State `weights.held` of identities near weights, and the readers of stores.

    An identity holds weights where it may read or write a store of them, or can act as
    one that may: its evidence says which of both. Where a step on every way there is in
    doubt, it is unknown.
    """
    del settings
    access = Access(estate)
    stores = [store for store in estate.of("store") if _held(store)]
    held: dict[int, bool] = {}
    for store in stores:
        found = access.readers(store)
        for reader in found:
            if _is_near(reader):
                _holds(store, reader, held)
        if not _lies_in_another(estate, store):
            _state(estate, store, found)
    _writers(estate, stores, held)
    for identity in estate.of("identity"):
        if id(identity) in held:
            _state_held(identity, certain=held[id(identity)])
    estate.note(access.notes)


def _held(thing: Thing) -> bool:
    fact = thing.fact(_HELD)
    return fact is not None and fact.value is True


def _lies_in_another(estate: Estate, store: Thing) -> bool:
    """Whether its bytes are those of another store of weights: one cause, one finding."""
    return any(
        edge.certain and _held(edge.target)
        for edge in estate.edges_from(store, "is backed by")
    )


def _holds(store: Thing, reader: Reader, held: dict[int, bool]) -> None:
    """Keep why an identity has to do with weights: the first store is enough."""
    thing = reader.identity
    certain = reader.unknown is None
    if thing.kind != "identity" or (id(thing) in held and held[id(thing)] >= certain):
        return
    held[id(thing)] = certain
    if not certain:
        return
    words, span = _reading_words(store, reader)
    thing.holds_weights(_passed(store), words, span)


def _reading_words(store: Thing, reader: Reader) -> tuple[str, Span]:
    last = reader.hops[-1]
    through = _through(reader)
    if through is None:
        return f"it may read {store.name}, which holds weights", last.span
    words = f"it can act as or through {through}, which reads {store.name} with weights"
    return words, last.span


def _through(reader: Reader) -> str | None:
    """The identity or workload by which a reader reads, None where it does itself."""
    acting = [
        hop.thing
        for hop in reader.hops[:-1]
        if hop.thing is not None and hop.thing.kind in ("identity", "workload")
    ]
    return acting[0].name if acting else None


def _writers(estate: Estate, stores: Iterable[Thing], held: dict[int, bool]) -> None:
    """Identities that may write a store of weights, by a right or as a workload."""
    for store in stores:
        for thing, edge, certain in _writing(estate, store):
            if id(thing) in held and held[id(thing)] >= certain:
                continue
            held[id(thing)] = certain
            if certain:
                words = f"it may write {store.name}, which holds weights"
                thing.holds_weights(_passed(store), words, edge.span)


def _writing(estate: Estate, store: Thing) -> Iterator[tuple[Thing, Edge, bool]]:
    for edge in estate.edges_to(store, "may write"):
        yield edge.source, edge, edge.certain
    for edge in estate.edges_to(store, "writes"):
        if edge.source.kind == "workload":
            for acts in estate.edges_from(edge.source, "runs as"):
                yield acts.target, acts, edge.certain and acts.certain


def _passed(store: Thing) -> str:
    """How strong the evidence is at an identity, as along other edges."""
    strength = strongest(store)
    return strength if strength in ("named", "assumed") else "referenced"


def _state_held(identity: Thing, *, certain: bool) -> None:
    known = identity.fact(_HELD)
    if known is not None and known.value is False and not known.default:
        return  # somebody declares that it has nothing to do with weights
    if certain:
        best = strongest(identity)
        first = next(e for e in identity.evidence if e.strength == best)
        identity.state(_HELD, value=True, span=first.span)
        identity.state("weights.evidence", best, first.span)
    elif not identity.evidence:
        why = f"whether {identity.name} can read or write weights is not known"
        identity.state(_HELD, Unknown("edge", why, span=identity.span))


def ends(estate: Estate, readers: Iterable[Reader]) -> list[Reader]:
    """Readers that count: no mask of another one, at most one step in doubt.

    That two roots may meet in one cluster is no such step: a repository of many programs
    would let each operator in it read everything. A role that a service account takes is no second reader beside it; it is one where
    something runs as it, or where nobody is known to act as it.
    """
    found = [one for one in readers if _is_near(one)]
    masks = {
        hop.address
        for reader in found
        if reader.unknown is None
        for hop in reader.hops[:-1]
        if hop.thing is not None and hop.thing.kind == "identity"
    }
    return [one for one in found if not _is_mask(estate, one, masks)]


def doubts(reader: Reader) -> int:
    """How many steps on the way to a reader are in doubt."""
    return sum(hop.unknown is not None for hop in reader.hops)


def _is_near(reader: Reader) -> bool:
    """Whether one thing at most has to be known, and not where anything is put."""
    apart = reader.unknown is not None and reader.unknown.kind == APART
    return doubts(reader) <= 1 and not apart


def _is_mask(estate: Estate, reader: Reader, masks: set[str]) -> bool:
    thing = reader.identity
    return (
        thing.address in masks
        and reader.sort not in ("user", "group", "everyone")
        and not estate.edges_to(thing, "runs as")
    )


def _state(estate: Estate, store: Thing, found: tuple[Reader, ...]) -> None:
    """The facts of one store. Nothing is stated where nothing grants or reads."""
    if not found:
        return
    acting = ends(estate, found)
    if not acting:
        return
    _count(store, acting)
    strangers = any(reader.sort == "unknown" for reader in acting)
    for reader in acting[:MAX_FACTS]:
        span, trail = _grant(reader)
        if reader.behind == "person" and _standing(reader.identity):
            store.also("readers.people", _listed(reader), span, trail=trail)
        elif reader.behind == "account":
            store.also("readers.accounts", _listed(reader), span, trail=trail)
        elif _is_unbounded(reader, strangers=strangers):
            store.also("readers.unknown", _whether(reader), span, trail=trail)
    for name in ("readers.people", "readers.accounts"):
        if name not in store.facts:
            store.state(name, (), default="nothing in the scan lets one read it")
    if "readers.unknown" not in store.facts:
        words = "everybody that the scan lets read it is known"
        store.state("readers.unknown", value=False, default=words)


def _count(store: Thing, acting: list[Reader]) -> None:
    """How many read it: one that nobody knows counts; one in doubt may or may not."""
    sure = sum(one.unknown is None or one.sort == "unknown" for one in acting)
    count: int | Unknown = sure
    more = len(acting) - sure
    if more:
        first = next(one.unknown for one in acting if one.unknown is not None)
        why = f"{more} may read it or not: {first.why}"
        numbers = {sure + n for n in range(min(more, MAX_OPTIONS))} | {sure + more}
        options = tuple(Value(number) for number in sorted(numbers))
        count = Unknown("edge", why, first.name, possible=options, span=first.span)
    store.state("readers.count", count, _grant(acting[0])[0])


def _is_unbounded(reader: Reader, *, strangers: bool) -> bool:
    """Whether it may be anybody: nobody knows who, or, without such, everyone perhaps.

    Everyone for certain is a finding of rules about the public, not one more here.
    """
    if reader.sort == "everyone":
        return reader.unknown is not None and not strangers
    return reader.sort == "unknown"


def _whether(reader: Reader) -> bool | Unknown:
    if reader.unknown is None:
        return True
    return reader.unknown._replace(possible=None, parts=())


def _listed(reader: Reader) -> tuple[str, ...] | Unknown:
    address = reader.identity.address
    if reader.unknown is None:
        return (address,)
    return reader.unknown._replace(possible=None, parts=())


def _standing(identity: Thing) -> bool:
    """Whether a right lasts and needs nobody else; so it is unless config says other."""
    facts = identity.all_facts("standing")
    return not facts or any(fact.value is not False for fact in facts)


def _grant(reader: Reader) -> tuple[Span, tuple[Step, ...]]:
    """The line that gives a reader its right, and the other lines on its way."""
    steps = tuple(Step(hop.span, hop.words) for hop in reader.hops)
    return reader.hops[-1].span, steps[:-1][::-1]
