"""Who may start work of their own as a role that reads weights: pass it, and start.

`iam:PassRole` on the role, for a service that the role trusts, together with an action
by which that service starts what it is told to (actions.py). EKS Pod Identity is one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.aws.grants.actions import PASS_ROLE, STARTS
from mlsec_lint.lower.aws.grants.conditions import Known
from mlsec_lint.lower.aws.grants.decide import (
    Decision,
    Request,
    acts_on,
    applies,
    decide,
)
from mlsec_lint.lower.aws.grants.match import MAYBE, NO, YES, Tri, both
from mlsec_lint.lower.aws.grants.rights import known_of, policies_for, span_of_clause

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.aws.grants.clause import Clause
    from mlsec_lint.lower.aws.grants.guardrails import Guardrails
    from mlsec_lint.lower.aws.grants.holders import Holder
    from mlsec_lint.source import Span


class Launch(NamedTuple):
    """A holder that may start work as a role, by the line that lets it pass the role."""

    holder: Holder
    role: Holder
    service: str
    action: str
    span: Span
    clause: Clause
    answer: Tri
    why: str


def launches(
    holders: Iterable[Holder], roles: Iterable[Holder], guards: Guardrails
) -> Iterator[Launch]:
    """Everyone of `holders` that may start work as one of `roles`, each pair once."""
    passing = passers(holders)
    if not passing:
        return
    for role in roles:
        if role.sort != "role":
            continue
        services = list(_services(role))
        for holder in passing:
            if holder is not role and services:
                found = _launch(holder, role, services, guards)
                if found is not None:
                    yield found


def passers(holders: Iterable[Holder]) -> list[Holder]:
    """Holders of whose statements one speaks of passing roles."""
    return [holder for holder in holders if _may(holder, PASS_ROLE)]


def _may(holder: Holder, action: str) -> bool:
    return any(
        clause.effect != "Deny"
        and not clause.doubt
        and acts_on(clause, action) is not NO
        for clause in holder.clauses
    )


def _services(role: Holder) -> Iterator[tuple[str, Tri]]:
    """The services that a role certainly or perhaps trusts, of those that start work."""
    if role.trust is None:
        return
    named = [
        name
        for clause in role.trust
        if clause.effect != "Deny" and not clause.doubt
        for kind, name in clause.principals
        if kind == "Service"
    ]
    for service in STARTS:
        if service in named:
            yield service, YES


def _launch(
    holder: Holder, role: Holder, services: list[tuple[str, Tri]], guards: Guardrails
) -> Launch | None:
    best: Launch | None = None
    for service, trusted in services:
        passed = _passes(holder, role, service, guards)
        if passed.answer is NO or passed.clause is None:
            continue
        started = _starts(holder, service)
        if started is None:
            continue
        action, can = started
        answer = both(trusted, passed.answer, can)
        span = span_of_clause(passed.clause, PASS_ROLE, holder)
        why = passed.why or (
            "" if answer is YES else f"whether it may do {action} is not known"
        )
        found = Launch(holder, role, service, action, span, passed.clause, answer, why)
        if answer is YES:
            return found
        best = best or found
    return best


def _passes(holder: Holder, role: Holder, service: str, guards: Guardrails) -> Decision:
    """Whether a holder may pass a role to a service."""
    account = role.principal.account
    known = known_of(holder, account)
    values = {**known.values, "iam:passedtoservice": (service,)}
    request = Request(
        holder.principal, PASS_ROLE, role.principal.name, account, Known(values)
    )
    allows = tuple(
        c
        for c in holder.clauses
        if c.effect != "Deny" and not c.doubt and acts_on(c, PASS_ROLE) is not NO
    )
    return decide(request, policies_for(holder, None, allows, guards))


def _starts(holder: Holder, service: str) -> tuple[str, Tri] | None:
    """An action by which a holder starts work at a service, on some resource of it."""
    best: tuple[str, Tri] | None = None
    for action in STARTS[service]:
        answer = _some(holder, action)
        if answer is YES:
            return action, YES
        if answer is MAYBE and best is None:
            best = action, MAYBE
    return best


def _some(holder: Holder, action: str) -> Tri:
    """Whether an action is allowed on any resource: an Allow that no Deny takes whole."""
    limits = (
        [holder.clauses]
        if holder.boundary is None
        else [holder.clauses, holder.boundary]
    )
    answers = [_allows(clauses, action) for clauses in limits]
    request = Request(holder.principal, action, "*", holder.principal.account)
    for clause in (*holder.clauses, *holder.denied, *(holder.boundary or ())):
        if clause.effect == "Deny" and not clause.doubt and not clause.unsure:
            if applies(clause, request)[0] is YES:
                return NO
    return both(*answers)


def _allows(clauses: tuple[Clause, ...], action: str) -> Tri:
    best = NO
    for clause in clauses:
        if clause.effect == "Deny" or clause.doubt:
            continue
        answer = acts_on(clause, action)
        if answer is YES and (clause.unsure or not clause.effect):
            answer = MAYBE
        best = max(best, answer, key=lambda a: a.value)
    return best


def link_launches(found: Iterable[Launch], estate: Estate) -> None:
    """State `may launch as` edges."""
    for one in found:
        certain = one.answer is YES
        words = f"{one.clause.words} lets it pass the role to {one.service}, and {one.action} starts work there"
        estate.link(
            one.holder.identity,
            "may launch as",
            one.role.identity,
            one.span,
            words,
            certain=certain,
            why="" if certain else one.why,
        )
