"""Where a place of a walk lets weights out: an identity or a workload.

An exit is the rest of a path: what follows the last workload, identity or store of the
walk. Exits of one thing are found once, however many walks come there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.selectors import first
from mlsec_lint.estate.tables import document
from mlsec_lint.estate.walks import Hop
from mlsec_lint.trace.behind import is_component, sort_of
from mlsec_lint.trace.holders import doubt_of
from mlsec_lint.trace.paths.giving import Exit, countries_of
from mlsec_lint.trace.paths.network import network_exits
from mlsec_lint.trace.paths.uploads import upload_exits
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Thing


def exits_of(estate: Estate, mode: str, thing: Thing) -> tuple[Exit, ...]:
    """The exits of a place of a walk; () for those between."""
    if mode == "who":
        return tuple(_of_identity(estate, thing))
    if mode in ("work", "enter"):
        return tuple(_of_workload(estate, thing))
    return ()


# -- identities -------------------------------------------------------------------


def _of_identity(estate: Estate, identity: Thing) -> Iterator[Exit]:
    partner = _partner(identity)
    if partner is not None:
        yield partner
        if partner.unknown is None:
            return
    match sort_of(identity):
        case "everyone":
            yield Exit("internet", "", "public")
        case "account":
            name = identity.address.partition(":")[2] or identity.name
            yield Exit("account", name, "grant")
        case "user" | "group":
            yield Exit("person", "", "grant")
        case "ci":
            yield Exit("service", _issuer(identity), "ci")
        case "kubernetes-subject":
            if not is_component(identity.name) and not _is_known(estate, identity):
                yield Exit("person", "", "grant")
        case _:
            person = identity.fact("person")
            if person is not None and person.value is True:
                yield Exit("person", "", "grant")


def _partner(identity: Thing) -> Exit | None:
    """The account behind an identity of its own that is not the lab's."""
    foreign, account = identity.fact("foreign"), identity.fact("account")
    if foreign is None or foreign.value is False or sort_of(identity) == "account":
        return None
    unknown = foreign.value if isinstance(foreign.value, Unknown) else None
    known = account is not None and isinstance(account.value, str)
    name = str(account.value) if account is not None and known else ""
    return Exit("account", name or f"unknown({identity.name})", "grant", (), unknown)


def _is_known(estate: Estate, subject: Thing) -> bool:
    """Whether the scan says who a subject of a cluster is."""
    return any(edge.certain for edge in estate.edges_to(subject, "counts as"))


def _issuer(identity: Thing) -> str:
    """The host that issues the tokens of a CI system."""
    stated = identity.fact("issuer")
    if stated is not None and isinstance(stated.value, str):
        return stated.value
    return identity.address.partition(":")[2] or identity.name


# -- workloads --------------------------------------------------------------------


def _of_workload(estate: Estate, workload: Thing) -> Iterator[Exit]:
    yield from (Exit(*found) for found in network_exits(estate, workload))
    yield from (Exit(*found) for found in upload_exits(estate, workload))
    yield from _dashboards(estate, workload)
    yield from _interactive(workload)
    yield from _placed(workload)


def _dashboards(estate: Estate, workload: Thing) -> Iterator[Exit]:
    """Dashboards that run code for everyone on the internet without a login.

    Those of the workload itself, and of what hands it jobs.
    """
    yield from _own_dashboards(estate, workload)
    for edge in estate.edges_to(workload, "hands jobs to"):
        head, unsure = edge.source, doubt_of(edge)
        hop = Hop(head.address, edge.span, edge.words, head, unsure)
        for out in _own_dashboards(estate, head):
            unknown = first(unsure, out.unknown)
            hops = (hop, *out.hops)
            yield out._replace(hops=hops, unknown=unknown, entry=head.address)


def _own_dashboards(estate: Estate, workload: Thing) -> Iterator[Exit]:
    for edge in estate.edges_to(workload, "exposes"):
        service = edge.source
        surface, anonymous = service.fact("surface"), service.fact("anonymous.from")
        if surface is None or surface.value != "dashboard" or anonymous is None:
            continue
        if _charts_only(service):
            continue
        doubt = doubt_of(edge)
        if isinstance(anonymous.value, Unknown):
            doubt = first(doubt, anonymous.value)
        elif anonymous.value != "internet":
            continue
        words = f"{service.name} answers to anyone on the internet without a login"
        hop = Hop(
            service.address,
            anonymous.span,
            words,
            service,
            doubt,
            anonymous.trail,
            ("access-ml-dashboard",),
        )
        yield Exit("internet", "", "dashboard", (hop,), doubt)


def _charts_only(service: Thing) -> bool:
    """Whether a dashboard shows charts, and neither runs code nor hands out files."""
    name = service.fact("surface.name")
    rows = document("ml_surfaces.json")["rows"]
    return name is not None and any(
        row["name"] == name.value and row.get("charts_only") for row in rows
    )


def _interactive(workload: Thing) -> Iterator[Exit]:
    """People who work in a workload, or may open a shell by a setting of its own."""
    for name, by, words in (
        ("session.notebook", "interactive", "people work in {} and run what they like"),
        ("session.enabled", "enter", "{} has a shell or desktop for people"),
    ):
        for fact in workload.all_facts(name):
            if fact.value is False:
                continue
            doubt = fact.value if isinstance(fact.value, Unknown) else None
            text = words.format(workload.name)
            controls = ("access-human-read", "access-interactive-debug")
            address = workload.address
            hop = Hop(address, fact.span, text, workload, doubt, fact.trail, controls)
            yield Exit("person", "", by, (hop,), doubt)


def _placed(workload: Thing) -> Iterator[Exit]:
    """Each country that the workload lies in or may be put in, by what is written."""
    controls = ("region-deny-list", "region-allow-list", "region-unpinned-scheduler")
    for fact in workload.all_facts("place.countries"):
        for country in countries_of(fact):
            words = f"{workload.name} runs, or may be put, in {country}"
            hop = Hop(
                workload.address,
                fact.span,
                words,
                workload,
                None,
                fact.trail,
                controls,
            )
            yield Exit("place", country, "place", (hop,))
