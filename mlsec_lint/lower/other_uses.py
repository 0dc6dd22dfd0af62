"""Keys that seal what is surely no weights: logs, queues, databases, secrets.

Each cloud has a table of such arguments; a key that one of them names is shared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.reading import maybe_absent, put_also, reading
from mlsec_lint.lower.terraform_index import values_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value


def put_other_uses(
    here: RootIndex,
    estate: Estate,
    uses: Iterable[tuple[str, str]],
    keys_of: Callable[[Value], list[Resource]],
) -> None:
    """State `seals.other_data` of each declared key that a use in the table names.

    A use is a resource type and the dotted argument that names a key.
    """
    for kind, argument in uses:
        for owner in here.of(kind):
            for value in values_at(owner.values, argument):
                for resource in keys_of(value):
                    key = estate.find("key", here.address(resource))
                    if key is not None:
                        found = reading(value, owner, data=True)
                        put_also(key, "seals.other_data", maybe_absent(owner, found))
