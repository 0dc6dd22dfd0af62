"""Roots that are recipes: alternatives to choose from, of which nobody deploys two.

Folders of examples hold one root after another that builds the same things, each with
state of its own on the disk of whoever tries it. That two of them name one project is a
default that somebody left in, no sign that one reaches what the other declares. Roots
whose state is kept where others find it are no recipes, nor are those that read others'.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.terraform_index import base_address
from mlsec_lint.source import Note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.source import Span

_STATE = "data.terraform_remote_state"
#: Roots are built alike that share so many addresses, and this part of the smaller one.
_LEAST, _PART = 3, 0.3


class Recipes:
    """Says of two roots whether they are alternatives; works each pair out once."""

    def __init__(self) -> None:
        self._built: dict[int, frozenset[str]] = {}
        self._known: dict[tuple[int, int], bool] = {}
        self._told: dict[tuple[str, str], Span] = {}

    def apart(self, one: RootIndex, other: RootIndex, span: Span) -> bool:
        """Whether two roots are alternatives; `span` is the grant that asks, for notes."""
        if one is other or one.root.path == other.root.path:
            return False
        key = (min(id(one), id(other)), max(id(one), id(other)))
        if key not in self._known:
            self._known[key] = self._alike(one, other)
        if self._known[key]:
            paths = sorted((one.root.path, other.root.path))
            self._told.setdefault((paths[0], paths[1]), span)
        return self._known[key]

    def notes(self) -> Iterator[Note]:
        """Which roots were not joined, one note for each pair."""
        for (one, other), span in sorted(self._told.items(), key=lambda item: item[0]):
            words = (
                f"{one or '.'} and {other or '.'} build the same things and share no"
            )
            words += (
                " state: they are taken for alternatives, and what one grants on its"
            )
            words += " project not to reach what the other declares"
            yield Note("roots-not-joined", words, span.path, span)

    def _alike(self, one: RootIndex, other: RootIndex) -> bool:
        if any(_is_shared(root) for root in (one, other)):
            return False
        mine, theirs = self._addresses(one), self._addresses(other)
        shared = len(mine & theirs)
        return shared >= _LEAST and shared >= _PART * min(len(mine), len(theirs))

    def _addresses(self, here: RootIndex) -> frozenset[str]:
        found = self._built.get(id(here))
        if found is None:
            found = self._built[id(here)] = frozenset(
                base_address(resource.address)
                for resource in here.root.resources
                if not resource.module and not resource.address.startswith("data.")
            )
        return found


def _is_shared(here: RootIndex) -> bool:
    """Whether a root keeps its state where others find it, or reads that of others."""
    return here.root.backend is not None or any(True for _ in here.of(_STATE))
