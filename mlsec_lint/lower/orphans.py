"""What is said about stores and keys that no resource of the scan declares.

A grant to everyone on a bucket of another repository is as public as one on a bucket
declared here. Its store is called by its URI where its name is known, else by the
address of the resource that speaks of it; `declared` is false, and no default applies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate import Thing
from mlsec_lint.lower.reading import given, span_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource


class Parent(NamedTuple):
    """What a satellite names: by which argument, of which types, as what thing.

    `scheme` goes before a bare name to make its address (`s3://`); "" where a name
    alone does not identify the thing outside its project.
    """

    attribute: str
    types: tuple[str, ...]
    kind: str
    sort: str
    provider: str
    scheme: str = ""


def orphans(
    index: TerraformIndex, estate: Estate, satellite: str, parent: Parent
) -> Iterator[tuple[RootIndex, Resource, Thing]]:
    """Satellites whose parent no root declares, each with the thing it speaks of."""
    for here in index.roots:
        for resource in here.of(satellite):
            found = _orphan(index, here, estate, resource, parent)
            if found is not None:
                yield here, resource, found


def _orphan(
    index: TerraformIndex,
    here: RootIndex,
    estate: Estate,
    resource: Resource,
    parent: Parent,
) -> Thing | None:
    value = given(resource.values, parent.attribute)
    if value is None or here.parents(value, parent.types):
        return None
    text = here.text_of(value)
    address = here.address(resource)
    if isinstance(text, str):
        if any(root.named(text, parent.types) for root in index.roots):
            return None
        name = text.rpartition(":::")[2]
        if parent.scheme and name:
            address = parent.scheme + name
    elif here.unknown_parent(value, parent.types) and _may_be_declared(here, parent):
        return None
    span = span_of(value, resource)
    thing = Thing(
        parent.kind,
        address,
        address,
        span,
        parent.provider,
        here.root.path,
        resource.library,
        names={address},
    )
    made = estate.add(thing)
    if made is thing and made.kind == "store":
        made.state("type", parent.sort)
        made.state("declared", value=False)
    return made


def _may_be_declared(here: RootIndex, parent: Parent) -> bool:
    """Whether an unknown name may be that of a parent declared in the same root."""
    return any(True for _ in here.of(*parent.types))
