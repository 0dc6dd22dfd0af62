"""Disks of nodes: who else sees the directory of a node in which weights lie.

A pod that mounts the same directory of the host, one above it or one within it, on the
same node, has the bytes. What runs on every node is on the same one for certain, and
what picks nodes by the same labels as the owner of the bytes comes there too.
"""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate.walks import Hop
from mlsec_lint.trace.holders import First
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Edge, Estate, Fact, Thing

#: How many workloads are looked at that see one directory.
MOST_SEEN = 500
_CONTROLS = ("weights-no-host-copy", "access-host-mount", "access-node-isolation")


class _Seen(NamedTuple):
    """A workload that mounts a directory of its node."""

    path: str
    workload: Thing
    edge: Edge
    fact: Fact


class Disks:
    """All mounts of node directories of an estate, by path."""

    def __init__(self, estate: Estate) -> None:
        self._by_path: dict[str, list[_Seen]] = {}
        self._below: dict[str, list[_Seen]] = {}
        for mount in estate.of("mount"):
            fact = mount.fact("host.path")
            if fact is None or not isinstance(fact.value, str):
                continue
            path = fact.value.rstrip("/")
            for edge in estate.edges_to(mount, "mounts"):
                if edge.source.kind == "workload":
                    seen = _Seen(path, edge.source, edge, fact)
                    self._by_path.setdefault(path, []).append(seen)
                    for parent in _parents(path):
                        self._below.setdefault(parent, []).append(seen)

    def firsts(self, store: Thing) -> Iterator[First]:
        """Workloads that see the node's directory that a store is, its own left out."""
        fact = store.fact("path")
        sort = store.fact("type")
        if sort is None or sort.value != "node-disk" or fact is None:
            return
        if not isinstance(fact.value, str) or not fact.value.startswith("/"):
            return
        path = fact.value.rstrip("/")
        owners = self._by_path.get(path, [])
        pools = {_pool(seen.workload) for seen in owners[:MOST_SEEN]} - {""}
        above = (self._by_path.get(parent, []) for parent in _parents(path))
        all_seen = chain(owners, chain.from_iterable(above), self._below.get(path, []))
        for seen in islice(all_seen, MOST_SEEN):
            yield _first(store, seen, pools)


def _parents(path: str) -> list[str]:
    """The directories above a path, the root ("") first."""
    names = path.split("/")
    return ["/".join(names[:end]) for end in range(1, len(names))][:64]


def _pool(workload: Thing) -> str:
    """The labels by which a workload picks its nodes, "" where it picks none."""
    fact = workload.fact("nodes.chosen")
    return fact.value if fact is not None and isinstance(fact.value, str) else ""


def _first(store: Thing, seen: _Seen, pools: set[str]) -> First:
    workload = seen.workload
    words = f"{workload.name} mounts {seen.path or '/'} of the same node"
    doubt = None if _pool(workload) in pools else _elsewhere(store, workload)
    hop = Hop(
        workload.address,
        seen.fact.span,
        words,
        workload,
        doubt,
        seen.fact.trail,
        _CONTROLS,
    )
    return First("work", workload, (hop,))


def _elsewhere(store: Thing, workload: Thing) -> Unknown | None:
    """Why a workload may run on other nodes than the store's."""
    everywhere = workload.fact("every_node")
    if everywhere is not None and everywhere.value is True:
        return None
    if everywhere is not None and isinstance(everywhere.value, Unknown):
        return everywhere.value
    why = f"whether {workload.name} runs on a node that has {store.name} is not known"
    return Unknown("unsupported", why, span=workload.span)
