"""Small estates and rules for the tests of the rules floor."""

from __future__ import annotations

from textwrap import dedent

from mlsec_lint.estate import Estate, Thing
from mlsec_lint.rules.baseline import Baseline, NamedList
from mlsec_lint.rules.grammar import Policies
from mlsec_lint.rules.read import read_rule
from mlsec_lint.source import Source, Span
from mlsec_lint.value import Unknown, Value

MISSING = object()
LISTS = {
    "allowed-countries": NamedList(("US", "GB", "NO"), as_of="2026-11-01"),
    "denied-countries": NamedList(("CN", "HK")),
    "no-limit": NamedList(anything=True),
    "internal-hosts": NamedList(("*.acme.example", "localhost")),
}
HEAD = """\
id: a-rule
title: Stores are as they should be
level: SL2
severity: high
"""
TAIL = """\
say: "{thing} is not"
fix: Make it so.
why: It matters.
"""


def rule_text(middle: str, head: str = HEAD, tail: str = TAIL) -> str:
    return head + dedent(middle).strip("\n") + "\n" + tail


def rule(middle: str, head: str = HEAD, tail: str = TAIL):
    found, errors = read_rule(Source("rule.yaml", rule_text(middle, head, tail)))
    assert errors == []
    assert found is not None
    return found


def requiring(condition: str):
    return rule(f"for each: store\nrequire:\n  - {condition}\n")


def policies(*rules) -> Policies:
    return Policies(tuple(rules))


def baseline(unknown: str = "note", level: str = "SL2", **changes) -> Baseline:
    return Baseline(level, "", level, unknown, lists=LISTS, **changes)


def unknown(name: str = "var.x", possible=None) -> Unknown:
    values = None
    if possible is not None:
        values = tuple(
            Value(tuple(Value(m) for m in v) if isinstance(v, tuple) else v)
            for v in possible
        )
    return Unknown("variable", f"{name} has no default", name, possible=values)


class Yard:
    """An estate under construction; every fact gets a line of its own in one file."""

    def __init__(self) -> None:
        self.estate = Estate()
        self.source = Source("main.tf", "".join(f"line {i}\n" for i in range(1, 200)))
        self.line = 0

    def span(self, line: int | None = None) -> Span:
        if line is None:
            self.line += 1
            line = self.line
        start = self.source.line_starts()[line - 1]
        return Span(self.source, start, start + 4)

    def thing(self, kind: str, address: str, facts=(), *, line=None, **more) -> Thing:
        made = Thing(kind, address, address, self.span(line), **more)
        thing = self.estate.add(made)
        for name, value in dict(facts).items():
            if value is not MISSING:
                thing.state(name, value, self.span())
        return thing

    def weights(self, thing: Thing, *strengths: str) -> Thing:
        thing.state("weights.held", value=True)
        for strength in strengths or ("declared",):
            thing.holds_weights(strength, f"evidence {strength}", thing.span)
        return thing
