"""`mlsec-lint inventory`: the estate as found, for people and as stable JSON."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from mlsec_lint.commands import CLEAN, INCOMPLETE
from mlsec_lint.commands.telling import line_of, location
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlsec_lint.estate import Edge, Estate, Fact, Thing

#: Version of the JSON form (docs/inventory.md).
VERSION = 1
#: Kinds in the order in which people ask for them.
ORDER = ("store", "workload", "identity", "upload", "copy", "key")
TITLES = {
    "store": "Stores",
    "workload": "Workloads",
    "identity": "Identities",
    "upload": "Ways out of a program",
    "copy": "Automatic copies",
    "key": "Keys",
}
#: Facts that the table shows for each kind, as columns.
COLUMNS: dict[str, tuple[tuple[str, str], ...]] = {
    "store": (("type", "type"), ("place", "place.region"), ("key", "encryption.key.managed_by")),
    "workload": (("type", "type"), ("gpu", "accelerator"), ("place", "place.region")),
    "identity": (),
    "upload": (("by", "channel"), ("to", "service"), ("carries", "carries"), ("on", "enabled")),
    "copy": (("by", "service"), ("place", "place.region")),
    "key": (("by", "managed_by"), ("place", "place.region")),
}  # fmt: skip
#: Verbs of a workload that the table tells.
TOLD = ("reads", "writes", "runs as", "sends", "mounts")


def build_parser() -> argparse.ArgumentParser:
    """The options of `inventory`."""
    parser = argparse.ArgumentParser(
        prog="mlsec-lint inventory",
        description="What the config declares: stores and what they hold, workloads "
        "and what they read, write and talk to, identities, copies.",
        epilog="Exit codes: 0, 2 usage, 3 something was not analysed.",
    )
    parser.add_argument("path", nargs="?", default=".", metavar="PATH")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--config", default="")
    parser.add_argument(
        "--assume-weights", choices=("inferred", "declared", "all"), default="inferred"
    )
    parser.add_argument(
        "--all", action="store_true", help="also what has nothing to do with weights"
    )
    return parser


def main(arguments: Sequence[str]) -> int:
    """Print the estate; exit code 3 where something was not analysed."""
    from mlsec_lint.commands.judging import terms
    from mlsec_lint.commands.scan import place
    from mlsec_lint.scan import lost, read, survey

    options = build_parser().parse_args(arguments)
    where = place([options.path])
    _, _, config = terms(where.root, config=options.config)
    reading = read(where.root, where.paths, config)
    estate = survey(reading, config, options.assume_weights)
    if options.format == "json":
        text = _json(estate)
    else:
        from mlsec_lint.report.safe import clean_log

        table = "\n".join(_table(estate, everything=options.all))
        text = clean_log(table) + "\n"
    sys.stdout.write(text)
    return INCOMPLETE if lost(reading, estate) else CLEAN


def _table(estate: Estate, *, everything: bool) -> Iterator[str]:
    from mlsec_lint.report.safe import clean

    for kind in ORDER:
        things = [t for t in estate.of(kind) if everything or _matters(t)]
        hidden = sum(1 for _ in estate.of(kind)) - len(things)
        if not things and not hidden:
            continue
        more = f" ({hidden} more without weights: --all)" if hidden else ""
        yield f"{TITLES[kind]}: {len(things)}{more}"
        for thing in things:
            yield f"  {clean(thing.address)}   {line_of(thing.span)}"
            columns = [
                f"{name}: {clean(_shown(fact))}" for name, fact in _columns(thing)
            ]
            if columns:
                yield f"      {'; '.join(columns)}"
            for evidence in thing.evidence[:3]:
                where = line_of(evidence.span)
                yield f"      weights ({evidence.strength}): {clean(evidence.words)}   {where}"
            if kind == "workload":
                yield from _deeds(estate, thing)
        yield ""


def _deeds(estate: Estate, thing: Thing) -> Iterator[str]:
    from mlsec_lint.report.safe import clean

    for verb in TOLD:
        for edge in estate.edges_from(thing, verb):
            doubt = "" if edge.certain else f" (perhaps: {clean(edge.why)})"
            yield f"      {verb} {clean(edge.target.address)}{doubt}   {line_of(edge.span)}"


def _matters(thing: Thing) -> bool:
    held = thing.fact("weights.held")
    if held is not None and held.value is not False:
        return True
    accelerator = thing.fact("accelerator")
    return accelerator is not None and accelerator.value is True


def _columns(thing: Thing) -> Iterator[tuple[str, Fact]]:
    for name, dotted in COLUMNS[thing.kind]:
        fact = thing.fact(dotted)
        if fact is not None:
            yield name, fact


def _shown(fact: Fact) -> str:
    if fact.sensitive:
        return "(secret)"
    value = fact.value
    if isinstance(value, Unknown):
        return f"unknown ({value.why})"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _json(estate: Estate) -> str:
    import json

    from mlsec_lint.report.safe import json_log

    things = [_thing(thing) for thing in estate.things.values()]
    edges = [_edge(edge) for edge in estate.edges()]
    document = {"version": VERSION, "things": things, "edges": edges}
    return json_log(json.dumps(document, indent=2, ensure_ascii=True)) + "\n"


def _thing(thing: Thing) -> dict[str, Any]:
    return {
        "kind": thing.kind,
        "address": thing.address,
        "name": thing.name,
        "provider": thing.provider,
        "root": thing.root,
        "library": thing.library,
        "location": location(thing.span),
        "facts": {
            name: [_fact(fact) for fact in thing.all_facts(name)]
            for name in thing.facts
        },
        "evidence": [
            {"strength": e.strength, "words": e.words, "location": location(e.span)}
            for e in thing.evidence
        ],
    }


def _fact(fact: Fact) -> dict[str, Any]:
    found: dict[str, Any] = {"location": location(fact.span)}
    if isinstance(fact.value, Unknown):
        found["unknown"] = {
            "kind": fact.value.kind,
            "why": fact.value.why,
            "settled_by": fact.value.name,
        }
    elif not fact.sensitive:
        value = fact.value
        found["value"] = list(value) if isinstance(value, tuple) else value
    if fact.default:
        found["default"] = fact.default
    return found


def _edge(edge: Edge) -> dict[str, Any]:
    return {
        "verb": edge.verb,
        "from": {"kind": edge.source.kind, "address": edge.source.address},
        "to": {"kind": edge.target.kind, "address": edge.target.address},
        "certain": edge.certain,
        "why": edge.why,
        "words": edge.words,
        "location": location(edge.span),
    }
