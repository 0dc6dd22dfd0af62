"""AWS KMS: which policies and grants let more than named identities decrypt.

A key policy that delegates to the account root is AWS's default and says nothing by
itself: it hands the question to IAM. So where a key delegates, IAM policies of the same
account that allow `kms:Decrypt` on every key are statements about that key.
Does not model: policies attached in another root, permission boundaries, SCPs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate import Fact
from mlsec_lint.lower.aws.decrypting import (
    attests,
    decrypts,
    decrypts_everything,
    may_be_anybody,
    narrowed,
    root_account,
    wide_principal,
)
from mlsec_lint.lower.aws.keys import KEY_TYPES
from mlsec_lint.lower.aws.policy import read_policy
from mlsec_lint.lower.reading import (
    by_default,
    given,
    maybe_absent,
    put,
    put_also,
    reading,
    span_of,
)
from mlsec_lint.lower.terraform_index import values_at
from mlsec_lint.lower.unsure import unsure_of
from mlsec_lint.source import Note
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.aws.policy import Policy, Statement
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_BROAD = "decrypt.broad"
_STATEMENTS = 100
#: Operations of a grant by which one gets at plaintext, or hands the right on.
_OPENING = frozenset({"Decrypt", "ReEncryptFrom", "CreateGrant"})
#: Where IAM policy documents stand: resource type, dotted argument.
_IAM_POLICIES = (
    ("aws_iam_policy", "policy"),
    ("aws_iam_role_policy", "policy"),
    ("aws_iam_user_policy", "policy"),
    ("aws_iam_group_policy", "policy"),
    ("aws_iam_role", "inline_policy.policy"),
)
#: Attachments of AWS's own policies that allow `kms:Decrypt` on every key (2026-11).
_MANAGED = ("AdministratorAccess", "PowerUserAccess")
_ATTACHMENTS = (
    ("aws_iam_role_policy_attachment", "policy_arn"),
    ("aws_iam_user_policy_attachment", "policy_arn"),
    ("aws_iam_group_policy_attachment", "policy_arn"),
    ("aws_iam_policy_attachment", "policy_arn"),
    ("aws_iam_role", "managed_policy_arns"),
)


class _Document(NamedTuple):
    owner: Resource
    policy: Policy


def lower_key_rights(index: TerraformIndex, estate: Estate) -> None:
    """State `decrypt.broad` and `confidential` of every declared KMS key."""
    for here in index.roots:
        by_iam = None
        for resource in here.of(*KEY_TYPES):
            key = estate.find("key", here.address(resource))
            if key is None:
                continue
            if by_iam is None:
                by_iam = _within_bound(estate, list(_iam(here)))
            _rights(index, here, key, resource, by_iam)


def _within_bound(
    estate: Estate, found: list[tuple[Resource, Fact]]
) -> list[tuple[Resource, Fact]]:
    """The first broad statements of a root: each is stated once more per key."""
    if len(found) > _STATEMENTS:
        rest = found[_STATEMENTS][1].span
        text = f"{len(found) - _STATEMENTS} more IAM statements decrypt with every key"
        estate.note([Note("bound", text, rest.path, rest)])
    return found[:_STATEMENTS]


def _rights(
    index: TerraformIndex,
    here: RootIndex,
    key: Thing,
    resource: Resource,
    by_iam: list[tuple[Resource, Fact]],
) -> None:
    documents = _documents(index, here, resource)
    if documents:
        words = "no statement of the key policy lets more than named identities decrypt"
        key.state(_BROAD, value=False, span=documents[0].owner.span, default=words)
    else:
        put(key, _BROAD, by_default(resource, "policy.broad", "aws_kms_key"))
    own = _own_accounts(resource, documents)
    for document in documents:
        for found in _broad(document, own):
            put_also(key, _BROAD, maybe_absent(document.owner, found))
    for found in _grants(index, here, resource):
        put_also(key, _BROAD, found)
    for kind in ("aws_kms_key_policy", "aws_kms_grant"):
        others = index.satellites(here, resource, kind, "key_id")
        for unsure in unsure_of(here, others, "key_id"):
            put_also(key, _BROAD, unsure)
    if not documents or _delegates(documents):
        for owner, found in by_iam:
            if _account(owner) == _account(resource):
                put_also(key, _BROAD, maybe_absent(owner, found))
    _attested(key, resource, documents)


def _documents(
    index: TerraformIndex, here: RootIndex, resource: Resource
) -> list[_Document]:
    kind = "aws_kms_key_policy"
    owners = [resource, *index.satellites(here, resource, kind, "key_id").found]
    found = []
    for owner in owners:
        document = given(owner.values, "policy")
        if document is not None:
            policy = read_policy(here, document, span_of(document, owner))
            found.append(_Document(owner, policy))
    return found


def _broad(document: _Document, own: frozenset[str]) -> Iterator[Fact]:
    """Statements by which everyone of an account or organisation may decrypt."""
    if document.policy.unknown is not None:
        span = document.owner.span
        value = given(document.owner.values, "policy")
        if value is not None:
            span = span_of(value, document.owner)
        yield Fact(document.policy.unknown._replace(possible=None), span)
    for statement in document.policy.statements:
        found = _statement(statement, own)
        if found is not False:
            yield _at(statement, found)


def _at(statement: Statement, value: bool | Unknown) -> Fact:
    trail = statement.trail_of.trail if statement.trail_of is not None else ()
    return Fact(value, statement.span, trail)


def _statement(statement: Statement, own: frozenset[str]) -> bool | Unknown:
    if statement.unknown is not None:
        return statement.unknown._replace(possible=None)
    if statement.effect == "Deny":
        return False
    wide: bool | Unknown = bool(statement.not_principals)
    for kind, value in statement.principals:
        found = wide_principal(kind, value, own, admin=_is_admin(statement))
        if found is True:
            wide = True
            break
        wide = found if isinstance(found, Unknown) else wide
    parts = (wide, narrowed(statement.conditions), decrypts(statement))
    if wide is False or parts[1] is True or parts[2] is False:
        return False
    for part in (statement.effect, *parts):
        if isinstance(part, Unknown):
            return part._replace(possible=None)
    return True


def _is_admin(statement: Statement) -> bool:
    """The statement that gives an account all rights over the key."""
    return any(a.data in ("kms:*", "*") for a in statement.actions)


def _own_accounts(resource: Resource, documents: list[_Document]) -> frozenset[str]:
    """Accounts that are the key's own: of its provider, or with all rights over it."""
    found: set[str] = set()
    provider = resource.provider.values
    if provider is not None:
        found.update(str(v.data) for v in values_at(provider, "allowed_account_ids"))
    for document in documents:
        for statement in document.policy.statements:
            if statement.effect == "Allow" and _is_admin(statement):
                found.update(
                    account
                    for kind, value in statement.principals
                    if kind in ("AWS", "*")
                    and isinstance(account := root_account(value), str)
                )
    return frozenset(found)


def _delegates(documents: list[_Document]) -> bool:
    """Whether a policy certainly leaves it to IAM of the account who may decrypt."""
    return any(
        statement.effect == "Allow"
        and decrypts(statement) is True
        and narrowed(statement.conditions) is False
        and any(
            kind in ("AWS", "*") and root_account(value) is not None
            for kind, value in statement.principals
        )
        for document in documents
        for statement in document.policy.statements
    )


def _grants(
    index: TerraformIndex, here: RootIndex, resource: Resource
) -> Iterator[Fact]:
    """Grants whose grantee is a whole account."""
    for grant in index.satellites(here, resource, "aws_kms_grant", "key_id").found:
        operations = [v.text() for v in values_at(grant.values, "operations")]
        grantee = given(grant.values, "grantee_principal")
        hidden = next((o for o in operations if isinstance(o, Unknown)), None)
        if grantee is None or (
            hidden is None and not _OPENING.intersection(operations)
        ):
            continue
        text = grantee.text()
        if text == "*" or root_account(grantee) is not None:
            told = True if hidden is None else hidden._replace(possible=None, parts=())
            yield maybe_absent(grant, reading(grantee, grant, told))
        elif isinstance(text, Unknown) and may_be_anybody(text):
            unsure = text._replace(possible=None, parts=())
            yield reading(grantee, grant, unsure)


def _iam(here: RootIndex) -> Iterator[tuple[Resource, Fact]]:
    """IAM statements that allow decryption with every key of the account."""
    for kind, argument in _IAM_POLICIES:
        for owner in here.of(kind):
            for document in values_at(owner.values, argument):
                policy = read_policy(here, document, span_of(document, owner))
                for statement in policy.statements:
                    action = decrypts_everything(statement)
                    if action is not None:
                        found = _at(statement, value=True)
                        span = action.entry() or found.span
                        yield owner, found._replace(span=span)
    for kind, argument in _ATTACHMENTS:
        for owner in here.of(kind):
            for arn in values_at(owner.values, argument):
                name = arn.text()
                if isinstance(name, str) and name.endswith(
                    tuple(f":aws:policy/{policy}" for policy in _MANAGED)
                ):
                    yield owner, reading(arn, owner, data=True)


def _account(resource: Resource) -> tuple[str, ...]:
    """What tells accounts apart: the role that a provider assumes, or its profile."""
    provider = resource.provider.values
    if provider is None:
        return ()
    names: list[Value] = []
    for path in ("assume_role.role_arn", "profile"):
        names.extend(values_at(provider, path))
    return tuple(repr(name.data) for name in names)


def _attested(key: Thing, resource: Resource, documents: list[_Document]) -> None:
    """Whether a statement that allows decryption asks for an attestation document."""
    for document in documents:
        for statement in document.policy.statements:
            asked = attests(statement)
            if asked is not False:
                found = _at(statement, asked)
                put(key, "confidential", maybe_absent(document.owner, found))
                return
    absent = by_default(resource, "policy.attested", "aws_kms_key")
    unread = [d for d in documents if d.policy.unknown is not None]
    if unread:
        assert unread[0].policy.unknown is not None
        value = unread[0].policy.unknown._replace(possible=None)
        absent = Fact(value, unread[0].owner.span)
    put(key, "confidential", absent)
