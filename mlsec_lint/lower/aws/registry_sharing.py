"""Registries of models and images that AWS policies and shares open to other accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.aws.arns import ACCOUNT, field_of
from mlsec_lint.lower.aws.copy_accounts import own_accounts
from mlsec_lint.lower.aws.grants.match import NO, action_covers, text_with_holes
from mlsec_lint.lower.aws.models import GROUP
from mlsec_lint.lower.aws.policy import read_policy
from mlsec_lint.lower.aws.registries import REPOSITORY
from mlsec_lint.lower.aws.shares import SHARE, shared_with
from mlsec_lint.lower.reading import by_default, given, put_also, read_bool
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.aws.policy import Statement
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

#: Registry, satellite with a policy, argument that names the registry, the policy's own.
POLICIES = (
    (GROUP, f"{GROUP}_policy", "model_package_group_name", "resource_policy"),
    (REPOSITORY, f"{REPOSITORY}_policy", "repository", "policy"),
)
_IDENTITY = regex(r"^(?:\d{12}|arn:aws[a-z-]*:(?:iam|sts)::\d{12}:.+)$")
_ORGANISATION = ("aws:principalorgid", "aws:principalorgpaths")
#: What lets images out of a repository, or lets others say who may take them out.
_PULLS = ("ecr:BatchGetImage", "ecr:SetRepositoryPolicy")
_LISTED = "shared.accounts"
_NOBODY = "no policy of it in the scan names another account"


def lower_registry_sharing(index: TerraformIndex, estate: Estate) -> None:
    """State the accounts that registries are shared with, and shares with outsiders."""
    for here in index.roots:
        for kind, satellite, parent, policy in POLICIES:
            for registry in here.of(kind):
                store = estate.find("store", here.address(registry))
                if store is None:
                    continue
                number = field_of(here.attribute(registry, "arn"), ACCOUNT)
                own = own_accounts(here) | ({number} if number else set())
                for owner in index.satellites(here, registry, satellite, parent).found:
                    document = given(owner.values, policy)
                    if document is not None:
                        _named(here, store, owner, document, own)
                for account, span in shared_with(index, here, registry):
                    listed = account if isinstance(account, Unknown) else (account,)
                    store.also(_LISTED, listed, span)
                if store.fact(_LISTED) is None:
                    store.state(_LISTED, (), default=_NOBODY)
        for share in here.of(SHARE):
            _shared(index, here, share, estate)


def _named(
    here: RootIndex, store: Thing, owner: Resource, document: Value, own: set[str]
) -> None:
    """The accounts that a policy lets in; a condition on the organisation keeps them ours."""
    policy = read_policy(here, document, owner.span)
    if policy.unknown is not None:
        store.also(_LISTED, policy.unknown, document.entry() or owner.span)
    for statement in policy.statements:
        if statement.effect == "Deny" or _within(statement):
            continue
        if owner.type.startswith(REPOSITORY) and not _pulls(here, statement):
            continue
        found = [_account(here, v) for kind, v in statement.principals if kind == "AWS"]
        names = tuple(
            dict.fromkeys(n for n in found if isinstance(n, str) and n not in own)
        )
        unknown = next((n for n in found if isinstance(n, Unknown)), None)
        if names:
            store.also(_LISTED, names, statement.span)
        elif unknown is not None:
            store.also(_LISTED, unknown._replace(possible=None), statement.span)


def _pulls(here: RootIndex, statement: Statement) -> bool:
    """Whether a statement may let anybody take images out."""
    listed = statement.actions or statement.not_actions
    texts = [text_with_holes(here.text_of(action)) for action in listed]
    covered = [
        any(action_covers(text, wanted) is not NO for text in texts)
        for wanted in _PULLS
    ]
    return any(covered) if statement.actions else not all(covered)


def _within(statement: Statement) -> bool:
    """Whether a statement is for principals of one organisation only."""
    return any(
        condition.key.lower() in _ORGANISATION
        and not condition.operator.lower().startswith(("stringnot", "null"))
        for condition in statement.conditions
    )


def _account(here: RootIndex, value: Value) -> str | Unknown | None:
    """The account of a principal; None for everyone, for services, and for our own.

    A principal whose account config does not name is one that this config makes, or
    finds: of its own account.
    """
    text = here.text_of(value)
    if isinstance(text, str) and _IDENTITY.match(text):
        return field_of(text, ACCOUNT) if text.startswith("arn:") else text
    if isinstance(text, Unknown) and text.kind == "variable" and not text.parts:
        return text
    return None


def _shared(
    index: TerraformIndex, here: RootIndex, share: Resource, estate: Estate
) -> None:
    """A resource share that admits principals outside of the organisation."""
    outside = given(share.values, "allow_external_principals")
    default = by_default(share, "allow_external_principals")
    admits = read_bool(share, outside, default)
    private = admits.value if isinstance(admits.value, Unknown) else not admits.value
    ties = index.satellites(
        here, share, "aws_ram_resource_association", "resource_share_arn"
    )
    for tie in ties.found:
        named = given(tie.values, "resource_arn")
        for registry in here.parents(named, (GROUP, REPOSITORY)):
            store = estate.find("store", here.address(registry))
            if store is not None:
                fact = admits._replace(value=private)
                put_also(store, "registry.private", fact)
