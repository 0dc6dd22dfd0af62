"""From the exits of a network to sinks: the internet, hosts, stores of anyone, accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.selectors import first
from mlsec_lint.trace.hops import Out
from mlsec_lint.trace.openings import public, wide
from mlsec_lint.trace.pod_egress import ANY_HOST
from mlsec_lint.trace.routes import store_behind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.trace.openings import Name, Opening
    from mlsec_lint.trace.routes import Exit
    from mlsec_lint.value import Unknown

#: So many single hosts and ranges of one exit are told.
MAX_HOSTS = 50
#: The clouds whose storage service is reached wherever the internet is.
CLOUDS = ("aws", "gcp", "azure")


def outs_of(exit_: Exit) -> Iterator[Out]:
    """The sinks behind an exit, each with the doubt of the exit and its own."""
    match exit_.opens:
        case "store":
            yield _out("any-store", exit_.name, exit_)
        case "account":
            if exit_.opening.most:
                unsure = None if exit_.opening.least else exit_.opening.why()
                yield _out("account", exit_.name, exit_, unsure)
        case _:
            yield from _outside(exit_)


def _outside(exit_: Exit) -> Iterator[Out]:
    """What an exit to the internet opens, by what the filters before it left."""
    opening = exit_.opening
    everything = [name for name in opening.names if name.host in ANY_HOST]
    if wide(opening.most) or everything:
        sure = wide(opening.least) or any(n.unknown is None for n in everything)
        unsure = None if sure else opening.why()
        yield _out("internet", "", exit_, unsure)
        for cloud in _clouds(exit_):
            yield _out("any-store", cloud, exit_, unsure)
        if sure:
            return
    else:
        yield from _ranges(exit_, opening)
    yield from _hosts(exit_, opening)


def _clouds(exit_: Exit) -> tuple[str, ...]:
    """The storage service nearest to the network: that of its own cloud."""
    return (exit_.provider,) if exit_.provider in CLOUDS else CLOUDS


def _ranges(exit_: Exit, opening: Opening) -> Iterator[Out]:
    """Public addresses that are open and no internet at large: an allow-list."""
    sure = {where for where, _ in public(opening.least)}
    for where, _ in public(opening.most)[:MAX_HOSTS]:
        unsure = None if where in sure else opening.why()
        yield _out("host", where.text(), exit_, unsure)


def _hosts(exit_: Exit, opening: Opening) -> Iterator[Out]:
    named: dict[str, Name] = {}
    for name in opening.names:
        if name.host not in ANY_HOST:
            held = named.get(name.host)
            if held is None or held.unknown is not None:
                named[name.host] = name
    for name in list(named.values())[:MAX_HOSTS]:
        yield _out("host", name.host, exit_, name.unknown)
        service = store_behind(name.host)
        if service:
            yield _out("any-store", service, exit_, name.unknown)


def _out(sink: str, name: str, exit_: Exit, unsure: Unknown | None = None) -> Out:
    return Out(sink, name, exit_.hops, first(exit_.unknown, unsure))
