"""Which statements can be about which resource, without asking one by one.

A pattern whose bucket or role is written out is about that one only: so statements and
resources are joined by it, and only wildcards and unknown names are compared with all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.aws.grants.decide import acts_on
from mlsec_lint.lower.aws.grants.match import NO, NUL

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mlsec_lint.lower.aws.grants.clause import Clause
    from mlsec_lint.lower.aws.grants.holders import Holder

_OPEN = ("*", "?", "${", NUL)


def key_of(name: str) -> str | None:
    """What an ARN is about, written out: the bucket, the role; None where it is open."""
    fields = name.split(":", 5)
    if len(fields) < 6 or any(sign in fields[2] for sign in _OPEN):
        return None
    inner = fields[5]
    if fields[2] == "s3" and not fields[3]:
        inner = inner.partition("/")[0]
    return None if any(sign in inner for sign in _OPEN) else inner


def keys_of(clauses: Iterable[Clause]) -> frozenset[str] | None:
    """All that some statements are about; None where one may be about anything."""
    found: set[str] = set()
    for clause in clauses:
        if clause.doubt or clause.not_resources or not clause.resources:
            return None
        for pattern in clause.resources:
            key = key_of(pattern)
            if key is None:
                return None
            found.add(key)
    return frozenset(found)


class ByResource:
    """Holders by the resources that their Allows of some actions are about."""

    def __init__(self, holders: Iterable[Holder], actions: Sequence[str]) -> None:
        self._keyed: dict[str, list[tuple[int, Holder]]] = {}
        self._open: list[tuple[int, Holder]] = []
        self._all: list[tuple[int, Holder]] = []
        for number, holder in enumerate(holders):
            speaking = [
                clause
                for clause in holder.clauses
                if not clause.doubt
                and clause.effect != "Deny"
                and any(acts_on(clause, action) is not NO for action in actions)
            ]
            if not speaking:
                continue
            self._all.append((number, holder))
            keys = keys_of(speaking)
            if keys is None:
                self._open.append((number, holder))
            for key in keys or ():
                self._keyed.setdefault(key, []).append((number, holder))

    def __bool__(self) -> bool:
        return bool(self._all)

    def all(self) -> list[Holder]:
        """Every holder with such an Allow."""
        return [holder for _, holder in self._all]

    def about(self, name: str) -> list[Holder]:
        """Holders of whom a statement may be about a resource, in their order."""
        key = key_of(name)
        if key is None:
            return self.all()
        return [h for _, h in sorted(self._merged(key), key=lambda pair: pair[0])]

    def _merged(self, key: str) -> list[tuple[int, Holder]]:
        return [*self._open, *self._keyed.get(key, ())]
