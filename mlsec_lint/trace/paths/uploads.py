"""Exits by what a job sends on purpose: hubs, trackers, upload commands, endpoints.

A network that certainly lets nothing out to the host closes them; one that is not known
does not: whoever wrote the upload means it to work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.selectors import first
from mlsec_lint.estate.walks import Hop
from mlsec_lint.trace.forwarding import may_forward
from mlsec_lint.trace.holders import doubt_of
from mlsec_lint.trace.paths.network import lets_out
from mlsec_lint.trace.reach import reaches
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Edge, Estate, Fact, Thing
    from mlsec_lint.trace.paths.network import Found

#: Channel of an upload: the name of the way, and the controls that would close it.
_CHANNELS = {
    "hub": ("hub", ("egress-hub-upload",)),
    "tracker": ("tracker", ("egress-tracker-artifacts", "egress-tracker-saas")),
    "command": ("upload", ("egress-upload-command",)),
    "transfer": ("transfer", ("egress-transfer-service",)),
    "replication": ("replication", ("egress-cross-account-replication",)),
}


def upload_exits(estate: Estate, workload: Thing) -> Iterator[Found]:
    """The outside services that a workload or its programs send weights to."""
    edges = list(estate.edges_from(workload, "sends"))
    for runs in estate.edges_from(workload, "runs"):
        edges += estate.edges_from(runs.target, "sends")
    seen: set[int] = set()
    for edge in edges:
        if id(edge.target) not in seen:
            seen.add(id(edge.target))
            yield from _upload(estate, workload, edge)
    yield from _endpoints(estate, workload)


def _upload(estate: Estate, workload: Thing, edge: Edge) -> Iterator[Found]:
    upload = edge.target
    carries, internal = upload.fact("carries"), upload.fact("destination.internal")
    unsure = None
    if carries is None or carries.value != "weights":
        unsure = may_forward(estate, upload) if carries is not None else None
        if unsure is None:
            return
    if internal is not None and internal.value is True:
        return
    enabled, channel = upload.fact("enabled"), upload.fact("channel")
    if enabled is not None and enabled.value is False:
        return
    host = _text(upload.fact("destination.host"))
    name = host or _text(upload.fact("service"))
    if not name or not lets_out(reaches(estate, workload), host or name):
        return
    by, controls = _CHANNELS.get(_text(channel), ("upload", ()))
    doubt = first(unsure, doubt_of(edge), _unknown(enabled), _unknown(internal))
    stated = upload.fact("destination.host") or enabled
    trail = stated.trail if stated is not None else ()
    words = f"{upload.name} sends weights to {name}"
    hop = Hop(upload.address, edge.span, words, upload, doubt, trail, controls)
    if "://" in name:
        hop = hop._replace(controls=(*controls, "egress-foreign-destination"))
        yield "account", f"unknown({name})", "foreign-store", (hop,), doubt
    else:
        yield "service", name, by, (hop,), doubt


def _endpoints(estate: Estate, workload: Thing) -> Iterator[Found]:
    """Hosts that a client of a store is pointed at instead of the store's own."""
    for edge in estate.edges_from(workload, "is pointed at"):
        endpoint = edge.target
        own, stated = endpoint.fact("host.own"), endpoint.fact("host")
        if _text(endpoint.fact("service")) == "hub":
            continue  # models come from there; what is pushed is an upload of its own
        if stated is None or (own is not None and own.value is True):
            continue
        host = _text(stated)
        if host and not lets_out(reaches(estate, workload), host):
            continue
        name = host or f"unknown({_text(endpoint.fact('setting'))})"
        doubt = first(doubt_of(edge), _unknown(stated), _unknown(own))
        words = f"its client of the store talks to {name}"
        controls = ("egress-endpoint-override",)
        hop = Hop(endpoint.address, edge.span, words, endpoint, doubt, (), controls)
        yield "service", name, "endpoint", (hop,), doubt


def redirected(
    estate: Estate, store: Thing
) -> Iterator[tuple[Edge, tuple[Found, ...]]]:
    """Uses of a store whose client talks to another host: that is where weights go.

    Whether the store itself is reached is in doubt; that the host is, is not.
    """
    for verb in ("writes", "reads"):
        for edge in estate.edges_to(store, verb):
            if edge.certain or edge.source.kind != "workload":
                continue
            found = tuple(
                one for one in _endpoints(estate, edge.source) if one[1] in edge.why
            )
            if found:
                yield edge, found


def _text(fact: Fact | None) -> str:
    return fact.value if fact is not None and isinstance(fact.value, str) else ""


def _unknown(fact: Fact | None) -> Unknown | None:
    return fact.value if fact is not None and isinstance(fact.value, Unknown) else None
