"""How a store gives its bytes away by itself: opened, shared, copied, moved."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate.selectors import first
from mlsec_lint.estate.walks import Hop
from mlsec_lint.trace.behind import sort_of
from mlsec_lint.trace.holders import doubt_of
from mlsec_lint.trace.paths.steps import OUTSIDE
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mlsec_lint.estate import Edge, Estate, Fact, Thing
    from mlsec_lint.trace.holders import First


class Exit(NamedTuple):
    """One way out of a place: fields as in `Path`; `hops` follow the place.

    `entry` is the entry point where it is not the place itself.
    """

    sink: str
    name: str
    by: str
    hops: tuple[Hop, ...] = ()
    unknown: Unknown | None = None
    entry: str = ""


_SHARING = ("weights-snapshot-not-shared", "weights-registry-private")
_OPEN = (
    "weights-no-public-access",
    "egress-public-front",
    "access-no-public-principal",
)


#: Facts by which a store is open to everyone or to accounts.
_OPENING = ("public.acl", "public.principal", "shared.public", "shared.accounts")


def within_reach(firsts: Iterable[First], stores: list[Thing]) -> Iterator[First]:
    """The first readers without those that the store itself answers for.

    Whom a fact of the store lets in is told by `exits_of_store`, an account of which the
    identity is too; who reads as everyone is kept out where the store blocks that.
    """
    facts = [f for s in stores for name in _OPENING for f in s.all_facts(name)]
    spans = {fact.span for fact in facts}
    public = any(fact.value is True for fact in facts)
    blocks = [s.fact("public.blocked") for s in stores]
    blocked = any(fact is not None and fact.value is True for fact in blocks)
    listed = {
        name for fact in facts if isinstance(fact.value, tuple) for name in fact.value
    }
    for one in firsts:
        sort = sort_of(one.thing)
        if sort == "everyone" and (public or blocked):
            continue
        if listed and one.mode == "who" and _belongs(one.thing) in listed:
            continue
        if sort not in OUTSIDE or one.hops[-1].span not in spans:
            yield one


def _belongs(identity: Thing) -> str:
    """The account of an identity that is certainly not the lab's; "" for others."""
    foreign, account = identity.fact("foreign"), identity.fact("account")
    if foreign is None or foreign.value is not True or account is None:
        return ""
    return account.value if isinstance(account.value, str) else ""


def exits_of_store(estate: Estate, store: Thing) -> Iterator[Exit]:
    """How a store itself gives its bytes away: opened, shared, copied."""
    yield from _opened(store)
    yield from _shared(store)
    for edge in estate.edges_from(store, "is copied by"):
        yield from _copied(estate, edge, images=_is_registry(store))
    for edge in estate.edges_from(store, "is moved by"):
        yield from _moved(edge)


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


def _whether(copy: Thing) -> Unknown | None:
    """Why a copy may not be made: its place is unknown then, with its options."""
    region = copy.fact("place.region")
    if region is None or not isinstance(region.value, Unknown):
        return None
    return region.value if region.value.possible is not None else None


def _is_registry(store: Thing) -> bool:
    """Whether what it keeps are images."""
    sort = store.fact("type")
    return sort is not None and sort.value == "registry"


def _shared(store: Thing) -> Iterator[Exit]:
    by = "image" if _is_registry(store) else "sharing"
    for fact in store.all_facts("shared.public"):
        if fact.value is True:
            words = "a permission gives it to every account"
            hop = Hop(
                store.address, fact.span, words, store, None, fact.trail, _SHARING
            )
            yield Exit("account", "*", by, (hop,))
    for fact in store.all_facts("shared.accounts"):
        for account in fact.value if isinstance(fact.value, tuple) else ():
            words = f"a permission gives it to {account}"
            hop = Hop(
                store.address, fact.span, words, store, None, fact.trail, _SHARING
            )
            yield Exit("account", account, by, (hop,))


_COPYING = {
    "replication": (
        "region-replication",
        "egress-cross-account-replication",
        "region-deny-list",
        "region-allow-list",
    ),
    "backup": ("region-backup-copy", "weights-snapshot-not-shared"),
}


def _copied(estate: Estate, edge: Edge, *, images: bool) -> Iterator[Exit]:
    """The account and the countries that a copy goes to."""
    copy, doubt = edge.target, doubt_of(edge)
    sort = copy.fact("type")
    by = "backup" if sort is not None and sort.value == "backup" else "replication"
    by, controls = ("image" if images else by), _COPYING[by]
    to_copy = Hop(
        copy.address,
        edge.span,
        edge.words or f"{copy.name} copies it",
        copy,
        doubt,
        (),
        controls,
    )
    targets = tuple(
        Hop(
            to.target.address,
            to.span,
            f"{to.target.name} receives it",
            to.target,
            doubt_of(to),
            (),
            controls,
        )
        for to in estate.edges_from(copy, "copies to")[:1]
    )
    account, foreign = copy.fact("account"), copy.fact("target.foreign")
    own = foreign is not None and foreign.value is False
    if account is not None and isinstance(account.value, str) and not own:
        words = f"the copy goes to account {account.value}"
        unsure = first(doubt, _whether(copy))
        hop = to_copy._replace(
            span=account.span, words=words, trail=account.trail, unknown=unsure
        )
        yield Exit("account", account.value, by, (hop, *targets), unsure)
    uri = copy.fact("target.uri")
    if foreign is not None and uri is not None and foreign.value is not False:
        words = f"the copy goes to {uri.value}, which nothing declares"
        stated = foreign.value if isinstance(foreign.value, Unknown) else None
        unsure = first(doubt, stated)
        hop = to_copy._replace(span=foreign.span, words=words, unknown=unsure)
        yield Exit("account", f"unknown({uri.value})", by, (hop,), unsure)
    for fact in copy.all_facts("place.countries"):
        for country in countries_of(fact):
            hop = to_copy._replace(
                span=fact.span, words=f"the copy lies in {country}", trail=fact.trail
            )
            yield Exit("place", country, by, (hop, *targets), doubt)


def _moved(edge: Edge) -> Iterator[Exit]:
    """A managed service that takes the contents elsewhere."""
    transfer = edge.target
    external, where = transfer.fact("external"), transfer.fact("destination")
    if external is None or external.value is False:
        return
    name = where.value if where is not None and isinstance(where.value, str) else ""
    doubt = doubt_of(edge)
    if doubt is None and isinstance(external.value, Unknown):
        doubt = external.value
    words = f"{transfer.name} moves it to {name or 'somewhere outside'}"
    controls = ("egress-transfer-service",)
    span, trail = external.span, external.trail
    hop = Hop(transfer.address, span, words, transfer, doubt, trail, controls)
    yield Exit("service", name or transfer.name, "transfer", (hop,), doubt)


def countries_of(fact: Fact) -> tuple[str, ...]:
    """Countries as known; those of all possible values where they are listed."""
    value = fact.value
    if isinstance(value, tuple):
        return value
    if isinstance(value, Unknown) and value.possible:
        found = [m.text() for v in value.possible for m in v.elements()]
        return tuple(dict.fromkeys(text for text in found if isinstance(text, str)))
    return ()
