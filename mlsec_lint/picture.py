"""The picture of the ways out as plain data: what every form of the map is drawn from.

Every text in it is one safe line (`report.safe.clean`), with secrets starred out. It
still has to be escaped for the format that it is put into.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

#: What a walk is to whoever judges, the worst first:
#: open: certain, and nobody accepted it; possible: one thing is not known about it;
#: accepted: somebody accepted it, with a reason; allowed: no rule of the baseline
#: forbids it (the sink is on a list of the lab, or the rule is of a higher level).
STATES = ("open", "possible", "accepted", "allowed")


class Spot(NamedTuple):
    """A line of a file, as reports show it: path, line and column from 1, its text."""

    path: str
    line: int
    column: int
    text: str

    @property
    def where(self) -> str:
        """`file:line`."""
        return f"{self.path}:{self.line}"


class Node(NamedTuple):
    """A thing that weights pass. Its number is its index in `Picture.nodes`.

    `role` is store (some walk starts here), hop or sink; `kind` the estate's word for
    it. A thing that a walk passes twice is two nodes. `why` says what shows that a
    store holds weights.
    """

    address: str
    kind: str
    role: str
    spot: Spot | None = None
    why: tuple[str, ...] = ()


class Control(NamedTuple):
    """A rule that would close a step where it is met.

    `failing` is the line of which a finding says that it is not met, None where no
    finding does.
    """

    rule: str
    title: str
    fix: str
    failing: Spot | None = None


class Edge(NamedTuple):
    """One step: from a node to the next, the line that states it, and its words.

    `why` is what is not known about it, "" where it is certain. The last step of a walk
    to its sink is an `exit`: it is stated by the line of the step before.
    """

    source: int
    target: int
    words: str
    spot: Spot
    why: str = ""
    controls: tuple[Control, ...] = ()
    exit: bool = False

    @property
    def certain(self) -> bool:
        """Whether it is so for sure."""
        return not self.why


class Change(NamedTuple):
    """A suggested cut: the rule to meet, at which line, how, and how many walks it closes."""

    rule: str
    fix: str
    spot: Spot
    closes: int
    failing: bool


@dataclass(slots=True)
class Walk:
    """One way out, the most severe first in `Picture.walks`.

    `edges` are indices, from the store to the sink; `sink` is the end as reports write
    it (`service:HOST`); `rule`, `severity` and `message` are "" where no rule speaks of
    it; `by` says by what it leaves; `settle` are the inputs that would decide a possible
    one; `accepted` the reason; `others` entry points of longer ways to the same sink.
    """

    state: str
    edges: tuple[int, ...]
    store: str
    sink: str
    by: str
    rule: str = ""
    severity: str = ""
    message: str = ""
    fingerprint: str = ""
    accepted: str = ""
    settle: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    cut: Change | None = None


class Loss(NamedTuple):
    """Notes of one kind: what was not analysed, how often, and the first one."""

    kind: str
    number: int
    first: str
    incomplete: bool


@dataclass(slots=True)
class Picture:
    """Everything that a map shows.

    `quiet` are addresses of stores with weights that no way out was found of; `left_out`
    counts walks that there was no room for; `cuts` says in words what `changes` do.
    """

    baseline: str
    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    walks: list[Walk] = field(default_factory=list)
    left_out: int = 0
    quiet: tuple[str, ...] = ()
    losses: tuple[Loss, ...] = ()
    incomplete: bool = False
    cuts: str = ""
    changes: tuple[Change, ...] = ()
    not_assessed: str = ""

    def count(self, state: str) -> int:
        """How many walks are in a state."""
        return sum(walk.state == state for walk in self.walks)

    def part(self, walks: int) -> Picture:
        """The same picture of the first so many walks, without what they do not need."""
        kept = self.walks[:walks]
        used = sorted({edge for walk in kept for edge in walk.edges})
        ends = {n for e in used for n in (self.edges[e].source, self.edges[e].target)}
        nodes = {old: new for new, old in enumerate(sorted(ends))}
        edges = {old: new for new, old in enumerate(used)}
        found = Picture(
            self.baseline,
            [self.nodes[old] for old in nodes],
            [
                self.edges[old]._replace(
                    source=nodes[self.edges[old].source],
                    target=nodes[self.edges[old].target],
                )
                for old in edges
            ],
            [],
            self.left_out + len(self.walks) - len(kept),
            self.quiet,
            self.losses,
            self.incomplete,
            self.cuts,
            self.changes,
            self.not_assessed,
        )
        found.walks = [
            replace(walk, edges=tuple(edges[e] for e in walk.edges)) for walk in kept
        ]
        return found
