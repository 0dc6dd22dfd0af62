"""From grants to edges: who may read, write or open which weight store of Azure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.lower.azure.grants.deciding import rights
from mlsec_lint.lower.azure.grants.facts import state_breadth, writes_anywhere
from mlsec_lint.lower.azure.grants.nearby import Nearby
from mlsec_lint.lower.azure.grants.rights import READ, WRITE
from mlsec_lint.source import Note
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.azure.grants.assignments import Grant
    from mlsec_lint.lower.azure.grants.targets import Target

#: How many pairs of a grant and a weight store are looked at.
MAX_PAIRS = 100_000
_ANY_STORE = "any-store:azure"


def link_grants(estate: Estate, grants: list[Grant], targets: list[Target]) -> None:
    """An edge for each verb that a grant gives on a weight store."""
    pairs = 0
    readers: dict[int, Thing] = {}
    nearby = Nearby((target, target.scope) for target in targets)
    for grant in grants:
        for target, _ in nearby.about(grant.scope):
            pairs += 1
            if pairs > MAX_PAIRS:
                _too_many(estate, grant)
                return
            if _link(estate, grant, target):
                readers[id(grant.identity)] = grant.identity
    for grant in grants:
        if id(grant.identity) in readers:
            _anywhere(estate, grant)


def _link(estate: Estate, grant: Grant, target: Target) -> bool:
    """The edges of one grant on one store; whether it may read it."""
    found = list(rights(grant, target))
    for way, unknown in found:
        doubt = unknown if unknown is not None else grant.unknown
        words = f"the role {grant.role.name} {way.words}"
        if grant.eligible:
            words = f"{words}, once activated"
        estate.link(
            grant.identity,
            way.verb,
            target.store,
            grant.span,
            words,
            certain=doubt is None,
            why=doubt.why if doubt is not None else "",
        )
    state_breadth(grant, found)
    return any(right.way.verb == READ for right in found)


def _anywhere(estate: Estate, grant: Grant) -> None:
    """That a reader of weights writes to all accounts of a subscription, if it may."""
    answer = writes_anywhere(grant)
    grant.identity.also("writes.any_store", answer, grant.where)
    if answer is False:
        return
    thing = Thing(
        "destination", _ANY_STORE, "any storage account of Azure", grant.where, "azure"
    )
    thing = estate.add(thing)
    if "type" not in thing.facts:
        thing.state("type", "any-store", grant.where)
    doubt = answer if isinstance(answer, Unknown) else None
    estate.link(
        grant.identity,
        WRITE,
        thing,
        grant.where,
        f"the role {grant.role.name} on this lets it write to every account in there",
        certain=doubt is None,
        why=doubt.why if doubt is not None else "",
    )


def _too_many(estate: Estate, grant: Grant) -> None:
    text = f"more than {MAX_PAIRS} pairs of role assignments and weight stores"
    text += ": not all were joined"
    note = Note("bound", text, grant.span.path, grant.span, incomplete=True)
    estate.note([note])
