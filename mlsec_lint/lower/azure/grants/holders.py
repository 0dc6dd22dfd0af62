"""Whoever holds a credential of a store itself: local users, tokens, signed links.

Such a credential stands for nobody in particular: its holder is a thing of its own, by
the address of what declares it. Read: azurerm_storage_account_local_user (SFTP),
azurerm_container_registry_token with its scope map, the data sources that sign links to
a storage account or container, azurerm_managed_disk_sas_token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.azure.grants.answers import Answer, both, either
from mlsec_lint.lower.azure.grants.rights import KEYS, READ, WRITE
from mlsec_lint.lower.azure.grants.secrets import accounts_of
from mlsec_lint.lower.azure.grants.targets import needed
from mlsec_lint.lower.declared import thing_of
from mlsec_lint.lower.reading import blocks, by_default, given, read_bool, span_of
from mlsec_lint.lower.terraform_index import values_at
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.azure.grants.targets import Target
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_USER = "azurerm_storage_account_local_user"
_TOKEN = "azurerm_container_registry_token"  # noqa: S105 - the type of a resource
_MAP = "azurerm_container_registry_scope_map"
_LINKS = (
    "data.azurerm_storage_account_sas",
    "data.azurerm_storage_account_blob_container_sas",
)
_DISK = "azurerm_managed_disk_sas_token"
_ACCOUNT = "azurerm_storage_account"
_REGISTRY = "azurerm_container_registry"


class Held(NamedTuple):
    """A credential: what declares it, the store's resource, a verb, and whether so."""

    owner: Resource
    store: Resource
    verb: str
    answer: Answer
    span: Span
    words: str


def link_holders(index: TerraformIndex, estate: Estate, targets: list[Target]) -> None:
    """Edges from whoever holds a store's own credentials to that store."""
    stores = {id(t.resource): t for t in targets if t.resource is not None}
    for here in index.roots:
        for held in _all(here):
            target = stores.get(id(held.store))
            if target is None:
                continue
            answer = held.answer
            if held.owner.mode == "data":
                answer = both((answer, needed(target, KEYS)))
            if answer is not False:
                _link(here, estate, held, target, answer)


def _link(
    here: RootIndex, estate: Estate, held: Held, target: Target, answer: Answer
) -> None:
    thing = estate.add(thing_of(here, held.owner, "identity", "azure"))
    if "sort" not in thing.facts:
        thing.name = f"whoever holds {held.owner.address}"
        thing.state("sort", "unknown")
        thing.state("static_key", value=True)
    unknown = answer if isinstance(answer, Unknown) else None
    estate.link(
        thing,
        held.verb,
        target.store,
        held.span,
        held.words,
        certain=unknown is None,
        why=unknown.why if unknown is not None else "",
    )


def _all(here: RootIndex) -> Iterator[Held]:
    for user in here.of(_USER):
        yield from _local_user(here, user)
    for token in here.of(_TOKEN):
        yield from _registry_token(here, token)
    for link in here.of(*_LINKS):
        yield from _signed(here, link)
    for token in here.of(_DISK):
        named = given(token.values, "managed_disk_id")
        level = given(token.values, "access_level")
        for disk in here.parents(named, ("azurerm_managed_disk",)):
            span = span_of(level, token) if level is not None else token.span
            words = "is a signed link to all of it"
            yield Held(token, disk, READ, True, span, words)  # noqa: FBT003


def _switched(block: Value, name: str) -> Answer:
    value = given(block, name)
    found = value.boolean() if value is not None else False
    if isinstance(found, Unknown):
        return found._replace(possible=None)
    return found is True


def _local_user(here: RootIndex, user: Resource) -> Iterator[Held]:
    named = given(user.values, "storage_account_id")
    for account in here.parents(named, (_ACCOUNT,)):
        on = both(
            _by_switch(account, n) for n in ("sftp_enabled", "local_user_enabled")
        )
        scopes = blocks(user.values, "permission_scope")
        for verb, right in ((READ, "read"), (WRITE, "write")):
            rights = [
                _switched(block, right)
                for scope in scopes
                for block in blocks(scope, "permissions")
            ]
            words = f"may {right} over SFTP"
            yield Held(
                user, account, verb, both((on, either(rights))), user.span, words
            )


def _by_switch(account: Resource, name: str) -> Answer:
    value = given(account.values, name)
    found = read_bool(account, value, by_default(account, name)).value
    if isinstance(found, Unknown):
        return found._replace(possible=None)
    return found is True


def _registry_token(here: RootIndex, token: Resource) -> Iterator[Held]:
    """A token of a registry: what its scope map lets it do."""
    named = given(token.values, "scope_map_id")
    on = given(token.values, "enabled")
    enabled: Answer = True if on is None else _switched(token.values, "enabled")
    registries = here.parents(
        given(token.values, "container_registry_name"), (_REGISTRY,)
    )
    for found in here.parents(named, (_MAP,)):
        texts = [here.text_of(value) for value in values_at(found.values, "actions")]
        span = span_of(named, token) if named is not None else token.span
        for verb, right in ((READ, "/content/read"), (WRITE, "/content/write")):
            answers: list[Answer] = [
                text if isinstance(text, Unknown) else str(text).endswith(right)
                for text in texts
            ]
            words = f"is a token for {found.address}"
            for registry in registries:
                answer = both((enabled, either(answers)))
                yield Held(token, registry, verb, answer, span, words)


def _signed(here: RootIndex, link: Resource) -> Iterator[Held]:
    """A signed link: it opens what its permissions name, as long as keys do."""
    value = given(link.values, "connection_string")
    accounts = accounts_of(here, value) if value is not None else []
    for verb, right in ((READ, "read"), (WRITE, "write")):
        rights = [
            _switched(block, right) for block in blocks(link.values, "permissions")
        ]
        for account in accounts:
            span = span_of(value, link) if value is not None else link.span
            words = f"is a signed link that lets its holder {right}"
            yield Held(link, account, verb, either(rights), span, words)
