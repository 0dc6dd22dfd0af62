"""Amazon EBS, EFS and FSx: disks and file systems, their keys, copies and links.

Does not model: snapshots shared with other accounts, mount targets, backup plans.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.places import state_place
from mlsec_lint.lower.aws.arns import ACCOUNT, field_of
from mlsec_lint.lower.aws.copy_accounts import own_accounts
from mlsec_lint.lower.aws.copy_keys import seal_replica
from mlsec_lint.lower.aws.ebs_defaults import by_account
from mlsec_lint.lower.aws.keys import put_key
from mlsec_lint.lower.aws.place import put_place, put_region, put_zone, region_of
from mlsec_lint.lower.aws.public import public_readings
from mlsec_lint.lower.declared import (
    add_copy,
    bucket_named,
    declared_store,
    place_like,
    store_of,
    thing_of,
)
from mlsec_lint.lower.reading import (
    blocks,
    by_default,
    given,
    maybe_absent,
    put,
    put_also,
    read_bool,
    reading,
    span_of,
    text_or_unknown,
    unknown_of,
)
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

EBS = "aws_ebs_volume"
EFS = "aws_efs_file_system"
LUSTRE = "aws_fsx_lustre_file_system"
FSX = (
    LUSTRE,
    "aws_fsx_openzfs_file_system",
    "aws_fsx_ontap_file_system",
    "aws_fsx_windows_file_system",
)
_KEY = "encryption.key.managed_by"


def lower_volumes(index: TerraformIndex, estate: Estate) -> None:
    """Every EBS volume, EFS and FSx file system, then what copies or links them."""
    for here in index.roots:
        for volume in here.of(EBS):
            _disk(index, here, volume, estate)
        for instance in here.of("aws_instance"):
            _instance(here, instance, estate)
        for system in here.of(EFS):
            _efs(index, here, system, estate)
        for kind in FSX:
            for system in here.of(kind):
                _fsx(here, system, estate)
        for link in here.of("aws_fsx_data_repository_association"):
            _association(index, here, link, estate)


def _disk(
    index: TerraformIndex, here: RootIndex, volume: Resource, estate: Estate
) -> None:
    store = declared_store(here, estate, volume, "block", "aws")
    put_zone(here, store, volume, "availability_zone")
    seal_disk(here, estate, store, volume, volume.values)
    for snapshot in index.satellites(
        here, volume, "aws_ebs_snapshot", "volume_id"
    ).found:
        source = given(snapshot.values, "volume_id")
        span = span_of(source, snapshot) if source is not None else snapshot.span
        address = here.address(snapshot)
        copy = add_copy(estate, store, address, "ebs-snapshot", span, None, "backup")
        put_region(copy, region_of(here, snapshot))


def seal_disk(
    here: RootIndex, estate: Estate, store: Thing, owner: Resource, values: Value
) -> None:
    """The key of a disk: `encrypted` and `kms_key_id`, else what the account says."""
    encrypted = given(values, "encrypted")
    key = given(values, "kms_key_id")
    if encrypted is not None and encrypted.boolean() is False:
        put(store, _KEY, reading(encrypted, owner, "none"))
    elif key is not None:
        put_key(here, estate, store, owner, key)
    elif encrypted is not None and encrypted.boolean() is True:
        put(store, _KEY, by_default(owner, "kms_key_id", EBS))
    elif encrypted is not None:
        unknown = unknown_of(encrypted, "this is not true or false")
        put(store, _KEY, reading(encrypted, owner, unknown._replace(possible=None)))
    else:
        by_account(here, estate, store, owner, values)


def _instance(here: RootIndex, instance: Resource, estate: Estate) -> None:
    """Disks of an instance: stores of their own, at the instance's address and block."""
    for name in ("root_block_device", "ebs_block_device"):
        for number, block in enumerate(blocks(instance.values, name)):
            place = f"{name}[{number}]"
            store = disk_of(here, estate, instance, place, block)
            put_zone(here, store, instance, "availability_zone")
            seal_disk(here, estate, store, instance, block)


def disk_of(
    here: RootIndex, estate: Estate, owner: Resource, place: str, block: Value
) -> Thing:
    """The store of a disk that a block of another resource describes."""
    store = thing_of(here, owner, "store", "aws")
    store.address = f"{store.address}.{place}"
    store.name = f"{place} of {store.name}"
    store.names = {store.address}
    store.span = block.entry() or owner.span
    store = estate.add(store)
    store.state("type", "block")
    store.state("declared", value=True)
    return store


def _efs(
    index: TerraformIndex, here: RootIndex, system: Resource, estate: Estate
) -> None:
    store = declared_store(here, estate, system, "file", "aws")
    put_zone(here, store, system, "availability_zone_name")
    default = by_default(system, "encrypted")
    encrypted = given(system.values, "encrypted")
    key = given(system.values, "kms_key_id")
    sealed = read_bool(system, encrypted, default)
    if encrypted is None:
        put(store, _KEY, default)
    elif sealed.value is False:
        put(store, _KEY, sealed._replace(value="none"))
    elif isinstance(sealed.value, Unknown):
        value = sealed.value._replace(possible=None)
        put(store, _KEY, sealed._replace(value=value))
    elif key is not None:
        put_key(here, estate, store, system, key)
    else:
        put(store, _KEY, by_default(system, "kms_key_id"))
    _policy(index, here, store, system)
    _replicas(index, here, store, system, estate)


def _policy(
    index: TerraformIndex, here: RootIndex, store: Thing, system: Resource
) -> None:
    words = "no file system policy in the scan names everyone"
    store.state("public.principal", value=False, default=words)
    kind = "aws_efs_file_system_policy"
    for owner in index.satellites(here, system, kind, "file_system_id").found:
        document = given(owner.values, "policy")
        if document is not None:
            for found in public_readings(here, document, owner.span):
                put_also(store, "public.principal", maybe_absent(owner, found))


def _replicas(
    index: TerraformIndex,
    here: RootIndex,
    store: Thing,
    system: Resource,
    estate: Estate,
) -> None:
    kind = "aws_efs_replication_configuration"
    for owner in index.satellites(here, system, kind, "source_file_system_id").found:
        for destination in blocks(owner.values, "destination"):
            region = given(destination, "region") or given(
                destination, "availability_zone_name"
            )
            span = span_of(region or destination, owner)
            address = f"{here.address(owner)}.destination"
            copy = add_copy(estate, store, address, "efs-replication", span, None)
            _destination(here, copy, destination)
            seal_replica(here, estate, copy, owner, destination)
            if region is None:
                put_region(copy, region_of(here, owner))
                continue
            text = text_or_unknown(here.text_of(region), "a region")
            state_place(copy, "aws", text, span, trail=region.trail)


def _destination(here: RootIndex, copy: Thing, destination: Value) -> None:
    """The account of a file system of somebody else's, which its ARN tells."""
    named = given(destination, "file_system_id")
    number = field_of(here.text_of(named), ACCOUNT)
    if named is not None and number is not None and number.isdigit():
        span = named.entry() or copy.span
        copy.state("account", number, span, trail=named.trail)
        foreign = number not in own_accounts(here)
        copy.state("target.foreign", foreign, span, trail=named.trail)


def _fsx(here: RootIndex, system: Resource, estate: Estate) -> None:
    store = declared_store(here, estate, system, "file", "aws")
    put_place(here, store, system)
    key = given(system.values, "kms_key_id")
    if key is not None:
        put_key(here, estate, store, system, key)
    else:
        put(store, _KEY, by_default(system, "kms_key_id", LUSTRE))
    for name in ("import_path", "export_path"):
        path = given(system.values, name)
        if path is not None:
            _link(here, system, store, path, estate)


def _association(
    index: TerraformIndex, here: RootIndex, link: Resource, estate: Estate
) -> None:
    path = given(link.values, "data_repository_path")
    for system in here.parents(given(link.values, "file_system_id"), FSX):
        store = store_of(index, estate, system)
        if store is None or path is None:
            continue
        bucket = _link(here, link, store, path, estate)
        exported = link.values.at("s3", "auto_export_policy", "events")
        if exported is not None and exported.data not in (None, ()):
            _export(here, link, store, path, exported, bucket, estate)


def _export(
    here: RootIndex,
    link: Resource,
    store: Thing,
    path: Value,
    events: Value,
    bucket: Thing | None,
    estate: Estate,
) -> None:
    """Whatever is written to the file system is copied out by itself.

    The policy stands beside an import path, and is seldom read as a way out.
    """
    span = span_of(events, link)
    copy = add_copy(estate, store, here.address(link), "fsx-export", span, bucket)
    if bucket is not None:
        place_like(copy, bucket, span)
        return
    where = span_of(path, link)
    why = "the path that files are exported to is not known"
    name = path.unknown.name if path.unknown is not None else ""
    nowhere = Unknown("variable", why, name or f"{link.address}.path", span=where)
    state_place(copy, "aws", nowhere, where, trail=path.trail)


def _link(
    here: RootIndex, owner: Resource, store: Thing, path: Value, estate: Estate
) -> Thing | None:
    """A file system that reads from and writes to a bucket shows what lies in it."""
    span = span_of(path, owner)
    text = here.text_of(path)
    start = text.parts[0] if isinstance(text, Unknown) and text.parts else text
    if not isinstance(start, str) or not start.startswith("s3://"):
        return None
    name, slash, _ = start.removeprefix("s3://").partition("/")
    if not name or (isinstance(text, Unknown) and not slash):
        return None
    bucket = bucket_named(estate, f"s3://{name}", span)
    if bucket is not None:
        estate.link(store, "is backed by", bucket, span, "is linked to the bucket")
    return bucket
