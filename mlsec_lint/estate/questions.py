"""Workloads with weights of which nobody can tell in which of some clusters they run.

One question for each set of candidates. A rule about clusters or their networks that
comes out alike whichever it is needs no answer; what it leaves open is told once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mlsec_lint.estate import Edge, Thing

#: The kind of an Unknown that is such a doubt and no other.
KIND = "cluster"


@dataclass(slots=True, eq=False)
class Question:
    """In which of the `candidates` the `workloads` run, asked once.

    * `edges`: by which each workload may run in the first of them;
    * `around`: by the address of a candidate, networks and gateways that its nodes use.
    """

    candidates: tuple[Thing, ...]
    workloads: list[Thing] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    around: dict[str, list[Thing]] = field(default_factory=dict)

    def put_around(self, cluster: Thing, thing: Thing) -> None:
        """Keep that what a candidate's nodes use is in doubt with it."""
        known = self.around.setdefault(cluster.address, [])
        if all(one is not thing for one in known):
            known.append(thing)

    def of(self, cluster: Thing) -> tuple[Thing, ...]:
        """A candidate and what is around it."""
        return (cluster, *self.around.get(cluster.address, ()))


class Questions:
    """All questions of a scan, in order."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, ...], Question] = {}
        self._of: dict[int, Question] = {}

    def __iter__(self) -> Iterator[Question]:
        return iter(self._known.values())

    def ask(self, workload: Thing, edges: Iterable[Edge]) -> None:
        """Keep the question of a workload by its edges to clusters.

        Only where each is in doubt and there are several: else there is no such question.
        """
        found = list(edges)
        clusters = {id(edge.target): edge.target for edge in found}
        if len(clusters) < 2 or any(edge.certain for edge in found):
            return
        question = self._known.setdefault(
            tuple(sorted(clusters)), Question(tuple(clusters.values()))
        )
        if id(workload) not in self._of:
            self._of[id(workload)] = question
            question.workloads.append(workload)
            question.edges.append(found[0])

    def of(self, workload: Thing) -> Question | None:
        """The question of a workload, None where it has none."""
        return self._of.get(id(workload))
