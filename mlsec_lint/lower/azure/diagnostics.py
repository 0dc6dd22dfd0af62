"""Who records reads of Azure blobs: diagnostic settings of an account's blob service.

A setting on the account itself delivers metrics only: reads are recorded by one on
`{account}/blobServices/default`, with the category StorageRead or a group that has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.aws.arns import HOLE, told
from mlsec_lint.lower.azure.storage import ACCOUNT
from mlsec_lint.lower.reading import (
    any_of,
    blocks,
    by_default,
    given,
    maybe_absent,
    put,
    reading,
)
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Fact
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

SETTING = "azurerm_monitor_diagnostic_setting"
_BLOBS = "/blobservices/default"
_GROUPS = ("alllogs", "audit")


def lower_diagnostics(index: TerraformIndex, estate: Estate) -> None:
    """State `access.logged` of every declared storage account."""
    settings = [(here, s) for here in index.roots for s in here.of(SETTING)]
    for here in index.roots:
        for account in here.of(ACCOUNT):
            store = estate.find("store", here.address(account))
            if store is None:
                continue
            identity = told(here.attribute(account, "id")).lower()
            found: list[Fact] = []
            for home, setting in settings:
                concerns = _concerns(home, setting, identity)
                if concerns is not False:
                    found += _recorded(setting, concerns)
            found.append(by_default(account, "diagnostic_setting"))
            put(store, "access.logged", any_of(found))


def _concerns(here: RootIndex, setting: Resource, account: str) -> bool | Unknown:
    """Whether a setting is for the blob service of an account."""
    target = given(setting.values, "target_resource_id")
    text = here.text_of(target)
    named = told(text).lower().rstrip("/")
    if target is None or not named:
        return False
    if named == f"{account}{_BLOBS}":
        return True
    whole = not isinstance(text, Unknown) or bool(text.parts)
    if whole and not named.endswith(_BLOBS):
        return False
    if HOLE not in named and HOLE not in account:
        return False
    ours, theirs = _name_of(account), _name_of(named)
    if ours and theirs:
        return ours == theirs  # names of accounts are unique in the whole cloud
    why = f"which account {setting.address} is for is not known"
    return Unknown("resource", why, span=target.span)


def _name_of(identity: str) -> str:
    """The account's name in an id, or "" where it is not known."""
    name = identity.removesuffix(_BLOBS).rpartition("/storageaccounts/")[2]
    return "" if HOLE in name else name


def _recorded(setting: Resource, concerns: bool | Unknown) -> Iterator[Fact]:
    for name in ("enabled_log", "log"):
        for block in blocks(setting.values, name):
            if block.unknown is not None:
                yield reading(block, setting, block.unknown._replace(possible=None))
                continue
            enabled = given(block, "enabled")
            if name == "log" and enabled is not None and enabled.boolean() is False:
                continue
            chosen = _category(block)
            if chosen is not None:
                truth = chosen.unknown if chosen.unknown is not None else concerns
                yield maybe_absent(setting, reading(chosen, setting, truth))


def _category(block: Value) -> Value | None:
    """The category or group of a log block, where it records reads or may."""
    one, group = given(block, "category"), given(block, "category_group")
    if one is not None and (one.data == "StorageRead" or one.unknown is not None):
        return one
    if group is not None and group.unknown is not None:
        return group
    if group is not None and str(group.data).lower() in _GROUPS:
        return group
    return None
