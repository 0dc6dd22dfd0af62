"""Facts about one role's trust policy: foreign accounts, source conditions, second factors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.aws.grants.actions import ASSUME
from mlsec_lint.lower.aws.grants.decide import account_named, acts_on
from mlsec_lint.lower.aws.grants.match import NO, OWN, YES, covers, has_hole
from mlsec_lint.lower.aws.grants.outsiders import once, shown_text
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.lower.aws.grants.accounts import Accounts
    from mlsec_lint.lower.aws.grants.clause import Clause
    from mlsec_lint.lower.aws.grants.conditions import Test
    from mlsec_lint.lower.aws.grants.holders import Holder
    from mlsec_lint.source import Span

#: Services whose documentation asks for aws:SourceArn or aws:SourceAccount in the trust
#: policies of the roles that they assume for a customer (read 2026-11). Of the others
#: (EC2, Lambda, EKS) a condition would keep out the service itself.
SOURCED = frozenset(
    f"{name}.amazonaws.com"
    for name in (
        "sagemaker",
        "bedrock",
        "ecs-tasks",
        "codebuild",
        "states",
        "scheduler",
        "pipes",
        "batchoperations.s3",
        "datasync",
        "transfer",
        "vpc-flow-logs",
        "delivery.logs",
        "pods.eks",
        "glue",
        "ssm",
    )
)
#: Keys that tie the request of a service, or of a third party, to somebody.
_SOURCES = (
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "sts:externalid",
)
_MFA = "aws:multifactorauthpresent"
_MFA_AGE = "aws:multifactorauthage"


def state_trust(role: Holder, accounts: Accounts) -> None:
    """State `trust.accounts`, `trust.bound` and `trust.mfa` of a role, each at its line."""
    refused = refused_accounts(role)
    for clause in role.trust or ():
        if clause.effect == "Deny":
            continue
        span = clause.whom or clause.span or role.identity.span
        if clause.doubt:
            unknown = Unknown("unsupported", clause.doubt, span=span)
            once(role.identity, "trust.accounts", unknown, span, clause.trail)
            continue
        for kind, name in clause.principals:
            if kind == "Service":
                _service(role, clause, name, span)
            elif kind in ("AWS", "*", "?") and owner_of(name) not in refused:
                _aws(role, clause, name, span, accounts)
    if role.trust is not None and "trust.accounts" not in role.identity.facts:
        words = "its trust policy names no other account"
        role.identity.state("trust.accounts", (), default=words)


def refused_accounts(role: Holder) -> frozenset[str]:
    """Accounts whose every identity a statement of the trust refuses, asking nothing.

    A Deny of an account is one of all that are in it (IAM user guide, "NotPrincipal",
    2026-11).
    """
    return frozenset(
        account
        for clause in role.trust or ()
        if clause.effect == "Deny" and not clause.doubt and not clause.conditions
        if acts_on(clause, ASSUME) is YES
        for kind, name in clause.principals
        if kind == "AWS" and (account := account_named(name)) and not has_hole(account)
    )


def owner_of(name: str) -> str:
    """The account of an AWS principal, "" where its name does not tell."""
    fields = name.split(":", 5)
    return account_named(name) or (fields[4] if len(fields) == 6 else "")


def _service(role: Holder, clause: Clause, name: str, span: Span) -> None:
    if name in SOURCED and acts_on(clause, ASSUME) is not NO:
        once(role.identity, "trust.bound", bound(clause, span), span, clause.trail)


def bound(clause: Clause, span: Span) -> bool | Unknown:
    """Whether a condition ties a statement to a source or an external id."""
    doubt = ""
    for test in clause.conditions:
        doubt = doubt or test.doubt
        if test.key.lower() in _SOURCES and _positive(test) and _fixed(test):
            return True
    return Unknown("unsupported", doubt, span=span) if doubt else False


def _positive(test: Test) -> bool:
    operator = test.operator.lower()
    return (
        "not" not in operator
        and operator != "null"
        and not operator.endswith("ifexists")
    )


def _fixed(test: Test) -> bool:
    return bool(test.values) and all(value.strip("*?") for value in test.values)


def _aws(
    role: Holder, clause: Clause, name: str, span: Span, accounts: Accounts
) -> None:
    account = account_named(name)
    fields = name.split(":", 5)
    owner = account if account is not None else fields[4] if len(fields) == 6 else None
    identity = role.identity
    if name == "*":
        _open(role, clause, span)
        return
    if owner is None:
        shown, _ = shown_text(name)
        why = f"whose {shown} is, is not known"
        once(
            identity, "trust.accounts", Unknown("variable", why, shown, span=span), span
        )
        return
    if not accounts.is_lab(owner):
        shown, hidden = shown_text(owner)
        value: tuple[str, ...] | Unknown = (shown,)
        if hidden:
            value = Unknown("variable", f"{shown} is not known", shown, span=span)
        once(identity, "trust.accounts", value, span, clause.trail)
        if account is not None and not hidden:
            once(identity, "trust.bound", bound(clause, span), span, clause.trail)
    people = account is not None or ":user/" in name or "AWSReservedSSO_" in name
    if people and accounts.is_lab(owner):
        _people(role, clause, span)


def _open(role: Holder, clause: Clause, span: Span) -> None:
    """`*` in a trust: accounts that a condition names, else whoever."""
    for test in clause.conditions:
        if test.key.lower() == "aws:principalaccount" and _positive(test):
            known = tuple(v for v in test.values if v != OWN and not has_hole(v))
            if known:
                once(role.identity, "trust.accounts", known, span, clause.trail)


def _people(role: Holder, clause: Clause, span: Span) -> None:
    """Whether people who come by a statement need a second factor."""
    if "AWSReservedSSO_" not in str(clause.principals) and _only_roles(clause):
        return
    mfa: bool | Unknown = any(_asks_mfa(test) for test in clause.conditions) or any(
        denied.effect == "Deny" and any(_denies_without(t) for t in denied.conditions)
        for denied in role.trust or ()
    )
    doubt = next((test.doubt for test in clause.conditions if test.doubt), "")
    if mfa is False and doubt:
        mfa = Unknown("unsupported", doubt, span=span)
    if "AWSReservedSSO_" in str(clause.principals) and mfa is False:
        return  # the directory that people sign in to asks for it, not AWS
    once(role.identity, "trust.mfa", mfa, span, clause.trail)


def _only_roles(clause: Clause) -> bool:
    """Whether a condition on the principal's ARN lets roles only in."""
    for test in clause.conditions:
        if test.key.lower() == "aws:principalarn" and _positive(test) and test.values:
            if all(
                ":role/" in value or ":assumed-role/" in value for value in test.values
            ):
                return True
        if test.key.lower() == "aws:principaltype" and _positive(test):
            return all(covers(value, "User") is NO for value in test.values)
    return False


def _asks_mfa(test: Test) -> bool:
    """A condition that a request without a second factor does not meet.

    With IfExists it is met by requests that carry no such key: long-lived keys.
    """
    operator, key = test.operator.lower(), test.key.lower()
    if key == _MFA:
        return operator == "bool" and test.values == ("true",)
    if key == _MFA_AGE:
        return operator.startswith("numericlessthan") and not operator.endswith(
            "ifexists"
        )
    return False


def _denies_without(test: Test) -> bool:
    if test.key.lower() != _MFA:
        return False
    return test.operator.lower() == "boolifexists" and test.values == ("false",)
