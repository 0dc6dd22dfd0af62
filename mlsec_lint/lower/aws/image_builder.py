"""EC2 Image Builder: where it distributes images to, under which key, and to whom.

Each `distribution` of a configuration is an image of its own, in the region that it
names. Does not model: what the recipe puts into the image, container recipes,
organisations in launch permissions (they count as the lab's).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.places import state_place
from mlsec_lint.lower.aws.keys import put_key
from mlsec_lint.lower.aws.place import put_place
from mlsec_lint.lower.declared import thing_of
from mlsec_lint.lower.reading import (
    blocks,
    given,
    maybe_absent,
    put,
    put_also,
    reading,
    span_of,
    text_or_unknown,
    unknown_because,
)
from mlsec_lint.lower.terraform_index import values_at
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_KIND = "aws_imagebuilder_distribution_configuration"
_IMAGE = "ami_distribution_configuration"
_PUBLIC, _ACCOUNTS = "shared.public", "shared.accounts"


def lower_image_builder(index: TerraformIndex, estate: Estate) -> None:
    """Every distributed machine image as a store, with its place, key and sharing."""
    for here in index.roots:
        for owner in here.of(_KIND):
            for number, block in enumerate(blocks(owner.values, "distribution")):
                for image in blocks(block, _IMAGE):
                    store = _store(here, estate, owner, number, block)
                    _sealed(here, estate, store, owner, image)
                    _given(here, store, owner, image)


def _store(
    here: RootIndex, estate: Estate, owner: Resource, number: int, block: Value
) -> Thing:
    store = thing_of(here, owner, "store", "aws")
    store.address = f"{store.address}.distribution[{number}]"
    store.name = f"distribution[{number}] of {store.name}"
    store.names = {store.address}
    store.span = block.entry() or owner.span
    store = estate.add(store)
    store.state("type", "snapshot")
    store.state("declared", value=True)
    region = given(block, "region")
    if region is None:
        put_place(here, store, owner)
    else:
        text = text_or_unknown(here.text_of(region), "a region")
        state_place(store, "aws", text, span_of(region, owner), trail=region.trail)
    return store


def _sealed(
    here: RootIndex, estate: Estate, store: Thing, owner: Resource, image: Value
) -> None:
    key = given(image, "kms_key_id")
    if key is not None:
        put_key(here, estate, store, owner, key)
        return
    why = "the recipe's disks, or the account's default, decide over its key"
    unsure = unknown_because(owner, why)
    put(store, "encryption.key.managed_by", unsure._replace(span=store.span))


def _given(here: RootIndex, store: Thing, owner: Resource, image: Value) -> None:
    """Accounts that it is copied to or that may launch it; the group `all` is everyone."""
    store.state(_PUBLIC, value=False, default="no permission gives it to everyone")
    for path in ("target_account_ids", "launch_permission.user_ids"):
        for account in values_at(image, path):
            text = text_or_unknown(here.text_of(account), "an account")
            value = (
                text._replace(possible=None) if isinstance(text, Unknown) else (text,)
            )
            fact = reading(account, owner, value)
            put_also(store, _ACCOUNTS, maybe_absent(owner, fact))
    for group in values_at(image, "launch_permission.user_groups"):
        name = here.text_of(group)
        told = name if isinstance(name, Unknown) else name == "all"
        if told is not False:
            put_also(store, _PUBLIC, maybe_absent(owner, reading(group, owner, told)))
