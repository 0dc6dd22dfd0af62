"""Which declared cluster a text means: an address, a name, an ARN, a context of kubectl."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.in_terraform.clusters import CLUSTERS, named_by
from mlsec_lint.lower.terraform_index import base_address

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.lower.terraform_index import TerraformIndex

_MOST_NAMED = 12


class Declaration(NamedTuple):
    """One declared cluster: its addresses (one for each variant of its root), its names."""

    addresses: tuple[str, ...]
    names: frozenset[str]


class Declared:
    """The clusters that a scan declares, libraries left out where there are others."""

    def __init__(self, index: TerraformIndex) -> None:
        found: dict[tuple[str, str, int], tuple[bool, list[str], set[str]]] = {}
        for here in index.roots:
            for resource in here.of(*CLUSTERS):
                key = (resource.address, resource.span.source.path, resource.span.start)
                entry = found.setdefault(key, (resource.library, [], set()))
                address, name = here.address(resource), here.attribute(resource, "name")
                entry[1].append(address)
                entry[2].update((address, base_address(address), resource.address))
                entry[2].add(base_address(resource.address))
                if isinstance(name, str) and name:
                    entry[2].add(name)
        kept = [one for one in found.values() if not one[0]] or list(found.values())
        self.all = tuple(Declaration(tuple(a), frozenset(n)) for _, a, n in kept)

    def meant(self, text: str) -> list[Declaration]:
        """The clusters that an address or a name means: exact addresses go first."""
        exact = [one for one in self.all if text in one.addresses]
        return exact or [one for one in self.all if text in one.names]

    def called(self, text: str) -> Declaration | None:
        """The only cluster of a name, as a context or an ARN writes it."""
        text = named_by(text) or text
        found = [one for one in self.all if text in one.names]
        return found[0] if len(found) == 1 else None

    def listed(self) -> str:
        """The addresses for people, a bounded number of them."""
        shown = [one.addresses[0] for one in self.all[:_MOST_NAMED]]
        rest = len(self.all) - len(shown)
        return ", ".join(shown) + (f" and {rest} more" if rest else "")


def addresses_of(declared: list[Declaration]) -> tuple[str, ...]:
    """All addresses, each once, in order."""

    def each() -> Iterator[str]:
        for one in declared:
            yield from one.addresses

    return tuple(dict.fromkeys(each()))
