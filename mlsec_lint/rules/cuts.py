"""Suggested cuts: for each path the one change that closes it, and the fewest for all.

A change is a rule that a hop names as its control, met at one place. Best known are
those of which a finding says that they are not met there now, by the rules of every
level: the finding has the line. Where no finding says so, the hop's own line stands for
it. What a baseline leaves out is never proposed. One statement may be on many paths: changed once, it closes them all.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.finding import Cut, Cuts, Verdict
from mlsec_lint.rules.cover import cover

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mlsec_lint.estate import Estate
    from mlsec_lint.finding import Finding
    from mlsec_lint.rules.baseline import Baseline
    from mlsec_lint.rules.grammar import Policies

#: How well a change is known: a finding about a thing or line of the path, a finding
#: about a part of one, nothing but the hop's word.
_EXACT, _PART, _NAMED = range(3)
#: For so many paths, the most severe first, cuts are looked for.
MOST_PATHS = 2_000
#: So many names lie within each other in an address that is looked into.
_MOST_PARTS = 16


class _Option(NamedTuple):
    """A change for one path.

    `key` is the same for every path that it closes; `order` is the rule's among those
    that the hop names.
    """

    key: tuple[object, ...]
    cut: Cut
    known: int
    order: int


def suggest(
    findings: Sequence[Finding],
    policies: Policies,
    baseline: Baseline,
    estate: Estate,
) -> Cuts:
    """The changes that close most of the certain paths; each path is given its own.

    `findings` are the judge's, `baseline` the one that they were judged by. Paths that
    somebody accepted count for nothing; possible ones get a change, but none is chosen
    for their sake.
    """
    paths = [f for f in findings if f.path is not None and not f.suppression]
    if not paths:
        return Cuts()
    certain = [f for f in paths if f.verdict is Verdict.FAIL]
    possible = [f for f in paths if f.verdict is Verdict.UNKNOWN]
    unmet = _unmet(paths, findings, policies, baseline, estate)
    fixes: dict[str, str | None] = {rule.id: rule.fix for rule in policies.rules}
    fixes.update(dict.fromkeys(baseline.without))
    options = [_options(path, unmet, fixes) for path in certain[:MOST_PATHS]]
    chosen = _chosen(certain, options)
    for path, found in zip(certain, options, strict=False):
        path.cut = _own(found, chosen)
    for path in possible[:MOST_PATHS]:
        path.cut = _own(_options(path, unmet, fixes), chosen)
    closed = sum(bool(found) for found in options)
    return Cuts(tuple(chosen.values()), closed, len(certain))


def _unmet(
    paths: Iterable[Finding],
    findings: Iterable[Finding],
    policies: Policies,
    baseline: Baseline,
    estate: Estate,
) -> _Unmet:
    """Findings of the rules that paths name as controls, of every level."""
    from mlsec_lint.rules.judge import judge

    named = {closer.rule for path in paths for closer in path.closers}
    others = tuple(
        rule
        for rule in policies.rules
        if rule.id in named - baseline.without
        and rule.find is None
        and not baseline.includes(rule)
    )
    wider = replace(
        baseline,
        extra=baseline.extra | {rule.id for rule in others},
    )
    further = judge(replace(policies, rules=others), wider, estate).findings
    return _Unmet(
        finding
        for finding in (*findings, *further)
        if finding.rule in named and finding.verdict is Verdict.FAIL
    )


class _Unmet:
    """Findings of controls by rule and subject, line, and what the subject is part of."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self._subjects: dict[tuple[str, str], list[Finding]] = {}
        self._lines: dict[tuple[str, str, int], list[Finding]] = {}
        self._wholes: dict[tuple[str, str], list[Finding]] = {}
        for finding in findings:
            rule, subject = finding.rule, finding.subject
            self._subjects.setdefault((rule, subject), []).append(finding)
            line = (rule, finding.span.path, finding.span.line)
            self._lines.setdefault(line, []).append(finding)
            ends = [at for at, mark in enumerate(subject) if at and mark in "/#"]
            for at in ends[:_MOST_PARTS]:
                self._wholes.setdefault((rule, subject[:at]), []).append(finding)

    def on(self, path: Finding, rule: str) -> list[Finding]:
        """Those about a thing of the path, or that point at a line of it."""
        found: dict[int, Finding] = {}
        for step in path.steps:
            line = (rule, step.span.path, step.span.line)
            for finding in (
                *self._subjects.get((rule, step.address), ()),
                *self._lines.get(line, ()),
            ):
                found.setdefault(id(finding), finding)
        return list(found.values())

    def within(self, addresses: Iterable[str], rule: str) -> list[Finding]:
        """Those about a part (a container, a program) of a thing of these addresses."""
        return [f for one in addresses for f in self._wholes.get((rule, one), ())]


def _options(
    path: Finding, unmet: _Unmet, fixes: Mapping[str, str | None]
) -> list[_Option]:
    """The changes that close a path, best first: only the best known of them."""
    found = [*_failing(path, unmet)]
    if not found:
        found = [*_named(path, fixes)]
    best = min((option.known for option in found), default=_EXACT)
    kept = {o.key: o for o in reversed(found) if o.known == best}
    return sorted(kept.values(), key=_rank)


def _rank(option: _Option) -> tuple[object, ...]:
    """Nearer to the way out is better, then what the hop names first."""
    cut = option.cut
    return (-cut.step, option.order, cut.span.sort_key(), cut.address)


def _failing(path: Finding, unmet: _Unmet) -> Iterator[_Option]:
    """Changes that a finding asks for at a thing or a line of the path."""
    lines = {(step.span.path, step.span.line): step.address for step in path.steps}
    closers: dict[str, dict[str, int]] = {}
    for closer in path.closers:
        closers.setdefault(closer.rule, {})[closer.address] = closer.step
    for order, (rule, at) in enumerate(closers.items()):
        exact = unmet.on(path, rule)
        for finding in exact or unmet.within(at, rule):
            subject = finding.subject
            here = lines.get((finding.span.path, finding.span.line), subject)
            step = at.get(here, at.get(subject, max(at.values())))
            cut = Cut(rule, finding.fix, subject, finding.span, step)
            known = _EXACT if exact else _PART
            yield _Option((rule, subject), cut, known, order)


def _named(path: Finding, fixes: Mapping[str, str | None]) -> Iterator[_Option]:
    """What the hops themselves name, at their own lines.

    `fixes` has the known rules, with None for one that is never to be proposed.
    """
    for order, closer in enumerate(path.closers):
        span = path.steps[closer.step].span
        fix = fixes.get(closer.rule, "")
        if fix is not None:
            cut = Cut(
                closer.rule, fix, closer.address, span, closer.step, failing=False
            )
            key = (closer.rule, closer.address, span.sort_key())
            yield _Option(key, cut, _NAMED, order)


def _chosen(
    paths: Sequence[Finding], options: Sequence[list[_Option]]
) -> dict[tuple[object, ...], Cut]:
    """The fewest changes that close all paths that any change closes, by key."""
    ranked: dict[tuple[object, ...], tuple[int, int]] = {}
    cuts: dict[tuple[object, ...], Cut] = {}
    closes: dict[tuple[object, ...], int] = {}
    for number, found in enumerate(options):
        for place, option in enumerate(found):
            key = option.key
            ranked.setdefault(key, (place, number))
            ranked[key] = min(ranked[key], (place, number))
            cuts.setdefault(key, option.cut)
            closes[key] = closes.get(key, 0) | 1 << number
    order = sorted(cuts, key=lambda key: ranked[key])
    prints = [path.fingerprint() for path in paths]
    chosen = {}
    for at in cover([closes[key] for key in order]):
        key = order[at]
        closed = [p for n, p in enumerate(prints) if closes[key] >> n & 1]
        chosen[key] = cuts[key]._replace(closes=tuple(dict.fromkeys(closed)))
    return chosen


def _own(
    options: list[_Option], chosen: Mapping[tuple[object, ...], Cut]
) -> Cut | None:
    """The change for one path: one that is chosen anyway, else the best."""
    for option in options:
        if option.key in chosen:
            return option.cut._replace(closes=chosen[option.key].closes)
    return options[0].cut if options else None
