"""Whom the policies of weight stores name: other accounts, services, everyone."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

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
from mlsec_lint.lower.aws.grants.pinned import pinned
from mlsec_lint.lower.aws.grants.trust_facts import SOURCED, bound
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown

#: Services that put or read objects for any customer who asks them to, and that say for
#: whom (Amazon S3 user guide, access logs, inventory; CloudTrail; 2026-11).
SOURCED_BY_STORES = SOURCED | frozenset(
    f"{name}.amazonaws.com"
    for name in ("logging.s3", "s3", "cloudtrail", "config", "cloudfront", "sns", "ses")
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.aws.grants.accounts import Accounts
    from mlsec_lint.lower.aws.grants.actions import Needed
    from mlsec_lint.lower.aws.grants.clause import Clause
    from mlsec_lint.lower.aws.grants.holders import Holder
    from mlsec_lint.lower.aws.grants.targets import Target
    from mlsec_lint.source import Span

_CANONICAL = regex(r"[0-9a-f]{64}")
_WHOSE = "whose canonical user id that is is not known"
_UNNAMED = "whom the statement names is not known"


class Whom(NamedTuple):
    """An outsider that a statement names, how it asks, and why it may not be meant.

    `keys` are those that its request has besides; `at` is the line that names it, where
    that is not that of the principals.
    """

    thing: Thing
    principal: Principal
    doubt: str = ""
    keys: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    at: Span | None = None


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
    for whom in _whom(clause, declared, accounts, estate, target):
        answer, why = _asks(target, clause, denies, need, actions[0], whom)
        if answer is NO:
            continue
        sure = not whom.doubt and answer is YES and not clause.unsure
        span = whom.at or clause.whom or clause.span or target.store.span
        who = whom.thing
        words = f"{clause.words} of its policy allows {actions[0]} to {who.name}"
        doubt = clause.unsure or why or whom.doubt or _UNNAMED
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
) -> Iterator[Whom]:
    """Each outsider that a statement names."""
    span = clause.whom or clause.span or target.store.span
    for kind, name in clause.principals:
        if kind == "Service":
            thing = outsiders.outsider(estate, f"service:{name}", "service", span)
            if name in SOURCED_BY_STORES:
                outsiders.once(thing, "trust.bound", bound(clause, span), span)
            yield Whom(thing, Principal("Service", name))
        elif kind == "CanonicalUser" and _CANONICAL.fullmatch(name):
            address = f"account:unknown({name[:8]}...)"
            thing = outsiders.outsider(estate, address, "account", span)
            yield Whom(thing, Principal(kind, name, FOREIGN), _WHOSE)
        elif kind in ("AWS", "*", "?"):
            yield from _aws(clause, name, declared, accounts, estate, span)
    if clause.not_principals:
        thing = outsiders.outsider(estate, "everyone", "everyone", span)
        yield Whom(thing, Principal("AWS", FOREIGN, FOREIGN), _UNNAMED)


def _aws(
    clause: Clause,
    name: str,
    declared: set[str],
    accounts: Accounts,
    estate: Estate,
    span: Span,
) -> Iterator[Whom]:
    if name == "*":
        thing = outsiders.outsider(estate, "everyone", "everyone", span)
        yield Whom(thing, Principal("AWS", FOREIGN, FOREIGN))
        yield from _limited(clause, accounts, estate, span)
        return
    account = account_named(name)
    fields = name.split(":", 5)
    owner = account if account is not None else fields[4] if len(fields) == 6 else None
    if owner is None:
        thing = outsiders.unknown_one(estate, name, span)
        yield Whom(thing, Principal("AWS", name, OWN), _UNNAMED)
    elif not accounts.is_lab(owner):
        thing = outsiders.account(estate, owner, span)
        shown, hidden = outsiders.shown_text(owner)
        outside: str | Unknown = shown
        if hidden:
            outside = Unknown("variable", f"{shown} is not known", shown, span=span)
        outsiders.once(thing, "outside.account", outside, span)
        arn = f"arn:aws:iam::{owner}:root" if account is not None else name
        yield Whom(thing, Principal("AWS", arn, owner), _UNNAMED * hidden)
    elif account is None and name not in declared:
        shown, hidden = outsiders.shown_text(fields[5])
        known = estate.named(shown, "identity")
        sort = "user" if shown.startswith("user/") else "role"
        thing = (
            known[0]
            if len(known) == 1
            else outsiders.outsider(estate, shown, sort, span)
        )
        yield Whom(thing, Principal("AWS", name, owner), _UNNAMED * hidden)


def _limited(
    clause: Clause, accounts: Accounts, estate: Estate, span: Span
) -> Iterator[Whom]:
    """Accounts to which conditions limit everyone, that are not the scan's own.

    Where the scan does not tell its own account, the number may be that one.
    """
    for account, arn, point, place in pinned(clause):
        at = place or span
        if accounts.is_lab(account):
            continue
        doubt = ""
        if not accounts.lab:
            doubt = f"whether {account} is the lab's own account is not known"
        thing = outsiders.account(estate, account, at)
        outside = Unknown("resource", doubt, span=at) if doubt else account
        outsiders.once(thing, "outside.account", outside, at)
        root = f"arn:aws:iam::{account}:root"
        asking = Principal("AWS", root if point or not arn else arn, account)
        yield Whom(thing, asking, doubt, _points(account, arn) if point else {}, at)


def _points(account: str, arn: str) -> dict[str, tuple[str, ...]]:
    """The keys of a request that comes by an access point of an account."""
    found: dict[str, tuple[str, ...]] = {"s3:dataaccesspointaccount": (account,)}
    if arn:
        found["s3:dataaccesspointarn"] = (arn,)
    return found


def _asks(
    target: Target,
    clause: Clause,
    denies: tuple[Clause, ...],
    need: Needed,
    action: str,
    whom: Whom,
) -> tuple[Tri, str]:
    """Whether the store's side allows an outsider, and what is not known about it."""
    resource = target.inner() if need.inner else target.arn
    principal = whom.principal
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
            **whom.keys,
        }
    )
    request = Request(principal, action, resource, target.account, known)
    for denied in denies:
        if applies(denied, request)[0] is YES and not denied.unsure:
            return NO, ""
    answer, _ = applies(clause, request)
    return answer, "" if answer is YES else doubt_of(clause, request)
