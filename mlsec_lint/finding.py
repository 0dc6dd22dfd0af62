"""Findings: all that a report needs to know. Knows no format, no cloud and no rule file."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mlsec_lint.source import Note, Span
    from mlsec_lint.value import Step


class Verdict(Enum):
    """What the judge says of one rule and one thing. Unknown is neither of the others."""

    FAIL = "fail"
    PASS = "pass"  # noqa: S105
    UNKNOWN = "unknown"


SEVERITIES = ("info", "low", "medium", "high", "critical")
LEVELS = ("SL1", "SL2", "SL3", "SL4")


class Related(NamedTuple):
    """Another place that belongs to a finding, with words that say how."""

    span: Span
    words: str
    address: str = ""


class Closer(NamedTuple):
    """A control that would close a path: a rule, met at the thing of an address.

    `step` is the index among the finding's steps.
    """

    rule: str
    address: str
    step: int = 0


class Cut(NamedTuple):
    """One change that closes paths: a rule, met at one place.

    * `rule` and its `fix`; `address` of the thing to change, `span` the line;
    * `step`: index of the step that it closes, among those of the finding that has it;
    * `failing`: whether a finding of that rule says that it is not met there; else it
      is only known that it would close the step;
    * `closes`: fingerprints of all paths that it closes.
    """

    rule: str
    fix: str
    address: str
    span: Span
    step: int = 0
    failing: bool = True
    closes: tuple[str, ...] = ()


class Cuts(NamedTuple):
    """The fewest changes that close most paths, those that close most first.

    `paths` is how many certain paths there are that nobody accepted, `closed` how many
    of them the changes close together. For the others no single change is known.
    """

    changes: tuple[Cut, ...] = ()
    closed: int = 0
    paths: int = 0


class Suppression(NamedTuple):
    """An accepted finding: who said so, where and until when."""

    kind: str  # "inSource" | "external"
    reason: str
    span: Span | None = None
    until: str = ""


@dataclass(slots=True)
class Finding:
    """One rule, one thing, one verdict, and everything that explains it.

    `level` is the rule's security level (SL1..SL4), `severity` one of SEVERITIES, as
    the baseline and the strength of the evidence left it. `subject` is the thing's
    address and `fact` the dotted fact that decided. `because` lists why the thing is
    thought to hold weights. `settle` names the inputs that would decide an unknown,
    `doubts` says why it is one.
    `path` is {"source", "sink", "hops"} for a path finding. `values` are the evaluated
    values to show ("var.acl = public-read"); never secret ones. `sensitive` says that
    the primary span covers a secret: reports tell its place and mask its text.
    `header` is the header of the subject's block, where an inline ignore may stand;
    `part` counts several facts of one name from 1, 0 for the only one. `tables` names
    the tables of facts under policies/data that the verdict rests on. `closers` are the
    controls that would close a path, `parts` the single findings that lie on it;
    `part_of` has the fingerprints of the paths that a single finding lies on, and of the
    undecided one with the same doubts: people are told of it there, and not a second time. `cut` is the one change that closes a path.
    """

    rule: str
    title: str
    verdict: Verdict
    severity: str
    level: str
    area: str
    message: str
    span: Span
    subject: str
    fact: str = ""
    fix: str = ""
    why: str = ""
    because: tuple[Related, ...] = ()
    related: tuple[Related, ...] = ()
    trail: tuple[Step, ...] = ()
    values: tuple[str, ...] = ()
    settle: tuple[str, ...] = ()
    data_as_of: str = ""
    suppression: Suppression | None = None
    path: dict[str, object] | None = None
    steps: tuple[Related, ...] = ()
    sensitive: bool = False
    header: Span | None = None
    part: int = 0
    doubts: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    closers: tuple[Closer, ...] = ()
    part_of: tuple[str, ...] = ()
    parts: tuple[Related, ...] = ()
    cut: Cut | None = None

    def fingerprint(self) -> str:
        """Stable identity: rule, subject and fact (or the path's nodes); no lines."""
        from hashlib import sha256

        parts = [self.rule, self.subject, self.fact]
        if self.part > 1:
            parts.append(str(self.part))
        if self.path is not None:
            hops = self.path["hops"]
            assert isinstance(hops, list)
            parts = [self.rule, str(self.path["source"]), str(self.path["sink"]), *hops]
        text = "\0".join(map(str, parts))
        return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@dataclass(slots=True)
class RuleInfo:
    """What reports say about a rule itself."""

    id: str
    title: str
    level: str
    severity: str
    area: str
    why: str
    fix: str
    references: tuple[str, ...]
    confidence: str = "high"
    help_uri: str = ""


@dataclass(slots=True)
class Summary:
    """The numbers of one scan. Everything that was not analysed is counted here.

    `excluded` counts files left out by reason ("vendored", "node_modules", ...);
    `things` counts things of the estate by kind; `roots` the evaluated roots by kind
    ("terraform", "kustomize", ...); `checks` is (met, decided, undecided) over the
    rules of the baseline; `settle` the inputs that would settle most undecided checks,
    with how many each.
    """

    baseline: str = "SL2"
    files: int = 0
    bytes: int = 0
    excluded: dict[str, int] = field(default_factory=dict)
    recognised: dict[str, int] = field(default_factory=dict)
    not_analysed: dict[str, int] = field(default_factory=dict)
    roots: dict[str, int] = field(default_factory=dict)
    things: dict[str, int] = field(default_factory=dict)
    checks_met: int = 0
    checks_failed: int = 0
    checks_undecided: int = 0
    checks_not_applicable: int = 0
    settle: tuple[tuple[str, int], ...] = ()
    weight_stores: tuple[str, ...] = ()


@dataclass(slots=True)
class Result:
    """The outcome of a scan: findings in report order, notes, the rules and numbers.

    `secrets` are spans of values known to be secret, found fault with or not: no
    report shows what they cover, whoever points at their line. `cuts` are the changes
    that close most paths.
    """

    findings: list[Finding]
    notes: list[Note]
    rules: tuple[RuleInfo, ...]
    summary: Summary
    root: str = "."
    incomplete: bool = False
    secrets: tuple[Span, ...] = ()
    cuts: Cuts = field(default_factory=Cuts)
