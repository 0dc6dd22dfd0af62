"""What grants on weights say about who has them: wide ones, lasting ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.azure.grants.answers import either
from mlsec_lint.lower.azure.grants.rights import ACCOUNT, READ, SHARES, WAYS, WRITE
from mlsec_lint.lower.azure.grants.roles import allows, wide_patterns
from mlsec_lint.lower.azure.grants.scopes import breadth

if TYPE_CHECKING:
    from mlsec_lint.lower.azure.grants.assignments import Grant
    from mlsec_lint.lower.azure.grants.deciding import Right
    from mlsec_lint.value import Unknown

#: Roles that administrate what they are given on, weights included.
ADMINISTRATORS = frozenset({"owner", "contributor", "storage blob data owner"})
#: Writing to blobs of accounts that nobody names: a right of the data plane. Who manages
#: accounts of a subscription is told by `grants.broad`.
_WRITES = tuple(
    way.operation
    for way in WAYS[ACCOUNT]
    if way.verb == WRITE and way.needs != SHARES and way.operation.data
)
_WIDE = ("tenant", "management-group", "subscription")


def state_breadth(grant: Grant, found: list[Right]) -> None:
    """Whether the grant is broad, and whether its right to read lasts."""
    reads = [right for right in found if right.way.verb == READ]
    if not reads:
        return
    identity = grant.identity
    doubts = (grant.unknown, *(right.unknown for right in reads))
    unsure = next((doubt for doubt in doubts if doubt is not None), None)
    broad = is_broad(grant)
    value: bool | Unknown = broad
    if grant.role.unknown is not None and not broad:
        value = grant.role.unknown
    elif broad and unsure is not None:
        value = unsure
    identity.also("grants.broad", value, grant.span)
    lasts = not grant.eligible
    identity.also("standing", lasts, grant.span)


def is_broad(grant: Grant) -> bool:
    """An administrator's role, a role of all operations, or a subscription or more."""
    if grant.role.name.lower() in ADMINISTRATORS or wide_patterns(grant.role):
        return True
    return breadth(grant.scope) in _WIDE


def writes_anywhere(grant: Grant) -> bool | Unknown:
    """Whether a grant lets its holder write to every account of a subscription or more."""
    if breadth(grant.scope) not in _WIDE:
        return False
    if grant.unknown is not None:
        return grant.unknown
    return either(allows(grant.role, operation) for operation in _WRITES)
