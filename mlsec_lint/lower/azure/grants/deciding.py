"""Whether a grant gives a right on a weight store: role, condition, scope and store.

Grants of Azure only add up: none takes anything from another (deny assignments are made
by Azure for itself, and no config can state one).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.azure.grants.answers import Answer, both
from mlsec_lint.lower.azure.grants.rights import ACCOUNT, PARTS, WAYS, Way
from mlsec_lint.lower.azure.grants.roles import Operation, Role, allows
from mlsec_lint.lower.azure.grants.scopes import Scope, covers
from mlsec_lint.lower.azure.grants.targets import needed
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.lower.azure.grants.assignments import Grant
    from mlsec_lint.lower.azure.grants.targets import Target

_ACCOUNT_LENGTH = 8  # subscriptions/S/resourceGroups/G/providers/N/storageAccounts/A


class Right(NamedTuple):
    """A right that a grant gives on a store; `unknown` says why it may not.

    Whether the grant itself is certain is not in it.
    """

    way: Way
    unknown: Unknown | None


def decide(role: Role, scope: Scope, operation: Operation, at: Scope) -> Answer:
    """Whether a role at a scope lets somebody do something to the resource at `at`."""
    answer = allows(role, operation)
    return False if answer is False else both((covers(scope, at), answer))


def rights(grant: Grant, target: Target) -> Iterator[Right]:
    """The best right per verb that a grant gives on a weight store."""
    where = covers(grant.scope, target.scope)
    inside = within(grant.scope, target) if where is False else False
    if where is False and inside is False:
        return
    ways, covered = WAYS[target.kind], where
    if where is False:
        ways, covered = PARTS, inside
    best: dict[str, Right] = {}
    for way in ways:
        answer = both((_allowed(grant, way), covered, needed(target, way.needs)))
        known = best.get(way.verb)
        if isinstance(answer, Unknown):
            best.setdefault(way.verb, Right(way, answer))
        elif answer and (known is None or known.unknown is not None):
            best[way.verb] = Right(way, None)
    yield from best.values()


def _allowed(grant: Grant, way: Way) -> Answer:
    return allows(grant.role, way.operation)


def within(scope: Scope, target: Target) -> Answer:
    """Whether a grant is on a part of an account: a container with all of its weights.

    Where the account has one container only, that is all of it; else which of them
    holds the weights is not known.
    """
    if target.kind != ACCOUNT or len(scope.segments) <= _ACCOUNT_LENGTH:
        return False
    whole = Scope(scope.segments[:_ACCOUNT_LENGTH])
    where = covers(whole, target.scope)
    if where is False:
        return False
    if target.parts == 1:
        return where
    why = f"which container of {target.store.name} holds the weights is not known"
    return both((where, Unknown("resource", why, span=target.store.span)))
