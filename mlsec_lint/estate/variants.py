"""Variants of a Terraform root: one estate holds what each set of variable files makes.

Addresses of a root that is evaluated several times begin with `ROOT[TITLE]:`. What two
variants make never stands beside each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def variant_of(address: str) -> tuple[str, str] | None:
    """(root, title) of the variant that an address belongs to; None where it is of none."""
    head, mark, _ = address.partition("]:")
    root, bracket, title = head.rpartition("[")
    if not mark or not bracket or '"' in head:
        return None
    return root, title


def apart(one: tuple[str, str] | None, address: str) -> bool:
    """Whether an address belongs to another variant of the same root."""
    if one is None or "]:" not in address:
        return False
    other = variant_of(address)
    return other is not None and other[0] == one[0] and other[1] != one[1]


def first_variant(addresses: Iterable[str]) -> tuple[str, str] | None:
    """The variant of the first address that belongs to one."""
    found = (variant_of(one) for one in addresses if "]:" in one)
    return next((one for one in found if one is not None), None)
