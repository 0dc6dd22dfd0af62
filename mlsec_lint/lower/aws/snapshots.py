"""EBS snapshots and machine images: what they are made of, and who they are given to.

A snapshot is a store of its own: whoever may make a volume of it has the bytes, whatever
the policies of the volume say. Does not model: Recycle Bin, images of Image Builder,
snapshots of databases, tags of Data Lifecycle Manager that nobody can tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.aws.keys import put_key
from mlsec_lint.lower.aws.place import put_place
from mlsec_lint.lower.aws.volumes import EBS
from mlsec_lint.lower.declared import add_copy, declared_store, store_of
from mlsec_lint.lower.lineage import copies_by_maker, lands_in
from mlsec_lint.lower.orphans import Parent, orphans
from mlsec_lint.lower.reading import (
    blocks,
    changed,
    equal_to,
    given,
    maybe_absent,
    put,
    put_also,
    read_bool,
    read_text,
    reading,
    span_of,
    text_or_unknown,
    unknown_because,
)
from mlsec_lint.lower.tags import tags_of
from mlsec_lint.lower.terraform_index import values_at
from mlsec_lint.lower.unsure import unsure_of
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Fact, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

    _Tag = tuple[str, str | Unknown | None]

SNAPSHOTS = ("aws_ebs_snapshot", "aws_ebs_snapshot_copy", "aws_ebs_snapshot_import")
IMAGES = ("aws_ami", "aws_ami_copy", "aws_ami_from_instance")
_COPIES = ("aws_ebs_snapshot_copy", "aws_ami_copy")
_GIVE_SNAPSHOT = "aws_snapshot_create_volume_permission"
_GIVE_IMAGE = "aws_ami_launch_permission"
#: The account's own blocks, and the stores whose public sharing they are about.
_BLOCKS = (
    ("aws_ebs_snapshot_block_public_access", (EBS, *SNAPSHOTS)),
    ("aws_ec2_image_block_public_access", IMAGES),
)
_MANAGER = "aws_dlm_lifecycle_policy"
_KEY = "encryption.key.managed_by"
_PUBLIC, _ACCOUNTS = "shared.public", "shared.accounts"


def lower_snapshots(index: TerraformIndex, estate: Estate) -> None:
    """Every snapshot and image as a store, with its key and the permissions on it."""
    copies = copies_by_maker(estate)
    for here in index.roots:
        for kind in (*SNAPSHOTS, *IMAGES):
            for resource in here.of(kind):
                _snapshot(index, here, resource, copies, estate)
        for image in here.of("aws_ami"):
            _of_snapshots(index, here, image, estate)
        for guard, kinds in _BLOCKS:
            for resource in here.of(guard):
                _blocked(index, here, resource, kinds, estate)
        for manager in here.of(_MANAGER):
            _managed(index, here, manager, estate)
    for satellite, argument, kinds in (
        (_GIVE_SNAPSHOT, "snapshot_id", SNAPSHOTS),
        (_GIVE_IMAGE, "image_id", IMAGES),
    ):
        parent = Parent(argument, kinds, "store", "snapshot", "aws", "ami:")
        for here, grant, made in orphans(index, estate, satellite, parent):
            if given(grant.values, "group") or given(grant.values, "account_id"):
                _given(here, made(), grant)


def _snapshot(
    index: TerraformIndex,
    here: RootIndex,
    resource: Resource,
    copies: dict[str, list[Thing]],
    estate: Estate,
) -> None:
    store = declared_store(here, estate, resource, "snapshot", "aws")
    put_place(here, store, resource)
    origins = lands_in(estate, copies.get(here.address(resource), []), store)
    _sealed(here, estate, store, resource, origins)
    words = "no permission in the scan gives it to everyone"
    store.state(_PUBLIC, value=False, default=words)
    for satellite, argument in (
        (_GIVE_SNAPSHOT, "snapshot_id"),
        (_GIVE_IMAGE, "image_id"),
    ):
        permissions = index.satellites(here, resource, satellite, argument)
        for grant in permissions.found:
            _given(here, store, grant)
        for unsure in unsure_of(here, permissions, argument):
            put_also(store, _PUBLIC, unsure)


def _given(here: RootIndex, store: Thing, grant: Resource) -> None:
    """What one permission gives: to everyone, or to an account by its number.

    Organisations and their units are the lab's own as far as config tells.
    """
    group = given(grant.values, "group")
    if group is not None:
        found = read_text(grant, group, reading(group, grant, ""))
        put_also(store, _PUBLIC, maybe_absent(grant, equal_to(found, "all")))
    account = given(grant.values, "account_id")
    if account is not None:
        if account.data == "all":
            put_also(store, _PUBLIC, reading(account, grant, data=True))
            return
        _shared(here, store, grant, account)


def _sealed(
    here: RootIndex,
    estate: Estate,
    store: Thing,
    resource: Resource,
    origins: list[Thing],
) -> None:
    """The key of a snapshot: its own where it is a copy, else that of what it is of."""
    key = given(resource.values, "kms_key_id")
    encrypted = given(resource.values, "encrypted")
    if key is not None:
        put_key(here, estate, store, resource, key)
        return
    if encrypted is not None:
        found = read_bool(resource, encrypted, reading(encrypted, resource, data=False))
        if isinstance(found.value, Unknown):
            found = found._replace(value=found.value._replace(possible=None))
        put(store, _KEY, changed(found, lambda on: "provider" if on else "none"))
        return
    if resource.type == "aws_ami":
        _devices(store, resource)
        return
    known = [fact for o in origins if (fact := o.fact(_KEY)) is not None]
    if known and len({repr(fact.value) for fact in known}) == 1:
        words = known[0].default or f"as {origins[0].name}, of which it is made"
        put(store, _KEY, known[0]._replace(span=store.span, default=words))
        return
    why = "what it is made of decides, which the scan does not hold"
    put(store, _KEY, unknown_because(resource, why))


def _devices(store: Thing, image: Resource) -> None:
    """An image's devices, each encrypted by itself or as its snapshot is."""
    for block in blocks(image.values, "ebs_block_device"):
        encrypted = given(block, "encrypted")
        if encrypted is None:
            why = "the snapshot that the device is made from decides"
            unsure = unknown_because(image, why)
            span = block.entry() or image.span
            put_also(store, _KEY, unsure._replace(span=span))
            continue
        found = read_bool(image, encrypted, reading(encrypted, image, data=False))
        if isinstance(found.value, Unknown):
            found = found._replace(value=found.value._replace(possible=None))
        put_also(store, _KEY, changed(found, lambda on: "provider" if on else "none"))


def _of_snapshots(
    index: TerraformIndex, here: RootIndex, image: Resource, estate: Estate
) -> None:
    """Link an image to the snapshots that its devices are made from."""
    store = store_of(index, estate, image)
    for value in values_at(image.values, "ebs_block_device.snapshot_id"):
        for source in here.parents(value, SNAPSHOTS):
            origin = store_of(index, estate, source)
            if origin is not None and store is not None:
                span = span_of(value, image)
                address = f"{store.address}:{origin.address}"
                add_copy(
                    estate, origin, address, "machine-image", span, store, "backup"
                )


def _blocked(
    index: TerraformIndex,
    here: RootIndex,
    guard: Resource,
    kinds: tuple[str, ...],
    estate: Estate,
) -> None:
    """The account's block as stated: `unblocked` lets any snapshot be made public."""
    state = given(guard.values, "state")
    if state is None:
        return
    found = read_text(guard, state, reading(state, guard, ""))
    value: Fact = changed(found, lambda word: word != "unblocked")
    for kind in kinds:
        for resource in here.of(kind):
            store = store_of(index, estate, resource)
            if store is not None and resource.provider.alias == guard.provider.alias:
                put(store, "sharing.blocked", value)


def _managed(
    index: TerraformIndex, here: RootIndex, manager: Resource, estate: Estate
) -> None:
    """Accounts to which Data Lifecycle Manager gives each snapshot of tagged volumes."""
    for details in blocks(manager.values, "policy_details"):
        wanted = given(details, "target_tags")
        shares = [
            account
            for schedule in blocks(details, "schedule")
            for account in values_at(schedule, "share_rule.target_accounts")
        ]
        if wanted is None or not shares:
            continue
        chosen = {(key, here.text_of(value)) for key, value in wanted.items()}
        for volume in here.of(EBS):
            tags = {(key, here.text_of(value)) for key, value in tags_of(volume)}
            store = store_of(index, estate, volume)
            if store is not None and _meet(chosen, tags):
                for account in shares:
                    _shared(here, store, manager, account)


def _meet(chosen: set[_Tag], tags: set[_Tag]) -> bool:
    """Whether a known tag is among those chosen: one is enough for the manager."""
    known = {tag for tag in tags if isinstance(tag[1], str)}
    return bool(chosen & known)


def _shared(here: RootIndex, store: Thing, owner: Resource, account: Value) -> None:
    text = text_or_unknown(here.text_of(account), "an account")
    value = text._replace(possible=None) if isinstance(text, Unknown) else (text,)
    put_also(store, _ACCOUNTS, maybe_absent(owner, reading(account, owner, value)))
