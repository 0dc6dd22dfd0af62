"""Which resources a grant may be about at all, so that few pairs are looked at.

A grant on a resource whose name is known is about that name only; one on a group, a
subscription or more may be about any.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsec_lint.lower.azure.grants.scopes import Scope

T = TypeVar("T")
_NAME = 7  # subscriptions/S/resourceGroups/G/providers/N/TYPE/NAME


class Nearby(Generic[T]):
    """Items by the name of the resource that they are, or lie in."""

    def __init__(self, items: Iterable[tuple[T, Scope]]) -> None:
        self.all = list(items)
        self._named: dict[str, list[tuple[T, Scope]]] = {}
        self._unnamed: list[tuple[T, Scope]] = []
        for item in self.all:
            name = _name(item[1])
            if name is None:
                self._unnamed.append(item)
            else:
                self._named.setdefault(name, []).append(item)

    def about(self, scope: Scope) -> list[tuple[T, Scope]]:
        """Those that a scope may hold for, in order where it may be any."""
        name = _name(scope)
        if name is None:
            return self.all
        return [*self._named.get(name, ()), *self._unnamed]


def _name(scope: Scope) -> str | None:
    return scope.segments[_NAME].text if len(scope.segments) > _NAME else None
