"""Small estates for the tests of paths: every statement has a line of its own."""

from __future__ import annotations

from typing import Any

from mlsec_lint.estate import Estate, Thing
from mlsec_lint.source import Source, Span
from mlsec_lint.trace.paths import trace_paths
from mlsec_lint.trace.settings import Settings
from mlsec_lint.value import Unknown

LINES = 5_000


class Yard:
    """An estate under construction."""

    def __init__(self) -> None:
        self.estate = Estate()
        self.source = Source("main.tf", "".join(f"line {i}\n" for i in range(LINES)))
        self.line = 0

    def span(self) -> Span:
        self.line += 1
        start = self.source.line_starts()[self.line % LINES]
        return Span(self.source, start, start + 4)

    def thing(
        self, kind: str, address: str, provider: str = "aws", **facts: Any
    ) -> Thing:
        thing = self.estate.add(Thing(kind, address, address, self.span(), provider))
        for name, value in facts.items():
            thing.state(name.replace("__", "."), value, self.span())
        return thing

    def store(self, address: str = "aws_s3_bucket.w", **facts: Any) -> Thing:
        facts = {"type": "object", "declared": True, "weights__held": True, **facts}
        store = self.thing("store", address, **facts)
        store.holds_weights("referenced", "a job writes weights to it", self.span())
        return store

    def identity(self, address: str, sort: str, **facts: Any) -> Thing:
        return self.thing("identity", address, sort=sort, **facts)

    def link(self, source: Thing, verb: str, target: Thing, doubt: str = "") -> None:
        self.estate.link(
            source, verb, target, self.span(), certain=not doubt, why=doubt
        )

    def paths(self) -> list[Any]:
        trace_paths(self.estate, Settings())
        return list(self.estate.paths)

    def shown(self) -> list[str]:
        """Each path as `source -> end [by]: hops`, with `?` where it is possible."""
        return [
            f"{p.source.address} -> {p.end} [{p.by}]: "
            + ", ".join(hop.address for hop in p.hops)
            + ("" if p.unknown is None else " ?")
            for p in self.paths()
        ]


def unknown(why: str = "var.x has no default", name: str = "var.x") -> Unknown:
    return Unknown("variable", why, name)
