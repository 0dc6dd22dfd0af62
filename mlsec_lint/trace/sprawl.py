"""How many stores hold one lineage of weights, and whether old checkpoints expire.

A lineage starts at a store that is no copy of another one, or at a job that writes to
several destinations by itself. What lies in memory or on a node's disk is not counted:
a rule of its own asks about that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.trace.weights import speaks_for_weights
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Edge, Estate, Thing
    from mlsec_lint.trace.settings import Settings

_FLEETING = ("memory", "node-disk")
_MOST = 1000


class _Reached(NamedTuple):
    """Names of what holds a lineage: for certain, and perhaps."""

    certain: dict[str, None]
    perhaps: dict[str, None]

    def add(self, name: str, *, certain: bool) -> None:
        (self.certain if certain else self.perhaps)[name] = None


def trace_sprawl(estate: Estate, settings: Settings) -> None:
    """State `copies.count` and `copies.places` of lineages, `checkpoints.expire` of stores."""
    del settings
    stores = [s for s in estate.of("store") if s.evidence and _durable(s)]
    covered: set[str] = set()
    origins = [s for s in stores if not estate.edges_to(s, "copies to")]
    for store in (*origins, *stores):  # stores that copy each other have no origin
        if store.address not in covered:
            reached = _Reached({}, {})
            _from_store(estate, store, reached, certain=True)
            _state(store, reached)
            covered.update(reached.certain, reached.perhaps)
    for store in stores:
        _expiry(estate, store)
    for workload in estate.of("workload"):
        if workload.evidence:
            _from_workload(estate, workload)


def _durable(store: Thing) -> bool:
    sort = store.fact("type")
    return sort is None or sort.value not in _FLEETING


def _from_store(
    estate: Estate, store: Thing, reached: _Reached, *, certain: bool
) -> None:
    """A store, the copies of it, the copies of those, and file systems that show it."""
    waiting = [(store, certain)]
    while waiting and len(reached.certain) < _MOST:
        here, sure = waiting.pop()
        if here.address in reached.certain:
            continue
        reached.add(here.address, certain=sure)
        for edge in estate.edges_from(here, "is copied by"):
            targets = estate.edges_from(edge.target, "copies to")
            still = sure and edge.certain
            if not targets:
                reached.add(edge.target.address, certain=still)
            waiting += [(t.target, still and t.certain) for t in targets]
        for edge in estate.edges_to(here, "is backed by"):
            if _shows(edge):
                waiting.append((edge.source, sure and edge.certain))
        for target, told in _carried_on(estate, here):
            waiting.append((target, sure and told))


def _carried_on(estate: Estate, store: Thing) -> Iterator[tuple[Thing, bool]]:
    """Stores that a job copies a store to by command; certain where it copies only that."""
    jobs: dict[str, tuple[Thing, bool]] = {}  # whether some line of it surely does
    for edge in estate.edges_to(store, "reads"):
        if edge.source.kind == "workload" and edge.words.startswith("copies from"):
            _, sure = jobs.get(edge.source.address, (edge.source, False))
            jobs[edge.source.address] = edge.source, sure or edge.certain
    for job, sure in jobs.values():
        alone = sure and all(
            read.target is store
            for read in estate.edges_from(job, "reads")
            if read.words.startswith("copies from")
        )
        written: dict[str, tuple[Thing, bool]] = {}
        for edge in estate.edges_from(job, "writes"):
            target = edge.target
            if edge.words.startswith("copies to") and "#" not in target.address:
                before = written.get(target.address, (target, False))[1]
                written[target.address] = target, before or (alone and edge.certain)
        yield from written.values()


def _shows(edge: Edge) -> bool:
    """Whether a file system keeps what lies in a bucket a second time."""
    sort = edge.source.fact("type")
    behind = edge.target.fact("type")
    return (
        edge.source.kind == "store"
        and sort is not None
        and behind is not None
        and (sort.value, behind.value) == ("file", "object")
        and edge.source.provider != "kubernetes"
    )


def _written(estate: Estate, workload: Thing) -> Iterator[Edge]:
    for edge in estate.edges_from(workload, "writes"):
        if speaks_for_weights(edge.words) and _durable(edge.target):
            if "#" not in edge.target.address:  # a path of the machine itself
                yield edge


def _from_workload(estate: Estate, workload: Thing) -> None:
    """Stores that a job writes weights to, and hubs and trackers that it uploads to."""
    reached = _Reached({}, {})
    own: set[str] = set()
    for edge in _written(estate, workload):
        own.add(edge.target.address)
        _from_store(estate, edge.target, reached, certain=edge.certain)
    for edge in estate.edges_from(workload, "sends"):
        facts = {
            name: edge.target.fact(name) for name in ("carries", "enabled", "channel")
        }
        values = {name: fact.value for name, fact in facts.items() if fact is not None}
        if values.get("carries") != "weights" or values.get("channel") == "command":
            continue
        enabled = values.get("enabled")
        if enabled is not False:
            own.add(edge.target.address)
            sure = edge.certain and not isinstance(enabled, Unknown)
            reached.add(edge.target.address, certain=sure)
    if len(own) > 1:
        _state(workload, reached)
    programs = [e.target for e in estate.edges_from(workload, "runs")]
    limits = [program.fact("checkpoints.limited") for program in programs]
    first = limits[0] if limits else None
    if first and all(limit and limit.value is True for limit in limits):
        workload.state("checkpoints.expire", value=True, span=first.span)


def _state(thing: Thing, reached: _Reached) -> None:
    certain = len(reached.certain)
    extra = [name for name in reached.perhaps if name not in reached.certain]
    count: int | Unknown = certain
    if extra:
        why = f"whether it reaches {', '.join(extra[:3])} is not known"
        options = tuple(Value(certain + n) for n in range(min(len(extra), 20) + 1))
        count = Unknown("resource", why, possible=options, span=thing.span)
    thing.state("copies.count", count, thing.span)
    thing.state("copies.places", (*reached.certain, *extra), thing.span)


def _expiry(estate: Estate, store: Thing) -> None:
    """Whether old checkpoints go: by the store's rules, or as every writer limits them."""
    rules = store.fact("objects.expire")
    writers = [
        edge
        for edge in estate.edges_to(store, "writes")
        if edge.source.kind == "program" and speaks_for_weights(edge.words)
    ]
    if rules is None or not writers:
        return
    limits = [edge.source.fact("checkpoints.limited") for edge in writers]
    kept = all(limit is not None and limit.value is True for limit in limits)
    if rules.value is not True and kept and limits[0] is not None:
        limit = limits[0]
        store.state("checkpoints.expire", value=True, span=limit.span)
        return
    store.state(
        "checkpoints.expire",
        rules.value,
        rules.span,
        trail=rules.trail,
        default=rules.default,
    )
