"""Backups of AWS stores that leave their region: AWS Backup, DLM, snapshot and AMI copies.

A backup plan is joined to stores by the selections that name it: by ARN pattern, by
tag, or both. Whether a store is selected is three-valued; a selection that nobody can
tell makes a copy that may be there. A plan works in its own region only.
Does not model: logical air-gapped vaults, RDS and DynamoDB, organisation-wide policies
of AWS Backup.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.places import state_place
from mlsec_lint.lower.aws.arns import ACCOUNT, REGION, field_of
from mlsec_lint.lower.aws.copy_accounts import own_accounts
from mlsec_lint.lower.aws.copy_keys import (
    AIR_GAPPED,
    seal_in_vault,
    seal_snapshots,
    seals_itself,
)
from mlsec_lint.lower.aws.place import region_of
from mlsec_lint.lower.aws.selection import any_tag, kept_of, read_selection, selected
from mlsec_lint.lower.aws.shares import shared_with
from mlsec_lint.lower.aws.volumes import EBS, EFS, FSX
from mlsec_lint.lower.declared import add_copy
from mlsec_lint.lower.reading import blocks, given, span_of, text_or_unknown
from mlsec_lint.lower.terraform_index import values_at
from mlsec_lint.value import Step, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Fact, Thing
    from mlsec_lint.lower.aws.selection import Kept, Truth
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource

INSTANCE = "aws_instance"
_GAPPED_TARGET = "target_logically_air_gapped_backup_vault_arn"
#: What AWS Backup covers and this scan has as stores.
PROTECTED = ("aws_s3_bucket", EBS, EFS, *FSX, INSTANCE)
_DISKS = ("root_block_device", "ebs_block_device")


def lower_backups(index: TerraformIndex, estate: Estate) -> None:
    """Every copy that AWS Backup, DLM, snapshot and image copies make of a store."""
    kept = [entry for here in index.roots for entry in _kept(here, estate)]
    back_up(index, kept, estate)
    for here in index.roots:
        for image in here.of("aws_ami_from_instance"):
            _image(here, image, kept, estate)
        for backup in here.of("aws_fsx_backup"):
            _file_system(here, backup, estate)
        for copy in here.of("aws_ebs_snapshot_copy", "aws_ami_copy"):
            _copied_on(here, copy, estate)


def back_up(index: TerraformIndex, kept: list[Kept], estate: Estate) -> None:
    """The copies that plans and policies of any root make of what their tags choose."""
    for here in index.roots:
        for selection in here.of("aws_backup_selection"):
            _selection(index, here, selection, kept, estate)
        for policy in here.of("aws_dlm_lifecycle_policy"):
            _lifecycle(here, policy, kept, estate)


def _kept(here: RootIndex, estate: Estate) -> Iterator[Kept]:
    for resource in here.of(*PROTECTED):
        stores = tuple(_stores(here, resource, estate))
        if stores:
            yield kept_of(here, resource, stores)


def _stores(here: RootIndex, resource: Resource, estate: Estate) -> Iterator[Thing]:
    """The store of a resource; the disks of an instance."""
    address = here.address(resource)
    store = estate.find("store", address)
    if store is not None:
        yield store
    if resource.type == INSTANCE:
        for name in _DISKS:
            for number, _ in enumerate(blocks(resource.values, name)):
                disk = estate.find("store", f"{address}.{name}[{number}]")
                if disk is not None:
                    yield disk


# -- AWS Backup -----------------------------------------------------------------


def _selection(
    index: TerraformIndex,
    here: RootIndex,
    selection: Resource,
    kept: list[Kept],
    estate: Estate,
) -> None:
    chooses = read_selection(here, selection, PROTECTED)
    plans = here.parents(given(selection.values, "plan_id"), ("aws_backup_plan",))
    for plan in plans:
        where = region_of(here, plan).value
        for entry in kept:
            known = isinstance(where, str) and isinstance(entry.region, str)
            if known and where != entry.region:
                continue
            chosen = selected(chooses, entry)
            if chosen is not False:
                _planned(index, here, plan, entry, _doubt(chosen), estate)


def _planned(
    index: TerraformIndex,
    here: RootIndex,
    plan: Resource,
    entry: Kept,
    doubt: Unknown | None,
    estate: Estate,
) -> None:
    """The backups that each rule of a plan keeps, and those it sends elsewhere."""
    for number, rule in enumerate(blocks(plan.values, "rule")):
        stem = f"{here.address(plan)}.rule[{number}]"
        vault = given(rule, "target_vault_name")
        if vault is not None:
            span = span_of(vault, plan)
            region = region_of(here, plan)._replace(span=span)
            made = _copies(entry, stem, "aws-backup", span, region, estate, doubt)
            if seals_itself(entry.type):
                seal_in_vault(here, estate, made, plan, vault, doubt)
            gapped = given(rule, _GAPPED_TARGET)
            if gapped is not None:
                _shared(index, here, gapped, made)
        for place, action in enumerate(blocks(rule, "copy_action")):
            target = given(action, "destination_vault_arn")
            if target is None:
                continue
            span = span_of(target, plan)
            region = _vault_region(here, target, plan, span)
            made = _copies(
                entry,
                f"{stem}.copy_action[{place}]",
                "aws-backup-copy",
                span,
                region,
                estate,
                doubt,
            )
            seal_in_vault(here, estate, made, plan, target, doubt)
            account = field_of(here.text_of(target), ACCOUNT)
            for copy in made:
                if account:
                    copy.state("account", account, span)
                    foreign = account not in own_accounts(here)
                    copy.state("target.foreign", foreign, span)
            _shared(index, here, target, made)


def _shared(
    index: TerraformIndex, here: RootIndex, vault: Value, copies: list[Thing]
) -> None:
    """The account that an air-gapped vault is shared with: it may restore from it."""
    for one in here.parents(vault, (AIR_GAPPED,)):
        for account, span in shared_with(index, here, one):
            for copy in copies:
                copy.state("account", account, span)
                copy.state(
                    "target.foreign",
                    account if isinstance(account, Unknown) else True,
                    span,
                )
            return


def _vault_region(here: RootIndex, target: Value, plan: Resource, span: Span) -> Fact:
    """Where a vault lies: the fourth field of its ARN, else its provider's region."""
    vaults = here.parents(target, ("aws_backup_vault", AIR_GAPPED))
    if len(vaults) == 1:
        found = region_of(here, vaults[0])
        step = Step(found.span, f"the region of {vaults[0].address}")
        return found._replace(span=span, trail=(step, *found.trail))
    text = text_or_unknown(here.text_of(target), "an ARN")
    region = field_of(text, REGION)
    if region:
        return region_of(here, plan)._replace(value=region, span=span, trail=())
    why = "the region of the destination vault is not known"
    unknown = text if isinstance(text, Unknown) else Unknown("error", why, span=span)
    value = unknown._replace(possible=_regions(here, unknown), parts=(), symbol=None)
    return region_of(here, plan)._replace(value=value, span=span, trail=target.trail)


def _regions(here: RootIndex, unknown: Unknown) -> tuple[Value, ...] | None:
    """The regions of the vaults that an unknown ARN may name."""
    found = []
    for option in unknown.possible or ():
        region = field_of(here.text_of(option), REGION)
        if region is None:
            return None
        found.append(Value(region, option.span, trail=option.trail))
    return tuple(found) or None


def _copies(
    entry: Kept,
    stem: str,
    service: str,
    span: Span,
    region: Fact,
    estate: Estate,
    doubt: Unknown | None = None,
) -> list[Thing]:
    """A backup of each store of a resource, in a region; where it may be one, or not."""
    made = []
    for store in entry.stores:
        address = f"{stem}:{store.address}"
        if estate.find("copy", address) is not None:
            continue
        copy = add_copy(estate, store, address, service, span, None, "backup")
        value = region.value
        assert isinstance(value, str | Unknown)
        if doubt is not None:
            value = _perhaps(entry, value, doubt)
        state_place(copy, "aws", value, region.span, trail=region.trail)
        made.append(copy)
    return made


def _perhaps(entry: Kept, region: str | Unknown, doubt: Unknown) -> Unknown:
    """The region of a copy that may not be made: there, or only where the store is."""
    options = [Value(r) for r in (region, entry.region) if isinstance(r, str)]
    possible = tuple(options) if isinstance(region, str) else None
    why = f"whether the selection covers {entry.name} is not known"
    why = f"{why}: {doubt.why}"
    return doubt._replace(why=why, possible=possible, parts=(), symbol=None)


# -- snapshots and images -------------------------------------------------------


def _lifecycle(
    here: RootIndex, policy: Resource, kept: list[Kept], estate: Estate
) -> None:
    """Snapshots that Data Lifecycle Manager takes of tagged disks, and sends abroad."""
    state = given(policy.values, "state")
    if state is not None and state.text() == "DISABLED":
        return
    for details in blocks(policy.values, "policy_details"):
        tags = given(details, "target_tags")
        wanted = {
            key: text_or_unknown(here.text_of(value), "a tag")
            for key, value in (tags.items() if tags is not None else ())
        }
        types = {str(here.text_of(v)) for v in values_at(details, "resource_types")}
        for entry in kept:
            if entry.type not in (EBS, INSTANCE):
                continue
            if types & {"VOLUME", "INSTANCE"} and (
                ("INSTANCE" in types) != (entry.type == INSTANCE)
            ):
                continue
            chosen = any_tag(wanted, entry)
            if tags is not None and tags.unknown is not None:
                chosen = tags.unknown._replace(possible=None)
            if chosen is not False:
                _scheduled(here, policy, details, entry, _doubt(chosen), estate)


def _scheduled(
    here: RootIndex,
    policy: Resource,
    details: Value,
    entry: Kept,
    doubt: Unknown | None,
    estate: Estate,
) -> None:
    for number, schedule in enumerate(blocks(details, "schedule")):
        stem = f"{here.address(policy)}.schedule[{number}]"
        for place, rule in enumerate(blocks(schedule, "cross_region_copy_rule")):
            target = given(rule, "target") or given(rule, "target_region")
            if target is None:
                continue
            span = span_of(target, policy)
            text = text_or_unknown(here.text_of(target), "a region")
            if isinstance(text, str) and text.startswith("arn:"):
                text = field_of(text, REGION) or text
            region = region_of(here, policy)
            region = region._replace(value=text, span=span, trail=target.trail)
            where = f"{stem}.cross_region_copy_rule[{place}]"
            made = _copies(entry, where, "dlm-copy", span, region, estate, doubt)
            seal_snapshots(here, estate, made, policy, rule)


def _image(here: RootIndex, image: Resource, kept: list[Kept], estate: Estate) -> None:
    source = given(image.values, "source_instance_id")
    instances = here.parents(source, (INSTANCE,))
    for entry in kept:
        if source is not None and any(i is entry.resource for i in instances):
            span = span_of(source, image)
            region = region_of(here, image)._replace(span=span)
            address = here.address(image)
            _copies(entry, address, "machine-image", span, region, estate)


def _file_system(here: RootIndex, backup: Resource, estate: Estate) -> None:
    source = given(backup.values, "file_system_id")
    for system in here.parents(source, FSX):
        for store in _stores(here, system, estate):
            if source is not None:
                span = span_of(source, backup)
                entry = kept_of(here, system, (store,))
                region = region_of(here, backup)._replace(span=span)
                address = here.address(backup)
                _copies(entry, address, "fsx-backup", span, region, estate)


#: What snapshots and images are taken of: type, argument that names it, its types.
_TAKEN = {
    "aws_ebs_snapshot": ("volume_id", (EBS,)),
    "aws_ebs_snapshot_copy": (
        "source_snapshot_id",
        ("aws_ebs_snapshot", "aws_ebs_snapshot_copy"),
    ),
    "aws_ami_from_instance": ("source_instance_id", (INSTANCE,)),
    "aws_ami_copy": (
        "source_ami_id",
        ("aws_ami_from_instance", "aws_ami_copy", "aws_ami"),
    ),
    "aws_ami": (
        "ebs_block_device.snapshot_id",
        ("aws_ebs_snapshot", "aws_ebs_snapshot_copy"),
    ),
}
_DEPTH = 8


def _copied_on(here: RootIndex, copy: Resource, estate: Estate) -> None:
    """A copy of a snapshot or image: one more copy of what that one was taken of."""
    source = given(copy.values, _TAKEN[copy.type][0])
    if source is None:
        return
    span = span_of(source, copy)
    region = region_of(here, copy)
    step = Step(region.span, "the region that it is copied to")
    region = region._replace(span=span, trail=(step, *region.trail))
    stores = tuple(dict.fromkeys(_taken_of(here, copy, estate)))
    entry = kept_of(here, copy, stores)
    _copies(entry, here.address(copy), "snapshot-copy", span, region, estate)


def _taken_of(
    here: RootIndex, source: Resource, estate: Estate, depth: int = 0
) -> Iterator[Thing]:
    """The stores of which a snapshot or image was taken, through copies of it."""
    if source.type not in _TAKEN:
        yield from _stores(here, source, estate)
    elif depth < _DEPTH:
        name, types = _TAKEN[source.type]
        for value in values_at(source.values, name):
            for parent in here.parents(value, types):
                yield from _taken_of(here, parent, estate, depth + 1)


def _doubt(found: Truth) -> Unknown | None:
    return found if isinstance(found, Unknown) else None
