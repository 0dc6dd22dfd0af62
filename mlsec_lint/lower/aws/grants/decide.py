"""May a principal do an action on a resource? AWS's evaluation of policies, three-valued.

After the IAM user guide, "Policy evaluation logic", "Cross-account policy evaluation
logic", "Permissions boundaries for IAM entities", and the developer guides of S3 and
KMS (2026-11). Pure: clauses in, an answer out, with the clause that decides.

What is not known never takes a right away: a Deny counts only where it certainly
applies. A Deny on which the request alone decides (from which network, at what time)
leaves requests that it does not meet, so it takes nothing away for good either.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.aws.grants.conditions import Known, free, holds
from mlsec_lint.lower.aws.grants.match import (
    MAYBE,
    NO,
    NUL,
    OWN,
    YES,
    Tri,
    action_covers,
    both,
    covers,
    either,
    equals,
    opposite,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsec_lint.lower.aws.grants.clause import Clause

Clauses = tuple["Clause", ...]


class Principal(NamedTuple):
    """Who asks.

    * `kind`: as policies write it: `AWS`, `Service`, `Federated`; `*` for a stranger;
    * `name`: the ARN, the service's or issuer's name, with holes;
    * `account`: its account's number, `OWN`, or a hole; "" for a service;
    * `names`: other names of it (the session's ARN, its unique id).
    """

    kind: str
    name: str
    account: str = ""
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """One request: who, what, on which resource, and what is known of its context."""

    principal: Principal
    action: str
    resource: str
    account: str = OWN
    known: Known = field(default_factory=lambda: Known({}))


@dataclass(frozen=True, slots=True)
class Policies:
    """All policies that count for a request.

    `boundary`, `session`, `endpoint` are None where there is none: then they limit
    nothing. `scps` and `rcps` are the levels (root, units, account), each with all of its
    policies; a level must allow. `resource` is None where the resource has no policy.
    """

    identity: Clauses = ()
    resource: Clauses | None = None
    boundary: Clauses | None = None
    session: Clauses | None = None
    endpoint: Clauses | None = None
    scps: tuple[Clauses, ...] = ()
    rcps: tuple[Clauses, ...] = ()


class Decision(NamedTuple):
    """The answer; the clause that decides (None for an implicit refusal), and the doubt.

    `why` says, for MAYBE, what is not known.
    """

    answer: Tri
    clause: Clause | None = None
    why: str = ""


REFUSED = Decision(NO)


def decide(request: Request, policies: Policies, rule: str = "union") -> Decision:
    """Whether a request is allowed.

    `rule` says how resource policies count:

    * `union`: identity or resource policy in one account, both across accounts (S3);
    * `key`: a KMS key's policy must allow, or leave it to IAM by naming the account;
    * `trust`: a role's trust policy must allow; IAM too where it names the account.
    """
    everything = _every(policies)
    denied = _denied(request, everything)
    if denied.answer is YES:
        return Decision(NO, denied.clause)
    granted = _granted(request, policies, rule)
    if granted.answer is NO:
        return granted
    bounds = _bounds(request, policies, by_resource=_direct_user(request, policies))
    if bounds.answer is NO:
        return bounds
    for doubt in (granted, bounds):
        if doubt.answer is MAYBE:
            return Decision(MAYBE, granted.clause, doubt.why)
    if denied.answer is MAYBE:
        return Decision(MAYBE, granted.clause, denied.why)
    return granted


def _every(policies: Policies) -> Iterable[Clause]:
    yield from policies.identity
    for clauses in (
        policies.resource,
        policies.boundary,
        policies.session,
        policies.endpoint,
        *policies.scps,
        *policies.rcps,
    ):
        yield from clauses or ()


def _denied(request: Request, clauses: Iterable[Clause]) -> Decision:
    """The Deny that applies for certain, else one that might."""
    found = REFUSED
    for clause in clauses:
        if clause.effect != "Deny" or clause.doubt:
            continue
        answer, loose = applies(clause, request)
        if clause.unsure and answer is YES:
            answer = MAYBE
        if answer is YES:
            return Decision(YES, clause)
        if answer is MAYBE and not loose:
            found = Decision(
                MAYBE, clause, clause.unsure or f"{clause.words} may deny it"
            )
    return found


def _granted(request: Request, policies: Policies, rule: str) -> Decision:
    """Who allows it: the identity's side, the resource's side, or both together."""
    identity = allowed(request, policies.identity)
    if policies.resource is None:
        here = equals(request.principal.account, request.account)
        if rule == "trust":
            return REFUSED
        return (
            identity
            if here is YES
            else _weakened(identity, here, "its account is not known")
        )
    by_name = _by_resource(request, policies.resource, "name")
    by_account = _by_resource(request, policies.resource, "account")
    together = _both(identity, by_account)
    same = equals(request.principal.account, request.account)
    if request.principal.kind != "AWS":
        return by_name
    inside = _inside(identity, by_name, together, rule)
    outside = _both(identity, _strongest(by_name, by_account))
    if same is YES:
        return inside
    if same is NO:
        return outside
    if inside.answer is outside.answer:
        return inside
    best = _strongest(inside, outside)
    return _weakened(best, MAYBE, "whether both are of one account is not known")


def _inside(
    identity: Decision, by_name: Decision, together: Decision, rule: str
) -> Decision:
    """The rules within one account."""
    if rule == "union":
        return _strongest(identity, by_name)
    return _strongest(by_name, together)


def _both(one: Decision, other: Decision) -> Decision:
    weaker = one if one.answer.value <= other.answer.value else other
    clause = one.clause if weaker.answer is not NO else None
    return Decision(weaker.answer, clause or weaker.clause, weaker.why)


def _strongest(one: Decision, other: Decision) -> Decision:
    return one if one.answer.value >= other.answer.value else other


def _weakened(decision: Decision, by: Tri, why: str) -> Decision:
    if by is YES or decision.answer is NO:
        return decision
    if by is NO:
        return REFUSED
    return decision._replace(answer=MAYBE, why=decision.why or why)


def allowed(request: Request, clauses: Iterable[Clause]) -> Decision:
    """Whether clauses of one policy side allow a request; the clause that does."""
    best = REFUSED
    for clause in clauses:
        if clause.doubt:
            answer, why = MAYBE, clause.doubt
        elif clause.effect == "Deny":
            continue
        else:
            answer, _ = applies(clause, request)
            why = doubt_of(clause, request) if answer is MAYBE else ""
            if answer is YES and (clause.unsure or not clause.effect):
                answer, why = MAYBE, clause.unsure or "whether it allows is not known"
        if answer is YES:
            return Decision(YES, clause)
        if answer is MAYBE and best.answer is NO:
            best = Decision(MAYBE, clause, why)
    return best


def applies(clause: Clause, request: Request) -> tuple[Tri, bool]:
    """Whether a statement is about a request; and whether only the request decides."""
    parts = both(
        acts_on(clause, request.action),
        lies_on(clause, request.resource),
    )
    if parts is NO:
        return NO, False
    answer, loose = parts, parts is YES
    for test in clause.conditions:
        met = holds(test, request.known)
        if met is NO:
            return NO, False
        if met is MAYBE:
            answer = MAYBE
            loose = loose and not test.doubt and free(test)
    if clause.principals or clause.not_principals:
        met = _about(clause, request.principal)
        if met is NO:
            return NO, False
        if met is MAYBE:
            answer, loose = MAYBE, False
    return answer, loose and answer is MAYBE


def doubt_of(clause: Clause, request: Request) -> str:
    """What is not known about an Allow that might apply, in words."""
    for test in clause.conditions:
        if holds(test, request.known) is MAYBE:
            return test.doubt or f"it depends on {_shown(test.key)}"
    if acts_on(clause, request.action) is MAYBE:
        return "its actions are not all known"
    if lies_on(clause, request.resource) is MAYBE:
        return "it may be about some of the objects only, or about another resource"
    return "its principals are not all known"


def _shown(key: str) -> str:
    return "".join(
        part for number, part in enumerate(key.split(NUL)) if number % 2 == 0
    )


def acts_on(clause: Clause, action: str) -> Tri:
    """Whether a statement is about an action; NotAction is all that it leaves out."""
    if clause.not_actions:
        return opposite(either(*(action_covers(p, action) for p in clause.not_actions)))
    return either(*(action_covers(p, action) for p in clause.actions))


def lies_on(clause: Clause, resource: str) -> Tri:
    """Whether a statement is about a resource; one without any is about its own."""
    if clause.not_resources:
        return opposite(either(*(covers(p, resource) for p in clause.not_resources)))
    if not clause.resources:
        return YES
    return either(*(covers(p, resource) for p in clause.resources))


def _about(clause: Clause, principal: Principal) -> Tri:
    """Whether a statement of a resource policy is about a principal, by any name."""
    if clause.not_principals:
        return opposite(
            _named(clause.not_principals, principal, ("name", "account", "all"))
        )
    return _named(clause.principals, principal, ("name", "account", "all"))


def _by_resource(request: Request, clauses: Clauses, how: str) -> Decision:
    """An Allow of a resource policy: to the principal itself, or to its account only."""
    wanted = ("name", "all") if how == "name" else ("account",)
    chosen = [
        clause
        for clause in clauses
        if clause.doubt
        or clause.not_principals
        or _named(clause.principals, request.principal, wanted) is not NO
    ]
    found = REFUSED
    for clause in chosen:
        one = allowed(request, (clause,))
        if one.answer is YES and not clause.doubt and clause.principals:
            answer = _named(clause.principals, request.principal, wanted)
            one = _weakened(one, answer, "its principals are not all known")
        found = _strongest(found, one)
    return found


def _named(
    listed: tuple[tuple[str, str], ...], principal: Principal, ways: tuple[str, ...]
) -> Tri:
    best = NO
    for kind, name in listed:
        best = either(best, _is(kind, name, principal, ways))
        if best is YES:
            break
    return best


def _is(kind: str, name: str, principal: Principal, ways: tuple[str, ...]) -> Tri:
    """Whether one entry of a Principal element is a principal."""
    if name == "*":
        everyone = kind in ("*", "AWS") or kind == principal.kind
        return YES if everyone and "all" in ways else NO
    if kind not in (principal.kind, "*", "?"):
        return NO
    if principal.kind != "AWS":
        return covers(name, principal.name) if "name" in ways else NO
    account = account_named(name)
    if account is not None:
        return equals(account, principal.account) if "account" in ways else NO
    if "name" not in ways:
        return NO
    return either(
        *(equals(name, one) for one in (principal.name, *principal.names) if one)
    )


def account_named(name: str) -> str | None:
    """The account that a principal stands for as a whole; None for one in particular."""
    if len(name) == 12 and name.isdigit():
        return name
    if name == OWN:
        return OWN
    fields = name.split(":", 5)
    if fields[0] == "arn" and len(fields) == 6 and fields[5] == "root":
        return fields[4]
    return None


def _direct_user(request: Request, policies: Policies) -> bool:
    """Whether a resource policy names an IAM user or a session itself.

    An implicit refusal of a boundary does not limit that; for a role's ARN it does.
    """
    names = (request.principal.name, *request.principal.names)
    wanted = [n for n in names if ":user/" in n or ":assumed-role/" in n]
    same = equals(request.principal.account, request.account)
    if not wanted or policies.resource is None or same is not YES:
        return False
    clauses = tuple(
        clause
        for clause in policies.resource
        if any(name in wanted for _, name in clause.principals)
    )
    return allowed(request, clauses).answer is YES


def _bounds(request: Request, policies: Policies, *, by_resource: bool) -> Decision:
    """The policies that only limit: each that is there must allow."""
    levels: list[Clauses] = [*policies.scps, *policies.rcps]
    if policies.endpoint is not None:
        levels.append(policies.endpoint)
    if not by_resource:
        levels += [b for b in (policies.boundary, policies.session) if b is not None]
    found = Decision(YES)
    for clauses in levels:
        one = allowed(replace(request), clauses)
        if one.answer is NO:
            return Decision(NO, None, "a policy that limits it does not allow it")
        if one.answer is MAYBE and found.answer is YES:
            found = one
    return found
