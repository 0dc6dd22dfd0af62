"""Keys of automatic copies on AWS: vaults of AWS Backup, replicas of EFS, copied snapshots.

AWS Backup seals what it keeps of S3 and EFS with the key of the vault, and what it copies
to another vault with that one's; other backups keep the key of what they are of (AWS
Backup, "Encryption for backups", read 2026-11). A copy of an encrypted snapshot is
encrypted whatever the rule says, with the default key of its region unless it names one
(Data Lifecycle Manager, "Cross-Region copy", 2026-11).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.aws.keys import put_key
from mlsec_lint.lower.reading import (
    by_default,
    given,
    maybe_absent,
    put,
    read_bool,
    reading,
    span_of,
    unknown_because,
)
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource

VAULT = "aws_backup_vault"
AIR_GAPPED = "aws_backup_logically_air_gapped_vault"
#: Whose backups are sealed with the key of the vault.
_OWN_KEY = ("aws_s3_bucket", "aws_efs_file_system")
_BUILT_IN = "Default"
_FACT = "encryption.key.managed_by"
_SEALED = ("provider", "customer", "hsm")


def seals_itself(kind: str) -> bool:
    """Whether a backup of such a resource has the key of its vault, not of its source."""
    return kind in _OWN_KEY


def seal_in_vault(
    here: RootIndex,
    estate: Estate,
    copies: list[Thing],
    plan: Resource,
    named: Value,
    doubt: Unknown | None,
) -> None:
    """State the key of backups in the vault that a plan names, by name or by ARN."""
    vaults = here.parents(named, (VAULT, AIR_GAPPED))
    text = here.text_of(named)
    if not vaults and isinstance(text, str):
        vaults = here.named(text.rpartition(":")[2], (VAULT,))
    for copy in copies:
        if len(vaults) == 1:
            seal_vault(here, estate, copy, vaults[0])
        elif text == _BUILT_IN:
            words = "AWS Backup: the vault Default has the key aws/backup"
            copy.state(_FACT, "provider", span_of(named, plan), default=words)
        else:
            why = f"the key of the vault {_shown(text)} is not in the scan"
            unknown = unknown_because(plan, why)
            put(copy, _FACT, unknown._replace(span=span_of(named, plan)))
        fact = copy.facts[_FACT]
        if doubt is not None and not isinstance(fact.value, Unknown):
            unsure = doubt._replace(possible=None, parts=(), symbol=None)
            put(copy, _FACT, fact._replace(value=unsure))


def _shown(text: str | Unknown | None) -> str:
    return text.rpartition(":")[2] if isinstance(text, str) and text else "it goes to"


def seal_vault(here: RootIndex, estate: Estate, copy: Thing, vault: Resource) -> None:
    """State the key of what a vault keeps."""
    name = "kms_key_arn" if vault.type == VAULT else "encryption_key_arn"
    key = given(vault.values, name)
    if key is not None:
        put_key(here, estate, copy, vault, key)
    else:
        put(copy, _FACT, by_default(vault, "kms_key_arn", VAULT))
    put(copy, _FACT, maybe_absent(vault, copy.facts[_FACT]))


def seal_replica(
    here: RootIndex, estate: Estate, copy: Thing, owner: Resource, destination: Value
) -> None:
    """State the key of a replica that EFS makes; one that exists keeps its own."""
    if given(destination, "file_system_id") is not None:
        return
    key = given(destination, "kms_key_id")
    if key is not None:
        put_key(here, estate, copy, owner, key)
        return
    found = by_default(owner, "destination.kms_key_id")
    span: Span = destination.entry() or owner.span
    put(copy, _FACT, found._replace(span=span))


def seal_snapshots(
    here: RootIndex, estate: Estate, copies: list[Thing], owner: Resource, rule: Value
) -> None:
    """State the key of snapshots that a lifecycle policy copies to another region."""
    key = given(rule, "cmk_arn")
    encrypted = given(rule, "encrypted")
    absent = reading(encrypted or rule, owner, data=False)
    on = read_bool(owner, encrypted, absent)
    for copy in copies:
        source = [
            fact.value
            for edge in estate.edges_to(copy, "is copied by")
            if (fact := edge.source.fact(_FACT)) is not None
        ]
        sealed = bool(source) and all(value in _SEALED for value in source)
        if key is not None and (sealed or on.value is True):
            put_key(here, estate, copy, owner, key)
        elif sealed or on.value is True:
            words = "" if on.value is True else "Amazon EBS: as an encrypted source"
            put(copy, _FACT, on._replace(value="provider", default=words))
        else:
            why = "whether the source is encrypted, or the account's default is on"
            unsure = unknown_because(owner, f"{why}, decides")
            assert isinstance(unsure.value, Unknown)
            named = "provider" if key is None else "customer"
            either = (Value("none", on.span), Value(named, on.span))
            value = unsure.value._replace(possible=either)
            put(copy, _FACT, unsure._replace(value=value, span=on.span))
