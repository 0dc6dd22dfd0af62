"""What is said about stores and keys that no resource of the scan declares.

A grant to everyone on a bucket of another repository is as public as one on a bucket
declared here. Its store is called by its URI where its name is known, else by the
address of the resource that speaks of it; `declared` is false, and no default applies.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate import Thing
from mlsec_lint.lower.reading import given, span_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value


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


class Orphan(NamedTuple):
    """A satellite whose parent no root declares; `make` gives the thing it speaks of.

    A thing is only made by whoever has something to say about it.
    """

    here: RootIndex
    owner: Resource
    make: Callable[[], Thing]


def orphans(
    index: TerraformIndex, estate: Estate, satellite: str, parent: Parent
) -> Iterator[Orphan]:
    """Satellites of a type whose parent no root of the scan declares."""
    for here in index.roots:
        for resource in here.of(satellite):
            value = given(resource.values, parent.attribute)
            if value is None or here.parents(value, parent.types):
                continue
            address = _address(index, here, resource, value, parent)
            if address:
                make = partial(_made, here, estate, resource, value, parent, address)
                yield Orphan(here, resource, make)


def _address(
    index: TerraformIndex,
    here: RootIndex,
    resource: Resource,
    value: Value,
    parent: Parent,
) -> str:
    """What the thing is called; "" where a root declares it, or may."""
    text = here.text_of(value)
    if isinstance(text, str):
        if any(root.named(text, parent.types) for root in index.roots):
            return ""
        name = text.rpartition(":::")[2]
        known = parent.scheme and name
        return parent.scheme + name if known else here.address(resource)
    may_be = here.unknown_parent(value, parent.types) and _may_be_declared(here, parent)
    return "" if may_be else here.address(resource)


def _made(
    here: RootIndex,
    estate: Estate,
    resource: Resource,
    value: Value,
    parent: Parent,
    address: str,
) -> Thing:
    thing = Thing(
        parent.kind,
        address,
        address,
        span_of(value, resource),
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
