"""Amazon EFS and FSx: whether a place on the network is enough to mount them.

EFS asks for an identity only where its policy does: without one, any host that reaches
a mount target mounts it as root (Amazon EFS user guide, 2026-11). FSx for Lustre, ONTAP
and OpenZFS know no identities, so their security groups and exports decide.
Does not model: network ACLs, FSx for Windows (Active Directory), ONTAP export policies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.aws.decrypting import may_be_anybody
from mlsec_lint.lower.aws.policy import read_policy
from mlsec_lint.lower.aws.security_groups import groups_of
from mlsec_lint.lower.aws.volumes import EFS, LUSTRE
from mlsec_lint.lower.declared import store_of
from mlsec_lint.lower.reading import (
    all_of,
    any_of,
    blocks,
    by_default,
    given,
    maybe_absent,
    put,
    put_also,
    reading,
    unknown_of,
)
from mlsec_lint.lower.terraform_index import values_at
from mlsec_lint.lower.unsure import unsure_of
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Fact, Thing
    from mlsec_lint.lower.aws.policy import Statement
    from mlsec_lint.lower.aws.security_groups import Groups
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource

_TARGET = "aws_efs_mount_target"
_POLICY = "aws_efs_file_system_policy"
_OPENZFS = "aws_fsx_openzfs_file_system"
_ONTAP = "aws_fsx_ontap_file_system"
_OPEN = "share.open"
#: NFS; and where Lustre's file servers listen.
_NFS, _LUSTRE = 2049, 988
#: Conditions that say nothing about who mounts.
_NO_IDENTITY = ("elasticfilesystem:accessedviamounttarget", "aws:securetransport")


def lower_mounts(index: TerraformIndex, estate: Estate) -> None:
    """State `share.open` of every EFS and FSx file system."""
    for here in index.roots:
        guard = groups_of(index, here)
        for system in here.of(EFS):
            store = store_of(index, estate, system)
            if store is not None:
                _efs(index, here, store, system, guard)
        for kind in (LUSTRE, _OPENZFS, _ONTAP):
            for system in here.of(kind):
                store = store_of(index, estate, system)
                if store is not None:
                    _fsx(store, system, guard)


def _efs(
    index: TerraformIndex,
    here: RootIndex,
    store: Thing,
    system: Resource,
    guard: Groups,
) -> None:
    words = "no mount target in the scan lets a whole network in"
    store.state(_OPEN, value=False, default=words)
    anonymous = _anonymous(index, here, system)
    if anonymous is not None and anonymous.value is False:
        put(store, _OPEN, anonymous)
        return
    targets = index.satellites(here, system, _TARGET, "file_system_id")
    for unsure in unsure_of(here, targets, "file_system_id"):
        put_also(store, _OPEN, unsure)
    for target in targets.found:
        groups = given(target.values, "security_groups")
        if groups is None:
            doors = [by_default(target, "security_groups")]
        else:
            doors = list(guard.admitted(groups, target, _NFS))
        for door in doors:
            found = door
            if anonymous is not None and isinstance(anonymous.value, Unknown):
                found = anonymous
            put_also(store, _OPEN, maybe_absent(target, found))


def _anonymous(index: TerraformIndex, here: RootIndex, system: Resource) -> Fact | None:
    """Whether the file system's policy lets anybody in; None where there is no policy."""
    policies = index.satellites(here, system, _POLICY, "file_system_id")
    readings = unsure_of(here, policies, "file_system_id")
    for owner in policies.found:
        document = given(owner.values, "policy")
        if document is None:
            continue
        policy = read_policy(here, document, owner.span)
        if policy.unknown is not None:
            unknown = policy.unknown._replace(possible=None, parts=())
            readings.append(reading(document, owner, unknown))
            continue
        found = [reading(document, owner, data=False)]
        for statement in policy.statements:
            value = _opens(statement)
            if value is not False:
                one = reading(document, owner, value)
                found.append(one._replace(span=statement.span))
        readings.append(maybe_absent(owner, any_of(found)))
    return _weakest(readings) if readings else None


def _weakest(readings: list[Fact]) -> Fact:
    """Closed only if what is there closes for certain."""
    for found in readings:
        if isinstance(found.value, Unknown):
            return found
    return any_of(readings)


def _opens(statement: Statement) -> bool | Unknown:
    """An Allow for everyone whose conditions ask for no identity and no access point."""
    if statement.unknown is not None:
        return statement.unknown._replace(possible=None, parts=())
    if statement.effect == "Deny":
        return False
    if any(c.key.lower() not in _NO_IDENTITY for c in statement.conditions):
        return False
    everyone: bool | Unknown = False
    for _, value in statement.principals:
        text = value.text()
        if text == "*":
            everyone = True
            break
        if isinstance(text, Unknown) and may_be_anybody(text):
            everyone = text._replace(possible=None, parts=())
    if everyone is not False and isinstance(statement.effect, Unknown):
        return statement.effect._replace(possible=None, parts=())
    return everyone


def _fsx(store: Thing, system: Resource, guard: Groups) -> None:
    words = "no security group of it lets a whole network in"
    store.state(_OPEN, value=False, default=words)
    groups = given(system.values, "security_group_ids")
    if groups is None:
        doors = [by_default(system, "security_group_ids", LUSTRE)]
    else:
        port = _LUSTRE if system.type == LUSTRE else _NFS
        doors = list(guard.admitted(groups, system, port))
    exports = list(_exports(system)) if system.type == _OPENZFS else []
    for door in doors:
        put_also(store, _OPEN, all_of([door, any_of(exports)]) if exports else door)


def _exports(system: Resource) -> Iterator[Fact]:
    """Whether clients of the root volume are everybody (`*`), as they are by default."""
    configured = False
    for root in blocks(system.values, "root_volume_configuration"):
        for client in values_at(root, "nfs_exports.client_configurations.clients"):
            configured = True
            text = client.text()
            if isinstance(text, Unknown):
                yield reading(client, system, unknown_of(client, "")._replace(parts=()))
            else:
                yield reading(client, system, text == "*")
    if not configured:
        yield by_default(system, "nfs_exports")
