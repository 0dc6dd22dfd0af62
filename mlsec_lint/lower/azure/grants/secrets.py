"""Keys of weight stores that lie in a Key Vault: whoever reads them reads the store.

A secret whose value refers to an account key, a connection string or a signature of a
storage account opens all of it. Who gets secrets: by access policies of the vault or by
roles, whichever the vault goes by. Also who is let in without any login.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate import Thing
from mlsec_lint.lower.azure.grants.answers import Answer, both, opposite
from mlsec_lint.lower.azure.grants.deciding import decide
from mlsec_lint.lower.azure.grants.placing import place_of
from mlsec_lint.lower.azure.grants.principals import principals
from mlsec_lint.lower.azure.grants.rights import ACCOUNT, KEYS, READ_SECRETS
from mlsec_lint.lower.azure.grants.targets import needed
from mlsec_lint.lower.azure.keys import VAULT
from mlsec_lint.lower.azure.storage import container_reading, containers_of
from mlsec_lint.lower.reading import blocks, by_default, given, read_bool, span_of
from mlsec_lint.lower.terraform_index import symbol_of, values_at
from mlsec_lint.source import Note
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.azure.grants.assignments import Grant
    from mlsec_lint.lower.azure.grants.targets import Target
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_SECRET = "azurerm_key_vault_secret"  # noqa: S105 - the type of a resource
_ACCOUNTS = ("azurerm_storage_account", "data.azurerm_storage_account")
_SIGNATURES = ("data.azurerm_storage_account_sas",)
_OPENERS = ("access_key", "connection_string", "sas")
#: How many pairs of a secret and a grant are looked at.
MAX_PAIRS = 100_000
_DEPTH = 3
_GETS = frozenset({"get", "all"})


class Kept(NamedTuple):
    """A key of a weight store in a vault; what it opens it for, and where the vault is."""

    vault: Resource
    target: Target
    secret: Resource
    span: Span


def link_secrets(
    index: TerraformIndex, estate: Estate, grants: list[Grant], targets: list[Target]
) -> None:
    """Edges from those who get such secrets to the store that these open."""
    pairs = 0
    for here in index.roots:
        for kept in _kept(here, targets):
            pairs += len(grants)
            if pairs > MAX_PAIRS:
                _too_many(estate, kept)
                return
            by_roles = _by_roles(kept.vault)
            opens = needed(kept.target, KEYS)
            for grant in grants:
                at = place_of(here, kept.secret)
                gets = decide(grant.role, grant.scope, READ_SECRETS, at)
                answer = both((gets, by_roles, opens))
                if grant.unknown is not None and answer is True:
                    answer = grant.unknown
                words = f"the role {grant.role.name} lets it read"
                _link(estate, grant.identity, kept, grant.span, words, answer)
            for who, span, gets in _policies(index, here, estate, kept.vault):
                answer = both((gets, opposite(by_roles), opens))
                words = "an access policy of the vault lets it read"
                _link(estate, who, kept, span, words, answer)


def _too_many(estate: Estate, kept: Kept) -> None:
    text = f"more than {MAX_PAIRS} pairs of secrets and role assignments"
    text += ": not all were joined"
    span = kept.span
    estate.note([Note("bound", text, span.path, span, incomplete=True)])


def _kept(here: RootIndex, targets: list[Target]) -> Iterator[Kept]:
    stores = {id(t.resource): t for t in targets if t.kind == ACCOUNT and t.resource}
    for secret in here.of(_SECRET):
        value = given(secret.values, "value")
        vaults = here.parents(given(secret.values, "key_vault_id"), (VAULT,))
        if value is None or len(vaults) != 1:
            continue
        for account in accounts_of(here, value):
            target = stores.get(id(account))
            if target is not None:
                yield Kept(vaults[0], target, secret, span_of(value, secret))


def accounts_of(here: RootIndex, value: Value, depth: int = 0) -> list[Resource]:
    """The accounts whose key, connection string or signature a value is, or holds."""
    symbols = [symbol_of(value)]
    unknown = value.unknown
    if unknown is not None:
        symbols += [p.symbol for p in unknown.parts if isinstance(p, Unknown)]
    found: list[Resource] = []
    for symbol in symbols:
        steps = [str(s) for s in symbol.path] if symbol is not None else []
        if symbol is None or not any(o in s for s in steps for o in _OPENERS):
            continue
        for resource in here.resolve_all(symbol):
            if resource.type == _ACCOUNTS[0]:
                found.append(resource)
            elif f"data.{resource.type}" in _SIGNATURES:
                inner = given(resource.values, "connection_string")
                if inner is not None and depth < _DEPTH:
                    found += accounts_of(here, inner, depth + 1)
    return found


def _by_roles(vault: Resource) -> Answer:
    switch = given(vault.values, "rbac_authorization_enabled") or given(
        vault.values, "enable_rbac_authorization"
    )
    default = by_default(vault, "rbac_authorization_enabled")
    value = read_bool(vault, switch, default).value
    return (
        value._replace(possible=None) if isinstance(value, Unknown) else value is True
    )


def _policies(
    index: TerraformIndex, here: RootIndex, estate: Estate, vault: Resource
) -> Iterator[tuple[Thing, Span, Answer]]:
    """Who an access policy lets get secrets, by which line."""
    kind = f"{VAULT}_access_policy"
    satellites = index.satellites(here, vault, kind, "key_vault_id")
    owners = [(owner, owner.values) for owner in satellites.found]
    owners += [(vault, block) for block in blocks(vault.values, "access_policy")]
    for owner, values in owners:
        listed = given(values, "secret_permissions")
        who = given(values, "object_id")
        if listed is None or who is None:
            continue
        gets = _gets(values, listed)
        for identity, unknown in principals(index.home(owner), estate, who, owner):
            if gets is not False:
                answer = gets if unknown is None else unknown
                yield identity, span_of(listed, owner), answer


def _gets(values: Value, listed: Value) -> Answer:
    unknown = listed.unknown
    for value in values_at(values, "secret_permissions"):
        text = value.text()
        if isinstance(text, Unknown):
            unknown = text
        elif text is not None and text.lower() in _GETS:
            return True
    return False if unknown is None else unknown._replace(possible=None)


def _link(
    estate: Estate, who: Thing, kept: Kept, span: Span, words: str, answer: Answer
) -> None:
    if answer is False:
        return
    unknown = answer if isinstance(answer, Unknown) else None
    secret = kept.secret.address
    for verb in ("may read", "may write", "may open"):
        estate.link(
            who,
            verb,
            kept.target.store,
            span,
            f"{words} {secret}, which keeps a key of it",
            certain=unknown is None,
            why=unknown.why if unknown is not None else "",
        )


def link_everyone(index: TerraformIndex, estate: Estate, targets: list[Target]) -> None:
    """An edge from everyone to accounts with containers that ask for no login."""
    for target in targets:
        if target.kind != ACCOUNT or target.resource is None:
            continue
        blocked = target.store.fact("public.blocked")
        closed = blocked.value if blocked is not None else False
        if closed is True:
            continue
        here = index.home(target.resource)
        for container in containers_of(index, here, target.resource):
            opened = container_reading(container)
            if opened is None or opened.value is False:
                continue
            doubts = (opened.value, closed)
            doubt = next((d for d in doubts if isinstance(d, Unknown)), None)
            estate.link(
                _everyone(estate, opened.span),
                "may read",
                target.store,
                opened.span,
                f"{container.address} lets everyone read its blobs",
                certain=doubt is None,
                why=doubt.why if doubt is not None else "",
            )


def _everyone(estate: Estate, span: Span) -> Thing:
    thing = estate.add(Thing("identity", "everyone", "everyone", span))
    if "sort" not in thing.facts:
        thing.state("sort", "everyone", span)
    return thing
