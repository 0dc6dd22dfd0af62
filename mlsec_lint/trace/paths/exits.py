"""Where a place lets weights out: of a workload, of an identity, of a store.

An exit is the rest of a path: what follows the last workload, identity or store of the
walk. Exits of one thing are found once, however many walks come there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate.selectors import first
from mlsec_lint.estate.walks import Hop
from mlsec_lint.trace.behind import is_component, sort_of
from mlsec_lint.trace.holders import doubt_of
from mlsec_lint.trace.paths.network import network_exits
from mlsec_lint.trace.paths.uploads import upload_exits
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Edge, Estate, Fact, Thing


class Exit(NamedTuple):
    """One way out of a place: fields as in `Path`; `hops` follow the place."""

    sink: str
    name: str
    by: str
    hops: tuple[Hop, ...] = ()
    unknown: Unknown | None = None


def exits_of(estate: Estate, mode: str, thing: Thing) -> tuple[Exit, ...]:
    """The exits of a place of a walk; () for those between."""
    if mode == "who":
        return tuple(_of_identity(estate, thing))
    if mode in ("work", "enter"):
        return tuple(_of_workload(estate, thing))
    return ()


# -- identities -------------------------------------------------------------------


def _of_identity(estate: Estate, identity: Thing) -> Iterator[Exit]:
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
    """Dashboards that run code for everyone on the internet without a login."""
    for edge in estate.edges_to(workload, "exposes"):
        service = edge.source
        surface, anonymous = service.fact("surface"), service.fact("anonymous.from")
        if surface is None or surface.value != "dashboard" or anonymous is None:
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
        for country in _countries(fact):
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


def _countries(fact: Fact) -> tuple[str, ...]:
    """Countries as known; those of all possible values where they are listed."""
    value = fact.value
    if isinstance(value, tuple):
        return value
    if isinstance(value, Unknown) and value.possible:
        found = [m.text() for v in value.possible for m in v.elements()]
        return tuple(dict.fromkeys(text for text in found if isinstance(text, str)))
    return ()


# -- stores -----------------------------------------------------------------------

_SHARING = ("weights-snapshot-not-shared", "weights-registry-private")
_OPEN = (
    "weights-no-public-access",
    "egress-public-front",
    "access-no-public-principal",
)


def exits_of_store(estate: Estate, store: Thing) -> Iterator[Exit]:
    """How a store itself gives its bytes away: opened, shared, copied."""
    yield from _opened(store)
    yield from _shared(store)
    for edge in estate.edges_from(store, "is copied by"):
        yield from _copied(edge)


def _opened(store: Thing) -> Iterator[Exit]:
    blocked = store.fact("public.blocked")
    if blocked is not None and blocked.value is True:
        return
    for name, words in (
        ("public.acl", "its access list names everyone"),
        ("public.principal", "a policy or binding of it names everyone"),
        ("front.public", "a public front serves from it"),
        ("export.public", "a signed link exports it by a public endpoint"),
    ):
        for fact in store.all_facts(name):
            if fact.value is True:
                hop = Hop(
                    store.address, fact.span, words, store, None, fact.trail, _OPEN
                )
                yield Exit("internet", "", "public", (hop,))


def _shared(store: Thing) -> Iterator[Exit]:
    for fact in store.all_facts("shared.public"):
        if fact.value is True:
            words = "a permission gives it to every account"
            hop = Hop(
                store.address, fact.span, words, store, None, fact.trail, _SHARING
            )
            yield Exit("account", "*", "sharing", (hop,))
    for fact in store.all_facts("shared.accounts"):
        for account in fact.value if isinstance(fact.value, tuple) else ():
            words = f"a permission gives it to {account}"
            hop = Hop(
                store.address, fact.span, words, store, None, fact.trail, _SHARING
            )
            yield Exit("account", account, "sharing", (hop,))


_COPYING = {
    "replication": (
        "region-replication",
        "egress-cross-account-replication",
        "region-deny-list",
        "region-allow-list",
    ),
    "backup": ("region-backup-copy", "weights-snapshot-not-shared"),
}


def _copied(edge: Edge) -> Iterator[Exit]:
    """The account and the countries that a copy goes to."""
    copy, doubt = edge.target, doubt_of(edge)
    sort = copy.fact("type")
    by = "backup" if sort is not None and sort.value == "backup" else "replication"
    controls = _COPYING[by]
    to_copy = Hop(
        copy.address,
        edge.span,
        edge.words or f"{copy.name} copies it",
        copy,
        doubt,
        (),
        controls,
    )
    account = copy.fact("account")
    if account is not None and isinstance(account.value, str):
        words = f"the copy goes to account {account.value}"
        hop = to_copy._replace(span=account.span, words=words, trail=account.trail)
        yield Exit("account", account.value, by, (to_copy, hop), doubt)
    for fact in copy.all_facts("place.countries"):
        for country in _countries(fact):
            hop = to_copy._replace(
                span=fact.span, words=f"the copy lies in {country}", trail=fact.trail
            )
            yield Exit("place", country, by, (to_copy, hop), doubt)
