"""The estate: things, the facts about them and the edges between them.

Plain data that no vendor's words enter. Lowerings state facts; traces add facts that
need more than one thing; rules read them. Imports only source and value.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate.facts import FACTS, expected
from mlsec_lint.estate.networks import Networks
from mlsec_lint.estate.policy import PodNetwork
from mlsec_lint.estate.questions import Questions
from mlsec_lint.estate.verbs import VERBS
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from mlsec_lint.estate.walks import Path
    from mlsec_lint.source import Note, Span
    from mlsec_lint.value import Step

FactValue = str | bool | int | tuple[str, ...] | Unknown


class Fact(NamedTuple):
    """One stated fact.

    * `value`: of the declared type, or Unknown;
    * `span`: the attribute that states it; the enclosing block's header for a default;
    * `trail`: how the value came there;
    * `default`: "" where somebody wrote it, else whose documented default it is
      ("AWS, since 2023-01-05: ...");
    * `sensitive`: never print the value.
    """

    value: FactValue
    span: Span
    trail: tuple[Step, ...] = ()
    default: str = ""
    sensitive: bool = False


class Evidence(NamedTuple):
    """Why a thing is thought to hold weights. Strengths as in design.md, strongest first."""

    strength: str  # "declared" | "referenced" | "copied" | "named" | "assumed"
    words: str
    span: Span


class Word(NamedTuple):
    """A text that names a thing (a name, a tag's value) and where it stands.

    The weakest evidence: trace/weights.py looks for words such as `checkpoints` in it.
    """

    text: str
    where: str
    span: Span


#: So many pieces of evidence are compared one by one.
_FEW = 16
STRENGTHS = ("declared", "referenced", "copied", "named", "assumed")


@dataclass(slots=True, eq=False)
class Thing:
    """A node of the estate. Identity is the object; `address` is unique per kind.

    * `kind`: a key of FACTS;
    * `address`: as design.md defines it (root prefix included where there are several);
    * `name`: for messages ("aws_s3_bucket.weights", "container trainer of Job/ml/sft");
    * `span`: the narrow header of the declaration;
    * `provider`: aws, gcp, azure, kubernetes, or a job format;
    * `names`: other names by which things refer to it (bucket name, ARN, URI, id),
      used for joins;
    * `library`: true when it only exists as an uncalled module's or chart's default;
    * `words`: texts that name it, for the weakest sort of evidence.
    """

    kind: str
    address: str
    name: str
    span: Span
    provider: str = ""
    root: str = ""
    library: bool = False
    names: set[str] = field(default_factory=set)
    facts: dict[str, Fact] = field(default_factory=dict)
    many: dict[str, list[Fact]] = field(default_factory=dict)
    evidence: list[Evidence] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    _pieces: set[Evidence] | None = field(default=None, repr=False)

    def state(
        self,
        fact: str,
        value: FactValue,
        span: Span | None = None,
        *,
        trail: tuple[Step, ...] = (),
        default: str = "",
        sensitive: bool = False,
    ) -> None:
        """State a fact; a later statement replaces an earlier one.

        Raises KeyError for a fact that facts.py does not declare for this kind and
        TypeError for a value of another type: both are bugs of the caller.
        """
        wanted = FACTS[self.kind][fact].type
        if not isinstance(value, Unknown) and not isinstance(value, expected(wanted)):
            message = f"{self.kind}.{fact} takes {wanted}, not {value!r}"
            raise TypeError(message)
        self.facts[fact] = Fact(value, span or self.span, trail, default, sensitive)

    def also(
        self,
        fact: str,
        value: FactValue,
        span: Span,
        *,
        trail: tuple[Step, ...] = (),
    ) -> None:
        """State one of several facts of the same name (each policy that is public).

        The judge looks at all of them; each that violates is a finding of its own.
        """
        self.state(fact, value, span, trail=trail)
        self.many.setdefault(fact, []).append(self.facts[fact])

    def fact(self, name: str) -> Fact | None:
        """The fact of that name, or None where nothing states it."""
        return self.facts.get(name)

    def all_facts(self, name: str) -> list[Fact]:
        """Every fact of that name: those stated with `also`, else the single one."""
        if name in self.many:
            return self.many[name]
        fact = self.facts.get(name)
        return [] if fact is None else [fact]

    def holds_weights(self, strength: str, words: str, span: Span) -> None:
        """Keep a piece of evidence that this thing holds weights (no duplicates)."""
        piece = Evidence(strength, words, span)
        known: Collection[Evidence] = self.evidence
        if len(known) > _FEW:  # thousands of jobs may write to one store
            if self._pieces is None or len(self._pieces) != len(known):
                self._pieces = set(known)
            known = self._pieces
        if piece not in known:
            self.evidence.append(piece)
            if self._pieces is not None:
                self._pieces.add(piece)


class Edge(NamedTuple):
    """A verb between two things, with the spans that state it.

    `certain` is False when an unknown was needed for it; `why` says which.
    """

    verb: str
    source: Thing
    target: Thing
    span: Span
    words: str = ""
    certain: bool = True
    why: str = ""


class Estate:
    """All things and edges of one scan, in the order in which they were added.

    * `pod_network`: the pods of clusters with the network policies that apply to them;
    * `networks`: subnets of clouds with their routes and filters, and what lies in them;
    * `questions`: workloads with weights of which their cluster is not known;
    * `paths`: ways out of stores that hold weights, as `trace/paths` found them.
    """

    def __init__(self) -> None:
        self.pod_network = PodNetwork()
        self.networks = Networks()
        self.questions = Questions()
        self.things: dict[tuple[str, str], Thing] = {}
        self._kinds: dict[str, list[Thing]] = {}
        self.notes: list[Note] = []
        self.paths: tuple[Path, ...] = ()
        self._edges: set[Edge] = set()
        self._out: dict[int, list[Edge]] = {}
        self._in: dict[int, list[Edge]] = {}
        self._out_by: dict[tuple[int, str], list[Edge]] = {}
        self._in_by: dict[tuple[int, str], list[Edge]] = {}
        self._names: dict[str, list[Thing]] = {}
        self._numbers: dict[tuple[str, str], int] = {}

    def add(self, thing: Thing) -> Thing:
        """Add a thing; the one already there wins when the address is taken."""
        found = self.things.setdefault((thing.kind, thing.address), thing)
        if found is thing:
            self._kinds.setdefault(thing.kind, []).append(thing)
            for name in thing.names:
                self._names.setdefault(name, []).append(thing)
        return found

    def call(self, thing: Thing, name: str) -> None:
        """Give a thing one more name that joins can find it by."""
        if name and name not in thing.names:
            thing.names.add(name)
            self._names.setdefault(name, []).append(thing)

    def named(self, name: str, kind: str | None = None) -> list[Thing]:
        """Things known by a name (ARN, URI, bucket name), in the order of addition."""
        found = self._names.get(name, [])
        return [t for t in found if kind is None or t.kind == kind]

    def find(self, kind: str, address: str) -> Thing | None:
        """The thing of that kind and address, or None."""
        return self.things.get((kind, address))

    def free(self, kind: str, stem: str) -> str:
        """An address that nothing of that kind has: the stem, else `stem~2`, `stem~3`.

        Remembers where it was, so that many things of one name cost little.
        """
        number = self._numbers.get((kind, stem), 1)
        address = stem if number == 1 else f"{stem}~{number}"
        while (kind, address) in self.things:
            number += 1
            address = f"{stem}~{number}"
        self._numbers[kind, stem] = number
        return address

    def of(self, kind: str) -> Iterator[Thing]:
        """All things of a kind, in the order in which they were added.

        Those added while somebody goes through them are not given.
        """
        return iter(tuple(self._kinds.get(kind, ())))

    def link(
        self,
        source: Thing,
        verb: str,
        target: Thing,
        span: Span,
        words: str = "",
        *,
        certain: bool = True,
        why: str = "",
    ) -> None:
        """Add an edge. KeyError for a verb that facts.py does not declare."""
        VERBS[verb]
        edge = Edge(verb, source, target, span, words, certain, why)
        before = len(self._edges)
        self._edges.add(edge)
        if len(self._edges) > before:
            self._out.setdefault(id(source), []).append(edge)
            self._in.setdefault(id(target), []).append(edge)
            self._out_by.setdefault((id(source), verb), []).append(edge)
            self._in_by.setdefault((id(target), verb), []).append(edge)

    def unlink(self, edge: Edge) -> None:
        """Take an edge back that another statement contradicts."""
        if edge in self._edges:
            self._edges.discard(edge)
            self._out[id(edge.source)].remove(edge)
            self._in[id(edge.target)].remove(edge)
            self._out_by[id(edge.source), edge.verb].remove(edge)
            self._in_by[id(edge.target), edge.verb].remove(edge)

    def edges_from(self, thing: Thing, verb: str | None = None) -> list[Edge]:
        """Edges that start at a thing."""
        if verb is None:
            return list(self._out.get(id(thing), ()))
        return list(self._out_by.get((id(thing), verb), ()))

    def edges_to(self, thing: Thing, verb: str | None = None) -> list[Edge]:
        """Edges that end at a thing."""
        if verb is None:
            return list(self._in.get(id(thing), ()))
        return list(self._in_by.get((id(thing), verb), ()))

    def edges(self) -> Iterator[Edge]:
        """All edges, by source in the order of addition."""
        for thing in list(self.things.values()):
            yield from self._out.get(id(thing), ())

    def note(self, notes: Iterable[Note]) -> None:
        """Keep notes about what was not understood."""
        self.notes.extend(notes)
