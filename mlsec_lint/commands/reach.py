"""`mlsec-lint reach WORKLOAD [PATH...]`: where its connections can go, by what lines."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from mlsec_lint.commands import CLEAN, INCOMPLETE, UsageError
from mlsec_lint.commands.telling import line_of, location, perhaps, settled_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.trace.hops import Hop, Out
    from mlsec_lint.value import Unknown

#: Version of the JSON form (docs/reach.md).
VERSION = 1
SINKS = {
    "internet": "the internet",
    "any-store": "stores of every owner",
    "account": "account",
    "host": "host",
}
#: So many destinations of policies are shown of one workload as text.
_MOST = 20


def build_parser() -> argparse.ArgumentParser:
    """The options of `reach`."""
    parser = argparse.ArgumentParser(
        prog="mlsec-lint reach",
        description="Where connections of a workload can go: the internet, hosts, stores "
        "of every owner, other accounts; through which lines; certain, or possible with "
        "what is not known.",
        epilog="Exit codes: 0, 2 usage, 3 something was not analysed.",
    )
    parser.add_argument(
        "workload",
        metavar="WORKLOAD",
        help="address or name of workloads, * for anything; `weights` for all that "
        "handle weights",
    )
    parser.add_argument("path", nargs="*", metavar="PATH")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--config", default="")
    parser.add_argument(
        "--assume-weights", choices=("inferred", "declared", "all"), default="inferred"
    )
    return parser


def main(arguments: Sequence[str]) -> int:
    """Print where workloads reach; exit code 3 where something was not analysed."""
    from mlsec_lint.commands.judging import terms
    from mlsec_lint.commands.scan import place
    from mlsec_lint.scan import lost, read, survey
    from mlsec_lint.trace.reach import reaches

    options = build_parser().parse_args(arguments)
    where = place(options.path)
    _, _, config = terms(where.root, config=options.config)
    reading = read(where.root, where.paths, config)
    estate = survey(reading, config, options.assume_weights)
    found = [
        (workload, reaches(estate, workload))
        for workload in _workloads(estate, options.workload)
    ]
    unread = lost(reading, estate)
    if options.format == "json":
        text = _json(found, incomplete=bool(unread))
    else:
        from mlsec_lint.report.safe import clean_log

        text = clean_log("\n".join(_text(found, unread))) + "\n"
    sys.stdout.write(text)
    return INCOMPLETE if unread else CLEAN


def _workloads(estate: Estate, pattern: str) -> list[Thing]:
    """The workloads of a name, or those with weights. UsageError where none has it."""
    from mlsec_lint.estate.wildcards import wildcard
    from mlsec_lint.rules.strict import did_you_mean

    workloads = list(estate.of("workload"))
    if pattern == "weights":
        return [one for one in workloads if _held(one)]
    found = [
        one
        for one in workloads
        if any(wildcard(pattern, name) for name in (one.address, one.name, *one.names))
    ]
    if not found:
        hint = did_you_mean(pattern, [one.address for one in workloads])
        raise UsageError(f"{pattern}: no workload of that address or name{hint}")
    return found


def _held(workload: Thing) -> bool:
    fact = workload.fact("weights.held")
    return fact is not None and fact.value is True


_Found = list[tuple["Thing", "tuple[Out, ...]"]]


def _text(found: _Found, lost: int) -> Iterator[str]:
    from mlsec_lint.report.safe import clean

    if not found:
        yield "No workload in here is known to handle weights."
    for workload, outs in found:
        yield f"{clean(workload.address)}   {line_of(workload.span)}"
        if not outs:
            yield "  no way out: nothing leaves its network"
        for together in _grouped(outs):
            yield from _shown(together)
        destinations = workload.fact("egress.destinations")
        if destinations is not None and isinstance(destinations.value, tuple):
            yield "  its policies let it connect to:"
            for text in destinations.value[:_MOST]:
                yield f"      {clean(text)}"
        yield ""
    if lost:
        words = f"What was not read or not understood ({lost}) may open more"
        yield f"{words}: see `mlsec-lint scan`."


def _grouped(outs: tuple[Out, ...]) -> list[list[Out]]:
    """Sinks that are reached the same way, together."""
    groups: dict[object, list[Out]] = {}
    for out in outs:
        groups.setdefault((out.hops, out.unknown), []).append(out)
    return list(groups.values())


def _shown(together: list[Out]) -> Iterator[str]:
    from mlsec_lint.report.safe import clean

    names = [
        f"{SINKS[out.sink]}{f' {clean(out.name)}' if out.name else ''}"
        for out in together
    ]
    out = together[0]
    sure = "certain" if out.unknown is None else "possible"
    yield f"  {', '.join(names)}   {sure}"
    for hop in out.hops:
        yield f"      {clean(hop.address)}: {clean(hop.words)}   {line_of(hop.span)}"
    if out.unknown is not None:
        yield f"      {perhaps(out.unknown)}"


def _json(found: _Found, *, incomplete: bool) -> str:
    import json

    from mlsec_lint.report.safe import json_log

    document = {
        "version": VERSION,
        "incomplete": incomplete,
        "workloads": [_workload(*one) for one in found],
    }
    return json_log(json.dumps(document, indent=2, ensure_ascii=True)) + "\n"


def _workload(workload: Thing, outs: tuple[Out, ...]) -> dict[str, Any]:
    destinations = workload.fact("egress.destinations")
    told = destinations.value if destinations is not None else ()
    return {
        "address": workload.address,
        "weights": _held(workload),
        "location": location(workload.span),
        "outs": [
            {
                "sink": out.sink,
                "name": out.name,
                "certain": out.unknown is None,
                **_doubt(out.unknown),
                "hops": [_hop(hop) for hop in out.hops],
            }
            for out in outs
        ],
        "policies": list(told) if isinstance(told, tuple) else [],
    }


def _doubt(unknown: Unknown | None) -> dict[str, Any]:
    if unknown is None:
        return {}
    return {"why": unknown.why, "settled_by": list(settled_by(unknown))}


def _hop(hop: Hop) -> dict[str, Any]:
    return {
        "address": hop.address,
        "kind": hop.thing.kind if hop.thing is not None else "",
        "words": hop.words,
        "certain": hop.unknown is None,
        **_doubt(hop.unknown),
        "location": location(hop.span),
    }
