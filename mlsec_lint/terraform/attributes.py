"""Attributes of managed resources that follow from their arguments, for references.

Only what an expression may refer to and the evaluation can know; names and ARNs that a
lowering needs are its own affair.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.value import Value

if TYPE_CHECKING:
    from mlsec_lint.terraform.resource import ProviderUse


def computed(
    type_: str, items: dict[str, Value], provider: ProviderUse
) -> dict[str, Value]:
    """The attributes that nobody wrote, by name."""
    if not type_.startswith("aws_") or provider.values is None:
        return {}
    tags = _tags_all(items.get("tags"), provider.values.at("default_tags", "tags"))
    return {} if tags is None else {"tags_all": tags}


def _tags_all(own: Value | None, default: Value | None) -> Value | None:
    """Default tags with the resource's own on top (hashicorp/aws, since 3.38)."""
    merged: dict[str, Value] = {}
    for tags in (default, own):
        if tags is None or tags.data is None:
            continue
        if not isinstance(tags.data, dict):
            return None
        merged.update(tags.data)
    place = own or default
    return Value(merged, place.span if place is not None else None)
