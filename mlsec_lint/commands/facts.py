"""`mlsec-lint facts`: the facts, kinds and verbs that rules can ask for."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: The word for what is no kind of thing, but can be asked for all the same.
PATHS = "paths"


def main(arguments: Sequence[str]) -> int:
    """Print the table of facts, of all kinds or of those named."""
    from mlsec_lint.estate.facts import KINDS

    parser = argparse.ArgumentParser(
        prog="mlsec-lint facts",
        description="The facts that rules can ask for, by kind of thing.",
    )
    known = [*KINDS, PATHS]
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=", ".join(known))
    options = parser.parse_args(arguments)
    for kind in options.kinds:
        if kind not in known:
            from mlsec_lint.commands import UsageError

            raise UsageError(f"no kind {kind!r}; there are {', '.join(known)}")
    chosen = options.kinds or known
    lines = list(_lines([kind for kind in chosen if kind != PATHS]))
    if PATHS in chosen:
        lines += _paths()
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _paths() -> Iterator[str]:
    """What rules about paths can name: where paths end, and by what."""
    from mlsec_lint.estate.walks import SINKS, WAYS

    yield f"{PATHS}: ways out of stores that hold weights (`find path`)"
    for name, sink in SINKS.items():
        yield f"  sink {name}"
        yield f"      {sink.meaning}"
    for name, meaning in WAYS.items():
        yield f"  by {name}"
        yield f"      {meaning}"
    yield ""


def _lines(kinds: Sequence[str]) -> Iterator[str]:
    from mlsec_lint.estate.facts import FACTS, KINDS
    from mlsec_lint.estate.verbs import VERBS

    for kind in kinds:
        yield f"{kind}: {KINDS[kind]}"
        for name, fact in FACTS[kind].items():
            values = f" ({', '.join(fact.values)})" if fact.values else ""
            yield f"  {name}: {fact.type}{values}"
            yield f"      {fact.meaning}"
            if fact.absent != "not applicable":
                yield f"      absent: {fact.absent}"
        for verb, (meaning, starts, ends) in VERBS.items():
            if kind in starts:
                yield f"  -> {verb} {' | '.join(ends)}: {meaning}"
        yield ""
