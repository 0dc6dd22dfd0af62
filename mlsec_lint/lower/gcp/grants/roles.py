"""What Google Cloud roles permit: basic and predefined ones by a dated table.

The table (policies/data/gcp_roles.json) holds permissions that lead to weights and no
others. A role that it does not know may permit anything; it is never empty.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from mlsec_lint.estate.tables import document, edition

TABLE = "gcp_roles.json"
#: Roles whose holders a project calls its owners, editors and viewers.
BASIC = ("roles/owner", "roles/editor", "roles/viewer")


class Rights(NamedTuple):
    """What a role permits: `certain` permissions, and why there may be more.

    `more` is "" where the list is whole.
    """

    certain: frozenset[str]
    more: str = ""

    def permits(self, permission: str) -> bool | None:
        """Whether a permission is among them; None where nobody can tell."""
        if permission in self.certain:
            return True
        return None if self.more else False


NOTHING = Rights(frozenset())


@cache
def _permissions() -> tuple[str, ...]:
    return tuple(document(TABLE)["permissions"])


@cache
def predefined(role: str) -> Rights:
    """The rights of a basic or predefined role (`roles/storage.objectViewer`)."""
    table = document(TABLE)
    name = role.removeprefix("roles/")
    listed = table["roles"].get(name)
    if listed is not None:
        return Rights(frozenset(_unpacked(listed)))
    service, _, rest = name.partition(".")
    if rest in table["without"].get(service, "\n").split(" "):
        return NOTHING
    date = edition(TABLE).as_of
    return Rights(frozenset(), f"{role} is not in the table of roles of {date}")


def _unpacked(listed: str) -> list[str]:
    """Permissions of a row such as `3 5-9`, which counts in the table's list."""
    found: list[str] = []
    for item in listed.split(" "):
        low, _, high = item.partition("-")
        found += _permissions()[int(low) : int(high or low) + 1]
    return found
