"""What vaults and lifecycle policies of AWS keep, by themselves.

Backups are often a repository of their own: what a vault keeps is declared elsewhere and
chosen by tag. These hold no weights but where everything is taken to; the copies of
stores that the scan holds are things of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.lower.aws.copy_keys import (
    AIR_GAPPED,
    VAULT,
    seal_snapshots,
    seal_vault,
)
from mlsec_lint.lower.aws.place import put_place
from mlsec_lint.lower.reading import blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_MANAGER = "aws_dlm_lifecycle_policy"


def add_bare_copies(index: TerraformIndex, estate: Estate) -> None:
    """Add what backup vaults and lifecycle policies keep, whatever that is."""
    for here in index.roots:
        for vault in here.of(VAULT, AIR_GAPPED):
            copy = _copy(here, estate, vault, here.address(vault), vault.span)
            put_place(here, copy, vault)
            seal_vault(here, estate, copy, vault)
        for manager in here.of(_MANAGER):
            for where, rule, sealed in _rules(manager):
                address = f"{here.address(manager)}.{where}"
                span = rule.entry() or manager.span
                copy = _copy(here, estate, manager, address, span)
                seal_snapshots(here, estate, [copy], manager, sealed)


def _copy(
    here: RootIndex, estate: Estate, owner: Resource, address: str, span: Span
) -> Thing:
    name = f"what {owner.address} keeps"
    copy = estate.add(Thing("copy", address, name, span, "aws", here.root.path))
    copy.state("service", owner.type, span)
    copy.state("type", "backup", span)
    return copy


def _rules(manager: Resource) -> Iterator[tuple[str, Value, Value]]:
    """The rules by which snapshots go to another region, and where their key stands."""
    for details in blocks(manager.values, "policy_details"):
        for number, schedule in enumerate(blocks(details, "schedule")):
            for place, rule in enumerate(blocks(schedule, "cross_region_copy_rule")):
                yield f"schedule[{number}].cross_region_copy_rule[{place}]", rule, rule
        for number, action in enumerate(blocks(details, "action")):
            for place, rule in enumerate(blocks(action, "cross_region_copy")):
                for sealed in blocks(rule, "encryption_configuration")[:1]:
                    yield f"action[{number}].cross_region_copy[{place}]", rule, sealed
