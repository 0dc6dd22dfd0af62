"""Whom the policies of weight stores name: other accounts, services, everyone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.aws.grants import outsiders
from mlsec_lint.lower.aws.grants.actions import BY_SERVICE
from mlsec_lint.lower.aws.grants.conditions import Known
from mlsec_lint.lower.aws.grants.decide import (
    Principal,
    Request,
    account_named,
    acts_on,
    applies,
    doubt_of,
)
from mlsec_lint.lower.aws.grants.match import FOREIGN, NO, OWN, YES, Tri
from mlsec_lint.lower.aws.grants.trust_facts import SOURCED, bound
from mlsec_lint.value import Unknown

#: Services that put or read objects for any customer who asks them to, and that say for
#: whom (Amazon S3 user guide, access logs, inventory; CloudTrail; 2026-11).
SOURCED_BY_STORES = SOURCED | frozenset(
    f"{name}.amazonaws.com"
    for name in ("logging.s3", "s3", "cloudtrail", "config", "cloudfront", "sns", "ses")
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.aws.grants.accounts import Accounts
    from mlsec_lint.lower.aws.grants.actions import Needed
    from mlsec_lint.lower.aws.grants.clause import Clause
    from mlsec_lint.lower.aws.grants.holders import Holder
    from mlsec_lint.lower.aws.grants.targets import Target
    from mlsec_lint.source import Span


def link_named(
    targets: list[Target], holders: list[Holder], accounts: Accounts, estate: Estate
) -> None:
    """Link whoever a store's own policy names and the scan does not declare.

    The root of the store's own account is nobody: it leaves the question to IAM.
    """
    declared = {holder.principal.name for holder in holders}
    for target in targets:
        points = [_of_point(target, c, accounts) for c in target.access_points]
        for clauses in (target.policy or (), *points):
            denies = tuple(c for c in clauses if c.effect == "Deny" and not c.doubt)
            for clause in clauses:
                if clause.effect == "Deny":
                    continue
                for need in BY_SERVICE[target.service]:
                    _need(target, clause, denies, need, declared, accounts, estate)


def _of_point(
    target: Target, clauses: tuple[Clause, ...], accounts: Accounts
) -> tuple[Clause, ...]:
    """What an access point lets in: other accounts need the bucket's own policy too."""
    if target.delegates():
        return clauses
    return tuple(c for c in clauses if c.effect == "Deny" or _inside(c, accounts))


def _inside(clause: Clause, accounts: Accounts) -> bool:
    """Whether a statement names identities of the lab's own accounts only."""
    fields = [name.split(":", 5) for _, name in clause.principals]
    return all(len(f) == 6 and accounts.is_lab(f[4]) for f in fields)


def _need(
    target: Target,
    clause: Clause,
    denies: tuple[Clause, ...],
    need: Needed,
    declared: set[str],
    accounts: Accounts,
    estate: Estate,
) -> None:
    if clause.doubt:
        span = clause.span or target.store.span
        who = outsiders.unknown_one(
            estate, f"the policy of {target.store.address}", span
        )
        words = "its policy is not all known"
        estate.link(
            who, need.verb, target.store, span, words, certain=False, why=clause.doubt
        )
        return
    actions = [a for a in need.actions if acts_on(clause, a) is not NO]
    if not actions:
        return
    for who, principal, certain in _whom(clause, declared, accounts, estate, target):
        answer, why = _asks(target, clause, denies, need, actions[0], principal)
        if answer is NO:
            continue
        sure = certain and answer is YES and not clause.unsure
        span = clause.whom or clause.span or target.store.span
        words = f"{clause.words} of its policy allows {actions[0]} to {who.name}"
        doubt = clause.unsure or why or "whom the statement names is not known"
        estate.link(
            who,
            need.verb,
            target.store,
            span,
            words,
            certain=sure,
            why="" if sure else doubt,
        )


def _whom(
    clause: Clause,
    declared: set[str],
    accounts: Accounts,
    estate: Estate,
    target: Target,
) -> Iterator[tuple[Thing, Principal, bool]]:
    """Each outsider that a statement names, how it asks, and whether it is known."""
    span = clause.whom or clause.span or target.store.span
    for kind, name in clause.principals:
        if kind == "Service":
            thing = outsiders.outsider(estate, f"service:{name}", "service", span)
            if name in SOURCED_BY_STORES:
                outsiders.once(thing, "trust.bound", bound(clause, span), span)
            yield thing, Principal("Service", name), True
        elif kind in ("AWS", "*", "?"):
            yield from _aws(clause, name, declared, accounts, estate, span)
    if clause.not_principals:
        thing = outsiders.outsider(estate, "everyone", "everyone", span)
        yield thing, Principal("AWS", FOREIGN, FOREIGN), False


def _aws(
    clause: Clause,
    name: str,
    declared: set[str],
    accounts: Accounts,
    estate: Estate,
    span: Span,
) -> Iterator[tuple[Thing, Principal, bool]]:
    del clause
    if name == "*":
        thing = outsiders.outsider(estate, "everyone", "everyone", span)
        yield thing, Principal("AWS", FOREIGN, FOREIGN), True
        return
    account = account_named(name)
    fields = name.split(":", 5)
    owner = account if account is not None else fields[4] if len(fields) == 6 else None
    if owner is None:
        thing = outsiders.unknown_one(estate, name, span)
        yield thing, Principal("AWS", name, OWN), False
    elif not accounts.is_lab(owner):
        thing = outsiders.account(estate, owner, span)
        shown, hidden = outsiders.shown_text(owner)
        outside: str | Unknown = shown
        if hidden:
            outside = Unknown("variable", f"{shown} is not known", shown, span=span)
        outsiders.once(thing, "outside.account", outside, span)
        arn = f"arn:aws:iam::{owner}:root" if account is not None else name
        yield thing, Principal("AWS", arn, owner), not hidden
    elif account is None and name not in declared:
        shown, hidden = outsiders.shown_text(fields[5])
        known = estate.named(shown, "identity")
        sort = "user" if shown.startswith("user/") else "role"
        thing = (
            known[0]
            if len(known) == 1
            else outsiders.outsider(estate, shown, sort, span)
        )
        yield thing, Principal("AWS", name, owner), not hidden


def _asks(
    target: Target,
    clause: Clause,
    denies: tuple[Clause, ...],
    need: Needed,
    action: str,
    principal: Principal,
) -> tuple[Tri, str]:
    """Whether the store's side allows an outsider, and what is not known about it."""
    resource = target.inner() if need.inner else target.arn
    account = principal.account or FOREIGN
    known = Known(
        {
            "aws:principalaccount": (account,),
            "aws:principalarn": (principal.name,),
            "aws:principalorgid": (FOREIGN,) if account == FOREIGN else ("\0org\0",),
            "aws:principalorgpaths": (FOREIGN,) if account == FOREIGN else ("\0org\0",),
            "aws:principalisawsservice": (
                "true" if principal.kind == "Service" else "false",
            ),
            "aws:securetransport": ("true",),
            "aws:resourceaccount": (target.account,),
            "s3:dataaccesspointaccount": (),
        }
    )
    request = Request(principal, action, resource, target.account, known)
    for denied in denies:
        if applies(denied, request)[0] is YES and not denied.unsure:
            return NO, ""
    answer, _ = applies(clause, request)
    return answer, "" if answer is YES else doubt_of(clause, request)
